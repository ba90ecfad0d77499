"""Points against similar pupils nationally: by subject, class and teacher."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from udfs.scales.scale import POINT
from udfs.statistics.inference import (
    FEW,
    between_group_deviation,
    control_false_discoveries,
    directions,
    shrinkage_factors,
    within_group_deviation,
)
from udfs.statistics.student import t_p_values, t_quantiles
from udfs.tables import Tables
from udfs.targets.totals import national_expectation
from udfs.text import map_distinct

UNIT = 100 * POINT  # hundredths of a sixtieth: national means are finer than sixtieths
# Standard deviations within classes and of true class means, in points, for a school
# with too few classes: from the national transitions, and assumed.
DEFAULT_WITHIN, DEFAULT_BETWEEN = 1.45, 0.4


def expected_points(
    subjects: pd.Series,
    halves: pd.Series,
    tables: Tables,
    *,
    years: tuple[str, ...] | None = None,
) -> pd.Series:
    """Return the mean points of similar pupils nationally, for every row.

    Similar pupils are in the same band of the mean of reading and maths, in the
    published transition matrix of the subject: as published, in English too.

    Args:
        subjects: The subject of each row.
        halves: The mean of reading and maths in half points, or missing.
        tables: Subjects and national figures.
        years: The academic years to pool; None pools all.

    Returns:
        In `UNIT` parts of a point, to the nearest; missing where there is no score or
        no national table.
    """
    scores = [None if pd.isna(score) else int(score) for score in halves]

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


def compare_groups(residuals: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Compare classes (or teachers, subjects), with an interval for each.

    Args:
        residuals: One row per pupil with `residual` (points less expected, in `UNIT`
            parts; missing: not compared) and the columns of `by`.
        by: The columns that identify a group.

    Returns:
        One row per group: the columns of `by`; `n`; `mean`, `low`, `high` in points
        (with the pooled deviation within all groups: one group's own is too
        uncertain) and `freedom`, that deviation's degrees of freedom; `shrunk`, the
        mean shrunk towards the overall mean, more for smaller groups; `likely`, the
        p value; `side` (above, below, not different); and `stands_out`: at least
        eleven pupils, an interval that excludes zero, and significant among all
        groups.
    """
    present = residuals.loc[residuals["residual"].notna()]
    keys = [present[name] for name in by]
    whole = present["residual"].astype("int64")
    parts = pd.DataFrame({"n": 1, "total": whole, "squares": whole * whole})
    sums = parts.groupby(keys, sort=True).sum()
    n = sums["n"].to_numpy(dtype="float64")
    means = sums["total"].to_numpy() / n / UNIT
    deviation, freedom = within_group_deviation(sums, UNIT, DEFAULT_WITHIN)
    tau = between_group_deviation(means, n, deviation)
    if tau is None or len(sums) < FEW:
        tau = DEFAULT_BETWEEN
    middle = sums["total"].sum() / max(sums["n"].sum(), 1) / UNIT
    error = deviation / np.sqrt(n)
    free = np.full(len(sums), freedom)
    p = t_p_values(means / error, free)
    reach = t_quantiles(free) * error
    groups = pd.DataFrame({"n": sums["n"], "mean": means}, index=sums.index)
    groups["low"], groups["high"] = means - reach, means + reach
    groups["freedom"] = free
    groups["shrunk"] = middle + (means - middle) * shrinkage_factors(n, deviation, tau)
    groups["likely"] = p
    groups["side"] = directions(groups["low"], groups["high"])
    large_enough = n >= FEW
    # With few comparisons, one may be significant whose interval includes zero.
    excludes_zero = (
        large_enough & (groups["low"].gt(0) | groups["high"].lt(0)).to_numpy()
    )
    groups["stands_out"] = (
        control_false_discoveries(np.where(large_enough, p, np.nan)) & excludes_zero
    )
    return groups.reset_index()


def stand_out_twice(
    now: pd.DataFrame, before: pd.DataFrame | None, by: Sequence[str]
) -> pd.Series:
    """Return the groups that stand out now and did so before.

    Args:
        now: From `compare_groups`.
        before: The same of an earlier collection; None to use `now` alone.
        by: The columns that identify a group in both.

    Returns:
        True or false, on the index of `now`. A new group must stand out twice, on the
        same side.
    """
    if before is None:
        return now["stands_out"]
    earlier = before.loc[before["stands_out"], [*by, "side"]]
    matched = now[[*by, "side"]].merge(
        earlier.assign(twice=True), "left", [*by, "side"]
    )
    return now["stands_out"] & matched["twice"].notna().to_numpy()
