"""A teacher's copy holds the entries, and nothing else has changed."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest

from generator.demo.teacher_copy import TeacherCopy, unrelated_workbook
from generator.markbook.layout import EntrySheet, Markbook, PupilRow, sheet_columns
from generator.markbook.write_markbook import write_markbook
from udfs.tables import standard

MOMENT = datetime(2026, 11, 5, 16, 20, 7)
ASKS = ("working_at", "prediction", "reason", "effort", "praise", "comment")


@pytest.fixture(scope="module")
def issued() -> bytes:
    rows = tuple(
        PupilRow(f"00410{n}", "O'Neill", "Łukasz", reg="10A", target="5")
        for n in range(3)
    )
    columns = sheet_columns(ASKS, groups=("PP",), earlier=("AUT1",))
    sheets = tuple(
        EntrySheet(name, "10/En1", name, "gcse", 10, ("Ms A Li",), columns, rows)
        for name in ("English Language", "English Literature")
    )
    markbook = Markbook(
        "Thornbeck", "1", "2026/27", "AUT2", "Autumn", "2026-11-01", "2026-11-14",
        "2026-11-01T08:00:00", sheets, {"10/En1": "mb1"}, effort=("1", "2"),
    )  # fmt: skip
    return write_markbook(markbook, standard(), b"k" * 32)


def values(data: bytes, sheet: str) -> dict[str, object]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        cell.coordinate: cell.value
        for row in book[sheet].iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_a_copy_has_entry_sheets_rows_and_joiner_rows(issued):
    first, second = TeacherCopy(issued).entry_sheets
    assert (first.subject, second.subject) == ("English Language", "English Literature")
    assert first.class_code == "10/En1"
    assert [row["adno"] for row in first.rows.values()] == [
        "004100",
        "004101",
        "004102",
    ]
    assert {row["target"] for row in first.rows.values()} == {"5"}
    assert min(first.joiner_rows) == max(first.rows) + 1


@pytest.mark.parametrize("method", ["save", "save_with_openpyxl"])
def test_entries_are_saved_and_nothing_else_changes(issued, method):
    copy = TeacherCopy(issued)
    sheet, other = copy.entry_sheets
    row = min(sheet.rows)
    entries = {
        "prediction": "6",
        "comment": "Let's <try> & see  ",
        "working_at": f"={sheet.cell('target', row)}",
    }
    for key, text in entries.items():
        sheet.write(key, row, text)
    data = getattr(copy, method)(MOMENT, "O'N & Co")
    before, after = values(issued, sheet.name), values(data, sheet.name)
    for key, text in entries.items():
        assert after.pop(sheet.cell(key, row)) == text
    assert after == before
    assert values(data, other.name) == values(issued, other.name)


@pytest.mark.parametrize("method", ["save", "save_with_openpyxl"])
def test_a_copy_has_its_own_moment_and_the_same_bytes_twice(issued, method):
    first, second = (
        getattr(TeacherCopy(issued), method)(MOMENT, "LIN") for _ in range(2)
    )
    assert first == second
    book = openpyxl.load_workbook(io.BytesIO(first))
    assert book.properties.modified == MOMENT


def test_an_entry_in_a_column_that_does_not_exist_is_ignored(issued):
    copy = TeacherCopy(issued)
    copy.entry_sheets[0].write("target_query", min(copy.entry_sheets[0].rows), "7")
    assert values(copy.save(MOMENT, ""), "English Language") == values(
        issued, "English Language"
    )


def test_a_workbook_that_is_no_markbook_is_refused():
    data = unrelated_workbook([("Seating plan", "")], MOMENT, "LIN")
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    with pytest.raises(KeyError):
        TeacherCopy(data)
