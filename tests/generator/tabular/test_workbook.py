"""Workbooks as schools have them, and as somebody hostile would make them."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from generator.mis.read_exports import read_exports
from generator.tabular import workbook_parts
from generator.tabular.rows import TableSheet, Unreadable
from generator.tabular.workbook import read_workbook
from tests.generator.mis.conftest import Office

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def book(sheet: str, *, strings: str = "", workbook: str = "") -> bytes:
    """A workbook of one sheet, written by hand."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
            f'Type="{KIND}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            workbook
            or f'<workbook {MAIN} {LINKS}><sheets><sheet name="S" sheetId="1" '
            'r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}">'
            f'<Relationship Id="r1" Type="{KIND}/worksheet" '
            'Target="/xl/worksheets/sheet1.xml"/>'
            f'<Relationship Id="r2" Type="{KIND}/sharedStrings" '
            'Target="sharedStrings.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if strings:
            archive.writestr("xl/sharedStrings.xml", strings)
    return made.getvalue()


def rows(body: str, more: str = "") -> str:
    return f"<worksheet {MAIN}><sheetData>{body}</sheetData>{more}</worksheet>"


def read(data: bytes) -> list[TableSheet]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return read_workbook(archive, "a.xlsx")


def cells(sheet: TableSheet) -> dict[int, dict[int, str]]:
    return {row.number: row.cells for row in sheet.rows}


def test_every_kind_of_cell_is_the_text_a_person_sees(tmp_path: Path) -> None:
    path = tmp_path / "kinds.xlsx"
    made = xlsxwriter.Workbook(path)
    sheet = made.add_worksheet("Kinds")
    day = made.add_format({"num_format": "dd/mm/yyyy"})
    moment = made.add_format({"num_format": "d mmm yy hh:mm"})
    for column, (value, form) in enumerate(
        [
            ("004001", None),
            (4001, None),
            (4001.0, made.add_format({"num_format": "000000"})),
            (92.3, None),
            (0.923, made.add_format({"num_format": "0.0%"})),
            (date(2026, 11, 25), day),
            (datetime(2026, 11, 25, 9, 30), moment),
            (True, None),
            (0.1 + 0.2, None),
            (12345678901234, None),
        ]
    ):
        sheet.write(0, column, value, form)
    sheet.write_string(1, 0, "=1+1")
    sheet.write_formula(1, 1, "=1+1", None, 2)
    sheet.write_formula(1, 2, '="a"&"b"', None, "ab")
    sheet.write_rich_string(1, 3, "O", made.add_format({"bold": True}), "'Neill")
    sheet.write_number(1, 4, 0, day)
    made.close()
    (found,) = read(path.read_bytes())
    assert list(cells(found)[1].values()) == [
        "004001",
        "4001",
        "004001",
        "92.3",
        "92.3",
        "2026-11-25",
        "2026-11-25 09:30:00",
        "True",
        "0.3",
        "12345678901234",
    ]
    assert list(cells(found)[2].values()) == ["=1+1", "2", "ab", "O'Neill", "0"]


def test_what_openpyxl_writes_reads_alike(tmp_path: Path) -> None:
    path = tmp_path / "open.xlsx"
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["Adno", "Date of Leaving", "Surname", "Forename"])
    sheet.append(["0001", datetime(2026, 11, 25), "=SUM(A1)", None])
    sheet["D2"] = "Ann\nMarie"
    made.save(path)
    (table,) = read_exports([path]).tables
    (line,) = table.rows
    assert (line["adno"], line["left"]) == ("0001", "2026-11-25")
    assert line["forename"] == "Ann Marie"


def test_a_class_code_merged_over_its_rows_stands_in_each(office: Office) -> None:
    path = office.folder / "list.xlsx"
    made = xlsxwriter.Workbook(path)
    sheet = made.add_worksheet()
    sheet.merge_range(0, 0, 0, 4, "Class list")
    for column, text in enumerate(("Class", "Subject", "Adno", "Surname", "Forename")):
        sheet.write(1, column, text)
    sheet.merge_range(2, 0, 4, 0, "7A")
    sheet.merge_range(2, 1, 4, 1, "Art")
    for row in range(3):
        sheet.write_row(2 + row, 2, [f"{row + 1}", "S", "F"])
    made.close()
    report = office.bring(path)
    assert (report.pupils, report.memberships, report.refused) == (3, 3, 0)


def test_hidden_sheets_and_sheets_of_something_else_are_passed_over(
    office: Office,
) -> None:
    path = office.folder / "book.xlsx"
    made = xlsxwriter.Workbook(path)
    made.add_worksheet("Notes").write(0, 0, "Read me")
    good = made.add_worksheet("Pupils")
    good.write_row(0, 0, ["Adno", "Surname", "Forename"])
    good.write_row(1, 0, ["1", "A", "B"])
    old = made.add_worksheet("Old")
    old.write_row(0, 0, ["Adno", "Surname", "Forename"])
    old.write_row(1, 0, ["2", "C", "D"])
    old.hide()
    made.add_worksheet("Empty")
    made.close()
    report = office.bring(path)
    assert report.pupils == 1
    assert [(p.sheet, p.code) for p in report.problems] == [
        ("Notes", "sheet-passed-over")
    ]


def test_problems_of_a_workbook_name_sheet_and_cell(office: Office) -> None:
    path = office.folder / "book.xlsx"
    made = xlsxwriter.Workbook(path)
    sheet = made.add_worksheet("Pupils")
    sheet.write_row(2, 1, ["Adno", "Surname", "Forename", "SEN"])
    sheet.write_row(3, 1, ["1", "A", "B", "Z"])
    sheet.write_row(4, 1, ["1", "A", "B"])
    sheet.write_formula(5, 1, "=1+1", None, "#N/A")
    sheet.write_row(5, 2, ["C", "D"])
    made.close()
    report = office.bring(path)
    assert [(p.sheet, p.cell, p.code, p.value) for p in report.problems] == [
        ("Pupils", "B5", "adno-twice", "1"),
        ("Pupils", "B6", "no-admission-number", ""),
        ("Pupils", "B6", "cell-without-value", ""),
        ("Pupils", "E4", "value-not-recognised", "Z"),
    ]
    assert report.problems[2].what == (
        "The cell holds the error #N/A; it is read as blank."
    )


def test_a_formula_that_nobody_worked_out_is_told() -> None:
    (sheet,) = read(book(rows('<row r="1"><c r="A1"><f>1+1</f></c></row>')))
    assert sheet.missing_values == (("A1", "a formula that was never worked out"),)


def test_dates_of_a_mac_are_dates() -> None:
    workbook = (
        f'<workbook {MAIN} {LINKS}><workbookPr date1904="1"/><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    data = book(rows('<row r="1"><c r="A1"><v>5</v></c></row>'), workbook=workbook)
    assert cells(read(data)[0]) == {1: {0: "5"}}


BILLION = (
    '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
FAR = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>x</t></is></c></row>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (book(BILLION + rows("&c;")), "it declares a document type"),
        (book(rows("")[:-5]), "is damaged"),
        (book(rows('<row r="10000000"><c r="A10000000"/></row>')), "row 10000000"),
        (book(rows('<row r="1"><c r="ZZZ1"><v>1</v></c></row>')), "cell ZZZ1"),
        (book(rows('<row><c t="s"><v>7</v></c></row>')), "text of its cell A1"),
        (book(rows('<row><c t="s"><v>-1</v></c></row>')), "text of its cell A1"),
    ],
)
def test_a_hostile_workbook_is_refused_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(data)
    assert said in str(caught.value)
    assert str(caught.value).startswith("a.xlsx cannot be read: ")


def test_a_sheet_that_unpacks_without_end_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook_parts, "UNPACKED_LIMIT", 2 * 1024 * 1024)
    data = book(rows(" " * 50_000_000))
    assert len(data) < 100_000
    with pytest.raises(Unreadable, match="unpacks to more than 2 MB"):
        read(data)


def test_more_cells_than_any_export_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook_parts, "ELEMENT_LIMIT", 100_000)
    with pytest.raises(Unreadable, match="more cells than any export"):
        read(book(rows("<row><c/></row>" * 60_000)))


def test_a_cell_at_the_far_end_costs_nothing() -> None:
    far = "".join(FAR.format(n) for n in (1, 1_048_576))
    merged = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    started = time.perf_counter()
    (sheet,) = read(book(rows(far, merged * 50)))
    assert time.perf_counter() - started < 2
    assert list(cells(sheet)) == [1, 1_048_576]


def test_values_that_are_no_numbers_are_kept_as_they_stand() -> None:
    body = "".join(
        f'<row><c t="{kind}"><v>{value}</v></c></row>'
        for kind, value in (
            ("n", "1e999"),
            ("n", "NaN"),
            ("n", "1E5"),
            ("n", "-0"),
            ("d", "2026-11-25"),
            ("b", "0"),
            ("str", "_x0041_"),
            ("n", "9" * 400),
        )
    )
    (sheet,) = read(book(rows(body)))
    assert [row.cells[0] for row in sheet.rows] == [
        "1e999",
        "NaN",
        "100000",
        "0",
        "2026-11-25",
        "False",
        "A",
        "9" * 400,
    ]
