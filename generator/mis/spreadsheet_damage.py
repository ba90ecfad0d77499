"""What spreadsheets make of codes and days: dates, exponents, another order of days."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from functools import lru_cache

from generator.mis.export_tables import ExportTable, joined_places
from generator.problems import Problem
from udfs.scales.scale import MONTHS

_DAY_MONTH = re.compile(r"(\d{1,2})-([A-Z][a-z]{2})")
_MONTH_YEAR = re.compile(r"([A-Z][a-z]{2})-(\d{2})")
_ISO = re.compile(r"\d{4}-(\d{2})-(\d{2})(?: 00:00:00)?")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}")
_EXPONENT = re.compile(r"(\d)(?:\.(\d+))?E\+(\d{1,3})")
_MONTH_NUMBERS = {name[:3].title(): number for number, name in enumerate(MONTHS, 1)}
_NUMERIC_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?: .*)?")
DAY_FIELDS = ("left", "from", "until")


@lru_cache(maxsize=4096)
def _guesses(text: str) -> tuple[str, ...]:
    pair: tuple[int, int] | None = None
    if match := _DAY_MONTH.fullmatch(text):
        pair = int(match[1]), _MONTH_NUMBERS.get(match[2], 0)
    elif match := _MONTH_YEAR.fullmatch(text):
        pair = _MONTH_NUMBERS.get(match[1], 0), int(match[2])
    elif match := _ISO.fullmatch(text):
        pair = int(match[2]), int(match[1])
    elif match := _SLASHES.fullmatch(text):
        pair = int(match[1]), int(match[2])
    if pair and all(pair):
        first, second = pair
        return tuple(
            f"{a}{sign}{b}"
            for sign in ("-", "/", ".")
            for a, b in ((first, second), (second, first))
        )
    if match := _EXPONENT.fullmatch(text):
        return _with_exponents(match[1] + (match[2] or ""), int(match[3]))
    return ()


def _with_exponents(digits: str, exponent: int) -> tuple[str, ...]:
    """Codes such as `10E2` that are the number; year groups first."""
    stem = digits.rstrip("0")
    zeros = exponent + 1 - len(stem)
    if zeros < 0 or exponent > 20:
        return (f"{digits}E{exponent}",)
    codes = [f"{stem}{'0' * n}E{zeros - n}" for n in range(zeros + 1)]
    return tuple(
        sorted(codes, key=lambda code: not 7 <= int(code.partition("E")[0]) <= 13)
    )


def code_before(text: str, known: Collection[str] = ()) -> str:
    """The code that a spreadsheet made a date or a number of; empty for a whole code.

    Args:
        text: The cell's text.
        known: The codes that there are; those that may be meant come first.

    >>> code_before("10-Jan"), code_before("2026-01-10"), code_before("1.00E+03")
    ('10-1', '10-1', '10E2')
    >>> code_before("10-Jan", {"1-10"}), code_before("10A/Ma1"), code_before("10-JAN")
    ('1-10', '', '')
    """
    guesses = () if text in known else _guesses(text)
    return next((g for g in guesses if g in known), guesses[0] if guesses else "")


def settle_days(table: ExportTable) -> list[Problem]:
    """Read each column of days in one order; changes the rows.

    A column with a day that can only be month first (`09/25/2026`) is month first.
    Where some can only be day first as well, the days that may be either are left out.

    Returns:
        A warning for each such column.
    """
    return [
        problem
        for name in DAY_FIELDS
        if name in table.fields and (problem := _settle_column(table, name))
    ]


def _settle_column(table: ExportTable, name: str) -> Problem | None:
    column = table.fields[name]
    days = {
        row: (int(match[1]), int(match[2]), match[3])
        for row in table.rows
        if (match := _NUMERIC_DAY.fullmatch(row.cells.get(column, "")))
    }
    if not any(second > 12 >= first for first, second, _ in days.values()):
        return None
    is_mixed = any(first > 12 for first, _, _ in days.values())
    heading = table.headings.get(column, name)
    places: list[str] = []
    example = ""
    for row, (first, second, year) in days.items():
        may_be_either = max(first, second) <= 12 and first != second
        text = row.cells[column]
        if is_mixed and may_be_either:
            del row.cells[column]
        elif iso := _iso_day(year, first, second):
            row.cells[column] = iso
            if is_mixed:
                continue
        else:
            continue
        example = example or text
        places.append(row.place(name))
    if not places:
        return None
    what = (
        f"The column {heading!r} has days first in some rows and months first in "
        "others; these days may be either and were left out."
        if is_mixed else
        f"The column {heading!r} has the month before the day, and was read so."
    )  # fmt: skip
    return Problem(
        file=table.file,
        sheet=table.sheet,
        cell=joined_places(places),
        severity="warning",
        code="days-unclear" if is_mixed else "month-first",
        value=example,
        what=what,
        do="Nothing, if that is right; else export dates as 2026-09-25.",
    )


def _iso_day(year: str, month: int, day: int) -> str:
    """A day as ISO text; empty where there is no such day."""
    try:
        number = int(year) if len(year) == 4 else 2000 + int(year)
        return date(number, month, day).isoformat()
    except ValueError:
        return ""
