"""Draft the target of one pupil in one subject, or say why there is none."""

from __future__ import annotations

from typing import NamedTuple

from udfs.errors import UnknownScale
from udfs.scales.prior_attainment import StartingPoint, Test
from udfs.scales.subjects import Subject
from udfs.scales.transition_matrix import NationalTarget, ScoreBands, TransitionMatrix
from udfs.tables import Tables
from udfs.targets.baselines import subject_starting_point
from udfs.targets.methods import (
    DRAFT_METHODS,
    DraftCase,
    DraftGrades,
    DraftMethod,
    PupilEvidence,
    draft_from_department,
    national_targets,
    within_bounds,
)

NOT_MODERATED = "draft, not moderated"
PROVISIONAL = "provisional: no department baseline"
DEPARTMENT_BASELINE = "department baseline"


class Draft(NamedTuple):
    """A draft target, or the reason why there is none.

    Args:
        expected: The expected target, or None.
        aspirational: The aspirational target, or None.
        status: `draft`, `provisional` or empty.
        method: The method used, or empty.
        baseline: The tests or the indicator that the target starts from.
        score: The score it starts from, for display.
        pupils_behind_it: The number of pupils in the figures; None without any.
        provenance: Where the target comes from, in words.
        reason: Why it has this status, or why there is no target.
    """

    expected: str | None
    aspirational: str | None
    status: str
    method: str
    baseline: str
    score: str
    pupils_behind_it: int | None
    provenance: str
    reason: str


def draft_target(
    tables: Tables, method: DraftMethod, pupil: PupilEvidence, academic_year: str
) -> Draft:
    """Draft one pupil's target in one subject.

    Args:
        tables: Subjects, scales and national figures.
        method: The drafting method of the subject.
        pupil: The pupil's evidence.
        academic_year: As `2026/27`; it dates the pupil's Key Stage 2 tests.
    """
    case = _case(tables, method, pupil, academic_year)
    if isinstance(case, str):
        return _no_draft(case)
    subject = case.subject
    needs_department = (
        subject.practical
        or subject.baseline == "department"
        or method.name == "department"
    )
    missing = ""
    if needs_department and pupil.department_grade:
        grades = draft_from_department(case)
        if not isinstance(grades, str):
            return _finish(case, grades, "department", "draft", DEPARTMENT_BASELINE)
        missing = f"; {grades}"
    drafted = DRAFT_METHODS[method.name](case)
    if isinstance(drafted, str):
        if method.name == "department":
            drafted = f"no department baseline; {drafted}"
        return _no_draft(drafted + missing)
    method_name = "transition" if method.name == "department" else method.name
    if needs_department:
        return _finish(case, drafted, method_name, "provisional", PROVISIONAL + missing)
    return _finish(case, drafted, method_name, "draft", NOT_MODERATED)


def _case(
    tables: Tables, method: DraftMethod, pupil: PupilEvidence, academic_year: str
) -> DraftCase | str:
    """Collect what the methods need, or return the reason for no draft."""
    subject = tables.subject(pupil.subject)
    if not subject.recognised:
        return f"unknown subject {subject.name}"
    needs_score = method.name not in ("imported", "department")
    if needs_score and not pupil.department_grade:
        if reason := _no_baseline(subject):
            return reason
    figures = _figures(tables, method, subject)
    scale = tables.scales.get(subject.scale)
    if scale is None:
        return figures if isinstance(figures, str) else f"unknown scale {subject.scale}"
    start, unknown_scores = subject_starting_point(
        subject,
        pupil.reading,
        pupil.maths,
        pupil.year,
        tables,
        academic_year=academic_year,
    )
    return DraftCase(pupil, subject, scale, method, figures, start, unknown_scores)


def _no_baseline(subject: Subject) -> str:
    if subject.baseline not in ("none", "gcse"):
        return ""
    which = "no baseline" if subject.baseline == "none" else "no GCSE average"
    return f"{which} for {subject.name}"


def _figures(
    tables: Tables, method: DraftMethod, subject: Subject
) -> TransitionMatrix | str:
    """Return the subject's national figures, or the reason for none."""
    if missing := _no_baseline(subject):
        return missing
    if not subject.national:
        return f"no national table for {subject.name}"
    try:
        scale = tables.scale(subject.scale)
    except UnknownScale:
        return f"unknown scale {subject.scale} for {subject.name}"
    figures = tables.transition_matrix(subject.national, method.years)
    if figures is None:
        return f"no national table for {subject.name}"
    if not figures.fits(scale):
        return f"the national table for {subject.name} is not on {scale.title}"
    return figures


def _no_draft(reason: str) -> Draft:
    return Draft(None, None, "", "", "", "", None, "", reason)


def _finish(
    case: DraftCase, grades: DraftGrades, method: str, status: str, reason: str
) -> Draft:
    """Apply floor and cap, and describe the draft."""
    grades = within_bounds(case, grades)
    targets = national_targets(case, grades.expected, grades.aspirational)
    from_ks2 = case.start is not None and grades.baseline == case.start.tests
    if case.start is not None and from_ks2 and case.start.is_substitute:
        reason += f"; {_substitute_text(case.start)}"
    pupils = grades.pupils
    if method == "transition" and targets:
        pupils = targets[0].share.pupils
    provenance = _provenance(case, grades, targets, nationally=method != "transition")
    return Draft(
        expected=grades.expected,
        aspirational=grades.aspirational,
        status=status,
        method=method,
        baseline=grades.baseline,
        score=grades.score,
        pupils_behind_it=pupils,
        provenance=provenance + (case.unknown_scores if from_ks2 else ""),
        reason=reason,
    )


def _provenance(
    case: DraftCase,
    grades: DraftGrades,
    targets: tuple[NationalTarget, ...],
    *,
    nationally: bool,
) -> str:
    parts = list(grades.provenance)
    start, figures = case.start, case.figures
    if start is not None and not isinstance(figures, str):
        prefix = "nationally " if nationally else ""
        parts.append(prefix + _shares_text(targets, figures.bands))
        if start.is_substitute and grades.baseline == start.tests:
            parts.append(_substitute_text(start))
        if start.tests != "both":
            parts.append("an approximation: the bands are of the mean of both tests")
    return "; ".join(parts)


def _shares_text(targets: tuple[NationalTarget, ...], bands: ScoreBands) -> str:
    """Say how many similar pupils reached each target; equal targets once."""
    sentences = (
        f"{target.share.percent} of {target.share.pupils:,} pupils in "
        f"{bands.label(target.share.first, target.share.last)} reached {target.whole}"
        for target in targets
    )
    return "; ".join(dict.fromkeys(sentences))


def _substitute_text(start: StartingPoint) -> str:
    missing: Test = "maths" if start.tests == "reading" else "reading"
    return f"no {missing} score, {start.tests} stands in"
