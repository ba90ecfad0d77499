"""Entry sheets and columns are located, wherever a teacher moved them."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

import pytest

from generator.xlsx.reader import read_workbook
from tests.generator.classroom import (
    ENGLISH,
    LANGUAGE,
    LITERATURE,
    Classroom,
    sheet_part,
)
from tests.generator.returns.test_check_rows import Parts, codes, on_sheet
from tests.generator.returns.test_merge import A, at


def test_moved_columns_are_located_by_their_headings(classroom: Classroom) -> None:
    def swap(xml: str) -> str:
        xml = re.sub(r'"K(\d+)"', r'"@\1"', xml)
        xml = re.sub(r'"L(\d+)"', r'"K\1"', xml)
        return re.sub(r'"@(\d+)"', r'"L\1"', xml)

    classroom.send(
        "a.xlsx",
        filled={(A, "prediction"): "6", (A, "working_at"): "5"},
        change=on_sheet(swap),
        at=at(1),
    )
    classroom.collect()
    assert classroom.maths(A, "prediction") == "6"
    assert classroom.maths(A, "working_at") == "5"


def test_a_changed_heading_is_reported(classroom: Classroom) -> None:
    classroom.send(
        "a.xlsx", filled={(A, "prediction"): "6", (6, "prediction"): "Predicted"}
    )
    report = classroom.collect()
    (problem,) = report.problems
    assert problem.code == "heading-changed"
    assert "no column Prediction (L6 reads 'Predicted')" in problem.what
    assert report.files["rejected"] == 1


def test_a_deleted_column_is_reported(classroom: Classroom) -> None:
    def drop(xml: str) -> str:
        return re.sub(r'<c r="P\d+"[^>]*?(?:/>|>.*?</c>)', "", xml)

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=on_sheet(drop))
    (problem,) = classroom.collect().problems
    assert problem.what == "The sheet 'Markbook' has no column Effort."
    assert problem.do.startswith("Put the columns back")


def test_a_copy_of_the_sheet_is_reported(classroom: Classroom) -> None:
    def rename(parts: Parts) -> None:
        book = parts["xl/workbook.xml"]
        parts["xl/workbook.xml"] = book.replace(b'"Summary"', b'"Markbook (2)"')

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=rename)
    (problem,) = classroom.collect().problems
    assert problem.code == "sheet-copied"
    assert "'Markbook (2)' is a copy of 'Markbook'" in problem.what
    assert classroom.maths(A) == "6"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Markbook (2)", "10y/Ma2"),
        ("Markbook_2", "10x/En1"),
        ("Markbook (3)", "10x/Sc1"),
    ],
)
def test_a_sheet_of_another_class_is_named_as_such(
    classroom: Classroom, name: str, code: str
) -> None:
    sheets = read_workbook(classroom.issued(code)).sheets.values()
    entry = next(s for s in sheets if (5, 0) in s.cells and s.cells[5, 0][1] == "Adno")
    rows = "".join(
        f'<row r="{row + 1}"><c r="A{row + 1}" t="inlineStr"><is><t>'
        f"{escape(cell.text)}</t></is></c></row>"
        for (row, column), cell in sorted(entry.cells.items())
        if column == 0 and cell.text
    )

    def insert(parts: Parts) -> None:
        book = parts["xl/workbook.xml"]
        parts["xl/workbook.xml"] = book.replace(b'"Summary"', f'"{name}"'.encode())
        part = sheet_part(parts, name)
        head, _, rest = parts[part].decode().partition("<sheetData>")
        tail = rest.partition("</sheetData>")[2]
        parts[part] = f"{head}<sheetData>{rows}</sheetData>{tail}".encode()

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=insert)
    (problem,) = classroom.collect().problems
    assert problem.code == "sheet-of-other-class"
    assert problem.what == (
        f"The sheet '{name}' is of {code}, not of 10x/Ma1, and was not read."
    )
    assert classroom.maths(A) == "6"


def test_a_duplicate_heading_is_reported(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(6, "notes"): "Prediction"})
    assert codes(classroom.collect()) == ["heading-twice"]


def test_a_renamed_sheet_is_located_by_its_pupils(classroom: Classroom) -> None:
    def rename(parts: Parts) -> None:
        book = parts["xl/workbook.xml"].replace(b'name="Markbook"', b'name="Ma1 marks"')
        parts["xl/workbook.xml"] = book.replace(b"Markbook!", b"'Ma1 marks'!")

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=rename, at=at(1))
    report = classroom.collect()
    assert classroom.maths(A) == "6"
    assert classroom.frame("marks")["source_cell"].tolist() == ["Ma1 marks!L7"]
    assert not report.problems


def test_two_renamed_sheets_of_the_same_pupils_are_not_guessed(
    classroom: Classroom,
) -> None:
    def rename(parts: Parts) -> None:
        book = parts["xl/workbook.xml"]
        for old, new in ((LANGUAGE, "One"), (LITERATURE, "Two")):
            book = book.replace(f'name="{old}"'.encode(), f'name="{new}"'.encode())
        parts["xl/workbook.xml"] = book

    classroom.send(
        "a.xlsx",
        ENGLISH,
        {("000104", "prediction"): "6"},
        sheet=LANGUAGE,
        change=rename,
    )
    assert codes(classroom.collect()) == ["sheets-alike"]
    assert classroom.marks() == {}
