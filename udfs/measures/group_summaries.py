"""Counts above, on and below target, and mean gaps with intervals, by group.

Sums are whole sixtieths of a grade until a single division at the end, so the order
of pupils never matters and the sums of parts equal the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from udfs.measures.flags import ABOVE, BELOW, FLAGS
from udfs.scales.scale import POINT
from udfs.statistics.inference import FEW, control_false_discoveries
from udfs.statistics.student import t_p_values, t_quantiles

COUNTS = ("above", "on", "below", "well_below")


def count_flags(pupils: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count pupils above, on, below and well below target, by group.

    Args:
        pupils: One row per pupil (or pupil and subject) with `flag` (`Above`, `On`,
            `Below`, `Well below`; None, NaN or empty without data).
        by: The columns to group by; none gives a single row.

    Returns:
        One row per group, in the order of the values of `by`: `pupils`, `with_data`,
        the four counts, `no_data` and `on_or_above`, the share (0-1) of those with
        data, NaN where nobody has any.

    >>> count_flags(pd.DataFrame({"flag": ["On", "Below", None]})).to_dict("records")
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'pupils': 3, 'with_data': 2, 'above': 0, 'on': 1, 'below': 1, 'well_below': 0,
      'no_data': 1, 'on_or_above': 0.5}]
    """
    flags = pupils["flag"]
    counts = {
        name: flags.eq(flag).fillna(False).astype("int64")
        for name, flag in zip(COUNTS, FLAGS, strict=True)
    }
    sums = _grouped(pd.DataFrame(counts | {"pupils": 1}), pupils, by)
    sums["with_data"] = sums[list(COUNTS)].sum(axis=1)
    sums["no_data"] = sums["pupils"] - sums["with_data"]
    on_or_above = (sums["above"] + sums["on"]).astype("float64")
    sums["on_or_above"] = on_or_above / sums["with_data"].where(sums["with_data"] > 0)
    order = ["pupils", "with_data", *COUNTS, "no_data", "on_or_above"]
    return sums[[*by, *order]]


def mean_by_group(
    pupils: pd.DataFrame, column: str, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the mean of a column with its 95% interval, by group.

    Args:
        pupils: One row per pupil; `column` in sixtieths of a grade, missing without
            data (which never counts as zero).
        column: The column to average: a gap to target, a movement, points.
        by: The columns to group by; none gives a single row.

    Returns:
        One row per group: `n`, `total` (sixtieths), `mean`, `low` and `high` (whole
        grades; mean ± t x sd / √n with the sample's own sd and Student's t) and
        `freedom` (n - 1). NaN: `mean` where n is 0, the interval where n is under 2.
        `few` is true where n is under 11.

    >>> pupils = pd.DataFrame({"gap": [60, -60, 0, None]})
    >>> mean_by_group(pupils, "gap").drop(columns="freedom").round(2).to_dict("records")
    [{'n': 3, 'total': 0, 'mean': 0.0, 'low': -2.48, 'high': 2.48, 'few': True}]
    """
    values = pd.to_numeric(pupils[column], errors="raise")
    present = values.notna()
    whole = values.fillna(0).astype("int64")
    parts = pd.DataFrame(
        {"n": present.astype("int64"), "total": whole, "squares": whole * whole}
    )
    sums = _grouped(parts, pupils, by)
    n, total = sums["n"], sums["total"]
    sums["mean"] = total / (n.where(n > 0) * POINT)
    several = n.where(n > 1)
    variance = (n * sums["squares"] - total * total) / (several * (several - 1))
    sums["freedom"] = (several - 1).astype("float64")
    error = np.sqrt(variance / several) / POINT
    reach = t_quantiles(sums["freedom"].to_numpy()) * error
    sums["low"], sums["high"] = sums["mean"] - reach, sums["mean"] + reach
    sums["few"] = n < FEW
    return sums[[*by, "n", "total", "mean", "low", "high", "freedom", "few"]]


class MeanInterval(NamedTuple):
    """A mean with its count, 95% interval and standard deviation."""

    n: int
    mean: float
    low: float
    high: float
    deviation: float
    few: bool


def mean_interval(values: Sequence[int]) -> MeanInterval:
    """Return the mean of one list as `mean_by_group` does; faster for many small lists.

    Args:
        values: Sixtieths of a grade.

    >>> mean_interval([60, -60, 0])[:2], round(mean_interval([60, -60, 0]).low, 2)
    ((3, 0.0), -2.48)
    """
    n, total = len(values), sum(values)
    mean = total / (n * POINT) if n else math.nan
    variance = math.nan
    if n > 1:
        squares = sum(value * value for value in values)
        variance = (n * squares - total * total) / (n * (n - 1))
    reach = math.nan
    if n > 1:
        reach = float(t_quantiles([n - 1])[0]) * math.sqrt(variance / n) / POINT
    deviation = math.sqrt(variance) / POINT
    return MeanInterval(n, mean, mean - reach, mean + reach, deviation, n < FEW)


def beyond_chance(means: pd.DataFrame) -> pd.Series:
    """Return the side of zero on which each mean is beyond chance.

    The 95% interval must exclude zero, and the comparison must hold among all rows
    (Benjamini and Hochberg): of sixty classes, three intervals exclude zero by chance
    alone.

    Args:
        means: `mean`, `low`, `high` (the 95% interval), `freedom` (the degrees of
            freedom of its Student's t) and `few`, as from `mean_by_group`: a row for
            each class, for example.

    Returns:
        `Above`, `Below` or empty; empty for fewer than 11 pupils.

    >>> classes = pd.DataFrame({"class": ["a"] * 12 + ["b"] * 12,
    ...                         "gap": [-60, -120] * 6 + [-60, 60] * 6})
    >>> beyond_chance(mean_by_group(classes, "gap", ["class"])).tolist()
    ['Below', '']
    """
    mean, low, high, freedom = (
        means[name].to_numpy(dtype="float64")
        for name in ("mean", "low", "high", "freedom")
    )
    out = ~means["few"].to_numpy(dtype=bool) & ((low > 0) | (high < 0))
    compared = ~means["few"].to_numpy(dtype=bool) & ~np.isnan(low)
    error = (high - mean) / t_quantiles(freedom)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, mean / error, np.where(mean == 0, 0.0, np.inf))
    likely = t_p_values(np.where(compared, t, 0.0), np.where(compared, freedom, 1))
    holds = out & control_false_discoveries(np.where(compared, likely, np.nan))
    sides = np.where(mean > 0, ABOVE, BELOW)
    return pd.Series(np.where(holds, sides, ""), index=means.index, dtype="str")


def _grouped(
    parts: pd.DataFrame, pupils: pd.DataFrame, by: Sequence[str]
) -> pd.DataFrame:
    if not by:
        return parts.sum().to_frame().T.astype("int64")
    keys = [pupils[name].reset_index(drop=True) for name in by]
    sums = parts.reset_index(drop=True).groupby(keys, sort=True, dropna=False).sum()
    return sums.reset_index()
