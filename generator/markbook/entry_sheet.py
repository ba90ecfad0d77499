"""The entry sheet: the class, its targets, and the cells a teacher fills in."""

from __future__ import annotations

from typing import Any

from xlsxwriter.format import Format

from generator.markbook.grid import FREE_TEXT, LONG_NAME_SIZE
from generator.markbook.layout import (
    COMMENT_LENGTH,
    FROZEN_COLUMNS,
    HEADING_ROW,
    JOINER_KEYS,
    Markbook,
    PupilRow,
    SheetColumn,
    column_letters,
    locked_text,
    truncate,
)
from generator.markbook.sheet_content import SheetContent
from generator.markbook.sheet_header import set_footer, set_header, write_sheet_header
from generator.xlsx.theme import FLAG_KEYS, Looks, flag_paint, state, template
from generator.xlsx.writer import Book, Pen

_HEADING = HEADING_ROW - 1
_LEFT = ("surname", "forename", "comment", "target_query", "check", "notes")
_SMALL = ("check", "comment", "target_query", "notes", "reason")
_ON_A_PAGE = 46  # rows: a class of more is printed on two pages rather than too small
_OPTIONAL = ("reason", "praise", "comment", "target_query", "notes")


def write_entry_sheet(
    book: Book, formats: Looks, markbook: Markbook, page: SheetContent
) -> None:
    """Write one entry sheet.

    Args:
        book: The workbook.
        formats: Its formats.
        markbook: What the whole file is about.
        page: The sheet.
    """
    writer = book.sheet(page.sheet.name)
    writer.sheet.hide_gridlines(2)
    last = len(page.sheet.columns) - 1
    for index, column in enumerate(page.sheet.columns):
        writer.width(index, column_width(column))
    write_sheet_header(writer, formats, markbook, page)
    for index, column in enumerate(page.sheet.columns):
        writer.text(_HEADING, index, column.heading, _heading_look(formats, column))
    writer.height(_HEADING, template("markbook")["heights"]["heading"])
    dress = _ColumnFormats(formats, page)
    for number in range(page.sheet.first_row, page.sheet.last_spare_row + 1):
        at = number - page.sheet.first_row
        usual = template("markbook")["heights"]["pupil"]
        writer.height(number - 1, page.long_names.row_height(at, usual))
        row = page.sheet.rows[at] if at < len(page.sheet.rows) else None
        for index, column in enumerate(page.sheet.columns):
            _write_cell(writer, dress, page, number, index, column, row)
    write_validation(writer, page)
    write_conditional_formats(writer, formats, page)
    writer.sheet.autofilter(_HEADING, 0, page.sheet.last_spare_row - 1, last)
    writer.sheet.freeze_panes(HEADING_ROW, FROZEN_COLUMNS)
    everything = f"A1:{column_letters(last)}{page.sheet.last_spare_row}"
    writer.sheet.ignore_errors(
        {
            "number_stored_as_text": everything,
            "formula_differs": everything,
            "formula_unlocked": everything,
            "two_digit_text_year": everything,
        }
    )
    writer.sheet.protect(
        "", {"autofilter": True, "format_columns": True, "format_rows": True}
    )
    _set_up_print(writer, markbook, page)
    first = next(i for i, c in enumerate(page.sheet.columns) if c.entry)
    top = page.sheet.first_row - 1
    writer.sheet.set_selection(top, first, top, first)
    writer.sheet.set_zoom(template("markbook")["entry"]["zoom"])


def column_width(column: SheetColumn) -> float:
    """A column's width in characters."""
    width: float = template("markbook")["widths"][column.key.partition(":")[0]]
    if column.key.startswith("group:"):
        # A school's own group may have a long name: on several lines, word by word.
        longest = max(len(word) for word in column.heading.split())
        width = max(width, min(longest + 2, 14))
    return width


def _heading_look(formats: Looks, column: SheetColumn) -> Format:
    left = column.key in _LEFT
    wordy = column.key.startswith("group:") and len(column.heading) > 9
    return formats.of(
        "input_heading" if column.entry else "band",
        "navy",
        bold=True,
        font_size=8 if wordy else 10,
        text_wrap=True,
        align="left" if left else "center",
        indent=int(left),
        **formats.line("input_line" if column.entry else "locked_line"),
    )


class _ColumnFormats:
    # The looks of one sheet's columns, each made once and not for every cell.
    def __init__(self, formats: Looks, page: SheetContent) -> None:
        columns = page.sheet.columns
        self.locked = [_locked_look(formats, column) for column in columns]
        self.long = [_locked_look(formats, column, long=True) for column in columns]
        self.entry = [_entry_look(formats, column, joiner=False) for column in columns]
        self.joiner = [_entry_look(formats, column, joiner=True) for column in columns]


def _write_cell(
    writer: Pen,
    dress: _ColumnFormats,
    page: SheetContent,
    number: int,
    index: int,
    column: SheetColumn,
    row: PupilRow | None,
) -> None:
    at = number - page.sheet.first_row
    if column.key == "flag":
        said = page.row_values[at].flag if row else ""
        writer.formula(
            number - 1, index, page.flag_formula(number), dress.locked[index], said
        )
    elif column.key == "check":
        said = page.row_values[at].check if row else ""
        writer.formula(
            number - 1, index, page.check_formula(number), dress.locked[index], said
        )
    elif row is None and (column.entry or column.key in JOINER_KEYS):
        writer.text(number - 1, index, "", dress.joiner[index])
    elif column.entry and row is not None:
        entered = row.entries.get(column.key, "")
        writer.text(number - 1, index, entered, dress.entry[index])
    else:
        shown = locked_text(column, row) if row else ""
        style = dress.long if page.long_names.wraps(at, column.key) else dress.locked
        writer.text(number - 1, index, shown, style[index])


def _locked_look(formats: Looks, column: SheetColumn, *, long: bool = False) -> Format:
    more: dict[str, Any] = {"num_format": "@"}
    if column.key in ("flag", "check"):
        more = {}
    if column.key in ("target", "flag"):
        more["bold"] = True
    shape = _shape(column)
    if long and shape.pop("shrink", False):
        shape |= {"text_wrap": True, "font_size": LONG_NAME_SIZE}
    return formats.of("locked", **shape, **more, **formats.line("locked_line"))


def _entry_look(formats: Looks, column: SheetColumn, *, joiner: bool) -> Format:
    optional = joiner or column.key in _OPTIONAL
    return formats.of(
        "input_optional" if optional else "input",
        num_format="@",
        locked=False,
        **_shape(column),
        **formats.line("input_line"),
    )


def _shape(column: SheetColumn) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "align": "left" if column.key in _LEFT else "center",
    }
    if column.key in _LEFT:
        shape["indent"] = 1
    if column.key in ("surname", "forename"):
        shape["shrink"] = True
    if column.key in _SMALL:
        shape |= {"font_size": 9, "text_wrap": True}
    if column.key in ("check", *FREE_TEXT):
        # What does not fit is cut at the end, not at both.
        shape |= {"font_size": 8, "valign": "top"}
    return shape


def _set_up_print(writer: Pen, markbook: Markbook, page: SheetContent) -> None:
    writer.sheet.set_landscape()
    writer.sheet.set_paper(9)
    writer.sheet.repeat_rows(_HEADING)
    set_footer(writer, page.footer(markbook))
    bottom = page.sheet.last_spare_row - 1
    writer.sheet.fit_to_pages(1, 1 if bottom < _ON_A_PAGE else 0)
    if markbook.print_groups:
        last = max(i for i, c in enumerate(page.sheet.columns) if c.key != "notes")
        writer.sheet.print_area(0, 0, bottom, last)
        writer.sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
        return
    # Whoever prints this sheet as it is gets the names, repeated from the left of
    # what is private, and then what stands between the earlier flags and this one.
    wanted = ("target", "aspirational", "working_at", "prediction")
    found = [i for i, c in enumerate(page.sheet.columns) if c.key in wanted]
    writer.sheet.print_area(_HEADING, found[0], bottom, found[-1])
    writer.sheet.repeat_columns(0, len(JOINER_KEYS) - 1)
    writer.sheet.set_margins(left=0.3, right=0.3, top=0.7, bottom=0.5)
    to_print = template("markbook")["print"]["to_print"]
    set_header(writer, page.footer(markbook), to_print)


def write_validation(writer: Pen, page: SheetContent) -> None:
    """Give every entry column its list, or its greatest length."""
    words = template("markbook")["entry"]
    first, last = page.sheet.first_row - 1, page.sheet.last_spare_row - 1
    for index, column in enumerate(page.sheet.columns):
        if not column.entry or column.key == "notes":
            continue
        if column.key in FREE_TEXT:
            writer.choices(
                first,
                last,
                index,
                {
                    "validate": "length",
                    "criteria": "<=",
                    "value": COMMENT_LENGTH,
                    "error_title": words["too_long_title"],
                    "error_message": words["too_long"].format(length=COMMENT_LENGTH),
                },
            )
            continue
        choices = ", ".join(page.choices(column.key))
        rule: dict[str, Any] = {
            "validate": "list",
            "source": f"={page.list_name(column.key)}",
            "error_title": words["not_listed_title"],
            "error_message": truncate(words["not_listed"].format(choices=choices), 225),
        }
        if column.key in ("working_at", "prediction"):
            judged = column.key == "prediction" and page.prediction_scale.judgement
            key = "judgement" if judged else column.key
            codes = ", ".join(code.name for code in page.lists.codes)
            help_ = words[f"{key}_help"] + " " + words["grade_help"].format(codes=codes)
            rule |= {
                "input_title": column.heading,
                "input_message": truncate(help_, 255),
            }
        writer.choices(first, last, index, rule)


def write_conditional_formats(writer: Pen, formats: Looks, page: SheetContent) -> None:
    """Colour what is filled in, what is asked about, what is wrong, and each flag."""
    first, last = page.sheet.first_row - 1, page.sheet.last_spare_row - 1
    number = page.sheet.first_row
    wrong, check = state("wrong"), state("check")
    for index, column in enumerate(page.sheet.columns):
        cell = f"${column_letters(index)}{number}"
        if column.key == "flag":
            for flag in FLAG_KEYS:
                paint = flag_paint(flag)
                style = formats.change(
                    paint.fill, paint.ink, num_format=paint.number_format
                )
                writer.when(first, last, index, f'={cell}="{flag}"', style)
        elif column.key == "check":
            style = formats.change(check.fill, check.ink)
            writer.when(first, last, index, f"=LEN({cell})>0", style)
        elif column.key in ("working_at", "prediction"):
            known = page.lists.names(
                page.prediction_scale if column.key == "prediction" else page.scale
            ).known
            said = f'SUBSTITUTE({cell}," ","")'
            writer.when(
                first,
                last,
                index,
                f"=AND(LEN(TRIM({cell}))>0,SUMPRODUCT(--({known}={said}))=0)",
                formats.change(wrong.fill, wrong.ink),
            )
        if column.key == "reason":
            asked = f"${column_letters(page.sheet.column('check') or 0)}{number}"
            writer.when(
                first,
                last,
                index,
                f"=AND(LEN({asked})>0,LEN(TRIM({cell}))=0)",
                formats.change(check.fill, check.ink),
            )
        elif column.entry and column.key != "notes":
            writer.when(
                first,
                last,
                index,
                f"=LEN(TRIM({cell}))>0",
                formats.change("input_done", "ink"),
            )
