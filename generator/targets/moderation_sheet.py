"""The sheets of a moderation workbook that are filled in, one a subject and year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from xlsxwriter.format import Format

from generator.markbook.hidden_sheets import quote_sheet
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
FROZEN = 3  # Adno, Surname, Forename stay in sight
A3 = 8


def write_choice_lists(
    book: WorkbookWriter, formats: CellFormats, scales: Sequence[Scale]
) -> None:
    """Write the hidden sheet with the grades to choose from, and name its lists.

    Args:
        book: The workbook.
        formats: Its formats.
        scales: The scales used; the first has the number 1.
    """
    writer = book.add_sheet(LISTS_SHEET)
    text = formats.cell(num_format="@")
    offered = template("moderation")["reasons"]["offered"]
    for row, reason in enumerate(offered):
        writer.text(row, 0, reason, text)
    _name(book, REASONS, 0, len(offered))
    for number, scale in enumerate(scales, start=1):
        at = 2 * number - 1
        for row, grade in enumerate(reversed(scale.grades)):
            writer.text(row, at, grade, text)
            writer.number(row, at + 1, scale.rank(grade) + 1, text)
        _name(book, f"Grades_{number}", at, len(scale.grades))
        _name(book, f"Ranks_{number}", at + 1, len(scale.grades))
    writer.sheet.protect()
    writer.sheet.very_hidden()


def _name(book: WorkbookWriter, name: str, column: int, rows: int) -> None:
    at = column_letters(column)
    book.define_name(name, f"={quote_sheet(LISTS_SHEET)}!${at}$1:${at}${rows}")


def write_moderation_sheet(
    book: WorkbookWriter, formats: CellFormats, form: ModerationForm, sheet: FormSheet, *, number: int,
    block: ChanceBlock | None,
) -> None:  # fmt: skip
    """Write one sheet to fill in.

    Args:
        book: The workbook.
        formats: Its formats.
        form: The whole workbook.
        sheet: The sheet.
        number: The number of its scale's lists.
        block: Where its national figures stand, or None.
    """
    writer = book.add_sheet(sheet.name)
    writer.sheet.hide_gridlines(2)
    for at, field in enumerate(sheet.fields):
        writer.column_width(at, field.width)
    _write_top(writer, formats, form, sheet)
    for at, field in enumerate(sheet.fields):
        writer.text(_HEADING, at, field.heading, _heading(formats, field))
    heights = template("moderation")["heights"]
    writer.row_height(_HEADING, heights["heading"])
    for row, lines in enumerate(_line_counts(sheet), start=sheet.first_row - 1):
        writer.row_height(row, max(heights["pupil"], lines * heights["small"] + 4))
    for at, field in enumerate(sheet.fields):
        if field.section != "auto":
            _write_column(writer, formats, at, field, sheet.rows[field.key])
    write_formulas(writer, formats, sheet, number=number, block=block)
    write_validation(writer, sheet, number)
    write_conditional_formats(writer, formats, sheet)
    last = len(sheet.fields) - 1
    checked_call(writer.sheet.autofilter, _HEADING, 0, sheet.last_row - 1, last)
    checked_call(writer.sheet.freeze_panes, HEADING_ROW, FROZEN)
    everything = f"A1:{column_letters(last)}{sheet.last_row}"
    checked_call(writer.sheet.ignore_errors, {
        "number_stored_as_text": everything,
        "formula_unlocked": everything,
        "formula_differs": everything,
        "two_digit_text_year": everything,
    })  # fmt: skip
    writer.sheet.protect(
        "", {"autofilter": True, "format_columns": True, "format_rows": True}
    )
    _set_up_print(writer, form, sheet)
    first = sheet.column("agreed_expected")
    checked_call(writer.sheet.set_selection, HEADING_ROW, first, HEADING_ROW, first)


def _line_counts(sheet: FormSheet) -> list[int]:
    """How many lines each row's longest text takes."""
    made = [1] * len(sheet.rows)
    for field in sheet.fields:
        if field.key in WRAPPED and field.section != "auto":
            for at, text in enumerate(sheet.rows[field.key]):
                # Nine-point letters are narrower than those a width is counted in.
                made[at] = max(made[at], -(-len(text) // int(field.width * 1.15)))
    return made


def _write_top(
    writer: SheetWriter, formats: CellFormats, form: ModerationForm, sheet: FormSheet
) -> None:
    words = template("moderation")["entry"]
    heights = template("moderation")["heights"]
    last = len(sheet.fields) - 1
    title = formats.cell("navy", "navy_ink", bold=True, font_size=16)
    about = formats.cell("navy", "navy_ink")
    plain = formats.cell("paper", "ink", font_size=10)
    writer.fill_blank(_TITLE, 0, last, title)
    writer.fill_blank(_ABOUT, 0, last, about)
    name = "title_review" if form.kind == "review" else "title"
    said = words[name].format(subject=sheet.subject, year=year_group_text(sheet.year))
    writer.text(_TITLE, 0, said, title)
    pupils = "1 pupil" if len(sheet.rows) == 1 else f"{len(sheet.rows)} pupils"
    said = words["about"].format(
        school=form.school,
        department=form.department,
        academic_year=form.academic_year,
        written=form.written_at[:16].replace("T", " "),
        pupils=pupils,
    )
    writer.text(_ABOUT, 0, said, about)
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
    before = ""
    for at, field in enumerate(sheet.fields):
        fill = "input_heading" if field.is_entry else "band"
        small = formats.cell(fill, "navy", font_size=8, bold=True)
        said = template("moderation")["bands"][field.section]
        writer.text(_BAND, at, said if field.section != before else "", small)
        before = field.section
    writer.row_height(_BAND, heights["band"])


def _heading(formats: CellFormats, field: FormField) -> Format:
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
    writer: SheetWriter,
    formats: CellFormats,
    at: int,
    field: FormField,
    values: pd.Series[Any],
) -> None:
    style = cell_format(formats, field)
    number = field.show in ("share", "count")
    plain = values.astype(object).where(values.notna(), None)
    for row, value in enumerate(plain.tolist(), start=HEADING_ROW):
        if number and value is not None:
            writer.number(row, at, float(value), style)
        else:
            writer.text(row, at, "" if value is None else str(value), style)


def _set_up_print(writer: SheetWriter, form: ModerationForm, sheet: FormSheet) -> None:
    checked_call(writer.sheet.set_landscape)
    checked_call(writer.sheet.set_paper, A3)
    checked_call(writer.sheet.fit_to_pages, 1, 0)
    checked_call(writer.sheet.repeat_rows, _HEADING)
    checked_call(writer.sheet.set_margins, 0.4, 0.4, 0.5, 0.5)
    school, name = (text.replace("&", "&&") for text in (form.school, sheet.name))
    checked_call(writer.sheet.set_footer, f"&L&8 {school}&C&8 {name}&R&8 Page &P of &N")
