"""Read the cell styles of a workbook: what they lock, strike out or show as dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from zipfile import ZipFile

from generator.xlsx.package import read_chunks
from generator.xlsx.refusals import FileRefused
from generator.xlsx.xml_parser import (
    LocalNameHandlers,
    ReadBudget,
    parse_bool,
    parse_chunks,
)

MAX_STYLES = 20_000
MAX_FORMAT_CODE = 255  # characters
MAX_CACHED_STYLES = 16  # style lists
MAX_CACHED_SIZE = 1 << 17  # bytes of one

Styles = Sequence[tuple[bool, bool, bool]]  # locked, dated, struck out
_style_cache: dict[bytes, Styles] = {}

# The closing sign may be missing: then the rest is quoted, and no place is tried twice.
_QUOTED = re.compile(r'"[^"]*"?|\[[^\]]*\]?|\\.|_.|\*.')
# Number formats that Excel keeps for dates and times, whatever they look like.
_DATE_FORMATS = frozenset(
    [*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)]
)


def read_cell_styles(package: ZipFile, part: str, budget: ReadBudget) -> Styles:
    """Read for each cell style whether it locks, shows a date and strikes out."""
    data = b"".join(read_chunks(package, part))
    # All markbooks of an issue have the same styles, as does every copy that one
    # program saves.
    if cached := _style_cache.get(data):
        budget.count_chunk(data)
        return cached
    styles = tuple(
        (style.locked, is_date_format(style.number, style.code), style.struck)
        for style in parse_cell_formats([data], part, budget)
    )
    if len(data) <= MAX_CACHED_SIZE:
        if len(_style_cache) == MAX_CACHED_STYLES:
            _style_cache.clear()
        _style_cache[data] = styles
    return styles


class CellFormat(NamedTuple):
    """A cell style: its number format's id and code, if it locks and strikes out."""

    number: str
    code: str | None
    locked: bool
    struck: bool


def parse_cell_formats(
    chunks: Iterable[bytes], part: str, budget: ReadBudget
) -> list[CellFormat]:
    """Parse the cell styles of a workbook, in the order in which cells refer to them.

    Args:
        chunks: The content of the part.
        part: The part.
        budget: What the file has used of its limits.
    """
    parser = _FormatParser()
    parse_chunks(
        chunks,
        part,
        budget,
        LocalNameHandlers(
            numFmt=parser.number_format,
            fonts=parser.open_fonts,
            font=parser.font,
            strike=parser.strike,
            cellXfs=parser.open_list,
            xf=parser.style,
            protection=parser.protection,
        ),
        LocalNameHandlers(fonts=parser.close, cellXfs=parser.close),
    )
    return parser.styles


class _FormatParser:
    """The handlers that parse the cell styles, and their state."""

    def __init__(self) -> None:
        self.styles: list[CellFormat] = []
        self.codes: dict[str, str] = {}
        self.fonts: list[bool] = []  # whether each strikes out
        self.inside = ""  # the list that is being read

    def number_format(self, a: dict[str, str]) -> None:
        if len(self.codes) >= MAX_STYLES:
            raise FileRefused("too-much", "number formats")
        self.codes[a.get("numFmtId", "")] = a.get("formatCode", "")[:MAX_FORMAT_CODE]

    def open_fonts(self, _: dict[str, str]) -> None:
        self.inside = "fonts"

    def open_list(self, _: dict[str, str]) -> None:
        self.inside = "styles"

    def close(self) -> None:
        self.inside = ""

    def font(self, _: dict[str, str]) -> None:
        if self.inside == "fonts":
            self.fonts.append(False)

    def strike(self, a: dict[str, str]) -> None:
        if self.inside == "fonts" and self.fonts:
            self.fonts[-1] = parse_bool(a.get("val", "1"))

    def style(self, a: dict[str, str]) -> None:
        if self.inside != "styles":
            return
        if len(self.styles) >= MAX_STYLES:
            raise FileRefused("too-much", "cell styles")
        number, font = a.get("numFmtId", "0"), a.get("fontId", "")
        is_number = font.isascii() and font.isdecimal()
        struck = is_number and self._strikes(int(font[:9]))
        self.styles.append(CellFormat(number, self.codes.get(number), True, struck))

    def _strikes(self, font: int) -> bool:
        return font < len(self.fonts) and self.fonts[font]

    def protection(self, a: dict[str, str]) -> None:
        if self.inside == "styles" and self.styles:
            locked = parse_bool(a.get("locked", "1"))
            self.styles[-1] = self.styles[-1]._replace(locked=locked)


@lru_cache(maxsize=1 << 10)
def is_date_format(number: str, code: str | None) -> bool:
    """Whether a number format shows a date or a time.

    Args:
        number: Its id; Excel reserves some for dates, whatever they look like.
        code: Its code, or None where the workbook defines none.

    >>> is_date_format("164", "d-mmm"), is_date_format("14", None)
    (True, True)
    >>> is_date_format("164", '0.0" days"'), is_date_format("164", "[Red]0;@")
    (False, False)
    """
    if code is None:
        return number.isdecimal() and int(number) in _DATE_FORMATS
    plain = _QUOTED.sub("", code).casefold()
    return "general" not in plain and any(letter in plain for letter in "dmyhs")
