"""Rows are matched to pupils, whatever was done to the file."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from generator.store import schema
from generator.xlsx.reader import read_workbook
from tests.generator.classroom import (
    MATHS,
    Classroom,
    fill,
    packed,
    sheet_part,
    unpacked,
)
from tests.generator.returns.test_merge import A, B, C, at

Parts = dict[str, bytes]


def on_sheet(
    change: Callable[[str], str], sheet: str = "Markbook"
) -> Callable[[Parts], None]:
    def changed(parts: Parts) -> None:
        name = sheet_part(parts, sheet)
        before = parts[name].decode()
        after = change(before)
        assert after != before
        parts[name] = after.encode()

    return changed


def codes(report: object) -> list[str]:
    return [problem.code for problem in report.problems]  # type: ignore[attr-defined]


def move_rows(xml: str, order: dict[int, int]) -> str:
    """The rows of a sheet in another order, as a sorting teacher leaves them."""

    def renumber(match: re.Match[str]) -> str:
        number = int(match[1])
        new = order.get(number, number)
        text = match[0].replace(f'r="{number}"', f'r="{new}"', 1)
        return re.sub(rf'(<c r="[A-Z]+){number}"', rf'\g<1>{new}"', text)

    return re.sub(r'<row r="(\d+)".*?</row>', renumber, xml, flags=re.S)


def test_sorted_rows_are_matched_by_adno(classroom: Classroom) -> None:
    order = {7: 9, 8: 7, 9: 8}
    classroom.send(
        "a.xlsx",
        filled={(A, "prediction"): "6", (B, "prediction"): "5"},
        change=on_sheet(lambda xml: move_rows(xml, order)),
        at=at(1),
    )
    report = classroom.collect()
    assert not report.problems
    assert (classroom.maths(A), classroom.maths(B)) == ("6", "5")


def test_rows_shifted_by_one_are_matched_by_adno(classroom: Classroom) -> None:
    order = {number: number + 1 for number in range(3, 40)}
    classroom.send(
        "a.xlsx",
        filled={(A, "prediction"): "6"},
        change=on_sheet(lambda xml: move_rows(xml, order)),
        at=at(1),
    )
    report = classroom.collect()
    assert not report.problems
    assert classroom.frame("marks")["source_cell"].tolist() == ["Markbook!L8"]


def test_a_changed_target_is_reported_and_the_issued_one_counts(
    classroom: Classroom,
) -> None:
    classroom.send("a.xlsx", filled={(A, "target"): "9", (A, "prediction"): "6"})
    report = classroom.collect()
    (problem,) = report.problems
    assert problem.code == "locked-changed"
    assert problem.severity == "warning"
    assert problem.cell == "I7"
    assert "from '4' to '9'" in problem.what
    assert report.exit_status == 0
    assert classroom.maths(A) == "6"


def test_a_half_sorted_sheet_mixes_no_pupils_up(classroom: Classroom) -> None:
    filled = {
        (7, "surname"): "Brown",
        (7, "forename"): "Alice",
        (7, "prediction"): "6",
        (C, "prediction"): "5",
    }
    classroom.send("a.xlsx", filled=filled)
    report = classroom.collect()
    assert report.cells["rejected"] == 1
    assert report.problems[0].code == "row-mixed-up"
    assert classroom.maths(A) is None
    assert classroom.maths(C) == "5"


def test_names_sorted_without_the_rest_are_one_fault(classroom: Classroom) -> None:
    """One cause, one message, though every row of the class is wrong."""
    names = [
        ("Khan", "Zara"), ("Łukasz", "Jan"), ("May", "April"), ("Nguyễn", "Minh"),
        ("Null", "Oscar"),
    ]  # fmt: skip
    filled: dict[tuple[str | int, str], object] = {}
    for row, (surname, forename) in enumerate(reversed(names), start=10):
        filled |= {(row, "surname"): surname, (row, "forename"): forename}
        filled |= {(row, "prediction"): "5", (row, "effort"): "1"}
    classroom.send("a.xlsx", filled=filled)
    report = classroom.collect()
    mixed = [p for p in report.problems if p.code == "row-mixed-up"]
    assert report.cells["rejected"] == 8  # May is in the middle, and stays there
    (problem,) = mixed
    assert problem.cell.split(", ")[:4] == ["L10", "P10", "L11", "P11"]
    assert problem.adno == "000104, 000105, 000107, 000108"
    assert "one pupil and the name of another" in problem.what


def test_pupils_of_one_surname_are_distinguished_by_their_forenames(
    classroom: Classroom,
) -> None:
    store = classroom.store()
    with store.begin() as connection:
        here = schema.pupils.c.adno == B
        connection.execute(schema.pupils.update().where(here).values(forename="Bea"))
    store.close()
    classroom.issue_again(MATHS)
    classroom.send("a.xlsx", filled={(9, "forename"): "Alice", (9, "prediction"): "6"})
    (problem,) = classroom.collect().problems[:1]
    assert problem.code == "row-mixed-up"
    assert "(Bea Brown)" in problem.what
    assert classroom.maths(B) is None


def test_an_adno_without_its_zeros_is_matched_with_a_warning(
    classroom: Classroom,
) -> None:
    classroom.send("a.xlsx", filled={(7, "adno"): 101, (7, "prediction"): "6"})
    report = classroom.collect()
    assert codes(report) == ["adno-zeros"]
    assert classroom.maths(A) == "6"


def test_adnos_that_became_numbers_are_reported_once(classroom: Classroom) -> None:
    filled: dict[tuple[str | int, str], object] = {(7, "prediction"): "6"}
    filled |= {(row, "adno"): 94 + row for row in range(7, 16)}
    classroom.send("a.xlsx", filled=filled)
    (problem,) = classroom.collect().problems
    assert problem.code == "adno-zeros"
    assert problem.cell == ", ".join(f"A{row}" for row in range(7, 16))
    assert classroom.maths(A) == "6"


def test_an_adno_that_fits_two_pupils_matches_neither(classroom: Classroom) -> None:
    store = classroom.store()
    with store.begin() as connection:
        for adno in ("0000777", "00777"):
            connection.execute(
                schema.pupils.insert().values(
                    adno=adno, surname="Twin", academic_year="2026/27"
                )
            )
    store.close()
    classroom.send("a.xlsx", filled={(16, "adno"): "777", (16, "prediction"): "6"})
    report = classroom.collect()
    (problem,) = report.problems
    assert problem.code == "unknown-pupil"
    assert "it fits 0000777 (Twin) and 00777 (Twin)." in problem.what
    assert report.cells["rejected"] == 1
    assert classroom.marks() == {}


def test_a_joiner_in_a_spare_row_is_merged(classroom: Classroom) -> None:
    filled = {(16, "adno"): "000110", (16, "prediction"): "6"}
    classroom.send("a.xlsx", filled=filled)
    report = classroom.collect()
    assert classroom.maths("000110") == "6"
    (problem,) = report.problems  # he is in another class of the subject
    assert problem.code == "not-in-class"
    assert "10y/Ma2" in problem.what
    assert problem.severity == "warning"


def test_a_joiner_who_is_in_the_class_in_the_mis_is_no_problem(
    classroom: Classroom,
) -> None:
    store = classroom.store()
    with store.begin() as connection:
        connection.execute(
            schema.memberships.insert().values(
                {"academic_year": "2026/27", "class": MATHS, "adno": "000112"}
            )
        )
    store.close()
    classroom.send("a.xlsx", filled={(16, "adno"): "000112", (16, "prediction"): "6"})
    assert not classroom.collect().problems


def test_an_unknown_pupil_is_not_merged_and_stops_nothing(classroom: Classroom) -> None:
    filled = {
        (16, "adno"): "999999",
        (16, "surname"): "patel",
        (16, "forename"): "Dev",
        (16, "prediction"): "6",
        (16, "comment"): "New.",
        (A, "prediction"): "5",
    }
    classroom.send("a.xlsx", filled=filled)
    report = classroom.collect()
    assert (report.cells["new"], report.cells["rejected"]) == (1, 2)
    (problem,) = report.problems
    assert problem.code == "unknown-pupil"
    assert "000110 (Dev Patel)" in problem.do


def test_marks_without_an_adno_are_reported(classroom: Classroom) -> None:
    filled = {(16, "surname"): "Patel", (16, "prediction"): "6"}
    classroom.send("a.xlsx", filled=filled)
    report = classroom.collect()
    (problem,) = report.problems
    assert problem.code == "no-adno"
    assert "A16" in problem.do
    assert "000110 (Dev Patel)" in problem.do


def test_a_name_without_marks_is_ignored(classroom: Classroom) -> None:
    filled = {(16, "surname"): "Patel", (A, "prediction"): "6"}
    classroom.send("a.xlsx", filled=filled)
    assert not classroom.collect().problems


def test_an_adno_and_a_name_of_two_pupils_are_refused(classroom: Classroom) -> None:
    filled = {
        (16, "adno"): "000110",
        (16, "surname"): "Khan",
        (16, "forename"): "Zara",
        (16, "prediction"): "6",
    }
    classroom.send("a.xlsx", filled=filled)
    (problem,) = classroom.collect().problems
    assert problem.code == "name-differs"
    assert "is Dev Patel's in the MIS; the row says Zara Khan." in problem.what
    assert "000104 (Zara Khan)" in problem.do
    assert classroom.marks() == {}


def test_a_pupil_in_two_rows_with_two_marks_is_refused(classroom: Classroom) -> None:
    filled = {
        (A, "prediction"): "6",
        (A, "effort"): "1",
        (16, "adno"): A,
        (16, "prediction"): "5",
    }
    classroom.send("a.xlsx", filled=filled)
    report = classroom.collect()
    assert report.cells["rejected"] == 2
    assert report.cells["new"] == 1
    (problem,) = report.problems
    assert (problem.code, problem.cell) == ("pupil-twice", "L7, L16")
    assert (problem.adno, problem.value) == (A, "6, 5")
    assert "rows 7 and 16" in problem.what
    assert classroom.maths(A) is None


def test_a_pupil_in_two_rows_with_one_mark_is_one_mark(classroom: Classroom) -> None:
    filled = {(A, "prediction"): "6", (16, "adno"): A, (16, "prediction"): "6"}
    classroom.send("a.xlsx", filled=filled)
    report = classroom.collect()
    assert (report.cells["new"], report.cells["same"]) == (1, 1)
    assert len(classroom.history()) == 1


def test_a_leaver_keeps_the_mark_and_is_reported(classroom: Classroom) -> None:
    store = classroom.store()
    with store.begin() as connection:
        here = schema.pupils.c.adno == A
        connection.execute(schema.pupils.update().where(here).values(left="2026-10-10"))
    store.close()
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"})
    report = classroom.collect()
    assert codes(report) == ["left"]
    assert classroom.maths(A) == "6"


def test_a_pupil_who_moved_keeps_the_mark_and_both_classes_are_named(
    classroom: Classroom,
) -> None:
    store = classroom.store()
    with store.begin() as connection:
        table = schema.memberships
        connection.execute(
            table.update()
            .where(table.c.adno == A, table.c["class"] == MATHS)
            .values(until="2026-10-13")
        )
        connection.execute(
            table.insert().values(
                {"academic_year": "2026/27", "class": "10y/Ma2", "adno": A}
            )
        )
    store.close()
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"})
    (problem,) = classroom.collect().problems
    assert problem.code == "moved-class"
    assert MATHS in problem.what
    assert "10y/Ma2" in problem.what
    assert classroom.maths(A) == "6"


def test_deleted_rows_are_reported(classroom: Classroom) -> None:
    def delete(xml: str) -> str:
        return re.sub(r'<row r="(8|9)".*?</row>', "", xml, flags=re.S)

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=on_sheet(delete))
    (problem,) = classroom.collect().problems
    assert problem.code == "row-missing"
    assert problem.adno == f"{B}, {C}"
    assert problem.severity == "warning"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("7", "1 pupil has no row: "),
        ("8|9", "2 pupils have no row: "),
        ("7|8|9|10", "4 pupils have no row: "),
        ("[7-9]|10|1[2-9]", " more."),
    ],
)
def test_pupils_without_a_row_are_counted_and_named(
    classroom: Classroom, rows: str, message: str
) -> None:
    def delete(xml: str) -> str:
        return re.sub(rf'<row r="({rows})".*?</row>', "", xml, flags=re.S)

    classroom.send("a.xlsx", filled={(11, "effort"): "2"}, change=on_sheet(delete))
    (problem,) = [p for p in classroom.collect().problems if p.code == "row-missing"]
    assert message in problem.what
    names = dict(classroom.frame("pupils")[["adno", "surname"]].to_numpy())
    for adno in problem.adno.split(", ")[:6]:
        assert names[adno] in problem.what


def test_merged_entry_cells_are_refused(classroom: Classroom) -> None:
    def merge(xml: str) -> str:
        merged = (
            '</sheetData><mergeCells count="1"><mergeCell ref="L7:L9"/></mergeCells>'
        )
        return xml.replace("</sheetData>", merged)

    filled = {(A, "prediction"): "6", (A, "effort"): "1"}
    classroom.send("a.xlsx", filled=filled, change=on_sheet(merge))
    report = classroom.collect()
    assert codes(report) == ["merged"]
    assert classroom.maths(A) is None
    assert classroom.maths(A, "effort") == "1"


def test_a_field_that_is_not_requested_is_ignored_with_a_warning(
    classroom: Classroom,
) -> None:
    toml = classroom.folder / "school.toml"
    text = toml.read_text().replace(
        'code = "AUT"', 'code = "AUT"\nasks = ["prediction"]'
    )
    toml.write_text(text)
    classroom = Classroom(classroom.folder)
    classroom.issue_again(MATHS)
    data = classroom.issued(MATHS)
    data = fill(data, {(6, "notes"): "Effort", (7, "notes"): "1"})
    classroom.send("a.xlsx", data=data, filled={(A, "prediction"): "6"})
    report = classroom.collect()
    (problem,) = report.problems
    assert problem.code == "not-asked"
    assert report.cells["read"] == 1
    assert set(classroom.marks()) == {(A, "Mathematics", "prediction")}


def test_combined_science_grades_that_became_dates_are_read(
    classroom: Classroom,
) -> None:
    classroom.send(
        "a.xlsx",
        "10x/Sc1",
        {
            (A, "prediction"): "05-Apr",
            (B, "prediction"): "54",
            (C, "prediction"): "5-4",
        },
    )
    report = classroom.collect()
    assert set(classroom.marks().values()) == {"5-4"}
    assert codes(report) == ["date-was-grade"]
    assert report.exit_status == 0


def test_the_grades_are_listed_once(classroom: Classroom) -> None:
    typed = {"000101": "Z", "000102": "see me", "000103": "Z", "000104": "Grade 6"}
    classroom.send(
        "a.xlsx", filled={(adno, "prediction"): text for adno, text in typed.items()}
    )
    assert {problem.value: problem.do for problem in classroom.collect().problems} == {
        "Z": "Choose one of: 9, 8, 7, 6, 5, 4, 3, 2, 1, U, Abs, N/T, TE, or Clear.",
        "see me": "Choose one from the list in the cell.",
        "Grade 6": "If you mean 6, type that.",
    }


def test_an_error_value_is_refused(classroom: Classroom) -> None:
    filled = {(A, "prediction"): '< t="e"><v>#N/A</v>', (B, "comment"): "x"}
    classroom.send("a.xlsx", filled=filled)
    assert codes(classroom.collect()) == ["error-value"]


def test_strict_open_xml_is_read(classroom: Classroom) -> None:
    spaces = (
        (
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
        (
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    )
    data = fill(classroom.issued(MATHS), {(A, "prediction"): "6"}, at=at(1))
    parts = unpacked(data)
    for name, text in parts.items():
        for loose, strict in spaces:
            text = text.replace(loose.encode(), strict.encode())
        parts[name] = text
    strict_data = packed(parts)
    assert read_workbook(strict_data) == read_workbook(data)
    (classroom.returned / "a.xlsx").write_bytes(strict_data)
    assert classroom.collect().cells["new"] == 1


def test_a_reason_settles_a_question(classroom: Classroom) -> None:
    filled = {(A, "working_at"): "3", (A, "prediction"): "6"}
    classroom.send("1.xlsx", filled=filled, at=at(1))
    report = classroom.collect()
    (problem,) = report.problems
    assert problem.code == "prediction-far-above"
    assert problem.what == "Prediction is 3 grades above working-at."
    assert problem.do == "Check, or give a reason."
    assert report.exit_status == 0
    assert classroom.maths(A) == "6"
    filled[A, "reason"] = "mock evidence"
    classroom.send("2.xlsx", filled=filled, at=at(2))
    assert not classroom.collect().problems
    # It stays settled while nothing changes …
    filled[B, "prediction"] = "5"
    classroom.send("3.xlsx", filled=filled, at=at(3))
    assert not classroom.collect().problems
    # … and until the mark does.
    filled[A, "prediction"] = "7"
    classroom.send("4.xlsx", filled=filled, at=at(4))
    assert codes(classroom.collect()) == ["prediction-far-above"]
    filled[C, "prediction"] = "5"
    classroom.send("5.xlsx", filled=filled, at=at(5))
    assert codes(classroom.collect()) == ["prediction-far-above"]
    filled[A, "reason"] = "other"
    classroom.send("6.xlsx", filled=filled, at=at(6))
    assert not classroom.collect().problems
