"""A line of least squares in exact fractions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt


@dataclass(slots=True)
class LeastSquares:
    """The sums that determine a regression of y on x.

    Args:
        n: The number of points.
        x: The sum of x.
        y: The sum of y.
        xx: The sum of x squared.
        xy: The sum of x times y.
        yy: The sum of y squared.

    >>> line = LeastSquares()
    >>> line.add(0, 1), line.add(2, 5), line.slope(), line.intercept()
    (None, None, Fraction(2, 1), Fraction(1, 1))
    """

    n: int = 0
    x: Fraction | int = 0
    y: int = 0
    xx: Fraction | int = 0
    xy: Fraction | int = 0
    yy: int = 0

    def add(self, x: Fraction | int, y: int, count: int = 1) -> None:
        """Add a point, or several equal ones."""
        self.n += count
        self.x += x * count
        self.y += y * count
        self.xx += x * x * count
        self.xy += x * y * count
        self.yy += y * y * count

    def slope(self) -> Fraction | None:
        """Return the slope; None where all x are equal."""
        spread = self.n * self.xx - self.x * self.x
        if spread == 0:
            return None
        return Fraction(self.n * self.xy - self.x * self.y, spread)

    def intercept(self) -> Fraction | None:
        """Return y at x = 0; None where all x are equal."""
        slope = self.slope()
        return None if slope is None else (self.y - slope * self.x) / self.n

    def deviation(self) -> float:
        """Return the standard deviation of points around the line (at least three)."""
        slope, intercept = self.slope(), self.intercept()
        if slope is None or intercept is None or self.n < 3:
            return 0.0
        squares = self.yy - intercept * self.y - slope * self.xy
        return sqrt(max(squares, Fraction(0)) / (self.n - 2))
