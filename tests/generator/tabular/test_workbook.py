"""Workbooks from schools and from attackers are read within limits."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from generator.tabular.rows import TableSheet, Unreadable
from generator.tabular.workbook import LIMITS, read_workbook
from generator.xlsx.xml_parser import ReadLimits

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def book(sheet: str, *, strings: str = "", workbook: str = "") -> bytes:
    """A workbook of one sheet, written by hand."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
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
    return data.getvalue()


def rows(body: str, more: str = "") -> str:
    return f"<worksheet {MAIN}><sheetData>{body}</sheetData>{more}</worksheet>"


def read(data: bytes, limits: ReadLimits = LIMITS) -> list[TableSheet]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return read_workbook(archive, "a.xlsx", limits)


def cells(sheet: TableSheet) -> dict[int, dict[int, str]]:
    return {row.number: row.cells for row in sheet.rows}


def test_every_kind_of_cell_is_the_text_a_person_sees(tmp_path: Path) -> None:
    path = tmp_path / "kinds.xlsx"
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet("Kinds")
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    moment = workbook.add_format({"num_format": "d mmm yy hh:mm"})
    for column, (value, form) in enumerate(
        [
            ("004001", None),
            (4001, None),
            (4001.0, workbook.add_format({"num_format": "000000"})),
            (92.3, None),
            (0.923, workbook.add_format({"num_format": "0.0%"})),
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
    sheet.write_rich_string(1, 3, "O", workbook.add_format({"bold": True}), "'Neill")
    sheet.write_number(1, 4, 0, day)
    workbook.close()
    (kinds,) = read(path.read_bytes())
    assert list(cells(kinds)[1].values()) == [
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
    assert list(cells(kinds)[2].values()) == ["=1+1", "2", "ab", "O'Neill", "0"]


def test_a_formula_without_a_value_is_reported() -> None:
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
    ("data", "reason"),
    [
        (book(BILLION + rows("&c;")), "it declares a document type"),
        (book(rows("")[:-5]), "is damaged"),
        (book(rows('<row r="10000000"><c r="A10000000"/></row>')), "row 10000000"),
        (book(rows('<row r="1"><c r="ZZZ1"><v>1</v></c></row>')), "cell ZZZ1"),
        (book(rows('<row><c t="s"><v>7</v></c></row>')), "text of its cell A1"),
        (book(rows('<row><c t="s"><v>-1</v></c></row>')), "text of its cell A1"),
    ],
)
def test_a_hostile_workbook_is_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(data)
    assert reason in str(caught.value)
    assert str(caught.value).startswith("a.xlsx cannot be read: ")


def test_a_sheet_that_unpacks_without_end_is_cut_off() -> None:
    limits = replace(LIMITS, unpacked=2 << 20)
    data = book(rows(" " * 50_000_000))
    assert len(data) < 100_000
    with pytest.raises(Unreadable, match="unpacks to more than 2 MB"):
        read(data, limits)


def test_more_cells_than_any_export_are_too_many() -> None:
    limits = replace(LIMITS, elements=100_000)
    with pytest.raises(Unreadable, match="more cells than any export"):
        read(book(rows("<row><c/></row>" * 60_000)), limits)


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
