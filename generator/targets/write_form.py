"""Write a whole moderation workbook, with the same bytes for the same content."""

from __future__ import annotations

import gc
import math
from collections.abc import Mapping
from datetime import datetime

from generator.markbook.hidden_sheets import quote_sheet, write_identity
from generator.targets.chances_sheet import chance_blocks, write_chances
from generator.targets.form import FormSheet, ModerationForm
from generator.targets.moderation_sheet import (
    write_choice_lists,
    write_moderation_sheet,
)
from generator.targets.totals_sheet import write_totals
from generator.xlsx.theme import template
from generator.xlsx.writer import (
    SheetWriter,
    WorkbookWriter,
    checked_call,
    strict_writing,
)
from udfs.tables import Tables

READ_ME_WIDTHS = (30.0, 104.0)  # in characters
LINE_HEIGHT = 15.0  # points


def write_form(
    form: ModerationForm,
    tables: Tables,
    key: bytes,
    *,
    class_teachers: Mapping[str, str],
    years: tuple[str, ...],
) -> bytes:
    """Write a moderation workbook.

    Args:
        form: Content of the workbook, with at least one sheet.
        tables: Scales, subjects and national figures.
        key: The school's secret key, which signs the identity.
        class_teachers: Class -> name of its lead teacher.
        years: Academic years of the national figures.

    Raises:
        ExcelLimitError: If Excel cannot hold part of the content.
    """
    # All cells live until the end, so garbage collection would only cost time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        return _write(form, tables, key, class_teachers=class_teachers, years=years)
    finally:
        if enabled:
            gc.enable()


def _write(
    form: ModerationForm,
    tables: Tables,
    key: bytes,
    *,
    class_teachers: Mapping[str, str],
    years: tuple[str, ...],
) -> bytes:
    scales = list({sheet.scale.name: sheet.scale for sheet in form.sheets}.values())
    numbers = {scale.name: number for number, scale in enumerate(scales, start=1)}
    blocks = chance_blocks(form)
    with strict_writing():
        book = WorkbookWriter(datetime.fromisoformat(form.written_at))
        write_read_me(book, form)
        for sheet in form.sheets:
            write_moderation_sheet(
                book,
                form,
                sheet,
                number=numbers[sheet.scale.name],
                block=blocks.get(sheet.subject) if sheet.figures else None,
            )
        write_chances(book, blocks)
        write_totals(book, form, tables, class_teachers=class_teachers, years=years)
        write_choice_lists(book, scales)
        write_identity(book, form.identity(key))
        book.set_document_properties(
            title=f"{form.department}: {form.kind}",
            subject=f"Targets {form.academic_year}",
            author=form.school,
            company=form.school,
        )
        return book.close()


def write_read_me(book: WorkbookWriter, form: ModerationForm) -> None:
    """Write the sheet `Read me` of a moderation workbook."""
    formats = book.formats
    words = template("moderation")["read_me"]
    names = template("moderation")["sheets"]
    writer = book.add_sheet(names["read_me"])
    writer.sheet.hide_gridlines(2)
    for column, width in enumerate(READ_ME_WIDTHS):
        writer.column_width(column, width)
    title = words["title_review" if form.kind == "review" else "title"]
    about = words["about"].format(
        school=form.school,
        academic_year=form.academic_year,
        written=form.written_at[:16].replace("T", " "),
        who=form.written_by,
    )
    for row, text, height, style in (
        (0, title.format(department=form.department), 27.0,
         formats.cell("navy", "navy_ink", bold=True, font_size=16, indent=1)),
        (1, about, 18.0, formats.cell("navy", "navy_ink", indent=1)),
    ):  # fmt: skip
        writer.fill_blank(row, 0, 1, style)
        writer.text(row, 0, text, style)
        writer.row_height(row, height)
    row = _write_steps(writer, form, 3)
    row = _write_contents(writer, form, row + 1)
    row = _write_meanings(writer, form, row + 1)
    until = f"31 August {int(form.academic_year[:4]) + 1}"
    quiet = formats.cell("paper", "quiet", indent=1)
    keep = words["keep"].format(department=form.department, until=until)
    writer.text(row + 1, 0, keep, quiet)
    checked_call(writer.sheet.set_paper, 9)
    checked_call(writer.sheet.fit_to_pages, 1, 0)
    writer.sheet.protect()


def _write_steps(writer: SheetWriter, form: ModerationForm, row: int) -> int:
    words = template("moderation")["read_me"]
    steps = list(words["steps"])
    if form.kind == "review":
        steps.insert(0, words["step_review"])
    row = _write_heading(writer, words["what"], row)
    for number, step in enumerate(steps, start=1):
        text = f"{number}.  {step.format(contact=form.contact)}"
        row = _write_paragraph(writer, text, row)
    return row


def _write_contents(writer: SheetWriter, form: ModerationForm, row: int) -> int:
    formats = writer.formats
    words = template("moderation")["read_me"]
    names = template("moderation")["sheets"]
    row = _write_heading(writer, words["contents"], row)
    lines = {sheet.name: _contents_line(sheet) for sheet in form.sheets}
    lines[names["chances"]] = words["content_chances"]
    lines[names["sums"]] = words["content_sums"]
    link = formats.cell("paper", "link", underline=1, indent=1)
    plain = formats.cell("paper", "ink")
    for name, text in lines.items():
        writer.link(row, 0, f"{quote_sheet(name)}!A1", name, link)
        writer.text(row, 1, text, plain)
        writer.row_height(row, 18)
        row += 1
    return row


def _contents_line(sheet: FormSheet) -> str:
    rows = sheet.rows
    counts: Mapping[str, int] = {
        "without": int(rows["expected"].isna().sum()),
        "provisional": int(rows["status"].eq("provisional").sum()),
        "queries": int(rows["query"].ne("").sum()),
        "proposals": int(rows["proposal"].ne("").sum()),
    }
    pupils = "1 pupil" if len(rows) == 1 else f"{len(rows)} pupils"
    text: str = template("moderation")["read_me"]["content_line"]
    return text.format(pupils=pupils, **counts)


def _write_meanings(writer: SheetWriter, form: ModerationForm, row: int) -> int:
    formats = writer.formats
    words = template("moderation")["read_me"]
    row = _write_heading(writer, words["columns"], row)
    label = formats.cell("band", "navy", bold=True, indent=1, valign="top")
    plain = formats.cell("paper", "ink", text_wrap=True, valign="top", indent=1)
    for name, meaning in words["meanings"]:
        text = meaning.format(method=form.method)
        writer.text(row, 0, name, label)
        writer.text(row, 1, text, plain)
        lines = math.ceil(len(text) / (READ_ME_WIDTHS[1] - 4))
        writer.row_height(row, lines * LINE_HEIGHT + 4)
        row += 1
    return row


def _write_heading(writer: SheetWriter, text: str, row: int) -> int:
    formats = writer.formats
    style = formats.cell("paper", "navy", bold=True, font_size=13, indent=1)
    writer.text(row, 0, text, style)
    writer.row_height(row, 24)
    return row + 1


def _write_paragraph(writer: SheetWriter, text: str, row: int) -> int:
    formats = writer.formats
    style = formats.cell("paper", "ink", text_wrap=True, valign="top", indent=1)
    checked_call(writer.sheet.merge_range, row, 0, row, 1, "", style)
    writer.text(row, 0, text, style)
    lines = math.ceil(len(text) / (sum(READ_ME_WIDTHS) - 6))
    writer.row_height(row, lines * LINE_HEIGHT + 4)
    return row + 1
