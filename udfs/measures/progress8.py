"""Scores in the style of Progress 8: points against similar prior attainment.

Pupils' scores are whole three-thousandths until they are displayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from udfs.errors import UnknownScore
from udfs.scales.key_stage_4_figures import ELEMENTS, TOTAL, KeyStage4Figures
from udfs.scales.prior_attainment import Substitutes, scaled_score, starting_point
from udfs.tables import Tables
from udfs.text import map_distinct

# A score is (60ths / 60 - 100ths / 100) / 10: (5 x 60ths - 3 x 100ths) / 3000.
UNIT = 3000
CANCELLED = (2020, 2021)  # summers without Key Stage 2 tests
UNPUBLISHED = ("2024/25", "2025/26")  # pupils without Key Stage 2 tests
CAVEAT = (
    "In the style of Progress 8, from predictions and against {whose}; those of this "
    "year cannot exist before its results. Estimates move every year, the Department "
    "for Education published none for 2024/25 and 2025/26, and this is no published "
    "Progress 8 score."
)


def whose_estimates(year: str) -> str:
    """Return whose estimates those of an academic year are, in words.

    >>> whose_estimates("2023/24"), whose_estimates("2024/25")
    ("the Department for Education's 2023/24 estimates", 'own estimates for 2024/25')
    """
    if year in UNPUBLISHED:
        return f"own estimates for {year}"
    return f"the Department for Education's {year} estimates"


def caveat(year: str) -> str:
    """Return what to know about a score in the style of Progress 8.

    Args:
        year: The academic year of the estimates.
    """
    return CAVEAT.format(whose=whose_estimates(year))


def mean_scores(
    reading: pd.Series,
    maths: pd.Series,
    substitutes: Substitutes,
    *,
    tests: pd.Series | None = None,
) -> pd.Series:
    """Return the mean of every pupil's reading and maths, in half points.

    Where one is missing, the other replaces it.

    Args:
        reading: Scaled scores or codes; anything else is no score.
        maths: Scaled scores or codes.
        substitutes: The scores of codes.
        tests: The summer of each pupil's tests, where a code's score depends on it.

    Returns:
        Whole numbers, missing where a pupil has no score.

    >>> substitutes = {(None, "N"): 79}
    >>> mean_scores(pd.Series(["100", "N"]), pd.Series(["103", ""]), substitutes)
    0    203
    1    158
    dtype: Int64
    """
    summers = [
        None if summer is pd.NA or summer < 0 else int(summer)
        for summer in ([-1] * len(reading) if tests is None else tests.tolist())
    ]

    def mean_score(*cells: object) -> int | None:
        scores = [_score(cell, substitutes, cells[-1]) for cell in cells[:2]]
        start = starting_point(scores[0], scores[1], "both")
        return start.halves if start else None

    scores = map_distinct(mean_score, reading.tolist(), maths.tolist(), summers)
    return pd.Series(pd.array(scores, dtype="Int64"), index=reading.index)


def summers_of_tests(academic_years: pd.Series | str, years: pd.Series) -> pd.Series:
    """Return the summer of each pupil's Key Stage 2 tests.

    Args:
        academic_years: `2026/27`, of each pupil or of all.
        years: Each pupil's year group in that academic year.

    >>> summers_of_tests("2026/27", pd.Series([7, 11])).tolist()
    [2026, 2022]
    """
    start_years = pd.Series(academic_years, index=years.index, dtype="str")
    return start_years.str[:4].astype("Int64") - (years.astype("Int64") - 7)


def had_no_tests(academic_year: str, year: int) -> bool:
    """Return whether a year group's Key Stage 2 tests were cancelled (2020, 2021).

    >>> had_no_tests("2024/25", 11), had_no_tests("2026/27", 11)
    (True, False)
    """
    return int(academic_year[:4]) - (year - 7) in CANCELLED


def prior_thirds(scores: pd.Series, key_stage_4: KeyStage4Figures) -> pd.Series:
    """Return each pupil's prior attainment: `low`, `middle`, `high`, or empty.

    Args:
        scores: From `mean_scores`.
        key_stage_4: The national thirds.
    """
    thirds = [key_stage_4.prior_third(None if h is pd.NA else int(h)) for h in scores]
    return pd.Series(thirds, index=scores.index, dtype="str")


def pupils_prior_thirds(
    pupils: pd.DataFrame, tables: Tables, academic_year: str
) -> pd.Series:
    """Return each pupil's prior attainment from the imported scores.

    Args:
        pupils: `year`, `ks2_reading` and `ks2_maths`.
        tables: The scores of codes, and the national thirds.
        academic_year: The academic year of the year groups.
    """
    when = summers_of_tests(academic_year, pupils["year"])
    substitutes = tables.substitutes
    scores = mean_scores(
        pupils["ks2_reading"], pupils["ks2_maths"], substitutes, tests=when
    )
    return prior_thirds(scores, tables.key_stage_4)


def _score(cell: object, substitutes: Substitutes, summer: Any) -> int | None:
    try:
        return scaled_score(cell, substitutes, summer=summer)
    except UnknownScore:
        return None


def progress8(
    pupils: pd.DataFrame, figures: KeyStage4Figures, *, year: str | None = None
) -> pd.DataFrame:
    """Return every pupil's score against the estimate for similar prior attainment.

    Args:
        pupils: `halves` (the mean of reading and maths in half points, or missing),
            `points` and the elements, in sixtieths of a point, as in
            `Attainment8Result.pupils`.
        figures: The national estimates.
        year: The academic year of the estimates; None for the latest.

    Returns:
        On the index of `pupils`: `group` (1 to 34), `estimate` (hundredths of a
        point), `score` (three-thousandths; with minima no lower than the group's),
        and `score_english` … against the estimates of the elements, divided by 2, 2,
        3 and 3 (in parts of 600, 600, 900 and 900). All missing for a pupil without
        prior attainment.

    >>> from udfs.tables import standard
    >>> pupils = pd.DataFrame({"halves": [203], "points": [45 * 60]})
    >>> group, estimate, score = progress8(pupils, standard().key_stage_4).iloc[0]
    >>> f"group {group}: {estimate / 100:.2f}, so {score_decimals(score):+.2f}"
    'group 16: 38.94, so +0.61'
    """
    estimates = figures.estimates[year] if year else figures.latest
    groups = [
        None if pd.isna(half) else estimates.group(int(half))
        for half in pupils["halves"]
    ]
    columns = pd.DataFrame(
        {"group": pd.array(groups, dtype="Int64")}, index=pupils.index
    )
    place = columns["group"].fillna(1).astype("int64").to_numpy() - 1
    for name, column in {
        TOTAL: "points",
        **{element: element for element in ELEMENTS},
    }.items():
        if column not in pupils:
            continue
        estimate = np.array(estimates.points[name])[place]
        above = 5 * pupils[column].astype("Int64") - 3 * estimate
        in_group = columns["group"].notna()
        if name == TOTAL:
            columns["estimate"] = pd.Series(estimate, pupils.index).astype("Int64")
            columns["estimate"] = columns["estimate"].where(in_group)
            columns["score"] = _apply_minima(
                above, columns["group"], figures.minima
            ).where(in_group)
        else:
            columns[f"score_{name}"] = above.where(in_group)
    return columns


def _apply_minima(
    scores: pd.Series, groups: pd.Series, minima: Mapping[int, int]
) -> pd.Series:
    if not minima:
        return scores
    lowest = groups.map({group: 30 * low for group, low in minima.items()})
    return scores.where(~(scores < lowest).fillna(False), lowest.astype("Int64"))


def score_decimals(score: int, parts: int = UNIT) -> float:
    """Return a score to two decimals, halves away from zero, as it is published.

    Args:
        score: A whole number of parts.
        parts: The number of parts in one.

    >>> score_decimals(15), score_decimals(-15), score_decimals(14)
    (0.01, -0.01, 0.0)
    """
    hundredths = (abs(score) * 200 + parts) // (2 * parts)
    return (hundredths if score >= 0 else -hundredths) / 100
