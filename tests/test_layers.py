"""The import contracts: templates < udfs < generator < addin."""

from __future__ import annotations

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from importlinter import cli as importlinter

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
    "importlinter"
]["contracts"]


def test_every_import_keeps_the_contracts(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    broken = importlinter.lint_imports(is_debug_mode=False, no_cache=True)
    assert broken == importlinter.EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize(
    "contract",
    [c for c in CONTRACTS if c["type"] == "layers"],
    ids=lambda contract: contract["name"],
)
def test_no_optional_module_exists(contract):
    for container in contract.get("containers", ()):
        for layer in contract["layers"]:
            for name in re.findall(r"\((\w+)\)", layer):
                assert find_spec(f"{container}.{name}") is None, (
                    f"{container}.{name} exists: remove its parentheses"
                )
