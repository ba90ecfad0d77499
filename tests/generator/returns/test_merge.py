"""Rule 9, sentence by sentence."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from generator.returns.merge import judge
from generator.store import schema
from tests.generator.classroom import (
    ENGLISH,
    LANGUAGE,
    LITERATURE,
    MATHS,
    NOW,
    Classroom,
)

A, B, C = "000101", "000102", "000103"


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("returned", "base", "store", "verdict"),
    [
        ("5", "5", "5", "same"),
        ("5", "5", "7", "same"),  # returned = base
        ("7", "5", "7", "same"),  # returned = store
        ("6", "", "", "new"),
        ("6", "5", "5", "changed"),
        ("", "5", "5", "changed"),  # Clear
        ("", "", "", "same"),
        ("6", "5", "7", "conflict"),
        ("6", "", "7", "conflict"),
        ("6", "5", "", "conflict"),  # taken away elsewhere
        ("", "5", "7", "conflict"),
    ],
)
def test_a_value_is_judged_by_its_base_and_the_store(
    returned: str, base: str, store: str, verdict: str
) -> None:
    assert judge(returned, base=base, store=store) == verdict


@pytest.mark.parametrize(
    ("returned", "store", "accepted", "verdict"),
    [
        ("5", "", None, "new"),
        ("5", "6", "6", "conflict"),
        ("6", "6", "6", "same"),
        ("7", "7", "6", "same"),
        ("5", "", "", "conflict"),  # cleared since
    ],
)
def test_an_old_copy_fills_only_what_was_not_answered(
    returned: str, store: str, accepted: str | None, verdict: str
) -> None:
    base = accepted or ""
    result = judge(returned, base=base, store=store, accepted=accepted, old_copy=True)
    assert result == verdict


def test_a_first_return_is_new(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(5))
    report = classroom.collect()
    assert report.cells["new"] == 1
    assert classroom.maths(A) == "6"


def test_a_teachers_correction_of_their_own_is_never_a_conflict(
    classroom: Classroom,
) -> None:
    for number, grade in enumerate(("5", "6", "4"), start=1):
        name = f"{number}.xlsx"
        classroom.send(name, filled={(A, "prediction"): grade}, at=at(5 * number))
        report = classroom.collect()
        assert report.cells["conflict"] == 0
        assert classroom.maths(A) == grade
    assert classroom.history() == [
        (A, "prediction", "", "5"),
        (A, "prediction", "5", "6"),
        (A, "prediction", "6", "4"),
    ]


def test_values_are_compared_after_normalising(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(5))
    classroom.collect()
    classroom.send("b.xlsx", filled={(A, "prediction"): 6.0}, at=at(6))
    assert classroom.collect().cells["same"] == 1
    assert len(classroom.history()) == 1


def test_what_came_from_elsewhere_is_a_conflict_and_the_store_stays(
    classroom: Classroom,
) -> None:
    classroom.set_mark(A, "prediction", "7")
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(5))
    report = classroom.collect()
    assert report.cells["conflict"] == 1
    assert report.exit_status == 1
    assert classroom.maths(A) == "7"
    (problem,) = report.problems
    assert problem.code == "conflict"
    assert problem.adno == A
    assert "'6'" in problem.what
    assert "'7'" in problem.what
    assert classroom.history() == []


def test_it_is_a_conflict_again_in_every_later_return(classroom: Classroom) -> None:
    classroom.set_mark(A, "prediction", "7")
    for number in (1, 2, 3):
        filled = {(A, "prediction"): "6", (B, "comment"): str(number)}
        path = classroom.send("a.xlsx", filled=filled, at=at(number))
        assert classroom.collect(path).cells["conflict"] == 1
    assert classroom.maths(A) == "7"


def test_a_conflict_ends_when_the_two_agree(classroom: Classroom) -> None:
    classroom.set_mark(A, "prediction", "7")
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    path = classroom.send("b.xlsx", filled={(A, "prediction"): "7"}, at=at(2))
    assert classroom.collect(path).cells["same"] == 1
    path = classroom.send("c.xlsx", filled={(A, "prediction"): "8"}, at=at(3))
    assert classroom.collect(path).cells["changed"] == 1
    assert classroom.collect().exit_status == 0  # a.xlsx is answered as well


def test_take_returned_settles_a_conflict(classroom: Classroom) -> None:
    classroom.set_mark(A, "prediction", "7")
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    report = classroom.collect(path, take="returned")
    assert report.cells == {
        "read": 1, "new": 0, "changed": 1, "same": 0, "rejected": 0, "conflict": 0,
    }  # fmt: skip
    assert classroom.maths(A) == "6"
    assert list(classroom.frame("history")["why"]) == ["taken"]
    assert classroom.collect().files["unchanged"] == 1
    assert classroom.collect().exit_status == 0


def test_take_stored_settles_it_too_and_lasts(classroom: Classroom) -> None:
    classroom.set_mark(A, "prediction", "7")
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    report = classroom.collect(path, take="stored")
    assert report.cells["same"] == report.cells["read"] == 1
    assert classroom.maths(A) == "7"
    # The teacher, who never saw the 7, sends the 6 again: nobody asks twice.
    filled = {(A, "prediction"): "6", (B, "prediction"): "4"}
    classroom.send("b.xlsx", filled=filled, at=at(2))
    report = classroom.collect()
    assert report.cells["conflict"] == 0
    assert classroom.maths(A) == "7"
    # A mark that is new is a conflict again.
    filled[A, "prediction"] = "8"
    classroom.send("c.xlsx", filled=filled, at=at(3))
    assert classroom.collect().cells["conflict"] == 1


def test_take_at_first_sight_takes_what_was_returned(classroom: Classroom) -> None:
    classroom.set_mark(A, "prediction", "7")
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    assert classroom.collect(path, take="returned").cells["changed"] == 1


def test_a_blank_never_erases(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    filled = {(A, "prediction"): None, (B, "prediction"): "5"}
    classroom.send("b.xlsx", filled=filled, at=at(2))
    classroom.collect()
    assert classroom.maths(A) == "6"
    filled = {(A, "prediction"): "  ", (B, "prediction"): "5"}
    classroom.send("c.xlsx", filled=filled, at=at(3))
    classroom.collect()
    assert classroom.maths(A) == "6"


@pytest.mark.parametrize("field", ["prediction", "effort", "praise", "comment"])
def test_clear_erases(classroom: Classroom, field: str) -> None:
    value = {"prediction": "6", "effort": "2", "praise": "Yes", "comment": "Well."}
    classroom.send("a.xlsx", filled={(A, field): value[field]}, at=at(1))
    classroom.collect()
    assert classroom.maths(A, field) == value[field]
    classroom.send("b.xlsx", filled={(A, field): " clear"}, at=at(2))
    report = classroom.collect()
    assert report.cells["changed"] == 1
    assert classroom.maths(A, field) is None
    assert classroom.history()[-1] == (A, field, value[field], "")
    classroom.send("c.xlsx", filled={(A, field): value[field]}, at=at(3))
    assert classroom.collect().cells["new"] == 1


def test_blank_and_rejected_cells_never_move_the_base(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    for minute, value in ((2, "Z"), (3, None)):
        filled = {(A, "prediction"): value, (B, "prediction"): "5"}
        path = classroom.send(f"{minute}.xlsx", filled=filled, at=at(minute))
        classroom.collect(path)
    classroom.set_mark(A, "prediction", "7")
    path = classroom.send("z.xlsx", filled={(A, "prediction"): "6"}, at=at(4))
    report = classroom.collect(path)
    assert (report.cells["same"], report.cells["conflict"]) == (1, 0)
    assert classroom.maths(A) == "7"


def test_the_base_is_the_later_of_the_stamp_and_what_was_accepted(
    classroom: Classroom,
) -> None:
    first = classroom.issued(MATHS)
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    classroom.set_mark(A, "prediction", "6")  # somebody's edit
    classroom.issue_again(MATHS)
    second = classroom.issued(MATHS)
    assert second != first
    # From the new issue, stamped with 6, the teacher goes on to 7: no conflict.
    path = classroom.send(
        "b.xlsx", data=second, filled={(A, "prediction"): "7"}, at=at(90)
    )
    assert classroom.collect(path).cells["changed"] == 1
    assert classroom.maths(A) == "7"


def test_a_copy_of_the_first_issue_does_not_undo_an_edit(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    classroom.set_mark(A, "prediction", "6")
    filled = {(A, "prediction"): "5", (B, "prediction"): "5"}
    path = classroom.send("b.xlsx", filled=filled, at=at(2))
    report = classroom.collect(path)
    assert report.cells["same"] == 1  # the teacher has said nothing new
    assert classroom.maths(A) == "6"


def test_a_return_comes_after_its_issue_whatever_the_clock_says(
    classroom: Classroom,
) -> None:
    classroom.now -= timedelta(days=1)  # the clock went back after the issue
    for number, grade in enumerate(("5", "6"), start=1):
        name = f"{number}.xlsx"
        classroom.send(name, filled={(A, "prediction"): grade}, at=at(number))
        assert classroom.collect().cells["conflict"] == 0
    assert classroom.maths(A) == "6"


def test_returns_are_merged_in_the_order_of_the_workbooks_own_time(
    classroom: Classroom,
) -> None:
    classroom.send("a-last.xlsx", filled={(A, "prediction"): "6"}, at=at(9))
    classroom.send("b-first.xlsx", filled={(A, "prediction"): "4"}, at=at(3))
    classroom.send("c-second.xlsx", filled={(A, "prediction"): "5"}, at=at(6))
    report = classroom.collect()
    assert [r.file.rpartition("/")[2] for r in report.reports] == [
        "b-first.xlsx",
        "c-second.xlsx",
        "a-last.xlsx",
    ]
    assert [new for *_, new in classroom.history()] == ["4", "5", "6"]


def test_then_in_the_order_of_file_time_then_of_name(classroom: Classroom) -> None:
    import os

    paths = {}
    for name, grade in (("c.xlsx", "4"), ("a.xlsx", "5"), ("b.xlsx", "6")):
        paths[name] = classroom.send(name, filled={(A, "prediction"): grade}, at=at(3))
    early = at(1).timestamp()
    os.utime(paths["c.xlsx"], (early, early))
    report = classroom.collect()
    assert [r.path.name for r in report.reports] == ["c.xlsx", "a.xlsx", "b.xlsx"]
    assert classroom.maths(A) == "6"


def test_an_old_copy_fills_blanks_and_is_otherwise_in_conflict(
    classroom: Classroom,
) -> None:
    filled = {(A, "prediction"): "6", (B, "prediction"): "5"}
    classroom.send("new.xlsx", filled=filled, at=at(10))
    classroom.collect()
    filled = {(A, "prediction"): "4", (B, "prediction"): "5", (C, "prediction"): "3"}
    path = classroom.send("old.xlsx", filled=filled, at=at(2))
    report = classroom.collect(path)
    assert report.cells == {
        "read": 3, "new": 1, "changed": 0, "same": 1, "rejected": 0, "conflict": 1,
    }  # fmt: skip
    assert [classroom.maths(adno) for adno in (A, B, C)] == ["6", "5", "3"]
    (warning,) = [p for p in report.problems if p.code == "old-copy"]
    assert warning.severity == "warning"
    assert "new.xlsx" in warning.what


def test_a_settled_conflict_is_not_reported_as_open(classroom: Classroom) -> None:
    classroom.send("b.xlsx", filled={(A, "prediction"): "6"}, at=at(5))
    classroom.collect()
    old = classroom.send("a.xlsx", filled={(A, "prediction"): "3"}, at=at(1))
    classroom.collect()
    report = classroom.collect(old, take="returned")
    assert classroom.maths(A) == "3"
    assert not [p for p in report.problems if p.code == "old-copy"]


def test_equal_times_make_no_old_copy(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(5))
    classroom.collect()
    path = classroom.send("b.xlsx", filled={(A, "prediction"): "7"}, at=at(5))
    assert classroom.collect(path).cells["changed"] == 1


def test_without_a_time_of_its_own_the_issue_counts(classroom: Classroom) -> None:
    def timeless(parts: dict[str, bytes]) -> None:
        del parts["docProps/core.xml"]
        for name in ("_rels/.rels", "[Content_Types].xml"):
            text = parts[name].decode()
            import re

            text = re.sub(r"<(Relationship|Override)[^>]*core[^>]*/>", "", text)
            parts[name] = text.encode()

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(5))
    classroom.collect()
    path = classroom.send("b.xlsx", filled={(A, "prediction"): "7"}, change=timeless)
    report = classroom.collect(path)
    assert report.cells["conflict"] == 1  # older than a.xlsx: its issue was before
    assert any(problem.code == "old-copy" for problem in report.problems)


def test_a_superseded_return_is_merged_counted_and_archived(
    classroom: Classroom,
) -> None:
    classroom.send("1.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    filled = {(A, "prediction"): "6", (B, "prediction"): "4"}
    classroom.send("2.xlsx", filled=filled, at=at(2))
    report = classroom.collect()
    assert report.files["superseded"] == 1
    assert report.files["merged"] == 1
    assert report.cells["read"] == 3
    assert (report.cells["new"], report.cells["changed"]) == (2, 1)
    assert [(old, new) for *_, old, new in classroom.history()] == [
        ("", "5"),
        ("5", "6"),
        ("", "4"),
    ]
    statuses = classroom.frame("returns").set_index("file")["status"].to_dict()
    assert statuses == {"returned/1.xlsx": "superseded", "returned/2.xlsx": "merged"}


def test_a_return_that_fills_a_cell_more_is_not_superseded(
    classroom: Classroom,
) -> None:
    filled = {(A, "prediction"): "5", (C, "prediction"): "5"}
    classroom.send("1.xlsx", filled=filled, at=at(1))
    filled = {(A, "prediction"): "6", (B, "prediction"): "4"}
    classroom.send("2.xlsx", filled=filled, at=at(2))
    report = classroom.collect()
    assert report.files["merged"] == 2
    assert classroom.maths(C) == "5"


def test_another_classs_return_supersedes_nothing(classroom: Classroom) -> None:
    classroom.send("1.xlsx", MATHS, {(A, "prediction"): "5"}, at=at(1))
    classroom.send("2.xlsx", "10y/Ma2", {("000110", "prediction"): "6"}, at=at(2))
    assert classroom.collect().files["merged"] == 2


def test_a_file_merged_before_is_unchanged(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    before = classroom.dump()
    report = classroom.collect()
    assert report.files["unchanged"] == 1
    assert report.cells["read"] == 0
    assert report.exit_status == 0
    assert classroom.dump() == before


def test_the_same_bytes_under_another_name_are_unchanged(classroom: Classroom) -> None:
    import shutil

    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    shutil.copy2(path, path.with_name("b.xlsx"))
    report = classroom.collect()
    assert (report.files["merged"], report.files["unchanged"]) == (1, 1)
    assert report.files["superseded"] == 0
    assert len(classroom.history()) == 1


def test_cells_left_rejected_or_in_conflict_are_read_again_and_no_others(
    classroom: Classroom,
) -> None:
    classroom.set_mark(A, "prediction", "7")
    filled = {(A, "prediction"): "6", (B, "prediction"): "Z", (C, "prediction"): "5"}
    classroom.send("a.xlsx", filled=filled, at=at(1))
    first = classroom.collect()
    assert first.cells["read"] == 3
    before = classroom.dump()
    second = classroom.collect()
    assert second.files["merged"] == 1
    assert second.cells == {
        "read": 2, "new": 0, "changed": 0, "same": 0, "rejected": 1, "conflict": 1,
    }  # fmt: skip
    assert second.exit_status == 1
    assert classroom.dump()["marks"] == before["marks"]
    assert classroom.dump()["returns"] == before["returns"]
    assert classroom.dump()["unsettled"] == before["unsettled"]
    # Once the store agrees, only the rejected cell is left.
    classroom.set_mark(A, "prediction", "6")
    second = classroom.collect()
    assert (second.cells["read"], second.cells["same"]) == (2, 1)
    assert classroom.collect().cells["read"] == 1
    row = classroom.frame("returns").iloc[0]
    counts = [row[name] for name in ("read", "new", "same", "rejected", "conflict")]
    assert counts == [3, 1, 1, 1, 0]


def test_a_correction_settles_what_its_forerunner_left(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "Z"}, at=at(1))
    assert classroom.collect().exit_status == 1
    classroom.send("b.xlsx", filled={(A, "prediction"): "6"}, at=at(2))
    classroom.collect()
    report = classroom.collect()
    assert report.files["unchanged"] == 2
    assert report.exit_status == 0


def test_take_names_a_settled_file_and_brings_it_back(classroom: Classroom) -> None:
    old = classroom.send("old.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    classroom.send("new.xlsx", filled={(A, "prediction"): "6"}, at=at(2))
    classroom.collect()
    assert classroom.collect(old).files["unchanged"] == 1
    report = classroom.collect(old, take="returned")
    assert report.cells["changed"] == 1
    assert classroom.maths(A) == "5"


def test_an_undone_file_is_skipped_until_it_is_named(
    classroom: Classroom,
) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    store = classroom.store()
    with store.begin() as connection:  # what `undo` leaves behind
        connection.execute(schema.returns.update().values(status="undone"))
        for table in (schema.marks, schema.accepted):
            connection.execute(table.delete())
    store.close()
    report = classroom.collect()
    assert report.files["unchanged"] == 1
    assert any("was undone before" in line for line in report.lines())
    assert classroom.maths(A) is None
    assert report.missing["AUT"] == (ENGLISH, MATHS, "10x/Sc1", "10y/Ma2")
    assert classroom.collect(path).cells["new"] == 1
    assert classroom.maths(A) == "6"
    assert classroom.collect().files["unchanged"] == 1


def test_after_the_end_it_merges_with_a_warning(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    report = classroom.collect(after=timedelta(days=10))
    assert report.cells["new"] == 1
    assert [problem.code for problem in report.problems] == ["late"]
    assert report.exit_status == 0


def test_the_last_day_is_not_late(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    assert not classroom.collect(after=timedelta(days=9)).problems


def test_before_it_opens_it_is_refused(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    report = classroom.collect(after=timedelta(days=-3))
    assert report.files["rejected"] == 1
    assert report.problems[0].code == "not-open"
    assert classroom.marks() == {}
    assert classroom.collect(after=timedelta(days=3)).cells["new"] == 1


def test_a_mark_belongs_to_pupil_and_subject_and_keeps_the_class_beside_it(
    classroom: Classroom,
) -> None:
    classroom.send(
        "a.xlsx", ENGLISH, {("000104", "prediction"): "6"}, sheet=LANGUAGE, at=at(1)
    )
    classroom.collect()
    assert classroom.marks() == {("000104", LANGUAGE, "prediction"): "6"}
    assert list(classroom.frame("marks")["class"]) == [ENGLISH]


def test_two_subjects_of_one_class_are_two_marks(classroom: Classroom) -> None:
    data = classroom.issued(ENGLISH)
    from tests.generator.classroom import fill

    data = fill(data, {("000104", "prediction"): "6"}, sheet=LANGUAGE)
    classroom.send(
        "a.xlsx",
        ENGLISH,
        {("000104", "prediction"): "4"},
        sheet=LITERATURE,
        data=data,
        at=at(1),
    )
    classroom.collect()
    assert classroom.marks() == {
        ("000104", LANGUAGE, "prediction"): "6",
        ("000104", LITERATURE, "prediction"): "4",
    }


def test_another_classs_value_for_the_same_pupil_is_a_conflict(
    classroom: Classroom,
) -> None:
    # 000110 is in Ma2; Ma1's teacher writes them into a spare row.
    classroom.send("1.xlsx", "10y/Ma2", {("000110", "prediction"): "5"}, at=at(1))
    classroom.collect()
    joiner = {(16, "adno"): "000110", (16, "prediction"): "7"}
    path = classroom.send("2.xlsx", MATHS, joiner, at=at(2))
    report = classroom.collect(path)
    assert report.cells["conflict"] == 1
    assert "10y/Ma2" in next(p for p in report.problems if p.code == "conflict").what
    assert classroom.maths("000110") == "5"
