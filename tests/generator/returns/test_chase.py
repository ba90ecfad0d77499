"""Chase finds the classes that are missing or not finished, and whom to remind."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from generator.context import Context
from generator.returns.chase import chase
from generator.returns.chase_report import ChaseReport
from generator.store import schema
from tests.generator.classroom import (
    ENGLISH,
    LANGUAGE,
    LITERATURE,
    MATHS,
    NOW,
    Classroom,
)
from tests.generator.returns.test_merge import A, at

MA2, SC = "10y/Ma2", "10x/Sc1"
TODAY = NOW.date()


def chased(classroom: Classroom, *, today: date = TODAY) -> ChaseReport:
    store = classroom.store()
    now = datetime.combine(today, NOW.time())
    context = Context(classroom.school, classroom.tables, store, now, "office")
    report = chase(context, classroom.school.collection("AUT"))
    store.close()
    return report


def whole(*pupils: int) -> dict[tuple[str, str], object]:
    return {
        (f"0001{n:02}", field): "5"
        for n in pupils
        for field in ("working_at", "prediction")
    }


def test_a_collection_that_was_never_issued_is_reported(classroom: Classroom) -> None:
    store = classroom.store()
    with store.begin() as connection:
        for table in (schema.issued_rows, schema.issues):
            connection.execute(table.delete())
    store.close()
    (line,) = chased(classroom).lines()
    assert line.endswith("has been issued yet: markbook issue AUT.")


def test_nobody_has_returned_at_first(classroom: Classroom) -> None:
    report = chased(classroom)
    assert report.exit_status == 1
    assert report.json()["not_returned"] == [ENGLISH, MATHS, SC, MA2]
    assert (report.issued, report.returned) == (4, 0)


def test_every_teacher_of_a_class_is_asked(classroom: Classroom) -> None:
    rows = [(row.code, row.class_code) for row in chased(classroom).rows]
    assert ("ABA", ENGLISH) in rows
    assert ("COH", ENGLISH) in rows
    both = [row for row in chased(classroom).rows if row.class_code == ENGLISH]
    assert {row.others for row in both} == {("Ms R Abara",), ("Mr D Cohen",)}


def test_a_class_without_teacher_goes_to_the_head_of_department(
    classroom: Classroom,
) -> None:
    store = classroom.store()
    with store.begin() as connection:
        connection.execute(
            schema.roles.insert().values(
                academic_year="2026/27",
                staff="ABA",
                role="head of department",
                scope="Dual Science",
            )
        )
    store.close()
    (row,) = [row for row in chased(classroom).rows if row.class_code == SC]
    assert (row.code, row.stands_in) == ("ABA", True)


def test_a_class_with_nobody_to_ask_is_a_problem(classroom: Classroom) -> None:
    report = chased(classroom)
    (problem,) = report.problems
    assert problem.value == SC
    assert [row.name for row in report.rows if row.class_code == SC] == ["Nobody"]


def test_a_whole_class_is_not_chased(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled=whole(*range(1, 10)), at=at(1))
    classroom.collect()
    report = chased(classroom)
    assert MATHS not in {row.class_code for row in report.rows}
    assert report.returned == 1


def test_a_code_answers_a_cell(classroom: Classroom) -> None:
    filled = whole(*range(1, 10))
    filled[A, "prediction"] = "TE"
    classroom.send("a.xlsx", filled=filled, at=at(1))
    classroom.collect()
    assert MATHS not in chased(classroom).json()["not_finished"]


def test_blanks_are_counted_by_pupil(classroom: Classroom) -> None:
    filled = whole(*range(1, 8))
    filled["000108", "prediction"] = "5"
    classroom.send("a.xlsx", filled=filled, at=at(1))
    classroom.collect()
    (row,) = [row for row in chased(classroom).rows if row.class_code == MATHS]
    assert row.state == "not finished"
    assert (row.pupils, row.of_pupils) == (2, 9)
    assert row.blanks == {"working_at": 2, "prediction": 1}
    assert "for 2 of 9 pupils (Working at: 2, Prediction: 1)" in row.sentence


def test_both_subjects_of_a_class_are_wanted(classroom: Classroom) -> None:
    from tests.generator.classroom import fill

    filled = whole(*range(4, 13))
    data = fill(classroom.issued(ENGLISH), filled, sheet=LANGUAGE)
    path = classroom.send("a.xlsx", ENGLISH, data=data, sheet=LANGUAGE, at=at(1))
    classroom.collect(path)
    assert ENGLISH in chased(classroom).json()["not_finished"]
    data = fill(data, filled, sheet=LITERATURE)
    path = classroom.send("b.xlsx", ENGLISH, data=data, sheet=LANGUAGE, at=at(2))
    classroom.collect(path)
    assert ENGLISH not in chased(classroom).json()["not_finished"]


def test_leavers_are_not_chased_for(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled=whole(*range(1, 9)), at=at(1))
    classroom.collect()
    assert MATHS in chased(classroom).json()["not_finished"]
    store = classroom.store()
    with store.begin() as connection:
        here = schema.pupils.c.adno == "000109"
        connection.execute(schema.pupils.update().where(here).values(left="2026-10-14"))
    store.close()
    assert MATHS not in chased(classroom).json()["not_finished"]
    yesterday = TODAY - timedelta(days=1)
    assert MATHS in chased(classroom, today=yesterday).json()["not_finished"]


def test_late_classes_are_distinguished_from_missing_ones(classroom: Classroom) -> None:
    filled = whole(*range(1, 10))
    classroom.send("a.xlsx", filled=filled, at=NOW + timedelta(days=11))
    classroom.collect(after=timedelta(days=12))
    report = chased(classroom, today=date(2026, 10, 28))
    assert set(report.late) == {MATHS}
    assert MATHS not in report.json()["not_returned"]
    row = report.rows[0]
    assert row.days_over == 5
    assert "was due on Friday 23 October" in row.sentence


def test_the_sentences_are_ready_to_send(classroom: Classroom) -> None:
    for row in chased(classroom).rows:
        assert row.sentence.startswith(f"Dear {row.name}, ")
        assert row.sentence.endswith(".")
        lowered = row.sentence.casefold()
        for word in ("fail", "must", "overdue", "unacceptable", "immediately"):
            assert word not in lowered


def test_an_untouched_markbook_is_still_chased(classroom: Classroom) -> None:
    classroom.send("a.xlsx", at=at(1))
    classroom.collect()
    assert MATHS in chased(classroom).json()["not_returned"]


def test_lines_name_teacher_head_and_class(classroom: Classroom) -> None:
    lines = chased(classroom).lines()
    assert lines[0].startswith("Autumn, closes Friday 23 October: 0 of 4 classes")
    (line,) = [line for line in lines if line.startswith("Ms R Abara (ABA)")]
    assert "10x/Ma1 not returned (9 pupils)" in line
