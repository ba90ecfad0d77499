"""The common layout of the report's sheets: a title, a line, a table to filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.xlsx.theme import state_style
from generator.xlsx.writer import SheetWriter, WorkbookWriter

MAX_ROWS = 100_000  # of one table; a longer one says so at its end
HEADING_ROW = 3
_TITLE_ROW, _LINE_ROW = 0, 1
_MAX_SHOWN = 1_000  # characters of one cell
_LINE = 14.5  # points of height
_MOST_LINES = 12
# Letters in the width of a digit, which column widths are measured in. Names and
# numbers break earlier than running text.
_TEXT_DENSITY, _NAME_DENSITY = 1.1, 0.9
_TEXT_WIDTH = 40  # columns of this width and more hold running text


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """One column of a table.

    Args:
        heading: Its heading.
        width: Its width in characters.
        wrap: Whether a long text continues in a second line.
        alarm: The style of a number other than 0: `error`, `warning` or empty. In a
            column of words, any text gives the words for a state their colour.
    """

    heading: str
    width: float
    wrap: bool = False
    alarm: str = ""


class ReportSheets:
    """Writes the sheets of a report."""

    def __init__(self, book: WorkbookWriter) -> None:
        self.book = book
        formats = book.formats
        border = formats.border("locked_line")
        self.title = formats.cell("navy", "navy_ink", bold=True, font_size=14)
        self.line = formats.cell(ink="quiet")
        self.link = formats.cell(ink="link", underline=1)
        self.head = formats.cell("band", "navy", bold=True, text_wrap=True, **border)
        cell = {"num_format": "@", "valign": "top", **border}
        self.text = formats.cell(**cell)
        self.wrapped = formats.cell(text_wrap=True, **cell)
        count = {**cell, "num_format": "#,##0"}
        self.count = formats.cell(**count)
        self.zero = formats.cell(ink="quiet", **count)
        error, warning = state_style("wrong"), state_style("check")
        self.states = {
            "error": formats.cell(error.fill, error.ink, bold=True, **cell),
            "warning": formats.cell(warning.fill, warning.ink, **cell),
        }
        self.states["rejected"] = self.states["error"]
        self.alarms = {
            "error": formats.cell(error.fill, error.ink, bold=True, **count),
            "warning": formats.cell(warning.fill, warning.ink, **count),
        }

    def sheet(
        self, name: str, title: str, line: str, columns: Sequence[ReportColumn]
    ) -> SheetWriter:
        """Add a sheet with its title, a line of explanation and its headings."""
        writer = self.book.add_sheet(name)
        writer.sheet.hide_gridlines(2)
        writer.fill_blank(_TITLE_ROW, 0, max(len(columns) - 1, 3), self.title)
        writer.text(_TITLE_ROW, 0, title, self.title)
        writer.row_height(_TITLE_ROW, 24)
        writer.text(_LINE_ROW, 0, line, self.line)
        for number, column in enumerate(columns):
            writer.column_width(number, column.width)
            writer.text(HEADING_ROW, number, column.heading, self.head)
        writer.sheet.freeze_panes(HEADING_ROW + 1, 0)
        writer.sheet.set_landscape()
        writer.sheet.set_paper(9)
        writer.sheet.fit_to_pages(1, 0)
        writer.sheet.repeat_rows(HEADING_ROW)
        writer.sheet.ignore_errors({"number_stored_as_text": "A1:Z100000"})
        return writer

    def table(
        self,
        name: str,
        title: str,
        line: str,
        columns: Sequence[ReportColumn],
        rows: Sequence[Sequence[str | int]],
        *,
        none: str,
    ) -> None:
        """Add a sheet with a table that can be filtered.

        Args:
            name: The sheet's name.
            title: The title above the table.
            line: The line of explanation if there are rows.
            columns: The columns.
            rows: The rows: texts and counts.
            none: The line if there are no rows.
        """
        writer = self.sheet(name, title, line if rows else none, columns)
        for row_number, row in enumerate(rows[:MAX_ROWS], start=HEADING_ROW + 1):
            for number, value in enumerate(row):
                self._cell(writer, row_number, number, value, columns[number])
            writer.row_height(row_number, _LINE * _line_count(row, columns) + 2)
        if len(rows) > MAX_ROWS:
            more = f"and {len(rows) - MAX_ROWS} more: see the export of this table"
            writer.text(HEADING_ROW + 1 + MAX_ROWS, 0, more, self.line)
        if rows:
            last = min(len(rows), MAX_ROWS) + HEADING_ROW
            writer.sheet.autofilter(HEADING_ROW, 0, last, len(columns) - 1)

    def _cell(
        self,
        writer: SheetWriter,
        row: int,
        number: int,
        value: str | int,
        column: ReportColumn,
    ) -> None:
        if isinstance(value, int):
            alarm = self.alarms.get(column.alarm, self.count)
            writer.number(row, number, value, alarm if value else self.zero)
            return
        cell_format = self.wrapped if column.wrap else self.text
        if column.alarm:
            cell_format = self.states.get(value, cell_format)
        if len(value) > _MAX_SHOWN:
            value = value[: _MAX_SHOWN - 1] + "…"
        writer.text(row, number, value, cell_format)


def _line_count(row: Sequence[str | int], columns: Sequence[ReportColumn]) -> int:
    """The number of lines a row needs: programs do not compute it on opening."""
    counts = [1]
    for value, column in zip(row, columns, strict=True):
        if column.wrap:
            is_text = column.width >= _TEXT_WIDTH
            letters = column.width * (_TEXT_DENSITY if is_text else _NAME_DENSITY)
            counts.append(-(-len(str(value)) // int(letters)))
    return min(max(counts), _MOST_LINES)
