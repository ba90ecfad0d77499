"""A score in the style of Progress 8: points against pupils of like prior attainment.

Pupils' scores are whole numbers (three-thousandths) until they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from udfs.errors import UnknownScore
from udfs.scales.key_stage_4_figures import ELEMENTS, TOTAL, KeyStage4Figures
from udfs.scales.prior_attainment import Substitutes, scaled_score, starting_point
from udfs.tables import Tables

# A score is (60ths / 60 - 100ths / 100) / 10: (5 x 60ths - 3 x 100ths) / 3000.
UNIT = 3000
CAVEAT = (
    "In the style of Progress 8, from predictions and against the {year} estimates; "
    "estimates move every year, and this is no published Progress 8 score."
)


def mean_scores(
    reading: pd.Series,
    maths: pd.Series,
    substitutes: Substitutes,
    *,
    tests: pd.Series | None = None,
) -> pd.Series:
    """The mean of reading and maths of every pupil, in half points.

    Where one is missing the other stands in.

    Args:
        reading: Scaled scores or codes; anything else is no score.
        maths: The same.
        substitutes: The scores that stand in for codes.
        tests: The summer of each pupil's tests, where a code's score depends on it.

    Returns:
        Whole numbers, missing where a pupil has no score.

    >>> halves(pd.Series(["100", "N"]), pd.Series(["103", ""]), {(None, "N"): 79})
    0    203
    1    158
    dtype: Int64
    """
    summers = [
        None if summer is pd.NA or summer < 0 else int(summer)
        for summer in ([-1] * len(reading) if tests is None else tests.tolist())
    ]

    def mean_score(*cells: object) -> int | None:
        reading_cell, maths_cell, summer = cells
        return _mean_score(reading_cell, maths_cell, summer, substitutes)

    scores = map_distinct(mean_score, reading.tolist(), maths.tolist(), summers)
    return pd.Series(pd.array(scores, dtype="Int64"), index=reading.index)


def summers_of_tests(academic_years: pd.Series | str, years: pd.Series) -> pd.Series:
    """The summer in which each pupil's year group sat its Key Stage 2 tests.

    Args:
        academic_years: `2026/27`, of each pupil or of all.
        years: The year group that each is in then.

    >>> summers("2026/27", pd.Series([7, 11])).tolist()
    [2026, 2022]
    """
    start_years = pd.Series(academic_years, index=years.index, dtype="str")
    return start_years.str[:4].astype("Int64") - (years.astype("Int64") - 7)


def prior_thirds(scores: pd.Series, key_stage_4: KeyStage4Figures) -> pd.Series:
    """Each pupil's prior attainment: `low`, `middle`, `high`, or empty.

    Args:
        scores: As `halves` answers.
        key_stage_4: Where the thirds of the country's pupils begin.
    """
    thirds = [key_stage_4.prior_third(None if h is pd.NA else int(h)) for h in scores]
    return pd.Series(thirds, index=scores.index, dtype="str")


def pupils_prior_thirds(
    pupils: pd.DataFrame, tables: Tables, academic_year: str
) -> pd.Series:
    """The same from the scores themselves.

    Args:
        pupils: `year`, `ks2_reading` and `ks2_maths`.
        tables: What stands for a score that is not one, and the thirds.
        academic_year: The year in which the pupils are in those year groups.
    """
    when = summers_of_tests(academic_year, pupils["year"])
    substitutes = tables.substitutes
    scores = mean_scores(
        pupils["ks2_reading"], pupils["ks2_maths"], substitutes, tests=when
    )
    return prior_thirds(scores, tables.key_stage_4)


def _mean_score(
    reading: object, maths: object, summer: int | None, substitutes: Substitutes
) -> int | None:
    scores = []
    for cell in (reading, maths):
        try:
            scores.append(scaled_score(cell, substitutes, summer=summer))
        except UnknownScore:
            scores.append(None)
    start = starting_point(scores[0], scores[1], "both")
    return start.halves if start else None


def progress8(
    pupils: pd.DataFrame, figures: KeyStage4Figures, *, year: str | None = None
) -> pd.DataFrame:
    """Every pupil's score against the estimate for like prior attainment.

    Args:
        pupils: `halves` (the mean of reading and maths in half points; missing:
            none), `points` and the elements, in sixtieths of a point, as
            `Attainment8.pupils` gives them.
        figures: The published estimates.
        year: The academic year of the estimates; the latest unless given.

    Returns:
        On the index of `pupils`: `group` (1 to 34), `estimate` (hundredths of a
        point), `score` (three-thousandths; where minima were supplied no lower than
        the group's), and `score_english` … against the estimates of the elements, the
        elements divided by 2, 2, 3 and 3 (`unit` says in what parts). All missing
        for a pupil without prior attainment.

    >>> from udfs.tables import standard
    >>> one = pd.DataFrame({"halves": [203], "points": [45 * 60]})
    >>> group, estimate, score = progress8(one, standard().key_stage_4).iloc[0]
    >>> f"group {group}: {estimate / 100:.2f}, so {decimals(score):+.2f}"
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
    """A score to two decimals, halves away from nought, as it is published.

    Args:
        score: A whole number of parts.
        parts: How many parts make one.

    >>> decimals(15), decimals(-15), decimals(14)
    (0.01, -0.01, 0.0)
    """
    hundredths = (abs(score) * 200 + parts) // (2 * parts)
    return (hundredths if score >= 0 else -hundredths) / 100
