"""A Key Stage 2 score estimated from CAT4, by this school's own pupils."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from udfs.scales.prior_attainment import HIGHEST, LOWEST, score_text
from udfs.text import tidy

FEWEST = 30  # pupils with both; from fewer nothing is estimated
_SAS = re.compile(r"[0-9]{2,3}(\.[0-9]+)?")
LOWEST_SAS, HIGHEST_SAS = 59, 141  # standard age scores that CAT4 reports


@dataclass(frozen=True, slots=True)
class Fit:
    """How scaled scores go with CAT4 at this school.

    Args:
        slope: Half points of score for each point of CAT4.
        at_nought: The line's half points at a CAT4 of 0.
        pupils: How many pupils have both.
        spread: The standard deviation of scores round the line, in whole points.
    """

    slope: Fraction
    at_nought: Fraction
    pupils: int
    spread: float

    def halves(self, cat4: Fraction) -> int:
        """The score estimated, in half points, within 80 to 120."""
        line = self.at_nought + self.slope * cat4
        whole = (2 * line.numerator + line.denominator) // (2 * line.denominator)
        return min(max(whole, 2 * LOWEST), 2 * HIGHEST)

    def said(self, cat4: Fraction) -> str:
        """The estimate in words, with what stands behind it.

        >>> fit([(Fraction(90 + n), 190 + 2 * n) for n in range(30)]).said(Fraction(99))
        "score 104 ± 0.0 from CAT4 99, by 30 of this school's pupils with both"
        """
        return (
            f"score {score_text(self.halves(cat4))} ± {self.spread:.1f} from CAT4 "
            f"{float(cat4):g}, by {self.pupils:,} of this school's pupils with both"
        )


def standard_age_score(value: object) -> Fraction | None:
    """A CAT4 mean standard age score, or None where the cell is not one.

    >>> standard_age_score("101.5"), standard_age_score("absent") is None
    (Fraction(203, 2), True)
    """
    text = tidy(value)
    if not _SAS.fullmatch(text):
        return None
    found = Fraction(text)
    return found if LOWEST_SAS <= found <= HIGHEST_SAS else None


def fit(pupils: Iterable[tuple[Fraction, int]]) -> Fit | None:
    """The line of least squares of score on CAT4.

    Args:
        pupils: For each pupil with both: CAT4, and the score in half points.

    Returns:
        None where there are fewer than 30, or all have one CAT4 score.
    """
    n = 0
    x = xx = xy = Fraction(0)
    y = yy = 0
    for cat4, halves in pupils:
        n += 1
        x, y = x + cat4, y + halves
        xx, xy, yy = xx + cat4 * cat4, xy + cat4 * halves, yy + halves * halves
    spread = n * xx - x * x
    if n < FEWEST or spread == 0:
        return None
    slope = (n * xy - x * y) / spread
    at_nought = (y - slope * x) / n
    left = yy - at_nought * y - slope * xy  # squares round the line, in half points
    return Fit(slope, at_nought, n, sqrt(max(left, Fraction(0)) / (n - 2)) / 2)
