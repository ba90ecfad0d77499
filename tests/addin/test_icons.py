"""The icons of the buttons: present in every size, and legible on any ribbon."""

from __future__ import annotations

import struct
import zlib

import pytest

from addin.icons import ACCENT, EDGE, INK, PICTURES, SIZES, icon, pixel_rows
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


def shown(colour, ribbon):
    """The colour of a pixel of an icon on a ribbon."""
    cover = colour[3] / 255
    return tuple(round(part * cover + ribbon * (1 - cover)) for part in colour[:3])


def outline(name, size, ribbon):
    """The contrast of an icon's outermost pixels with what is around them.

    Pixels that are partly covered soften an edge; so two in each direction count.
    """
    rows = pixel_rows(name, size)
    outermost = set()
    for y, row in enumerate(rows):
        inked = [x for x, colour in enumerate(row) if colour in (INK, ACCENT)]
        outermost |= {(x, y) for x in inked[:1] + inked[-1:]}
    for x, y in outermost:
        around = [
            shown(rows[below][beside], ribbon)
            if 0 <= below < size and 0 <= beside < size
            else (ribbon, ribbon, ribbon)
            for below in range(y - 2, y + 3)
            for beside in range(x - 2, x + 3)
        ]
        yield max(contrast(rows[y][x], colour) for colour in around)


@pytest.mark.parametrize("ribbon", RIBBONS)
@pytest.mark.parametrize("size", [16, 20, 24, 32])
def test_every_icon_has_contrast_on_every_ribbon(ribbon, size):
    for name in PICTURES:
        ratios = list(outline(name, size, RIBBONS[ribbon]))
        assert len(ratios) > size / 2
        assert min(ratios) >= MINIMUM_CONTRAST, name


@pytest.mark.parametrize("size", [16, 20, 24, 32])
def test_straight_lines_lie_on_whole_pixels(size):
    """Each size is drawn for itself: no bar has a soft edge."""
    rows = pixel_rows("groups_here", size)
    colours = {colour for row in rows for colour in row if colour[3]}
    assert colours <= {INK, ACCENT, EDGE} | {c for c in colours if c[:3] == EDGE[:3]}
    widths = {row.count(ACCENT) for row in rows} - {0}
    assert widths in ({size * 3 // 16}, {size * 3 // 16 + 1}, {round(size * 3 / 16)})


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
