"""Which pupil a row is, and which sheet is whose, whatever was done to the file."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from generator.store import schema
from generator.xlsx.reader import read_workbook
from tests.generator.classroom import (
    ENGLISH,
    LANGUAGE,
    LITERATURE,
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

    def renumber(found: re.Match[str]) -> str:
        number = int(found[1])
        new = order.get(number, number)
        text = found[0].replace(f'r="{number}"', f'r="{new}"', 1)
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


def test_columns_moved_with_their_headings_are_found(classroom: Classroom) -> None:
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


def test_a_heading_that_was_changed_is_named(classroom: Classroom) -> None:
    classroom.send(
        "a.xlsx", filled={(A, "prediction"): "6", (6, "prediction"): "Predicted"}
    )
    report = classroom.collect()
    (problem,) = report.problems
    assert problem.code == "heading-changed"
    assert "no column Prediction (L6 reads 'Predicted')" in problem.what
    assert report.files["rejected"] == 1


def test_a_column_that_was_deleted_is_named(classroom: Classroom) -> None:
    def drop(xml: str) -> str:
        return re.sub(r'<c r="P\d+"[^>]*?(?:/>|>.*?</c>)', "", xml)

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=on_sheet(drop))
    (problem,) = classroom.collect().problems
    assert problem.what == "The sheet 'Markbook' has no column Effort."
    assert problem.do.startswith("Put the columns back")


def test_a_copy_of_the_sheet_is_told_of(classroom: Classroom) -> None:
    def rename(parts: Parts) -> None:
        book = parts["xl/workbook.xml"]
        parts["xl/workbook.xml"] = book.replace(b'"Summary"', b'"Markbook (2)"')

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=rename)
    (problem,) = classroom.collect().problems
    assert problem.code == "sheet-copied"
    assert "'Markbook (2)' is a copy of 'Markbook'" in problem.what
    assert classroom.maths(A) == "6"


def test_a_heading_that_stands_twice_is_named(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(6, "notes"): "Prediction"})
    assert codes(classroom.collect()) == ["heading-twice"]


def test_a_renamed_sheet_is_found_by_its_pupils(classroom: Classroom) -> None:
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


def test_a_changed_target_is_told_and_the_issued_one_counts(
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


def test_half_a_sorted_sheet_mixes_nobody_up(classroom: Classroom) -> None:
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
    """One cause, one message, though no row of the class is right any more."""
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


def test_two_of_one_surname_are_told_apart_by_their_forenames(
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


def test_adnos_that_became_numbers_are_told_once(classroom: Classroom) -> None:
    filled: dict[tuple[str | int, str], object] = {(7, "prediction"): "6"}
    filled |= {(row, "adno"): 94 + row for row in range(7, 16)}
    classroom.send("a.xlsx", filled=filled)
    (problem,) = classroom.collect().problems
    assert problem.code == "adno-zeros"
    assert problem.cell == ", ".join(f"A{row}" for row in range(7, 16))
    assert classroom.maths(A) == "6"


def test_two_pupils_who_fit_match_nobody(classroom: Classroom) -> None:
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


def test_a_joiner_in_a_spare_row_is_taken(classroom: Classroom) -> None:
    filled = {(16, "adno"): "000110", (16, "prediction"): "6"}
    classroom.send("a.xlsx", filled=filled)
    report = classroom.collect()
    assert classroom.maths("000110") == "6"
    (problem,) = report.problems  # he is in another class of the subject
    assert problem.code == "not-in-class"
    assert "10y/Ma2" in problem.what
    assert problem.severity == "warning"


def test_a_joiner_whom_the_mis_has_in_the_class_is_no_question(
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


def test_a_stranger_is_never_merged_and_sinks_nothing(classroom: Classroom) -> None:
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


def test_marks_without_an_adno_are_told(classroom: Classroom) -> None:
    filled = {(16, "surname"): "Patel", (16, "prediction"): "6"}
    classroom.send("a.xlsx", filled=filled)
    report = classroom.collect()
    (problem,) = report.problems
    assert problem.code == "no-adno"
    assert "A16" in problem.do
    assert "000110 (Dev Patel)" in problem.do


def test_a_name_alone_is_nothing(classroom: Classroom) -> None:
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


def test_a_leaver_keeps_the_mark_and_is_marked(classroom: Classroom) -> None:
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


def test_deleted_rows_are_told(classroom: Classroom) -> None:
    def delete(xml: str) -> str:
        return re.sub(r'<row r="(8|9)".*?</row>', "", xml, flags=re.S)

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=on_sheet(delete))
    (problem,) = classroom.collect().problems
    assert problem.code == "row-missing"
    assert problem.adno == f"{B}, {C}"
    assert problem.severity == "warning"


def test_merged_entry_cells_are_refused(classroom: Classroom) -> None:
    def merge(xml: str) -> str:
        made = '</sheetData><mergeCells count="1"><mergeCell ref="L7:L9"/></mergeCells>'
        return xml.replace("</sheetData>", made)

    filled = {(A, "prediction"): "6", (A, "effort"): "1"}
    classroom.send("a.xlsx", filled=filled, change=on_sheet(merge))
    report = classroom.collect()
    assert codes(report) == ["merged"]
    assert classroom.maths(A) is None
    assert classroom.maths(A, "effort") == "1"


def test_what_was_not_asked_for_is_ignored_with_a_warning(
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


def test_combined_science_survives_a_spreadsheet_that_sees_dates(
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


def test_an_error_value_is_refused(classroom: Classroom) -> None:
    filled = {(A, "prediction"): '< t="e"><v>#N/A</v>', (B, "comment"): "x"}
    classroom.send("a.xlsx", filled=filled)
    assert codes(classroom.collect()) == ["error-value"]


def drop_meta(parts: Parts) -> None:
    """What is left where a program throws away hidden sheets."""
    book = parts["xl/workbook.xml"].decode()
    parts["xl/workbook.xml"] = re.sub(r'<sheet name="_meta"[^>]*/>', "", book).encode()


def drop_properties(parts: Parts) -> None:
    parts.pop("docProps/custom.xml", None)
    for name in ("_rels/.rels", "[Content_Types].xml"):
        text = re.sub(
            r"<(Relationship|Override)[^>]*custom[^>]*/>", "", parts[name].decode()
        )
        parts[name] = text.encode()


def drop_names(parts: Parts) -> None:
    book = parts["xl/workbook.xml"].decode()
    parts["xl/workbook.xml"] = re.sub(
        r'<definedName name="_mb[^>]*>.*?</definedName>', "", book
    ).encode()


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ([drop_properties, drop_names], []),
        ([drop_meta, drop_names], ["identity-repaired"]),
        ([drop_meta, drop_properties], ["identity-repaired"]),
    ],
)
def test_one_copy_of_the_identity_is_enough(
    classroom: Classroom, lost: list[Callable[[Parts], None]], told: list[str]
) -> None:
    def lose(parts: Parts) -> None:
        for one in lost:
            one(parts)

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=lose)
    assert codes(classroom.collect()) == told
    assert classroom.maths(A) == "6"


def test_no_copy_is_not_enough(classroom: Classroom) -> None:
    def lose(parts: Parts) -> None:
        drop_meta(parts)
        drop_properties(parts)
        drop_names(parts)

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=lose)
    assert codes(classroom.collect()) == ["not-ours"]


def test_an_identity_that_was_changed_proves_nothing(classroom: Classroom) -> None:
    def forge(parts: Parts) -> None:
        drop_properties(parts)
        drop_names(parts)
        strings = parts["xl/sharedStrings.xml"]
        assert b"<t>10x/Ma1</t>" in strings
        parts["xl/sharedStrings.xml"] = strings.replace(
            b"<t>10x/Ma1</t>", b"<t>10y/Ma2</t>"
        )

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=forge)
    assert codes(classroom.collect()) == ["not-proved"]


def test_another_schools_markbook_is_not_proved(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"})
    (classroom.folder / ".markbooks-key").write_text("ab" * 32 + "\n")
    (problem,) = classroom.collect().problems
    assert problem.code == "not-proved"
    assert "10x/Ma1, AUT" in problem.what  # what it says, if it is to be believed


def test_an_issue_that_the_ledger_has_lost_is_refused(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"})
    store = classroom.store()
    with store.begin() as connection:
        connection.execute(schema.issued_rows.delete())
        connection.execute(schema.issues.delete())
    store.close()
    assert codes(classroom.collect()) == ["not-issued"]


def test_strict_open_xml_is_read_alike(classroom: Classroom) -> None:
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


def test_questions_are_warnings_that_a_reason_settles(classroom: Classroom) -> None:
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
