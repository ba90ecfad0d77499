"""Grades, flags, means and numbers in sentences, calculated by hand.

Exact until one division at the end (`Fraction`), from the rules and the published
figures.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache

import numpy as np

from tests.recount.tables import FIGURES

FLAGS = ("Above", "On", "Below", "Well below")
FEW = 11  # fewer pupils are too few to conclude


# Grades


@dataclass(frozen=True)
class ScaleGrade:
    """A grade: its rank from the bottom, its level in whole grades, its points."""

    name: str
    rank: int
    level: Fraction
    fine: Fraction
    points: Fraction


def scales() -> dict[str, dict[str, ScaleGrade]]:
    """Every scale: its grades by name, lowest first."""
    result = {}
    for scale in tomllib.loads((FIGURES / "scales.toml").read_text("utf-8"))["scale"]:
        result[scale["name"]] = {
            grade["grade"]: ScaleGrade(
                grade["grade"],
                rank,
                Fraction(str(grade["level"])),
                Fraction(str(grade["level"])) + Fraction(grade.get("thirds", 0), 3),
                Fraction(str(grade["points"])),
            )
            for rank, grade in enumerate(scale["grades"])
        }
    return result


SCALES = scales()


def plain(name: str) -> str:
    """A subject's name normalised: `Design & Technology` as `… and …`."""
    return " ".join(re.sub(r"[\W_]+", " ", name.casefold().replace("&", "and")).split())


def flag(gap: Fraction | None) -> str:
    """The flag of a gap (rule 5); empty without data."""
    if gap is None:
        return ""
    if gap > 0:
        return "Above"
    if gap == 0:
        return "On"
    return "Below" if gap > -2 else "Well below"


# Numbers in sentences


def rounded(value: float | Fraction, places: int) -> Decimal:
    """Rounded as in a spreadsheet: a half away from zero."""
    exact = Decimal(format(float(value), ".12g"))
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def per_cent(part: int, whole: int) -> str:
    """A share in a sentence: never rounded up to all or down to none."""
    number = int(rounded(Fraction(100 * part, whole), 0))
    if part < whole:
        number = min(number, 99)
    if part > 0:
        number = max(number, 1)
    return f"{number}%"


def signed(value: float | Fraction) -> str:
    """Grades in a sentence: `+0.3`, `−1.2`, `0.0`."""
    number = rounded(abs(float(value)), 1)
    if not number:
        return "0.0"
    return f"{'−' if value < 0 else '+'}{number}"


def plural(number: int, singular: str, several: str = "") -> str:
    """`1 class`, `1,200 pupils`."""
    return f"{number:,} {singular if number == 1 else several or singular + 's'}"


def listing(names: Sequence[str], most: int = 6) -> str:
    """`a, b and c`; beyond `most` the rest are counted: `a and 2 more`."""
    items = list(names[:most])
    if len(names) > most:
        items.append(f"{len(names) - most} more")
    return " and ".join([", ".join(items[:-1]), items[-1]]) if items[1:] else items[0]


def date_text(when: date | str) -> str:
    """`2 Nov 2026`."""
    date_ = date.fromisoformat(when[:10]) if isinstance(when, str) else when
    return f"{date_.day} {date_:%b %Y}"


# Means and their intervals


@cache
def student_p(t: float, freedom: float) -> float:
    """The two-sided p value of Student's t, by Simpson's rule.

    With t = √freedom x tan(angle), the density is a power of the cosine.
    """
    if math.isinf(freedom):
        return math.erfc(abs(t) / math.sqrt(2))
    angle = np.linspace(0, math.atan(abs(t) / math.sqrt(freedom)), 2001)
    heights = np.cos(angle) ** (freedom - 1)
    weights = np.ones(2001)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    inside = float((heights * weights).sum()) * float(angle[1] - angle[0]) / 3
    size = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    return 1 - 2 * inside * size / math.sqrt(math.pi)


@cache
def student(freedom: float, level: float = 0.05) -> float:
    """How many standard errors a 95% interval is wide on each side."""
    low, high = 1.0, 1000.0
    while high - low > 1e-11:
        middle = (low + high) / 2
        low, high = (
            (middle, high) if student_p(middle, freedom) > level else (low, middle)
        )
    return low


def welch(first: Mean, second: Mean) -> float:
    """The degrees of freedom of the difference of two means."""
    assert first.error is not None and second.error is not None
    squares = [first.error**2, second.error**2]
    if not any(squares):
        return min(first.n, second.n) - 1
    parts = squares[0] ** 2 / (first.n - 1) + squares[1] ** 2 / (second.n - 1)
    return sum(squares) ** 2 / parts


@dataclass(frozen=True)
class Mean:
    """Count, mean with 95% interval (Student's t), standard deviation.

    `mean` is None for n = 0; the interval and the sample standard deviation `sd` are
    None for n < 2.
    """

    n: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    sd: float | None = None
    error: float | None = None
    free: float | None = None

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def reach(self) -> float | None:
        """How far the interval goes on each side; None without one."""
        return None if self.error is None else student(self.freedom) * self.error

    @property
    def side(self) -> str:
        """The side of zero, if the interval excludes it and n is large enough."""
        if self.few or self.low is None or self.high is None:
            return ""
        return "Above" if self.low > 0 else "Below" if self.high < 0 else ""

    @property
    def p_value(self) -> float | None:
        """The two-sided probability of a mean so far from zero by chance alone."""
        if self.mean is None or self.error is None:
            return None
        if self.error == 0:
            return 0.0 if self.mean else 1.0
        return student_p(self.mean / self.error, self.freedom)

    @property
    def freedom(self) -> float:
        """The degrees of freedom: `free`, or those of a sample of n."""
        return self.n - 1 if self.free is None else self.free


def mean_of(values: Iterable[Fraction | int | None]) -> Mean:
    """The mean of the values that are not None."""
    present = [Fraction(value) for value in values if value is not None]
    n = len(present)
    if not n:
        return Mean(0)
    middle = sum(present, Fraction(0)) / n
    if n == 1:
        return Mean(1, float(middle))
    variance = sum(((value - middle) ** 2 for value in present), Fraction(0)) / (n - 1)
    error = math.sqrt(variance / n)
    mean = float(middle)
    reach = student(n - 1) * error
    return Mean(n, mean, mean - reach, mean + reach, math.sqrt(variance), error)


def difference_of(n: int, first: Mean, second: Mean) -> Mean:
    """The first mean less the second, both with an error (Welch); `n` as given."""
    assert first.mean is not None and first.error is not None
    assert second.mean is not None and second.error is not None
    freedom = welch(first, second)
    middle, error = first.mean - second.mean, math.hypot(first.error, second.error)
    reach = student(freedom) * error
    return Mean(n, middle, middle - reach, middle + reach, error=error, free=freedom)


def discoveries(p_value: Sequence[float | None], rate: float = 0.1) -> list[bool]:
    """Which of many comparisons are discoveries, by Benjamini and Hochberg.

    In ascending order, the last value that is at most rate x rank / count is a
    discovery, and so are all before it. None is not compared.
    """
    present = sorted(value for value in p_value if value is not None)
    limit = -1.0
    for place, value in enumerate(present, start=1):
        if value <= rate * place / len(present):
            limit = value
    return [value is not None and value <= limit for value in p_value]


def beyond_chance(means: Sequence[Mean]) -> list[str]:
    """The side of each mean that is beyond chance, all considered; else empty."""
    holds = discoveries([None if mean.few else mean.p_value for mean in means])
    return [
        mean.side if is_discovery else ""
        for mean, is_discovery in zip(means, holds, strict=True)
    ]
