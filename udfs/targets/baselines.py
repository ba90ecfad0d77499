"""The starting point of one pupil's target in one subject."""

from __future__ import annotations

from dataclasses import dataclass

from udfs.errors import UnknownScore
from udfs.scales.prior_attainment import (
    StartingPoint,
    scaled_score,
    starting_point,
    summer_of_tests,
)
from udfs.scales.subjects import Baseline, Subject
from udfs.tables import Tables

FIRST_SIXTH_FORM_YEAR = 12  # from this year on, Key Stage 2 is no baseline


@dataclass(frozen=True, slots=True)
class KeyStage2Scores:
    """One pupil's Key Stage 2 scores as imported.

    Args:
        reading: A scaled score, a code, or empty.
        maths: A scaled score, a code, or empty.
        year: The pupil's year group, or 0 where it is unknown.
    """

    reading: str
    maths: str
    year: int


def subject_starting_point(
    subject: Subject, scores: KeyStage2Scores, tables: Tables, *, academic_year: str
) -> tuple[StartingPoint | None, str]:
    """Return a pupil's starting point in a subject, and any scores that are unknown.

    Args:
        subject: The subject; one with a department's own baseline starts from both
            tests, for information.
        scores: The pupil's scores.
        tables: The scores of codes.
        academic_year: As `2026/27`; it dates the year group's tests.

    Returns:
        The starting point, or None without a score; then, where a code is unknown,
        `: 'PK3' not known`, else an empty text.

    >>> from udfs.tables import standard
    >>> scores, tables = KeyStage2Scores("100", "PK3", 7), standard()
    >>> subject_starting_point(
    ...     tables.subject("History"), scores, tables, academic_year="2026/27"
    ... )
    (StartingPoint(halves=200, tests='reading', wanted='both'), ": 'PK3' not known")
    """
    summer = summer_of_tests(academic_year, scores.year) if scores.year else None
    scaled_scores: list[int | None] = []
    unknown_values = []
    for value in (scores.reading, scores.maths):
        try:
            scaled_scores.append(scaled_score(value, tables.substitutes, summer=summer))
        except UnknownScore:
            scaled_scores.append(None)
            unknown_values.append(repr(value))
    baseline: Baseline = subject.baseline
    if baseline == "department":
        baseline = "both"
    unknown_text = (
        f": {' and '.join(dict.fromkeys(unknown_values))} not known"
        if unknown_values
        else ""
    )
    return starting_point(scaled_scores[0], scaled_scores[1], baseline), unknown_text
