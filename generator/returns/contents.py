"""What the cells of a workbook refer to: texts, styles and document properties."""

from __future__ import annotations

import re
from zipfile import ZipFile

from generator.returns.parsing import MAX_TEXT, Spent, parse, tags, truth, unescaped
from generator.returns.refusals import Refused

MAX_STRINGS = 60_000
MAX_STYLES = 20_000
MAX_PROPERTIES = 5_000

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
        wanted: How the element's name ends: `}modified`.
        spent: What the file has used up of its limits.
    """
    found: list[str] = []
    inside = False

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal inside
        inside = tag.endswith(wanted)

    def end(_: str) -> None:
        nonlocal inside
        inside = False

    def text(piece: str) -> None:
        if inside and len(found) < 100:
            found.append(piece[:100])

    parse(package, part, spent, start, end, text)
    return "".join(found).strip()[:100]


def custom_properties(package: ZipFile, part: str, spent: Spent) -> dict[str, str]:
    """The custom document properties, by name."""
    found: dict[str, str] = {}
    name = ""

    def start(tag: str, a: dict[str, str]) -> None:
        nonlocal name
        if tag.endswith("}property"):
            name = a.get("name", "")
            if len(found) >= MAX_PROPERTIES:
                raise Refused("too-much", "document properties")
            found[name] = ""

    def end(tag: str) -> None:
        nonlocal name
        if tag.endswith("}property"):
            name = ""

    def text(piece: str) -> None:
        # LibreOffice breaks lines between the elements.
        if name and (bare := piece.strip()):
            if len(found[name]) + len(bare) > MAX_TEXT:
                raise Refused("too-much", "a document property")
            found[name] += bare

    parse(package, part, spent, start, end, text)
    return found


def shared_strings(package: ZipFile, part: str, spent: Spent) -> list[str]:
    """The texts that cells refer to by number, without their reading aids."""
    found: list[str] = []
    known = tags("si", "t", "rPh")
    pieces: list[str] = []
    size = 0
    reading = phonetic = False

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal reading, phonetic, size
        match known.get(tag):
            case "t":
                reading = not phonetic
            case "rPh":
                phonetic = True
            case "si":
                pieces.clear()
                size = 0
                if len(found) >= MAX_STRINGS:
                    raise Refused("too-much", "texts")

    def end(tag: str) -> None:
        nonlocal reading, phonetic
        match known.get(tag):
            case "t":
                reading = False
            case "rPh":
                phonetic = False
            case "si":
                found.append(unescaped("".join(pieces)))

    def text(piece: str) -> None:
        nonlocal size
        if reading:
            size += len(piece)
            if size > MAX_TEXT:
                raise Refused("too-much", "a text longer than a cell can hold")
            pieces.append(piece)

    parse(package, part, spent, start, end, text)
    return found


def cell_styles(package: ZipFile, part: str, spent: Spent) -> list[tuple[bool, bool]]:
    """Of each cell style, whether it locks and whether it shows a date."""
    styles: list[tuple[bool, bool]] = []
    known = tags("cellXfs", "xf", "protection", "numFmt")
    formats: dict[str, bool] = {}
    inside = False

    def start(tag: str, a: dict[str, str]) -> None:
        nonlocal inside
        match known.get(tag):
            case "numFmt":
                if len(formats) >= MAX_STYLES:
                    raise Refused("too-much", "number formats")
                code = a.get("formatCode", "")[:255]
                formats[a.get("numFmtId", "")] = shows_date(code)
            case "cellXfs":
                inside = True
            case "xf" if inside:
                if len(styles) >= MAX_STYLES:
                    raise Refused("too-much", "cell styles")
                number = a.get("numFmtId", "0")
                dated = formats.get(number)
                if dated is None:
                    dated = number.isdecimal() and int(number) in _DATE_FORMATS
                styles.append((True, dated))
            case "protection" if inside and styles:
                locked = truth(a.get("locked", "1"))
                styles[-1] = (locked, styles[-1][1])

    def end(tag: str) -> None:
        nonlocal inside
        if known.get(tag) == "cellXfs":
            inside = False

    parse(package, part, spent, start, end)
    return styles


def shows_date(code: str) -> bool:
    """Whether a number format shows a date or a time.

    >>> shows_date("d-mmm"), shows_date('0.0" days"'), shows_date("[Red]0;@")
    (True, False, False)
    """
    bare = _QUOTED.sub("", code).casefold()
    return "general" not in bare and any(letter in bare for letter in "dmyhs")
