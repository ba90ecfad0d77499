"""A ledger that let a number go by would prove nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.recount.audit import Ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Classes"
    for row in [
        ["12 of 30 in 7/En1 reach it"],
        ["By KS2"],
        [],
        ["Class", "Pupils", "n", "n"],
        ["7/En1", 30, 12, 18],
        ["together", 30, 12, None],
    ]:
        sheet.append(row)
    book.save(tmp_path / "pack.xlsx")
    return tmp_path / "pack.xlsx"


def counted(path: Path) -> Ledger:
    """All of it counted, and rightly."""
    ledger = Ledger(path, ["7/En1"])
    sheet = ledger["Classes"]
    sheet.says("A1", "12 of 30 in 7/En1 reach it")
    first, last = sheet.lines("Class", "Pupils")
    first.are({"Pupils": 30, "n": 12, "n 2": 18})
    last.are({"Pupils": 30.0, "n": 12, "n 2": None})
    return ledger


def test_it_settles_when_all_was_counted_and_agrees(path):
    counted(path).settle()


@pytest.mark.parametrize("cell", ["A1", "B5", "C5", "D5", "B6", "C6"])
def test_a_number_nobody_counted_is_told(path, cell):
    ledger = counted(path)
    ledger._counted.remove(("Classes", cell))
    with pytest.raises(AssertionError, match=f"Classes {cell}: .* was not counted"):
        ledger.settle()


@pytest.mark.parametrize("wanted", [29, 30.0001, None, "30"])
def test_a_number_that_differs_is_told(path, wanted):
    ledger = counted(path)
    ledger["Classes"].lines("Pupils")[0].are({"Pupils": wanted})
    with pytest.raises(AssertionError, match=r"B5: 30, counted"):
        ledger.settle()


def test_a_sentence_is_counted_to_the_letter(path):
    ledger = counted(path)
    ledger["Classes"].says("A1", "12 of 31 in 7/En1 reach it")
    with pytest.raises(AssertionError, match="A1"):
        ledger.settle()


def test_what_stands_nowhere_is_told(path):
    ledger = counted(path)
    ledger["Classes"].missing("8/En1")
    with pytest.raises(AssertionError, match="8/En1' is nowhere"):
        ledger.settle()


def test_nothing_here_counts_with_what_it_checks():
    """The schools are made by the product; all that is counted, is counted anew."""
    imports = re.compile(r"^\s*(?:from|import) +(generator|udfs|addin)\b", re.MULTILINE)
    here = Path(__file__).parent
    found = {
        path.name for path in here.glob("*.py") if imports.search(path.read_text())
    }
    assert found == {"conftest.py"}
