"""The starting point of one pupil's target in one subject."""

from __future__ import annotations

from udfs.errors import UnknownScore
from udfs.scales.prior_attainment import (
    StartingPoint,
    scaled_score,
    starting_point,
    summer_of_tests,
)
from udfs.scales.subjects import Subject
from udfs.tables import Tables

FIRST_SIXTH_FORM_YEAR = 12  # from this year on, Key Stage 2 is no baseline


def subject_starting_point(
    subject: Subject,
    reading: str,
    maths: str,
    year: int,
    tables: Tables,
    *,
    academic_year: str,
) -> tuple[StartingPoint | None, str]:
    """Return a pupil's starting point in a subject, and any scores that are unknown.

    Args:
        subject: The subject; one with a department's own baseline starts from both
            tests, for information.
        reading: The Key Stage 2 reading score, a code, or empty.
        maths: The Key Stage 2 mathematics score, a code, or empty.
        year: The pupil's year group, or 0 where it is unknown.
        tables: The scores of codes.
        academic_year: As `2026/27`; it dates the year group's tests.

    Returns:
        The starting point, or None without a score; then, where a code is unknown,
        `: 'PK3' not known`, else an empty text.

    >>> from udfs.tables import standard
    >>> history = standard().subject("History")
    >>> subject_starting_point(
    ...     history, "100", "PK3", 7, standard(), academic_year="2026/27"
    ... )
    (StartingPoint(halves=200, tests='reading', baseline='both'), ": 'PK3' not known")
    """
    summer = summer_of_tests(academic_year, year) if year else None
    scores: list[int | None] = []
    unknown_values = []
    for value in (reading, maths):
        try:
            scores.append(scaled_score(value, tables.substitutes, summer=summer))
        except UnknownScore:
            scores.append(None)
            unknown_values.append(repr(value))
    unknown = " and ".join(dict.fromkeys(unknown_values))
    baseline = "both" if subject.baseline == "department" else subject.baseline
    start = starting_point(scores[0], scores[1], baseline)
    return start, f": {unknown} not known" if unknown else ""
