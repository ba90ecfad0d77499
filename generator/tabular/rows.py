"""Sheets and rows of text: what a table file holds once it is open."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from udfs.errors import MarkbookError

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # as in Excel
CELL_LIMIT = 1_000_000  # a class list of the largest school has 400,000

# Characters that programs leave in a text and nobody sees.
_INVISIBLE = {
    sign: None
    for sign in (*range(0x20), 0x7F, 0xFEFF, 0x200B, 0x200E, 0x200F, 0x00AD, 0x2060)
    if not chr(sign).isspace()
}


class TooManyCells(Exception):
    """A table with more cells than any export."""


class Unreadable(MarkbookError):
    """A file is damaged, protected or of another kind: nothing is imported."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that is not blank.

    Args:
        number: The row number that a spreadsheet shows; the first row is 1.
        cells: Column, from 0 -> text; without blank cells.
    """

    number: int
    cells: dict[int, str]


@dataclass(frozen=True, slots=True)
class TableSheet:
    """A sheet of a workbook, or a whole CSV file.

    Args:
        name: The sheet's name; empty for a CSV file.
        rows: The rows that are not blank, in order.
        missing_values: Cells whose value the file does not hold, with the reason: an
            error value, or a formula that no program has calculated.
        repaired: Cells whose letters were garbled: (cell, as it came, as it was read).
    """

    name: str
    rows: tuple[TableRow, ...]
    missing_values: tuple[tuple[str, str], ...] = ()
    repaired: tuple[tuple[str, str, str], ...] = ()


def tidy_text(text: str) -> str:
    r"""A cell's text on one line, with single spaces and composed letters.

    Nothing else changes: `=1+1`, `Null` and `004001` stay as they are.

    >>> tidy_text("  O\u2019Neill\xa0 \n")
    'O’Neill'
    """
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return " ".join(text.split())


def column_letters(column: int) -> str:
    """The letters above a column, counted from 0.

    >>> column_letters(0), column_letters(25), column_letters(26)
    ('A', 'Z', 'AA')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def table_rows(records: Iterator[list[str]]) -> Iterator[TableRow]:
    """Yield the rows that are not blank, numbered as in a spreadsheet.

    Raises:
        TooMuch: If there are more cells than any export has.
    """
    budget = CELL_LIMIT
    for number, record in enumerate(records, start=1):
        cells = {
            column: text
            for column, cell in enumerate(record)
            if (text := tidy_text(cell) if cell else "")
        }
        budget -= len(cells)
        if budget < 0 or number > LAST_ROW:
            raise TooManyCells
        if cells:
            yield TableRow(number, cells)
