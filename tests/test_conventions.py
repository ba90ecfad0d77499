"""Conventions of the code that the linters do not check."""

from __future__ import annotations

import ast
import re

from tests.project import (
    MODULES,
    PACKAGES,
    ROOT,
    calls,
    files,
    for_each,
    read,
    syntax_tree,
)

TEXT_SUFFIXES = {".py", ".md", ".toml", ".sh", ".csv", ".txt", ".mako", ".json", ""}
TEXTS = [
    path
    for path in files(
        *(f"{folder}/**/*" for folder in (*PACKAGES, "tests", "benchmarks", ".ci")),
        *("docs/**/*.md", "*.md", "*.toml", "Makefile"),
    )
    if path.suffix in TEXT_SUFFIXES and path.name != "test_conventions.py"
]

LONGEST_MODULE = 350  # lines
# Module -> why it may be longer.
LONG_MODULES = {
    "generator/cli.py": "one function for each command, and nothing else",
    "generator/demo/scenario.py": "one story, told from its beginning to its end",
    "generator/packs/layout/workbook.py": "the layout elements that every pack uses",
    "generator/store/migrations/versions/v0001_first.py": (
        "every table once, spelled out by Alembic"
    ),
    "generator/store/schema.py": "one list of tables, read from top to bottom",
    "generator/workflow/__init__.py": "one function for each command, and nothing else",
}

LONGEST_FUNCTION = 60  # lines
MOST_PARAMETERS = 7
MOST_BRANCHES = 15
# Function -> why it may be longer, take more parameters or branch more.
LARGE_FUNCTIONS: dict[str, str] = {
    "generator/commands/corrections.py:mark": "the words of a command",
    "generator/commands/corrections.py:add_pupil": "the words of a command",
    "generator/workflow/__init__.py:collect": "options, given by keyword",
    "generator/workflow/__init__.py:issue": "options, given by keyword",
    "generator/packs/layout/workbook.py:PackPage.table": "options, given by keyword",
    "generator/mis/problem_log.py:ProblemLog.refuse": "the parts of a problem",
    "generator/mis/problem_log.py:ProblemLog.warn": "the parts of a problem",
}

# Names of modules that say nothing about their content.
VAGUE_MODULES = {
    "utils", "util", "helpers", "helper", "common", "base", "manager", "misc",
}  # fmt: skip

# Only these read the clock; other modules receive the moment as an argument.
CLOCKS = {"generator/command.py", "addin/classic.py", "addin/server_session.py"}
# Only these print.
PRINTERS = {"generator/console.py", "addin/command.py"}


@for_each(MODULES)
def test_a_module_is_short(path):
    if path.as_posix() in LONG_MODULES:
        return
    lines = len(read(path).splitlines())
    assert lines <= LONGEST_MODULE, "split it, or give a reason in LONG_MODULES"


def test_every_long_module_exists_and_has_a_reason():
    for name, reason in LONG_MODULES.items():
        assert reason, name
        assert (ROOT / name).exists(), name


def functions(path):
    """Qualified name and node of every function of a module."""

    def walk(node, prefix):
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{prefix}.{child.name}" if prefix else child.name
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, child
            yield from walk(child, name)

    return walk(syntax_tree(path), "")


def branches(function):
    """How often a function branches: conditions, loops, handlers and cases."""
    count = 0
    for node in ast.walk(function):
        if isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            count += 1 + len(node.ifs)
        elif isinstance(
            node,
            ast.If | ast.IfExp | ast.For | ast.While | ast.ExceptHandler
            | ast.match_case,
        ):  # fmt: skip
            count += 1
    return count


def excess(function):
    """The measures in which a function is too large, as text; empty if none."""
    arguments = function.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    measures = (
        ("lines", function.end_lineno - function.lineno + 1, LONGEST_FUNCTION),
        ("parameters", len(parameters), MOST_PARAMETERS),
        ("branches", branches(function), MOST_BRANCHES),
    )
    return ", ".join(
        f"{size} {name} (at most {limit})"
        for name, size, limit in measures
        if size > limit
    )


@for_each([path for path in MODULES if "versions" not in path.parts])
def test_functions_are_short_with_few_parameters_and_branches(path):
    large = {
        f"{path.as_posix()}:{name}": text
        for name, function in functions(path)
        if (text := excess(function))
    }
    unexplained = {
        key: text for key, text in large.items() if key not in LARGE_FUNCTIONS
    }
    assert not unexplained, "split them, or give a reason in LARGE_FUNCTIONS"


def test_every_large_function_is_still_large_and_has_a_reason():
    large = {
        f"{path.as_posix()}:{name}"
        for path in MODULES
        for name, function in functions(path)
        if excess(function)
    }
    assert set(LARGE_FUNCTIONS) <= large
    assert all(LARGE_FUNCTIONS.values())


@for_each(MODULES)
def test_a_module_is_named_for_its_content(path):
    parts = {part.removesuffix(".py").strip("_") for part in path.parts}
    assert not VAGUE_MODULES & parts


@for_each(MODULES)
def test_only_the_entry_points_read_the_clock(path):
    if path.as_posix() in CLOCKS:
        return
    clock = re.compile(
        r"(datetime\.)*(datetime|date|pd\.Timestamp)\.(now|utcnow|today)"
    )
    assert not [
        (line, name)
        for line, name in calls(path)
        if clock.fullmatch(name) or name == "time.time"
    ]


@for_each(MODULES)
def test_random_numbers_come_from_a_seed(path):
    unseeded = re.compile(r"random\.(?!Random$)\w+|np\.random\.(?!default_rng$)\w+")
    assert not [(line, name) for line, name in calls(path) if unseeded.fullmatch(name)]


@for_each(MODULES)
def test_only_the_console_prints(path):
    if path.as_posix() in PRINTERS:
        return
    assert not [line for line, name in calls(path) if name == "print"]


@for_each(MODULES)
def test_no_module_needs_what_windows_lacks(path):
    absent = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
    imports = {
        alias.name
        for node in syntax_tree(path).body
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not absent & imports, "import it where it is used, and work without it"
    assert not [name for _, name in calls(path) if name in {"os.fork", "os.chown"}]


@for_each(MODULES)
def test_no_handler_catches_every_exception(path):
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.ExceptHandler):
            caught = "" if node.type is None else ast.unparse(node.type)
            assert not re.search(r"^$|\b(Base)?Exception\b", caught), node.lineno


@for_each(MODULES)
def test_a_linter_is_silenced_only_with_a_reason(path):
    for number, line in enumerate(read(path).splitlines(), 1):
        if silenced := re.search(r"#\s*(?:noqa|type:\s*ignore)(.*)", line):
            codes, _, reason = silenced[1].partition("#")
            reason = reason or " ".join(re.split(r"[\])]|\s{2}|[A-Z]+\d+", codes)[1:])
            assert len(reason.split()) >= 2, f"line {number}: {line.strip()}"


@for_each(MODULES)
def test_tables_are_not_iterated_row_by_row(path):
    assert not [name for _, name in calls(path) if name.endswith(".iterrows")]


@for_each(TEXTS)
def test_no_text_has_an_open_task(path):
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", read(path))


@for_each(TEXTS)
def test_no_text_names_a_path_of_a_machine(path):
    machine_path = r"(?:/home/|/root/|/Users/|/work/|C:\\Users)[\w.-]*"
    assert not re.findall(machine_path, read(path))


def test_every_golden_text_is_used():
    tests = "\n".join(read(path) for path in files("tests/**/test_*.py"))
    for path in files("tests/golden/**/*.txt"):
        assert path.stem in tests, f"no test compares anything with {path.name}"
