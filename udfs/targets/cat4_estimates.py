"""Key Stage 2 scores estimated from CAT4, fitted to this school's own pupils."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from udfs.scales.prior_attainment import HIGHEST, LOWEST, score_text
from udfs.statistics.least_squares import LeastSquares
from udfs.text import tidy

MIN_PUPILS = 30  # pupils with both; from fewer nothing is estimated
_SAS = re.compile(r"[0-9]{2,3}(\.[0-9]+)?")
LOWEST_SAS, HIGHEST_SAS = 59, 141  # standard age scores that CAT4 reports


@dataclass(frozen=True, slots=True)
class Cat4Fit:
    """The line of Key Stage 2 scores on CAT4 at this school.

    Args:
        slope: Half points of score for each point of CAT4.
        intercept: The line's half points at a CAT4 of 0.
        pupils: The number of pupils with both.
        spread: The standard deviation of scores around the line, in whole points.
    """

    slope: Fraction
    intercept: Fraction
    pupils: int
    spread: float

    def halves(self, cat4: Fraction) -> int:
        """Return the estimated score in half points, within 80 to 120."""
        line = self.intercept + self.slope * cat4
        whole = (2 * line.numerator + line.denominator) // (2 * line.denominator)
        return min(max(whole, 2 * LOWEST), 2 * HIGHEST)

    def description(self, cat4: Fraction) -> str:
        """Describe an estimate and its basis.

        >>> pupils = [(Fraction(90 + n), 190 + 2 * n) for n in range(30)]
        >>> fit_cat4(pupils).description(Fraction(99))
        "score 104 ± 0.0 from CAT4 99, by 30 of this school's pupils with both"
        """
        return (
            f"score {score_text(self.halves(cat4))} ± {self.spread:.1f} from CAT4 "
            f"{float(cat4):g}, by {self.pupils:,} of this school's pupils with both"
        )


def standard_age_score(value: object) -> Fraction | None:
    """Return a CAT4 mean standard age score, or None where the cell is not one.

    >>> standard_age_score("101.5"), standard_age_score("absent")
    (Fraction(203, 2), None)
    """
    text = tidy(value)
    if not _SAS.fullmatch(text):
        return None
    score = Fraction(text)
    return score if LOWEST_SAS <= score <= HIGHEST_SAS else None


def fit_cat4(pupils: Iterable[tuple[Fraction, int]]) -> Cat4Fit | None:
    """Fit a line of least squares of score on CAT4.

    Args:
        pupils: For each pupil with both: CAT4, and the score in half points.

    Returns:
        None with fewer than 30 pupils, or where all have one CAT4 score.
    """
    sums = LeastSquares()
    for cat4, halves in pupils:
        sums.add(cat4, halves)
    slope, intercept = sums.slope(), sums.intercept()
    if sums.n < MIN_PUPILS or slope is None or intercept is None:
        return None
    return Cat4Fit(slope, intercept, sums.n, sums.deviation() / 2)
