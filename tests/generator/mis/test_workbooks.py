"""Exports in workbooks: merged cells, hidden sheets, cells in messages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import xlsxwriter

from generator.mis.read_exports import read_exports
from tests.generator.mis.conftest import ImportOffice


def test_what_openpyxl_writes_reads_alike(tmp_path: Path) -> None:
    path = tmp_path / "open.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Adno", "Date of Leaving", "Surname", "Forename"])
    sheet.append(["0001", datetime(2026, 11, 25), "=SUM(A1)", None])
    sheet["D2"] = "Ann\nMarie"
    book.save(path)
    (table,) = read_exports([path]).tables
    (row,) = table.rows
    assert (row["adno"], row["left"]) == ("0001", "2026-11-25")
    assert row["forename"] == "Ann Marie"


def test_a_merged_class_code_belongs_to_each_of_its_rows(office: ImportOffice) -> None:
    path = office.folder / "list.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 4, "Class list")
    for column, text in enumerate(("Class", "Subject", "Adno", "Surname", "Forename")):
        sheet.write(1, column, text)
    sheet.merge_range(2, 0, 4, 0, "7A")
    sheet.merge_range(2, 1, 4, 1, "Art")
    for row in range(3):
        sheet.write_row(2 + row, 2, [f"{row + 1}", "S", "F"])
    book.close()
    report = office.import_files(path)
    assert (report.pupils, report.memberships, report.refused) == (3, 3, 0)


def test_hidden_and_unrelated_sheets_are_skipped(
    office: ImportOffice,
) -> None:
    path = office.folder / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Notes").write(0, 0, "Read me")
    pupils = book.add_worksheet("Pupils")
    pupils.write_row(0, 0, ["Adno", "Surname", "Forename"])
    pupils.write_row(1, 0, ["1", "A", "B"])
    old = book.add_worksheet("Old")
    old.write_row(0, 0, ["Adno", "Surname", "Forename"])
    old.write_row(1, 0, ["2", "C", "D"])
    old.hide()
    book.add_worksheet("Empty")
    book.close()
    report = office.import_files(path)
    assert report.pupils == 1
    assert [(p.sheet, p.code) for p in report.problems] == [
        ("Notes", "sheet-passed-over")
    ]


def test_problems_of_a_workbook_name_sheet_and_cell(office: ImportOffice) -> None:
    path = office.folder / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Pupils")
    sheet.write_row(2, 1, ["Adno", "Surname", "Forename", "SEN"])
    sheet.write_row(3, 1, ["1", "A", "B", "Z"])
    sheet.write_row(4, 1, ["1", "A", "B"])
    sheet.write_formula(5, 1, "=1+1", None, "#N/A")
    sheet.write_row(5, 2, ["C", "D"])
    book.close()
    report = office.import_files(path)
    assert [(p.sheet, p.cell, p.code, p.value) for p in report.problems] == [
        ("Pupils", "B5", "adno-twice", "1"),
        ("Pupils", "B6", "no-admission-number", ""),
        ("Pupils", "B6", "cell-without-value", ""),
        ("Pupils", "E4", "value-not-recognised", "Z"),
    ]
    assert report.problems[2].what == (
        "The cell holds the error #N/A; it is read as blank."
    )
