from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from generator import workflow
from generator.console import Session, refuse
from generator.packs.pages.pack_record import RECORD_SHEET, PackRecord
from generator.returns.collect_report import CollectReport
from generator.school.school import School
from generator.store.engine import Store
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import exported, page, table, text, write_kinds
from tests.generator.packs.sample_school import adno
from udfs.errors import MarkbookError

Cells = dict[tuple[str, str, str], Any]  # sheet, first cell of the row, heading


def fill(
    school: School, name: str, cells: Cells, *, lines: list[list[Any]] | None = None
) -> Path:
    """Write into a pack as its reader would, and drop it into the inbox."""
    book = load_workbook(school.packs("AUT") / f"{name}.xlsx")
    for (sheet, first, heading), value in cells.items():
        rows = list(book[sheet].iter_rows())
        head = next(r for r in rows if heading in [c.value for c in r])
        column = [c.value for c in head].index(heading)
        row = next(r for r in rows if r[0].value == first)
        row[column].value = value
    if lines:
        head = [c.row for c in book["Actions"]["A"] if c.value == "Issue"][-1]
        for place, line in enumerate(lines, 1):
            for column, value in enumerate(line, 1):
                book["Actions"].cell(head + place, column).value = value
    school.returned.mkdir(exist_ok=True)
    path = school.returned / f"Copy of {name} (2).xlsx"
    book.save(path)
    return path


def collect(school: School, **more: Any) -> CollectReport:
    return workflow.collect(school, now=sample_school.NOW, who="HAR", **more)


def test_what_is_written_into_packs_comes_back_with_collect(
    school: School, store: Store
) -> None:
    write_kinds(school, store, ["pastoral", "department"])
    fill(
        school,
        "pastoral-10A",
        {
            ("Below target", adno(3), "Intervention"): "Mentoring",
            ("Below target", adno(3), "From"): datetime(2026, 11, 23),
            ("Below target", adno(3), "Until"): "18/12/2026",
        },
        lines=[["Attendance", "Call home", "HAR", date(2026, 12, 1), "Over 95%"]],
    )
    fill(
        school,
        "department-Mathematics",
        {("Year 10", adno(2), "Intervention"): "=1+1 club",
         ("Year 10", adno(2), "Who"): "Ms A"},
    )  # fmt: skip
    book = load_workbook(school.returned / "Copy of department-Mathematics (2).xlsx")
    cell = next(c for r in book["Year 10"].iter_rows() for c in r
                if c.value == "=1+1 club")  # fmt: skip
    cell.value, cell.data_type = "Club", "s"
    book.save(school.returned / "Copy of department-Mathematics (2).xlsx")
    report = collect(school)
    assert report.files["found"] == 0 and report.files["skipped"] == 2
    assert [
        (r["adno"], r["subject"], r["what"], r["who"], r["from"], r["until"],
         r["department_or_pastoral"])
        for r in exported(school, store, "interventions")
    ] == [
        (adno(2), "Mathematics", "Club", "Ms A", "", "", "Mathematics"),
        (adno(3), "", "Mentoring", "", "2026-11-23", "2026-12-18", "10A"),
    ]  # fmt: skip
    (action,) = exported(school, store, "actions")
    assert (action["pack"], action["issue"], action["by_when"]) == (
        "pastoral-10A", "Attendance", "2026-12-01",
    )  # fmt: skip
    again = collect(school)
    assert len(exported(school, store, "interventions")) == 2
    assert "0 interventions new, 0 changed" in " ".join(again.lines())
    write_kinds(school, store, ["pastoral"])
    rows = table(page(school, "pastoral-10A", "Actions"), "Issue")
    assert rows[0]["Action"] == "Call home"


def test_a_check_stores_nothing(school: School, store: Store) -> None:
    write_kinds(school, store, ["pastoral"])
    fill(school, "pastoral-10A",
         {("Below target", adno(3), "Intervention"): "Mentoring"})  # fmt: skip
    assert "1 intervention new" in " ".join(collect(school, dry=True).lines())
    assert exported(school, store, "interventions") == []


@pytest.mark.parametrize(
    ("cells", "code", "stored"),
    [
        ({"From": "soon", "Intervention": "Club"}, "value-not-recognised", 1),
        ({"Who": "Ms A"}, "intervention-not-named", 0),
        ({"Adno": "999999", "Intervention": "Club"}, "pupil-unknown", 0),
        ({"Intervention": "=1/0"}, "cell-not-a-value", 0),
        ({"Until": 46000, "Intervention": "Club"}, "", 1),
    ],
)
def test_what_cannot_be_taken_is_reported_by_cell(
    school: School, store: Store, cells: dict[str, Any], code: str, stored: int
) -> None:
    write_kinds(school, store, ["pastoral"])
    wanted = sorted(cells.items(), key=lambda item: item[0] == "Adno")
    fill(school, "pastoral-10A",
         {("Below target", adno(3), h): v for h, v in wanted})  # fmt: skip
    collect(school)
    found = exported(school, store, "problems")
    assert [p["code"] for p in found] == ([code] if code else [])
    assert all(p["sheet"] == "Below target" and p["cell"] for p in found)
    assert len(exported(school, store, "interventions")) == stored


def test_a_pack_of_another_school_or_with_its_record_changed_is_not_taken(
    school: School, store: Store
) -> None:
    write_kinds(school, store, ["pastoral"])
    path = fill(school, "pastoral-10A",
                {("Below target", adno(3), "Intervention"): "Club"})  # fmt: skip
    book = load_workbook(path)
    cell = next(c for r in book[RECORD_SHEET].iter_rows() for c in r
                if c.value == "pastoral-10A")  # fmt: skip
    cell.value = "pastoral-11A"
    book.save(path)
    assert "not one this school made" in " ".join(collect(school).lines())
    assert exported(school, store, "interventions") == []


def test_the_record_is_seen_and_names_nobody(packed: School) -> None:
    for name in ("pastoral-10A", "department-Mathematics", "class-targets-English"):
        sheet = page(packed, name, RECORD_SHEET)
        assert sheet.sheet_state == "visible"
        assert "Surname" not in text(sheet)
    one = PackRecord("pastoral-10A", "AUT", "2026/27")
    assert one.verifies(one.seal(b"k"), b"k")
    assert not one.verifies(one.seal(b"other"), b"k") and not one.verifies("é", b"k")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
@pytest.mark.parametrize("as_json", [False, True])
def test_control_characters_of_a_packs_file_name_never_reach_the_terminal(
    as_json: bool, school: School, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    write_kinds(school, store, ["pastoral"])
    path = fill(
        school,
        "pastoral-10A",
        {("Below target", adno(3), "Until"): "some day"},
        lines=[["Attendance", "Call home", "HAR", None, ""]],
    )
    path.rename(path.with_name("A\x1b[2J\x9b1m\u202eB.xlsx"))
    session = Session(school.folder, sample_school.NOW, "HAR", as_json=as_json)
    session.print_report(collect(school, dry=True))
    output, errors = capsys.readouterr()
    assert "returned/A?[2J?1m?B.xlsx" in output + errors
    assert not set(output + errors) & {"\x1b", "\x9b", "\u202e"}
    # Nor by the message of an error, whatever it quotes.
    error = MarkbookError("There is no file A\x1b[2J.", "Name a file.")
    refuse(error, as_json=as_json)
    output, errors = capsys.readouterr()
    assert "\x1b" not in output + errors
