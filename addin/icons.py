"""The pictures on the buttons, drawn here: PNG in every size, for light and dark."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

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
INK = {"light": (31, 56, 100, 255), "dark": (222, 230, 242, 255)}
ACCENT = {"light": (192, 80, 20, 255), "dark": (244, 164, 96, 255)}
CLEAR = (0, 0, 0, 0)
Colour = tuple[int, int, int, int]


def icon(name: str, size: int, look: str = "light") -> bytes:
    r"""One picture as PNG, the same bytes every time.

    Args:
        name: One of `PICTURES`.
        size: Its width and height in points of the screen.
        look: `light` or `dark`: what it is shown on.

    >>> icon("help", 16)[:4]
    b'\x89PNG'
    """
    rows = PICTURES[name].split()
    paint = {"#": INK[look], "o": ACCENT[look]}

    def colour(x: int, y: int) -> Colour:
        return paint.get(rows[y * 8 // size][x * 8 // size], CLEAR)

    return _png(size, colour)


def _png(size: int, colour: Callable[[int, int], Colour]) -> bytes:
    lines = b"".join(
        b"\0" + b"".join(bytes(colour(x, y)) for x in range(size)) for y in range(size)
    )
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )  # fmt: skip
