"""A finished workbook cut open where its specimen's marks stand.

A part without a mark is deflated once and copied as it is. In the others each mark
is a slot: a shared string, the end of each cell that says it (so that an empty text is
a blank cell, as when authored), the type and the value of a formula, a number, or a
piece of text.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from zipfile import ZipFile

from generator.markbook.identity import HIDDEN_NAME, PROPERTY_COPY
from generator.markbook.pen import SheetRefused, clean
from generator.markbook.specimen import COPIES, NUMBERS_FROM, OPEN, SHUT, Value

_STRINGS = "xl/sharedStrings.xml"
_MARK = re.compile(f"{OPEN}([a-z]?)([0-9]+)(?:[.]([0-9]+))?{SHUT}")
_COUNTS = re.compile(' count="[0-9]+" uniqueCount="[0-9]+"')
_STRING = re.compile(r"<si><t[^>]*>([^<]*)</t></si>")
_SHARED = re.compile(f"<t>{OPEN}([0-9]+){SHUT}</t>")
_MIXED = re.compile(f"<t>([^<{OPEN}]*{OPEN}[0-9][^<]*)</t>")
_CELL = re.compile(r'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?) t="s"><v>([0-9]+)</v></c>')
_FORMULA = re.compile(
    r'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?) t="str">(<f>[^<]*</f><v>)'
    rf"{OPEN}([0-9]+){SHUT}</v>"
)
_NUMBER = re.compile(r"(<(?:c:)?v>)(7[0-9]{9})(</)")
_PROPERTY = re.compile(
    rf'<property fmtid="([^"]*)" pid="([0-9]+)" name="{PROPERTY_COPY}_1">'
    rf"<vt:lpwstr>{OPEN}{COPIES}{SHUT}</vt:lpwstr></property>"
)
_NAME = re.compile(
    rf'<definedName name="{HIDDEN_NAME}_1" hidden="1">"{OPEN}{COPIES}{SHUT}"'
    "</definedName>"
)
_SPECIAL = re.compile("[&<>]|_x[0-9a-fA-F]{4}_")
_ESCAPED = re.compile("(_x[0-9a-fA-F]{4}_)")
_MOST = 32_767  # characters that Excel takes in one cell
_REMEMBERED = 4_096  # texts: grades, groups and forms come again and again

Filling = Callable[[Value], str]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the package.

    Args:
        name: Its name.
        fixed: The texts round its slots, one more than there are slots.
        slots: How each slot is filled, and with the value of which place.
    """

    name: str
    fixed: tuple[str, ...]
    slots: tuple[tuple[Filling, int], ...]

    def filled(self, values: Sequence[Value]) -> bytes:
        """The part with everything in its slots."""
        text = [""] * (2 * len(self.slots) + 1)
        text[::2] = self.fixed
        text[1::2] = [fill(values[place]) for fill, place in self.slots]
        return "".join(text).encode()


def parts_of(package: bytes) -> list[Part]:
    """Cut a specimen's package, as the author wrote it, at its marks."""
    with ZipFile(BytesIO(package)) as opened:
        texts = {name: opened.read(name).decode() for name in opened.namelist()}
    # Which shared strings are one mark and nothing else.
    marked = {
        str(at): found[2]
        for at, text in enumerate(_STRING.findall(texts[_STRINGS]))
        if (found := _MARK.fullmatch(text))
    }

    def cell(found: re.Match[str]) -> str:
        head, string = found[1], found[2]
        if string not in marked:
            return found[0]
        return f"{head}{OPEN}c{marked[string]}.{string}{SHUT}"

    for name, text in texts.items():
        if name.startswith("xl/worksheets/sheet"):
            text = _CELL.sub(cell, text)
            text = _FORMULA.sub(
                rf"\g<1>{OPEN}f\g<3>{SHUT}>\g<2>{OPEN}\g<3>{SHUT}</v>", text
            )
        text = _NUMBER.sub(
            lambda m: f"{m[1]}{OPEN}n{int(m[2]) - NUMBERS_FROM}{SHUT}{m[3]}", text
        )
        text = _PROPERTY.sub(f"{OPEN}p{COPIES}{SHUT}", text)
        texts[name] = _NAME.sub(f"{OPEN}d{COPIES}{SHUT}", text)
    # How many cells say a string differs by class; the counts may be left out.
    strings = _COUNTS.sub("", texts[_STRINGS], count=1)
    strings = _SHARED.sub(rf"<t{OPEN}s\1{SHUT}</t>", strings)
    texts[_STRINGS] = _MIXED.sub(r'<t xml:space="preserve">\1</t>', strings)
    return [_cut(name, text) for name, text in texts.items()]


def _cut(name: str, text: str) -> Part:
    pieces = _MARK.split(text)
    slots = tuple(
        (_cell_of(string) if kind == "c" else _FILLINGS[kind], int(place))
        for kind, place, string in zip(
            pieces[1::4], pieces[2::4], pieces[3::4], strict=True
        )
    )
    return Part(name, tuple(pieces[::4]), slots)


def _cell_of(string: str) -> Filling:
    # A cell that says a shared string, or is blank where that is empty.
    filled = f' t="s"><v>{string}</v></c>'

    def cell(value: Value) -> str:
        return filled if value and _text(value) else "/>"

    return cell


def _escaped(text: str) -> str:
    # As XlsxWriter does it: what only looks like an escape is escaped itself.
    if _SPECIAL.search(text) is None:
        return text
    text = _ESCAPED.sub(r"_x005F\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@lru_cache(_REMEMBERED)
def _text(value: Value) -> str:
    return _escaped(clean(str(value)))


@lru_cache(_REMEMBERED)
def _string(value: Value) -> str:
    text = clean(str(value))
    if len(text) > _MOST:
        raise SheetRefused(
            f"Excel cannot hold a text of {len(text):,} characters in one cell.",
            "Shorten it, or take it out.",
        )
    keep = text[:1].isspace() or text[-1:].isspace()
    return (' xml:space="preserve">' if keep else ">") + _escaped(text)


def _type(value: Value) -> str:
    return ' t="str"' if value else ""


def _properties(value: Value) -> str:
    return "".join(
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" '
        f'pid="{number + 1}" name="{PROPERTY_COPY}_{number}">'
        f"<vt:lpwstr>{piece}</vt:lpwstr></property>"
        for number, piece in enumerate(str(value).split(), start=1)
    )


def _names(value: Value) -> str:
    named = [
        f'<definedName name="{HIDDEN_NAME}_{number}" hidden="1">"{piece}"</definedName>'
        for number, piece in enumerate(str(value).split(), start=1)
    ]
    # In the order of their names as texts, in which Excel keeps all names.
    return "".join(sorted(named))


_FILLINGS: dict[str, Filling] = {
    "": _text,
    "s": _string,
    "f": _type,
    "n": str,
    "p": _properties,
    "d": _names,
}


def deflated(data: bytes, level: int) -> bytes:
    """The data as a part of a zip archive holds it."""
    squeeze = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()
