"""One entry cell of a return, as it was read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from generator.problems import Problem
from udfs.scales.scale import Scale


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry cell that is not blank.

    Args:
        class_code: The class whose markbook it stands in.
        subject: What the mark is about.
        adno: The pupil; empty where the row is nobody's.
        field: Which mark it is.
        value: As it would be stored; empty for `Clear`; None where it cannot be
            taken.
        shown: As it stands in the file.
        stamped: What the markbook was issued with here, or empty.
        sheet: The sheet it stands on now.
        cell: Its address.
    """

    class_code: str
    subject: str
    adno: str
    field: str
    value: str | None
    shown: str
    stamped: str
    sheet: str
    cell: str

    @property
    def mark(self) -> tuple[str, str, str]:
        """Whose mark it is: pupil, subject, field."""
        return self.adno, self.subject, self.field

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Which cell of the class it fills, for comparing two returns."""
        whose = self.adno or f"{self.sheet}!{self.cell}"
        return self.class_code, whose, self.subject, self.field


@dataclass(frozen=True, slots=True)
class Checked:
    """What a return says, and what is wrong with it.

    Args:
        answers: Every entry cell that is not blank.
        blank: How many entry cells of issued pupils are blank.
        touched: The classes in which an entry cell differs from what was issued.
        problems: What there is to put right or to look at.
        scales: Class and subject -> the scale of its predictions.
    """

    answers: tuple[Answer, ...]
    blank: int
    touched: frozenset[str]
    problems: tuple[Problem, ...]
    scales: Mapping[tuple[str, str], Scale]


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """Equal faults told once, with all their cells and pupils, in order.

    >>> one = Problem(sheet="Markbook", cell="K9", adno="4", code="x", what="Wrong.")
    >>> [p.cell for p in grouped([one, replace(one, cell="K12", adno="5")])]
    ['K9, K12']
    """
    found: dict[Problem, tuple[list[str], list[str]]] = {}
    for problem in problems:
        cells, pupils = found.setdefault(replace(problem, cell="", adno=""), ([], []))
        for value, values in ((problem.cell, cells), (problem.adno, pupils)):
            if value and value not in values:
                values.append(value)
    return [
        replace(problem, cell=", ".join(cells), adno=", ".join(pupils))
        for problem, (cells, pupils) in found.items()
    ]
