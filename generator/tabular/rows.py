"""What an export looks like once opened: sheets of rows of text, nothing guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from udfs.errors import MarkbookError

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # Excel's own
CELL_LIMIT = 1_000_000  # a class list of the largest school has 400,000

# What other programs leave in a text and nobody can see.
_INVISIBLE = {
    sign: None
    for sign in (*range(0x20), 0x7F, 0xFEFF, 0x200B, 0x200E, 0x200F, 0x00AD, 0x2060)
    if not chr(sign).isspace()
}


class TooManyCells(Exception):
    """A list with more cells than any export; turned into one line naming the file."""


class Unreadable(MarkbookError):
    """A file that is damaged, protected or of another kind: nothing is imported."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row that has something in it.

    Args:
        number: Its number as a spreadsheet shows it; the first row is 1.
        cells: Column (the first is 0) -> text; blank cells are left out.
    """

    number: int
    cells: dict[int, str]


@dataclass(frozen=True, slots=True)
class TableSheet:
    """One sheet of a workbook, or a whole CSV file.

    Args:
        name: The sheet's name; empty for a CSV file.
        rows: The rows that are not blank, in order.
        lost: Cells whose value the file does not hold, and why: error values, and
            formulas that no program has worked out.
    """

    name: str
    rows: tuple[TableRow, ...]
    lost: tuple[tuple[str, str], ...] = ()

    def widest(self) -> int:
        """How many columns have something in them, gaps included."""
        return max((max(row.cells) + 1 for row in self.rows if row.cells), default=0)


def tidy_text(text: str) -> str:
    r"""A cell's text as it is compared and kept: one line, single spaces.

    Letters are composed (`é` is one letter whichever way it was typed); nothing
    else is changed, so `=1+1`, `Null` and `004001` are what they were.

    >>> tidy("  O\u2019Neill\xa0 \n")
    'O’Neill'
    """
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return " ".join(text.split())


def column_letters(column: int) -> str:
    """The letters over a column (the first is 0).

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def table_rows(records: Iterator[list[str]]) -> Iterator[TableRow]:
    """Rows of text, numbered as a spreadsheet would, blank ones left out.

    Raises:
        TooMuch: If there are more cells than any export has.
    """
    left = CELL_LIMIT
    for number, record in enumerate(records, start=1):
        cells = {
            column: text
            for column, cell in enumerate(record)
            if (text := tidy_text(cell) if cell else "")
        }
        left -= len(cells)
        if left < 0 or number > LAST_ROW:
            raise TooManyCells
        if cells:
            yield TableRow(number, cells)
