"""A table on a sheet, found by its headings wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass

import xlwings

from udfs.cells import tidy
from udfs.errors import MarkbookError
from udfs.headings import field_of, plain
from udfs.ranges import Cell, Rows, blank, rows_of

HEADINGS_WITHIN = 30  # rows from the top in which a heading row is looked for
LONGEST = 20_000  # rows of one table that a button works on


@dataclass(frozen=True, slots=True)
class Table:
    """A table: where it begins, and what stands in it.

    Args:
        sheet: Its sheet.
        row: The row of its headings, from 1.
        column: Its first column, from 1.
        rows: The heading row and the rows below it.
    """

    sheet: xlwings.Sheet
    row: int
    column: int
    rows: Rows

    @property
    def headings(self) -> list[str]:
        """What stands in the heading row, without stray spaces."""
        return [tidy(cell) for cell in self.rows[0]]

    def place(self, *names: str) -> int | None:
        """The column of the first heading that means one of these, from 0."""
        wanted = [plain(name) for name in names]
        for number, heading in enumerate(self.headings):
            if plain(heading) in wanted:
                return number
        for number, heading in enumerate(self.headings):
            if field_of(heading) and field_of(heading) in names:
                return number
        return None

    def cells(self, *names: str) -> list[Cell] | None:
        """What stands under such a heading, or None where there is none."""
        found = self.place(*names)
        return None if found is None else [row[found] for row in self.rows[1:]]


def table_on(sheet: xlwings.Sheet) -> Table:
    """The table on a sheet: its headings may stand below a title.

    Raises:
        MarkbookError: If there is no heading row with two headings that are known,
            or the table is too long.
    """
    used = sheet.used_range
    if used.shape[0] > LONGEST + HEADINGS_WITHIN:
        raise MarkbookError(
            f"The sheet {sheet.name} has {used.shape[0]:,} rows.",
            f"Keep the table to {LONGEST:,} rows, or use the functions.",
        )
    rows = rows_of(used.options(ndim=2, err_to_str=True).value)
    best, most = 0, 0
    for number, row in enumerate(rows[:HEADINGS_WITHIN]):
        known = len({field_of(cell) for cell in row} - {""})
        if known > most:
            best, most = number, known
    if most < 2:
        raise MarkbookError(
            f"The sheet {sheet.name} has no table whose headings are known.",
            "Go to a sheet with headings such as Adno, Subject, Target, Prediction.",
        )
    end = best + 1
    while end < len(rows) and not all(blank(cell) for cell in rows[end]):
        end += 1
    width = max(n for n, cell in enumerate(rows[best]) if not blank(cell)) + 1
    found = [row[:width] for row in rows[best:end]]
    if len(found) < 2:
        raise MarkbookError(
            f"The table on {sheet.name} has headings and no rows.", "Fill it in first."
        )
    return Table(sheet, used.row + best, used.column, found)


def free_name(book: xlwings.Book, wanted: str) -> str:
    """A name for a new sheet that no sheet has, compared without case."""
    taken = {sheet.name.casefold() for sheet in book.sheets}
    plain_name = "".join("-" if sign in "[]:*?/\\'" else sign for sign in wanted)
    for number in range(1, 1000):
        tail = f" {number}" if number > 1 else ""
        name = plain_name[: 31 - len(tail)] + tail
        if name.casefold() not in taken:
            return name
    raise MarkbookError("The workbook has too many sheets.", "Delete some first.")
