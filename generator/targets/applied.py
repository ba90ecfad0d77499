"""What applying a moderation workbook has changed, and what it could not take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.problems import Problem

COUNTS = ("raised", "lowered", "baseline", "agreed", "same")


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What a moderation workbook has changed.

    Args:
        file: The workbook.
        department: Whose it is.
        rows: How many rows have something filled in.
        counts: `raised`, `lowered`, `baseline` (of a department, in place of a
            provisional target), `agreed` (a draft confirmed) and `same` -> how many.
        answers: How many queries were answered, or answered anew.
        refused: How many filled rows were not taken: a fault or a conflict.
        problems: What there is to put right.
    """

    file: str
    department: str
    rows: int
    counts: Mapping[str, int]
    answers: int
    refused: int
    problems: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 where something was not taken, else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    def json(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "file": self.file,
            "department": self.department,
            "rows": self.rows,
            **{name: self.counts.get(name, 0) for name in COUNTS},
            "answers": self.answers,
            "refused": self.refused,
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """For the person who asked."""
        n = {name: self.counts.get(name, 0) for name in COUNTS}
        changed = sum(n.values()) - n["same"]
        told = [
            f"{self.department}: {_counted(self.rows, 'row')} filled in, "
            f"{_counted(changed, 'target')} settled ({n['raised']} raised, "
            f"{n['lowered']} lowered, {n['agreed']} agreed as drafted, "
            f"{_counted(n['baseline'], 'baseline')} of the department), "
            f"{n['same']} as they stood, {self.answers} "
            f"{'query' if self.answers == 1 else 'queries'} answered, "
            f"{self.refused} refused."
        ]
        if not changed and not self.answers and not self.refused:
            told.append("Nothing has changed.")
        return told


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
