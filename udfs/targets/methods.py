"""The ways of drawing a target, each a function of one pupil in one subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

from udfs.errors import UnknownGrade
from udfs.scales.prior_attainment import StartingPoint
from udfs.scales.scale import POINT, Scale
from udfs.scales.subjects import Subject
from udfs.scales.transition_matrix import Target, Transition
from udfs.targets.anchor import GRADE, SCORE, Line
from udfs.targets.baselines import SIXTH_FORM
from udfs.targets.imported_grades import grade_of
from udfs.targets.previous_year import LastYear

MethodName = Literal["transition", "anchor", "previous", "imported", "department"]
METHODS: tuple[MethodName, ...] = (
    "transition",
    "anchor",
    "previous",
    "imported",
    "department",
)
NO_SCORES = "no KS2 scores"


@dataclass(frozen=True, slots=True)
class Method:
    """How targets are drawn in one subject, or in all that say nothing else.

    Args:
        name: The method.
        expected: The ambition of the expected target, in hundredths.
        aspirational: The ambition of the aspirational target, in hundredths.
        challenge: Steps up from both, where national figures or a line draw them.
        fine: Whether thirds of a grade are drawn on scales that have them.
        years: The academic years of national figures counted together; None: all.
        stretch: Whole grades from expected to aspirational, where the method gives
            one target only.
        floor: The lowest target, a grade of the subject's scale, or empty.
        cap: The highest target, likewise.
        line: For `anchor`: the subject's line.
        shifts: For `anchor`: year group -> how far the score that stands for grade
            5 is moved, in half points.
        last_year: For `previous`: last year's targets in the subject.
        indicator: For `imported`: the name of the indicator the target is in.
    """

    name: MethodName = "transition"
    expected: int = 60
    aspirational: int = 80
    challenge: int = 0
    fine: bool = True
    years: tuple[str, ...] | None = None
    stretch: int = 1
    floor: str = ""
    cap: str = ""
    line: Line | None = None
    shifts: Mapping[int, Fraction] = field(default_factory=dict)
    last_year: LastYear | None = None
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One pupil in one subject, with everything that a method may look at.

    Args:
        subject: The subject.
        scale: Its scale.
        method: How its targets are drawn.
        figures: Its national figures, or the reason why there are none to draw from.
        start: What the target starts from, or None.
        unknown: What was not understood of the scores: `: 'PK3' not known`, or empty.
        year: The pupil's year group, 0 where it is not known.
        imported: The indicator's value for the expected target, or empty.
        imported_high: The same for the aspirational target.
        given: The baseline grade the department gave, or empty.
        gcse: The average of GCSE results, or empty.
    """

    subject: Subject
    scale: Scale
    method: Method
    figures: Transition | str
    start: StartingPoint | None
    unknown: str
    year: int
    imported: str = ""
    imported_high: str = ""
    given: str = ""
    gcse: str = ""


class Drawn(NamedTuple):
    """What a method answers.

    Args:
        expected: A grade of the subject's scale.
        aspirational: Another, no lower.
        baseline: What the score is of.
        score: What it started from, as it is shown.
        pupils: How many pupils stand behind it; None: those who reached it.
        told: Where it came from, in words, each part for itself.
    """

    expected: str
    aspirational: str
    baseline: str
    score: str
    pupils: int | None
    told: tuple[str, ...]


def transition(case: Case) -> Drawn | str:
    """The highest grade that enough similar pupils nationally reached (rule 3)."""
    if isinstance(case.figures, str):
        return case.figures
    if case.year >= SIXTH_FORM:
        return "no GCSE average: the sixth form does not start from KS2"
    if case.start is None:
        return f"{NO_SCORES}{case.unknown}"
    method, start = case.method, case.start
    grade, high = (
        case.figures.target(
            start.halves,
            case.scale,
            ambition=ambition,
            challenge=method.challenge,
            fine=method.fine,
        ).grade
        for ambition in (method.expected, method.aspirational)
    )
    told = (
        f"{case.figures.subject}, {' and '.join(case.figures.years)}",
        f"{tests_of(start)} {start.text}",
    )
    return Drawn(grade, high, start.tests, start.text, None, told)


def anchor(case: Case) -> Drawn | str:
    """The grade on the line through scaled score 100 and grade 5."""
    line, start, scale = case.method.line, case.start, case.scale
    if case.year >= SIXTH_FORM:
        return "no GCSE average: the sixth form does not start from KS2"
    if any(step.points != step.level for step in scale.steps):
        return f"no line to grade 5 on {scale.title}"
    if line is None:
        return f"no line for {case.subject.name}"
    if start is None:
        return f"{NO_SCORES}{case.unknown}"
    shift = case.method.shifts.get(case.year, Fraction(0))
    level = line.level(start.halves, shift)
    grade = scale.nearest(level, fine=case.method.fine)
    if case.method.fine and scale.has_thirds:
        grade = scale.step_up(grade, case.method.challenge)
    else:
        grade = scale.step_up_whole(grade, case.method.challenge)
    stands = float((SCORE + shift) / 2)
    told = (
        f"a line through score {stands:.4g} and grade {GRADE // POINT}, "
        f"{line.rise} grades a point ({line.source}, {line.pupils:,} pupils)",
        f"{tests_of(start)} {start.text} comes out at {float(level) / POINT:.1f}",
    )
    high = scale.above(grade, case.method.stretch)
    return Drawn(grade, high, start.tests, start.text, line.pupils, told)


def previous(case: Case) -> Drawn | str:
    """What pupils with the same baseline had as target last year."""
    before, start = case.method.last_year, case.start
    if before is None:
        return f"no targets of last year in {case.subject.name}"
    if start is None or case.year >= SIXTH_FORM:
        return f"{NO_SCORES}{case.unknown}"
    found = before.of(start.halves)
    if found is None:
        return f"no pupil of last year near {start.text} in {case.subject.name}"
    grade, high = (
        case.scale.nearest(mean.level, fine=case.method.fine) for mean in found
    )
    told = (
        f"the targets of {before.year}",
        f"{tests_of(start)} {start.text}",
        f"{found[0].pupils:,} {'pupil' if found[0].pupils == 1 else 'pupils'} around "
        "it had "
        f"{float(found[0].level) / POINT:.1f} on average",
    )
    return Drawn(grade, high, start.tests, start.text, found[0].pupils, told)


def imported(case: Case) -> Drawn | str:
    """The target that another source gave: FFT, MidYIS, CAT4's own indicators."""
    name = case.method.indicator
    if not case.imported:
        return f"no {name}" if name else f"no indicator for {case.subject.name}"
    fine = case.method.fine
    try:
        grade = grade_of(case.imported, case.scale, fine=fine)
        high = grade_of(case.imported_high, case.scale, fine=fine)
    except UnknownGrade as error:
        return f"{name}: {error.what.rstrip('.')}"
    assert grade is not None  # it is not blank
    high = high or case.scale.above(grade, case.method.stretch)
    told = [f"{name} {case.imported}"]
    if case.gcse:
        told.append(f"GCSE average {case.gcse}")
        return Drawn(grade, high, "gcse", case.gcse, None, tuple(told))
    return Drawn(grade, high, name, case.imported, None, tuple(told))


def department(case: Case) -> Drawn | str:
    """The baseline grade that the department itself gave; KS2 is information."""
    try:
        grade = grade_of(case.given, case.scale, fine=case.method.fine)
    except UnknownGrade as error:
        return f"department baseline: {error.what.rstrip('.')}"
    if grade is None:
        return "no department baseline"
    told = [f"department baseline {case.given}"]
    if case.gcse:
        told.append(f"GCSE average {case.gcse}")
    elif case.start is not None:
        told.append(f"for information: {tests_of(case.start)} {case.start.text}")
    high = case.scale.above(grade, case.method.stretch)
    return Drawn(grade, high, "department", case.given, None, tuple(told))


DRAWING: Mapping[MethodName, Callable[[Case], Drawn | str]] = {
    "transition": transition,
    "anchor": anchor,
    "previous": previous,
    "imported": imported,
    # Until the department has given its baseline: a provisional draft.
    "department": transition,
}


def tests_of(start: StartingPoint) -> str:
    """The tests a start is of, in words.

    >>> tests_of(Start(203, "both", "both"))
    'reading and maths'
    """
    return "reading and maths" if start.tests == "both" else start.tests


def reached(case: Case, *grades: str) -> tuple[Target, ...]:
    """How many similar pupils nationally reached each grade; none where not known."""
    if isinstance(case.figures, str) or case.start is None:
        return ()
    found = []
    for grade in grades:
        whole = case.scale.whole(grade)
        share = case.figures.share(case.start.halves, whole)
        found.append(Target(grade, whole, share))
    return tuple(found)


def within(case: Case, drawn: Drawn) -> Drawn:
    """The same between the floor and the cap; aspirational is never the lower one."""
    told = list(drawn.told)
    scale, method = case.scale, case.method
    grades = []
    for name in ("expected", "aspirational"):
        grade: str = getattr(drawn, name)
        if method.cap and _level(scale, grade) > _level(scale, method.cap):
            told.append(f"{name} {grade} held at the cap {method.cap}")
            grade = scale.highest_within(_level(scale, method.cap))
        if method.floor and _level(scale, grade) < _level(scale, method.floor):
            told.append(f"{name} {grade} raised to the floor {method.floor}")
            grade = scale.lowest_reaching(_level(scale, method.floor))
        grades.append(grade)
    if _level(scale, grades[1]) < _level(scale, grades[0]):
        grades[1] = grades[0]
    return drawn._replace(expected=grades[0], aspirational=grades[1], told=tuple(told))


def _level(scale: Scale, grade: str) -> int:
    return scale.level(grade, fine=True)
