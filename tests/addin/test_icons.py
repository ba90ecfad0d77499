"""The icons of the buttons: present in every size, and legible on any ribbon."""

from __future__ import annotations

import struct
import zlib

import pytest

from addin.icons import PICTURES, SIZES, icon, pixel_rows
from addin.ribbon import buttons

# Grey value of the ribbon in each theme of Office.
RIBBONS = {"white": 255, "colourful": 243, "dark grey": 106, "black": 41, "high": 0}
MINIMUM_CONTRAST = 3.0  # WCAG 2.2, 1.4.11: graphical objects


def light(colour):
    parts = [part / 255 for part in colour[:3]]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(colour, other):
    low, high = sorted((light(colour), light(other)))
    return (high + 0.05) / (low + 0.05)


def outline(name, size, ribbon):
    """Pairs of a colour of the icon and a colour next to it on such a ribbon."""
    rows = pixel_rows(name, size)
    behind = (ribbon, ribbon, ribbon, 255)
    for y, row in enumerate(rows):
        for x, colour in enumerate(row):
            if colour[3] == 0 or min(colour[:3]) == 255:
                continue
            for column, down in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)):
                inside = 0 <= column < size and 0 <= down < size
                beside = rows[down][column] if inside else behind
                beside = beside if beside[3] else behind
                if not inside or min(beside[:3]) in (255, ribbon):
                    yield colour, beside


@pytest.mark.parametrize("ribbon", RIBBONS)
def test_every_icon_has_contrast_on_every_ribbon(ribbon):
    for name in PICTURES:
        for size in (16, 32):
            pairs = set(outline(name, size, RIBBONS[ribbon]))
            assert pairs
            worst = min(contrast(*pair) for pair in pairs)
            assert worst >= MINIMUM_CONTRAST, f"{name} at {size}"


def test_icons_are_distinct_and_every_button_has_its_own():
    assert {button.action for button in buttons()} <= set(PICTURES)
    for size in SIZES:
        assert len({icon(name, size) for name in PICTURES}) == len(PICTURES)


@pytest.mark.parametrize("size", SIZES)
def test_an_icon_is_a_png_of_its_pixels(size):
    data = icon("help", size)
    assert struct.unpack(">II", data[16:24]) == (size, size)
    start = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[start - 4 : start])
    lines = zlib.decompress(data[start + 4 : start + 4 + length])
    width = 1 + 4 * size
    rows = [lines[at + 1 : at + width] for at in range(0, len(lines), width)]
    assert rows == [b"".join(map(bytes, row)) for row in pixel_rows("help", size)]
