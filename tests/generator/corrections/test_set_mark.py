"""`markbook mark`: a person's edit, what it settles, and undoing it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from addin.command import main
from generator import workflow
from generator.corrections import CorrectionReport, MarkEdit
from tests.generator.classroom import (
    ENGLISH,
    LITERATURE,
    MATHS,
    Classroom,
)
from tests.generator.returns.test_collect import MA2
from tests.generator.returns.test_merge import A, B, at
from udfs.errors import MarkbookError


def mark(
    classroom: Classroom,
    value: str,
    adno: str = A,
    field: str = "prediction",
    code: str = MATHS,
    subject: str | None = None,
) -> CorrectionReport:
    edit = MarkEdit(code, adno, field, value, "typed wrong", subject)
    return workflow.set_mark(
        classroom.school, "AUT", edit, now=classroom.now, who="Dana"
    )


def undo(classroom: Classroom, name: str) -> CorrectionReport:
    report = workflow.undo(classroom.school, name, now=classroom.now, who="Dana")
    assert isinstance(report, CorrectionReport)
    return report


def test_a_mark_is_set_with_who_when_and_why_in_the_history(classroom):
    report = mark(classroom, "6")
    assert report.id == "K1"
    assert classroom.maths(A) == "6"
    last = classroom.frame("history").iloc[-1]
    assert (last["why"], last["reason"], last["who"]) == (
        "corrected",
        "typed wrong",
        "Dana",
    )
    assert last["source_file"] == "correction K1"


def test_codes_names_and_headings_match_in_any_case(classroom):
    report = mark(classroom, "6", "tunde adeyemi", "Working at", "10X-MA1")
    assert report.json()["adno"] == A
    assert classroom.maths(A, "working_at") == "6"
    mark(classroom, "clear", "101", "working-at")
    assert classroom.maths(A, "working_at") is None


def test_a_mark_that_stands_already_is_no_correction(classroom):
    mark(classroom, "6")
    report = mark(classroom, "6")
    assert report.id == ""
    assert "is 6 already" in report.lines()[0]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"code": "10z/Ma9"}, "There is no class '10z/Ma9'"),
        ({"adno": "999"}, "No pupil has the admission number '999'"),
        ({"adno": "Alice Brown"}, "000102 (Alice Brown, 10A), 000103"),
        ({"adno": "000110"}, "is not in 10x/Ma1, and was not this year"),
        ({"value": "12"}, "'12' is not a grade of GCSE 9–1"),
        ({"value": " "}, "No value was given"),
        ({"field": "attitude"}, "There is no field 'attitude'"),
        ({"code": ENGLISH, "adno": "000110"}, 'Name one: --subject "English Lang'),
        ({"code": ENGLISH, "adno": "000110", "subject": "Art"}, "no subject of 10x"),
    ],
)
def test_a_refused_mark_stores_nothing(classroom, change, text):
    before = classroom.dump()
    with pytest.raises(MarkbookError) as refusal:
        mark(classroom, **{"value": "5", **change})
    assert text in str(refusal.value)
    assert classroom.dump() == before


def test_a_field_that_is_not_asked_for_is_refused(classroom):
    collection = classroom.school.collection("AUT").model_copy(
        update={"asks": ("prediction",)}
    )
    classroom.school.settings = classroom.school.settings.model_copy(
        update={"collections": (collection,)}
    )
    with pytest.raises(MarkbookError, match="does not ask for effort"):
        mark(classroom, "1", field="effort")


def test_a_class_of_two_subjects_needs_one_named(classroom):
    mark(classroom, "6", "000110", code=ENGLISH, subject="english literature")
    assert classroom.marks()["000110", LITERATURE, "prediction"] == "6"


def test_a_pupil_who_left_is_corrected_with_a_warning(classroom):
    store = classroom.store()
    with store.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE pupils SET left = '2026-10-01' WHERE adno = '{A}'"
        )
    store.close()
    (problem,) = mark(classroom, "6").problems
    assert problem.what == "Tunde Adeyemi (000101) left on 2026-10-01."
    assert classroom.maths(A) == "6"


def test_a_later_return_whose_cell_was_changed_is_a_conflict(classroom):
    classroom.send("1.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    mark(classroom, "6")
    unchanged = {(A, "prediction"): "5", (B, "prediction"): "4"}
    classroom.send("2.xlsx", filled=unchanged, at=at(2))
    assert classroom.collect().cells["conflict"] == 0
    assert classroom.maths(A) == "6"
    changed = {(A, "prediction"): "7", (B, "prediction"): "4"}
    classroom.send("3.xlsx", filled=changed, at=at(3))
    report = classroom.collect()
    assert report.cells["conflict"] == 1
    assert "from correction K1" in report.problems[-1].what
    assert classroom.maths(A) == "6"


def test_a_mark_settles_the_conflict_and_its_class_is_at_peace(classroom):
    # 10y/Ma2 has the pupil in a spare row: its mark conflicts with that of 10x/Ma1.
    classroom.send("1.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    spare = {(12, "adno"): A, (12, "prediction"): "7"}
    classroom.send("2.xlsx", MA2, spare, at=at(2))
    assert classroom.collect().cells["conflict"] == 1
    report = mark(classroom, "6")
    assert report.json()["settled"] == ["Markbook!M12"] or report.json()["settled"]
    assert classroom.frame("unsettled").empty
    assert workflow_problems(classroom) == []
    later = spare | {(12, "effort"): "1"}
    classroom.send("3.xlsx", MA2, later, at=at(3))
    assert classroom.collect().cells["conflict"] == 0
    assert classroom.maths(A) == "6"


def workflow_problems(classroom: Classroom) -> list[str]:
    from generator.store.problems import open_problems

    store = classroom.store()
    with store.begin() as connection:
        codes = list(open_problems(connection)["code"])
    store.close()
    return [code for code in codes if code in ("conflict", "grade-not-listed")]


def test_undo_brings_back_the_mark_and_the_rejected_cell(classroom):
    classroom.send("1.xlsx", filled={(A, "prediction"): "12"}, at=at(1))
    classroom.collect()
    assert workflow_problems(classroom) == ["grade-not-listed"]
    before = {
        name: classroom.dump()[name]
        for name in ("marks", "accepted", "unsettled", "settled")
    }
    mark(classroom, "6")
    assert workflow_problems(classroom) == []
    undo(classroom, "k1")
    assert {name: classroom.dump()[name] for name in before} == before
    assert workflow_problems(classroom) == ["grade-not-listed"]
    assert "undone on" in undo(classroom, "K1").lines()[0]


def test_undo_is_refused_where_something_stands_on_it(classroom):
    mark(classroom, "6")
    mark(classroom, "7")
    with pytest.raises(MarkbookError) as refusal:
        undo(classroom, "K1")
    assert "correction K2 has changed it to '7' since" in str(refusal.value)
    undo(classroom, "K2")
    assert classroom.maths(A) == "6"
    undo(classroom, "K1")
    assert classroom.maths(A) is None


def test_undo_of_the_return_below_leaves_the_correction(classroom):
    classroom.send("1.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    mark(classroom, "6")
    workflow.undo(classroom.school, "1.xlsx", now=classroom.now, who="Dana")
    assert classroom.maths(A) == "6"
    undo(classroom, "K1")
    assert classroom.maths(A) is None


def test_an_id_goes_before_a_file_name(classroom):
    with pytest.raises(MarkbookError, match="There is no correction K5"):
        undo(classroom, "K5")


def test_the_command_answers_in_words_and_as_json(classroom, capsys):
    words = ["mark", "AUT", "10x/ma1", "101", "effort", "1", "--as", "Dana"]
    where = ["--school", str(classroom.folder), "--today", "2026-12-01"]
    assert main([*words, "--why", "asked her", *where]) == 0
    out = capsys.readouterr().out
    assert "Effort: empty → 1 (asked her)." in out
    assert "markbook undo K1" in out
    assert main(["undo", "K1", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out)["undone"] == "K1"
    assert main([*words, *where]) == 2
    assert "--why" in capsys.readouterr().err


def test_a_mark_may_be_set_after_the_collection_closed(classroom):
    assert classroom.school.collection("AUT").closes < date(2026, 12, 1)
    classroom.now = classroom.now.replace(month=12)
    assert mark(classroom, "6").id == "K1"
