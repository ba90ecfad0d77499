"""Writing a whole moderation workbook, the same bytes for the same content."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from datetime import datetime

from generator.markbook.hidden import write_identity
from generator.markbook.pen import Book, strictly
from generator.markbook.theme import Looks
from generator.targets.chances_sheet import blocks, write_chances
from generator.targets.cover_sheet import write_read_me
from generator.targets.entry_sheet import write_entry, write_lists
from generator.targets.form import Form
from generator.targets.sums_sheet import write_sums
from udfs.tables import Tables


def author(
    form: Form,
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
    form: Form,
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
