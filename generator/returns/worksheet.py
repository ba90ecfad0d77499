"""One worksheet: its cells as the file spells them, and nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zipfile import ZipFile

from generator.returns.parsing import MAX_TEXT, Spent, parse, tags, truth, unescaped
from generator.returns.refusals import Refused

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
    parse(package, part, spent, reading.start, reading.end, reading.text)


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
        self.tags = tags(
            "row", "c", "v", "f", "t", "rPh", "is", "sheetProtection", "mergeCell"
        )
        self.row = -1
        self.column = -1
        self.inside = False
        self.kind = "n"
        self.style = 0
        self.value: list[str] = []
        self.formula: list[str] | None = None
        self.shared: dict[str, str] = {}
        self.share = ""
        self.sink: list[str] | None = None
        self.phonetic = False
        self.size = 0

    def start(self, tag: str, a: dict[str, str]) -> None:
        match self.tags.get(tag):
            case "c":
                self._open_cell(a)
            case "v" if self.inside:
                self.sink = self.value
            case "t" if self.inside and not self.phonetic:
                self.sink = self.value
            case "f" if self.inside:
                self.formula = self.sink = []
                self.share = a.get("si", "") if a.get("t") == "shared" else ""
            case "rPh":
                self.phonetic = True
            case "row":
                self._open_row(a)
            case "sheetProtection":
                self.sheet.protected = truth(a.get("sheet", ""))
            case "mergeCell":
                self._merge(a.get("ref", ""))

    def end(self, tag: str) -> None:
        match self.tags.get(tag):
            case "c" if self.inside:
                self.inside = False
                self._close_cell()
            case "v" | "t" | "f":
                self.sink = None
            case "rPh":
                self.phonetic = False

    def text(self, piece: str) -> None:
        if self.sink is not None:
            self.size += len(piece)
            if self.size > 2 * MAX_TEXT:
                raise Refused("too-much", "a text longer than a cell can hold")
            self.sink.append(piece)

    def _open_row(self, a: dict[str, str]) -> None:
        number = a.get("r", "")
        if number and not (number.isascii() and number.isdecimal()):
            raise Refused("damaged", f"row {number[:20]!r}")
        self.row = int(number[:9]) - 1 if number else self.row + 1
        self.column = -1

    def _open_cell(self, a: dict[str, str]) -> None:
        if self.inside:
            raise Refused("damaged", "a cell within a cell")
        reference = a.get("r")
        if reference is None:  # allowed: it follows the one before
            self.column += 1
        else:
            found = _REFERENCE.match(reference)
            if not found:
                raise Refused("damaged", f"the cell {reference[:20]!r}")
            self.row, self.column = int(found[2]) - 1, column_number(found[1])
        self.inside = True
        self.kind = a.get("t", "n")
        style = a.get("s", "0")
        self.style = int(style[:9]) if style.isascii() and style.isdecimal() else -1
        self.value = []
        self.formula = self.sink = None
        self.size = 0

    def _close_cell(self) -> None:
        text = "".join(self.value)
        if not text and self.formula is None:
            return
        at = (self.row, self.column)
        where = f"{self.sheet.name[:31]}!{reference(*at)}"
        if not (0 <= self.row < MAX_ROWS and 0 <= self.column < MAX_COLUMNS):
            raise Refused("beyond", where)
        if at in self.sheet.cells:
            raise Refused("cell-twice", where)
        self.spent.cell()
        # A file without styles is one without locks or dates.
        locked, dated = True, False
        if self.styles:
            if not 0 <= self.style < len(self.styles):
                raise Refused("damaged", f"the style of {where}")
            locked, dated = self.styles[self.style]
        kind, text = self._typed(text, where)
        if len(text) > MAX_TEXT:
            raise Refused("too-much", f"the text in {where}")
        self.sheet.cells[at] = Cell(kind, text, self._formula(), locked, dated)

    def _typed(self, text: str, where: str) -> tuple[str, str]:
        match self.kind:
            case "n":
                return "n", text.strip()
            case "s":
                if not text:
                    return "s", ""
                number = text.strip()
                if not (number.isascii() and number.isdecimal()) or int(
                    number[:9]
                ) >= len(self.strings):
                    raise Refused("damaged", f"the text of {where}")
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
                raise Refused("damaged", f"the kind of {where}")

    def _formula(self) -> str | None:
        if self.formula is None:
            return None
        text = "".join(self.formula)
        if self.share:
            if text:
                self.shared[self.share] = text
            return self.shared.get(self.share, text)
        return text

    def _merge(self, area: str) -> None:
        found = _AREA.match(area)
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
