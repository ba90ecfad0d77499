"""A finished workbook cut open where its specimen's marks stand.

A part without a mark is deflated once and copied as it is. In the others each mark
is a slot: a shared string, the end of each cell that says it (so that an empty text is
a blank cell, as when authored), the type and the value of a formula, a number, or a
piece of text.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from zipfile import ZipFile

from generator.markbook.identity import (
    IDENTITY_NAME,
    IDENTITY_PROPERTY,
    markbook_identity,
)
from generator.markbook.layout import Markbook
from generator.markbook.placeholders import (
    CLOSE,
    FIRST_NUMBER,
    IDENTITY_COPIES,
    OPEN,
    Value,
    placeholder_markbook,
    placeholder_values,
)
from generator.markbook.write_markbook import sheet_contents, write_sheets
from generator.xlsx.writer import SheetRefused, clean
from udfs.tables import Tables

_STRINGS = "xl/sharedStrings.xml"
_MARK = re.compile(f"{OPEN}([a-z]?)([0-9]+)(?:[.]([0-9]+))?{CLOSE}")
_COUNTS = re.compile(' count="[0-9]+" uniqueCount="[0-9]+"')
_STRING = re.compile(r"<si><t[^>]*>([^<]*)</t></si>")
_SHARED = re.compile(f"<t>{OPEN}([0-9]+){CLOSE}</t>")
_MIXED = re.compile(f"<t>([^<{OPEN}]*{OPEN}[0-9][^<]*)</t>")
_CELL = re.compile(r'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?) t="s"><v>([0-9]+)</v></c>')
_FORMULA = re.compile(
    r'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?) t="str">(<f>[^<]*</f><v>)'
    rf"{OPEN}([0-9]+){CLOSE}</v>"
)
_NUMBER = re.compile(r"(<(?:c:)?v>)(7[0-9]{9})(</)")
_PROPERTY = re.compile(
    rf'<property fmtid="([^"]*)" pid="([0-9]+)" name="{IDENTITY_PROPERTY}_1">'
    rf"<vt:lpwstr>{OPEN}{IDENTITY_COPIES}{CLOSE}</vt:lpwstr></property>"
)
_NAME = re.compile(
    rf'<definedName name="{IDENTITY_NAME}_1" hidden="1">"{OPEN}{IDENTITY_COPIES}{CLOSE}"'
    "</definedName>"
)
_SPECIAL = re.compile("[&<>]|_x[0-9a-fA-F]{4}_")
_ESCAPED = re.compile("(_x[0-9a-fA-F]{4}_)")
_MOST = 32_767  # characters that Excel takes in one cell
_REMEMBERED = 4_096  # texts: grades, groups and forms come again and again

SlotText = Callable[[Value], str]


@dataclass(frozen=True, slots=True)
class PackageTemplate:
    """One part of the package.

    Args:
        name: Its name.
        fixed: The texts round its slots, one more than there are slots.
        slots: How each slot is filled, and with the value of which place.
    """

    name: str
    fixed: tuple[str, ...]
    slots: tuple[tuple[SlotText, int], ...]

    def fill(self, values: Sequence[Value]) -> bytes:
        """The part with everything in its slots."""
        text = [""] * (2 * len(self.slots) + 1)
        text[::2] = self.fixed
        text[1::2] = [fill(values[place]) for fill, place in self.slots]
        return "".join(text).encode()


def split_package(package: bytes) -> list[PackageTemplate]:
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
        return f"{head}{OPEN}c{marked[string]}.{string}{CLOSE}"

    for name, text in texts.items():
        if name.startswith("xl/worksheets/sheet"):
            text = _CELL.sub(cell, text)
            text = _FORMULA.sub(
                rf"\g<1>{OPEN}f\g<3>{CLOSE}>\g<2>{OPEN}\g<3>{CLOSE}</v>", text
            )
        text = _NUMBER.sub(
            lambda m: f"{m[1]}{OPEN}n{int(m[2]) - FIRST_NUMBER}{CLOSE}{m[3]}", text
        )
        text = _PROPERTY.sub(f"{OPEN}p{IDENTITY_COPIES}{CLOSE}", text)
        texts[name] = _NAME.sub(f"{OPEN}d{IDENTITY_COPIES}{CLOSE}", text)
    # How many cells say a string differs by class; the counts may be left out.
    strings = _COUNTS.sub("", texts[_STRINGS], count=1)
    strings = _SHARED.sub(rf"<t{OPEN}s\1{CLOSE}</t>", strings)
    texts[_STRINGS] = _MIXED.sub(r'<t xml:space="preserve">\1</t>', strings)
    return [_cut(name, text) for name, text in texts.items()]


def _cut(name: str, text: str) -> PackageTemplate:
    pieces = _MARK.split(text)
    slots = tuple(
        (_cell_of(string) if kind == "c" else _FILLINGS[kind], int(place))
        for kind, place, string in zip(
            pieces[1::4], pieces[2::4], pieces[3::4], strict=True
        )
    )
    return PackageTemplate(name, tuple(pieces[::4]), slots)


def _cell_of(string: str) -> SlotText:
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
        f'pid="{number + 1}" name="{IDENTITY_PROPERTY}_{number}">'
        f"<vt:lpwstr>{piece}</vt:lpwstr></property>"
        for number, piece in enumerate(str(value).split(), start=1)
    )


def _names(value: Value) -> str:
    named = [
        f'<definedName name="{IDENTITY_NAME}_{number}" hidden="1">"{piece}"</definedName>'
        for number, piece in enumerate(str(value).split(), start=1)
    ]
    # In the order of their names as texts, in which Excel keeps all names.
    return "".join(sorted(named))


_FILLINGS: dict[str, SlotText] = {
    "": _text,
    "s": _string,
    "f": _type,
    "n": str,
    "p": _properties,
    "d": _names,
}


def deflate(data: bytes, level: int) -> bytes:
    """The data as a part of a zip archive holds it."""
    squeeze = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()


FIXED_LEVEL = 9  # of deflating what is deflated once for all of a shape
FILLED_LEVEL = 1  # of what is deflated for each file
# As XlsxWriter has it: 1 January 1980, deflated, made on Unix, its owner's alone.
_HEAD = struct.Struct("<HHHHHIIIHH")
_VERSION, _FLAGS, _DEFLATED, _TIME, _DATE = 20, 0, 8, 0, 0x21
_MADE_BY, _MODE = 0x0314, 0o600 << 16


class CompiledMarkbook:
    """A shape of markbook, ready to be filled.

    Args:
        model: Any markbook of the shape.
        tables: The school's scales and codes.
        key: The school's own secret, which seals the identity.

    Raises:
        UnknownScale: If a sheet's subject is on a scale that the tables do not have.
        SheetRefused: If Excel cannot hold something in it.
    """

    def __init__(self, model: Markbook, tables: Tables, key: bytes) -> None:
        self._tables = tables
        self._key = key
        made = placeholder_markbook(model, tables, markbook_identity(model, key))
        self._parts: list[tuple[bytes, PackageTemplate | None, int, int, bytes]] = []
        for part in split_package(
            write_sheets(made.markbook, made.contents, made.identity)
        ):
            if part.slots:
                self._parts.append((part.name.encode(), part, 0, 0, b""))
            else:
                data = part.fill(())
                self._parts.append(
                    (
                        part.name.encode(),
                        None,
                        zlib.crc32(data),
                        len(data),
                        deflate(data, FIXED_LEVEL),
                    )
                )

    def fill(self, markbook: Markbook) -> bytes:
        """One markbook of this shape: the same bytes for the same markbook and key.

        Raises:
            SheetRefused: If Excel cannot hold something in it.
        """
        pages = sheet_contents(markbook, self._tables)
        values = placeholder_values(
            markbook, pages, markbook_identity(markbook, self._key)
        )
        written: list[bytes] = []
        listed: list[bytes] = []
        at = 0
        for name, part, check, size, packed in self._parts:
            if part is not None:
                data = part.fill(values)
                check, size, packed = (
                    zlib.crc32(data),
                    len(data),
                    deflate(data, FILLED_LEVEL),
                )
            head = _HEAD.pack(
                _VERSION, _FLAGS, _DEFLATED, _TIME, _DATE,
                check, len(packed), size, len(name), 0,
            )  # fmt: skip
            written += (b"PK\3\4", head, name, packed)
            listed += (
                b"PK\1\2",
                struct.pack("<H", _MADE_BY),
                head,
                struct.pack("<HHHII", 0, 0, 0, _MODE, at),
                name,
            )
            at += 4 + len(head) + len(name) + len(packed)
        index = b"".join(listed)
        count = len(self._parts)
        end = struct.pack("<HHHHIIH", 0, 0, count, count, len(index), at, 0)
        return b"".join((*written, index, b"PK\5\6", end))
