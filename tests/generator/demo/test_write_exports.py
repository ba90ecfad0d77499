"""The synthetic school: same seed, same bytes, and like a real one."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date

import pytest

from generator.demo.name_lists import HARD_NAMES
from generator.demo.synthetic_pupils import UPN_LETTERS, check_letter
from generator.demo.synthetic_school import SyntheticSchool, make_school
from generator.demo.synthetic_staff import MOST_LESSONS
from generator.demo.write_exports import export_contents, write_exports

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def school() -> SyntheticSchool:
    return make_school(today=TODAY)


@pytest.fixture(scope="module")
def later() -> SyntheticSchool:
    return make_school(today=TODAY, later=True)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize("later", [False, True])
def test_the_same_seed_gives_the_same_bytes(later, tmp_path):
    for folder in ("first", "second"):
        write_exports(tmp_path / folder, pupils_per_year=15, today=TODAY, later=later)
    names = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert len(names) == 8
    for name in names:
        first, second = (tmp_path / f / name for f in ("first", "second"))
        assert first.read_bytes() == second.read_bytes(), name


def test_another_seed_gives_another_school():
    schools = [make_school(seed=s, pupils_per_year=15, today=TODAY) for s in (1, 2)]
    assert (
        export_contents(schools[0])["pupils.csv"]
        != export_contents(schools[1])["pupils.csv"]
    )


def test_every_upn_has_its_check_letter_and_its_owner(later):
    upns = [pupil.upn for pupil in later.pupils]
    assert len(set(upns)) == len(upns)
    for upn in upns:
        assert len(upn) == 13
        assert upn[0] == check_letter(upn[1:])
        assert upn[0] in UPN_LETTERS
        assert upn[1:4] == "999"  # no local authority: no child has it


def test_every_admission_number_is_one_pupils_and_keeps_its_zeros(later):
    adnos = [pupil.adno for pupil in later.pupils]
    assert len(set(adnos)) == len(adnos)
    assert all(len(adno) == 6 and adno.startswith("00") for adno in adnos)


def test_there_are_over_a_thousand_pupils_in_five_years(school):
    assert Counter(pupil.year for pupil in school.pupils) == {
        year: 210 for year in range(7, 12)
    }


def test_every_membership_is_of_a_known_pupil_and_class(school):
    files = export_contents(school)
    adnos = {row["Admission No."] for row in rows(files["pupils.csv"])}
    codes = {row["Class"] for row in rows(files["classes.csv"])}
    members = rows(files["class_lists.csv"])
    assert {row["Admission No."] for row in members} <= adnos
    assert {row["Class"] for row in members} == codes
    pairs = [(row["Class"], row["Admission No."]) for row in members]
    assert len(set(pairs)) == len(pairs)


def test_no_class_is_larger_than_a_room_or_empty(school):
    sizes = [len(taught.members) for taught in school.classes]
    assert min(sizes) >= 6
    assert max(sizes) <= 33
    assert sum(sizes) / len(sizes) > 20


def test_teachers_have_a_teachers_week_and_are_in_one_room_at_a_time(school):
    lessons: Counter[str] = Counter()
    blocks: dict[str, list[str]] = {}
    for taught in school.classes:
        for lead in taught.teachers[:1]:
            lessons[lead] += taught.lessons
            blocks.setdefault(lead, []).append(taught.block)
    assert max(lessons.values()) <= MOST_LESSONS + 1  # the extra maths class
    assert sum(15 <= n <= 22 for n in lessons.values()) > 0.85 * len(lessons)
    for lead, times in blocks.items():
        assert len(set(times)) == len(times), lead


def test_sets_go_by_prior_attainment(school):
    sets = [t for t in school.classes if t.code.startswith("9/Ma")]
    means = [sum(p.prior("maths") for p in t.members) / len(t.members) for t in sets]
    assert len(sets) == 8
    assert means == sorted(means, reverse=True)
    assert means[0] - means[-1] > 15


def test_the_upper_years_choose_a_sensible_set_of_subjects(school):
    subjects: dict[str, list[str]] = {}
    for taught in school.classes:
        for pupil in taught.members:
            subjects.setdefault(pupil.adno, []).append(taught.subject)
    for pupil in school.pupils:
        if pupil.year < 10:
            continue
        courses = [s for s in subjects[pupil.adno] if s != "Maths"]
        assert len(set(courses)) == len(courses), pupil.adno
        assert "English (Language and Literature)" in courses
        sciences = {"Biology", "Chemistry", "Physics"} & set(courses)
        assert ("Combined Science" in courses) is (not sciences)
        assert len(sciences) in (0, 3)
        assert {"History", "Geography"} & set(courses)
        assert 5 <= len(courses) <= 9


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [("pp", 0.24, 0.33), ("fsm6", 0.23, 0.31), ("eal", 0.14, 0.23), ("lac", 0, 0.02)],
)
def test_shares_are_near_the_national_ones(school, field, low, high):
    share = sum(getattr(pupil, field) for pupil in school.pupils) / len(school.pupils)
    assert low <= share <= high


def test_special_needs_and_ethnicities_are_near_the_national_ones(school):
    count = len(school.pupils)
    sen = Counter(pupil.sen for pupil in school.pupils)
    assert 0.10 < sen["K"] / count < 0.18
    assert 0.015 < sen["E"] / count < 0.05
    ethnicities = Counter(pupil.ethnicity for pupil in school.pupils)
    assert 0.55 < ethnicities["WBRI"] / count < 0.68
    assert len(ethnicities) > 10


def test_key_stage_2_scores_look_like_a_cohorts(school):
    scores = [p for p in school.pupils if p.reading.isdigit() and p.maths.isdigit()]
    for test in ("reading", "maths"):
        values = [int(getattr(pupil, test)) for pupil in scores]
        assert 80 <= min(values) < 88
        assert 116 < max(values) <= 120
        assert 103 < sum(values) / len(values) < 107
    apart = sum(abs(int(p.reading) - int(p.maths)) for p in scores) / len(scores)
    assert 3 < apart < 6.5  # they go together, but not all the way
    assert 3 <= sum("N" in (p.reading, p.maths) for p in school.pupils) <= 40
    missing = sum(not p.reading and not p.maths for p in school.pupils)
    assert 20 <= missing <= 110
    assert any(bool(p.reading) != bool(p.maths) for p in school.pupils)


def test_names_that_break_programs_occur(school):
    names = {(pupil.surname, pupil.forename) for pupil in school.pupils}
    for surname, forename, _ in HARD_NAMES:
        assert (surname, forename) in names


def test_a_class_has_two_pupils_of_one_name(school):
    assert any(
        count > 1
        for taught in school.classes
        for count in Counter((p.surname, p.forename) for p in taught.members).values()
    )


def test_the_special_classes_of_every_school_occur(school):
    shared = [t for t in school.classes if len(t.teachers) == 2]
    vacant = [t for t in school.classes if not t.teachers]
    mixed = [t for t in school.classes if len({p.year for p in t.members}) > 1]
    double = [t for t in school.classes if "(" in t.subject]
    assert len(shared) == 4
    assert len(vacant) == 1
    assert len(mixed) == 1
    assert double
    twice = Counter(
        (p.adno, t.subject) for t in school.classes for p in t.members
    ).most_common(1)[0]
    assert twice[1] == 2


def test_one_has_left_one_is_leaving_and_one_has_no_scores(school):
    assert sum(bool(p.left and p.left < TODAY) for p in school.pupils) == 1
    assert sum(bool(p.left and p.left > TODAY) for p in school.pupils) == 1
    joined = [p for p in school.pupils if p.admitted]
    assert len(joined) == 1
    assert not joined[0].reading


def test_later_pupils_have_come_gone_and_changed_sets(school, later):
    def lists(of):
        return {(t.code, p.adno) for t in of.classes for p in t.members}

    new = {p.adno for p in later.pupils} - {p.adno for p in school.pupils}
    left = {p.adno for p in later.pupils if p.left and p.left < TODAY}
    assert len(new) == 2
    assert len(left) == 2
    moved = {adno for _, adno in lists(school) - lists(later)}
    assert 3 <= len(moved) <= 4
    placed = {adno for _, adno in lists(later)}
    assert len(new & placed) == 1  # the other's classes are not settled yet
    assert {code for code, _ in lists(school)} == {code for code, _ in lists(later)}


def test_roles_are_held_by_people_who_work_there(school):
    staff = {teacher.code for teacher in school.staff}
    assert len(staff) == len(school.staff)
    assert {code for code, _, _ in school.roles} <= staff
    counts = Counter(role for _, role, _ in school.roles)
    assert counts["head of department"] == counts["line manager"] == 12
    assert counts["head of year"] == 5
    assert counts["tutor"] == len({pupil.reg for pupil in school.pupils})
    assert {t for taught in school.classes for t in taught.teachers} <= staff


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("years", [(7,), (11,), (9, 10), (7, 8, 9, 10, 11)])
@pytest.mark.parametrize("size", [5, 15, 60])
@pytest.mark.parametrize("today", [date(2027, 2, 28), date(2026, 9, 1)])
def test_a_small_school_may_have_any_years(size, years, later, today):
    school = make_school(pupils_per_year=size, years=years, today=today, later=later)
    assert len(school.pupils) == size * len(years) + (2 if later else 0)
    assert len({pupil.adno for pupil in school.pupils}) == len(school.pupils)
    assert len({pupil.upn for pupil in school.pupils}) == len(school.pupils)
    assert all(taught.members for taught in school.classes)
    assert export_contents(school)
