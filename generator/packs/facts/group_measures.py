"""Groups and measures of a collection, for the packs that tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
from sqlalchemy import Connection, select

from generator.measuring import (
    Cohort,
    Expected,
    cohort,
    expected,
    known_by,
    taking,
)
from generator.school.school import Collection, School
from generator.store import roster, schema
from udfs.errors import MarkbookError
from udfs.measures.group_rules import FIELDS, field_name, read_rule
from udfs.measures.progress8 import priors
from udfs.tables import Tables

A_YEAR = 365  # days
NEAR = 46  # days: so far from a year ago may a collection be to be the same point


@dataclass(frozen=True)
class Measured:
    """What `Standing` does not hold: groups by rule, and whole year groups measured.

    Args:
        members: One row per pupil on roll: `adno`, `prior` (low, middle, high or
            empty) and for each group of the school a column of its name, true where
            the rule holds.
        groups: The groups whose rules can be used, in the school's order.
        refused: The groups whose rules cannot be used, and why.
        now: The pupils of this collection; None where there is nobody.
        last: Those of the collection before; None where there is none.
        last_code: Its code.
        year_ago: Those of the same point last year; None where there is none.
        year_ago_code: Its code.
        expected: Year group -> the expected outcome, where this school has a past.
    """

    members: pd.DataFrame
    groups: tuple[str, ...]
    refused: Mapping[str, MarkbookError] = field(default_factory=dict)
    now: Cohort | None = None
    last: Cohort | None = None
    last_code: str = ""
    year_ago: Cohort | None = None
    year_ago_code: str = ""
    expected: Mapping[int, Expected] = field(default_factory=dict)

    def inside(self, group: str) -> frozenset[str]:
        """The admission numbers of a group's pupils."""
        return frozenset(self.members.loc[self.members[group], "adno"])


def measured(
    connection: Connection,
    school: School,
    tables: Tables,
    collection: Collection,
    pupils: pd.DataFrame,
    *,
    academic_year: str,
    earlier: Sequence[str],
    today: date,
    whole: bool = True,
) -> Measured:
    """Groups and measures of a collection.

    Args:
        connection: The store, within one transaction.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        collection: The collection.
        pupils: Everybody on roll in its years: `Standing.pupils`.
        academic_year: The academic year it belongs to.
        earlier: Codes of the collections before it, the last one last.
        today: The day it is asked.
        whole: Whether the measures are wanted too, and not the groups alone.
    """
    members, refused = _members(
        pupils,
        roster.indicators(connection, academic_year),
        school,
        tables,
        academic_year,
    )
    names = tuple(one.name for one in school.settings.groups if one.name not in refused)
    made = Measured(members, names, refused)
    if refused or not whole:  # no measure without all groups
        return made

    def of(code: str) -> Cohort | None:
        rows = taking(connection, school, tables, code, today=today) if code else None
        if rows is None or rows.empty:
            return None
        known = known_by(connection, school, code)
        return cohort(connection, school, tables, rows, banked=known)

    last_code = earlier[-1] if earlier else ""
    ago = _year_ago(connection, collection)
    now = of(collection.code)
    return Measured(
        members, names, refused, now, of(last_code), last_code, of(ago), ago,
        expected=expected(
            connection, school, tables, now,
            academic_year=academic_year, opens=collection.opens,
        ) if now is not None else {},
    )  # fmt: skip


def _members(
    pupils: pd.DataFrame,
    indicators: pd.DataFrame,
    school: School,
    tables: Tables,
    academic_year: str,
) -> tuple[pd.DataFrame, dict[str, MarkbookError]]:
    asked = pupils.assign(prior=priors(pupils, tables, academic_year))
    imported = sorted(str(name) for name in indicators["name"].unique())
    for name in imported:
        if field_name(name) not in FIELDS:
            mine = indicators.loc[indicators["name"] == name]
            values = mine.drop_duplicates("adno", keep="last").set_index("adno")
            asked[field_name(name)] = asked["adno"].map(values["value"])
    members = asked[["adno", "prior"]].copy()
    refused: dict[str, MarkbookError] = {}
    for group in school.settings.groups:
        try:
            rule = read_rule(group.name, group.rule)
            rule.check(imported)
            members[group.name] = rule.applies(asked)
        except MarkbookError as error:
            refused[group.name] = error
    return members, refused


def _year_ago(connection: Connection, collection: Collection) -> str:
    """The collection that opened nearest to a year before, if any was near."""
    c = schema.collections.c
    found = [
        (
            abs((collection.opens - date.fromisoformat(row.opens)).days - A_YEAR),
            row.code,
        )
        for row in connection.execute(select(c.code, c.opens).order_by(c.opens, c.code))
        if row.opens and row.code != collection.code
    ]
    nearest = min(found, default=(NEAR + 1, ""))
    return nearest[1] if nearest[0] <= NEAR else ""
