"""National Key Stage 4 figures: estimates, standard deviations, averages, thirds."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from udfs.errors import BadTable
from udfs.scales.slots import SlotModel
from udfs.scales.table_files import csv_rows, half_points

TOTAL = "attainment8"
ELEMENTS = ("english", "maths", "ebacc", "open")
THIRDS = ("low", "middle", "high")
_YEAR = re.compile(r"\d{4}/\d{2}")


@dataclass(frozen=True, slots=True)
class Attainment8Estimates:
    """National average points by prior attainment, in one year.

    Args:
        year: The academic year of the results.
        status: The published status: `revised`, `provisional`.
        lows: The lowest score of each prior attainment group, in half points.
        high: The highest score of the last group, in half points.
        points: For `attainment8` and each element, the estimate of every group in
            hundredths of a point.
    """

    year: str
    status: str
    lows: tuple[int, ...]
    high: int
    points: Mapping[str, tuple[int, ...]]

    def group(self, halves: int) -> int | None:
        """Return a score's prior attainment group, from 1; None outside all groups.

        Args:
            halves: The mean of reading and maths in half points.
        """
        if not self.lows[0] <= halves <= self.high:
            return None
        return bisect_right(self.lows, halves)


@dataclass(frozen=True, slots=True)
class NationalAverage:
    """A national average.

    Args:
        year: The academic year.
        status: The published status.
        dimension: A field (`sex`), or `all`.
        group: A value of the field; `any` for several values together.
        measure: A measure of the table `measures`.
        value: Points, or a share from 0 to 1.
        pupils: The number of pupils.
    """

    year: str
    status: str
    dimension: str
    group: str
    measure: str
    value: Decimal
    pupils: int


@dataclass(frozen=True, slots=True)
class KeyStage4Figures:
    """All national figures that the Key Stage 4 measures need.

    Args:
        slots: The Attainment 8 models by name.
        estimates: By academic year.
        standard_deviations: Of pupils' scores nationally, by academic year and then
            `progress8` or an element.
        minima: The lowest Progress 8 score that counts, by prior attainment group, in
            hundredths; empty where none were supplied.
        thirds: The lowest score of low, middle and high prior attainment, in half
            points.
        averages: National averages.
    """

    slots: Mapping[str, SlotModel]
    estimates: Mapping[str, Attainment8Estimates]
    standard_deviations: Mapping[str, Mapping[str, float]]
    minima: Mapping[int, int]
    thirds: tuple[int, ...]
    averages: tuple[NationalAverage, ...]

    @property
    def latest(self) -> Attainment8Estimates:
        """The estimates of the latest year."""
        return self.estimates[max(self.estimates)]

    def standard_deviation(self, measure: str, year: str | None = None) -> float:
        """Return the national standard deviation of a year, or of the latest year."""
        table_year = max(self.standard_deviations)
        if year is not None and year in self.standard_deviations:
            table_year = year
        return self.standard_deviations[table_year][measure]

    def prior_third(self, halves: int | None) -> str:
        """Return `low`, `middle` or `high` prior attainment; empty without a score.

        Args:
            halves: The mean of reading and maths in half points.
        """
        if halves is None:
            return ""
        return THIRDS[max(bisect_right(self.thirds, halves) - 1, 0)]

    def average(
        self, measure: str, dimension: str = "all", group: str = "all"
    ) -> NationalAverage | None:
        """Return the latest national average, or None."""
        averages = [
            average
            for average in self.averages
            if (average.measure, average.dimension, average.group)
            == (measure, dimension, group)
        ]
        return max(averages, key=lambda average: average.year, default=None)


def read_estimates(text: str, where: str) -> dict[str, Attainment8Estimates]:
    """Parse an `attainment8_estimates.csv`; return estimates by academic year."""
    needed = ("year", "group", "from", "to", TOTAL, *ELEMENTS)
    rows: dict[str, list[dict[str, str]]] = {}
    highs: dict[str, int] = {}
    for number, row in csv_rows(text, where, needed):
        location, year = f"{where} row {number}", _year(row["year"], where, number)
        year_rows = rows.setdefault(year, [])
        low, high = half_points(row["from"], location), half_points(row["to"], location)
        if row["group"] != str(len(year_rows) + 1):
            raise BadTable(
                f"{location} is group {row['group']!r}, "
                f"after {len(year_rows)} of {year}.",
                "Give the groups in order from 1, without a gap.",
            )
        if high < low or (year_rows and low != highs[year] + 1):
            raise BadTable(
                f"{location} does not follow on from the group before.",
                "Groups meet: after 99 comes 99.5.",
            )
        highs[year] = high
        year_rows.append(row)
    if not rows:
        raise BadTable(f"{where} has no rows.", "Put back the file as it came.")
    return {
        year: Attainment8Estimates(
            year=year,
            status=year_rows[0].get("status", ""),
            lows=tuple(half_points(row["from"], where) for row in year_rows),
            high=highs[year],
            points={
                name: tuple(
                    _hundredths(row[name], f"{where}, {year}, group {row['group']}")
                    for row in year_rows
                )
                for name in (TOTAL, *ELEMENTS)
            },
        )
        for year, year_rows in rows.items()
    }


def read_standard_deviations(text: str, where: str) -> dict[str, dict[str, float]]:
    """Parse a `progress8_sds.csv`; return standard deviations by academic year."""
    deviations = {}
    names = ("progress8", *ELEMENTS)
    for number, row in csv_rows(text, where, ("year", *names)):
        location = f"{where} row {number}"
        values = {name: _number(row[name], location) for name in names}
        if min(values.values()) <= 0:
            raise BadTable(
                f"{location} is not above nought.", "Give standard deviations."
            )
        deviations[_year(row["year"], where, number)] = {
            name: float(value) for name, value in values.items()
        }
    return deviations


def read_minima(text: str, where: str, groups: int) -> dict[int, int]:
    """Parse a `progress8_minima.csv`: the lowest score that counts of each group."""
    minima: dict[int, int] = {}
    for number, row in csv_rows(text, where, ("group", "minimum")):
        group = row["group"]
        if not group.isdigit() or not 1 <= int(group) <= groups or int(group) in minima:
            raise BadTable(
                f"{where} row {number} has the group {group!r}.",
                f"Give each group from 1 to {groups} once.",
            )
        minima[int(group)] = _hundredths(row["minimum"], f"{where} row {number}")
    missing = [group for group in range(1, groups + 1) if group not in minima]
    if missing:
        raise BadTable(
            f"{where} has no group {missing[0]}.", f"Give each from 1 to {groups}."
        )
    return minima


def read_thirds(text: str, where: str) -> tuple[int, ...]:
    """Parse a `prior_thirds.csv`: group, from, to; return the lowest scores."""
    rows = list(csv_rows(text, where, ("group", "from", "to")))
    if tuple(row["group"] for _, row in rows) != THIRDS:
        raise BadTable(
            f"{where} does not have the rows {', '.join(THIRDS)}.",
            "Give them in this order, once each.",
        )
    lows = tuple(half_points(row["from"], f"{where} row {n}") for n, row in rows)
    highs = tuple(half_points(row["to"], f"{where} row {n}") for n, row in rows)
    for (number, _), low, high in zip(rows[1:], lows[1:], highs, strict=False):
        if low != high + 1:
            raise BadTable(
                f"{where} row {number} does not follow on from the row before.",
                "They meet: after 102 comes 102.5.",
            )
    return lows


def read_averages(text: str, where: str) -> Iterator[NationalAverage]:
    """Parse a `national_averages.csv`."""
    needed = ("year", "dimension", "group", "measure", "value", "pupils")
    for number, row in csv_rows(text, where, needed):
        location = f"{where} row {number}"
        value = _number(row["value"], location)
        if row["measure"] != TOTAL and not 0 <= value <= 1:
            raise BadTable(f"{location} has the share {value}.", "Use 0 to 1.")
        yield NationalAverage(
            year=_year(row["year"], where, number),
            status=row.get("status", ""),
            dimension=row["dimension"],
            group=row["group"],
            measure=row["measure"],
            value=value,
            pupils=int(_number(row["pupils"], location)),
        )


def _year(text: str, where: str, number: int) -> str:
    if not _YEAR.fullmatch(text):
        raise BadTable(
            f"{where} row {number} is of the year {text!r}.", "Write it like 2023/24."
        )
    return text


def _number(text: str, where: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise BadTable(f"{where} has {text!r} for a number.", "Give a number.")
    return value


def _hundredths(text: str, where: str) -> int:
    value = _number(text, where) * 100
    if value != value.to_integral_value():
        raise BadTable(f"{where} has {text!r}.", "Give two decimals, as published.")
    return int(value)
