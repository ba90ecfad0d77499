"""A workbook that came back, as the strict reader hands it over: texts, no trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from udfs.text import tidy

_EPOCH, _MAC_EPOCH = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST_DAY = 2_958_465  # 31 December 9999


class PaperCell(Protocol):
    """One cell that holds something."""

    @property
    def kind(self) -> str:
        """`s` text, `n` number, `b` truth value, `e` error, `d` ISO date."""

    @property
    def text(self) -> str:
        """The value as the file spells it."""

    @property
    def formula(self) -> str | None:
        """The formula, or None for a typed value."""

    @property
    def dated(self) -> bool:
        """Whether its number format shows a date."""


class PaperSheet(Protocol):
    """One sheet: its cells by zero-based row and column."""

    @property
    def name(self) -> str:
        """The sheet's name."""

    @property
    def cells(self) -> Mapping[tuple[int, int], PaperCell]:
        """What is filled in."""


class Paper(Protocol):
    """A workbook that was read in a process with little memory, within limits."""

    @property
    def sheets(self) -> Mapping[str, PaperSheet]:
        """The sheets that were read, by name."""

    @property
    def names(self) -> Mapping[str, str]:
        """Defined names, with their texts."""

    @property
    def properties(self) -> Mapping[str, str]:
        """Custom document properties."""

    @property
    def mac_dates(self) -> bool:
        """Whether days are counted from 1904."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry cell says.

    Args:
        text: The value as plain text; empty where the cell is blank.
        day: The date, where the spreadsheet has made one of what was typed.
        wrong: Why the cell cannot be read at all (a formula, an error), or empty.
    """

    text: str
    day: date | None = None
    wrong: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing stands there."""
        return not (self.text or self.wrong or self.day)


NOTHING = Said("")


def day_of(number: float, *, mac_dates: bool = False) -> date | None:
    """The day that a spreadsheet counts as a number; None where it counts none.

    >>> day_of(46351.5)
    datetime.date(2026, 11, 25)
    """
    if not 0 < number <= _LAST_DAY:
        return None
    return ((_MAC_EPOCH if mac_dates else _EPOCH) + timedelta(days=int(number))).date()


def said(cell: PaperCell | None, *, mac_dates: bool = False) -> Said:
    """What a cell says, as a person would read it; nothing is reckoned.

    Args:
        cell: The cell, or None where there is none.
        mac_dates: Whether the workbook counts days from 1904.
    """
    if cell is None:
        return NOTHING
    if cell.formula is not None:
        return Said(tidy(cell.text), wrong="a formula")
    if cell.kind == "e":
        return Said(tidy(cell.text), wrong="an error")
    text = tidy(cell.text)
    if cell.kind == "b":  # never the grade 1
        return Said("TRUE" if text == "1" else "FALSE")
    if cell.kind == "n" and text:
        try:
            number = float(text)
        except ValueError:
            return Said(text, wrong="a damaged number")
        if cell.dated and (day := day_of(number, mac_dates=mac_dates)):
            return Said(text, day)
        return Said(tidy(number) if number.is_integer() else text)
    if cell.kind == "d":
        try:
            return Said(text, datetime.fromisoformat(text).date())
        except ValueError:
            return Said(text, wrong="a damaged date")
    return Said(text)
