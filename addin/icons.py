"""The icons of the buttons, drawn here: PNG in every size, for light and dark themes.

Neither a VBA ribbon nor a manifest can name one icon for a light theme of Office and
another for a dark one. So each icon is dark with a white edge around it: the edge is
invisible on a light ribbon, and sets the icon off on a dark one.

An icon is a list of shapes on a grid of 16 by 16. Each size is drawn for itself, with
its lines on whole pixels, and no size is a scaled copy of another.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

Point = tuple[float, float]
Colour = tuple[int, int, int, int]
INK: Colour = (31, 56, 100, 255)
ACCENT: Colour = (192, 80, 20, 255)
EDGE: Colour = (255, 255, 255, 255)
CLEAR: Colour = (0, 0, 0, 0)
GRID = 16
STROKE = 1.6  # the width of a line, in units of the grid
SIZES = (16, 20, 24, 32, 64, 80)


@dataclass(frozen=True, slots=True)
class IconShape:
    """A line, a polygon or a circle of an icon.

    Args:
        points: The ends of a line, the corners of a polygon, or the centre of a circle.
        colour: Its colour.
        radius: The radius of a circle; 0 for other shapes.
        filled: Whether its inside is coloured, or its outline only.
    """

    points: tuple[Point, ...]
    colour: Colour = INK
    radius: float = 0.0
    filled: bool = False


def _line(*points: Point, colour: Colour = INK) -> IconShape:
    return IconShape(points, colour)


def _area(*points: Point, colour: Colour = INK) -> IconShape:
    return IconShape(points, colour, filled=True)


def _bar(
    left: float, top: float, right: float, bottom: float, colour: Colour = INK
) -> IconShape:
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return IconShape(corners, colour, filled=True)


def _box(left: float, top: float, right: float, bottom: float) -> IconShape:
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return IconShape((*corners, corners[0]))


def _ring(x: float, y: float, radius: float) -> IconShape:
    return IconShape(((x, y),), radius=radius)


def _disc(x: float, y: float, radius: float) -> IconShape:
    return IconShape(((x, y),), ACCENT, radius, filled=True)


def _star(x: float, y: float, radius: float) -> IconShape:
    corners = []
    for number in range(10):
        angle = math.pi * number / 5
        reach = radius if number % 2 == 0 else 0.42 * radius
        corners.append((x + reach * math.sin(angle), y - reach * math.cos(angle)))
    return IconShape(tuple(corners), ACCENT, filled=True)


PICTURES: dict[str, tuple[IconShape, ...]] = {
    "targets_here": (_ring(8, 8, 6), _disc(8, 8, 2.5)),
    "moderate": (
        _line((8, 2), (8, 14)),
        _line((2, 4), (14, 4)),
        _line((5, 14), (11, 14)),
        _area((1, 10), (3.5, 5), (6, 10), colour=ACCENT),
        _area((10, 10), (12.5, 5), (15, 10), colour=ACCENT),
    ),
    "apply": (
        _line((2, 7), (6, 11), (14, 2)),
        _bar(1, 13, 15, 15, ACCENT),
    ),
    "issue": (
        _line((10, 4), (10, 2), (2, 2), (2, 14), (10, 14), (10, 12)),
        _line((6, 8), (12, 8), colour=ACCENT),
        _area((11, 5), (15, 8), (11, 11), colour=ACCENT),
    ),
    "check": (
        _ring(7, 7, 5),
        _line((11, 11), (14, 14)),
        _line((5, 7), (7, 9), (9, 5), colour=ACCENT),
    ),
    "merge": (
        _line((2, 2), (8, 8)),
        _line((14, 2), (8, 8)),
        _line((8, 8), (8, 12), colour=ACCENT),
        _area((4, 10), (12, 10), (8, 15), colour=ACCENT),
    ),
    "chase": (
        _ring(8, 8, 6),
        _line((8, 4), (8, 8), (11, 10), colour=ACCENT),
    ),
    "flags_here": (
        _area((3, 2), (14, 5.5), (3, 9), colour=ACCENT),
        _line((3, 2), (3, 14)),
    ),
    "groups_here": (
        _bar(2, 9, 5, 14),
        _bar(7, 5, 10, 14, ACCENT),
        _bar(12, 2, 15, 14),
    ),
    "underachieving_here": (
        _line((2, 2), (6, 7), (9, 5), (12, 11)),
        _area((15, 8), (15, 15), (8, 13), colour=ACCENT),
    ),
    "praise_here": (_star(8, 8.5, 7),),
    "packs": (
        _line((6, 2), (14, 2), (14, 12)),
        _box(2, 5, 11, 14),
        _bar(4, 7, 9, 9, ACCENT),
        _bar(4, 11, 9, 12, ACCENT),
    ),
    "help": (
        _line((4, 6), (5, 3), (8, 2), (11, 3), (12, 5), (11, 7), (8, 9), (8, 11)),
        _disc(8, 14, 1.4),
    ),
    "markbook": (
        _box(2, 2, 14, 14),
        _bar(4, 4, 6, 12, ACCENT),
        _line((8, 5), (12, 5)),
        _line((8, 8), (12, 8)),
        _line((8, 11), (12, 11)),
    ),
}


@cache
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
    stroke = max(1, round(STROKE * size / GRID))
    shapes = [_place(shape, size, stroke) for shape in PICTURES[name]]
    edge = max(1.5, size / 24)
    middles = [pixel + 0.5 for pixel in range(size)]

    def pixel(x: float, y: float) -> Colour:
        distances = [_distance(shape, x, y, stroke) for shape in shapes]
        # From the edge inwards: each layer covers a part of what is below it.
        colour = _blend(CLEAR, EDGE, min(distances) - edge)
        for shape, distance in zip(shapes, distances, strict=True):
            colour = _blend(colour, shape.colour, distance)
        return colour

    return [[pixel(x, y) for x in middles] for y in middles]


def _place(shape: IconShape, size: int, stroke: int) -> IconShape:
    """A shape in pixels: what is straight begins and ends with a whole pixel."""
    scale = size / GRID
    # A line an odd number of pixels wide lies on the middle of a pixel.
    shift = 0.0 if shape.filled or stroke % 2 == 0 else 0.5

    def place(length: float) -> float:
        return round(length * scale - shift) + shift

    points = tuple((place(x), place(y)) for x, y in shape.points)
    return IconShape(points, shape.colour, shape.radius * scale, shape.filled)


def _distance(shape: IconShape, x: float, y: float, stroke: int) -> float:
    """How far a point is from a shape, in pixels; negative inside."""
    if shape.radius:
        centre = shape.points[0]
        distance = math.hypot(x - centre[0], y - centre[1]) - shape.radius
        return distance if shape.filled else abs(distance) - stroke / 2
    corners: Sequence[Point] = shape.points
    if shape.filled:
        corners = (*corners, corners[0])
    nearest = min(_to_line(x, y, *ends) for ends in pairwise(corners))
    if not shape.filled:
        return nearest - stroke / 2
    return -nearest if _is_inside(x, y, corners) else nearest


def _to_line(x: float, y: float, start: Point, end: Point) -> float:
    """The distance of a point to a line between two points."""
    (left, top), (right, bottom) = start, end
    width, height = right - left, bottom - top
    length = width * width + height * height
    along = ((x - left) * width + (y - top) * height) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return math.hypot(x - left - along * width, y - top - along * height)


def _is_inside(x: float, y: float, corners: Sequence[Point]) -> bool:
    crossings = 0
    for (left, top), (right, bottom) in pairwise(corners):
        if (top > y) != (bottom > y):
            crossings += x < left + (y - top) * (right - left) / (bottom - top)
    return crossings % 2 == 1


def _blend(below: Colour, colour: Colour, distance: float) -> Colour:
    """A colour over another, as far as it covers a pixel at a distance."""
    cover = min(1.0, max(0.0, 0.5 - distance))
    alpha = cover + below[3] / 255 * (1 - cover)
    if not alpha:
        return CLEAR
    red, green, blue = (
        round((new * cover + old * below[3] / 255 * (1 - cover)) / alpha)
        for new, old in zip(colour[:3], below[:3], strict=True)
    )
    return red, green, blue, round(255 * alpha)


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
