"""Intervals, multiple comparisons and shrinkage of means."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from udfs.statistics.arrays import Booleans, Floats
from udfs.statistics.student import t_quantiles

Z95 = 1.96  # of shares, where the standard error follows from the share
FEW = 11  # IDSR practice: fewer pupils are too few to conclude
TOO_FEW = "too few to conclude"
ABOVE, BELOW, NOT_DIFFERENT = "above", "below", "not different"
FALSE_DISCOVERY_RATE = 0.10  # the accepted share of chance findings

MIN_SPARE_PUPILS = 30  # beyond one for each group, to estimate the spread within

# Partial sums of a figure y counted m times for each pupil (m is 1 where a pupil has
# one figure, the number of grades where he has several). They add across schools.
SUM_COLUMNS = ("pupils", "m", "y", "mm", "my", "yy")


def pupil_sums(m: pd.Series, y: pd.Series) -> pd.DataFrame:
    """Return each pupil's part of the sums of a figure; whole numbers, 0 where none.

    Args:
        m: The number of grades (or other items) in a pupil's figure.
        y: Their sum, in a fixed part of a point.
    """
    counted = (m > 0).astype("int64")
    m, y = m.astype("int64") * counted, y.astype("int64") * counted
    columns = {"pupils": counted, "m": m, "y": y, "mm": m * m, "my": m * y, "yy": y * y}
    return pd.DataFrame(columns)


def means_with_intervals(
    sums: pd.DataFrame,
    unit: int,
    *,
    share: bool = False,
    deviation: float | None = None,
) -> pd.DataFrame:
    """Return means with 95% intervals from partial sums; the only division.

    The mean is over grades, its interval over pupils: the grades of one pupil are not
    independent (the ratio estimator of survey practice; with one grade each it is
    mean ± t x sd / √n, with Student's t of n - 1 degrees of freedom).

    Args:
        sums: The columns `SUM_COLUMNS`, one row per group.
        unit: The number of parts in one: 60 where y is in sixtieths.
        share: Whether it is a share from 0 to 1; its interval (Wilson's) stays inside,
            and is not a point where all or none have reached something.
        deviation: A national standard deviation of pupils' figures, which replaces
            the group's own; it is known, so that its interval is 1.96 errors wide.

    Returns:
        `value`, `low`, `high`, `error` (the standard error) and `freedom` (its
        degrees of freedom); NaN without pupils, the interval where it needs two
        pupils and there is one.

    >>> pupils = pupil_sums(pd.Series([1, 1, 1, 0]), pd.Series([60, -60, 0, 999]))
    >>> sums = pupils.sum().to_frame().T
    >>> means_with_intervals(sums, 60).round(2).to_dict("records")
    [{'value': 0.0, 'low': -2.48, 'high': 2.48, 'error': 0.58, 'freedom': 2.0}]
    """
    pupils = sums["pupils"].to_numpy(dtype="float64")
    m, y = sums["m"].to_numpy(dtype="float64"), sums["y"].to_numpy(dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        value = y / (m * unit)
        if deviation is None:
            ratio = y / m
            squares = sums["yy"] - 2 * ratio * sums["my"] + ratio**2 * sums["mm"]
            squares = np.maximum(squares.to_numpy(dtype="float64"), 0)
            of_mean = np.sqrt(squares * pupils / (pupils - 1)) / (m * unit)
            error = np.where(pupils > 1, of_mean, np.nan)
            freedom = np.where(pupils > 1, pupils - 1, np.nan)
        else:
            error = np.where(pupils > 0, deviation / np.sqrt(pupils), np.nan)
            freedom = np.where(pupils > 0, np.inf, np.nan)
        reach = t_quantiles(freedom) * error
        low, high = value - reach, value + reach
        if share:
            low, high = _wilson(value, error, pupils, Z95)
    columns = {"value": value, "low": low, "high": high, "error": error,
               "freedom": freedom}  # fmt: skip
    return pd.DataFrame(columns, index=sums.index)


def _wilson(
    value: Floats, error: Floats, pupils: Floats, z: float
) -> tuple[Floats, Floats]:
    spread = value * (1 - value)
    # The effective n: with one figure for each pupil, the number of pupils.
    effective = np.where(
        error > 0, spread / np.where(error > 0, error, 1) ** 2 + 1, pupils
    )
    n = np.where(spread > 0, effective, pupils)
    middle = (value + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(spread / n + z**2 / (4 * n**2))
    none = np.where(pupils > 0, 0.0, np.nan)
    low = np.maximum(middle - reach, 0) + none
    return low, np.minimum(middle + reach, 1) + none


def differences(
    first: pd.DataFrame, second: pd.DataFrame, *, share: bool = False
) -> pd.DataFrame:
    """Return differences between means, with 95% intervals from those of both sides.

    Args:
        first: As from `means_with_intervals`.
        second: The values subtracted, row for row.
        share: Whether they are shares: then each side's own interval is used
            (Newcombe, 1998), so that a share of none or all is not certain.

    Returns:
        `value`, `low`, `high` and `freedom`: the degrees of freedom of the difference
        (Welch, 1947).
    """
    value = first["value"] - second["value"]
    parts = [frame["error"].astype("float64") ** 2 for frame in (first, second)]
    freedom = _welch(parts[0], parts[1], first["freedom"], second["freedom"])
    if share:
        down = np.hypot(first["value"] - first["low"], second["high"] - second["value"])
        up = np.hypot(first["high"] - first["value"], second["value"] - second["low"])
    else:
        down = up = np.sqrt(parts[0] + parts[1]) * t_quantiles(freedom.to_numpy())
    return pd.DataFrame(
        {"value": value, "low": value - down, "high": value + up, "freedom": freedom}
    )


def _welch(
    first: pd.Series, second: pd.Series, first_free: pd.Series, second_free: pd.Series
) -> pd.Series:
    """Return the degrees of freedom of a sum of two estimated variances."""
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = (first + second) ** 2 / (
            first**2 / first_free + second**2 / second_free
        )
    # Both known (both infinite), or both without any spread.
    equal = (first + second).notna() & freedom.isna()
    return freedom.mask(equal, np.minimum(first_free, second_free))


def directions(low: pd.Series, high: pd.Series) -> pd.Series:
    """Return `above`, `below` or `not different` from zero; empty without an interval.

    >>> directions(pd.Series([0.1, -0.3, -0.2]), pd.Series([0.5, -0.1, 0.2])).tolist()
    ['above', 'below', 'not different']
    """
    words = np.select(
        [low.isna(), low > 0, high < 0], ["", ABOVE, BELOW], default=NOT_DIFFERENT
    )
    return pd.Series(words, index=low.index, dtype="str")


def control_false_discoveries(
    p: Floats, *, rate: float = FALSE_DISCOVERY_RATE
) -> Booleans:
    """Return the significant comparisons (Benjamini and Hochberg, 1995).

    Of sixty classes three are beyond the 95% interval by chance alone; of those marked
    here, at most `rate` are due to chance in the long run.

    Args:
        p: From `t_p_values`; NaN is not compared.
        rate: The accepted share of false discoveries.

    >>> control_false_discoveries(np.array([0.001, 0.04, 0.6, 0.03])).tolist()
    [True, True, False, True]
    """
    significant = np.zeros(len(p), dtype=bool)
    compared = np.flatnonzero(~np.isnan(p))
    order = compared[np.argsort(p[compared], kind="stable")]
    limits = rate * np.arange(1, len(order) + 1) / max(len(order), 1)
    below = np.flatnonzero(p[order] <= limits)
    if len(below):
        significant[order[: below[-1] + 1]] = True
    return significant


def within_group_deviation(
    sums: pd.DataFrame, unit: int, default: float
) -> tuple[float, float]:
    """Return the standard deviation of pupils within groups, and its freedom.

    Args:
        sums: `n`, `total` and `squares` of whole numbers, one row per group.
        unit: The number of parts in one.
        default: The deviation where there are too few pupils, or all are equal; its
            degrees of freedom are infinite.
    """
    spare = int((sums["n"] - 1).sum())
    if spare < MIN_SPARE_PUPILS:
        return default, math.inf
    squares = sums["squares"] - sums["total"] ** 2 / sums["n"]
    deviation = math.sqrt(max(float(squares.sum()), 0.0) / spare) / unit
    return (deviation, float(spare)) if deviation else (default, math.inf)


def between_group_deviation(means: Floats, n: Floats, deviation: float) -> float | None:
    """Estimate the standard deviation of true group means.

    The method of moments (DerSimonian and Laird, 1986).

    Args:
        means: The raw mean of each group.
        n: Its pupils.
        deviation: The standard deviation of pupils within a group.

    Returns:
        None with fewer than two groups.
    """
    n = n[n > 0]
    if len(n) < 2:
        return None
    weights = n / deviation**2
    middle = (weights * means).sum() / weights.sum()
    spread = (weights * (means - middle) ** 2).sum()
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    return math.sqrt(max(0.0, (spread - (len(n) - 1)) / scale))


def shrinkage_factors(n: Floats, deviation: float, tau: float) -> Floats:
    """Return how far each group keeps its own mean when shrunk towards the others.

    n / (n + k) with k = (deviation / tau)²: 1 would keep all of it.

    Args:
        n: Pupils of each group.
        deviation: The standard deviation of pupils within a group.
        tau: The standard deviation of true group means.

    >>> shrinkage_factors(np.array([28.0, 10.0]), 1.45, 0.4).round(2).tolist()
    [0.68, 0.43]
    """
    if tau == 0:
        return np.zeros(len(n))
    return n / (n + (deviation / tau) ** 2)
