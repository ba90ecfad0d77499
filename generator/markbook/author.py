"""Writing a whole markbook: the reference that every issued file is equal to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from generator.markbook.entry import write_entry
from generator.markbook.hidden import lists_of, write_identity, write_lists
from generator.markbook.identity import Identity, identity_of
from generator.markbook.ladder import LADDER_SHEET, write_ladder
from generator.markbook.layout import LISTS_SHEET, META_SHEET, Markbook
from generator.markbook.overtime import (
    BOARD_SHEET,
    OVER_TIME_SHEET,
    write_board,
    write_over_time,
)
from generator.markbook.page import Page, scales_of
from generator.markbook.pen import Book, strictly
from generator.markbook.printout import PRINT_SHEET, write_printout
from generator.markbook.readme import README_SHEET, write_read_me
from generator.markbook.summary import SUMMARY_SHEET, write_summary
from generator.markbook.theme import Looks
from udfs.tables import Tables

# Names that an entry sheet may not have.
OTHER_SHEETS = (
    README_SHEET,
    SUMMARY_SHEET,
    OVER_TIME_SHEET,
    BOARD_SHEET,
    PRINT_SHEET,
    LADDER_SHEET,
    LISTS_SHEET,
    META_SHEET,
)


def author(markbook: Markbook, tables: Tables, key: bytes) -> bytes:
    """Write a markbook.

    Args:
        markbook: Everything that stands in it; its sheets have rows.
        tables: The school's scales and codes.
        key: The school's own secret, which seals the identity.

    Returns:
        The file, byte for byte the same for the same markbook and key.

    Raises:
        UnknownScale: If a sheet's subject is on a scale that the tables do not have.
        SheetRefused: If Excel cannot hold something in it.
    """
    return compose(markbook, pages_of(markbook, tables), identity_of(markbook, key))


def pages_of(markbook: Markbook, tables: Tables, kind: type[Page] = Page) -> list[Page]:
    """A markbook's entry sheets with their scales, which they share the lists of.

    Raises:
        UnknownScale: If a sheet's subject is on a scale that the tables do not have.
    """
    scales = [scale for sheet in markbook.sheets for scale in scales_of(sheet, tables)]
    lists = lists_of(markbook, scales, tables.codes)
    return [kind.of(sheet, tables, lists) for sheet in markbook.sheets]


def compose(markbook: Markbook, pages: Sequence[Page], identity: Identity) -> bytes:
    """Write what pages and an identity say, sheet by sheet.

    Raises:
        SheetRefused: If Excel cannot hold something in it.
    """
    with strictly():
        book = Book(datetime.fromisoformat(markbook.issued_at), markbook.lock)
        looks = Looks(book.workbook)
        write_read_me(book, looks, markbook, pages)
        for page in pages:
            write_entry(book, looks, markbook, page)
        write_summary(book, looks, markbook, pages)
        write_over_time(book, looks, markbook, pages)
        write_ladder(book, looks, markbook, pages)
        write_board(book, looks, markbook, pages)
        write_printout(book, looks, markbook, pages)
        write_lists(book, looks, pages[0].lists)
        write_identity(book, looks, identity)
        book.workbook.get_worksheet_by_name(pages[0].sheet.name).activate()
        shown = markbook.collection_name or markbook.collection
        book.about(
            title=f"{pages[0].title}, {shown}",
            subject=f"Markbook {markbook.academic_year}",
            author=markbook.school,
            company=markbook.school,
        )
        return book.close()
