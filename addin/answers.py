"""How an action writes into a workbook: plain values with formats, asked for first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import xlwings

from addin.tables import Table, free_name
from generator.problems import Problem
from udfs.errors import MarkbookError
from udfs.headings import plain
from udfs.ranges import REFUSED, Cell, Rows, blank

HEAD_FILL, HEAD_INK = "#1F3864", "#FFFFFF"
SHOWN = 500  # problems listed on a sheet; all of them are in the school's folder
FEW_LINES = 30  # of an answer in a window


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action will do.

    Args:
        says: In a sentence, before it is done.
        do: Does it, and says what was done.
        asks: Whether somebody must agree first.
    """

    says: str
    do: Callable[[], str]
    asks: bool = True


def column_plan(table: Table, heading: str, made: Rows) -> Plan:
    """Write a column: under its own heading if that is there, else beside the table."""
    there = table.place(heading)
    place = len(table.headings) if there is None else there
    first = table.sheet.range((table.row, table.column + place))
    if there is None:
        _free(table, place)
        says = f"Write {heading} beside the table, from {_address(first)} down."
    else:
        old = [row[there] for row in table.rows[1:]]
        pairs = zip(old, made, strict=True)
        other = sum(
            not blank(was) and plain(was) != plain(new[0]) for was, new in pairs
        )
        says = (
            f"Write the column {heading}. It is there already: {other} cells that say "
            "something else will be overwritten."
        )
    wrong = sum(isinstance(row[0], str) and row[0].startswith(REFUSED) for row in made)
    if wrong:
        says += f" {wrong} cells will say what is wrong, beginning with ?."

    def do() -> str:
        last = first.offset(len(made), 0)
        below = table.sheet.range(first.offset(1, 0), last)
        below.number_format = "@"
        if there is None:
            first.value = heading
            _head(first)
        below.value = made
        return f"{heading} is in {_address(first)}, {len(made)} rows."

    return Plan(f"{says} Go on?", do)


def new_sheet(book: xlwings.Book, name: str) -> xlwings.Sheet:
    """A new sheet after this one, under a name that is free."""
    return book.sheets.add(free_name(book, name), after=book.sheets.active)


def write(sheet: xlwings.Sheet, rows: Rows, row: int) -> None:
    """Write a table with its heading row, from a row of the sheet down."""
    width = len(rows[0])
    head = sheet.range((row, 1), (row, width))
    body = sheet.range((row, 1), (row + len(rows) - 1, width))
    for number in range(width):
        cells = [line[number] for line in rows[1:]]
        part = sheet.range((row + 1, number + 1), (row + len(rows) - 1, number + 1))
        part.number_format = _format(rows[0][number], cells)
    body.value = rows
    _head(head)
    sheet.autofit("columns")


def chart(sheet: xlwings.Sheet, rows: Rows, row: int) -> int:
    """A chart of the counts of a table of groups, with its own numbers below.

    Args:
        sheet: The sheet.
        rows: The table as `GROUPS` gives it.
        row: Where it stands, from 1.

    Returns:
        The row from which there is room again.
    """
    first = rows[0].index("above")
    counts = [[line[0], *line[first : first + 4]] for line in rows]
    below = row + len(rows) + 1
    write(sheet, counts, below)
    drawn = sheet.charts.add(300, 15 * (below - 1), 420, 240)
    drawn.set_source_data(sheet.range((below, 1), (below + len(counts) - 1, 5)))
    drawn.chart_type = "bar_stacked_100"
    return below + max(len(counts) + 1, 18)


def told(book: xlwings.Book, lines: Sequence[str], problems: Sequence[Problem]) -> str:
    """What a job answers: in a window, and its problems on a sheet of their own."""
    said = list(lines[:FEW_LINES])
    if problems:
        name = free_name(book, "To put right")
        sheet = book.sheets.add(name, after=book.sheets.active)
        heads = ["File", "Sheet", "Cell", "What is wrong", "What to do"]
        rows = [
            [p.file, p.sheet, p.cell, p.what, p.do]
            for p in sorted(problems, key=lambda p: p.severity != "error")
        ]
        write(sheet, [heads, *rows[:SHOWN]], 1)
        said.append(f"{len(rows)} to put right: see the sheet {name}.")
    return "\n".join(said)


def _free(table: Table, place: int) -> None:
    """Make sure that nothing stands where a new column is to go.

    Raises:
        MarkbookError: If something does.
    """
    top = table.sheet.range((table.row, table.column + place))
    room = table.sheet.range(top, top.offset(len(table.rows) - 1, 0))
    if any(not blank(row[0]) for row in room.options(ndim=2).value):
        raise MarkbookError(
            f"There is something beside the table already, in {_address(room)}.",
            "Move it, or give the column a heading.",
        )


def _format(heading: Cell, cells: Sequence[Cell]) -> str:
    there = [cell for cell in cells if not blank(cell)]
    if any(isinstance(cell, str) for cell in there):
        return "@"
    if str(heading) in ("on or above", "exact", "within a grade"):
        return "0%"
    return "0.00" if any(isinstance(cell, float) for cell in there) else "0"


def _head(cells: xlwings.Range) -> None:
    cells.color = HEAD_FILL
    cells.font.color = HEAD_INK
    cells.font.bold = True


def _address(cells: xlwings.Range) -> str:
    return cells.get_address(row_absolute=False, column_absolute=False)
