"""Names: unique public classes, and standard words instead of vague ones."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict

import pytest

from tests.project import MODULES, PACKAGES, TEST_MODULES, syntax_tree

MOST_VAGUE = 5  # of a thousand name tokens
# The names of tests are sentences, which need such words; hypothesis has `given`.
MOST_VAGUE_IN_TESTS = 15
# Participles and pronouns, which say of a thing only that something happened to it.
VAGUE = set(
    "again asked befell done drawn found given gone held kept known made mine one ours "
    "put said says shown stood taken theirs there told wanted what whom whose".split()
)
# Metaphors for things that have a standard word (in brackets): none of them comes back.
METAPHORS = {
    "desk": "worker, session or checker",
    "door": "authentication",
    "drawer": "cache",
    "envelope": "package",
    "masthead": "sheet header",
    "originals": "archive",
    "pen": "writer",
    "sheaf": "batch",
    "sheaves": "batches",
    "specimen": "placeholder",
    "tray": "upload",
    "trays": "uploads",
}
# Name -> why it may hold a vague word.
ALLOWED = {
    "what": "the field of `MarkbookError` and `Problem`: what is wrong",
    "DONE": "the exit status, beside FAILED",
}
# Module name -> why several modules of a package tree have it.
REPEATED_MODULES = {
    "sending": "the job of drafting mails and its words",
    "recovery": "the package, its jobs and its words",
    "corrections": "their rows in the store, their jobs and their words",
    "documents": "their jobs and their words",
    "entries": "marks as the measures and as the returns hold them",
    "interventions": "their table in the store and their page in packs",
    "ladders": "the reader of the school's ladders and their pack",
    "moderation": "the workbooks of targets and the page in packs",
    "overview": "the job of showing where a school stands and its words",
    "problems": "the class and its table in the store",
    "reader": "one for any table of a person's, one for hostile workbooks",
    "report": "what all commands report, and the report of issuing",
    "results": "their table in the store and their pack",
    "workbook": "an XLSX table that is read, and a pack that is written",
    "write": "the writer of issued files and that of feedback",
}
# Public class -> why several classes may have the name.
REPEATED_CLASSES: dict[str, str] = {}


def tokens(name: str) -> list[str]:
    """The words of a name in snake or camel case."""
    return [part for part in re.split(r"_|(?<=[a-z])(?=[A-Z])", name) if part]


def names(path):
    """Every name in a module: of definitions, variables, arguments and keywords."""
    for node in ast.walk(syntax_tree(path)):
        for field in ("name", "id", "arg"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name


@pytest.mark.parametrize("package", [*PACKAGES, "tests", "benchmarks"])
def test_few_name_tokens_are_vague(package):
    count, vague = 0, Counter()
    for path in (*MODULES, *TEST_MODULES):
        if path.parts[0] == package:
            for name in names(path):
                words = tokens(name.lower())
                count += len(words)
                if name not in ALLOWED:
                    vague.update(word for word in words if word in VAGUE)
    rate = 1000 * vague.total() / max(count, 1)
    limit = MOST_VAGUE_IN_TESTS if package == "tests" else MOST_VAGUE
    assert rate <= limit, f"{rate:.1f} of a thousand: {vague.most_common(20)}"


def test_no_name_is_a_metaphor():
    metaphors = {
        f"{path.as_posix()}: {name}"
        for path in MODULES
        for name in (*names(path), path.stem)
        if METAPHORS.keys() & {*tokens(name.lower())}
    }
    assert not metaphors


def test_a_public_class_name_is_unique():
    places = defaultdict(list)
    for path in (*MODULES, *TEST_MODULES):
        for node in ast.walk(syntax_tree(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(f"{path.as_posix()}:{node.lineno}")
    repeated = {
        name: lines
        for name, lines in places.items()
        if len(lines) > 1 and name not in REPEATED_CLASSES
    }
    assert not repeated


def test_a_module_name_is_unique_in_its_package_tree():
    stems = Counter(
        (path.parts[0], path.stem) for path in MODULES if path.stem != "__init__"
    )
    repeated = {stem for (_, stem), count in stems.items() if count > 1}
    assert repeated <= REPEATED_MODULES.keys(), "say the role in the name"
