"""A score in the style of Progress 8: points against pupils of like prior attainment.

Pupils' scores are whole numbers (three-thousandths) until they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from udfs.errors import UnknownScore
from udfs.scales.key_stage_4_figures import ELEMENTS, TOTAL, KeyStage4
from udfs.scales.prior_attainment import Substitutes, scaled_score, starting_point
from udfs.tables import Tables

# A score is (60ths / 60 - 100ths / 100) / 10: (5 x 60ths - 3 x 100ths) / 3000.
UNIT = 3000
DIVISORS: Mapping[str, int] = {"english": 2, "maths": 2, "ebacc": 3, "open": 3}
CAVEAT = (
    "In the style of Progress 8, from predictions and against the {year} estimates; "
    "estimates move every year, and this is no published Progress 8 score."
)


def halves(
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
    summer = pd.Series(-1, reading.index) if tests is None else tests
    asked = pd.DataFrame({"reading": reading, "maths": maths, "tests": summer})
    each = asked.drop_duplicates()
    answers = [
        _halves(
            one, other, None if when is pd.NA or when < 0 else int(when), substitutes
        )
        for one, other, when in zip(
            each["reading"], each["maths"], each["tests"], strict=True
        )
    ]
    found = each.assign(halves=pd.array(answers, dtype="Int64"))
    merged = asked.merge(found, how="left", on=["reading", "maths", "tests"])
    return pd.Series(merged["halves"].array, index=reading.index, dtype="Int64")


def summers(academic_years: pd.Series | str, years: pd.Series) -> pd.Series:
    """The summer in which each pupil's year group sat its Key Stage 2 tests.

    Args:
        academic_years: `2026/27`, of each pupil or of all.
        years: The year group that each is in then.

    >>> summers("2026/27", pd.Series([7, 11])).tolist()
    [2026, 2022]
    """
    of = pd.Series(academic_years, index=years.index, dtype="str")
    return of.str[:4].astype("Int64") - (years.astype("Int64") - 7)


def thirds(scores: pd.Series, key_stage_4: KeyStage4) -> pd.Series:
    """Each pupil's prior attainment: `low`, `middle`, `high`, or empty.

    Args:
        scores: As `halves` answers.
        key_stage_4: Where the thirds of the country's pupils begin.
    """
    found = [key_stage_4.third(None if h is pd.NA else int(h)) for h in scores]
    return pd.Series(found, index=scores.index, dtype="str")


def priors(pupils: pd.DataFrame, tables: Tables, academic_year: str) -> pd.Series:
    """The same from the scores themselves.

    Args:
        pupils: `year`, `ks2_reading` and `ks2_maths`.
        tables: What stands for a score that is not one, and the thirds.
        academic_year: The year in which the pupils are in those year groups.
    """
    when = summers(academic_year, pupils["year"])
    substitutes = tables.substitutes
    scores = halves(pupils["ks2_reading"], pupils["ks2_maths"], substitutes, tests=when)
    return thirds(scores, tables.key_stage_4)


def _halves(
    reading: object, maths: object, summer: int | None, substitutes: Substitutes
) -> int | None:
    scores = []
    for cell in (reading, maths):
        try:
            scores.append(scaled_score(cell, substitutes, summer=summer))
        except UnknownScore:
            scores.append(None)
    found = starting_point(scores[0], scores[1], "both")
    return found.halves if found else None


def progress8(
    pupils: pd.DataFrame, figures: KeyStage4, *, year: str | None = None
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
    made = pd.DataFrame({"group": pd.array(groups, dtype="Int64")}, index=pupils.index)
    place = made["group"].fillna(1).astype("int64").to_numpy() - 1
    for name, column in {TOTAL: "points", **{one: one for one in ELEMENTS}}.items():
        if column not in pupils:
            continue
        estimate = np.array(estimates.points[name])[place]
        above = 5 * pupils[column].astype("Int64") - 3 * estimate
        known = made["group"].notna()
        if name == TOTAL:
            made["estimate"] = pd.Series(estimate, pupils.index).astype("Int64")
            made["estimate"] = made["estimate"].where(known)
            made["score"] = _at_least(above, made["group"], figures.minima).where(known)
        else:
            made[f"score_{name}"] = above.where(known)
    return made


def _at_least(
    scores: pd.Series, groups: pd.Series, minima: Mapping[int, int]
) -> pd.Series:
    if not minima:
        return scores
    lowest = groups.map({group: 30 * low for group, low in minima.items()})
    return scores.where(~(scores < lowest).fillna(False), lowest.astype("Int64"))


def decimals(score: int, parts: int = UNIT) -> float:
    """A score to two decimals, halves away from nought, as it is published.

    Args:
        score: A whole number of parts.
        parts: How many parts make one.

    >>> decimals(15), decimals(-15), decimals(14)
    (0.01, -0.01, 0.0)
    """
    hundredths = (abs(score) * 200 + parts) // (2 * parts)
    return (hundredths if score >= 0 else -hundredths) / 100


def unit(element: str) -> int:
    """In what parts an element's score is given: 600 for English.

    >>> unit("english"), unit("open")
    (600, 900)
    """
    return 300 * DIVISORS[element]
