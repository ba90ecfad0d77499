"""Read the table on a worksheet, and write results into the workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import xlwings

from generator.problems import Problem
from udfs.errors import MarkbookError
from udfs.excel.headings import heading_field, heading_key
from udfs.excel.ranges import ERROR_PREFIX, Cell, Rows, is_blank, range_rows
from udfs.text import tidy

HEAD_FILL, HEAD_INK = "#1F3864", "#FFFFFF"
MOST_PROBLEMS = 500  # listed on a sheet; all of them are in the school's folder
MESSAGE_LINES = 30  # of a report in a window
HEADINGS_WITHIN = 30  # rows from the top in which a heading row is looked for
LONGEST = 20_000  # rows of one table that a button works on


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A table on a worksheet: its position and its contents.

    Args:
        sheet: The worksheet.
        row: The row of the headings, from 1.
        column: The first column, from 1.
        rows: The heading row and the rows below it.
    """

    sheet: xlwings.Sheet
    row: int
    column: int
    rows: Rows

    @property
    def headings(self) -> list[str]:
        """The headings, without stray spaces."""
        return [tidy(cell) for cell in self.rows[0]]

    def column_index(self, *names: str) -> int | None:
        """The column of the first heading that means one of these names, from 0."""
        wanted = [heading_key(name) for name in names]
        for number, heading in enumerate(self.headings):
            if heading_key(heading) in wanted:
                return number
        for number, heading in enumerate(self.headings):
            if heading_field(heading) and heading_field(heading) in names:
                return number
        return None

    def cells(self, *names: str) -> list[Cell] | None:
        """The cells under the first such heading; None if there is none."""
        column = self.column_index(*names)
        return None if column is None else [row[column] for row in self.rows[1:]]


def find_table(sheet: xlwings.Sheet) -> SheetTable:
    """Find the table on a worksheet, wherever it begins.

    Raises:
        MarkbookError: If no row has two known headings, or the table is too long.
    """
    used = sheet.used_range
    if used.shape[0] > LONGEST + HEADINGS_WITHIN:
        raise MarkbookError(
            f"The sheet {sheet.name} has {used.shape[0]:,} rows.",
            f"Keep the table to {LONGEST:,} rows, or use the functions.",
        )
    rows = range_rows(used.options(ndim=2, err_to_str=True).value)
    top, most = 0, 0
    for number, row in enumerate(rows[:HEADINGS_WITHIN]):
        known = len({heading_field(cell) for cell in row} - {""})
        if known > most:
            top, most = number, known
    if most < 2:
        raise MarkbookError(
            f"The sheet {sheet.name} has no table whose headings are known.",
            "Go to a sheet with headings such as Adno, Subject, Target, Prediction.",
        )
    end = top + 1
    while end < len(rows) and not all(is_blank(cell) for cell in rows[end]):
        end += 1
    width = max(n for n, cell in enumerate(rows[top]) if not is_blank(cell)) + 1
    table_rows = [row[:width] for row in rows[top:end]]
    if len(table_rows) < 2:
        raise MarkbookError(
            f"The table on {sheet.name} has headings and no rows.", "Fill it in first."
        )
    return SheetTable(sheet, used.row + top, used.column, table_rows)


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """What an action will do.

    Args:
        description: What it will do, in a sentence shown before it runs.
        run: Runs it, and returns a message about the result.
        needs_consent: Whether the user must agree first.
    """

    description: str
    run: Callable[[], str]
    needs_consent: bool = True


def column_plan(table: SheetTable, heading: str, values: Rows) -> ActionPlan:
    """Plan to write a column: under its heading if present, else beside the table."""
    existing = table.column_index(heading)
    index = len(table.headings) if existing is None else existing
    top = table.sheet.range((table.row, table.column + index))
    if existing is None:
        _require_blank(table, index)
        description = f"Write {heading} beside the table, from {_address(top)} down."
    else:
        changes = sum(
            not is_blank(row[existing])
            and heading_key(row[existing]) != heading_key(value[0])
            for row, value in zip(table.rows[1:], values, strict=True)
        )
        description = (
            f"Write the column {heading}. It is there already: {changes} cells that "
            "say something else will be overwritten."
        )
    refusals = sum(
        isinstance(row[0], str) and row[0].startswith(ERROR_PREFIX) for row in values
    )
    if refusals:
        description += f" {refusals} cells will say what is wrong, beginning with ?."

    def run() -> str:
        last = top.offset(len(values), 0)
        below = table.sheet.range(top.offset(1, 0), last)
        below.number_format = "@"
        if existing is None:
            top.value = heading
            _format_heading(top)
        below.value = values
        return f"{heading} is in {_address(top)}, {len(values)} rows."

    return ActionPlan(f"{description} Go on?", run)


def add_sheet(book: xlwings.Book, name: str) -> xlwings.Sheet:
    """Add a worksheet after the active one, under an unused name."""
    return book.sheets.add(unused_name(book, name), after=book.sheets.active)


def unused_name(book: xlwings.Book, wanted: str) -> str:
    """A name for a new worksheet that no sheet has, compared without case."""
    in_use = {sheet.name.casefold() for sheet in book.sheets}
    valid_name = "".join("-" if sign in "[]:*?/\\'" else sign for sign in wanted)
    for number in range(1, 1000):
        tail = f" {number}" if number > 1 else ""
        name = valid_name[: 31 - len(tail)] + tail
        if name.casefold() not in in_use:
            return name
    raise MarkbookError("The workbook has too many sheets.", "Delete some first.")


def write_table(sheet: xlwings.Sheet, rows: Rows, row: int) -> None:
    """Write a table with its heading row, from a row of the worksheet down."""
    width = len(rows[0])
    head = sheet.range((row, 1), (row, width))
    body = sheet.range((row, 1), (row + len(rows) - 1, width))
    for number in range(width):
        cells = [line[number] for line in rows[1:]]
        part = sheet.range((row + 1, number + 1), (row + len(rows) - 1, number + 1))
        part.number_format = _number_format(rows[0][number], cells)
    body.value = rows
    _format_heading(head)
    sheet.autofit("columns")


def add_chart(sheet: xlwings.Sheet, rows: Rows, row: int) -> int:
    """Write the counts of a table of groups below it, with a chart.

    Args:
        sheet: The worksheet.
        rows: The table as `GROUPS` returns it.
        row: The first row of that table on the worksheet, from 1.

    Returns:
        The first free row below them.
    """
    first = rows[0].index("above")
    counts = [[line[0], *line[first : first + 4]] for line in rows]
    below = row + len(rows) + 1
    write_table(sheet, counts, below)
    chart = sheet.charts.add(300, 15 * (below - 1), 420, 240)
    chart.set_source_data(sheet.range((below, 1), (below + len(counts) - 1, 5)))
    chart.chart_type = "bar_stacked_100"
    return below + max(len(counts) + 1, 18)


def report_message(
    book: xlwings.Book, lines: Sequence[str], problems: Sequence[Problem]
) -> str:
    """A report as a message; its problems go onto a new worksheet."""
    message = list(lines[:MESSAGE_LINES])
    if problems:
        sheet = add_sheet(book, "To put right")
        heads = ["File", "Sheet", "Cell", "What is wrong", "What to do"]
        rows = [
            [p.file, p.sheet, p.cell, p.what, p.do]
            for p in sorted(problems, key=lambda p: p.severity != "error")
        ]
        write_table(sheet, [heads, *rows[:MOST_PROBLEMS]], 1)
        message.append(f"{len(rows)} to put right: see the sheet {sheet.name}.")
    return "\n".join(message)


def _require_blank(table: SheetTable, index: int) -> None:
    """Check that the cells of a new column are blank.

    Raises:
        MarkbookError: If they are not.
    """
    top = table.sheet.range((table.row, table.column + index))
    target = table.sheet.range(top, top.offset(len(table.rows) - 1, 0))
    if any(not is_blank(row[0]) for row in target.options(ndim=2).value):
        raise MarkbookError(
            f"There is something beside the table already, in {_address(target)}.",
            "Move it, or give the column a heading.",
        )


def _number_format(heading: Cell, cells: Sequence[Cell]) -> str:
    values = [cell for cell in cells if not is_blank(cell)]
    if any(isinstance(cell, str) for cell in values):
        return "@"
    if str(heading) in ("on or above", "exact", "within a grade"):
        return "0%"
    return "0.00" if any(isinstance(cell, float) for cell in values) else "0"


def _format_heading(cells: xlwings.Range) -> None:
    cells.color = HEAD_FILL
    cells.font.color = HEAD_INK
    cells.font.bold = True


def _address(cells: xlwings.Range) -> str:
    return cells.get_address(row_absolute=False, column_absolute=False)
