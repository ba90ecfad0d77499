"""Read the cell styles of a workbook: what they lock, and which show a date."""

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

Styles = Sequence[tuple[bool, bool]]  # locked, dated
_style_cache: dict[bytes, Styles] = {}

# The closing sign may be missing: then the rest is quoted, and no place is tried twice.
_QUOTED = re.compile(r'"[^"]*"?|\[[^\]]*\]?|\\.|_.|\*.')
# Number formats that Excel keeps for dates and times, whatever they look like.
_DATE_FORMATS = frozenset(
    [*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)]
)


def read_cell_styles(package: ZipFile, part: str, budget: ReadBudget) -> Styles:
    """Read for each cell style whether it locks and whether it shows a date."""
    data = b"".join(read_chunks(package, part))
    # All markbooks of an issue have the same styles, as does every copy that one
    # program saves.
    if cached := _style_cache.get(data):
        budget.count_chunk(data)
        return cached
    styles = tuple(
        (style.locked, is_date_format(style.number, style.code))
        for style in parse_cell_formats([data], part, budget)
    )
    if len(data) <= MAX_CACHED_SIZE:
        if len(_style_cache) == MAX_CACHED_STYLES:
            _style_cache.clear()
        _style_cache[data] = styles
    return styles


class CellFormat(NamedTuple):
    """A cell style: the id and code of its number format, and whether it locks."""

    number: str
    code: str | None
    locked: bool


def parse_cell_formats(
    chunks: Iterable[bytes], part: str, budget: ReadBudget
) -> list[CellFormat]:
    """Parse the cell styles of a workbook, in the order in which cells refer to them.

    Args:
        chunks: The content of the part.
        part: The part.
        budget: What the file has used of its limits.
    """
    styles: list[CellFormat] = []
    codes: dict[str, str] = {}
    inside = False

    def number_format(a: dict[str, str]) -> None:
        if len(codes) >= MAX_STYLES:
            raise FileRefused("too-much", "number formats")
        codes[a.get("numFmtId", "")] = a.get("formatCode", "")[:MAX_FORMAT_CODE]

    def open_list(_: dict[str, str]) -> None:
        nonlocal inside
        inside = True

    def close_list() -> None:
        nonlocal inside
        inside = False

    def style(a: dict[str, str]) -> None:
        if not inside:
            return
        if len(styles) >= MAX_STYLES:
            raise FileRefused("too-much", "cell styles")
        number = a.get("numFmtId", "0")
        styles.append(CellFormat(number, codes.get(number), True))

    def protection(a: dict[str, str]) -> None:
        if inside and styles:
            locked = parse_bool(a.get("locked", "1"))
            styles[-1] = styles[-1]._replace(locked=locked)

    parse_chunks(
        chunks,
        part,
        budget,
        LocalNameHandlers(
            numFmt=number_format, cellXfs=open_list, xf=style, protection=protection
        ),
        LocalNameHandlers(cellXfs=close_list),
    )
    return styles


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
