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
    """What stands together on a sheet: a heading, what is said of it, its table.

    Args:
        first: Its first row.
        heading: The heading row of its table.
        last: The last row of its table.
    """

    first: int
    heading: int
    last: int


def print_scale(widths: Sequence[float], *, landscape: bool) -> int:
    """By how many per cent columns are shrunk so that all are on one page.

    Args:
        widths: Of the columns, in characters of the usual font.
        landscape: Whether the page lies on its side.

    >>> scale([10.0] * 20, landscape=True), scale([10.0] * 4, landscape=True)
    (62, 100)
    """
    across = (A4_LENGTH if landscape else A4_WIDTH) - 2 * SIDE_MARGIN
    taken = sum(width + COLUMN_SPACING for width in widths) * CHARACTER_WIDTH
    return max(
        10, min(100, int(across * POINTS_PER_INCH * SAFETY_FACTOR / taken * 100))
    )


def page_height(shrunk: int, *, landscape: bool) -> float:
    """How many points of rows are on one page, shrunk to so many per cent.

    >>> round(room(100, landscape=True)), round(room(50, landscape=True))
    (494, 988)
    """
    down = (A4_WIDTH if landscape else A4_LENGTH) - 2 * END_MARGIN
    return down * POINTS_PER_INCH * SAFETY_FACTOR / shrunk * 100


def shrinks_to_one(total: float, fits: float, shrunk: int) -> bool:
    """Whether a sheet is a little more than a page, and still read well on one.

    Args:
        total: The height of all its rows, in points.
        fits: From `room`.
        shrunk: From `scale`.

    >>> shrinks_to_one(600, 500, 80), shrinks_to_one(400, 500, 80)
    (True, False)
    >>> shrinks_to_one(900, 500, 80), shrinks_to_one(600, 500, 50)
    (False, False)
    """
    return fits < total <= fits * SHRINK_LIMIT and shrunk * fits / total >= LEAST_SCALE


def break_rows(
    parts: Sequence[PageBlock],
    heights: Mapping[int, float],
    last: int,
    fits: float,
    *,
    repeated: int | None = None,
) -> list[int]:
    """The rows before which a page has to end.

    A part that fits on a page is on one, with what follows it up to the next if that
    fits too; of one that does not, and of the first, which stands under the sheet's
    title, the heading stays with the table's first rows.

    Args:
        parts: From the top downwards.
        heights: Row -> its height in points, where it was set.
        last: The last row of the sheet.
        fits: From `room`.
        repeated: The row that is printed again on every page after its own.

    >>> year = [Part(0, 1, 20), Part(22, 23, 42)]
    >>> breaks(year, {}, 44, 500.0), breaks(year, {}, 44, 700.0)
    ([22], [])
    """
    ends = [part.first - 1 for part in parts[1:]] + [last]
    starts = {part.first: (part, end) for part, end in zip(parts, ends, strict=False)}
    made: list[int] = []
    used, top = 0.0, 0.0

    def tall(first: int, end: int) -> float:
        return sum(
            heights.get(row, DEFAULT_ROW_HEIGHT) for row in range(first, end + 1)
        )

    for row in range(last + 1):
        if repeated is not None and row > repeated:
            top = heights.get(repeated, DEFAULT_ROW_HEIGHT)
        if row in starts and used > top:
            part, end = starts[row]
            least = min(part.heading + FIRST_ROWS, part.last)
            # After a title and a sentence a page is not worth ending.
            whole = (end, part.last) if part is not parts[0] else ()
            for stop in (*whole, least):
                if top + tall(row, stop) <= fits:
                    if used + tall(row, stop) > fits:
                        made.append(row)
                        used = top
                    break
        height = heights.get(row, DEFAULT_ROW_HEIGHT)
        if used + height > fits and used > top:
            used = top
        used += height
    return made
