"""`markbook targets set`: one pupil's target, under the rules of the ratchet."""

from __future__ import annotations

import json

import pytest

from addin.command import main
from generator import workflow
from generator.corrections import TargetEdit
from generator.store import targets
from tests.generator.classroom import Classroom
from udfs.errors import MarkbookError

A = "000101"


def set_target(
    classroom: Classroom,
    expected: str | None = None,
    aspirational: str | None = None,
    adno: str = A,
    subject: str = "maths",
):
    edit = TargetEdit(adno, subject, expected, aspirational, "agreed with her head")
    return workflow.set_target(classroom.school, edit, now=classroom.now, who="Dana")


def current(classroom: Classroom, subject: str = "Mathematics"):
    store = classroom.store()
    with store.begin() as connection:
        frame = targets.current_targets(connection).set_index(["adno", "subject"])
    store.close()
    return frame.loc[(A, subject)]


def test_a_target_is_set_with_its_reason_and_counts_as_issued(classroom):
    before = current(classroom)
    report = set_target(classroom, "7", "8")
    now = current(classroom)
    assert (now["expected"], now["aspirational"], now["status"]) == ("7", "8", "issued")
    assert now["reason"].startswith("agreed with her head; raised from ")
    assert now["set_by"] == "Dana"
    assert now["provenance"].startswith("correction K1; before: ")
    assert report.json()["before"]["expected"] == before["expected"]


def test_a_draft_does_not_lower_it_and_a_person_does(classroom):
    set_target(classroom, "9")
    workflow.draft_targets(classroom.school, now=classroom.now, who="office")
    assert current(classroom)["expected"] == "9"
    set_target(classroom, "2", "3")
    assert current(classroom)["expected"] == "2"
    assert "lowered from 9 and 9" in current(classroom)["reason"]


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        ({}, "No target was given"),
        ({"expected": "12"}, "'12' is not a grade of GCSE 9–1"),
        ({"expected": "6", "aspirational": "5"}, "is below the expected one, 6"),
        ({"expected": "6", "subject": "Art"}, "no subject of Tunde Adeyemi 'Art'"),
        ({"expected": "6", "adno": "77"}, "No pupil has the admission number '77'"),
        ({"expected": "Abs"}, "Choose one of: 9"),
    ],
)
def test_a_refused_target_stores_nothing(classroom, edit, text):
    before = classroom.dump()
    with pytest.raises(MarkbookError) as refusal:
        set_target(classroom, **edit)
    assert text in str(refusal.value)
    assert classroom.dump() == before


def test_undo_brings_the_target_before_back_as_a_new_version(classroom):
    before = current(classroom)
    set_target(classroom, "9")
    workflow.undo(classroom.school, "K1", now=classroom.now, who="Dana")
    now = current(classroom)
    assert now["expected"] == before["expected"]
    assert now["reason"].endswith("K1 was undone")
    assert now["version"] == before["version"] + 2


def test_undo_is_refused_where_the_target_was_set_later_or_issued(classroom):
    set_target(classroom, "8")
    set_target(classroom, "9")
    with pytest.raises(MarkbookError, match="Dana set the target again"):
        workflow.undo(classroom.school, "K1", now=classroom.now, who="Dana")
    classroom.issue_again("10x/Ma1")
    with pytest.raises(MarkbookError, match="stands in the markbook of 10x/Ma1"):
        workflow.undo(classroom.school, "K2", now=classroom.now, who="Dana")


def test_the_same_target_is_no_correction(classroom):
    set_target(classroom, "8")
    assert set_target(classroom, "8").id == ""


def test_the_command(classroom, capsys):
    where = ["--school", str(classroom.folder), "--as", "Dana", "--json"]
    words = ["targets", "set", "101", "Maths", "--expected", "9", "--why", "mock"]
    assert main([*words, *where]) == 0
    assert json.loads(capsys.readouterr().out)["expected"] == "9"
