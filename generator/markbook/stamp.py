"""Stamping: many markbooks of one shape, authored once.

`generator.markbook.author` says what a markbook is; a stamped one is equal to it cell
for cell and format for format, and takes a twentieth of the time.
"""

from __future__ import annotations

import struct
import zlib

from generator.markbook.author import compose, pages_of
from generator.markbook.identity import identity_of
from generator.markbook.layout import Markbook
from generator.markbook.slots import Part, deflated, parts_of
from generator.markbook.specimen import specimen, values_of
from udfs.tables import Tables

FIXED_LEVEL = 9  # of deflating what is deflated once for all of a shape
FILLED_LEVEL = 1  # of what is deflated for each file
# As XlsxWriter has it: 1 January 1980, deflated, made on Unix, its owner's alone.
_HEAD = struct.Struct("<HHHHHIIIHH")
_VERSION, _FLAGS, _DEFLATED, _TIME, _DATE = 20, 0, 8, 0, 0x21
_MADE_BY, _MODE = 0x0314, 0o600 << 16


class Stamp:
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
        made = specimen(model, tables, identity_of(model, key))
        self._parts: list[tuple[bytes, Part | None, int, int, bytes]] = []
        for part in parts_of(compose(made.markbook, made.pages, made.identity)):
            if part.slots:
                self._parts.append((part.name.encode(), part, 0, 0, b""))
            else:
                data = part.filled(())
                self._parts.append(
                    (
                        part.name.encode(),
                        None,
                        zlib.crc32(data),
                        len(data),
                        deflated(data, FIXED_LEVEL),
                    )
                )

    def print(self, markbook: Markbook) -> bytes:
        """One markbook of this shape: the same bytes for the same markbook and key.

        Raises:
            SheetRefused: If Excel cannot hold something in it.
        """
        pages = pages_of(markbook, self._tables)
        values = values_of(markbook, pages, identity_of(markbook, self._key))
        written: list[bytes] = []
        listed: list[bytes] = []
        at = 0
        for name, part, check, size, packed in self._parts:
            if part is not None:
                data = part.filled(values)
                check, size, packed = (
                    zlib.crc32(data),
                    len(data),
                    deflated(data, FILLED_LEVEL),
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
