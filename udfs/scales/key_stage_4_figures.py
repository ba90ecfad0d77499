"""Published figures of Key Stage 4: estimates, spreads, averages, thirds."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from udfs.errors import BadTable
from udfs.scales.slots import SlotModel
from udfs.scales.table_files import rows_of

TOTAL = "attainment8"
ELEMENTS = ("english", "maths", "ebacc", "open")
THIRDS = ("low", "middle", "high")
_YEAR = re.compile(r"\d{4}/\d{2}")


@dataclass(frozen=True, slots=True)
class Estimates:
    """What pupils of the same prior attainment reached on average, in one year.

    Args:
        year: The academic year of the results.
        status: As published: `revised`, `provisional`.
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
        """The prior attainment group of a score, from 1; None outside all of them.

        Args:
            halves: The mean of reading and maths in half points.
        """
        if not self.lows[0] <= halves <= self.high:
            return None
        return bisect_right(self.lows, halves)


@dataclass(frozen=True, slots=True)
class Average:
    """A national average.

    Args:
        year: The academic year.
        status: As published.
        dimension: A field (`sex`), or `all`.
        group: A value of it; `any` where several are counted together.
        measure: As in the table `measures`.
        value: Points, or a share from 0 to 1.
        pupils: How many it is of.
    """

    year: str
    status: str
    dimension: str
    group: str
    measure: str
    value: Decimal
    pupils: int


@dataclass(frozen=True, slots=True)
class KeyStage4:
    """Everything the measures of Key Stage 4 look up.

    Args:
        slots: The ways of adding up Attainment 8, by name.
        estimates: By academic year.
        deviations: Standard deviations of pupils' scores nationally, by academic
            year and then `progress8` or an element.
        minima: The lowest Progress 8 score that counts, by prior attainment group,
            in hundredths; empty where none were supplied.
        thirds: The lowest score of low, middle and high prior attainment, in half
            points.
        averages: National averages.
    """

    slots: Mapping[str, SlotModel]
    estimates: Mapping[str, Estimates]
    deviations: Mapping[str, Mapping[str, float]]
    minima: Mapping[int, int]
    thirds: tuple[int, ...]
    averages: tuple[Average, ...]

    @property
    def latest(self) -> Estimates:
        """The estimates of the latest year there are."""
        return self.estimates[max(self.estimates)]

    def deviation(self, measure: str, year: str | None = None) -> float:
        """The national standard deviation of a year, or the latest there is."""
        asked = max(self.deviations)
        if year is not None and year in self.deviations:
            asked = year
        return self.deviations[asked][measure]

    def third(self, halves: int | None) -> str:
        """`low`, `middle` or `high` prior attainment; empty without a score.

        Args:
            halves: The mean of reading and maths in half points.
        """
        if halves is None:
            return ""
        return THIRDS[max(bisect_right(self.thirds, halves) - 1, 0)]

    def average(
        self, measure: str, dimension: str = "all", group: str = "all"
    ) -> Average | None:
        """The latest national average there is, or None."""
        found = [
            one
            for one in self.averages
            if (one.measure, one.dimension, one.group) == (measure, dimension, group)
        ]
        return max(found, key=lambda one: one.year, default=None)


def read_estimates(text: str, where: str) -> dict[str, Estimates]:
    """The estimates of an `attainment8_estimates.csv`, by academic year.

    Args:
        text: The file's text.
        where: The file's name, for messages.

    Raises:
        BadTable: If a row cannot be used, or a year has a gap between two groups;
            the message names the row.
    """
    needed = ("year", "group", "from", "to", TOTAL, *ELEMENTS)
    rows: dict[str, list[dict[str, str]]] = {}
    ends: dict[str, int] = {}
    for number, row in rows_of(text, where, needed):
        here, year = f"{where} row {number}", _year(row["year"], where, number)
        of_year = rows.setdefault(year, [])
        low, high = _halves(row["from"], here), _halves(row["to"], here)
        if row["group"] != str(len(of_year) + 1):
            raise BadTable(
                f"{here} is group {row['group']!r}, after {len(of_year)} of {year}.",
                "Give the groups in order from 1, without a gap.",
            )
        if high < low or (of_year and low != ends[year] + 1):
            raise BadTable(
                f"{here} does not follow on from the group before.",
                "Groups meet: after 99 comes 99.5.",
            )
        ends[year] = high
        of_year.append(row)
    if not rows:
        raise BadTable(f"{where} has no rows.", "Put back the file as it came.")
    return {
        year: Estimates(
            year=year,
            status=of_year[0].get("status", ""),
            lows=tuple(_halves(row["from"], where) for row in of_year),
            high=ends[year],
            points={
                name: tuple(
                    _hundredths(row[name], f"{where}, {year}, group {row['group']}")
                    for row in of_year
                )
                for name in (TOTAL, *ELEMENTS)
            },
        )
        for year, of_year in rows.items()
    }


def read_deviations(text: str, where: str) -> dict[str, dict[str, float]]:
    """The standard deviations of a `progress8_sds.csv`, by academic year.

    Raises:
        BadTable: If a row cannot be used; the message names it.
    """
    found = {}
    names = ("progress8", *ELEMENTS)
    for number, row in rows_of(text, where, ("year", *names)):
        here = f"{where} row {number}"
        values = {name: _number(row[name], here) for name in names}
        if min(values.values()) <= 0:
            raise BadTable(f"{here} is not above nought.", "Give standard deviations.")
        found[_year(row["year"], where, number)] = {
            name: float(value) for name, value in values.items()
        }
    return found


def read_minima(text: str, where: str, groups: int) -> dict[int, int]:
    """The lowest scores that count of a `progress8_minima.csv`: group, minimum.

    Args:
        text: The file's text.
        where: The file's name, for messages.
        groups: How many prior attainment groups there are; each needs its row.

    Raises:
        BadTable: If a row cannot be used or a group is missing.
    """
    found: dict[int, int] = {}
    for number, row in rows_of(text, where, ("group", "minimum")):
        group = row["group"]
        if not group.isdigit() or not 1 <= int(group) <= groups or int(group) in found:
            raise BadTable(
                f"{where} row {number} has the group {group!r}.",
                f"Give each group from 1 to {groups} once.",
            )
        found[int(group)] = _hundredths(row["minimum"], f"{where} row {number}")
    missing = [group for group in range(1, groups + 1) if group not in found]
    if missing:
        raise BadTable(
            f"{where} has no group {missing[0]}.", f"Give each from 1 to {groups}."
        )
    return found


def read_thirds(text: str, where: str) -> tuple[int, ...]:
    """The lowest scores of a `prior_thirds.csv`: group, from, to; low first.

    Raises:
        BadTable: If it is not low, middle and high, each following on the other.
    """
    rows = list(rows_of(text, where, ("group", "from", "to")))
    if tuple(row["group"] for _, row in rows) != THIRDS:
        raise BadTable(
            f"{where} does not have the rows {', '.join(THIRDS)}.",
            "Give them in this order, once each.",
        )
    lows = tuple(_halves(row["from"], f"{where} row {n}") for n, row in rows)
    highs = tuple(_halves(row["to"], f"{where} row {n}") for n, row in rows)
    for (number, _), low, high in zip(rows[1:], lows[1:], highs, strict=False):
        if low != high + 1:
            raise BadTable(
                f"{where} row {number} does not follow on from the row before.",
                "They meet: after 102 comes 102.5.",
            )
    return lows


def read_averages(text: str, where: str) -> Iterator[Average]:
    """The averages of a `national_averages.csv`.

    Raises:
        BadTable: If a row cannot be used; the message names it.
    """
    needed = ("year", "dimension", "group", "measure", "value", "pupils")
    for number, row in rows_of(text, where, needed):
        here = f"{where} row {number}"
        value = _number(row["value"], here)
        if row["measure"] != TOTAL and not 0 <= value <= 1:
            raise BadTable(f"{here} has the share {value}.", "Use 0 to 1.")
        yield Average(
            year=_year(row["year"], where, number),
            status=row.get("status", ""),
            dimension=row["dimension"],
            group=row["group"],
            measure=row["measure"],
            value=value,
            pupils=int(_number(row["pupils"], here)),
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


def _halves(text: str, where: str) -> int:
    value = _number(text, where) * 2
    if value != value.to_integral_value():
        raise BadTable(
            f"{where} has {text!r} for a score.", "Use scores in halves: 99.5."
        )
    return int(value)
