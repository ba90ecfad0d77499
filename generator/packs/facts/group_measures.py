"""The groups and the measures of a collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import Connection, select

from generator.measuring import (
    Cohort,
    ExpectedOutcome,
    collection_cohort,
    expected_outcomes_by_year,
    same_day,
)
from generator.school.school import Collection, School
from generator.store import roster, schema
from udfs.errors import MarkbookError
from udfs.measures.group_members import group_members
from udfs.measures.group_rules import FIELDS, field_name, read_rule
from udfs.measures.progress8 import pupils_prior_thirds
from udfs.tables import Tables

if TYPE_CHECKING:
    from generator.context import Context
    from generator.packs.facts.snapshot import CollectionSnapshot

MAX_DAYS_APART = 46  # from a year ago, for a collection to be at the same point


@dataclass(frozen=True)
class CollectionMeasures:
    """The groups of a collection's pupils, and the measures of whole year groups.

    Args:
        members: One row per pupil on roll: `adno`, `prior` (low, middle, high or
            empty), and for each group of the school a column of its name, true where
            the rule holds.
        groups: The groups whose rules can be used, in the school's order.
        invalid_groups: The groups whose rules cannot be used -> the error.
        current: The pupils of this collection; None if there are none.
        previous: Those of the previous collection; None if there is none.
        previous_code: The code of the previous collection.
        year_ago: The pupils of the same point last year; None if there was none.
        year_ago_code: The code of that collection.
        expected: Year group -> the expected outcome, where results of earlier years
            allow one.
    """

    members: pd.DataFrame
    groups: tuple[str, ...]
    invalid_groups: Mapping[str, MarkbookError] = field(default_factory=dict)
    current: Cohort | None = None
    previous: Cohort | None = None
    previous_code: str = ""
    year_ago: Cohort | None = None
    year_ago_code: str = ""
    expected: Mapping[int, ExpectedOutcome] = field(default_factory=dict)

    def pupils_in(self, group: str) -> frozenset[str]:
        """The admission numbers of a group's pupils."""
        return frozenset(self.members.loc[self.members[group], "adno"])


def measure_collection(
    connection: Connection,
    context: Context,
    snapshot: CollectionSnapshot,
    *,
    groups_only: bool = False,
) -> CollectionMeasures:
    """The groups and the measures of a collection.

    Args:
        connection: A transaction of the store.
        context: The school, its tables and the day.
        snapshot: The collection.
        groups_only: Whether to leave out the measures.
    """
    school, tables = context.school, context.tables
    indicators = roster.indicators(connection, snapshot.academic_year)
    members, invalid = _group_members(snapshot, indicators, school, tables)
    names = tuple(
        group.name for group in school.settings.groups if group.name not in invalid
    )
    if invalid or groups_only:  # no measure without all groups
        return CollectionMeasures(members, names, invalid)

    def measure(code: str) -> Cohort | None:
        return collection_cohort(connection, school, tables, code, today=context.today)

    collection = snapshot.collection
    previous_code = snapshot.earlier[-1] if snapshot.earlier else ""
    year_ago_code = _collection_year_ago(connection, collection)
    current = measure(collection.code)
    return CollectionMeasures(
        members, names, invalid, current, measure(previous_code), previous_code,
        measure(year_ago_code), year_ago_code,
        expected=expected_outcomes_by_year(
            connection, school, tables, current,
            academic_year=snapshot.academic_year, opens=collection.opens,
        ) if current is not None else {},
    )  # fmt: skip


def _group_members(
    snapshot: CollectionSnapshot,
    indicators: pd.DataFrame,
    school: School,
    tables: Tables,
) -> tuple[pd.DataFrame, dict[str, MarkbookError]]:
    """Who is in each group, and why the rule of a group cannot be used."""
    pupils = snapshot.pupils
    fields = pupils.assign(
        prior=pupils_prior_thirds(pupils, tables, snapshot.academic_year)
    )
    imported = sorted(str(name) for name in indicators["name"].unique())
    for name in imported:
        if field_name(name) not in FIELDS:
            rows = indicators.loc[indicators["name"] == name]
            values = rows.drop_duplicates("adno", keep="last").set_index("adno")
            fields[field_name(name)] = fields["adno"].map(values["value"])
    members = fields[["adno", "prior"]].copy()
    invalid: dict[str, MarkbookError] = {}
    for group in school.settings.groups:
        try:
            rule = read_rule(group.name, group.rule)
            rule.check(imported)
            members[group.name] = group_members(rule, fields)
        except MarkbookError as error:
            invalid[group.name] = error
    return members, invalid


def _collection_year_ago(connection: Connection, collection: Collection) -> str:
    """The collection that opened nearest to the same day a year before, if near."""
    day = same_day(collection.opens, 1)
    c = schema.collections.c
    distances = [
        (abs((day - date.fromisoformat(row.opens)).days), row.code)
        for row in connection.execute(select(c.code, c.opens).order_by(c.opens, c.code))
        if row.opens and row.code != collection.code
    ]
    nearest = min(distances, default=(MAX_DAYS_APART + 1, ""))
    return nearest[1] if nearest[0] <= MAX_DAYS_APART else ""
