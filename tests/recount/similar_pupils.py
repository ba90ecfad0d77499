"""Points against similar pupils: comparison of several means, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.recount.arithmetic import FEW, Mean, discoveries, student

# Defaults in points for a school with too little data: the spread of pupils within a
# class (under thirty degrees of freedom), and of true means of classes (under eleven).
WITHIN, BETWEEN = 1.45, 0.4
TO_SPARE = 30

Key = tuple[str, ...]  # subject, class …


@dataclass(frozen=True)
class ComparedMean:
    """One of several compared means, and its shrunk value.

    `side` is `Above` or `Below` if beyond chance, all considered; else empty.
    """

    n: int
    mean: float
    low: float
    high: float
    shrunk: float
    side: str
    deviation: float
    freedom: float


def compare_means(values: Mapping[Key, Sequence[Fraction]]) -> dict[Key, ComparedMean]:
    """Compare means with a common spread of pupils, shrunk towards the overall mean.

    The spread is the pooled standard deviation of pupils; that of the true means is
    estimated from the means (DerSimonian and Laird); a mean is shrunk by the factor
    n / (n + (spread / deviation of true means)²).

    Args:
        values: Key -> points of each of its pupils; keys without any are left out.
    """
    present = {key: list(each) for key, each in values.items() if each}
    if not present:
        return {}
    n = {key: len(each) for key, each in present.items()}
    means = {key: sum(each, Fraction(0)) / n[key] for key, each in present.items()}
    spread, freedom = _within(present, means)
    apart = _between(n, means, spread)
    middle = sum((sum(each, Fraction(0)) for each in present.values()), Fraction(0))
    middle /= sum(n.values())
    figures = {}
    for key in present:
        error, mean = spread / math.sqrt(n[key]), float(means[key])
        reach = student(freedom) * error
        figures[key] = Mean(
            n[key], mean, mean - reach, mean + reach, error=error, free=freedom
        )
    discoveries_ = discoveries(
        [None if mean.n < FEW else mean.p_value for mean in figures.values()]
    )
    answer = {}
    for (key, figure), holds in zip(figures.items(), discoveries_, strict=True):
        assert (
            figure.mean is not None
            and figure.low is not None
            and figure.high is not None
        )
        weight = figure.n / (figure.n + (spread / apart) ** 2) if apart else 0.0
        shrunk = float(middle) + (figure.mean - float(middle)) * weight
        answer[key] = ComparedMean(
            figure.n, figure.mean, figure.low, figure.high, shrunk,
            figure.side if holds else "", spread, freedom,
        )  # fmt: skip
    return answer


def _within(
    values: Mapping[Key, Sequence[Fraction]], means: Mapping[Key, Fraction]
) -> tuple[float, float]:
    """The pooled standard deviation of pupils, and its degrees of freedom."""
    spare = sum(len(each) - 1 for each in values.values())
    if spare < TO_SPARE:
        return WITHIN, math.inf
    squares = sum(
        ((value - means[key]) ** 2 for key, each in values.items() for value in each),
        Fraction(0),
    )
    spread = math.sqrt(squares / spare)
    return (spread, spare) if spread else (WITHIN, math.inf)


def _between(
    n: Mapping[Key, int], means: Mapping[Key, Fraction], spread: float
) -> float:
    """The standard deviation of the true means, estimated from the means."""
    if len(n) < FEW:
        return BETWEEN
    weights = {key: count / spread**2 for key, count in n.items()}
    total = sum(weights.values())
    middle = sum(weights[key] * float(means[key]) for key in n) / total
    heterogeneity = sum(weights[key] * (float(means[key]) - middle) ** 2 for key in n)
    scale = total - sum(weight**2 for weight in weights.values()) / total
    return math.sqrt(max(0.0, (heterogeneity - (len(n) - 1)) / scale))
