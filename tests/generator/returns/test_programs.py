"""Markbooks saved by Google Sheets and other programs are read, and doctor says so."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pytest

from generator import workflow
from generator.xlsx.reader import read_workbook
from generator.xlsx.worksheet import Worksheet, cell_reference
from tests.generator.classroom import MATHS, Classroom, packed
from tests.generator.returns.test_merge import A, B, at

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPED = {(A, "prediction"): "6", (B, "prediction"): 5, (B, "comment"): "Well  done."}
MARKS = {
    (A, "Mathematics", "prediction"): "6",
    (B, "Mathematics", "prediction"): "5",
    (B, "Mathematics", "comment"): "Well  done.",
}


def exported(data: bytes, *, shared: bool) -> bytes:
    """A workbook as a program makes it that keeps nothing but what is seen.

    As Google Sheets exports: styles of its own, no document properties, no names, no
    lists, no protection, no hidden sheets, numbers with a decimal point.

    Args:
        data: The workbook.
        shared: Whether texts lie in a part of their own or in their cells.
    """
    texts: dict[str, int] = {}

    def cell(where: str, kind: str, text: str, formula: str | None) -> str:
        formula_xml = f"<f>{escape(formula)}</f>" if formula is not None else ""
        if kind == "n":
            point = "" if "." in text or "E" in text else ".0"
            return f'<c r="{where}" s="1">{formula_xml}<v>{escape(text)}{point}</v></c>'
        if kind in ("b", "e"):
            return f'<c r="{where}" t="{kind}">{formula_xml}<v>{escape(text)}</v></c>'
        if formula is not None:
            return f'<c r="{where}" t="str">{formula_xml}<v>{escape(text)}</v></c>'
        if shared:
            number = texts.setdefault(text, len(texts))
            return f'<c r="{where}" s="1" t="s"><v>{number}</v></c>'
        inside = f'<is><t xml:space="preserve">{escape(text)}</t></is>'
        return f'<c r="{where}" s="1" t="inlineStr">{inside}</c>'

    def sheet_xml(sheet: Worksheet) -> str:
        rows: dict[int, list[str]] = {}
        for (row, column), cell_read in sorted(sheet.cells.items()):
            if cell_read.text or cell_read.formula is not None:
                where = cell_reference(row, column)
                rows.setdefault(row, []).append(
                    cell(where, cell_read.kind, cell_read.text, cell_read.formula)
                )
        body = "".join(
            f'<row r="{row + 1}">{"".join(cells)}</row>' for row, cells in rows.items()
        )
        return f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'

    sheets = list(read_workbook(data).sheets.values())
    parts = {
        f"xl/worksheets/sheet{number}.xml": sheet_xml(sheet)
        for number, sheet in enumerate(sheets, start=1)
    }
    listed = "".join(
        f'<sheet name={quoteattr(sheet.name)} sheetId="{n}" state="visible" '
        f'r:id="rId{n}"/>'
        for n, sheet in enumerate(sheets, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{LINK}/worksheet" '
        f'Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    links += f'<Relationship Id="a" Type="{LINK}/styles" Target="styles.xml"/>'
    if shared:
        links += f'<Relationship Id="b" Type="{LINK}/sharedStrings" '
        links += 'Target="sharedStrings.xml"/>'
        items = "".join(
            f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts
        )
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{items}</sst>'
    parts |= {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship '
        f'Id="rId1" Type="{LINK}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINK}"><workbookPr/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{links}</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf '
        'numFmtId="0"/><xf numFmtId="49"/></cellXfs></styleSheet>',
    }
    return packed({name: text.encode() for name, text in parts.items()})


def by_openpyxl(data: bytes) -> bytes:
    """As a script of the school's own saves it."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


PROGRAMS: Mapping[str, tuple[Callable[[bytes], bytes], tuple[str, ...]]] = {
    "Excel": (lambda data: data, ()),
    "Google Sheets": (
        lambda data: exported(data, shared=True),
        ("no longer hidden", "document properties", "lists to choose", "protection"),
    ),
    "one that keeps texts in cells": (
        lambda data: exported(data, shared=False),
        ("no longer hidden", "document properties", "lists to choose", "protection"),
    ),
    "openpyxl": (by_openpyxl, ()),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_saved_by(classroom: Classroom, program: str) -> None:
    saves, changes = PROGRAMS[program]
    path = classroom.send("a.xlsx", filled=TYPED, at=at(1))
    path.write_bytes(saves(path.read_bytes()))
    report = workflow.doctor(classroom.school, path, now=classroom.now)
    assert (report.is_ours, report.classes, report.exit_status) == (True, (MATHS,), 0)
    assert report.counts["filled"] == report.counts["readable"] == len(TYPED)
    changes = " ".join(report.changes)
    for change in changes:
        assert change in changes
    assert bool(changes) == bool(changes), changes
    report = classroom.collect()
    assert report.cells["new"] == report.cells["read"] == len(TYPED)
    assert [p for p in report.problems if p.severity == "error"] == []
    assert classroom.marks() == MARKS
    assert classroom.collect().files["unchanged"] == 1


def test_google_s_copy_with_a_fault_is_marked_and_sent_again(
    classroom: Classroom,
) -> None:
    path = classroom.send("a.xlsx", filled={**TYPED, (A, "prediction"): "Z"}, at=at(1))
    path.write_bytes(exported(path.read_bytes(), shared=True))
    report = classroom.collect()
    assert (report.cells["rejected"], report.cells["new"]) == (1, 2)
    copy = classroom.folder / "checked/AUT/10x-Ma1.xlsx"
    assert report.written[0] == copy
    assert read_workbook(copy.read_bytes()).sheets["Markbook"].cells


FAULTS: tuple[tuple[str, dict[tuple[str, str], object], str], ...] = (
    ("a grade that is none", {(A, "prediction"): "Z"}, "grade-not-listed"),
    ("a look-alike letter", {(A, "working_at"): "\u041e"}, "grade-not-listed"),
    ("a date made of a grade", {(A, "prediction"): "05-Apr"}, "grade-not-listed"),
    ("a formula", {(A, "prediction"): "<><f>1+1</f><v>2</v>"}, "formula"),
    ("an error", {(A, "working_at"): '< t="e"><v>#N/A</v>'}, "error-value"),
    ("an effort that is none", {(A, "effort"): "9"}, "effort-not-listed"),
    ("a reason of one's own", {(A, "reason"): "because"}, "reason-not-listed"),
    ("praise that is none", {(A, "praise"): "Maybe"}, "praise-not-listed"),
    ("too much text", {(A, "comment"): "x" * 501}, "too-long"),
    ("a stranger", {(A, "adno"): "999999", (A, "effort"): "1"}, "unknown-pupil"),
    ("no Adno", {(A, "adno"): "", (A, "effort"): "1"}, "no-adno"),
    (
        "names sorted without the rest",
        {(A, "surname"): "{B}", (A, "forename"): "{B}", (A, "effort"): "1"},
        "row-mixed-up",
    ),
    ("a heading typed over", {(6, "Prediction"): "Forecast"}, "heading-changed"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault[0]))
def test_the_doctor_finds(
    classroom: Classroom,
    fault: tuple[str, dict[tuple[str, str], object], str],
) -> None:
    _, typed, code = fault
    filled = {
        place: _name_of(classroom, B, place[1]) if value == "{B}" else value
        for place, value in typed.items()
    }
    path = classroom.send("a.xlsx", filled=filled, at=at(1))
    report = workflow.doctor(classroom.school, path, now=classroom.now)
    assert code in {problem.code for problem in report.problems}
    assert report.exit_status == 1
    assert report.classes == (MATHS,)
    assert all(problem.what and problem.do for problem in report.problems)


def _name_of(classroom: Classroom, adno: str, field: str) -> str:
    frame = classroom.frame("pupils").set_index("adno")
    return str(frame.loc[adno, field])
