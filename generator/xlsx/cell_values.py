"""The value that a cell of a workbook shows, and the days that Excel counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from generator.xlsx.worksheet import Cell
from udfs.text import tidy

# Excel counts a day that never was (29 February 1900): from 1 March 1900 on, day 1
# is 31 December 1899.
EXCEL_EPOCH, EXCEL_1904_EPOCH = datetime(1899, 12, 30), datetime(1904, 1, 1)
END_OF_SERIALS = 2_958_466  # 1 January 10000, which Excel has no date for
_MARCH_1900 = 61
_LARGEST_WHOLE = 1e15  # from here on Excel shows an exponent


@dataclass(frozen=True, slots=True)
class CellValue:
    """The value of one cell.

    Args:
        text: The value as plain text; empty where the cell is blank.
        day: The date, where the spreadsheet has made one of what was typed.
        problem: Why there is no value (`a formula`, `an error`), or empty.
    """

    text: str
    day: date | None = None
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing is in the cell."""
        return not (self.text or self.problem or self.day)


BLANK_VALUE = CellValue("")


def moment_from_serial(
    serial: float, *, uses_1904_dates: bool = False
) -> datetime | None:
    """The moment that a spreadsheet counts as a number; None where there is none.

    Args:
        serial: Days since the epoch, with the time as a fraction.
        uses_1904_dates: Whether the workbook counts days from 1904.

    >>> moment_from_serial(46351.5)
    datetime.datetime(2026, 11, 25, 12, 0)
    >>> moment_from_serial(1)
    datetime.datetime(1900, 1, 1, 0, 0)
    """
    if not 0 < serial < END_OF_SERIALS:
        return None
    epoch = EXCEL_1904_EPOCH if uses_1904_dates else EXCEL_EPOCH
    if not uses_1904_dates and serial < _MARCH_1900:
        epoch += timedelta(days=1)
    try:
        return epoch + timedelta(seconds=round(serial * 86_400))
    except OverflowError:
        return None


def date_from_serial(serial: float, *, uses_1904_dates: bool = False) -> date | None:
    """The day that a spreadsheet counts as a number; None for a time or no date.

    >>> date_from_serial(46351.5), date_from_serial(0.5)
    (datetime.date(2026, 11, 25), None)
    """
    if not 1 <= serial < END_OF_SERIALS:
        return None
    moment = moment_from_serial(int(serial), uses_1904_dates=uses_1904_dates)
    return moment.date() if moment else None


def read_cell_value(cell: Cell | None, *, uses_1904_dates: bool = False) -> CellValue:
    """Read a cell as a person sees it; formulas are not worked out.

    Args:
        cell: The cell, or None where there is none.
        uses_1904_dates: Whether the workbook counts days from 1904.

    >>> [read_cell_value(Cell("n", text)).text for text in ("5.0", "4.999999999999999")]
    ['5', '5']
    >>> read_cell_value(Cell("b", "1")).text
    'TRUE'
    >>> read_cell_value(Cell("n", "46117", has_date_format=True)).day
    datetime.date(2026, 4, 5)
    """
    if cell is None:
        return BLANK_VALUE
    text = tidy(cell.text)
    if cell.formula is not None:
        return CellValue(text, problem="a formula")
    match cell.kind:
        case "e":
            return CellValue(text, problem="an error")
        case "b":  # never the grade 1
            return CellValue("TRUE" if text.casefold() in ("1", "true") else "FALSE")
        case "d":
            return _iso_date(text)
        case "n" if text:
            return _number(cell, text, uses_1904_dates)
        case _:
            return CellValue(text)


def _iso_date(text: str) -> CellValue:
    try:
        return CellValue(text, datetime.fromisoformat(text).date())
    except ValueError:
        return CellValue(text, problem="a damaged date")


def _number(cell: Cell, text: str, uses_1904_dates: bool) -> CellValue:
    try:
        number = float(text)
    except ValueError:
        return CellValue(text, problem="a damaged number")
    if cell.has_date_format and (
        day := date_from_serial(number, uses_1904_dates=uses_1904_dates)
    ):
        return CellValue(text, day)
    # A spreadsheet shows fifteen digits: what follows them is the tail of a float.
    displayed = float(f"{number:.15g}")
    if displayed.is_integer() and abs(displayed) < _LARGEST_WHOLE:
        return CellValue(str(int(displayed)))
    return CellValue(text if displayed == number else repr(displayed))
