"""The contract with users: every change of it shows as a change of `contract.txt`.

Commands and options, tables and columns, settings, kinds of packs, codes of problems
and worksheet functions. Run with `--update-golden` and read the diff: what is removed
or renamed breaks somebody's scripts, settings or workbooks.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic_core import PydanticUndefined

from addin.cli import app
from addin.command import main
from addin.ribbon import buttons
from generator.export import TABLES
from generator.packs.registry import PACK_KINDS
from generator.school.settings import Settings
from generator.store.schema import metadata
from tests.project import MODULES, commands, syntax_tree
from udfs.excel.functions import FUNCTIONS

FOLDER = Path(__file__).parent
# Words with hyphens in the code that are no codes of problems.
NO_CODES = re.compile(r"utf-.*|.*-properties|demo-school|d-mmm|(markbook|moderation)-1")


def command_lines() -> Iterator[str]:
    """Every command with its arguments and options; common options once."""
    parameters = {
        words: [parameter_text(parameter) for parameter in command.params]
        for words, command in commands(typer.main.get_command(app))
    }
    common = set.intersection(*map(set, parameters.values()))
    yield f"every command: {'; '.join(sorted(common))}"
    for words, texts in parameters.items():
        own = [text for text in texts if text not in common]
        yield f"{words}: {'; '.join(own)}" if own else words


def parameter_text(parameter: Any) -> str:
    """An argument by its placeholder, or an option by its spellings and placeholder."""
    placeholder = parameter.metavar or ""
    if parameter.param_type_name == "option":
        spellings = ", ".join([*parameter.opts, *parameter.secondary_opts])
        flag = "flag" if getattr(parameter, "is_flag", False) else ""
        parts = [spellings, flag or placeholder]
    else:
        parts = [f"[{placeholder}]" if "[" in placeholder else placeholder]
    if parameter.required:
        parts.append("required")
    if parameter.multiple or parameter.nargs == -1:
        parts.append("repeatable")
    return " ".join(filter(None, parts))


def export_lines(school: Path, out: Path) -> Iterator[str]:
    """The columns of every table that `markbook export` writes."""
    for name in TABLES:
        path = out / f"{name}.csv"
        command = ["export", name, "--out", str(path), "--school", str(school)]
        assert main([*command, "--today", "2026-10-14", "--quiet"]) == 0, name
        with path.open(encoding="utf-8", newline="") as file:
            yield f"{name}: {', '.join(next(csv.reader(file)))}"


def store_lines() -> Iterator[str]:
    """The tables of the store: columns with their types, `*` for the primary key."""
    for table in metadata.sorted_tables:
        columns = (
            f"{column.name}{'*' if column.primary_key else ''} {column.type}"
            f"{' null' if column.nullable else ''}"
            for column in table.columns
        )
        yield f"{table.name}: {', '.join(columns)}"


def settings_lines() -> Iterator[str]:
    """Every key of `school.toml` with its default."""

    def walk(settings: Any, section: str) -> Iterator[str]:
        for attribute, field in settings.model_fields.items():
            name = field.alias or attribute
            inner = [
                kind
                for kind in (field.annotation, *get_args(field.annotation))
                if hasattr(kind, "model_fields")
            ]
            if inner:
                yield from walk(inner[0], f"{section}{name}.")
            elif field.default is not PydanticUndefined:
                yield f"{section}{name} = {field.default!r}"
            elif field.default_factory is not None:
                default = field.get_default(call_default_factory=True)
                yield f"{section}{name} = {default!r}"
            else:
                yield f"{section}{name} required"

    return walk(Settings, "")


def problem_codes() -> list[str]:
    """The codes of problems: hyphenated words in the code, and arguments `code=`."""
    codes = set()
    for path in MODULES:
        if path.parts[0] != "generator" or "migrations" in path.parts:
            continue
        for node in ast.walk(syntax_tree(path)):
            text = ""
            if isinstance(node, ast.keyword) and node.arg == "code":
                text = literal(node.value)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.fullmatch(r"[a-z]+[a-z0-9]*(-[a-z0-9]+)+", node.value):
                    text = node.value
            if text and text not in PACK_KINDS and not NO_CODES.fullmatch(text):
                codes.add(text)
    return sorted(codes)


def literal(node: ast.AST) -> str:
    """The text of a string or f-string, with `{}` for its variable parts."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}"
            for part in node.values
        )
    return ""


def function_lines() -> Iterator[str]:
    """Every worksheet function with its parameters, optional ones in brackets."""
    for name, function in FUNCTIONS.items():
        parameters = (
            parameter.name
            if parameter.default is Parameter.empty
            else f"[{parameter.name}]"
            for parameter in signature(function.function).parameters.values()
        )
        yield f"{name}({', '.join(parameters)})"


def test_the_contract_is_as_recorded(golden, tiny_school, tmp_path):
    school = ["--school", str(tiny_school), "--today", "2026-10-14", "--quiet"]
    assert main(["import", *school]) == 0
    sections = {
        "Commands and options": command_lines(),
        "Tables of `markbook export`": export_lines(tiny_school, tmp_path),
        "Tables of the store": store_lines(),
        "Settings in school.toml": settings_lines(),
        "Kinds of packs": PACK_KINDS,
        "Codes of problems": problem_codes(),
        "Worksheet functions": function_lines(),
        "Buttons of the add-in": (button.action for button in buttons()),
    }
    text = "\n\n".join(
        "\n".join([f"## {title}", "", *lines]) for title, lines in sections.items()
    )
    golden("contract.txt", f"{text}\n", folder=FOLDER)
