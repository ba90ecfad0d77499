"""Points against similar pupils nationally: by subject, class and teacher."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from udfs.scales.scale import POINT
from udfs.statistics.inference import (
    FEW,
    Z95,
    between_group_deviation,
    control_false_discoveries,
    directions,
    p_values,
    shrinkage_factors,
)
from udfs.tables import Tables
from udfs.targets.totals import national_expectation

UNIT = 100 * POINT  # hundredths of a sixtieth: a national mean is no whole sixtieth
# Of pupils within a class and of true class means, in points, where a school has too
# few classes to show them: from the national transitions, and assumed.
DEFAULT_WITHIN, DEFAULT_BETWEEN = 1.45, 0.4


def expected_points(
    subjects: pd.Series,
    halves: pd.Series,
    tables: Tables,
    *,
    years: tuple[str, ...] | None = None,
) -> pd.Series:
    """The mean points of similar pupils nationally, for every pupil and subject.

    Similar means the same band of the mean of reading and maths, in the published
    transitions of the subject: as published, for every subject, English too.

    Args:
        subjects: The subject of each row.
        halves: The mean of reading and maths in half points; missing: none.
        tables: Subjects and national figures.
        years: The academic years counted together; None counts all there are.

    Returns:
        In `UNIT` parts of a point, to the nearest; missing where there is no score
        or no national table.
    """
    scores = [None if score is pd.NA else score for score in halves.astype("Int64")]

    def expected(subject: object, score: int | None) -> int | None:
        return _expected_points(str(subject), score, tables, years)

    points = map_distinct(expected, subjects.tolist(), scores)
    return pd.Series(pd.array(points, dtype="Int64"), index=subjects.index)


def _expected_points(
    name: str, halves: int | None, tables: Tables, years: tuple[str, ...] | None
) -> int | None:
    if halves is None:
        return None
    subject = tables.subject(name)
    figures = (
        tables.transition_matrix(subject.national, years) if subject.national else None
    )
    if figures is None:
        return None
    scale = tables.scale(figures.scale)
    points = national_expectation(figures, halves, scale).points
    return math.floor(points * (UNIT // POINT) * 2 + 1) // 2


def compare_groups(
    residuals: pd.DataFrame, by: Sequence[str], *, z: float = Z95
) -> pd.DataFrame:
    """Classes (or teachers, subjects) side by side, with what chance does to each.

    Args:
        residuals: One row per pupil with `residual` (points less expected, in `UNIT`
            parts; missing: not compared) and the columns of `by`.
        by: What is compared.
        z: How many standard errors the interval reaches each way.

    Returns:
        One row per class: the columns of `by`; `n`; `mean`, `low`, `high` in points
        (with the spread of pupils within all classes together: of one class it is
        too uncertain); `shrunk`, the mean drawn towards that of all by as much as a
        class of that size says little; `likely`, how often chance alone brings so
        much; `side` (above, below, not different); and `stands_out`: at least
        eleven pupils, the interval leaves nought out, and pointed out among all the
        classes compared.
    """
    present = residuals.loc[residuals["residual"].notna()]
    keys = [present[name] for name in by]
    whole = present["residual"].astype("int64")
    parts = pd.DataFrame({"n": 1, "total": whole, "squares": whole * whole})
    sums = parts.groupby(keys, sort=True).sum()
    n = sums["n"].to_numpy(dtype="float64")
    means = sums["total"].to_numpy() / n / UNIT
    deviation = within_group_deviation(sums, UNIT, DEFAULT_WITHIN)
    tau = between_group_deviation(means, n, deviation)
    if tau is None or len(sums) < FEW:
        tau = DEFAULT_BETWEEN
    middle = sums["total"].sum() / max(sums["n"].sum(), 1) / UNIT
    error = deviation / np.sqrt(n)
    p = p_values(means / error)
    groups = pd.DataFrame({"n": sums["n"], "mean": means}, index=sums.index)
    groups["low"], groups["high"] = means - z * error, means + z * error
    groups["shrunk"] = middle + (means - middle) * shrinkage_factors(n, deviation, tau)
    groups["likely"] = p
    groups["side"] = directions(groups["low"], groups["high"])
    enough = n >= FEW
    # Where few are compared, one may be pointed out whose interval takes in nought.
    excludes_zero = enough & (groups["low"].gt(0) | groups["high"].lt(0)).to_numpy()
    groups["stands_out"] = (
        control_false_discoveries(np.where(enough, p, np.nan)) & excludes_zero
    )
    return groups.reset_index()


def stand_out_twice(
    now: pd.DataFrame, before: pd.DataFrame | None, by: Sequence[str]
) -> pd.Series:
    """Which classes are worth a look: they stand out, and did so the time before.

    Args:
        now: From `compared`.
        before: The same of an earlier collection, or None where there is none: then
            this one alone decides.
        by: What tells one class from another in both.

    Returns:
        True or false, on the index of `now`. A class that is new is not pointed out
        until it has stood out twice, on the same side.
    """
    if before is None:
        return now["stands_out"]
    earlier = before.loc[before["stands_out"], [*by, "side"]]
    matched = now[[*by, "side"]].merge(
        earlier.assign(twice=True), "left", [*by, "side"]
    )
    return now["stands_out"] & matched["twice"].notna().to_numpy()
