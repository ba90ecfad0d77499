"""The dates of lists of results: exam series, and dates that were grades."""

from __future__ import annotations

import re
from datetime import date

from generator.mis.export_tables import ExportRow
from generator.xlsx.cell_values import date_from_serial
from udfs.scales.scale import MONTHS

_SEASONS = {"winter": 1, "january": 1, "spring": 3, "summer": 6, "autumn": 11}
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_SERIAL = re.compile(r"[45]\d{4}")  # a day as a number of a spreadsheet
# `2026-04-05`, `05/04/2026`, `05-Apr`, `Apr-05`, `5 April 2026`: forms that
# spreadsheets give to what they take for a date; in a list of results it was a grade.
_DATES = (
    (re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"), "ymd"),
    (re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"), "dmy"),
    (re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})"), "dm"),
    (re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4})"), "dmy"),
    (re.compile(r"([A-Za-z]{3,9})[ -](\d{1,2})"), "md"),
)
_ISO_MONTH = re.compile(r"(20\d\d)-(\d{1,2})(-\d\d)?([ t].*)?")
_NUMERIC = re.compile(r"(?:\d{1,2}[/.-])?(\d{1,2})[/.-](20\d\d)")
_MONTH_NAME_FIRST = re.compile(r"([a-z]+)[ \-/]*((?:20)?\d\d)")
_YEAR_FIRST = re.compile(r"(20\d\d)[ \-/]*([a-z]+)")


def date_in_cell(cell: str) -> date | None:
    """The date in a cell where a grade is expected; None where it holds none.

    >>> date_in_cell("05-Apr").isoformat()[4:], date_in_cell("Apr-05").isoformat()[4:]
    ('-04-05', '-04-05')
    >>> date_in_cell("2026-04-05 00:00:00").isoformat(), date_in_cell("5-4")
    ('2026-04-05', None)
    """
    text = _TIME.sub("", cell).strip()
    if _SERIAL.fullmatch(text):
        return date_from_serial(int(text))
    for pattern, order in _DATES:
        if match := pattern.fullmatch(text):
            parts = dict(zip(order, match.groups(), strict=True))
            month = parts["m"]
            number = int(month) if month.isdigit() else _month_number(month.casefold())
            try:
                # A day without a year may be 29 February.
                return date(int(parts.get("y", "2024")), number, int(parts["d"]))
            except ValueError:
                continue
    return None


def series_of(row: ExportRow) -> str:
    """The exam series of a row: `2027-06`, or the text where the month is unclear."""
    text = row["series"]
    month, year = row["series_month"], row["series_year"]
    if not text and (month or year):
        text = f"{year}-{month}" if month.isdigit() else f"{month} {year}".strip()
    return month_of(text) or text


def month_of(text: str) -> str:
    """Return the month of an exam series as ISO text; empty where unclear.

    >>> month_of("Summer 2027"), month_of("Nov-26"), month_of("6/2027")
    ('2027-06', '2026-11', '2027-06')
    >>> month_of("2027 June"), month_of("6F27"), month_of("2027")
    ('2027-06', '', '')
    """
    key = " ".join(text.casefold().split())
    if match := _ISO_MONTH.fullmatch(key):
        return _iso_month(match[1], int(match[2]))
    if match := _NUMERIC.fullmatch(key):
        return _iso_month(match[2], int(match[1]))
    if match := _MONTH_NAME_FIRST.fullmatch(key):
        return _iso_month(match[2], _month_number(match[1]))
    if match := _YEAR_FIRST.fullmatch(key):
        return _iso_month(match[1], _month_number(match[2]))
    return ""


def _month_number(word: str) -> int:
    names = {name.casefold()[:3]: number for number, name in enumerate(MONTHS, 1)}
    return _SEASONS.get(word) or (names.get(word[:3], 0) if len(word) > 2 else 0)


def _iso_month(year: str, month: int) -> str:
    year = year if len(year) == 4 else f"20{year}"
    return f"{year}-{month:02d}" if 1 <= month <= 12 else ""


def academic_year_of_series(series: str) -> str:
    """Return the academic year of an exam series; empty where it has no month.

    >>> academic_year_of_series("2027-06"), academic_year_of_series("2026-11")
    ('2026/27', '2026/27')
    """
    if not re.fullmatch(r"20\d\d-\d\d", series):
        return ""
    first = int(series[:4]) - (int(series[5:]) < 9)
    return f"{first}/{(first + 1) % 100:02d}"
