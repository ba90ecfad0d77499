"""How a sheet of the report of returns looks: a title, a line, a table to filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.xlsx.theme import Looks, state
from generator.xlsx.writer import Book, Pen

MAX_ROWS = 100_000  # of one table; a longer one says so at its end
HEADING_ROW = 3
_TITLE_ROW, _LINE_ROW = 0, 1
_SHOWN = 1_000  # characters of one cell
_LINE = 14.5  # points of height
_MOST_LINES = 12
_ROOM = 1.1  # letters of running text in the width of a figure: columns count figures
_NAMES = 0.9  # the same of names and numbers, which break early
_RUNNING = 40  # characters from which a column holds running text


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """One column of a table.

    Args:
        heading: Its heading.
        width: Its width in characters.
        wrap: Whether a long text goes on in a second line.
        alarm: How a number other than 0 looks, `error` or `warning`; where its cells
            are words, any text: the words for a state have its colour.
    """

    heading: str
    width: float
    wrap: bool = False
    alarm: str = ""


class ReportSheets:
    """Writes sheets of one look."""

    def __init__(self, book: Book, looks: Looks) -> None:
        self.book = book
        self.looks = looks
        self.title = looks.of("navy", "navy_ink", bold=True, font_size=14)
        self.line = looks.of(ink="quiet")
        self.link = looks.of(ink="link", underline=1)
        self.head = looks.of(
            "band", "navy", bold=True, text_wrap=True, **looks.line("locked_line")
        )
        cell = {"num_format": "@", "valign": "top", **looks.line("locked_line")}
        self.text = looks.of(**cell)
        self.wrapped = looks.of(text_wrap=True, **cell)
        count = {**cell, "num_format": "#,##0"}
        self.count = looks.of(**count)
        self.nought = looks.of(ink="quiet", **count)
        error, warning = state("wrong"), state("check")
        self.states = {
            "error": looks.of(error.fill, error.ink, bold=True, **cell),
            "warning": looks.of(warning.fill, warning.ink, **cell),
        }
        self.states["rejected"] = self.states["error"]
        self.alarms = {
            "error": looks.of(error.fill, error.ink, bold=True, **count),
            "warning": looks.of(warning.fill, warning.ink, **count),
        }

    def sheet(
        self, name: str, title: str, line: str, columns: Sequence[ReportColumn]
    ) -> Pen:
        """A sheet with its title, a line of explanation and its headings."""
        pen = self.book.sheet(name)
        pen.sheet.hide_gridlines(2)
        pen.fill(_TITLE_ROW, 0, max(len(columns) - 1, 3), self.title)
        pen.text(_TITLE_ROW, 0, title, self.title)
        pen.height(_TITLE_ROW, 24)
        pen.text(_LINE_ROW, 0, line, self.line)
        for number, column in enumerate(columns):
            pen.width(number, column.width)
            pen.text(HEADING_ROW, number, column.heading, self.head)
        pen.sheet.freeze_panes(HEADING_ROW + 1, 0)
        pen.sheet.set_landscape()
        pen.sheet.set_paper(9)
        pen.sheet.fit_to_pages(1, 0)
        pen.sheet.repeat_rows(HEADING_ROW)
        pen.sheet.ignore_errors({"number_stored_as_text": "A1:Z100000"})
        return pen

    def table(
        self,
        name: str,
        title: str,
        line: str,
        columns: Sequence[ReportColumn],
        rows: Sequence[Sequence[str | int]],
        *,
        none: str,
    ) -> Pen:
        """A sheet with a table that can be filtered.

        Args:
            name: The sheet's name.
            title: What stands above it.
            line: What it says, where there are rows.
            columns: Its columns.
            rows: Its rows: texts and counts.
            none: What it says where there are none.
        """
        pen = self.sheet(name, title, line if rows else none, columns)
        for at, row in enumerate(rows[:MAX_ROWS], start=HEADING_ROW + 1):
            for number, value in enumerate(row):
                self._cell(pen, at, number, value, columns[number])
            pen.height(at, _LINE * _lines(row, columns) + 2)
        if len(rows) > MAX_ROWS:
            more = f"and {len(rows) - MAX_ROWS} more: see the export of this table"
            pen.text(HEADING_ROW + 1 + MAX_ROWS, 0, more, self.line)
        if rows:
            last = min(len(rows), MAX_ROWS) + HEADING_ROW
            pen.sheet.autofilter(HEADING_ROW, 0, last, len(columns) - 1)
        return pen

    def _cell(
        self, pen: Pen, row: int, number: int, value: str | int, column: ReportColumn
    ) -> None:
        if isinstance(value, int):
            alarm = self.alarms.get(column.alarm, self.count)
            pen.number(row, number, value, alarm if value else self.nought)
            return
        look = self.wrapped if column.wrap else self.text
        if column.alarm:
            look = self.states.get(value, look)
        shown = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        pen.text(row, number, shown, look)


def _lines(row: Sequence[str | int], columns: Sequence[ReportColumn]) -> int:
    """How many lines a row needs: spreadsheets do not reckon that on opening."""
    needed = [
        -(-len(str(value)) // int(column.width * _room(column)))
        for value, column in zip(row, columns, strict=True)
        if column.wrap
    ]
    return min(max([1, *needed]), _MOST_LINES)


def _room(column: ReportColumn) -> float:
    return _ROOM if column.width >= _RUNNING else _NAMES
