"""Write a whole markbook: the reference that every issued file equals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from generator.markbook.entry_sheet import write_entry_sheet
from generator.markbook.hidden_sheets import markbook_lists, write_identity, write_lists
from generator.markbook.identity import Identity, markbook_identity
from generator.markbook.ladder_sheet import LADDER_SHEET, write_ladder
from generator.markbook.layout import LISTS_SHEET, META_SHEET, Markbook
from generator.markbook.over_time_sheet import (
    BOARD_SHEET,
    OVER_TIME_SHEET,
    write_board,
    write_over_time,
)
from generator.markbook.print_sheet import PRINT_SHEET, write_print_sheet
from generator.markbook.read_me_sheet import README_SHEET, write_read_me
from generator.markbook.sheet_content import SheetContent, sheet_scales
from generator.markbook.summary_sheet import SUMMARY_SHEET, write_summary
from generator.xlsx.writer import WorkbookWriter, strict_writing
from udfs.tables import Tables

# Names that an entry sheet may not have.
RESERVED_SHEETS = (
    README_SHEET,
    SUMMARY_SHEET,
    OVER_TIME_SHEET,
    BOARD_SHEET,
    PRINT_SHEET,
    LADDER_SHEET,
    LISTS_SHEET,
    META_SHEET,
)


def write_markbook(markbook: Markbook, tables: Tables, key: bytes) -> bytes:
    """Write a markbook.

    Args:
        markbook: Content of the file; each of its sheets has rows.
        tables: The school's scales and codes.
        key: The school's secret key, which signs the identity.

    Returns:
        The file, byte for byte the same for the same markbook and key.

    Raises:
        UnknownScale: If a sheet's subject is on a scale that the tables do not have.
        ExcelLimitError: If Excel cannot hold something in it.
    """
    return write_sheets(
        markbook, sheet_contents(markbook, tables), markbook_identity(markbook, key)
    )


def sheet_contents(
    markbook: Markbook, tables: Tables, kind: type[SheetContent] = SheetContent
) -> list[SheetContent]:
    """The content of a markbook's entry sheets, with the lists they share.

    Raises:
        UnknownScale: If a sheet's subject is on a scale that the tables do not have.
    """
    scales = [
        scale for sheet in markbook.sheets for scale in sheet_scales(sheet, tables)
    ]
    lists = markbook_lists(markbook, scales, tables.codes)
    return [kind.of(sheet, tables, lists) for sheet in markbook.sheets]


def write_sheets(
    markbook: Markbook, contents: Sequence[SheetContent], identity: Identity
) -> bytes:
    """Write the sheets of a markbook with an identity.

    Raises:
        ExcelLimitError: If Excel cannot hold something in it.
    """
    with strict_writing():
        book = WorkbookWriter(datetime.fromisoformat(markbook.issued_at), markbook.lock)
        write_read_me(book, markbook, contents)
        for content in contents:
            write_entry_sheet(book, markbook, content)
        write_summary(book, markbook, contents)
        write_over_time(book, markbook, contents)
        write_ladder(book, markbook, contents)
        write_board(book, markbook, contents)
        write_print_sheet(book, markbook, contents)
        write_lists(book, contents[0].lists)
        write_identity(book, identity)
        book.workbook.get_worksheet_by_name(contents[0].sheet.name).activate()
        collection = markbook.collection_name or markbook.collection
        book.set_document_properties(
            title=f"{contents[0].title}, {collection}",
            subject=f"Markbook {markbook.academic_year}",
            author=markbook.school,
            company=markbook.school,
        )
        return book.close()
