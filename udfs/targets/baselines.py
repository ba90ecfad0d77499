"""What each pupil's target in each subject starts from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from udfs.errors import UnknownScore
from udfs.scales import prior_attainment
from udfs.scales.prior_attainment import StartingPoint, Test
from udfs.scales.subjects import Baseline, Subject
from udfs.tables import Tables
from udfs.text import tidy

SIXTH_FORM = 12  # from this year on, Key Stage 2 is no baseline


@dataclass(frozen=True, slots=True)
class Scores:
    """One pupil's Key Stage 2 as imported.

    Args:
        reading: A scaled score, a code, or empty.
        maths: The same.
        year: The pupil's year group, or 0 where it is not known.
    """

    reading: str
    maths: str
    year: int


def start_of(
    subject: Subject, scores: Scores, tables: Tables, *, academic_year: str
) -> tuple[StartingPoint | None, str]:
    """What a pupil's target in a subject starts from, and what was not understood.

    Args:
        subject: The subject; one with a baseline of the department's own starts from
            both tests, for information.
        scores: The pupil's scores.
        tables: The scores that stand in for codes.
        academic_year: As `2026/27`: it tells when the year group sat its tests.

    Returns:
        The start, or None where there is no score; then, where a code is not known,
        `: 'PK3' not known`, else an empty text.

    >>> from udfs.tables import standard
    >>> history = standard().subject("History")
    >>> start_of(history, Scores("100", "103", 7), standard(), academic_year="2026/27")
    (Start(halves=203, used='both', asked='both'), '')
    """
    summer = (
        prior_attainment.test_summer(academic_year, scores.year)
        if scores.year
        else None
    )
    found: list[int | None] = []
    unknown = []
    for value in (scores.reading, scores.maths):
        try:
            found.append(
                prior_attainment.scaled_score(value, tables.substitutes, summer=summer)
            )
        except UnknownScore:
            found.append(None)
            unknown.append(repr(value))
    wanted: Baseline = subject.baseline
    if wanted == "department":
        wanted = "both"
    said = f": {' and '.join(dict.fromkeys(unknown))} not known" if unknown else ""
    return prior_attainment.starting_point(found[0], found[1], wanted), said


def text_of(value: object) -> str:
    """A cell of the roll as plain text; empty where it is missing."""
    return "" if value is pd.NA else tidy(value)


def baselines(
    frame: pd.DataFrame,
    tables: Tables,
    *,
    academic_year: str,
    asked: Test | None = None,
) -> pd.DataFrame:
    """What every pupil's target in every subject starts from.

    Args:
        frame: One row per pupil and subject, with `ks2_reading`, `ks2_maths`, `year`
            and, where nothing is `asked`, `subject`.
        tables: What is looked up.
        academic_year: As `2026/27`.
        asked: The tests to start from; None for those that each subject asks for.

    Returns:
        On the frame's own index: `halves` (the score in half points, missing where
        there is none, and for the sixth form) and `used` (`reading`, `maths`,
        `both`, or empty).
    """
    rows = pd.DataFrame(
        {
            "subject": "" if asked else frame["subject"].astype(object),
            "reading": frame["ks2_reading"].map(text_of),
            "maths": frame["ks2_maths"].map(text_of),
            "year": pd.to_numeric(frame["year"], errors="coerce").fillna(0).astype(int),
        },
        index=frame.index,
    )
    number = rows.groupby(list(rows.columns), sort=False).ngroup()
    answers = []
    for name, reading, maths, year in rows.drop_duplicates().to_numpy().tolist():
        subject = Subject("", baseline=asked) if asked else tables.subject(name)
        start, _ = start_of(
            subject,
            Scores(reading, maths, year),
            tables,
            academic_year=academic_year,
        )
        known = start if year < SIXTH_FORM else None
        answers.append((known.halves, known.tests) if known else (None, ""))
    made = pd.DataFrame(answers, columns=pd.Index(["halves", "used"]), dtype=object)
    made = made.astype({"halves": "Int64", "used": "str"})
    return made.take(number.to_numpy()).set_axis(frame.index)
