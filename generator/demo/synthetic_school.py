"""A synthetic school: pupils, classes and staff, with the usual special cases."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from generator.demo.name_lists import HARD_NAMES
from generator.demo.synthetic_pupils import Pupil, make_pupils, make_upn
from generator.demo.synthetic_staff import (
    Teacher,
    make_roles,
    name_staff,
    staff_classes,
)
from generator.demo.synthetic_timetable import TaughtClass, make_classes

ALL_YEARS = (7, 8, 9, 10, 11)
SHARED_CLASSES = 4
EXTRA_MATHS_PUPILS = 8  # pupils in the extra maths class of the highest year
YOUNGER_PUPILS = 3  # younger pupils in the mixed-age class
SET_CHANGES = 4
EXTRA_MATHS_SUFFIX = "/MaX"  # how the code of the extra maths class ends


@dataclass(frozen=True, slots=True)
class SyntheticSchool:
    """A synthetic school at one moment.

    Args:
        today: The day of its exports.
        pupils: In order of admission number.
        classes: In order of their codes.
        staff: Teachers first, then those who do not teach.
        roles: Staff code, role and scope.
    """

    today: date
    pupils: tuple[Pupil, ...]
    classes: tuple[TaughtClass, ...]
    staff: tuple[Teacher, ...]
    roles: tuple[tuple[str, str, str], ...]


def make_school(
    *,
    seed: int = 2026,
    pupils_per_year: int = 210,
    years: Sequence[int] = ALL_YEARS,
    today: date,
    later: bool = False,
) -> SyntheticSchool:
    """Return the synthetic school of a seed.

    Args:
        seed: The seed of the school.
        pupils_per_year: The size of each year group.
        years: The years taught.
        today: The day from which dates of leaving and admission count.
        later: Whether it is half a term later; see `add_half_term_changes`.
    """
    rng = random.Random(f"markbooks demo {seed}")
    first = today.year if today.month >= 9 else today.year - 1
    pupils = make_pupils(
        rng, pupils_per_year=pupils_per_year, years=years, first_calendar_year=first
    )
    classes = make_classes(rng, pupils)
    staff = name_staff(rng, staff_classes(rng, classes), classes)
    _add_extra_maths(classes)
    _mix_ages(classes)
    _share_and_vacate(rng, classes, staff)
    _add_namesakes(classes)
    _add_movements(pupils, today)
    roles = make_roles(rng, sorted({p.reg for p in pupils}, key=_form), classes, staff)
    if later:
        add_half_term_changes(random.Random(f"later {seed}"), pupils, classes, today)
    return SyntheticSchool(
        today,
        tuple(sorted(pupils, key=lambda pupil: pupil.adno)),
        tuple(sorted(classes, key=lambda taught: (taught.year, taught.code))),
        staff,
        roles,
    )


def _form(reg: str) -> tuple[int, str]:
    return int(reg[:-1]), reg[-1]


def _add_extra_maths(classes: list[TaughtClass]) -> None:
    """Give pupils of the highest year just below grade 4 a second maths class."""
    top = max(taught.year for taught in classes)
    maths = [t for t in classes if t.year == top and t.code.startswith(f"{top}/Ma")]
    middle = maths[(2 * len(maths)) // 3]
    extra = TaughtClass(
        f"{top}{EXTRA_MATHS_SUFFIX}",
        "Maths",
        top,
        1,
        f"{top}{EXTRA_MATHS_SUFFIX}",
        middle.members[:EXTRA_MATHS_PUPILS],
    )
    extra.teachers = list(maths[-1].teachers)
    classes.append(extra)


def _mix_ages(classes: Sequence[TaughtClass]) -> None:
    """Move a few musicians into the class of the year above."""
    for upper in classes:
        if upper.subject != "Music":
            continue
        for lower in classes:
            if lower.subject == "Music" and lower.year == upper.year - 1:
                moved = lower.members[:YOUNGER_PUPILS]
                del lower.members[:YOUNGER_PUPILS]
                upper.members += moved
                return


def _share_and_vacate(
    rng: random.Random, classes: Sequence[TaughtClass], staff: Sequence[Teacher]
) -> None:
    """Give some classes two teachers, and one maths set none."""
    vacant = rng.choice([t for t in classes if t.subject == "Maths" and t.lessons > 1])
    vacant.teachers = []
    shared = [taught for taught in classes if taught is not vacant]
    for taught in rng.sample(shared, SHARED_CLASSES):
        lead = taught.teachers[0]
        team = next(t.team for t in staff if t.code == lead)
        partners = [t.code for t in staff if t.team == team and t.code != lead]
        partners += [t.code for t in staff if not t.lessons]
        taught.teachers.append(partners[rng.randrange(min(3, len(partners)))])


def _add_namesakes(classes: Sequence[TaughtClass]) -> None:
    """Give two pupils of a class the same name."""
    members = classes[len(classes) // 3].members
    hard_surnames = {surname for surname, _, _ in HARD_NAMES}
    plain = [p for p in members if p.surname not in hard_surnames]
    if len(plain) > 1:
        first, second = plain[:2]
        second.surname, second.forename = first.surname, first.forename
        second.sex = first.sex


def _add_movements(pupils: Sequence[Pupil], today: date) -> None:
    """Let one pupil have left, one leave soon, and one be new without scores."""
    step = len(pupils) // 5
    pupils[step].left = today - timedelta(days=75)
    pupils[2 * step].left = today + timedelta(days=30)
    joiner = pupils[3 * step]
    joiner.admitted = today - timedelta(days=70)
    joiner.reading = joiner.maths = ""
    joiner.cat4 = joiner.cat4_verbal = None


def add_half_term_changes(
    rng: random.Random,
    pupils: list[Pupil],
    classes: Sequence[TaughtClass],
    today: date,
) -> None:
    """Add the changes of half a term.

    One pupil leaves; a few change sets; one gets Key Stage 2 scores; one joins with
    classes, and one joins whose classes are not in the MIS yet.
    """
    staying = [pupil for pupil in pupils if pupil.left is None]
    moving = rng.sample(staying, min(len(staying), SET_CHANGES + 1))
    moving[0].left = today - timedelta(days=20)
    for number, pupil in enumerate(moving[1:]):
        _change_set(pupil, classes, "Ma" if number % 2 else "En")
    late = next((p for p in staying if p.cat4 and not p.reading and not p.maths), None)
    if late is not None:
        late.reading, late.maths = "98", "101"
    joined = (
        _joiner(rng, pupils, today, 1, ("Nguyễn", "Thị Lan", "F"), pupils[-1].year),
        _joiner(rng, pupils, today, 2, ("O'Neill", "Cormac", "M"), pupils[0].year),
    )
    like = next(p for p in reversed(staying) if p.year == joined[0].year)
    joined[0].reg = like.reg
    for taught in classes:
        if like in taught.members:
            taught.members.append(joined[0])
    pupils += joined


def _change_set(pupil: Pupil, classes: Sequence[TaughtClass], short: str) -> None:
    stem = f"{pupil.year}/{short}"
    sets = [t for t in classes if t.code.startswith(stem) and t.code[-1].isdigit()]
    for place, taught in enumerate(sets):
        if pupil in taught.members and len(sets) > 1:
            taught.members.remove(pupil)
            sets[place - 1 if place else 1].members.append(pupil)
            return


def _joiner(
    rng: random.Random,
    pupils: Sequence[Pupil],
    today: date,
    number: int,
    name: tuple[str, str, str],
    year: int,
) -> Pupil:
    like = rng.choice([pupil for pupil in pupils if pupil.year == year])
    newest = max(int(pupil.adno) for pupil in pupils)
    surname, forename, sex = name
    return Pupil(
        adno=f"{newest + 3 + number:06d}",
        # A primary school that no other pupil comes from.
        upn=make_upn("9001", int(like.upn[8:10]), number),
        surname=surname,
        forename=forename,
        sex=sex,
        born=like.born,
        year=year,
        talent=0.0,
        effort=0.5,
        reg=like.reg,
        ethnicity="OOTH",
        admitted=today - timedelta(days=14),
    )
