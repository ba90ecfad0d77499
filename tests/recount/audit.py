"""An audit of every number in a workbook: each is counted again, none is left over.

A recount opens a pack as its reader does, and states the expected content cell by cell.
`assert_complete` fails with every difference and every number that is not checked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

# Fixed words of the packs with a figure in them.
WORDING = (
    r"KS2",
    r"KS4",
    r"Attainment 8",
    r"Progress 8",
    r"\(\d\. *[a-z ]+\)",
)
MOST = 60  # lines of a failure


class WorkbookAudit:
    """A workbook whose numbers are counted again.

    Args:
        path: The workbook.
        labels: Names in the tables (classes, forms, collections, teachers …): a figure
            within one is not a number to check. Never grades.
    """

    def __init__(self, path: Path, labels: Iterable[str] = ()) -> None:
        self.path = path
        self.book = load_workbook(path)
        longest_first = sorted(
            {label for label in labels if label}, key=len, reverse=True
        )
        self._labels = [re.escape(label) for label in longest_first]
        self._plain = self._without(())
        self._counted: set[tuple[str, str]] = set()
        self._differ: list[str] = []

    def __contains__(self, sheet: str) -> bool:
        return sheet in self.book.sheetnames

    def __getitem__(self, sheet: str) -> SheetAudit:
        return SheetAudit(self, self.book[sheet])

    def __iter__(self) -> Iterator[SheetAudit]:
        return (self[name] for name in self.book.sheetnames)

    def ignore_wording(self, *patterns: str) -> None:
        """Ignore fixed words with a figure in them, given as regular expressions."""
        self._plain = self._without(patterns)

    def _without(self, patterns: tuple[str, ...]) -> re.Pattern[str]:
        whole = [rf"(?<!\w){label}(?!\w)" for label in self._labels]
        return re.compile("|".join([*WORDING, *patterns, *whole]))

    def compare(self, sheet: str, cell: str, actual: object, expected: object) -> None:
        """Record that a cell is checked, and whether it agrees."""
        self._counted.add((sheet, cell))
        if not values_agree(actual, expected):
            self._differ.append(f"{sheet} {cell}: {actual!r}, counted {expected!r}")

    def report_missing(self, sheet: str, text: object) -> None:
        """Record that something counted is missing from a sheet."""
        self._differ.append(f"{sheet}: {text!r} is nowhere")

    def unchecked_cells(self) -> list[str]:
        """The cells with a figure that nothing has checked."""
        return [
            f"{sheet.title} {cell.coordinate}: {cell.value!r} was not counted"
            for sheet in self.book
            for row in sheet.iter_rows()
            for cell in row
            if (sheet.title, cell.coordinate) not in self._counted
            and self._has_a_figure(cell)
        ]

    def _has_a_figure(self, cell: Cell | MergedCell) -> bool:
        if isinstance(cell.value, str):
            return bool(re.search(r"\d", self._plain.sub("", cell.value)))
        return cell.value is not None

    def assert_complete(self) -> None:
        """Fail with every cell that differs or is unchecked."""
        wrong = self._differ + self.unchecked_cells()
        more = [f"… and {len(wrong) - MOST} more"] if len(wrong) > MOST else []
        assert not wrong, "\n".join([f"{self.path.name}:", *wrong[:MOST], *more])


class SheetAudit:
    """One sheet of the workbook."""

    def __init__(self, audit: WorkbookAudit, sheet: Worksheet) -> None:
        self.audit = audit
        self.sheet = sheet
        self.title = sheet.title

    def __getitem__(self, cell: str) -> object:
        return self.sheet[cell].value

    def expect(self, cell: str, expected: object) -> None:
        """Check that the cell holds this number, or exactly this sentence."""
        self.audit.compare(self.title, cell, self.sheet[cell].value, expected)

    def find_cell(self, beginning: str) -> str:
        """The first cell whose text begins so; fails if none does."""
        for row in self.sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith(beginning):
                    return str(cell.coordinate)
        raise AssertionError(f"{self.title}: nothing begins with {beginning!r}")

    def tables(self, *headings: str) -> list[list[LineAudit]]:
        """Every table whose heading row has all of these, as lines under headings.

        A table ends at the first row with fewer than two filled cells. The second of
        two equal headings is called `… 2`, the third `… 3`.
        """
        rows = [list(row) for row in self.sheet.iter_rows()]
        result = []
        for at, row in enumerate(rows):
            if not set(headings) <= {cell.value for cell in row}:
                continue
            names = _names(row)
            lines: list[LineAudit] = []
            for under in rows[at + 1 :]:
                if sum(cell.value is not None for cell in under) < 2:
                    break
                lines.append(LineAudit(self, {n: under[i] for n, i in names.items()}))
            result.append(lines)
        return result

    def lines(self, *headings: str) -> list[LineAudit]:
        """The lines of all those tables, one after another."""
        return [line for table in self.tables(*headings) for line in table]

    def report_missing(self, text: object) -> None:
        """Record that something is missing from this sheet."""
        self.audit.report_missing(self.title, text)


class LineAudit:
    """One line of a table: the cell under each heading."""

    def __init__(
        self, sheet: SheetAudit, cells: Mapping[str, Cell | MergedCell]
    ) -> None:
        self.sheet = sheet
        self.cells = cells

    def __getitem__(self, heading: str) -> Any:
        return self.cells[heading].value

    def __contains__(self, heading: str) -> bool:
        return heading in self.cells

    def headings(self) -> tuple[str, ...]:
        """The headings of its table, in their order."""
        return tuple(self.cells)

    def expect(self, expected: Mapping[str, object]) -> None:
        """Check the value under each heading; None and "" mean an empty cell."""
        for heading, value in expected.items():
            cell = self.cells[heading]
            self.sheet.audit.compare(
                self.sheet.title, str(cell.coordinate), cell.value, value
            )


def _names(row: list[Cell | MergedCell]) -> dict[str, int]:
    names: dict[str, int] = {}
    for at, cell in enumerate(row):
        if cell.value is None:
            continue
        name, number = str(cell.value), 1
        while (name if number == 1 else f"{name} {number}") in names:
            number += 1
        names[name if number == 1 else f"{name} {number}"] = at
    return names


def values_agree(actual: object, expected: object) -> bool:
    """Whether a cell agrees with the count: numbers to a billionth, text exactly."""
    if actual in (None, "") or expected in (None, ""):
        return actual in (None, "") and expected in (None, "")
    if isinstance(expected, (int, float)) and isinstance(actual, (int, float)):
        return math.isclose(actual, expected, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(expected, date) and not isinstance(expected, datetime):
        return isinstance(actual, datetime) and actual.date() == expected
    return actual == expected
