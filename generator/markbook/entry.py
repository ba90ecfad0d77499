"""The entry sheet: the class, its targets, and the cells a teacher fills in."""

from __future__ import annotations

from typing import Any

from xlsxwriter.format import Format

from generator.markbook.choices import write_changes, write_choices
from generator.markbook.layout import (
    FROZEN_COLUMNS,
    HEADING_ROW,
    JOINER_KEYS,
    Column,
    Markbook,
    PupilRow,
    letter,
    locked_text,
)
from generator.markbook.masthead import set_footer, write_masthead
from generator.markbook.page import Page
from generator.markbook.pen import Book, Pen
from generator.markbook.theme import Looks, template

_HEADING = HEADING_ROW - 1
_LEFT = ("surname", "forename", "comment", "target_query", "check", "notes")
_SMALL = ("check", "comment", "target_query", "notes", "reason")
_OPTIONAL = ("reason", "praise", "comment", "target_query", "notes")


def write_entry(book: Book, looks: Looks, markbook: Markbook, page: Page) -> None:
    """Write one entry sheet.

    Args:
        book: The workbook.
        looks: Its formats.
        markbook: What the whole file is about.
        page: The sheet.
    """
    pen = book.sheet(page.sheet.name)
    pen.sheet.hide_gridlines(2)
    last = len(page.sheet.columns) - 1
    for index, column in enumerate(page.sheet.columns):
        pen.width(index, width_of(column))
    write_masthead(pen, looks, markbook, page)
    for index, column in enumerate(page.sheet.columns):
        pen.text(_HEADING, index, column.heading, _heading_look(looks, column))
    pen.height(_HEADING, template("markbook")["heights"]["heading"])
    for number in range(page.sheet.first_row, page.sheet.last_spare_row + 1):
        pen.height(number - 1, template("markbook")["heights"]["pupil"])
        at = number - page.sheet.first_row
        row = page.sheet.rows[at] if at < len(page.sheet.rows) else None
        for index, column in enumerate(page.sheet.columns):
            _write_cell(pen, looks, page, number, index, column, row)
    write_choices(pen, page)
    write_changes(pen, looks, page)
    pen.sheet.autofilter(_HEADING, 0, page.sheet.last_spare_row - 1, last)
    pen.sheet.freeze_panes(HEADING_ROW, FROZEN_COLUMNS)
    everything = f"A1:{letter(last)}{page.sheet.last_spare_row}"
    pen.sheet.ignore_errors(
        {
            "number_stored_as_text": everything,
            "formula_differs": everything,
            "formula_unlocked": everything,
            "two_digit_text_year": everything,
        }
    )
    pen.sheet.protect(
        "", {"autofilter": True, "format_columns": True, "format_rows": True}
    )
    _set_up_print(pen, markbook, page)
    first = next(i for i, c in enumerate(page.sheet.columns) if c.entry)
    top = page.sheet.first_row - 1
    pen.sheet.set_selection(top, first, top, first)
    pen.sheet.set_zoom(template("markbook")["entry"]["zoom"])


def width_of(column: Column) -> float:
    """A column's width in characters."""
    width: float = template("markbook")["widths"][column.key.partition(":")[0]]
    return width


def _heading_look(looks: Looks, column: Column) -> Format:
    left = column.key in _LEFT
    return looks.of(
        "input_heading" if column.entry else "band",
        "navy",
        bold=True,
        font_size=10,
        text_wrap=True,
        align="left" if left else "center",
        indent=1 if left and column.key not in ("check", "comment") else 0,
        **looks.line("input_line" if column.entry else "locked_line"),
    )


def _write_cell(
    pen: Pen,
    looks: Looks,
    page: Page,
    number: int,
    index: int,
    column: Column,
    row: PupilRow | None,
) -> None:
    said = page.said[number - page.sheet.first_row] if row else None
    if column.key == "flag":
        look = _locked_look(looks, column)
        pen.formula(
            number - 1,
            index,
            page.flag_formula(number),
            look,
            said.flag if said else "",
        )
    elif column.key == "check":
        look = _locked_look(looks, column)
        pen.formula(
            number - 1,
            index,
            page.check_formula(number),
            look,
            said.check if said else "",
        )
    elif column.entry or (row is None and column.key in JOINER_KEYS):
        entered = row.entered.get(column.key, "") if row else ""
        pen.text(number - 1, index, entered, _entry_look(looks, column, row))
    else:
        shown = locked_text(column, row) if row else ""
        pen.text(number - 1, index, shown, _locked_look(looks, column))


def _locked_look(looks: Looks, column: Column) -> Format:
    more: dict[str, Any] = {"num_format": "@"}
    if column.key in ("flag", "check"):
        more = {}
    if column.key in ("target", "flag"):
        more["bold"] = True
    return looks.of("locked", **_shape(column), **more, **looks.line("locked_line"))


def _entry_look(looks: Looks, column: Column, row: PupilRow | None) -> Format:
    optional = row is None or column.key in _OPTIONAL
    return looks.of(
        "input_optional" if optional else "input",
        num_format="@",
        locked=False,
        **_shape(column),
        **looks.line("input_line"),
    )


def _shape(column: Column) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "align": "left" if column.key in _LEFT else "center",
    }
    if column.key in _LEFT:
        shape["indent"] = 1
    if column.key in ("surname", "forename"):
        shape["shrink"] = True
    if column.key in _SMALL:
        shape |= {"font_size": 9, "text_wrap": True}
    if column.key in ("check", "comment"):
        # What does not fit is cut at the end, not at both.
        shape |= {"font_size": 8, "valign": "top", "indent": 0}
    return shape


def _set_up_print(pen: Pen, markbook: Markbook, page: Page) -> None:
    last = max(i for i, c in enumerate(page.sheet.columns) if c.key != "notes")
    pen.sheet.set_landscape()
    pen.sheet.set_paper(9)
    pen.sheet.fit_to_pages(1, 0)
    pen.sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
    pen.sheet.print_area(0, 0, page.sheet.last_spare_row - 1, last)
    pen.sheet.repeat_rows(_HEADING)
    set_footer(pen, page.footer(markbook))
