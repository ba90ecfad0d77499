"""Markbooks of one shape, compiled once and filled for each class.

`generator.markbook.write_markbook` defines what a markbook is. A filled one equals it
cell for cell and format for format, and takes a twentieth of the time.

A workbook of placeholders is written once and its parts are split at the
placeholders. A part without any is compressed once and copied. In the others each
placeholder is a slot: a shared string, the end of each cell that refers to it (so that
an empty text is a blank cell), the type and value of a formula, a number, or a piece
of text.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
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
from generator.xlsx.writer import ExcelLimitError, writable_text
from udfs.tables import Tables

_STRINGS = "xl/sharedStrings.xml"
_PLACEHOLDER = re.compile(f"{OPEN}([a-z]?)([0-9]+)(?:[.]([0-9]+))?{CLOSE}")
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
    rf'<definedName name="{IDENTITY_NAME}_1" hidden="1">'
    rf'"{OPEN}{IDENTITY_COPIES}{CLOSE}"</definedName>'
)
_SPECIAL = re.compile("[&<>]|_x[0-9a-fA-F]{4}_")
_ESCAPED = re.compile("(_x[0-9a-fA-F]{4}_)")
_MAX_TEXT = 32_767  # characters in one Excel cell
_CACHE_SIZE = 4_096  # texts: grades, groups and tutor groups repeat
FIXED_LEVEL = 9  # compression of parts without a slot, once per shape
FILLED_LEVEL = 1  # compression of the other parts, once per file
# Zip headers as XlsxWriter writes them: 1 January 1980, deflated, made on Unix,
# readable by the owner alone.
_HEADER = struct.Struct("<HHHHHIIIHH")
_VERSION, _FLAGS, _DEFLATE, _TIME, _DATE = 20, 0, 8, 0, 0x21
_CREATOR, _MODE = 0x0314, 0o600 << 16

SlotText = Callable[[Value], str]


@dataclass(frozen=True, slots=True)
class PackageTemplate:
    """One part of the workbook package with slots for values.

    Args:
        name: Name of the part.
        fixed: Texts around the slots, one more than there are slots.
        slots: For each slot, a function from value to text and the value's position.
    """

    name: str
    fixed: tuple[str, ...]
    slots: tuple[tuple[SlotText, int], ...]

    def fill(self, values: Sequence[Value]) -> bytes:
        """The part with a value in each slot."""
        text = [""] * (2 * len(self.slots) + 1)
        text[::2] = self.fixed
        text[1::2] = [text_of(values[position]) for text_of, position in self.slots]
        return "".join(text).encode()


def split_package(package: bytes) -> list[PackageTemplate]:
    """Split the package of a placeholder markbook at its placeholders."""
    with ZipFile(BytesIO(package)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    # Index of a shared string that is one placeholder -> position of its value.
    positions = {
        str(index): match[2]
        for index, text in enumerate(_STRING.findall(texts[_STRINGS]))
        if (match := _PLACEHOLDER.fullmatch(text))
    }

    def cell(match: re.Match[str]) -> str:
        start, string = match[1], match[2]
        if string not in positions:
            return match[0]
        return f"{start}{OPEN}c{positions[string]}.{string}{CLOSE}"

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
    # The number of cells with a string differs by class; the counts are optional.
    strings = _COUNTS.sub("", texts[_STRINGS], count=1)
    strings = _SHARED.sub(rf"<t{OPEN}s\1{CLOSE}</t>", strings)
    texts[_STRINGS] = _MIXED.sub(r'<t xml:space="preserve">\1</t>', strings)
    return [_split(name, text) for name, text in texts.items()]


def _split(name: str, text: str) -> PackageTemplate:
    pieces = _PLACEHOLDER.split(text)
    slots = tuple(
        (_cell_end(string) if kind == "c" else _SLOT_TEXTS[kind], int(position))
        for kind, position, string in zip(
            pieces[1::4], pieces[2::4], pieces[3::4], strict=True
        )
    )
    return PackageTemplate(name, tuple(pieces[::4]), slots)


def _cell_end(string: str) -> SlotText:
    # The end of a cell with a shared string, or of a blank cell if that is empty.
    reference = f' t="s"><v>{string}</v></c>'

    def cell(value: Value) -> str:
        return reference if value and _text(value) else "/>"

    return cell


def _escape(text: str) -> str:
    # As XlsxWriter does: text that looks like an escape sequence is escaped too.
    if _SPECIAL.search(text) is None:
        return text
    text = _ESCAPED.sub(r"_x005F\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@lru_cache(_CACHE_SIZE)
def _text(value: Value) -> str:
    return _escape(writable_text(str(value)))


@lru_cache(_CACHE_SIZE)
def _string(value: Value) -> str:
    text = writable_text(str(value))
    if len(text) > _MAX_TEXT:
        raise ExcelLimitError(
            f"Excel cannot hold a text of {len(text):,} characters in one cell.",
            "Shorten it, or take it out.",
        )
    has_edge_space = text[:1].isspace() or text[-1:].isspace()
    return (' xml:space="preserve">' if has_edge_space else ">") + _escape(text)


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
    names = [
        f'<definedName name="{IDENTITY_NAME}_{number}" hidden="1">'
        f'"{piece}"</definedName>'
        for number, piece in enumerate(str(value).split(), start=1)
    ]
    # Excel sorts defined names as texts.
    return "".join(sorted(names))


_SLOT_TEXTS: dict[str, SlotText] = {
    "": _text,
    "s": _string,
    "f": _type,
    "n": str,
    "p": _properties,
    "d": _names,
}


def deflate(data: bytes, level: int) -> bytes:
    """Data compressed as in a zip archive."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


@dataclass(frozen=True, slots=True)
class _ZipPart:
    # A part ready for the archive; `template` is set if it has slots.
    name: bytes
    template: PackageTemplate | None
    crc: int = 0
    size: int = 0
    compressed: bytes = b""

    @classmethod
    def of(cls, name: bytes, data: bytes, level: int) -> _ZipPart:
        return cls(name, None, zlib.crc32(data), len(data), deflate(data, level))


class CompiledMarkbook:
    """A shape of markbook, ready to be filled.

    Args:
        model: Any markbook of the shape.
        tables: The school's scales and codes.
        key: The school's secret key, which signs the identity.

    Raises:
        UnknownScale: If a sheet's subject is on a scale that the tables do not have.
        ExcelLimitError: If Excel cannot hold part of the content.
    """

    def __init__(self, model: Markbook, tables: Tables, key: bytes) -> None:
        self._tables = tables
        self._key = key
        source = placeholder_markbook(model, tables, markbook_identity(model, key))
        package = write_sheets(source.markbook, source.contents, source.identity)
        self._parts = [
            _ZipPart(part.name.encode(), part)
            if part.slots
            else _ZipPart.of(part.name.encode(), part.fill(()), FIXED_LEVEL)
            for part in split_package(package)
        ]

    def fill(self, markbook: Markbook) -> bytes:
        """A markbook of this shape: the same bytes for the same markbook and key.

        Raises:
            ExcelLimitError: If Excel cannot hold part of the content.
        """
        contents = sheet_contents(markbook, self._tables)
        identity = markbook_identity(markbook, self._key)
        values = placeholder_values(markbook, contents, identity)
        return _zip_archive(
            part
            if part.template is None
            else _ZipPart.of(part.name, part.template.fill(values), FILLED_LEVEL)
            for part in self._parts
        )


def _zip_archive(parts: Iterable[_ZipPart]) -> bytes:
    entries: list[bytes] = []
    directory: list[bytes] = []
    offset = count = 0
    for part in parts:
        header = _HEADER.pack(
            _VERSION, _FLAGS, _DEFLATE, _TIME, _DATE,
            part.crc, len(part.compressed), part.size, len(part.name), 0,
        )  # fmt: skip
        entries += (b"PK\3\4", header, part.name, part.compressed)
        directory += (
            b"PK\1\2",
            struct.pack("<H", _CREATOR),
            header,
            struct.pack("<HHHII", 0, 0, 0, _MODE, offset),
            part.name,
        )
        offset += 4 + len(header) + len(part.name) + len(part.compressed)
        count += 1
    index = b"".join(directory)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(index), offset, 0)
    return b"".join((*entries, index, b"PK\5\6", end))
