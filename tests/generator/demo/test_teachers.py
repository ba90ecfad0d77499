"""Simulated teachers: the same each time, and on the scale unless they slip."""

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
def judge(school) -> TeacherJudgement:
    return TeacherJudgement(school, standard())


def planned(
    school: SyntheticSchool, judge: TeacherJudgement, asked: MarkingRound
) -> SubmissionPlan:
    return plan_submissions(
        school, judge, asked, opens=OPENS, early_until=EARLY, until=CLOSES
    )


@pytest.fixture(scope="module")
def this(school, judge) -> SubmissionPlan:
    return planned(school, judge, NEXT)


def test_a_teacher_says_the_same_of_a_pupil_each_time_they_are_asked(school, judge):
    pupil = school.pupils[100]
    said = [judge.marks(pupil.adno, "Maths", "5", NEXT) for _ in range(2)]
    again = TeacherJudgement(make_school(today=TODAY, later=True), standard())
    assert said[0] == said[1] == again.marks(pupil.adno, "Maths", "5", NEXT)


def test_every_mark_is_one_that_the_markbook_offers(school, judge):
    codes = {code.name for code in standard().codes}
    for taught in school.classes[::9]:
        for subject in judge.subjects(taught):
            scale = standard().scale(standard().subject(subject).scale)
            for pupil in taught.members:
                marks = judge.marks(pupil.adno, subject, scale.grades[3], NEXT)
                for key in ("working_at", "prediction"):
                    assert marks[key] in codes | set(scale.grades)
                assert marks["effort"] in ("", *NEXT.effort)


def test_predictions_lie_round_the_target_and_work_below_the_prediction(school, judge):
    flags: Counter[str | None] = Counter()
    asked = 0
    scale = standard().scale("gcse")
    for pupil in school.pupils:
        marks = judge.marks(pupil.adno, "Geography", "5", NEXT)
        flags[flag(marks["prediction"], "5", scale)] += 1
        asked += bool(pupil_questions(marks["working_at"], marks["prediction"], scale))
    share = {name: count / len(school.pupils) for name, count in flags.items()}
    assert 0.3 < share["On"] < 0.6
    assert 0.12 < share["Above"] < 0.4
    assert 0.12 < share["Below"] < 0.4
    assert 0 < share["Well below"] < 0.12
    assert asked < 0.02 * len(school.pupils)


def test_one_class_is_well_behind_and_does_not_move(school, judge):
    assert judge.weak is not None and judge.weak.teachers
    scale = standard().scale("gcse")
    both = [
        [
            judge.marks(p.adno, "Maths", "5", asked)["prediction"]
            for asked in (FIRST, NEXT)
        ]
        for p in judge.weak.members
    ]
    graded = [pair for pair in both if "Abs" not in pair]
    assert all(first == second for first, second in graded)
    behind = [flag(pair[1], "5", scale) in ("Below", "Well below") for pair in graded]
    assert sum(behind) > 0.7 * len(behind)


def test_everybody_returns_once_but_those_who_never_do(school, this):
    returned = Counter(h.class_code for h in this.hand_ins)
    absent = {t.code for t in school.classes} - set(returned)
    never = {t.code for t in school.classes if (t.teachers or [""])[0] in this.never}
    assert len(this.never) == 2
    assert absent == never | {this.vacant}
    assert {code for code, count in returned.items() if count > 1} == {this.twice}


def test_every_moment_lies_in_the_collection_and_some_are_early(this):
    moments = [h.moment for h in this.hand_ins]
    assert moments == sorted(moments)
    assert datetime(2026, 11, 10, 9) < moments[0]
    assert moments[-1] <= CLOSES
    early = sum(moment <= EARLY for moment in moments)
    assert 0.05 < early / len(moments) < 0.25


def test_each_mishap_befalls_one_class(this):
    met = Counter(h.deed.name for h in this.hand_ins if h.deed)
    assert met == Counter([deed.name for deed in MISTAKES] + ["two minds"])
    two_minds = this.with_deed("two minds")
    assert two_minds is not None and two_minds.class_code.endswith(EXTRA_MATHS_SUFFIX)


def test_the_first_collection_has_the_late_and_no_mishaps(school, judge):
    late_until = datetime(2026, 11, 25, 16)
    first = plan_submissions(
        school,
        judge,
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


def test_the_story_names_people_and_classes(school, this):
    said = describe_submissions(this, {one.code: one.name for one in school.staff})
    assert len(said) == 2 + 1 + 1 + len(MISTAKES) + 1
    assert all(line.endswith(".") for line in said)
