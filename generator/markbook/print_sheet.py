"""The sheet `Print`: the class on one page, without what the school keeps private.

Anyone near a printed page can read it. Private columns (groups, prior attainment,
flags, Check) lie between columns that are wanted on paper, and no spreadsheet program
can leave out a column when printing. So this sheet repeats the other cells of the
entry sheet with formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.format import Format

from generator.markbook import formulas
from generator.markbook.grid import FREE_TEXT, LONG_NAME_SIZE
from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import Markbook, PupilRow, SheetColumn, locked_text
from generator.markbook.sheet_content import SheetContent, footer_text
from generator.markbook.sheet_header import flag_format, set_footer, write_band
from generator.xlsx.theme import FLAG_KEYS, template
from generator.xlsx.writer import SheetWriter, WorkbookWriter

PRINT_SHEET = "Print"
_NEVER = ("adno", "prior", "earlier", "aspirational", "check", "reason", "notes")
_LEFT = ("surname", "forename", *FREE_TEXT)
_JOINER = ("surname", "forename", "reg")  # columns a teacher fills in for a joiner


def write_print_sheet(
    book: WorkbookWriter, markbook: Markbook, contents: Sequence[SheetContent]
) -> None:
    """Write the sheet `Print`, a page for each class."""
    writer = book.add_sheet(PRINT_SHEET)
    writer.sheet.hide_gridlines(2)
    words = template("markbook")["print"]
    row = 0
    breaks = []
    for content in contents:
        row = _ClassTable(writer, markbook, content).write(row)
        breaks.append(row)
        row += 1
    longest = max(
        (print_columns(content, groups=True) for content in contents), key=len
    )
    columns = [c for c in longest if markbook.print_groups or not _is_private(c)]
    for index, column in enumerate(columns):
        writer.column_width(index, words["widths"][column.key.partition(":")[0]])
    writer.sheet.ignore_errors({"number_stored_as_text": f"A1:Z{row + 1}"})
    writer.sheet.protect("", {"format_columns": True, "format_rows": True})
    writer.sheet.set_landscape()
    writer.sheet.set_paper(9)
    if len(contents) == 1:
        writer.sheet.fit_to_pages(1, 1)
    else:
        # Excel ignores page breaks in a sheet that is fitted to pages.
        writer.sheet.set_print_scale(min(content.print_scale for content in contents))
        writer.sheet.set_h_pagebreaks(breaks[:-1])
    writer.sheet.set_margins(left=0.3, right=0.3, top=0.35, bottom=0.5)
    set_footer(writer, footer_text(markbook, words["title"]))


def print_columns(content: SheetContent, *, groups: bool = False) -> list[SheetColumn]:
    """The columns of the entry sheet that are printed.

    Args:
        content: Content of the entry sheet.
        groups: Whether groups and flags are printed too.
    """
    return [
        column
        for column in content.sheet.columns
        if column.key.partition(":")[0] not in _NEVER
        and (groups or not _is_private(column))
    ]


def _is_private(column: SheetColumn) -> bool:
    return column.key == "flag" or column.key.startswith("group:")


class _ClassTable:
    # The title, the headings and the pupils of one class on `Print`.
    def __init__(
        self, writer: SheetWriter, markbook: Markbook, content: SheetContent
    ) -> None:
        self.writer = writer
        self.formats = writer.formats
        self.markbook = markbook
        self.content = content
        self.columns = print_columns(content, groups=markbook.print_groups)
        self.last = len(self.columns) - 1
        self.styles = [self._style(column) for column in self.columns]
        self.long_styles = [self._style(column, long=True) for column in self.columns]

    def write(self, row: int) -> int:
        """Write the table; returns the row below it."""
        sheet, writer = self.content.sheet, self.writer
        first = self._write_headings(self._write_title(row))
        row = first
        for number in range(sheet.first_row, sheet.last_spare_row + 1):
            place = number - sheet.first_row
            pupil = sheet.rows[place] if place < len(sheet.rows) else None
            height = self.content.print_row_height
            writer.row_height(row, self.content.long_names.row_height(place, height))
            for index in range(len(self.columns)):
                self._write_cell(row, index, place, pupil)
            row += 1
        for index, column in enumerate(self.columns):
            if column.key == "flag":
                cell = f"{chr(65 + index)}{first + 1}"
                for flag in FLAG_KEYS:
                    style = flag_format(self.formats, flag)
                    formula = f'={cell}="{flag}"'
                    writer.conditional_format(first, row - 1, index, formula, style)
        return row

    def _write_title(self, row: int) -> int:
        words, heights = template("markbook")["print"], template("markbook")["heights"]
        writer, formats, content = self.writer, self.formats, self.content
        title = formats.cell("navy", "navy_ink", bold=True, font_size=16)
        class_line = formats.cell("navy", "navy_ink")
        for text, style, height in (
            (content.title, title, heights["title"]),
            (content.class_line(self.markbook), class_line, heights["line"]),
        ):
            write_band(writer, row, self.last, text, style)
            writer.row_height(row, height)
            row += 1
        writer.fill_blank(row, 0, self.last, formats.cell())
        formula, value = content.progress(outside=True)
        writer.formula(row, 0, formula, formats.cell(ink="navy", bold=True), value)
        note = words["all"] if self.markbook.print_groups else words["note"]
        quiet = formats.cell(ink="quiet", font_size=9, align="right")
        writer.text(row, self.last, note, quiet)
        writer.row_height(row, 15)
        return row + 1

    def _write_headings(self, row: int) -> int:
        for index, column in enumerate(self.columns):
            left = column.key in _LEFT
            style = self.formats.cell(
                "band",
                "navy",
                bold=True,
                font_size=10,
                text_wrap=True,
                align="left" if left else "center",
                indent=int(left),
                **self.formats.border("locked_line"),
            )
            self.writer.text(row, index, column.heading, style)
        self.writer.row_height(row, 28)
        return row + 1

    def _write_cell(
        self, row: int, index: int, place: int, pupil: PupilRow | None
    ) -> None:
        content, column = self.content, self.columns[index]
        key = column.key
        wraps = content.long_names.wraps(place, key)
        style = (self.long_styles if wraps else self.styles)[index]
        from_entry_sheet = (
            column.entry or key == "flag" or (pupil is None and key in _JOINER)
        )
        if not from_entry_sheet:
            text = locked_text(column, pupil) if pupil else ""
            self.writer.text(row, index, text, style)
            return
        number = content.sheet.first_row + place
        cell = f"{quote_sheet(content.sheet)}!{content.cell(key, number)}"
        value = ""
        if pupil is not None and key == "flag":
            value = content.row_values[place].flag
        elif pupil is not None:
            value = content.print_text(pupil, key)
        if key in FREE_TEXT:
            formula = formulas.print_text(cell, content.print_length(key))
        else:
            formula = f'={cell}&""'
        self.writer.formula(row, index, formula, style, value)

    def _style(self, column: SheetColumn, *, long: bool = False) -> Format:
        left = column.key in _LEFT
        style: dict[str, Any] = {"align": "left" if left else "center"}
        if column.key in FREE_TEXT:
            style |= {"font_size": 8, "text_wrap": True}
        elif left and long:
            style |= {"text_wrap": True, "font_size": LONG_NAME_SIZE, "indent": 1}
        elif left:
            style |= {"shrink": True, "indent": 1}
        if column.key in ("target", "flag"):
            style["bold"] = True
        if not column.entry and column.key != "flag":
            style["num_format"] = "@"
        return self.formats.cell(**style, **self.formats.border("locked_line"))
