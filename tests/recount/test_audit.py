"""The audit overlooks no number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.recount.audit import WorkbookAudit


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


def complete_audit(path: Path) -> WorkbookAudit:
    """An audit with every number checked and right."""
    audit = WorkbookAudit(path, ["7/En1"])
    sheet = audit["Classes"]
    sheet.expect("A1", "12 of 30 in 7/En1 reach it")
    first, last = sheet.lines("Class", "Pupils")
    first.expect({"Pupils": 30, "n": 12, "n 2": 18})
    last.expect({"Pupils": 30.0, "n": 12, "n 2": None})
    return audit


def test_a_complete_audit_passes(path):
    complete_audit(path).assert_complete()


@pytest.mark.parametrize("cell", ["A1", "B5", "C5", "D5", "B6", "C6"])
def test_an_unchecked_number_fails(path, cell):
    audit = complete_audit(path)
    audit._counted.remove(("Classes", cell))
    with pytest.raises(AssertionError, match=f"Classes {cell}: .* was not counted"):
        audit.assert_complete()


@pytest.mark.parametrize("expected", [29, 30.0001, None, "30"])
def test_a_different_number_fails(path, expected):
    audit = complete_audit(path)
    audit["Classes"].lines("Pupils")[0].expect({"Pupils": expected})
    with pytest.raises(AssertionError, match=r"B5: 30, counted"):
        audit.assert_complete()


def test_a_sentence_is_compared_exactly(path):
    audit = complete_audit(path)
    audit["Classes"].expect("A1", "12 of 31 in 7/En1 reach it")
    with pytest.raises(AssertionError, match="A1"):
        audit.assert_complete()


def test_a_missing_text_fails(path):
    audit = complete_audit(path)
    audit["Classes"].report_missing("8/En1")
    with pytest.raises(AssertionError, match="8/En1' is nowhere"):
        audit.assert_complete()


def test_the_recount_imports_nothing_of_the_product():
    """Only the fixtures use the product; every number is counted independently."""
    imports = re.compile(r"^\s*(?:from|import) +(generator|udfs|addin)\b", re.MULTILINE)
    folder = Path(__file__).parent
    importing = {
        path.name for path in folder.glob("*.py") if imports.search(path.read_text())
    }
    assert importing == {"conftest.py"}
