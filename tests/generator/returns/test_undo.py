"""The end of rule 9: a return is undone, and stays so until it is named."""

from __future__ import annotations

import json

import pytest

from generator import workflow
from generator.returns.undo import NoSuchReturn
from generator.returns.undo_report import UndoReport
from tests.generator.classroom import ENGLISH, LANGUAGE, LITERATURE, MATHS, Classroom
from tests.generator.returns.test_merge import A, B, C, at


def undo(classroom: Classroom, name: str) -> UndoReport:
    return workflow.undo(classroom.school, name, now=classroom.now, who="office")


def statuses(classroom: Classroom) -> dict[str, str]:
    frame = classroom.frame("returns")
    return dict(zip(frame["file"], frame["status"], strict=True))


def test_marks_go_back_to_what_they_were(classroom: Classroom) -> None:
    classroom.send(
        "a.xlsx", filled={(A, "prediction"): "5", (B, "prediction"): "4"}, at=at(1)
    )
    classroom.collect()
    before = classroom.marks()
    filled = {(A, "prediction"): "6", (B, "prediction"): "Clear", (C, "effort"): "1"}
    path = classroom.send("b.xlsx", filled=filled, at=at(2))
    classroom.collect(path)
    report = undo(classroom, "b.xlsx")
    assert classroom.marks() == before
    assert len(report.restored) == 3
    assert not report.not_restored
    assert statuses(classroom)["returned/b.xlsx"] == "undone"
    assert report.exit_status == 0
    history = classroom.frame("history")
    assert list(history["why"]) == ["merged"] * 5 + ["undone"] * 3
    assert set(zip(history["old"][5:], history["new"][5:], strict=True)) == {
        ("6", "5"),
        ("", "4"),
        ("1", ""),
    }


def test_the_mark_says_again_where_it_came_from(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    before = classroom.dump()["marks"]
    path = classroom.send("b.xlsx", filled={(A, "prediction"): "6"}, at=at(2))
    classroom.collect(path)
    undo(classroom, str(path))
    assert classroom.dump()["marks"] == before


def test_undoing_twice_changes_nothing_more(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    undo(classroom, "returned/a.xlsx")
    before = classroom.dump()
    second = undo(classroom, "returned/a.xlsx")
    assert classroom.dump() == before
    assert second.status == "undone"
    assert "before" in second.lines()[0]


def test_collect_skips_it_with_a_line_until_it_is_named(classroom: Classroom) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    undo(classroom, "a.xlsx")
    report = classroom.collect()
    assert report.files["unchanged"] == 1
    assert MATHS in report.missing["AUT"]
    assert any("was undone before" in line for line in report.lines())
    assert classroom.marks() == {}
    report = classroom.collect(path)
    assert (report.files["merged"], report.cells["new"]) == (1, 1)
    assert classroom.maths(A) == "5"
    assert statuses(classroom) == {"returned/a.xlsx": "merged"}
    undo(classroom, "a.xlsx")
    assert classroom.marks() == {}


def test_what_was_changed_since_stays_and_is_named(classroom: Classroom) -> None:
    classroom.send(
        "a.xlsx", filled={(A, "prediction"): "5", (B, "prediction"): "5"}, at=at(1)
    )
    classroom.collect()
    path = classroom.send("b.xlsx", filled={(A, "prediction"): "6"}, at=at(2))
    classroom.collect(path)
    classroom.set_mark(B, "prediction", "7")
    report = undo(classroom, "a.xlsx")
    assert (classroom.maths(A), classroom.maths(B)) == ("6", "7")
    assert [each.adno for each in report.not_restored] == [A, B]
    assert "returned/b.xlsx has changed it to '6'" in report.problems[0].what
    assert report.problems[0].severity == "warning"
    assert "returned/b.xlsx" in report.lines()[1]


def test_what_another_return_says_too_stays(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    both = {(A, "prediction"): "5", (B, "prediction"): "4"}
    path = classroom.send("b.xlsx", filled=both, at=at(2))
    classroom.collect(path)
    report = undo(classroom, "a.xlsx")
    assert classroom.maths(A) == "5"
    assert "says '5' too" in report.problems[0].what


def test_undoing_out_of_order_ends_where_it_began(classroom: Classroom) -> None:
    for number, grade in enumerate("456", start=1):
        path = classroom.send(
            f"{number}.xlsx", filled={(A, "prediction"): grade}, at=at(number)
        )
        classroom.collect(path)
    undo(classroom, "2.xlsx")
    assert classroom.maths(A) == "6"
    undo(classroom, "3.xlsx")
    assert classroom.maths(A) == "4"  # not the 5, which was taken back
    undo(classroom, "1.xlsx")
    assert classroom.maths(A) is None


def test_the_teacher_may_correct_without_a_conflict_after(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    same = {(A, "prediction"): "5", (B, "prediction"): "6"}
    path = classroom.send("b.xlsx", filled=same, at=at(2))
    classroom.collect(path)
    undo(classroom, "b.xlsx")
    assert (classroom.maths(A), classroom.maths(B)) == ("5", None)
    corrected = {(A, "prediction"): "7", (B, "prediction"): "3"}
    path = classroom.send("c.xlsx", filled=corrected, at=at(3))
    report = classroom.collect(path)
    assert report.cells["conflict"] == 0
    assert (classroom.maths(A), classroom.maths(B)) == ("7", "3")


def test_both_subjects_of_a_class_go_back(classroom: Classroom) -> None:
    data = None
    for sheet in (LANGUAGE, LITERATURE):
        path = classroom.send(
            "e.xlsx",
            ENGLISH,
            {("000104", "prediction"): "5"},
            sheet=sheet,
            data=data,
            at=at(1),
        )
        data = path.read_bytes()
    classroom.collect()
    assert len(classroom.marks()) == 2
    report = undo(classroom, "e.xlsx")
    assert len(report.restored) == 2
    assert classroom.marks() == {}


def test_nothing_of_it_is_left_to_settle(classroom: Classroom) -> None:
    classroom.send(
        "a.xlsx", filled={(A, "prediction"): "Z", (B, "prediction"): "5"}, at=at(1)
    )
    classroom.collect()
    undo(classroom, "a.xlsx")
    assert classroom.frame("unsettled").empty
    assert "returned/a.xlsx" not in set(classroom.frame("problems")["file"])


def test_names_that_match_none_or_several_are_errors(classroom: Classroom) -> None:
    with pytest.raises(NoSuchReturn, match="No return is called"):
        undo(classroom, "x.xlsx")
    classroom.send("1/a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.send("2/a.xlsx", filled={(B, "prediction"): "5"}, at=at(2))
    classroom.collect()
    with pytest.raises(NoSuchReturn, match="More than one") as raised:
        undo(classroom, "a.xlsx")
    ids = classroom.frame("returns").set_index("file")["return_id"]
    assert all(each in raised.value.do for each in ids)
    undo(classroom, ids["returned/2/a.xlsx"])
    assert (classroom.maths(A), classroom.maths(B)) == ("5", None)


def test_a_file_overwritten_since_is_the_one_that_lies_there(
    classroom: Classroom,
) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(2))
    classroom.collect()
    undo(classroom, "returned/a.xlsx")
    assert classroom.maths(A) == "5"


def test_files_that_changed_nothing_have_nothing_to_take_back(
    classroom: Classroom,
) -> None:
    classroom.send("same.xlsx")
    (classroom.returned / "x.csv").write_text("a,b")
    classroom.collect()
    before = classroom.dump()
    for name, status in (("same.xlsx", "unchanged"), ("x.csv", "rejected")):
        report = undo(classroom, name)
        assert (report.status, report.exit_status) == (status, 0)
        assert "nothing to undo" in report.lines()[0]
    assert classroom.dump() == before


def test_a_copy_under_another_name_is_the_return_that_was_merged(
    classroom: Classroom,
) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    (classroom.returned / "copy.xlsx").write_bytes(path.read_bytes())
    classroom.collect()
    report = undo(classroom, "copy.xlsx")
    assert report.file == "returned/a.xlsx"
    assert classroom.marks() == {}
    assert classroom.collect().cells["read"] == 0


def test_the_answer_as_json(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    history = json.loads(json.dumps(undo(classroom, "a.xlsx").json()))
    assert history["status"] == "undone"
    assert history["restored"] == [
        {
            "class": MATHS,
            "subject": "Mathematics",
            "adno": A,
            "field": "prediction",
            "cell": "Markbook!L7",
            "said": "5",
            "value": "",
            "why": "",
        }
    ]


def test_its_marked_copy_goes_and_a_later_returns_stays(classroom: Classroom) -> None:
    copy = classroom.folder / "checked/AUT/10x-Ma1.xlsx"
    wrong = {(A, "prediction"): "6", (B, "prediction"): "Z"}
    classroom.send("a.xlsx", filled=wrong, at=at(1))
    classroom.collect()
    assert copy.exists()
    report = undo(classroom, "a.xlsx")
    assert not copy.exists()
    assert any("Deleted its marked copy, checked/AUT/" in s for s in report.lines())
    path = classroom.send("b.xlsx", filled=wrong, at=at(2))
    classroom.collect(path)
    later = classroom.send("c.xlsx", filled=wrong | {(C, "effort"): "1"}, at=at(3))
    classroom.collect(later)
    report = undo(classroom, "b.xlsx")
    assert copy.exists()
    assert report.copy_notes == ()
    assert report.later_returns == ("returned/c.xlsx",)
