"""Write a compound file of the shape of a message that Outlook saves (`.msg`)."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SECTOR = 512
SHORTEST = 4096  # a shorter stream would have to go into the mini stream
_FREE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Tree = Mapping[str, "bytes | Tree"]


def attachment(name: str, data: bytes, *, long: bool = True) -> Tree:
    """The storage of an attached file."""
    stream = "__substg1.0_3707001F" if long else "__substg1.0_3704001E"
    return {
        stream: name.encode("utf-16-le" if long else "cp1252"),
        "__substg1.0_37010102": data,
    }


def message(*attachments: Tree) -> bytes:
    """A message with attachments."""
    tree: dict[str, bytes | Tree] = {
        "__properties_version1.0": b"\0" * 32,
        "__substg1.0_1000001F": "See attached.".encode("utf-16-le"),
    }
    for number, storage in enumerate(attachments):
        tree[f"__attach_version1.0_#{number:08X}"] = storage
    return compound_file(tree)


def compound_file(tree: Tree) -> bytes:
    """A compound file (version 3) with these storages and streams."""
    sectors: list[bytes] = []
    fat: list[int] = []
    entries: list[list[object]] = [["Root Entry", 5, _FREE, _FREE, _END, 0]]

    def store(data: bytes) -> int:
        first = len(sectors)
        count = max(1, -(-len(data) // SECTOR))
        for at in range(count):
            sectors.append(data[at * SECTOR : (at + 1) * SECTOR].ljust(SECTOR, b"\0"))
            fat.append(first + at + 1 if at + 1 < count else _END)
        return first

    def add(children: Tree, parent: int) -> None:
        previous = parent
        ordered = sorted(children, key=lambda name: (len(name), name.upper()))
        for number, name in enumerate(ordered):
            content, index = children[name], len(entries)
            entries[previous][3 if number == 0 else 2] = index
            previous = index
            if isinstance(content, bytes):
                data = content.ljust(SHORTEST, b"\0")
                entries.append([name, 2, _FREE, _FREE, store(data), len(data)])
            else:
                entries.append([name, 1, _FREE, _FREE, 0, 0])
                add(content, index)

    add(tree, 0)
    directory = b"".join(_entry(*entry) for entry in entries)  # type: ignore[arg-type]
    start = store(directory + b"\0" * (-len(directory) % SECTOR))
    fat_count = 1
    while fat_count * (SECTOR // 4) < len(fat) + fat_count:
        fat_count += 1
    fat_start = len(sectors)
    fat += [_FAT_SECTOR] * fat_count
    fat += [_FREE] * (fat_count * (SECTOR // 4) - len(fat))
    table = struct.pack(f"<{len(fat)}I", *fat)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack(
        "<IIIIIIIII", 0, fat_count, start, 0, SHORTEST, _END, 0, _END, 0
    )
    places = [*range(fat_start, fat_start + fat_count)]
    head += struct.pack("<109I", *(places + [_FREE] * (109 - fat_count)))
    return head + b"".join(sectors) + table


def _entry(
    name: str, kind: int, right: int, child: int, start: int, size: int
) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + struct.pack("<III", _FREE, right, child)
        + b"\0" * 36
        + struct.pack("<IQ", start, size)
    )
