"""Writing a whole moderation workbook, the same bytes for the same content."""

from __future__ import annotations

import gc
import math
from collections.abc import Mapping
from datetime import datetime

from generator.markbook.hidden_sheets import quote_sheet, write_identity
from generator.targets.chances_sheet import blocks, write_chances
from generator.targets.form import FormSheet, ModerationForm
from generator.targets.moderation_sheet import write_entry, write_lists
from generator.targets.totals_sheet import write_sums
from generator.xlsx.theme import Looks, template
from generator.xlsx.writer import Book, Pen, put, strictly
from udfs.tables import Tables


def author(
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
        SheetRefused: If Excel cannot hold something in it.
    """
    # A great many cells that all live to the end: not worth searching for rubbish.
    searching = gc.isenabled()
    gc.disable()
    try:
        return _authored(form, tables, key, taught=taught, years=years)
    finally:
        if searching:
            gc.enable()


def _authored(
    form: ModerationForm,
    tables: Tables,
    key: bytes,
    *,
    taught: Mapping[str, str],
    years: tuple[str, ...],
) -> bytes:
    scales = list({sheet.scale.name: sheet.scale for sheet in form.sheets}.values())
    numbers = {scale.name: number for number, scale in enumerate(scales, start=1)}
    placed = blocks(form)
    with strictly():
        book = Book(datetime.fromisoformat(form.written_at))
        looks = Looks(book.workbook)
        write_read_me(book, looks, form)
        for sheet in form.sheets:
            write_entry(
                book,
                looks,
                form,
                sheet,
                number=numbers[sheet.scale.name],
                block=placed.get(sheet.subject) if sheet.figures else None,
            )
        write_chances(book, looks, placed)
        write_sums(book, looks, form, tables, taught=taught, years=years)
        write_lists(book, looks, scales)
        write_identity(book, looks, form.identity(key))
        book.about(
            title=f"{form.department}: {form.kind}",
            subject=f"Targets {form.academic_year}",
            author=form.school,
            company=form.school,
        )
        return book.close()


GRID = (30.0, 104.0)
LINE = 15.0


def write_read_me(book: Book, looks: Looks, form: ModerationForm) -> None:
    """Write the sheet."""
    words = template("moderation")["read_me"]
    names = template("moderation")["sheets"]
    pen = book.sheet(names["read_me"])
    pen.sheet.hide_gridlines(2)
    for at, width in enumerate(GRID):
        pen.width(at, width)
    review = form.kind == "review"
    title = looks.of("navy", "navy_ink", bold=True, font_size=16, indent=1)
    about = looks.of("navy", "navy_ink", indent=1)
    said = words["title_review" if review else "title"]
    when = form.written_at[:16].replace("T", " ")
    line = words["about"].format(
        school=form.school,
        academic_year=form.academic_year,
        written=when,
        who=form.written_by,
    )
    for row, text, look, height in (
        (0, said.format(department=form.department), title, 27.0),
        (1, line, about, 18.0),
    ):
        pen.fill(row, 0, 1, look)
        pen.text(row, 0, text, look)
        pen.height(row, height)
    row = _steps(pen, looks, form, 3)
    row = _contents(pen, looks, form, row + 1)
    row = _meanings(pen, looks, form, row + 1)
    until = f"31 August {int(form.academic_year[:4]) + 1}"
    quiet = looks.of("paper", "quiet", indent=1)
    said = words["keep"].format(department=form.department, until=until)
    pen.text(row + 1, 0, said, quiet)
    put(pen.sheet.set_paper, 9)
    put(pen.sheet.fit_to_pages, 1, 0)
    pen.sheet.protect()


def _steps(pen: Pen, looks: Looks, form: ModerationForm, row: int) -> int:
    words = template("moderation")["read_me"]
    steps = list(words["steps"])
    if form.kind == "review":
        steps.insert(0, words["step_review"])
    row = _heading(pen, looks, words["what"], row)
    for number, step in enumerate(steps, start=1):
        text = f"{number}.  {step.format(contact=form.contact)}"
        row = _across(pen, looks, text, row)
    return row


def _contents(pen: Pen, looks: Looks, form: ModerationForm, row: int) -> int:
    words = template("moderation")["read_me"]
    names = template("moderation")["sheets"]
    row = _heading(pen, looks, words["contents"], row)
    lines = {sheet.name: _counted(sheet) for sheet in form.sheets}
    lines[names["chances"]] = words["content_chances"]
    lines[names["sums"]] = words["content_sums"]
    link = looks.of("paper", "link", underline=1, indent=1)
    plain = looks.of("paper", "ink")
    for name, said in lines.items():
        pen.link(row, 0, f"{quote_sheet(name)}!A1", name, link)
        pen.text(row, 1, said, plain)
        pen.height(row, 18)
        row += 1
    return row


def _counted(sheet: FormSheet) -> str:
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


def _meanings(pen: Pen, looks: Looks, form: ModerationForm, row: int) -> int:
    words = template("moderation")["read_me"]
    row = _heading(pen, looks, words["columns"], row)
    label = looks.of("band", "navy", bold=True, indent=1, valign="top")
    plain = looks.of("paper", "ink", text_wrap=True, valign="top", indent=1)
    for name, meaning in words["meanings"]:
        text = meaning.format(method=form.method)
        pen.text(row, 0, name, label)
        pen.text(row, 1, text, plain)
        pen.height(row, math.ceil(len(text) / (GRID[1] - 4)) * LINE + 4)
        row += 1
    return row


def _heading(pen: Pen, looks: Looks, text: str, row: int) -> int:
    look = looks.of("paper", "navy", bold=True, font_size=13, indent=1)
    pen.text(row, 0, text, look)
    pen.height(row, 24)
    return row + 1


def _across(pen: Pen, looks: Looks, text: str, row: int) -> int:
    look = looks.of("paper", "ink", text_wrap=True, valign="top", indent=1)
    put(pen.sheet.merge_range, row, 0, row, 1, "", look)
    pen.text(row, 0, text, look)
    pen.height(row, math.ceil(len(text) / (sum(GRID) - 6)) * LINE + 4)
    return row + 1
