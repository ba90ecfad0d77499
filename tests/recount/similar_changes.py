"""What pupils without an intervention change at given gaps, counted with lists.

Least squares on the gap before and the one before that, with a mean of its own for each
year and subject, by elimination.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

Vector = list[float]
Cell = tuple[int, str]  # year and subject
TINY = 1e-9


@dataclass(frozen=True)
class Peers:
    """What peers change at a pupil's gaps: how many, the change, how well known."""

    n: int
    change: float
    spread: float
    reach: float


class PeerChanges:
    """The regression between two collections.

    Args:
        pairs: For every pupil and subject without help: year and subject; the gap, the
            gap before it and 1 if there is none; the change.
    """

    def __init__(self, pairs: Sequence[tuple[Cell, Vector, float]]) -> None:
        cells: dict[Cell, list[tuple[Vector, float]]] = {}
        for cell, gaps, change in pairs:
            cells.setdefault(cell, []).append((gaps, change))
        self.sizes = {cell: len(rows) for cell, rows in cells.items()}
        self.means = {
            cell: (
                [fmean(gaps[k] for gaps, _ in rows) for k in range(3)],
                fmean(change for _, change in rows),
            )
            for cell, rows in cells.items()
        }
        within = [
            (self._away(cell, gaps), change - self.means[cell][1])
            for cell, gaps, change in pairs
        ]
        self.products = [
            [sum(x[i] * x[j] for x, _ in within) for j in range(3)] for i in range(3)
        ]
        self.slopes, rank = solve(
            self.products, [sum(x[i] * y for x, y in within) for i in range(3)]
        )
        left = sum(
            (y - sum(b * v for b, v in zip(self.slopes, x, strict=True))) ** 2
            for x, y in within
        )
        free = len(pairs) - len(cells) - rank
        self.spread = left / free if free > 0 else math.nan

    def at(self, cell: Cell, gaps: Vector) -> Peers | None:
        """What peers change at a pupil's gaps; None without any in the cell."""
        if cell not in self.means:
            return None
        away = self._away(cell, gaps)
        change = self.means[cell][1] + sum(
            b * v for b, v in zip(self.slopes, away, strict=True)
        )
        turned, _ = solve(self.products, away)
        reach = sum(a * b for a, b in zip(away, turned, strict=True))
        return Peers(self.sizes[cell], change, self.spread, max(reach, 0.0))

    def _away(self, cell: Cell, gaps: Vector) -> Vector:
        means = self.means[cell][0]
        return [gap - mean for gap, mean in zip(gaps, means, strict=True)]


def solve(matrix: Sequence[Vector], right: Vector) -> tuple[Vector, int]:
    """Solve symmetric equations, leaving out what says nothing; and their rank."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    scale = max((row[k] for k, row in enumerate(rows)), default=0.0)
    used: list[int] = []
    for k in range(len(rows)):
        if rows[k][k] <= TINY * scale:
            continue
        used.append(k)
        for other in range(len(rows)):
            if other != k:
                factor = rows[other][k] / rows[k][k]
                rows[other] = [
                    a - factor * b for a, b in zip(rows[other], rows[k], strict=True)
                ]
    result = [rows[k][-1] / rows[k][k] if k in used else 0.0 for k in range(len(rows))]
    return result, len(used)
