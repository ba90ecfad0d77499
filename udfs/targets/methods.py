"""The drafting methods: each drafts the target of one pupil in one subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

from udfs.errors import UnknownGrade
from udfs.scales.prior_attainment import StartingPoint
from udfs.scales.scale import POINT, Scale
from udfs.scales.subjects import Subject
from udfs.scales.transition_matrix import NationalTarget, TransitionMatrix
from udfs.targets.anchor import ANCHOR_GRADE, ANCHOR_SCORE, GradeLine
from udfs.targets.baselines import FIRST_SIXTH_FORM_YEAR
from udfs.targets.imported_grades import imported_grade
from udfs.targets.previous_year import PreviousTargets

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
class DraftMethod:
    """The drafting method of one subject, or of all subjects without their own.

    Args:
        name: The method's name.
        expected: The ambition of the expected target, in hundredths.
        aspirational: The ambition of the aspirational target, in hundredths.
        challenge: Steps added to both, for national figures and the line.
        fine: Whether to draft thirds of a grade on scales that have them.
        years: The academic years of national figures to pool; None pools all.
        stretch: Whole grades from expected to aspirational, where the method gives one
            target only.
        floor: The lowest target, a grade of the subject's scale, or empty.
        cap: The highest target, a grade of the subject's scale, or empty.
        line: For `anchor`: the subject's line.
        shifts: For `anchor`: year group -> how far the score of grade 5 is moved, in
            half points.
        previous_targets: For `previous`: last year's targets in the subject.
        indicator: For `imported`: the name of the indicator.
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
    line: GradeLine | None = None
    shifts: Mapping[int, Fraction] = field(default_factory=dict)
    previous_targets: PreviousTargets | None = None
    indicator: str = ""


class PupilEvidence(NamedTuple):
    """All that a draft depends on; empty texts where nothing is known.

    Args:
        subject: The subject's name.
        reading: The Key Stage 2 reading score or code.
        maths: The Key Stage 2 mathematics score or code.
        year: The pupil's year group, or 0.
        imported: The indicator's value for the expected target.
        imported_high: The indicator's value for the aspirational target.
        department_grade: The department's own baseline grade.
        gcse_average: The average of GCSE results.
    """

    subject: str
    reading: str
    maths: str
    year: int
    imported: str
    imported_high: str
    department_grade: str
    gcse_average: str


@dataclass(frozen=True, slots=True)
class DraftCase:
    """One pupil in one subject, with everything that a method may use.

    Args:
        pupil: The pupil's evidence.
        subject: The subject.
        scale: Its scale.
        method: Its drafting method.
        figures: Its national figures, or the reason for having none.
        start: The starting point, or None.
        unknown_scores: The scores that are unknown: `: 'PK3' not known`, or empty.
    """

    pupil: PupilEvidence
    subject: Subject
    scale: Scale
    method: DraftMethod
    figures: TransitionMatrix | str
    start: StartingPoint | None
    unknown_scores: str


class DraftGrades(NamedTuple):
    """The result of a method.

    Args:
        expected: A grade of the subject's scale.
        aspirational: A grade of the scale, no lower.
        baseline: The tests or the indicator of the score.
        score: The score it starts from, for display.
        pupils: The number of pupils in the figures; None for those who reached it.
        provenance: Where the draft comes from, in words, part by part.
    """

    expected: str
    aspirational: str
    baseline: str
    score: str
    pupils: int | None
    provenance: tuple[str, ...]


def draft_from_transition(case: DraftCase) -> DraftGrades | str:
    """Draft the highest grade that enough similar pupils reached (rule 3)."""
    if isinstance(case.figures, str):
        return case.figures
    if case.pupil.year >= FIRST_SIXTH_FORM_YEAR:
        return "no GCSE average: the sixth form does not start from KS2"
    if case.start is None:
        return f"{NO_SCORES}{case.unknown_scores}"
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
    provenance = (
        f"{case.figures.subject}, {' and '.join(case.figures.years)}",
        f"{tests_text(start)} {start.text}",
    )
    return DraftGrades(grade, high, start.tests, start.text, None, provenance)


def draft_from_anchor(case: DraftCase) -> DraftGrades | str:
    """Draft the grade on the line through scaled score 100 and grade 5."""
    line, start, scale = case.method.line, case.start, case.scale
    if case.pupil.year >= FIRST_SIXTH_FORM_YEAR:
        return "no GCSE average: the sixth form does not start from KS2"
    if any(step.points != step.level for step in scale.steps):
        return f"no line to grade 5 on {scale.title}"
    if line is None:
        return f"no line for {case.subject.name}"
    if start is None:
        return f"{NO_SCORES}{case.unknown_scores}"
    shift = case.method.shifts.get(case.pupil.year, Fraction(0))
    level = line.level(start.halves, shift)
    grade = scale.nearest(level, fine=case.method.fine)
    if case.method.fine and scale.has_thirds:
        grade = scale.step_up(grade, case.method.challenge)
    else:
        grade = scale.step_up_whole(grade, case.method.challenge)
    anchor_score = float((ANCHOR_SCORE + shift) / 2)
    provenance = (
        f"a line through score {anchor_score:.4g} and grade {ANCHOR_GRADE // POINT}, "
        f"{line.rise_text} grades a point ({line.source}, {line.pupils:,} pupils)",
        f"{tests_text(start)} {start.text} comes out at {float(level) / POINT:.1f}",
    )
    high = scale.above(grade, case.method.stretch)
    return DraftGrades(grade, high, start.tests, start.text, line.pupils, provenance)


def draft_from_previous(case: DraftCase) -> DraftGrades | str:
    """Draft the mean target that pupils with the same baseline had last year."""
    targets, start = case.method.previous_targets, case.start
    if targets is None:
        return f"no targets of last year in {case.subject.name}"
    if start is None or case.pupil.year >= FIRST_SIXTH_FORM_YEAR:
        return f"{NO_SCORES}{case.unknown_scores}"
    means = targets.near(start.halves)
    if means is None:
        return f"no pupil of last year near {start.text} in {case.subject.name}"
    grade, high = (
        case.scale.nearest(mean.level, fine=case.method.fine) for mean in means
    )
    provenance = (
        f"the targets of {targets.year}",
        f"{tests_text(start)} {start.text}",
        f"{means[0].pupils:,} {'pupil' if means[0].pupils == 1 else 'pupils'} around "
        "it had "
        f"{float(means[0].level) / POINT:.1f} on average",
    )
    return DraftGrades(
        grade, high, start.tests, start.text, means[0].pupils, provenance
    )


def draft_from_import(case: DraftCase) -> DraftGrades | str:
    """Draft the target of another source: FFT, MidYIS, CAT4's own indicators."""
    name = case.method.indicator
    if not case.pupil.imported:
        return f"no {name}" if name else f"no indicator for {case.subject.name}"
    fine = case.method.fine
    try:
        grade = imported_grade(case.pupil.imported, case.scale, fine=fine)
        high = imported_grade(case.pupil.imported_high, case.scale, fine=fine)
    except UnknownGrade as error:
        return f"{name}: {error.what.rstrip('.')}"
    assert grade is not None  # it is not blank
    high = high or case.scale.above(grade, case.method.stretch)
    provenance = [f"{name} {case.pupil.imported}"]
    if case.pupil.gcse_average:
        provenance.append(f"GCSE average {case.pupil.gcse_average}")
        return DraftGrades(
            grade, high, "gcse", case.pupil.gcse_average, None, tuple(provenance)
        )
    return DraftGrades(grade, high, name, case.pupil.imported, None, tuple(provenance))


def draft_from_department(case: DraftCase) -> DraftGrades | str:
    """Draft the department's own baseline grade; Key Stage 2 is information."""
    try:
        grade = imported_grade(
            case.pupil.department_grade, case.scale, fine=case.method.fine
        )
    except UnknownGrade as error:
        return f"department baseline: {error.what.rstrip('.')}"
    if grade is None:
        return "no department baseline"
    provenance = [f"department baseline {case.pupil.department_grade}"]
    if case.pupil.gcse_average:
        provenance.append(f"GCSE average {case.pupil.gcse_average}")
    elif case.start is not None:
        provenance.append(
            f"for information: {tests_text(case.start)} {case.start.text}"
        )
    high = case.scale.above(grade, case.method.stretch)
    return DraftGrades(
        grade, high, "department", case.pupil.department_grade, None, tuple(provenance)
    )


DRAFT_METHODS: Mapping[MethodName, Callable[[DraftCase], DraftGrades | str]] = {
    "transition": draft_from_transition,
    "anchor": draft_from_anchor,
    "previous": draft_from_previous,
    "imported": draft_from_import,
    # Until the department has given its baseline: a provisional draft.
    "department": draft_from_transition,
}


def tests_text(start: StartingPoint) -> str:
    """Name the tests of a starting point.

    >>> tests_text(StartingPoint(203, "both", "both"))
    'reading and maths'
    """
    return "reading and maths" if start.tests == "both" else start.tests


def national_targets(case: DraftCase, *grades: str) -> tuple[NationalTarget, ...]:
    """Return each grade's share of similar pupils nationally; empty where unknown."""
    if isinstance(case.figures, str) or case.start is None:
        return ()
    targets = []
    for grade in grades:
        whole = case.scale.whole(grade)
        share = case.figures.share(case.start.halves, whole)
        targets.append(NationalTarget(grade, whole, share))
    return tuple(targets)


def within_bounds(case: DraftCase, draft: DraftGrades) -> DraftGrades:
    """Apply floor and cap; the aspirational grade is never the lower one."""
    provenance = list(draft.provenance)
    scale, method = case.scale, case.method
    grades = []
    for name in ("expected", "aspirational"):
        grade: str = getattr(draft, name)
        if method.cap and _level(scale, grade) > _level(scale, method.cap):
            provenance.append(f"{name} {grade} held at the cap {method.cap}")
            grade = scale.highest_within(_level(scale, method.cap))
        if method.floor and _level(scale, grade) < _level(scale, method.floor):
            provenance.append(f"{name} {grade} raised to the floor {method.floor}")
            grade = scale.lowest_reaching(_level(scale, method.floor))
        grades.append(grade)
    if _level(scale, grades[1]) < _level(scale, grades[0]):
        grades[1] = grades[0]
    return draft._replace(
        expected=grades[0], aspirational=grades[1], provenance=tuple(provenance)
    )


def _level(scale: Scale, grade: str) -> int:
    return scale.level(grade, fine=True)
