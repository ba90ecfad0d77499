"""A group of pupils compared with everyone else: shares, mean gaps, difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.recount.arithmetic import (
    FEW,
    Mean,
    beyond_chance,
    difference_of,
    student,
)
from tests.recount.measures import REACHED, Figure, mean_of_pupils
from tests.recount.recount_data import Enrolment, unique_pairs

Key = tuple[Any, ...]
NOTES = {
    "": "no more than chance",
    "Above": "ahead, beyond chance",
    "Below": "behind, beyond chance",
}


@dataclass(frozen=True)
class ComparisonSide:
    """The group, or everyone else: each pupil and subject once."""

    rows: Sequence[Enrolment]

    @property
    def pupils(self) -> int:
        return len({row.adno for row in self.rows})

    @property
    def with_data(self) -> int:
        return sum(bool(row.flag) for row in self.rows)

    @property
    def reached(self) -> int:
        return sum(row.flag in REACHED for row in self.rows)

    @property
    def share(self) -> float | None:
        return self.reached / self.with_data if self.with_data else None

    @property
    def gap(self) -> Figure:
        """The mean gap, with an interval clustered by pupil."""
        each: dict[str, list[Fraction]] = {}
        for row in self.rows:
            if row.gap is not None:
                each.setdefault(row.adno, []).append(row.gap)
        return mean_of_pupils(
            [(len(gaps), sum(gaps, Fraction(0))) for gaps in each.values()]
        )

    def cells(self, second: str) -> dict[str, Any]:
        gap = self.gap
        return {
            f"Predicted{second}": self.with_data,
            f"On or above{second}": self.share,
            f"n{second}": gap.pupils,
            f"Mean gap{second}": gap.value if gap.pupils else None,
        }


@dataclass(frozen=True)
class GroupComparison:
    """One row of a comparison."""

    key: Key
    inside: ComparisonSide
    others: ComparisonSide

    @property
    def apart(self) -> Mean:
        """The group's mean gap less everyone else's; `n` is of the smaller side."""
        own, two = self.inside.gap, self.others.gap
        n = min(own.pupils, two.pupils)
        if not n:
            return Mean(n)
        middle = own.value - two.value
        if own.low is None or two.low is None:
            return Mean(n, middle)
        sides = [
            Mean(
                side.pupils, side.value,
                error=(side.value - side.low) / student(side.pupils - 1),
            )
            for side in (own, two)
        ]  # fmt: skip
        return difference_of(n, *sides)

    def note(self, side: str) -> str:
        if not self.inside.with_data:
            return "no data yet"
        if not self.others.with_data:
            return "nobody to compare with"
        return "too few to conclude" if self.apart.n < FEW else NOTES[side]

    def cells(self, side: str) -> dict[str, Any]:
        """The cells of a line in a comparison."""
        apart = self.apart
        return {
            "In the group": self.inside.pupils,
            **self.inside.cells(""),
            "Everyone else": self.others.pupils,
            **self.others.cells(" 2"),
            "Apart": apart.mean,
            "from": apart.low,
            "to": apart.high,
            "Note": self.note(side),
        }


def compare_groups(
    rows: Sequence[Enrolment],
    inside: Callable[[Enrolment], bool],
    key: Callable[[Enrolment], Key] = lambda row: (),
) -> list[GroupComparison]:
    """Compare within each key that has members of the group, in order."""
    sides: dict[Key, tuple[list[Enrolment], list[Enrolment]]] = {}
    for row in unique_pairs(rows):
        members, others = sides.setdefault(key(row), ([], []))
        (members if inside(row) else others).append(row)
    return [
        GroupComparison(at, ComparisonSide(sides[at][0]), ComparisonSide(sides[at][1]))
        for at in sorted(sides)
        if sides[at][0]
    ]


def with_sides(those: Sequence[GroupComparison]) -> list[tuple[GroupComparison, str]]:
    """Each comparison with its side if beyond chance, all considered."""
    sides = beyond_chance([comparison.apart for comparison in those])
    return list(zip(those, sides, strict=True))
