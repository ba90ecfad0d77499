"""The files of the project, for the tests of its conventions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("workbook_templates", "udfs", "generator", "addin")
IGNORED = {"node_modules", "__pycache__"}


def files(*patterns: str) -> list[Path]:
    """Files relative to the root of the project, sorted."""
    return sorted(
        path.relative_to(ROOT)
        for pattern in patterns
        for path in ROOT.glob(pattern)
        if path.is_file() and not IGNORED & set(path.parts)
    )


MODULES = files(*(f"{package}/**/*.py" for package in PACKAGES))
TEST_MODULES = files("tests/**/*.py", "benchmarks/**/*.py")
DOCUMENTS = files("*.md", "docs/**/*.md")


def for_each(paths: list[Path]) -> pytest.MarkDecorator:
    """Run a test once for each path, named after it."""
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.as_posix())


@cache
def read(path: Path) -> str:
    """The text of a file of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def syntax_tree(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(read(path))


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every call in a module."""
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def commands(group: Any, words: str = "markbook") -> Iterator[tuple[str, Any]]:
    """Every command of the command line with the words that call it."""
    inner = getattr(group, "commands", None)
    if inner is None:
        yield words, group
        return
    for name, command in inner.items():
        yield from commands(command, f"{words} {name}")
