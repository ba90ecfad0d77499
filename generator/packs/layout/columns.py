"""Columns of a pack's tables: their headings and widths, and the text of a cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import pandas as pd

from generator.xlsx.theme import template

ColumnKind = Literal[
    "text",
    "grade",
    "count",
    "share",
    "grades",
    "level",
    "points",
    "flag",
    "light",
    "measure",
]
NUMBER_FORMATS: Mapping[str, str] = {
    "count": "#,##0",
    "share": "0%",
    "grades": "+0.0;-0.0;0.0",
    "level": "0.0",
    "points": "0.00",
}
ZERO_LIMIT = 0.05  # of a grade: less is shown as 0.0
TEXT_LIMIT = 32_000  # Excel holds 32,767 characters in a cell


@dataclass(frozen=True, slots=True)
class PackColumn:
    """One column of a table: what it shows, under which heading, how wide.

    Args:
        key: The column of the data frame.
        heading: The text above it.
        width: Its width in characters.
        kind: `text`; `grade` (a text, centred); `count`; `share` (0-1, shown in per
            cent); `grades` (a number of whole grades, signed); `level` (a number of
            whole grades); `points` (two decimals); `flag`; `measure` (each row of
            another kind, see `PackPage.table`).
        wrap: Whether long text takes several lines.
        paint: The flag whose colours the heading has, or empty.
        rotated: Whether the heading reads upwards, over a narrow column.
        entry: Whether the reader writes in it: its cells are unlocked.
    """

    key: str
    heading: str
    width: float
    kind: ColumnKind = "text"
    wrap: bool = False
    paint: str = ""
    rotated: bool = False
    entry: bool = False


def pack_columns(
    keys: Iterable[str], *, entry: bool = False, headings: Mapping[str, str] = {}
) -> list[PackColumn]:
    """Columns by their keys, as `packs.toml` words them.

    Args:
        keys: Keys of `[columns]` in packs.toml, in the order wanted.
        entry: Whether the reader writes in them.
        headings: Key -> heading, where it differs from packs.toml.

    >>> pack_columns(["surname"])[0].heading
    'Surname'
    """
    words = template("packs")["columns"]
    return [
        PackColumn(
            key, **{**words[key], "heading": headings.get(key, words[key]["heading"])},
            entry=entry,
        )
        for key in keys
    ]  # fmt: skip


def results_columns(
    keys: Iterable[str], *, entry: Sequence[str] = ()
) -> list[PackColumn]:
    """Columns by their keys, as `results.toml` words them.

    Args:
        keys: Keys of `[columns]`, in the order wanted.
        entry: Those in which the reader writes.
    """
    words = template("results")["columns"]
    return [PackColumn(key, **words[key], entry=key in entry) for key in keys]


def widest(*tables: Sequence[PackColumn | float]) -> list[float]:
    """The widths of a page that holds several tables, one below the other.

    Args:
        tables: The columns or the widths of each.

    >>> widest([10.0, 4.0], [6.0, 8.0, 5.0])
    [10.0, 8.0, 5.0]
    """
    widths = [[width_of(column) for column in table] for table in tables]
    return [max(each) for each in zip_longest(*widths, fillvalue=0.0)]


def width_of(column: PackColumn | float) -> float:
    """The width of a column, in characters."""
    return column.width if isinstance(column, PackColumn) else column


@dataclass(frozen=True, slots=True)
class TablePosition:
    """Where a table was written: zero-based rows and columns."""

    sheet: str
    heading_row: int
    first_row: int
    last_row: int
    columns: tuple[PackColumn, ...]

    def column(self, key: str) -> int:
        """The zero-based column of a key."""
        return [column.key for column in self.columns].index(key)

    def cells(self, key: str) -> list[str | int]:
        """A column's cells, as a chart names them."""
        at = self.column(key)
        return [self.sheet, self.first_row, at, self.last_row, at]

    def heading(self, key: str) -> list[str | int]:
        """A column's heading, as a chart names it."""
        return [self.sheet, self.heading_row, self.column(key)]


def is_present(value: object) -> bool:
    """Whether a value is present; 0 is."""
    if value is None or value is pd.NA or value == "":
        return False
    return not (isinstance(value, float) and math.isnan(value))


def cell_text(value: object) -> str:
    """A value as the text of a cell; what is missing is empty."""
    if not is_present(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return truncate(str(value))


def truncate(text: str) -> str:
    """A text that a cell can hold; one that was cut says so."""
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + " … (cut)"


def line_count(text: str, width: float) -> int:
    """How many lines a text takes in a cell so many characters wide."""
    room = max(width, 4.0)
    return sum(max(1, math.ceil(len(part) / room)) for part in text.split("\n"))
