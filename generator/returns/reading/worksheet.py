"""One worksheet: its cells as the file spells them, and nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from zipfile import ZipFile

from generator.returns.reading.parsing import (
    MAX_TEXT,
    Spent,
    named,
    parse,
    truth,
    unescaped,
)
from generator.returns.reading.refusals import Refused

MAX_ROWS = 4_000
MAX_COLUMNS = 256
MAX_MERGES = 2_000

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]+)(?::\$?([A-Z]{1,3})\$?([0-9]+))?\Z")


class Cell(NamedTuple):
    """One cell that holds something.

    Args:
        kind: `s` text, `n` number, `b` truth value, `e` error, `d` ISO date.
        text: The value as the file spells it; empty where a formula has none.
        formula: The formula without `=`, or None for a typed value.
        locked: Whether its style locks it.
        dated: Whether its number format shows a date or time.
    """

    kind: str
    text: str
    formula: str | None = None
    locked: bool = True
    dated: bool = False


@dataclass(slots=True)
class Sheet:
    """One worksheet: its cells by zero-based row and column."""

    name: str
    state: str = "visible"
    protected: bool = False
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


def read_sheet(
    package: ZipFile,
    part: str,
    sheet: Sheet,
    *,
    strings: Sequence[str],
    styles: Sequence[tuple[bool, bool]],
    spent: Spent,
) -> None:
    """Fill in a sheet from its part.

    Args:
        package: The workbook's package.
        part: The name of the sheet's part.
        sheet: The sheet to fill in.
        strings: The workbook's shared texts.
        styles: Locked and dated, for each cell style; empty where it has none.
        spent: What the file has used up of its limits.

    Raises:
        Refused: If anything in it is not as it may be.
    """
    reading = _SheetReading(sheet, strings, styles, spent)
    parse(
        package,
        part,
        spent,
        named(
            c=reading.open_cell,
            v=reading.open_value,
            t=reading.open_text,
            f=reading.open_formula,
            rPh=reading.open_aid,
            row=reading.open_row,
            sheetProtection=reading.protection,
            mergeCell=reading.merge,
        ),
        named(
            c=reading.close_cell,
            v=reading.close_text,
            t=reading.close_text,
            f=reading.close_text,
            rPh=reading.close_aid,
        ),
        reading.text,
    )


@lru_cache(maxsize=1 << 14)
def _place(reference: str) -> tuple[int, int] | None:
    """The zero-based row and column of a cell, or None where it is no reference."""
    found = _REFERENCE.match(reference)
    return (int(found[2]) - 1, column_number(found[1])) if found else None


class _SheetReading:
    """One worksheet being read."""

    def __init__(
        self,
        sheet: Sheet,
        strings: Sequence[str],
        styles: Sequence[tuple[bool, bool]],
        spent: Spent,
    ) -> None:
        self.sheet = sheet
        self.strings = strings
        self.styles = styles
        self.spent = spent
        self.row = -1
        self.column = -1
        self.inside = False
        self.attributes: dict[str, str] = {}
        self.value: list[str] = []
        self.formula: list[str] | None = None
        self.shared: dict[str, str] = {}
        self.share = ""
        self.sink: list[str] | None = None
        self.phonetic = False
        self.size = 0

    def text(self, piece: str) -> None:
        if self.sink is not None:
            self.size += len(piece)
            if self.size > 2 * MAX_TEXT:
                raise Refused("too-much", "a text longer than a cell can hold")
            self.sink.append(piece)

    def open_row(self, a: dict[str, str]) -> None:
        number = a.get("r", "")
        if number and not (number.isascii() and number.isdecimal()):
            raise Refused("damaged", f"row {number[:20]!r}")
        self.row = int(number[:9]) - 1 if number else self.row + 1
        self.column = -1

    def open_cell(self, a: dict[str, str]) -> None:
        if self.inside:
            raise Refused("damaged", "a cell within a cell")
        reference = a.get("r")
        if reference is None:  # allowed: it follows the one before
            self.column += 1
        else:
            at = _place(reference)
            if at is None:
                raise Refused("damaged", f"the cell {reference[:20]!r}")
            self.row, self.column = at
        self.inside = True
        self.attributes = a

    def open_value(self, _: dict[str, str]) -> None:
        if self.inside:
            self.sink = self.value

    def open_text(self, _: dict[str, str]) -> None:
        if self.inside and not self.phonetic:
            self.sink = self.value

    def open_formula(self, a: dict[str, str]) -> None:
        if self.inside:
            self.formula = self.sink = []
            self.share = a.get("si", "") if a.get("t") == "shared" else ""

    def close_text(self) -> None:
        self.sink = None

    def open_aid(self, _: dict[str, str]) -> None:
        self.phonetic = True

    def close_aid(self) -> None:
        self.phonetic = False

    def protection(self, a: dict[str, str]) -> None:
        self.sheet.protected = truth(a.get("sheet", ""))

    def close_cell(self) -> None:
        if not self.inside:
            return
        self.inside = False
        if self.size or self.formula is not None:
            self._keep_cell("".join(self.value))
            self.value = []
            self.formula = None
            self.size = 0
        self.sink = None

    def _keep_cell(self, text: str) -> None:
        if not text and self.formula is None:
            return
        at = (self.row, self.column)
        if not (0 <= self.row < MAX_ROWS and 0 <= self.column < MAX_COLUMNS):
            raise Refused("beyond", self._where)
        if at in self.sheet.cells:
            raise Refused("cell-twice", self._where)
        # A file without styles is one without locks or dates.
        locked, dated = True, False
        if self.styles:
            style = self.attributes.get("s", "0")
            number = int(style[:9]) if style.isascii() and style.isdecimal() else -1
            if not 0 <= number < len(self.styles):
                raise Refused("damaged", f"the style of {self._where}")
            locked, dated = self.styles[number]
        kind, text = self._typed(text)
        if len(text) > MAX_TEXT:
            raise Refused("too-much", f"the text in {self._where}")
        self.spent.cell(len(text))
        self.sheet.cells[at] = Cell(kind, text, self._formula(), locked, dated)

    @property
    def _where(self) -> str:
        return f"{self.sheet.name[:31]}!{reference(self.row, self.column)}"

    def _typed(self, text: str) -> tuple[str, str]:
        match self.attributes.get("t", "n"):
            case "n":
                return "n", text.strip()
            case "s":
                if not text:
                    return "s", ""
                number = text.strip()
                if not (number.isascii() and number.isdecimal()) or int(
                    number[:9]
                ) >= len(self.strings):
                    raise Refused("damaged", f"the text of {self._where}")
                return "s", self.strings[int(number[:9])]
            case "str" | "inlineStr":
                return "s", unescaped(text)
            case "b":
                return "b", text.strip()
            case "e":
                return "e", text.strip()
            case "d":
                return "d", text.strip()
            case _:
                raise Refused("damaged", f"the kind of {self._where}")

    def _formula(self) -> str | None:
        if self.formula is None:
            return None
        text = "".join(self.formula)
        if self.share:
            if text:
                self.shared[self.share] = text
            return self.shared.get(self.share, text)
        return text

    def merge(self, a: dict[str, str]) -> None:
        found = _AREA.match(a.get("ref", ""))
        if not found:
            return
        if len(self.sheet.merges) >= MAX_MERGES:
            raise Refused("too-much", "merged cells")
        first, top, last, bottom = found.groups()
        self.sheet.merges.append(
            (
                int(top[:7]) - 1,
                column_number(first),
                int((bottom or top)[:7]) - 1,
                column_number(last or first),
            )
        )


def column_number(letters: str) -> int:
    """The zero-based column of its letters.

    >>> column_number("A"), column_number("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


@lru_cache(maxsize=1 << 14)
def reference(row: int, column: int) -> str:
    """A cell as Excel writes it, from its zero-based row and column.

    >>> reference(0, 0), reference(11, 27)
    ('A1', 'AB12')
    """
    letters = ""
    column += 1
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
