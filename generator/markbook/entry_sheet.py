"""The entry sheet: pupils, targets, and the cells a teacher fills in."""

from __future__ import annotations

from collections.abc import Sequence
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
from generator.markbook.sheet_header import (
    flag_format,
    set_footer,
    set_header,
    write_sheet_header,
)
from generator.xlsx.theme import FLAG_KEYS, CellFormats, state_style, template
from generator.xlsx.writer import SheetWriter, WorkbookWriter

_HEADING = HEADING_ROW - 1
_LEFT = ("surname", "forename", "comment", "target_query", "check", "notes")
_SMALL = ("check", "comment", "target_query", "notes", "reason")
_PAGE_ROWS = 46  # rows printed on one page; more would be too small to read
_OPTIONAL = ("reason", "praise", "comment", "target_query", "notes")


def write_entry_sheet(
    book: WorkbookWriter, markbook: Markbook, content: SheetContent
) -> None:
    """Write one entry sheet.

    Args:
        book: Workbook to write to.
        markbook: Content of the file.
        content: Content of the sheet.
    """
    formats = book.formats
    sheet, heights = content.sheet, template("markbook")["heights"]
    writer = book.add_sheet(sheet.name)
    writer.sheet.hide_gridlines(2)
    last = len(sheet.columns) - 1
    for index, column in enumerate(sheet.columns):
        writer.column_width(index, column_width(column))
    write_sheet_header(writer, markbook, content)
    for index, column in enumerate(sheet.columns):
        writer.text(_HEADING, index, column.heading, _heading_style(formats, column))
    writer.row_height(_HEADING, heights["heading"])
    styles = _ColumnStyles(formats, sheet.columns)
    for number in range(sheet.first_row, sheet.last_spare_row + 1):
        place = number - sheet.first_row
        height = content.long_names.row_height(place, heights["pupil"])
        writer.row_height(number - 1, height)
        pupil = sheet.rows[place] if place < len(sheet.rows) else None
        for index in range(len(sheet.columns)):
            _write_cell(writer, styles, content, number, index, pupil)
    write_validation(writer, content)
    write_conditional_formats(writer, content)
    writer.sheet.autofilter(_HEADING, 0, sheet.last_spare_row - 1, last)
    writer.sheet.freeze_panes(HEADING_ROW, FROZEN_COLUMNS)
    area = f"A1:{column_letters(last)}{sheet.last_spare_row}"
    writer.sheet.ignore_errors(
        {
            "number_stored_as_text": area,
            "formula_differs": area,
            "formula_unlocked": area,
            "two_digit_text_year": area,
        }
    )
    writer.sheet.protect(
        "", {"autofilter": True, "format_columns": True, "format_rows": True}
    )
    _set_up_print(writer, markbook, content)
    first = next(i for i, column in enumerate(sheet.columns) if column.entry)
    writer.sheet.set_selection(HEADING_ROW, first, HEADING_ROW, first)
    writer.sheet.set_zoom(template("markbook")["entry"]["zoom"])


def column_width(column: SheetColumn) -> float:
    """A column's width in characters."""
    width: float = template("markbook")["widths"][column.key.partition(":")[0]]
    if column.key.startswith("group:"):
        # The name of a school's own group may be long: it wraps between words.
        longest = max(len(word) for word in column.heading.split())
        width = max(width, min(longest + 2, 14))
    return width


def _heading_style(formats: CellFormats, column: SheetColumn) -> Format:
    left = column.key in _LEFT
    long = column.key.startswith("group:") and len(column.heading) > 9
    return formats.cell(
        "input_heading" if column.entry else "band",
        "navy",
        bold=True,
        font_size=8 if long else 10,
        text_wrap=True,
        align="left" if left else "center",
        indent=int(left),
        **formats.border("input_line" if column.entry else "locked_line"),
    )


class _ColumnStyles:
    # The formats of a sheet's columns, looked up once and not for every cell.
    def __init__(self, formats: CellFormats, columns: Sequence[SheetColumn]) -> None:
        self.locked = [_locked_style(formats, column) for column in columns]
        self.long = [_locked_style(formats, column, long=True) for column in columns]
        self.entry = [_entry_style(formats, column, joiner=False) for column in columns]
        self.joiner = [_entry_style(formats, column, joiner=True) for column in columns]


def _write_cell(
    writer: SheetWriter,
    styles: _ColumnStyles,
    content: SheetContent,
    number: int,
    index: int,
    pupil: PupilRow | None,
) -> None:
    row, place = number - 1, number - content.sheet.first_row
    column = content.sheet.columns[index]
    if column.key in ("flag", "check"):
        formula = (
            content.flag_formula(number)
            if column.key == "flag"
            else content.check_formula(number)
        )
        value: str = getattr(content.row_values[place], column.key) if pupil else ""
        writer.formula(row, index, formula, styles.locked[index], value)
    elif pupil is None and (column.entry or column.key in JOINER_KEYS):
        writer.text(row, index, "", styles.joiner[index])
    elif column.entry and pupil is not None:
        entry = pupil.entries.get(column.key, "")
        writer.text(row, index, entry, styles.entry[index])
    else:
        text = locked_text(column, pupil) if pupil else ""
        wraps = content.long_names.wraps(place, column.key)
        writer.text(row, index, text, (styles.long if wraps else styles.locked)[index])


def _locked_style(
    formats: CellFormats, column: SheetColumn, *, long: bool = False
) -> Format:
    style = _common_style(column)
    if column.key not in ("flag", "check"):
        style["num_format"] = "@"
    if column.key in ("target", "flag"):
        style["bold"] = True
    if long and style.pop("shrink", False):
        style |= {"text_wrap": True, "font_size": LONG_NAME_SIZE}
    return formats.cell("locked", **style, **formats.border("locked_line"))


def _entry_style(formats: CellFormats, column: SheetColumn, *, joiner: bool) -> Format:
    optional = joiner or column.key in _OPTIONAL
    return formats.cell(
        "input_optional" if optional else "input",
        num_format="@",
        locked=False,
        **_common_style(column),
        **formats.border("input_line"),
    )


def _common_style(column: SheetColumn) -> dict[str, Any]:
    style: dict[str, Any] = {"align": "left" if column.key in _LEFT else "center"}
    if column.key in _LEFT:
        style["indent"] = 1
    if column.key in ("surname", "forename"):
        style["shrink"] = True
    if column.key in _SMALL:
        style |= {"font_size": 9, "text_wrap": True}
    if column.key in ("check", *FREE_TEXT):
        # Text that does not fit is cut off at its end only.
        style |= {"font_size": 8, "valign": "top"}
    return style


def _set_up_print(
    writer: SheetWriter, markbook: Markbook, content: SheetContent
) -> None:
    writer.sheet.set_landscape()
    writer.sheet.set_paper(9)
    writer.sheet.repeat_rows(_HEADING)
    set_footer(writer, content.footer(markbook))
    bottom = content.sheet.last_spare_row - 1
    writer.sheet.fit_to_pages(1, 1 if bottom < _PAGE_ROWS else 0)
    if markbook.print_groups:
        last = max(i for i, c in enumerate(content.sheet.columns) if c.key != "notes")
        writer.sheet.print_area(0, 0, bottom, last)
        writer.sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
        return
    # If this sheet is printed, the page has the names, repeated from the left, and the
    # columns between the earlier flags and this flag: nothing private.
    keys = ("target", "aspirational", "working_at", "prediction")
    columns = [i for i, c in enumerate(content.sheet.columns) if c.key in keys]
    writer.sheet.print_area(_HEADING, columns[0], bottom, columns[-1])
    writer.sheet.repeat_columns(0, len(JOINER_KEYS) - 1)
    writer.sheet.set_margins(left=0.3, right=0.3, top=0.7, bottom=0.5)
    to_print = template("markbook")["print"]["to_print"]
    set_header(writer, content.footer(markbook), to_print)


def write_validation(writer: SheetWriter, content: SheetContent) -> None:
    """Give every entry column its list of choices or its maximum length."""
    words = template("markbook")["entry"]
    first, last = content.sheet.first_row - 1, content.sheet.last_spare_row - 1
    for index, column in enumerate(content.sheet.columns):
        if not column.entry or column.key == "notes":
            continue
        if column.key in FREE_TEXT:
            length = {
                "validate": "length",
                "criteria": "<=",
                "value": COMMENT_LENGTH,
                "error_title": words["too_long_title"],
                "error_message": words["too_long"].format(length=COMMENT_LENGTH),
            }
            writer.validation(first, last, index, length)
            continue
        choices = ", ".join(content.choices(column.key))
        rule: dict[str, Any] = {
            "validate": "list",
            "source": f"={content.list_name(column.key)}",
            "error_title": words["not_listed_title"],
            "error_message": truncate(words["not_listed"].format(choices=choices), 225),
        }
        if column.key in ("working_at", "prediction"):
            judged = column.key == "prediction" and content.prediction_scale.judgement
            key = "judgement" if judged else column.key
            codes = ", ".join(code.name for code in content.lists.codes)
            help_ = words[f"{key}_help"] + " " + words["grade_help"].format(codes=codes)
            # At the heading: at each cell it would cover the cell below.
            heading_help = {
                "validate": "any",
                "input_title": column.heading,
                "input_message": truncate(help_, 255),
            }
            writer.validation(first - 1, first - 1, index, heading_help)
        writer.validation(first, last, index, rule)


def write_conditional_formats(writer: SheetWriter, content: SheetContent) -> None:
    """Colour entries, cells to check, entries that are not listed, and flags."""
    formats = writer.formats
    first, last = content.sheet.first_row - 1, content.sheet.last_spare_row - 1
    number = content.sheet.first_row
    wrong, check = (
        formats.conditional(style.fill, style.ink)
        for style in (state_style("wrong"), state_style("check"))
    )
    filled = formats.conditional("input_done", "ink")

    def rule(index: int, formula: str, style: Format) -> None:
        writer.conditional_format(first, last, index, f"={formula}", style)

    for index, column in enumerate(content.sheet.columns):
        cell = f"${column_letters(index)}{number}"
        if column.key == "flag":
            for flag in FLAG_KEYS:
                rule(index, f'{cell}="{flag}"', flag_format(formats, flag))
        elif column.key == "check":
            rule(index, f"LEN({cell})>0", check)
        elif column.key in ("working_at", "prediction"):
            known = content.scale_names(column.key).known
            count = f'SUMPRODUCT(--({known}=SUBSTITUTE({cell}," ","")))'
            rule(index, f"AND(LEN(TRIM({cell}))>0,{count}=0)", wrong)
        if column.key == "reason":
            question = f"${column_letters(content.sheet.column('check') or 0)}{number}"
            rule(index, f"AND(LEN({question})>0,LEN(TRIM({cell}))=0)", check)
        elif column.entry and column.key != "notes":
            rule(index, f"LEN(TRIM({cell}))>0", filled)
