"""Last year's targets of pupils with the same baseline."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from udfs.scales.transition_matrix import NationalShare, isotonic_shares

MAX_DISTANCE = 6  # half points: further from any of last year's scores, nothing is said


@dataclass(frozen=True, slots=True)
class MeanTarget:
    """The mean target of last year's pupils around a score.

    Args:
        level: The mean, in sixtieths of a grade.
        pupils: The number of pupils.
    """

    level: Fraction
    pupils: int


@dataclass(frozen=True, slots=True)
class PreviousTargets:
    """Last year's targets in one subject, by score; they never fall as scores rise.

    Args:
        year: The academic year.
        scores: The scores in half points, lowest first.
        expected: The mean expected target at each score.
        aspirational: The mean aspirational target at each score.
    """

    year: str
    scores: tuple[int, ...]
    expected: tuple[MeanTarget, ...]
    aspirational: tuple[MeanTarget, ...]

    def near(self, halves: int) -> tuple[MeanTarget, MeanTarget] | None:
        """Return the means at a score, or at the nearest one within three points.

        Args:
            halves: The score in half points.

        Returns:
            Expected and aspirational; None where no score is near.
        """
        upper = bisect_left(self.scores, halves)
        neighbours = [at for at in (upper - 1, upper) if 0 <= at < len(self.scores)]
        # Halfway between two, the lower one.
        at = min(neighbours, key=lambda place: abs(self.scores[place] - halves))
        if abs(self.scores[at] - halves) > MAX_DISTANCE:
            return None
        return self.expected[at], self.aspirational[at]


def previous_targets(
    targets: Iterable[tuple[int, int, int]], year: str
) -> PreviousTargets | None:
    """Average last year's targets in one subject by score.

    Neighbouring scores whose mean targets fall are pooled, so that a higher score
    never gives a lower target.

    Args:
        targets: For each pupil the score in half points, and the levels of the
            expected and aspirational target in sixtieths of a grade.
        year: The academic year of the targets.

    Returns:
        None where there are no targets.
    """
    sums: dict[int, tuple[int, int, int]] = {}
    for halves, expected, aspirational in targets:
        pupils, first, second = sums.get(halves, (0, 0, 0))
        sums[halves] = (pupils + 1, first + expected, second + aspirational)
    if not sums:
        return None
    scores = tuple(sorted(sums))
    columns = []
    for column in (1, 2):
        shares = [
            NationalShare(sums[score][column], sums[score][0], at, at)
            for at, score in enumerate(scores)
        ]
        columns.append(
            tuple(
                MeanTarget(pool.value, pool.pupils)
                for pool in isotonic_shares(shares)
                for _ in range(pool.first, pool.last + 1)
            )
        )
    return PreviousTargets(year, scores, *columns)
