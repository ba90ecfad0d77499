"""The entry sheets of a moderation workbook, one for each subject and year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from xlsxwriter.format import Format

from generator.markbook.hidden_sheets import define_list
from generator.markbook.layout import LISTS_SHEET, column_letters
from generator.targets.chances_sheet import ChanceBlock
from generator.targets.form import (
    HEADING_ROW,
    FormField,
    FormSheet,
    ModerationForm,
    year_group_text,
)
from generator.targets.moderation_formulas import (
    REASONS,
    WRAPPED,
    cell_format,
    write_conditional_formats,
    write_formulas,
    write_validation,
)
from generator.xlsx.theme import CellFormats, template
from generator.xlsx.writer import SheetWriter, WorkbookWriter, checked_call
from udfs.scales.scale import Scale

_TITLE, _ABOUT, _HOW, _AGREED, _BAND, _HEADING = range(HEADING_ROW)
FROZEN_COLUMNS = 3  # Adno, Surname, Forename
A3 = 8  # Excel's number of the paper size


def write_choice_lists(book: WorkbookWriter, scales: Sequence[Scale]) -> None:
    """Write the hidden sheet with reasons and grades, and name its lists.

    Args:
        book: Workbook to write to.
        scales: Scales of the sheets, numbered from 1.
    """
    formats = book.formats
    writer = book.add_sheet(LISTS_SHEET)
    text = formats.cell(num_format="@")
    reasons = template("moderation")["reasons"]["offered"]
    for row, reason in enumerate(reasons):
        writer.text(row, 0, reason, text)
    define_list(book, REASONS, 0, len(reasons))
    for number, scale in enumerate(scales, start=1):
        column = 2 * number - 1
        for row, grade in enumerate(reversed(scale.grades)):
            writer.text(row, column, grade, text)
            writer.number(row, column + 1, scale.rank(grade) + 1, text)
        define_list(book, f"Grades_{number}", column, len(scale.grades))
        define_list(book, f"Ranks_{number}", column + 1, len(scale.grades))
    writer.sheet.protect()
    writer.sheet.very_hidden()


def write_moderation_sheet(
    book: WorkbookWriter,
    form: ModerationForm,
    sheet: FormSheet,
    *,
    number: int,
    block: ChanceBlock | None,
) -> None:
    """Write one entry sheet.

    Args:
        book: Workbook to write to.
        form: Content of the workbook.
        sheet: Content of the sheet.
        number: Number of the scale's lists.
        block: Position of the subject's national figures, or None.
    """
    formats = book.formats
    writer = book.add_sheet(sheet.name)
    writer.sheet.hide_gridlines(2)
    _write_top(writer, form, sheet)
    for column, field in enumerate(sheet.fields):
        writer.column_width(column, field.width)
        writer.text(_HEADING, column, field.heading, _heading_style(formats, field))
    heights = template("moderation")["heights"]
    writer.row_height(_HEADING, heights["heading"])
    for row, lines in enumerate(_line_counts(sheet), start=sheet.first_row - 1):
        writer.row_height(row, max(heights["pupil"], lines * heights["small"] + 4))
    for column, field in enumerate(sheet.fields):
        if field.section != "auto":
            _write_column(writer, column, field, sheet.rows[field.key])
    write_formulas(writer, sheet, number=number, block=block)
    write_validation(writer, sheet, number)
    write_conditional_formats(writer, sheet)
    last = len(sheet.fields) - 1
    checked_call(writer.sheet.autofilter, _HEADING, 0, sheet.last_row - 1, last)
    checked_call(writer.sheet.freeze_panes, HEADING_ROW, FROZEN_COLUMNS)
    area = f"A1:{column_letters(last)}{sheet.last_row}"
    checked_call(writer.sheet.ignore_errors, {
        "number_stored_as_text": area,
        "formula_unlocked": area,
        "formula_differs": area,
        "two_digit_text_year": area,
    })  # fmt: skip
    writer.sheet.protect(
        "", {"autofilter": True, "format_columns": True, "format_rows": True}
    )
    _set_up_print(writer, form, sheet)
    first = sheet.column("agreed_expected")
    checked_call(writer.sheet.set_selection, HEADING_ROW, first, HEADING_ROW, first)


def _line_counts(sheet: FormSheet) -> list[int]:
    """The number of lines of each row's longest text."""
    counts = [1] * len(sheet.rows)
    for field in sheet.fields:
        if field.key in WRAPPED and field.section != "auto":
            # Widths are counted in larger letters than these nine-point ones.
            length = int(field.width * 1.15)
            for index, text in enumerate(sheet.rows[field.key]):
                counts[index] = max(counts[index], -(-len(text) // length))
    return counts


def _write_top(writer: SheetWriter, form: ModerationForm, sheet: FormSheet) -> None:
    formats = writer.formats
    words = template("moderation")["entry"]
    heights = template("moderation")["heights"]
    last = len(sheet.fields) - 1
    title = formats.cell("navy", "navy_ink", bold=True, font_size=16)
    about = formats.cell("navy", "navy_ink")
    plain = formats.cell("paper", "ink", font_size=10)
    writer.fill_blank(_TITLE, 0, last, title)
    writer.fill_blank(_ABOUT, 0, last, about)
    name = "title_review" if form.kind == "review" else "title"
    year = year_group_text(sheet.year)
    text = words[name].format(subject=sheet.subject, year=year)
    writer.text(_TITLE, 0, text, title)
    pupils = "1 pupil" if len(sheet.rows) == 1 else f"{len(sheet.rows)} pupils"
    text = words["about"].format(
        school=form.school,
        department=form.department,
        academic_year=form.academic_year,
        written=form.written_at[:16].replace("T", " "),
        pupils=pupils,
    )
    writer.text(_ABOUT, 0, text, about)
    writer.text(_HOW, 0, words["how"], plain)
    agreed = column_letters(sheet.column("agreed_expected"))
    area = f"{agreed}{sheet.first_row}:{agreed}{sheet.last_row}"
    before, _, after = words["agreed"].partition("{formula}")
    formula = f'="{before}"&SUMPRODUCT(--({area}<>""))&" / {len(sheet.rows)}{after}"'
    bold = formats.cell("paper", "navy", bold=True, font_size=10)
    writer.formula(_AGREED, 0, formula, bold, f"{before}0 / {len(sheet.rows)}{after}")
    writer.row_height(_TITLE, heights["title"])
    for row in (_ABOUT, _HOW, _AGREED):
        writer.row_height(row, heights["line"])
    previous = ""
    for column, field in enumerate(sheet.fields):
        fill = "input_heading" if field.is_entry else "band"
        small = formats.cell(fill, "navy", font_size=8, bold=True)
        text = template("moderation")["bands"][field.section]
        writer.text(_BAND, column, text if field.section != previous else "", small)
        previous = field.section
    writer.row_height(_BAND, heights["band"])


def _heading_style(formats: CellFormats, field: FormField) -> Format:
    return formats.cell(
        "input_heading" if field.is_entry else "band",
        "navy",
        bold=True,
        font_size=10,
        text_wrap=True,
        align="left" if field.show == "text" else "center",
        **formats.border("input_line" if field.is_entry else "locked_line"),
    )


def _write_column(
    writer: SheetWriter, column: int, field: FormField, values: pd.Series[Any]
) -> None:
    formats = writer.formats
    style = cell_format(formats, field)
    is_number = field.show in ("share", "count")
    cells = values.astype(object).where(values.notna(), None)
    for row, value in enumerate(cells.tolist(), start=HEADING_ROW):
        if is_number and value is not None:
            writer.number(row, column, float(value), style)
        else:
            writer.text(row, column, "" if value is None else str(value), style)


def _set_up_print(writer: SheetWriter, form: ModerationForm, sheet: FormSheet) -> None:
    checked_call(writer.sheet.set_landscape)
    checked_call(writer.sheet.set_paper, A3)
    checked_call(writer.sheet.fit_to_pages, 1, 0)
    checked_call(writer.sheet.repeat_rows, _HEADING)
    checked_call(writer.sheet.set_margins, 0.4, 0.4, 0.5, 0.5)
    school, name = (text.replace("&", "&&") for text in (form.school, sheet.name))
    checked_call(writer.sheet.set_footer, f"&L&8 {school}&C&8 {name}&R&8 Page &P of &N")
