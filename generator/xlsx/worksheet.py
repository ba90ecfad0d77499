"""Read one worksheet: its cells as the file spells them, without interpretation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from zipfile import ZipFile

from generator.xlsx.cell_styles import Styles
from generator.xlsx.refusals import FileRefused
from generator.xlsx.xml_parser import (
    ReadBudget,
    StruckRuns,
    parse_bool,
    parse_part,
    spreadsheet_handlers,
    unescape,
)

MAX_ROWS = 4_000
MAX_COLUMNS = 256
MAX_MERGES = 2_000

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]+)(?::\$?([A-Z]{1,3})\$?([0-9]+))?\Z")


class Cell(NamedTuple):
    """One cell that is not blank.

    Args:
        kind: `s` text, `n` number, `b` boolean, `e` error, `d` ISO date.
        text: The value as the file spells it; empty where a formula has none.
        formula: The formula without `=`, or None for a typed value.
        locked: Whether its style locks it.
        has_date_format: Whether its number format shows a date or time.
        unstruck: What is not struck out, where a part is or all; else None.
    """

    kind: str
    text: str
    formula: str | None = None
    locked: bool = True
    has_date_format: bool = False
    unstruck: str | None = None


@dataclass(slots=True)
class Worksheet:
    """One worksheet: its cells by zero-based row and column."""

    name: str
    state: str = "visible"
    protected: bool = False
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


def read_sheet(
    package: ZipFile,
    part: str,
    sheet: Worksheet,
    *,
    strings: tuple[Sequence[str], Mapping[int, str]],
    styles: Styles,
    budget: ReadBudget,
) -> None:
    """Read a sheet's part into it.

    Args:
        package: The workbook's package.
        part: The name of the sheet's part.
        sheet: The sheet to fill.
        strings: The workbook's shared texts, and what is not struck out of those that
            are struck out in part.
        styles: The workbook's cell styles; empty where it has none.
        budget: What the file has used of its limits.

    Raises:
        FileRefused: If anything in it is damaged or beyond the limits.
    """
    parser = _SheetParser(sheet, strings, styles, budget)
    parse_part(
        package,
        part,
        budget,
        spreadsheet_handlers(
            c=parser.open_cell,
            v=parser.open_value,
            t=parser.open_text,
            f=parser.open_formula,
            rPh=parser.open_phonetic,
            row=parser.open_row,
            sheetProtection=parser.protection,
            mergeCell=parser.merge,
            r=parser.runs.open_run,
            strike=parser.runs.open_strike,
        ),
        spreadsheet_handlers(
            c=parser.close_cell,
            v=parser.close_text,
            t=parser.close_text,
            f=parser.close_text,
            rPh=parser.close_phonetic,
        ),
        parser.text,
    )


@lru_cache(maxsize=1 << 14)
def _parse_reference(reference: str) -> tuple[int, int] | None:
    """Parse a cell reference into zero-based row and column; None where it is none."""
    match = _REFERENCE.match(reference)
    return (int(match[2]) - 1, column_index(match[1])) if match else None


class _SheetParser:
    """The handlers that parse one worksheet, and their state."""

    def __init__(
        self,
        sheet: Worksheet,
        strings: tuple[Sequence[str], Mapping[int, str]],
        styles: Styles,
        budget: ReadBudget,
    ) -> None:
        self.sheet = sheet
        self.strings, self.unstruck = strings
        self.styles = styles
        self.budget = budget
        self.row = -1
        self.column = -1
        self.inside = False
        self.attributes: dict[str, str] = {}
        self.value: list[str] = []
        self.formula: list[str] | None = None
        self.shared_formulas: dict[str, str] = {}
        self.shared_index = ""
        self.sink: list[str] | None = None
        self.phonetic = False
        self.size = 0
        self.runs = StruckRuns()

    def text(self, piece: str) -> None:
        if self.sink is not None:
            self.size += len(piece)
            if self.size > 2 * self.budget.limits.text:
                raise FileRefused("too-much", "a text longer than a cell can hold")
            if self.sink is self.value:
                self.runs.add(len(self.value))
            self.sink.append(piece)

    def open_row(self, a: dict[str, str]) -> None:
        number = a.get("r", "")
        if number and not (number.isascii() and number.isdecimal()):
            raise FileRefused("damaged", f"row {number[:20]!r}")
        self.row = int(number[:9]) - 1 if number else self.row + 1
        self.column = -1

    def open_cell(self, a: dict[str, str]) -> None:
        if self.inside:
            raise FileRefused("damaged", "a cell within a cell")
        reference = a.get("r")
        if reference is None:  # allowed: the next column
            self.column += 1
        else:
            at = _parse_reference(reference)
            if at is None:
                raise FileRefused("damaged", f"the cell {reference[:20]!r}")
            self.row, self.column = at
        self.inside = True
        self.attributes = a
        self.runs.clear()

    def open_value(self, _: dict[str, str]) -> None:
        if self.inside:
            self.sink = self.value

    def open_text(self, _: dict[str, str]) -> None:
        if self.inside and not self.phonetic:
            self.sink = self.value

    def open_formula(self, a: dict[str, str]) -> None:
        if self.inside:
            self.formula = self.sink = []
            self.shared_index = a.get("si", "") if a.get("t") == "shared" else ""

    def close_text(self) -> None:
        self.sink = None

    def open_phonetic(self, _: dict[str, str]) -> None:
        self.phonetic = True

    def close_phonetic(self) -> None:
        self.phonetic = False

    def protection(self, a: dict[str, str]) -> None:
        self.sheet.protected = parse_bool(a.get("sheet", ""))

    def close_cell(self) -> None:
        if not self.inside:
            return
        self.inside = False
        if self.size or self.formula is not None:
            self._store_cell("".join(self.value))
            self.value = []
            self.formula = None
            self.size = 0
        self.sink = None

    def _store_cell(self, text: str) -> None:
        if not text and self.formula is None:
            return
        at = (self.row, self.column)
        if not (0 <= self.row < MAX_ROWS and 0 <= self.column < MAX_COLUMNS):
            raise FileRefused("beyond", self._address)
        if at in self.sheet.cells:
            raise FileRefused("cell-twice", self._address)
        # A file without styles has every cell locked and no dates.
        locked, dated, struck = True, False, False
        if self.styles:
            style = self.attributes.get("s", "0")
            number = int(style[:9]) if style.isascii() and style.isdecimal() else -1
            if not 0 <= number < len(self.styles):
                raise FileRefused("damaged", f"the style of {self._address}")
            locked, dated, struck = self.styles[number]
        unstruck = "" if struck else self._unstruck(text)
        kind, text = self._typed_value(text)
        if len(text) > self.budget.limits.text:
            raise FileRefused("too-much", f"the text in {self._address}")
        self.budget.count_cell(text)
        self.sheet.cells[at] = Cell(
            kind, text, self._formula(), locked, dated, unstruck
        )

    def _unstruck(self, text: str) -> str | None:
        """What is not struck out of a text that is in part; else None."""
        if self.attributes.get("t") == "s":
            number = text.strip()
            return self.unstruck.get(int(number[:9])) if number.isdecimal() else None
        return self.runs.unstruck(self.value)

    @property
    def _address(self) -> str:
        return f"{self.sheet.name[:31]}!{cell_reference(self.row, self.column)}"

    def _typed_value(self, text: str) -> tuple[str, str]:
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
                    raise FileRefused("damaged", f"the text of {self._address}")
                return "s", self.strings[int(number[:9])]
            case "str" | "inlineStr":
                return "s", unescape(text)
            case "b":
                return "b", text.strip()
            case "e":
                return "e", text.strip()
            case "d":
                return "d", text.strip()
            case _:
                raise FileRefused("damaged", f"the kind of {self._address}")

    def _formula(self) -> str | None:
        if self.formula is None:
            return None
        text = "".join(self.formula)
        if self.shared_index:
            if text:
                self.shared_formulas[self.shared_index] = text
            return self.shared_formulas.get(self.shared_index, text)
        return text

    def merge(self, a: dict[str, str]) -> None:
        match = _AREA.match(a.get("ref", ""))
        if not match:
            return
        if len(self.sheet.merges) >= MAX_MERGES:
            raise FileRefused("too-much", "merged cells")
        first, top, last, bottom = match.groups()
        self.sheet.merges.append(
            (
                int(top[:7]) - 1,
                column_index(first),
                int((bottom or top)[:7]) - 1,
                column_index(last or first),
            )
        )


def column_index(letters: str) -> int:
    """The zero-based index of a column, from its letters.

    >>> column_index("A"), column_index("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


@lru_cache(maxsize=1 << 14)
def cell_reference(row: int, column: int) -> str:
    """A cell reference as Excel writes it, from zero-based row and column.

    >>> cell_reference(0, 0), cell_reference(11, 27)
    ('A1', 'AB12')
    """
    letters = ""
    column += 1
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
