"""README names every command and every option, and shows what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from addin.cli import app
from generator.export import TABLES
from generator.packs import KINDS
from generator.school.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group: Any, words: str) -> Iterator[tuple[str, Any]]:
    """Every command with the words that call it."""
    inner = getattr(group, "commands", None)
    if inner is None:
        yield words, group
        return
    for name, command in inner.items():
        yield from commands(command, f"{words} {name}")


COMMANDS = dict(commands(typer.main.get_command(app), "markbook"))


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_is_in_the_readme(words):
    assert f"`{words}" in README


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (words, option)
        for words, command in COMMANDS.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    ],
)
def test_every_option_is_in_the_readme(words, option):
    assert re.search(rf"{option}\b", README), f"{words} {option}"


def test_every_picture_of_the_readme_is_there():
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", README):
        assert (ROOT / target.partition("#")[0]).exists(), target


def test_every_module_on_the_readmes_map_is_there():
    for name in re.findall(r"^\| `((?:udfs|generator|addin)/[\w/.]+)`", README, re.M):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize(
    "package", ["workbook_templates", "udfs", "generator", "addin"]
)
def test_the_readmes_map_has_every_package(package):
    assert f"`{package}/`" in README


def keys(settings: Any, section: str = "") -> Iterator[tuple[str, str]]:
    """Every key of `school.toml` with its section."""
    for name, field in settings.model_fields.items():
        inner = [
            kind
            for kind in (field.annotation, *get_args(field.annotation))
            if hasattr(kind, "model_fields")
        ]
        if inner:
            yield from keys(inner[0], name)
        elif section:
            yield section, name


@pytest.mark.parametrize(("section", "key"), [*keys(Settings)])
def test_every_setting_is_in_the_readme(section, key):
    line = re.search(rf"^\| `\[+{section}\]+` \|.*$", README, re.M)
    assert line, section
    assert f"`{key}`" in line[0]


def test_the_readme_has_every_table_and_no_other():
    told = README.partition("### Tables")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", told)) == set(TABLES)


def test_the_readme_has_every_kind_of_pack_and_no_other():
    told = README.partition("### Packs")[2].partition("\n#")[0]
    assert set(re.findall(r"^\| `([a-z-]+)`", told, re.M)) == set(KINDS)
