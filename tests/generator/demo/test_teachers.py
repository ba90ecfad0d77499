"""Simulated teachers give the same marks each time, on the scale but for mistakes."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest

from generator.demo.judgement import MarkingRound, TeacherJudgement
from generator.demo.mistakes import MISTAKES
from generator.demo.synthetic_school import (
    EXTRA_MATHS_SUFFIX,
    SyntheticSchool,
    make_school,
)
from generator.demo.teachers import (
    LATE,
    SubmissionPlan,
    describe_submissions,
    plan_submissions,
)
from udfs.measures.flags import flag
from udfs.measures.questions import pupil_questions
from udfs.tables import standard

TODAY = date(2026, 11, 22)
OPENS, CLOSES = date(2026, 11, 10), datetime(2026, 11, 22, 9, 30)
EARLY = datetime(2026, 11, 14, 16)
FIRST = MarkingRound(number=0, seed=2026, effort=("1", "2", "3", "4"))
NEXT = MarkingRound(number=1, seed=2026, effort=("1", "2", "3", "4"))


@pytest.fixture(scope="module")
def school() -> SyntheticSchool:
    return make_school(today=TODAY, later=True)


@pytest.fixture(scope="module")
def judgement(school) -> TeacherJudgement:
    return TeacherJudgement(school, standard())


@pytest.fixture(scope="module")
def plan(judgement) -> SubmissionPlan:
    return plan_submissions(
        judgement, NEXT, opens=OPENS, early_until=EARLY, until=CLOSES
    )


def test_a_teacher_gives_a_pupil_the_same_marks_each_time(school, judgement):
    pupil = school.pupils[100]
    marks = [judgement.marks(pupil.adno, "Maths", "5", NEXT) for _ in range(2)]
    other = TeacherJudgement(make_school(today=TODAY, later=True), standard())
    assert marks[0] == marks[1] == other.marks(pupil.adno, "Maths", "5", NEXT)


def test_every_mark_is_one_that_the_markbook_offers(school, judgement):
    codes = {code.name for code in standard().codes}
    for taught in school.classes[::9]:
        for subject in judgement.subjects(taught):
            scale = standard().scale(standard().subject(subject).scale)
            for pupil in taught.members:
                marks = judgement.marks(pupil.adno, subject, scale.grades[3], NEXT)
                for key in ("working_at", "prediction"):
                    assert marks[key] in codes | set(scale.grades)
                assert marks["effort"] in ("", *NEXT.effort)


def test_predictions_lie_round_the_target_and_work_below_the_prediction(
    school, judgement
):
    flags: Counter[str | None] = Counter()
    questions = 0
    scale = standard().scale("gcse")
    for pupil in school.pupils:
        marks = judgement.marks(pupil.adno, "Geography", "5", NEXT)
        flags[flag(marks["prediction"], "5", scale)] += 1
        questions += bool(
            pupil_questions(marks["working_at"], marks["prediction"], scale)
        )
    share = {name: count / len(school.pupils) for name, count in flags.items()}
    assert 0.3 < share["On"] < 0.6
    assert 0.12 < share["Above"] < 0.4
    assert 0.12 < share["Below"] < 0.4
    assert 0 < share["Well below"] < 0.12
    assert questions < 0.02 * len(school.pupils)


def test_one_class_is_well_behind_and_does_not_move(school, judgement):
    assert judgement.weak_class is not None and judgement.weak_class.teachers
    scale = standard().scale("gcse")
    both = [
        [
            judgement.marks(p.adno, "Maths", "5", marking)["prediction"]
            for marking in (FIRST, NEXT)
        ]
        for p in judgement.weak_class.members
    ]
    graded = [pair for pair in both if "Abs" not in pair]
    assert all(first == second for first, second in graded)
    behind = [flag(pair[1], "5", scale) in ("Below", "Well below") for pair in graded]
    assert sum(behind) > 0.7 * len(behind)


def test_every_class_is_returned_once_but_those_of_missing_teachers(school, plan):
    returned = Counter(h.class_code for h in plan.submissions)
    absent = {t.code for t in school.classes} - set(returned)
    missing = {
        t.code
        for t in school.classes
        if (t.teachers or [""])[0] in plan.missing_teachers
    }
    assert len(plan.missing_teachers) == 2
    assert absent == missing | {plan.vacant_class}
    assert {code for code, count in returned.items() if count > 1} == {
        plan.corrected_class
    }


def test_every_moment_lies_in_the_collection_and_some_are_early(plan):
    moments = [h.moment for h in plan.submissions]
    assert moments == sorted(moments)
    assert datetime(2026, 11, 10, 9) < moments[0]
    assert moments[-1] <= CLOSES
    early = sum(moment <= EARLY for moment in moments)
    assert 0.05 < early / len(moments) < 0.25


def test_each_mistake_is_in_one_class(plan):
    names = Counter(s.mistake.name for s in plan.submissions if s.mistake)
    assert names == Counter([mistake.name for mistake in MISTAKES] + ["two minds"])
    disagreement = plan.with_mistake("two minds")
    assert disagreement is not None
    assert disagreement.class_code.endswith(EXTRA_MATHS_SUFFIX)


def test_the_first_collection_has_late_returns_and_no_mistakes(school, judgement):
    late_until = datetime(2026, 11, 25, 16)
    first = plan_submissions(
        judgement,
        FIRST,
        opens=OPENS,
        early_until=EARLY,
        until=CLOSES,
        late_until=late_until,
        years=(10, 11),
    )
    years = {t.code: t.year for t in school.classes}
    assert {years[h.class_code] for h in first.submissions} == {10, 11}
    assert all(h.mistake is None for h in first.submissions)
    assert sum(CLOSES < h.moment <= late_until for h in first.submissions) == LATE


def test_the_description_names_people_and_classes(school, plan):
    names = {teacher.code: teacher.name for teacher in school.staff}
    sentences = describe_submissions(plan, names)
    assert len(sentences) == 2 + 1 + 1 + len(MISTAKES) + 1
    assert all(line.endswith(".") for line in sentences)
