"""The README names every command, option, setting, table and kind of pack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import typer

from addin.cli import app
from generator.export import TABLES
from generator.packs.registry import PACK_KINDS
from generator.school.settings import Settings
from tests.project import PACKAGES, ROOT, commands

README = (ROOT / "README.md").read_text(encoding="utf-8")


COMMANDS = dict(commands(typer.main.get_command(app)))


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


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_in_the_readme(package):
    assert f"`{package}/`" in README


def keys(settings: Any, section: str = "") -> Iterator[tuple[str, str]]:
    """Every key of `school.toml` with its section."""
    for attribute, field in settings.model_fields.items():
        name = field.alias or attribute
        inner = [
            kind
            for kind in (field.annotation, *get_args(field.annotation))
            if hasattr(kind, "model_fields")
        ]
        if inner:
            yield from keys(inner[0], f"{section}.{name}" if section else name)
        elif section:
            yield section, name


@pytest.mark.parametrize(("section", "key"), [*keys(Settings)])
def test_every_setting_is_in_the_readme(section, key):
    line = re.search(rf"^\| `\[+{re.escape(section)}\]+` \|.*$", README, re.M)
    assert line, section
    assert f"`{key}`" in line[0]


def test_the_readme_lists_the_tables():
    section = README.partition("### Tables")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", section)) == set(TABLES)


def test_the_readme_lists_the_kinds_of_packs():
    section = README.partition("### Packs")[2].partition("\n#")[0]
    assert set(re.findall(r"^\| `([a-z-]+)`", section, re.M)) == set(PACK_KINDS)
