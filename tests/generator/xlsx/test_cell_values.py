"""One reading of what a cell shows: booleans, numbers, dates of both epochs."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.xlsx.cell_values import (
    BLANK_VALUE,
    CellValue,
    date_from_serial,
    moment_from_serial,
    read_cell_value,
)
from generator.xlsx.worksheet import Cell


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (None, BLANK_VALUE),
        (Cell("s", " \u200b"), BLANK_VALUE),
        (Cell("n", ""), BLANK_VALUE),
        (Cell("s", " six "), CellValue("six")),
        (Cell("n", "5.0"), CellValue("5")),
        (Cell("n", "-0.0"), CellValue("0")),
        (Cell("n", "5.5"), CellValue("5.5")),
        (Cell("n", "1E2"), CellValue("100")),
        (Cell("n", "1E+16"), CellValue("1E+16")),  # as Excel shows it
        (Cell("n", "five"), CellValue("five", problem="a damaged number")),
        (Cell("b", "1"), CellValue("TRUE")),
        (Cell("b", "true"), CellValue("TRUE")),  # written by other programs
        (Cell("b", "0"), CellValue("FALSE")),
        (Cell("e", "#N/A"), CellValue("#N/A", problem="an error")),
        (Cell("n", "6", "A1+1"), CellValue("6", problem="a formula")),
        (
            Cell("d", "2026-04-05T00:00:00"),
            CellValue("2026-04-05T00:00:00", date(2026, 4, 5)),
        ),
        (Cell("d", "April"), CellValue("April", problem="a damaged date")),
        (
            Cell("n", "46117", has_date_format=True),
            CellValue("46117", date(2026, 4, 5)),
        ),
        (Cell("n", "0.5", has_date_format=True), CellValue("0.5")),  # noon of no day
        (Cell("n", "2958466", has_date_format=True), CellValue("2958466")),
    ],
)
def test_a_cell_is_read_as_a_person_sees_it(
    cell: Cell | None, value: CellValue
) -> None:
    assert read_cell_value(cell) == value
    assert read_cell_value(cell).is_blank == (value == BLANK_VALUE)


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (0, None),
        (0.99, None),
        (1, date(1900, 1, 1)),
        (59, date(1900, 2, 28)),
        (61, date(1900, 3, 1)),
        (46117.75, date(2026, 4, 5)),
        (2_958_465, date(9999, 12, 31)),
        (2_958_466, None),
        (float("inf"), None),
        (float("nan"), None),
        (-5, None),
    ],
)
def test_a_serial_is_the_day_that_excel_shows(serial: float, day: date | None) -> None:
    assert date_from_serial(serial) == day


def test_the_epoch_of_1904_is_1462_days_later() -> None:
    assert date_from_serial(46117 - 1462, uses_1904_dates=True) == date(2026, 4, 5)
    assert moment_from_serial(0.25, uses_1904_dates=True) == datetime(1904, 1, 1, 6)


@given(st.floats(allow_nan=True, allow_infinity=True), st.booleans())
def test_any_number_is_a_day_or_none(serial: float, uses_1904_dates: bool) -> None:
    day = date_from_serial(serial, uses_1904_dates=uses_1904_dates)
    assert day is None or 1900 <= day.year <= 9999
