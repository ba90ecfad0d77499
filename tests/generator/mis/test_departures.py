"""Lists of some pupils or classes end nothing until a person says so."""

from __future__ import annotations

import json

import pytest

from generator.mis.departures import DepartureRules
from generator.mis.import_exports import ImportOptions
from generator.store.corrections import RowChange
from generator.store.imports import changes_of_import
from tests.generator.mis.conftest import ImportOffice

HEAD = "Adno,Surname,Forename,Sex,Year,Reg\n"
MANY = [f"{n:04d},S{n},F{n},M,9,9B\n" for n in range(101, 131)]
CLASSES = "Class,Subject,Year,Teacher,Adno\n"
EVERYBODY = ImportOptions(departures=DepartureRules("everybody"))
SOME = ImportOptions(departures=DepartureRules("some"))


def on_roll(office: ImportOffice) -> int:
    return sum(row["left"] is None for row in office.rows("pupils"))


def members(office: ImportOffice) -> list[tuple[object, object]]:
    return [
        (row["class"], row["adno"])
        for row in office.rows("memberships")
        if not row["until"]
    ]


@pytest.mark.parametrize("kept", [0, 1, 23])
def test_a_list_of_some_pupils_makes_nobody_leave(office, kept):
    office.import_texts(pupils=HEAD + "".join(MANY))
    joiner = "0999,New,Nia,F,9,9B\n"
    report = office.import_texts(pupils=HEAD + "".join(MANY[:kept]) + joiner)
    assert (on_roll(office), report.joiners, report.leavers) == (31, 1, 0)
    assert (report.withheld_leavers, report.exit_status) == (30 - kept, 1)
    (problem,) = report.problems
    assert problem.code == "most-would-leave"
    assert f"{30 - kept} of 30 pupils of Year 9" in problem.what
    assert "--all-who-are-here" in problem.do and "--only-these" in problem.do


def test_a_few_leavers_are_not_asked_about(office):
    office.import_texts(pupils=HEAD + "".join(MANY))
    report = office.import_texts(pupils=HEAD + "".join(MANY[6:]))
    assert (report.leavers, report.exit_status) == (6, 0)  # six of 30 are 20 %


def test_a_small_year_group_may_lose_five(office):
    office.import_texts(pupils=HEAD + "".join(MANY[:10]))
    assert office.import_texts(pupils=HEAD + "".join(MANY[:5])).leavers == 5


@pytest.mark.parametrize(("options", "leavers"), [(EVERYBODY, 29), (SOME, 0)])
def test_the_two_answers(office, options, leavers):
    office.import_texts(pupils=HEAD + "".join(MANY))
    one = office.text("pupils.csv", HEAD + MANY[0])
    report = office.import_files(one, options=options)
    assert (report.leavers, on_roll(office)) == (leavers, 30 - leavers)
    assert (report.problems, report.exit_status) == ((), 0)


def test_a_new_academic_year_asks_nothing(office):
    office.import_texts(pupils=HEAD + "".join(MANY))
    rows = "".join(MANY[:3]).replace(",9,9B", ",10,10B")
    report = office.import_files(
        office.text("pupils.csv", HEAD + rows), academic_year="2027/28"
    )
    assert (report.leavers, report.exit_status) == (27, 0)


def class_list(code: str, adnos: str, subject: str = "History") -> str:
    return "".join(f"{code},{subject},9,KHA,{adno}\n" for adno in adnos.split())


BEFORE = CLASSES + class_list("9b/Hi1", "0101 0102") + class_list("9c/Hi1", "0103")
RENAMED = CLASSES + class_list("9k/Hi1", "0101 0102") + class_list("9c/Hi1", "0103")


def test_a_class_that_the_lists_omit_is_asked_about(office):
    office.import_texts(pupils=HEAD + "".join(MANY[:3]), classes=BEFORE)
    report = office.import_texts(classes=RENAMED)
    absent, doubles = report.problems
    assert (absent.code, absent.value, report.exit_status) == (
        "class-absent", "9b/Hi1", 1,
    )  # fmt: skip
    assert "2 in 9k/Hi1" in absent.what
    assert (doubles.code, doubles.severity) == ("in-two-classes", "warning")
    assert "0101, 0102" in doubles.what
    assert report.began == ("9k/Hi1",)
    assert len(members(office)) == 5


def test_a_class_ends_where_the_lists_are_whole(office):
    office.import_texts(pupils=HEAD + "".join(MANY[:3]), classes=BEFORE)
    report = office.import_files(office.text("classes.csv", RENAMED), options=EVERYBODY)
    assert (report.ended, report.set_changes) == (("9b/Hi1",), 2)
    assert (report.problems, report.exit_status) == ((), 0)
    assert members(office) == [
        ("9c/Hi1", "0103"), ("9k/Hi1", "0101"), ("9k/Hi1", "0102"),
    ]  # fmt: skip
    again = office.import_files(office.text("classes.csv", RENAMED))
    assert (again.problems, again.import_id) == ((), "")


def test_lists_of_some_classes_end_none(office):
    office.import_texts(pupils=HEAD + "".join(MANY[:3]), classes=BEFORE)
    one = office.text("c.csv", CLASSES + class_list("9c/Hi1", "0103 0102"))
    report = office.import_files(one, options=SOME)
    assert [problem.code for problem in report.problems] == ["in-two-classes"]
    assert ("9b/Hi1", "0101") in members(office)


def test_classes_of_a_year_without_lists_are_not_asked_about(office):
    older = CLASSES + "11a/Hi1,History,11,KHA,0200\n"
    pupils = HEAD + "".join(MANY[:3]) + "0200,Old,Ola,F,11,11A\n"
    office.import_texts(pupils=pupils, classes=BEFORE, older=older)
    assert office.import_texts(classes=BEFORE).problems == ()


def test_an_import_records_every_row_before_and_after(office):
    first = office.import_texts(pupils=HEAD + "".join(MANY[:3]), classes=BEFORE)
    before = office.content(("pupils", "classes", "memberships", "staff"))
    moved = CLASSES + class_list("9b/Hi1", "0101") + class_list("9c/Hi1", "0102 0103")
    second = office.import_texts(classes=moved, pupils=HEAD + "".join(MANY[:2]))
    assert (first.import_id, second.import_id) == ("I1", "I2")
    (row,) = (row for row in office.rows("imports") if row["id"] == 2)
    assert (row["who"], row["files"]) == ("D Manager", "classes.csv; pupils.csv")
    with office.store.begin() as connection:
        changes = changes_of_import(connection, 2)
    assert all(isinstance(change, RowChange) for change in changes)
    now = office.content(tuple(before))
    for change in reversed(changes):  # as undo would do
        rows = now[change.table]
        if change.after is not None:
            rows.remove(dict(change.after))
        if change.before is not None:
            rows.append(dict(change.before))

    def ordered(content):
        return {
            name: sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
            for name, rows in content.items()
        }

    assert ordered(now) == ordered(before)


def test_an_import_that_changes_nothing_has_no_id(office):
    texts = {"pupils": HEAD + "".join(MANY), "classes": BEFORE}
    assert office.import_texts(**texts).import_id == "I1"
    assert office.import_texts(**texts).import_id == ""
    assert len(office.rows("imports")) == 1
