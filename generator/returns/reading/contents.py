"""What the cells of a workbook refer to: texts, styles and document properties."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zipfile import ZipFile

from generator.returns.reading.envelope import chunks
from generator.returns.reading.parsing import (
    MAX_TEXT,
    Local,
    Spent,
    named,
    parse,
    parse_pieces,
    truth,
    unescaped,
)
from generator.returns.reading.refusals import Refused

MAX_STRINGS = 60_000
MAX_STYLES = 20_000
MAX_PROPERTIES = 5_000
KEPT, MAX_KEPT = 16, 1 << 17  # lists of styles that are remembered, and their bytes

Styles = Sequence[tuple[bool, bool]]  # locked, dated
_known_styles: dict[bytes, Styles] = {}

_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
# Number formats that Excel keeps for dates and times, whatever they look like.
_DATE_FORMATS = frozenset(
    [*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)]
)


def one_text(package: ZipFile, part: str, wanted: str, spent: Spent) -> str:
    """The text of an element, of a hundred characters at most.

    Args:
        package: The workbook's package.
        part: The part.
        wanted: The element's name: `modified`.
        spent: What the file has used up of its limits.
    """
    found: list[str] = []
    inside = False

    def start(_: dict[str, str]) -> None:
        nonlocal inside
        inside = True

    def end() -> None:
        nonlocal inside
        inside = False

    def text(piece: str) -> None:
        if inside and len(found) < 100:
            found.append(piece[:100])

    parse(package, part, spent, Local({wanted: start}), Local({wanted: end}), text)
    return "".join(found).strip()[:100]


def custom_properties(package: ZipFile, part: str, spent: Spent) -> dict[str, str]:
    """The custom document properties, by name."""
    found: dict[str, str] = {}
    name = ""

    def start(a: dict[str, str]) -> None:
        nonlocal name
        name = a.get("name", "")
        if len(found) >= MAX_PROPERTIES:
            raise Refused("too-much", "document properties")
        found[name] = ""

    def end() -> None:
        nonlocal name
        name = ""

    def text(piece: str) -> None:
        # LibreOffice breaks lines between the elements.
        if name and (bare := piece.strip()):
            if len(found[name]) + len(bare) > MAX_TEXT:
                raise Refused("too-much", "a document property")
            found[name] += bare

    parse(package, part, spent, Local(property=start), Local(property=end), text)
    return found


def shared_strings(package: ZipFile, part: str, spent: Spent) -> list[str]:
    """The texts that cells refer to by number, without their reading aids."""
    found: list[str] = []
    pieces: list[str] = []
    size = 0
    reading = phonetic = False

    def open_text(_: dict[str, str]) -> None:
        nonlocal reading
        reading = not phonetic

    def close_text() -> None:
        nonlocal reading
        reading = False

    def open_aid(_: dict[str, str]) -> None:
        nonlocal phonetic
        phonetic = True

    def close_aid() -> None:
        nonlocal phonetic
        phonetic = False

    def open_item(_: dict[str, str]) -> None:
        nonlocal size
        pieces.clear()
        size = 0
        if len(found) >= MAX_STRINGS:
            raise Refused("too-much", "texts")

    def close_item() -> None:
        found.append(unescaped("".join(pieces)))

    def text(piece: str) -> None:
        nonlocal size
        if reading:
            size += len(piece)
            if size > MAX_TEXT:
                raise Refused("too-much", "a text longer than a cell can hold")
            pieces.append(piece)

    parse(
        package,
        part,
        spent,
        named(t=open_text, rPh=open_aid, si=open_item),
        named(t=close_text, rPh=close_aid, si=close_item),
        text,
    )
    return found


def cell_styles(package: ZipFile, part: str, spent: Spent) -> Styles:
    """Of each cell style, whether it locks and whether it shows a date."""
    whole = b"".join(chunks(package, part))
    # All markbooks of an issue have the same, and a program saves them alike.
    if known := _known_styles.get(whole):
        spent.tags(whole)
        return known
    found = _cell_styles(whole, part, spent)
    if len(whole) <= MAX_KEPT:
        if len(_known_styles) == KEPT:
            _known_styles.clear()
        _known_styles[whole] = found
    return found


def _cell_styles(whole: bytes, part: str, spent: Spent) -> Styles:
    styles: list[tuple[bool, bool]] = []
    formats: dict[str, bool] = {}
    inside = False

    def number_format(a: dict[str, str]) -> None:
        if len(formats) >= MAX_STYLES:
            raise Refused("too-much", "number formats")
        formats[a.get("numFmtId", "")] = shows_date(a.get("formatCode", "")[:255])

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
            raise Refused("too-much", "cell styles")
        number = a.get("numFmtId", "0")
        dated = formats.get(number)
        if dated is None:
            dated = number.isdecimal() and int(number) in _DATE_FORMATS
        styles.append((True, dated))

    def protection(a: dict[str, str]) -> None:
        if inside and styles:
            styles[-1] = (truth(a.get("locked", "1")), styles[-1][1])

    parse_pieces(
        [whole],
        part,
        spent,
        named(numFmt=number_format, cellXfs=open_list, xf=style, protection=protection),
        named(cellXfs=close_list),
    )
    return tuple(styles)


def shows_date(code: str) -> bool:
    """Whether a number format shows a date or a time.

    >>> shows_date("d-mmm"), shows_date('0.0" days"'), shows_date("[Red]0;@")
    (True, False, False)
    """
    bare = _QUOTED.sub("", code).casefold()
    return "general" not in bare and any(letter in bare for letter in "dmyhs")
