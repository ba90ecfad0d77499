"""Targets that pupils with the same baseline had last year."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from udfs.scales.transition_matrix import Share, never_falling

REACH = 6  # half points: further from any of last year's scores, nothing is said


@dataclass(frozen=True, slots=True)
class Mean:
    """What last year's pupils around a score had.

    Args:
        level: Their mean target, in sixtieths of a grade.
        pupils: How many they were.
    """

    level: Fraction
    pupils: int


@dataclass(frozen=True, slots=True)
class LastYear:
    """Last year's targets in one subject, by score; they never fall as scores rise.

    Args:
        year: The academic year.
        scores: The scores there were, in half points, lowest first.
        expected: For each of them the mean expected target.
        aspirational: For each of them the mean aspirational target.
    """

    year: str
    scores: tuple[int, ...]
    expected: tuple[Mean, ...]
    aspirational: tuple[Mean, ...]

    def of(self, halves: int) -> tuple[Mean, Mean] | None:
        """The means at a score, or at the nearest one within three points.

        Args:
            halves: The score in half points.

        Returns:
            Expected and aspirational; None where no score was near.
        """
        after = bisect_left(self.scores, halves)
        near = [at for at in (after - 1, after) if 0 <= at < len(self.scores)]
        # Halfway between two, the lower one.
        at = min(near, key=lambda place: abs(self.scores[place] - halves))
        if abs(self.scores[at] - halves) > REACH:
            return None
        return self.expected[at], self.aspirational[at]


def last_year(targets: Iterable[tuple[int, int, int]], year: str) -> LastYear | None:
    """Last year's targets in one subject, made ready to look up.

    Neighbouring scores whose mean targets fall are pooled, so that a higher score
    never draws a lower target.

    Args:
        targets: For each pupil the score in half points, and the levels of the
            expected and aspirational target in sixtieths of a grade.
        year: The academic year they are of.

    Returns:
        None where there are none.
    """
    sums: dict[int, tuple[int, int, int]] = {}
    for halves, expected, aspirational in targets:
        pupils, first, second = sums.get(halves, (0, 0, 0))
        sums[halves] = (pupils + 1, first + expected, second + aspirational)
    if not sums:
        return None
    scores = tuple(sorted(sums))
    columns = []
    for which in (1, 2):
        raw = [
            Share(sums[score][which], sums[score][0], at, at)
            for at, score in enumerate(scores)
        ]
        columns.append(
            tuple(
                Mean(pool.value, pool.pupils)
                for pool in never_falling(raw)
                for _ in range(pool.first, pool.last + 1)
            )
        )
    return LastYear(year, scores, *columns)
