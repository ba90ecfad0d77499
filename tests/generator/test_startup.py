"""A command imports what it uses: no help, error or job waits for other libraries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TABLE_LIBRARIES = {"numpy", "pandas"}
LIBRARIES = {
    *TABLE_LIBRARIES, "alembic", "msoffcrypto", "openpyxl", "pydantic", "rich",
    "sqlalchemy", "xlsxwriter",
}  # fmt: skip
PROGRAM = """
import json, sys
from addin.command import main
status = main(sys.argv[1:])
print(json.dumps([status, sorted(sys.modules)]), file=sys.stderr)
"""
# Words -> exit status, libraries not to import, most modules.
COMMANDS: dict[str, tuple[int, set[str], int]] = {
    "": (2, LIBRARIES, 190),
    "--help": (0, LIBRARIES, 190),
    "--version": (0, LIBRARIES, 240),
    "unknown": (2, LIBRARIES, 190),
    "issue --unknown": (2, LIBRARIES, 190),
    "targets history --help": (0, LIBRARIES, 190),
    "new {folder}": (0, LIBRARIES - {"pydantic"}, 320),
    "doctor README.md --school {school}": (1, {"openpyxl", "xlsxwriter", "rich"}, 1100),
    "export pupils --out {folder}/p.csv --school {school}": (
        0, {"msoffcrypto", "openpyxl", "xlsxwriter", "rich"}, 1050,
    ),
    "chase --school {school}": (0, {"msoffcrypto", "openpyxl", "rich"}, 1100),
    "import --school {school}": (2, {"msoffcrypto", "openpyxl", "xlsxwriter"}, 1100),
    "check --school {school}": (0, {"openpyxl"}, 1300),
}  # fmt: skip


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new school, with a store and without anything in it."""
    folder = tmp_path_factory.mktemp("startup") / "school"
    for words in ("new {}", "collect --school {}"):
        run(words.format(folder))
    return folder


def run(words: str) -> tuple[int, set[str]]:
    """Run a command in a process of its own; its status and its modules."""
    command = [sys.executable, "-c", PROGRAM, *words.split()]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    status, modules = json.loads(result.stderr.splitlines()[-1])
    return status, set(modules)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_imports_only_what_it_uses(
    words: str, school: Path, tmp_path: Path
) -> None:
    expected_status, forbidden, most = COMMANDS[words]
    status, modules = run(words.format(folder=tmp_path / "new", school=school))
    assert status == expected_status
    assert not modules & forbidden
    assert len(modules) <= most
