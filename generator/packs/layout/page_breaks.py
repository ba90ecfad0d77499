"""Where a printed page of a pack ends: never between a heading and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

A4_LENGTH, A4_WIDTH = 11.69, 8.27  # inches of A4
SIDE_MARGIN, END_MARGIN = 0.4, 0.6  # margins at the sides, and above and below
POINTS_PER_INCH = 72.0  # points
# A digit of Calibri 11 is 5.58 points wide, of which a printer's dots make no less than
# this (47 of 600 to the inch); between columns there is a little more.
CHARACTER_WIDTH, COLUMN_SPACING = 5.64, 0.71
SAFETY_FACTOR = (
    0.97  # of the paper is reckoned with: printers and fonts differ a little
)
DEFAULT_ROW_HEIGHT = 15.0  # points of a row whose height nobody has set
SHRINK_LIMIT = 1.3  # pages
LEAST_SCALE = 50  # per cent of the usual letters: 5.5 points, as in a timetable
FIRST_ROWS = 3  # of a table that fills more than a page, under its heading


@dataclass(frozen=True, slots=True)
class PageBlock:
    """What belongs together on a sheet: a heading, its sentences, its table.

    Args:
        first: Its first row.
        heading: The heading row of its table.
        last: The last row of its table.
    """

    first: int
    heading: int
    last: int


def print_scale(widths: Sequence[float], *, landscape: bool) -> int:
    """The scale, in per cent, at which all columns fit on one page.

    Args:
        widths: The widths of the columns, in characters of the usual font.
        landscape: Whether the page is in landscape.

    >>> [print_scale([10.0] * n, landscape=True) for n in (20, 4)]
    [62, 100]
    """
    inches = (A4_LENGTH if landscape else A4_WIDTH) - 2 * SIDE_MARGIN
    room = inches * POINTS_PER_INCH * SAFETY_FACTOR
    needed = sum(width + COLUMN_SPACING for width in widths) * CHARACTER_WIDTH
    return max(10, min(100, int(room / needed * 100)))


def page_height(scale: int, *, landscape: bool) -> float:
    """The height of the rows on one page, in points, at a scale in per cent.

    >>> round(page_height(100, landscape=True)), round(page_height(50, landscape=True))
    (494, 988)
    """
    inches = (A4_WIDTH if landscape else A4_LENGTH) - 2 * END_MARGIN
    return inches * POINTS_PER_INCH * SAFETY_FACTOR / scale * 100


def shrinks_to_one(total: float, height: float, scale: int) -> bool:
    """Whether a sheet is a little longer than a page, and still readable on one.

    Args:
        total: The height of all its rows, in points.
        height: From `page_height`.
        scale: From `print_scale`.

    >>> shrinks_to_one(600, 500, 80), shrinks_to_one(400, 500, 80)
    (True, False)
    >>> shrinks_to_one(900, 500, 80), shrinks_to_one(600, 500, 50)
    (False, False)
    """
    if not height < total <= height * SHRINK_LIMIT:
        return False
    return scale * height / total >= LEAST_SCALE


def break_rows(
    blocks: Sequence[PageBlock],
    heights: Mapping[int, float],
    last: int,
    page: float,
    *,
    repeated: int | None = None,
) -> list[int]:
    """The rows before which a page has to end.

    A block that fits on a page is on one, with what follows it up to the next if that
    fits too. Of a block that does not fit, and of the first, which is under the sheet's
    title, the heading stays with the table's first rows.

    Args:
        blocks: The blocks, from the top downwards.
        heights: Row -> its height in points, if it was set.
        last: The last row of the sheet.
        page: From `page_height`.
        repeated: The row that is printed again on every page after its own.

    >>> years = [PageBlock(0, 1, 20), PageBlock(22, 23, 42)]
    >>> break_rows(years, {}, 44, 500.0), break_rows(years, {}, 44, 700.0)
    ([22], [])
    """
    ends = [block.first - 1 for block in blocks[1:]] + [last]
    starts = {
        block.first: (block, end) for block, end in zip(blocks, ends, strict=False)
    }
    rows: list[int] = []
    used, top = 0.0, 0.0

    def height_of(first: int, end: int) -> float:
        return sum(
            heights.get(row, DEFAULT_ROW_HEIGHT) for row in range(first, end + 1)
        )

    for row in range(last + 1):
        if repeated is not None and row > repeated:
            top = heights.get(repeated, DEFAULT_ROW_HEIGHT)
        if row in starts and used > top:
            block, end = starts[row]
            least = min(block.heading + FIRST_ROWS, block.last)
            # A page with only a title and a sentence is not worth a break.
            whole = (end, block.last) if block is not blocks[0] else ()
            for stop in (*whole, least):
                if top + height_of(row, stop) <= page:
                    if used + height_of(row, stop) > page:
                        rows.append(row)
                        used = top
                    break
        height = heights.get(row, DEFAULT_ROW_HEIGHT)
        if used + height > page and used > top:
            used = top
        used += height
    return rows
