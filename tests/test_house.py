"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("workbook_templates", "udfs", "generator", "addin")
MODULES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in ROOT.glob(f"{package}/**/*.py")
)
TEXTS = sorted(
    path.relative_to(ROOT)
    for pattern in (
        *(f"{folder}/**/*" for folder in (*PACKAGES, "tests", "benchmarks", ".ci")),
        "*.md",
        "*.toml",
        "Makefile",
    )
    for path in ROOT.glob(pattern)
    if path.suffix
    in {".py", ".md", ".toml", ".sh", ".csv", ".txt", ".mako", ".json", ""}
    and path.is_file()
    and not {"node_modules", "__pycache__"} & set(path.parts)
    and path != Path(__file__)
)

LONGEST = 350
# Module -> why it may be longer.
LONGER = {
    "generator/demo/scenario.py": "one story, told from its beginning to its end",
    "generator/packs/layout/workbook.py": "the vocabulary that every pack is written in",
    "generator/store/migrations/versions/v0001_first.py": (
        "every table once, spelled out by Alembic"
    ),
    "generator/store/schema.py": "one list of tables, read from top to bottom",
    "generator/workflow.py": "one function for each job of the year, and nothing else",
    "udfs/excel/functions.py": "one thin face for each worksheet function",
}

# The names of rooms in which anything is put.
NOWHERE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}

# Only the command line asks what time it is; everybody else is told.
CLOCKS = {"generator/command.py", "addin/classic.py", "addin/server_session.py"}
# Only these speak to a person.
SPEAKERS = {"generator/console.py", "addin/command.py"}


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.as_posix())


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a module calls."""
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


@each(MODULES)
def test_a_module_fits_in_a_sitting(path):
    if path.as_posix() in LONGER:
        return
    lines = len(read(path).splitlines())
    assert lines <= LONGEST, "take it apart, or say in LONGER why it is one thing"


def test_a_module_that_may_be_longer_is_there():
    for name, why in LONGER.items():
        assert why, name
        assert (ROOT / name).exists(), name


@each(MODULES)
def test_a_module_is_named_for_what_it_holds(path):
    assert not NOWHERE & {part.removesuffix(".py").strip("_") for part in path.parts}


@each(MODULES)
def test_nobody_but_the_command_line_asks_what_time_it_is(path):
    if path.as_posix() in CLOCKS:
        return
    asked = {"now", "utcnow", "today"}
    found = [
        (line, name)
        for line, name in calls(path)
        if re.fullmatch(r"(datetime\.)*(datetime|date|pd\.Timestamp)\.(\w+)", name)
        and name.rpartition(".")[2] in asked
    ]
    found += [(line, name) for line, name in calls(path) if name == "time.time"]
    assert not found


@each(MODULES)
def test_chance_comes_from_a_seed(path):
    found = [
        (line, name)
        for line, name in calls(path)
        if re.fullmatch(r"random\.(?!Random$)\w+|np\.random\.(?!default_rng$)\w+", name)
    ]
    assert not found


@each(MODULES)
def test_only_the_console_speaks(path):
    if path.as_posix() in SPEAKERS:
        return
    assert not [line for line, name in calls(path) if name == "print"]


@each(MODULES)
def test_nothing_needs_what_windows_has_not(path):
    absent = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
    tree = ast.parse(read(path))
    needed = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not absent & needed, "import it where it is used, and go on without"
    assert not [name for _, name in calls(path) if name in {"os.fork", "os.chown"}]


@each(MODULES)
def test_no_fault_is_swallowed(path):
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.ExceptHandler):
            caught = "" if node.type is None else ast.unparse(node.type)
            assert not re.search(r"^$|\b(Base)?Exception\b", caught), node.lineno


@each(MODULES)
def test_a_linter_is_silenced_only_with_a_reason(path):
    for number, line in enumerate(read(path).splitlines(), 1):
        if silenced := re.search(r"#\s*(?:noqa|type:\s*ignore)(.*)", line):
            codes, _, reason = silenced[1].partition("#")
            reason = reason or " ".join(re.split(r"[\])]|\s{2}|[A-Z]+\d+", codes)[1:])
            assert len(reason.split()) >= 2, f"line {number}: {line.strip()}"


@each(MODULES)
def test_tables_are_not_walked_row_by_row(path):
    assert not [name for _, name in calls(path) if name.endswith(".iterrows")]


@each(TEXTS)
def test_nothing_is_left_for_later(path):
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", read(path))


@each(TEXTS)
def test_no_machine_is_named(path):
    found = re.findall(r"(?:/home/|/root/|/Users/|/work/|C:\\Users)[\w.-]*", read(path))
    assert not found


def test_everything_that_is_wanted_has_its_reason():
    told = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(told)["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    lines = told.partition("[project]")[2].splitlines()
    for want in wanted:
        line = next(line for line in lines if f'"{want}"' in line)
        assert "#" in line, f"why {want}?"


def test_no_golden_text_is_forgotten():
    tests = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")
    )
    for path in (ROOT / "tests/golden").rglob("*.txt"):
        assert path.stem in tests, f"no test compares anything with {path.name}"
