"""The sheet `Print`: the class on one page, with nothing on it that tells who is PP.

A page that lies on a desk is read by whoever stands there. What a school keeps to
itself (groups, prior attainment, flags, what Check asks) stands between columns that
are wanted on paper, and no spreadsheet program can leave out a column when printing.
So this sheet shows the entry sheet's other cells again, as they are typed.
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
from generator.markbook.sheet_header import set_footer
from generator.xlsx.theme import FLAG_KEYS, Looks, flag_paint, template
from generator.xlsx.writer import Book, Pen

PRINT_SHEET = "Print"
_NEVER = ("adno", "prior", "earlier", "aspirational", "check", "reason", "notes")
_LEFT = ("surname", "forename", *FREE_TEXT)
_LIVE = ("surname", "forename", "reg")  # of a joiner


def write_print_sheet(
    book: Book, formats: Looks, markbook: Markbook, pages: Sequence[SheetContent]
) -> None:
    """Write the sheet `Print`, a page for each class."""
    writer = book.sheet(PRINT_SHEET)
    writer.sheet.hide_gridlines(2)
    words = template("markbook")["print"]
    row, last = 0, 0
    breaks = []
    for page in pages:
        columns = print_columns(page, groups=markbook.print_groups)
        last = max(last, len(columns) - 1)
        row = _write_class(writer, formats, markbook, page, columns, row)
        breaks.append(row)
        row += 1
    longest = max((print_columns(page, groups=True) for page in pages), key=len)
    shown = [c for c in longest if markbook.print_groups or not _private(c)]
    for index, column in enumerate(shown):
        writer.width(index, words["widths"][column.key.partition(":")[0]])
    writer.sheet.ignore_errors({"number_stored_as_text": f"A1:Z{row + 1}"})
    writer.sheet.protect("", {"format_columns": True, "format_rows": True})
    writer.sheet.set_landscape()
    writer.sheet.set_paper(9)
    if len(pages) == 1:
        writer.sheet.fit_to_pages(1, 1)
    else:
        # Where a sheet is fitted to pages, Excel passes over breaks between them.
        writer.sheet.set_print_scale(min(page.print_scale for page in pages))
        writer.sheet.set_h_pagebreaks(breaks[:-1])
    writer.sheet.set_margins(left=0.3, right=0.3, top=0.35, bottom=0.5)
    set_footer(writer, footer_text(markbook, words["title"]))


def print_columns(page: SheetContent, *, groups: bool = False) -> list[SheetColumn]:
    """The columns of the entry sheet that are printed.

    Args:
        page: The entry sheet.
        groups: Whether the school wants groups and flags on paper too.
    """
    return [
        column
        for column in page.sheet.columns
        if column.key.partition(":")[0] not in _NEVER
        and (groups or not _private(column))
    ]


def _private(column: SheetColumn) -> bool:
    return column.key == "flag" or column.key.startswith("group:")


def _write_class(
    writer: Pen,
    formats: Looks,
    markbook: Markbook,
    page: SheetContent,
    columns: Sequence[SheetColumn],
    row: int,
) -> int:
    words, heights = template("markbook")["print"], template("markbook")["heights"]
    last = len(columns) - 1
    title = formats.of("navy", "navy_ink", bold=True, font_size=16)
    about = formats.of("navy", "navy_ink")
    for text, style, height in (
        (page.title, title, heights["title"]),
        (page.class_line(markbook), about, heights["line"]),
    ):
        writer.fill(row, 0, last, style)
        writer.text(row, 0, text, style)
        writer.height(row, height)
        row += 1
    paper = formats.of()
    writer.fill(row, 0, last, paper)
    formula, value = page.progress(outside=True)
    writer.formula(row, 0, formula, formats.of(ink="navy", bold=True), value)
    note = words["all"] if markbook.print_groups else words["note"]
    quiet = formats.of(ink="quiet", font_size=9, align="right")
    writer.text(row, last, note, quiet)
    writer.height(row, 15)
    row += 1
    for index, column in enumerate(columns):
        style = formats.of(
            "band",
            "navy",
            bold=True,
            font_size=10,
            text_wrap=True,
            align="left" if column.key in _LEFT else "center",
            indent=int(column.key in _LEFT),
            **formats.line("locked_line"),
        )
        writer.text(row, index, column.heading, style)
    writer.height(row, 28)
    row += 1
    first = row
    dressed = [_look(formats, column) for column in columns]
    small = [_look(formats, column, small=True) for column in columns]
    for number in range(page.sheet.first_row, page.sheet.last_spare_row + 1):
        at = number - page.sheet.first_row
        pupil = page.sheet.rows[at] if at < len(page.sheet.rows) else None
        writer.height(row, page.long_names.row_height(at, page.print_row_height))
        for index, column in enumerate(columns):
            style = (small if page.long_names.wraps(at, column.key) else dressed)[index]
            _write_cell(writer, page, row, index, column, style, number, pupil)
        row += 1
    for index, column in enumerate(columns):
        for flag in FLAG_KEYS if column.key == "flag" else ():
            paint = flag_paint(flag)
            cell = f"{chr(65 + index)}{first + 1}"
            style = formats.change(paint.fill, paint.ink, num_format=paint.number_format)
            writer.when(first, row - 1, index, f'={cell}="{flag}"', style)
    return row


def _write_cell(
    writer: Pen,
    page: SheetContent,
    row: int,
    index: int,
    column: SheetColumn,
    style: Format,
    number: int,
    pupil: PupilRow | None,
) -> None:
    key = column.key
    live = column.entry or key == "flag" or (pupil is None and key in _LIVE)
    if not live:
        writer.text(row, index, locked_text(column, pupil) if pupil else "", style)
        return
    cell = f"{quote_sheet(page.sheet)}!{page.cell(key, number)}"
    value = ""
    if pupil is not None and key == "flag":
        value = page.row_values[number - page.sheet.first_row].flag
    elif pupil is not None:
        value = page.print_text(pupil, key)
    if key in FREE_TEXT:
        formula = formulas.print_text(cell, page.print_length(key))
    else:
        formula = f'={cell}&""'
    writer.formula(row, index, formula, style, value)


def _look(formats: Looks, column: SheetColumn, *, small: bool = False) -> Format:
    left = column.key in _LEFT
    more: dict[str, Any] = {"align": "left" if left else "center"}
    if column.key in FREE_TEXT:
        more |= {"font_size": 8, "text_wrap": True}  # it is cut so as to fit
    elif left and small:
        more |= {"text_wrap": True, "font_size": LONG_NAME_SIZE, "indent": 1}
    elif left:
        more |= {"shrink": True, "indent": 1}
    if column.key in ("target", "flag"):
        more["bold"] = True
    if not column.entry and column.key != "flag":
        more["num_format"] = "@"
    return formats.of(**more, **formats.line("locked_line"))
