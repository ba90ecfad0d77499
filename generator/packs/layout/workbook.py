"""A pack's workbook and its pages: bands, sentences, tables and page set-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from xlsxwriter.format import Format

from generator.names import sheet_name
from generator.packs.layout import page_breaks
from generator.packs.layout.columns import (
    ColumnKind,
    PackColumn,
    TablePosition,
    cell_text,
    line_count,
    truncate,
    width_of,
)
from generator.packs.layout.table_cells import (
    FEW_PUPILS,
    LINE_HEIGHT,
    RowStyles,
    TableCells,
)
from generator.xlsx.theme import flag_style, template
from generator.xlsx.writer import SheetWriter, WorkbookWriter, checked_call

A4 = 9  # xlsxwriter's number of the paper


class PackWorkbook:
    """The workbook of one pack.

    Args:
        title: Its title, for the title bar and the header of every page.
        school: The school's name.
        footer: Who may read it, for the footer of every page.
        now: The moment written into it.
    """

    def __init__(self, title: str, school: str, footer: str, now: datetime) -> None:
        self.book = WorkbookWriter(now)
        self.formats = self.book.formats
        self.title, self.school, self.footer = title, school, footer
        self._pages: list[PackPage] = []
        self.book.set_document_properties(title=title, company=school, comments=footer)

    def page(
        self,
        name: str,
        columns: Sequence[PackColumn | float],
        *,
        landscape: bool = True,
        fitted: bool = True,
    ) -> PackPage:
        """Add a sheet.

        Args:
            name: Its name.
            columns: Its columns, or their widths in characters.
            landscape: Whether it prints in landscape.
            fitted: Whether it is shrunk to the width of the paper, with page breaks
                between its blocks.
        """
        page = PackPage(
            self, sheet_name(name), columns, landscape=landscape, fitted=fitted
        )
        self._pages.append(page)
        return page

    def close(self) -> bytes:
        """Finish the workbook; its bytes."""
        for page in self._pages:
            page.set_page_breaks()
        return self.book.close()


class PackPage:
    """A sheet written from the top downwards; `row` is the next free row."""

    def __init__(
        self,
        pack: PackWorkbook,
        name: str,
        columns: Sequence[PackColumn | float],
        *,
        landscape: bool,
        fitted: bool,
    ) -> None:
        self.pack, self.name = pack, name
        self.widths = [width_of(column) for column in columns]
        self.formats = pack.formats
        self.sheet: SheetWriter = pack.book.add_sheet(name)
        self.row = 0
        self._cells = TableCells(self.sheet, self.formats)
        self._landscape, self._fitted = landscape, fitted
        self._row_heights: dict[int, float] = {}
        self._blocks: list[page_breaks.PageBlock] = []
        self._heading_row: int | None = None  # the row of a heading without a table yet
        self._repeated_row: int | None = None
        self._set_up(landscape, fitted)

    @property
    def last_column(self) -> int:
        """The zero-based last column of the page."""
        return len(self.widths) - 1

    def protect(self) -> None:
        """Lock all cells but those to write in; widths and filters stay free."""
        free = ("format_columns", "format_rows", "autofilter", "sort")
        checked_call(self.sheet.sheet.protect, "", dict.fromkeys(free, True))

    def set_page_breaks(self) -> None:
        """Set page breaks between the blocks of the page, if it needs several."""
        if not self._fitted:
            return
        scale = page_breaks.print_scale(self.widths, landscape=self._landscape)
        height = page_breaks.page_height(scale, landscape=self._landscape)
        total = sum(
            self._row_heights.get(row, page_breaks.DEFAULT_ROW_HEIGHT)
            for row in range(self.row)
        )
        sheet = self.sheet.sheet
        if page_breaks.shrinks_to_one(total, height, scale):
            checked_call(sheet.fit_to_pages, 1, 1)
            return
        if self._repeated_row is None and self._blocks and total > height:
            # No table follows that its headings could be mistaken for.
            self._repeated_row = self._blocks[-1].heading
            checked_call(sheet.repeat_rows, self._repeated_row)
        rows = page_breaks.break_rows(
            self._blocks,
            self._row_heights,
            self.row - 1,
            height,
            repeated=self._repeated_row,
        )
        if rows:
            # Excel ignores breaks on a sheet that is fitted to pages.
            checked_call(sheet.set_print_scale, scale)
            checked_call(sheet.set_h_pagebreaks, rows)

    def activate(self) -> None:
        """Let the workbook open on this page."""
        checked_call(self.sheet.sheet.activate)

    def title_band(self, title: str, note: str = "") -> None:
        """Write the title across the page."""
        for text, size, height in ((title, 16, 27.0), (note, 10, 18.0)):
            if not text:
                continue
            band = self.formats.cell(
                "navy", "navy_ink", bold=size > 11, font_size=size, indent=1
            )
            self.sheet.fill_blank(self.row, 0, self.last_column, band)
            self.sheet.text(self.row, 0, text, band)
            self._set_height(self.row, height)
            self.row += 1
        self.gap()

    def sentence(self, text: str, *, answer: bool = False, ink: str = "ink") -> None:
        """Write a sentence across the page.

        Args:
            text: The sentence.
            answer: Whether it is the main one of the page.
            ink: Its colour, or a state of the theme (`check`).
        """
        size = 13 if answer else 11
        more: dict[str, Any] = {"text_wrap": True, "font_size": size}
        fill = "paper"
        if ink in (states := template("theme")["states"]):
            fill, ink = states[ink]["fill"], states[ink]["ink"]
        cell_format = self.formats.cell(fill, ink, bold=answer, indent=1, **more)
        lines = line_count(text, sum(self.widths) * 11 / size - 2)
        self._merged_text(text, cell_format, lines * LINE_HEIGHT * size / 11 + 6)

    def sentences(self, texts: Iterable[str]) -> None:
        """Write sentences across the page; the first is the main one."""
        for number, text in enumerate(texts):
            self.sentence(text, answer=number == 0)

    def heading(self, text: str) -> None:
        """Write a heading above a block of the page."""
        heading = self.formats.cell("paper", "navy", bold=True, font_size=13, indent=1)
        # Of several headings one below the other, the block begins with the first.
        if self._heading_row is None or self.row > self._heading_row + 1:
            self._heading_row = self.row
        self._merged_text(text, heading, 24.0)

    def flag_key(self) -> None:
        """Write what the colours and signs of the flags mean, on one line."""
        words = template("packs")["key"]
        text = "   ".join(
            f"{flag_style(flag).symbol} {flag_style(flag).word}: {words[key]}"
            for key, flag in (
                ("above", "Above"),
                ("on", "On"),
                ("below", "Below"),
                ("well_below", "Well below"),
                ("no_data", ""),
            )
        )
        self.sentence(text, ink="quiet")

    def gap(self, height: float = 8.0) -> None:
        """Leave an empty row so many points high."""
        self._set_height(self.row, height)
        self.row += 1

    def links(self, targets: Mapping[str, str]) -> None:
        """Write links to other sheets, one a line: sheet -> what it holds."""
        for name, description in targets.items():
            link = self.formats.cell("paper", "link", underline=1, indent=1)
            quoted = name.replace("'", "''")
            self.sheet.link(self.row, 0, f"'{quoted}'!A1", name, link)
            plain = self.formats.cell("paper", "ink")
            self.sheet.text(self.row, 1, description, plain)
            self._set_height(self.row, 18.0)
            self.row += 1

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write facts, one a line: label, then text."""
        label = self.formats.cell("band", "navy", bold=True, indent=1, valign="top")
        plain = self.formats.cell(
            "paper", "ink", text_wrap=True, indent=1, valign="top"
        )
        width = sum(self.widths[1:]) - 2
        for name, text in rows:
            self.sheet.text(self.row, 0, name, label)
            height = line_count(text, width) * LINE_HEIGHT + 4
            self._merged_text(text, plain, height, first=1)

    def table(  # nine parameters: all but two are options, given by keyword
        self,
        rows: pd.DataFrame,
        columns: Sequence[PackColumn],
        *,
        quiet: pd.Series[bool] | None = None,
        strong: pd.Series[bool] | None = None,
        painted: Mapping[str, Sequence[str]] | None = None,
        kinds: Sequence[ColumnKind] | None = None,
        parted: str = "",
        filtered: bool = False,
        frozen: int | None = None,
    ) -> TablePosition:
        """Write a table with a heading row; missing values are left blank.

        Args:
            rows: The rows, with a column for the key of each of `columns`.
            columns: The columns, from the left edge of the page.
            quiet: The rows shown grey: too few to conclude.
            strong: The rows shown bold: totals.
            painted: Column key -> for each row the flag or the state of the theme
                (`check`) whose colours it takes, or empty.
            kinds: For each row, the kind of its measure in columns of the kind
                `measure`.
            parted: The key of a column: a line is drawn where its value changes.
            filtered: Whether the headings offer Excel's filter, and print on
                every page.
            frozen: The number of columns that stay in view with the headings; None:
                nothing is frozen.
        """
        heading_row = self.row
        self._set_height(self.row, self._cells.write_headings(self.row, columns))
        self.row += 1
        styles = RowStyles.of_table(rows, quiet, strong, parted)
        for at, column in enumerate(columns):
            paint = (painted or {}).get(column.key)
            values = rows[column.key]
            if column.kind != "measure" or kinds is None:
                self._cells.write_column(self.row, at, column, values, styles, paint)
                continue
            grey = styles.grey
            if paint:
                pairs = zip(grey, paint, strict=True)
                grey = [few or state == FEW_PUPILS for few, state in pairs]
            self._cells.write_measures(self.row, at, column, values, grey, kinds)
        self._set_row_heights(rows, [column for column in columns if column.wrap])
        position = TablePosition(
            self.name,
            heading_row,
            heading_row + 1,
            heading_row + len(rows),
            tuple(columns),
        )
        self._finish_table(position, filtered=filtered, frozen=frozen)
        self.row += len(rows)
        return position

    def _finish_table(
        self, position: TablePosition, *, filtered: bool, frozen: int | None
    ) -> None:
        """Note the block for page breaks; set its filter and its frozen panes."""
        heading, last = position.heading_row, position.last_row
        first = heading if self._heading_row is None else self._heading_row
        self._blocks.append(page_breaks.PageBlock(first, heading, last))
        self._heading_row = None
        sheet = self.sheet.sheet
        if filtered:
            self._repeated_row = heading
            checked_call(sheet.autofilter, heading, 0, last, len(position.columns) - 1)
            checked_call(sheet.repeat_rows, heading)
        if frozen is not None:
            checked_call(sheet.freeze_panes, heading + 1, frozen)

    def _set_row_heights(
        self, rows: pd.DataFrame, wrapped: Sequence[PackColumn]
    ) -> None:
        lines = [1] * len(rows)
        for column in wrapped:
            for at, value in enumerate(rows[column.key].tolist()):
                lines[at] = max(lines[at], line_count(cell_text(value), column.width))
        for at, count in enumerate(lines):
            self._set_height(self.row + at, count * LINE_HEIGHT + 3)

    def _merged_text(
        self, text: str, cell_format: Format, height: float, first: int = 0
    ) -> None:
        if self.last_column > first:
            checked_call(
                self.sheet.sheet.merge_range,
                self.row, first, self.row, self.last_column, "", cell_format,
            )  # fmt: skip
        self.sheet.text(self.row, first, truncate(text), cell_format)
        self._set_height(self.row, height)
        self.row += 1

    def _set_height(self, row: int, points: float) -> None:
        self._row_heights[row] = points
        self.sheet.row_height(row, points)

    def _set_up(self, landscape: bool, fitted: bool) -> None:
        sheet = self.sheet.sheet
        sheet.hide_gridlines(2)
        plain = self.formats.cell("paper", "ink")
        for at, width in enumerate(self.widths):
            self.sheet.column_width(at, width, plain)
        checked_call(sheet.set_paper, A4)
        if landscape:
            checked_call(sheet.set_landscape)
        side, end = page_breaks.SIDE_MARGIN, page_breaks.END_MARGIN
        checked_call(sheet.set_margins, side, side, end, end)
        if fitted:
            checked_call(sheet.fit_to_pages, 1, 0)
        title = _escape_ampersands(f"{self.pack.title} · {self.name}")
        school = _escape_ampersands(self.pack.school)
        footer = _escape_ampersands(self.pack.footer)
        # The space after &8 keeps the digits of "7A" out of the size of the letters.
        checked_call(sheet.set_header, f"&L&8 {school}&R&8 {title}")
        checked_call(sheet.set_footer, f"&L&8 {footer}&R&8 Page &P of &N")
        # Grades are text that looks like numbers, on purpose.
        checked_call(sheet.ignore_errors, {"number_stored_as_text": "A1:XFD1048576"})


def _escape_ampersands(text: str) -> str:
    """A text for a page's header or footer, where & begins an instruction."""
    return text.replace("&", "&&")
