"""Student's t: quantiles for intervals and p values, where few pupils are compared.

The regularised incomplete beta function by its continued fraction (Numerical Recipes,
section 6.4, after Lentz); quantiles by Newton's steps. Both are exact to nine
decimals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from udfs.statistics.arrays import Floats

LEVEL = 0.05  # two-sided: what lies beyond a 95% interval
_STEPS, _TINY, _PRECISE = 500, 1e-300, 1e-13


def t_quantiles(freedom: Sequence[float] | Floats, level: float = LEVEL) -> Floats:
    """Return the half-widths of intervals, in standard errors.

    Args:
        freedom: Degrees of freedom: pupils less one for the mean of a sample; infinite
            where the standard deviation is known.
        level: The share outside the interval, on both sides together.

    Returns:
        NaN with less than one degree of freedom.

    >>> t_quantiles([1, 11, 30, math.inf]).round(3).tolist()
    [12.706, 2.201, 2.042, 1.96]
    """
    all_values = np.asarray(freedom, dtype="float64")
    values, places = np.unique(all_values, return_inverse=True)
    quantiles = np.array([_quantile(float(value), level) for value in values])
    return quantiles.reshape(-1)[places].reshape(all_values.shape)


def t_p_values(
    t: Sequence[float] | Floats, freedom: Sequence[float] | Floats
) -> Floats:
    """Return the two-sided p value of each number of standard errors.

    Args:
        t: Numbers of estimated standard errors.
        freedom: Their degrees of freedom.

    >>> t_p_values([0.0, 2.201, 1.96], [11, 11, math.inf]).round(3).tolist()
    [1.0, 0.05, 0.05]
    """
    pairs = zip(np.asarray(t).tolist(), np.asarray(freedom).tolist(), strict=True)
    return np.array([_p_value(float(value), float(free)) for value, free in pairs])


@lru_cache(maxsize=4096)
def _quantile(freedom: float, level: float) -> float:
    if math.isnan(freedom) or freedom < 1:
        return math.nan
    t = NormalDist().inv_cdf(1 - level / 2)
    if math.isinf(freedom):
        return t
    # Newton's steps from below: the p value is convex, so they never overshoot.
    scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    peak = math.exp(scale) / math.sqrt(freedom * math.pi)
    for _ in range(_STEPS):
        density = peak * (1 + t * t / freedom) ** (-(freedom + 1) / 2)
        step = (_p_value(t, freedom) - level) / (2 * density)
        t += step
        if abs(step) < _PRECISE * t:
            break
    return t


def _p_value(t: float, freedom: float) -> float:
    if math.isnan(t) or math.isnan(freedom) or freedom <= 0:
        return math.nan
    if math.isinf(t):
        return 0.0
    if math.isinf(freedom):
        return math.erfc(abs(t) / math.sqrt(2))
    return _incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function of x, from 0 to 1."""
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(x, a, b) / a
    return 1 - front * _continued_fraction(1 - x, b, a) / b


def _continued_fraction(x: float, a: float, b: float) -> float:
    def nonzero(value: float) -> float:
        return value if abs(value) > _TINY else _TINY

    c, d = 1.0, 1 / nonzero(1 - (a + b) * x / (a + 1))
    fraction = d
    for step in range(1, _STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for term in (even, odd):
            d, c = 1 / nonzero(1 + term * d), nonzero(1 + term / c)
            fraction *= d * c
        if abs(d * c - 1) < _PRECISE:
            break
    return fraction
