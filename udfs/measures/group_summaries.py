"""How many are above, on and below target, and how far, with what chance does to it.

All arithmetic is on whole numbers (sixtieths of a grade) until one division at the
end, so the order of pupils never matters and sums of parts equal the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from udfs.statistics.inference import likelihoods, point_out

UNIT = 60  # sixtieths in a whole grade or point
FLAGS = ("Above", "On", "Below", "Well below")
COUNTS = ("above", "on", "below", "well_below")
Z95 = 1.96
FEW = 11  # IDSR and DfE practice: fewer than this is too few to conclude
TOO_FEW = "too few to conclude"


def by_flag(pupils: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count pupils above, on, below and well below target, by anything.

    Args:
        pupils: One row per pupil (or pupil and subject) with `flag` (`Above`, `On`,
            `Below`, `Well below`; None, NaN or empty where there is no data).
        by: The columns to count by; none gives a single row for everybody.

    Returns:
        One row per group, in the order of the values of `by`: `pupils`,
        `with_data`, the four counts, `no_data` and `on_or_above`, the share (0-1)
        of those with data, NaN where nobody has.

    >>> by_flag(pd.DataFrame({"flag": ["On", "Below", None]})).to_dict("records")
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'pupils': 3, 'with_data': 2, 'above': 0, 'on': 1, 'below': 1, 'well_below': 0,
      'no_data': 1, 'on_or_above': 0.5}]
    """
    flags = pupils["flag"]
    made = {
        name: flags.eq(flag).fillna(False).astype("int64")
        for name, flag in zip(COUNTS, FLAGS, strict=True)
    }
    sums = _grouped(pd.DataFrame(made | {"pupils": 1}), pupils, by)
    sums["with_data"] = sums[list(COUNTS)].sum(axis=1)
    sums["no_data"] = sums["pupils"] - sums["with_data"]
    reached = (sums["above"] + sums["on"]).astype("float64")
    sums["on_or_above"] = reached / sums["with_data"].where(sums["with_data"] > 0)
    order = ["pupils", "with_data", *COUNTS, "no_data", "on_or_above"]
    return sums[[*by, *order]]


def spread(
    pupils: pd.DataFrame, column: str, by: Sequence[str] = (), *, z: float = Z95
) -> pd.DataFrame:
    """The mean of a column with its interval, by anything.

    Args:
        pupils: One row per pupil; `column` in sixtieths of a grade, missing where
            there is no data (which is never counted as nought).
        column: What to average: a gap to target, a movement, points.
        by: The columns to group by; none gives a single row for everybody.
        z: How many standard errors the interval reaches each way: 1.96 holds 95 in
            100.

    Returns:
        One row per group: `n`, `total` (sixtieths), `mean`, `low` and `high` (whole
        grades; mean ± z x sd / √n with the sample's own sd). NaN: `mean` where n is
        0, the interval where n is under 2. `few` is true where n is under 11.

    >>> pupils = pd.DataFrame({"gap": [60, -60, 0, None]})
    >>> spread(pupils, "gap").round(2).to_dict("records")
    [{'n': 3, 'total': 0, 'mean': 0.0, 'low': -1.13, 'high': 1.13, 'few': True}]
    """
    values = pd.to_numeric(pupils[column], errors="raise")
    there = values.notna()
    whole = values.fillna(0).astype("int64")
    parts = pd.DataFrame(
        {"n": there.astype("int64"), "total": whole, "squares": whole * whole}
    )
    sums = _grouped(parts, pupils, by)
    n, total = sums["n"], sums["total"]
    sums["mean"] = total / (n.where(n > 0) * UNIT)
    several = n.where(n > 1)
    variance = (n * sums["squares"] - total * total) / (several * (several - 1))
    reach = z * np.sqrt(variance / several) / UNIT
    sums["low"], sums["high"] = sums["mean"] - reach, sums["mean"] + reach
    sums["few"] = n < FEW
    return sums[[*by, "n", "total", "mean", "low", "high", "few"]]


class Spread(NamedTuple):
    """How many, their mean with its interval, and their standard deviation."""

    n: int
    mean: float
    low: float
    high: float
    deviation: float
    few: bool


def spread_of(values: Sequence[int], *, z: float = Z95) -> Spread:
    """The same as `spread`, of one list: for many small ones, where frames are slow.

    Args:
        values: Sixtieths of a grade, of those who have one.
        z: How many standard errors the interval reaches each way.

    >>> spread_of([60, -60, 0])[:2], round(spread_of([60, -60, 0]).low, 2)
    ((3, 0.0), -1.13)
    """
    n, total = len(values), sum(values)
    mean = total / (n * UNIT) if n else math.nan
    variance = math.nan
    if n > 1:
        squares = sum(value * value for value in values)
        variance = (n * squares - total * total) / (n * (n - 1))
    reach = z * math.sqrt(variance / n) / UNIT if n > 1 else math.nan
    deviation = math.sqrt(variance) / UNIT
    return Spread(n, mean, mean - reach, mean + reach, deviation, n < FEW)


def beyond_chance(means: pd.DataFrame) -> pd.Series:
    """On which side of nought each mean is by more than chance gives.

    Where the 95% interval leaves nought out, and where it is pointed out too among
    all the rows compared (Benjamini and Hochberg): of sixty classes, three intervals
    leave nought out by chance alone.

    Args:
        means: `mean`, `low`, `high` (the 95% interval) and `few`, as from `spread`: a
            row for each class, say, or for how far each teacher is from colleagues.

    Returns:
        `Above`, `Below` or empty; empty for fewer than 11 pupils.

    >>> classes = pd.DataFrame({"class": ["a"] * 12 + ["b"] * 12,
    ...                         "gap": [-60, -120] * 6 + [-60, 60] * 6})
    >>> beyond_chance(spread(classes, "gap", ["class"])).tolist()
    ['Below', '']
    """
    mean, low, high = (
        means[name].to_numpy(dtype="float64") for name in ("mean", "low", "high")
    )
    out = ~means["few"].to_numpy(dtype=bool) & ((low > 0) | (high < 0))
    compared = ~means["few"].to_numpy(dtype=bool) & ~np.isnan(low)
    error = (high - mean) / Z95
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(error > 0, mean / error, np.where(mean == 0, 0.0, np.inf))
    likely = likelihoods(np.where(compared, z, 0.0))
    holds = out & point_out(np.where(compared, likely, np.nan))
    sides = np.where(mean > 0, "Above", "Below")
    return pd.Series(np.where(holds, sides, ""), index=means.index, dtype="str")


def stands_out(mean: float, low: float, high: float, *, few: bool) -> bool:
    """Whether a mean differs from nought by more than chance gives.

    >>> stands_out(-0.5, -0.8, -0.2, few=False), stands_out(-0.5, -0.8, -0.2, few=True)
    (True, False)
    """
    return not few and bool(low > 0 or high < 0) and not np.isnan(mean)


def _grouped(
    parts: pd.DataFrame, pupils: pd.DataFrame, by: Sequence[str]
) -> pd.DataFrame:
    if not by:
        return parts.sum().to_frame().T.astype("int64")
    keys = [pupils[name].reset_index(drop=True) for name in by]
    sums = parts.reset_index(drop=True).groupby(keys, sort=True, dropna=False).sum()
    return sums.reset_index()
