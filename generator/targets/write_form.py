"""Writing a whole moderation workbook, the same bytes for the same content."""

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
from generator.xlsx.theme import CellFormats, template
from generator.xlsx.writer import (
    SheetWriter,
    WorkbookWriter,
    checked_call,
    strict_writing,
)
from udfs.tables import Tables


def write_form(
    form: ModerationForm,
    tables: Tables,
    key: bytes,
    *,
    taught: Mapping[str, str],
    years: tuple[str, ...],
) -> bytes:
    """Write a moderation workbook.

    Args:
        form: Everything that stands in it; it has a sheet at least.
        tables: Scales, subjects and national figures.
        key: The school's own secret, which seals the identity.
        taught: Class -> its lead teacher's name.
        years: The academic years of national figures counted together.

    Raises:
        ExcelLimitError: If Excel cannot hold something in it.
    """
    # A great many cells that all live to the end: not worth searching for rubbish.
    searching = gc.isenabled()
    gc.disable()
    try:
        return _write(form, tables, key, taught=taught, years=years)
    finally:
        if searching:
            gc.enable()


def _write(
    form: ModerationForm,
    tables: Tables,
    key: bytes,
    *,
    taught: Mapping[str, str],
    years: tuple[str, ...],
) -> bytes:
    scales = list({sheet.scale.name: sheet.scale for sheet in form.sheets}.values())
    numbers = {scale.name: number for number, scale in enumerate(scales, start=1)}
    placed = chance_blocks(form)
    with strict_writing():
        book = WorkbookWriter(datetime.fromisoformat(form.written_at))
        formats = CellFormats(book.workbook)
        write_read_me(book, formats, form)
        for sheet in form.sheets:
            write_moderation_sheet(
                book,
                formats,
                form,
                sheet,
                number=numbers[sheet.scale.name],
                block=placed.get(sheet.subject) if sheet.figures else None,
            )
        write_chances(book, formats, placed)
        write_totals(book, formats, form, tables, taught=taught, years=years)
        write_choice_lists(book, formats, scales)
        write_identity(book, formats, form.identity(key))
        book.set_document_properties(
            title=f"{form.department}: {form.kind}",
            subject=f"Targets {form.academic_year}",
            author=form.school,
            company=form.school,
        )
        return book.close()


GRID = (30.0, 104.0)
LINE = 15.0


def write_read_me(
    book: WorkbookWriter, formats: CellFormats, form: ModerationForm
) -> None:
    """Write the sheet."""
    words = template("moderation")["read_me"]
    names = template("moderation")["sheets"]
    writer = book.add_sheet(names["read_me"])
    writer.sheet.hide_gridlines(2)
    for at, width in enumerate(GRID):
        writer.column_width(at, width)
    review = form.kind == "review"
    title = formats.cell("navy", "navy_ink", bold=True, font_size=16, indent=1)
    about = formats.cell("navy", "navy_ink", indent=1)
    said = words["title_review" if review else "title"]
    when = form.written_at[:16].replace("T", " ")
    line = words["about"].format(
        school=form.school,
        academic_year=form.academic_year,
        written=when,
        who=form.written_by,
    )
    for row, text, style, height in (
        (0, said.format(department=form.department), title, 27.0),
        (1, line, about, 18.0),
    ):
        writer.fill_blank(row, 0, 1, style)
        writer.text(row, 0, text, style)
        writer.row_height(row, height)
    row = _steps(writer, formats, form, 3)
    row = _contents(writer, formats, form, row + 1)
    row = _meanings(writer, formats, form, row + 1)
    until = f"31 August {int(form.academic_year[:4]) + 1}"
    quiet = formats.cell("paper", "quiet", indent=1)
    said = words["keep"].format(department=form.department, until=until)
    writer.text(row + 1, 0, said, quiet)
    checked_call(writer.sheet.set_paper, 9)
    checked_call(writer.sheet.fit_to_pages, 1, 0)
    writer.sheet.protect()


def _steps(
    writer: SheetWriter, formats: CellFormats, form: ModerationForm, row: int
) -> int:
    words = template("moderation")["read_me"]
    steps = list(words["steps"])
    if form.kind == "review":
        steps.insert(0, words["step_review"])
    row = _heading(writer, formats, words["what"], row)
    for number, step in enumerate(steps, start=1):
        text = f"{number}.  {step.format(contact=form.contact)}"
        row = _write_paragraph(writer, formats, text, row)
    return row


def _contents(
    writer: SheetWriter, formats: CellFormats, form: ModerationForm, row: int
) -> int:
    words = template("moderation")["read_me"]
    names = template("moderation")["sheets"]
    row = _heading(writer, formats, words["contents"], row)
    lines = {sheet.name: _contents_line(sheet) for sheet in form.sheets}
    lines[names["chances"]] = words["content_chances"]
    lines[names["sums"]] = words["content_sums"]
    link = formats.cell("paper", "link", underline=1, indent=1)
    plain = formats.cell("paper", "ink")
    for name, said in lines.items():
        writer.link(row, 0, f"{quote_sheet(name)}!A1", name, link)
        writer.text(row, 1, said, plain)
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


def _meanings(
    writer: SheetWriter, formats: CellFormats, form: ModerationForm, row: int
) -> int:
    words = template("moderation")["read_me"]
    row = _heading(writer, formats, words["columns"], row)
    label = formats.cell("band", "navy", bold=True, indent=1, valign="top")
    plain = formats.cell("paper", "ink", text_wrap=True, valign="top", indent=1)
    for name, meaning in words["meanings"]:
        text = meaning.format(method=form.method)
        writer.text(row, 0, name, label)
        writer.text(row, 1, text, plain)
        writer.row_height(row, math.ceil(len(text) / (GRID[1] - 4)) * LINE + 4)
        row += 1
    return row


def _heading(writer: SheetWriter, formats: CellFormats, text: str, row: int) -> int:
    style = formats.cell("paper", "navy", bold=True, font_size=13, indent=1)
    writer.text(row, 0, text, style)
    writer.row_height(row, 24)
    return row + 1


def _write_paragraph(
    writer: SheetWriter, formats: CellFormats, text: str, row: int
) -> int:
    style = formats.cell("paper", "ink", text_wrap=True, valign="top", indent=1)
    checked_call(writer.sheet.merge_range, row, 0, row, 1, "", style)
    writer.text(row, 0, text, style)
    writer.row_height(row, math.ceil(len(text) / (sum(GRID) - 6)) * LINE + 4)
    return row + 1
