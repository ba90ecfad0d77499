"""The entry cells of a checked return, and the problems with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from generator.problems import Problem
from generator.returns.check_cells import CellFault
from udfs.scales.scale import Scale


@dataclass(frozen=True, slots=True)
class EntryCell:
    """One entry cell that is not blank.

    Args:
        class_code: The class whose markbook it is in.
        subject: What the mark is about.
        adno: The pupil; empty where the row belongs to nobody.
        field: The field of the mark.
        value: The value to store; empty for `Clear`; None where it is rejected.
        displayed: The cell's content as a person sees it.
        prefilled: The value that the markbook was issued with here, or empty.
        sheet: The sheet it is on now.
        cell: Its address.
    """

    class_code: str
    subject: str
    adno: str
    field: str
    value: str | None
    displayed: str
    prefilled: str
    sheet: str
    cell: str

    @property
    def mark_key(self) -> tuple[str, str, str]:
        """The mark it is: pupil, subject, field."""
        return self.adno, self.subject, self.field

    @property
    def cell_key(self) -> tuple[str, str, str, str]:
        """The cell of the class it fills, for comparing two returns."""
        owner = self.adno or f"{self.sheet}!{self.cell}"
        return self.class_code, owner, self.subject, self.field


@dataclass(frozen=True, slots=True)
class CheckedReturn:
    """A return's entries, and the problems with them.

    Args:
        entries: Every entry cell that is not blank.
        blank_count: Number of blank entry cells of issued pupils.
        changed_classes: The classes in which an entry cell differs from the issue.
        problems: The problems to correct or to look at.
        scales: Class and subject -> the scale of its predictions.
    """

    entries: tuple[EntryCell, ...]
    blank_count: int
    changed_classes: frozenset[str]
    problems: tuple[Problem, ...]
    scales: Mapping[tuple[str, str], Scale]


MAX_SINGLE = 3  # pupils with the same fault who each get their own message
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class SheetProblems:
    """The problems of one entry sheet, in the order of the sheet.

    Args:
        sheet: The sheet's present name.
    """

    sheet: str
    _problems: list[Problem] = field(default_factory=list)
    _groups: dict[tuple[str, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _said: dict[str, str] = field(default_factory=dict)  # what to do -> of what

    def add(
        self, fault: CellFault, cell: str = "", adno: str = "", value: str = ""
    ) -> None:
        """Add a problem.

        Args:
            fault: What is wrong.
            cell: The address of the cell, or several, or empty.
            adno: The pupil, or empty.
            value: The content of the cell.
        """
        do = fault.do
        if fault.do_again and self._said.setdefault(do, fault.what) != fault.what:
            do = fault.do_again  # the whole list of grades once is enough
        if fault.group_message:
            self._groups[fault.code, fault.group_message].append(len(self._problems))
        self._problems.append(
            Problem(
                sheet=self.sheet,
                cell=cell,
                adno=adno,
                severity=fault.severity,
                code=fault.code,
                value=value,
                what=fault.what,
                do=do,
            )
        )

    def grouped(self) -> Sequence[Problem]:
        """The problems; more than a few with the same fault share one message."""
        problems = list(self._problems)
        for (_, group_message), numbers in self._groups.items():
            if (
                len({problems[number].cell.lstrip(_LETTERS) for number in numbers})
                > MAX_SINGLE
            ):
                for number in numbers:
                    problems[number] = replace(
                        problems[number], what=group_message, value=""
                    )
        return problems
