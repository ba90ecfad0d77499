"""The icons of the buttons, drawn here: PNG in every size, for light and dark themes.

Neither a VBA ribbon nor a manifest can name one icon for a light theme of Office and
another for a dark one. So each icon is dark with a white edge around it: the edge is
invisible on a light ribbon, and sets the icon off on a dark one.
"""

from __future__ import annotations

import struct
import zlib

# A grid of 8 by 8: `#` ink, `o` the accent, anything else clear.
PICTURES: dict[str, str] = {
    "targets_here": "..####.. .#....#. #..##..# #.#oo#.# "
    "#.#oo#.# #..##..# .#....#. ..####..",
    "moderate": "...#.... ..###... ...#.... o######o "
    ".o.#..o. ooo#.ooo ...#.... .#####..",
    "apply": ".......# ......## .....##. #...##.. "
    "##.##... .###.... ..#..... oooooooo",
    "issue": "######.. #....##. #....### #.oo...# "
    "#......# #.oooo.# #......# ########",
    "check": "..###... .#...#.. #..o..#. #.oo..#. "
    ".#...#.. ..####.. .....##. ......##",
    "merge": "##....## .##..##. ..####.. ...##... "
    "...##... ...oo... ..oooo.. ...oo...",
    "chase": "..####.. .#.o..#. #..o...# #..oo..# "
    "#......# .#....#. ..####.. .#....#.",
    "flags_here": "#ooooo.. #oooooo. #ooooooo #oooooo. "
    "#ooooo.. #....... #....... #.......",
    "groups_here": "......## ......## ...oo.## ...oo.## "
    "##.oo.## ##.oo.## ##.oo.## ########",
    "underachieving_here": "#....... .#...... ..#..... ...#...o "
    "....#..o .....#.o ......#o ...ooooo",
    "praise_here": "...oo... ...oo... oooooooo .oooooo. "
    "..oooo.. .oo..oo. .o....o. ........",
    "packs": ".######. .#....#. #######. #....##. "
    "#.oo.##. #.oo.#.. ######.. ........",
    "help": "..####.. .##..##. .....##. ....##.. "
    "...##... ........ ...oo... ...oo...",
    "markbook": "#######. #o....#. #o.##.#. #o....#. "
    "#o.##.#. #o....#. #######. #######.",
}  # fmt: skip
SIZES = (16, 32, 64, 80)
Colour = tuple[int, int, int, int]
INK: Colour = (31, 56, 100, 255)
ACCENT: Colour = (192, 80, 20, 255)
EDGE: Colour = (255, 255, 255, 255)
CLEAR: Colour = (0, 0, 0, 0)
GRID = 8


def icon(name: str, size: int) -> bytes:
    r"""An icon as PNG, the same bytes every time.

    Args:
        name: One of `PICTURES`.
        size: The width and height in pixels.

    >>> icon("help", 16)[:4]
    b'\x89PNG'
    """
    return _png(pixel_rows(name, size))


def pixel_rows(name: str, size: int) -> list[list[Colour]]:
    """The colours of an icon, row by row."""
    rows = PICTURES[name].split()
    edge = max(1, size // 32)
    inside = size - 2 * edge  # the drawing, without its edge
    colours = {"#": INK, "o": ACCENT}

    def ink_at(x: int, y: int) -> Colour | None:
        column, row = x - edge, y - edge
        if not (0 <= column < inside and 0 <= row < inside):
            return None
        return colours.get(rows[row * GRID // inside][column * GRID // inside])

    near = range(-edge, edge + 1)

    def colour(x: int, y: int) -> Colour:
        if (ink := ink_at(x, y)) is not None:
            return ink
        beside_ink = any(ink_at(x + right, y + down) for right in near for down in near)
        return EDGE if beside_ink else CLEAR

    return [[colour(x, y) for x in range(size)] for y in range(size)]


def _png(rows: list[list[Colour]]) -> bytes:
    size = len(rows)
    lines = b"".join(b"\0" + b"".join(map(bytes, row)) for row in rows)
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )  # fmt: skip
