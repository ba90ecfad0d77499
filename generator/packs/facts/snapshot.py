"""Where every pupil stands in a collection: what all packs are made from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from generator.packs.facts.group_measures import Measured
from generator.packs.wording import year_name
from generator.school.school import Collection


@dataclass(frozen=True)
class CollectionSnapshot:
    """A collection as it stands now.

    Args:
        collection: The collection.
        academic_year: The academic year it belongs to.
        rows: One row for each pupil, class and subject that marks are asked for:
            the roll, `department`, `teacher` (names, lead first), `lead`, `groups`,
            the target as issued, the marks, `answered`, `flag`, `gap`, `level`,
            `last` (the prediction in the collection before), `last_flag`,
            `last_gap` (to the target of that time), `movement` (sixtieths of a grade
            since then, matched pupils only), `run` (in how many collections in a
            row, this one included, the flag was below)
            `effort` … as given, and for each earlier collection `earlier:CODE`
            (`5 (Below)`), `was:CODE`, `flag:CODE` and `gap:CODE`.
        last: Year group -> the collection that `last` is of.
        earlier: Codes of the earlier collections, oldest first.
        issued: The classes that were issued a markbook.
        returned: Class -> when its first merged return came, as ISO text.
        files: Department -> how many returns were merged for its classes.
        roles: Who leads what: staff, role, scope.
        names: Staff code -> name.
        elsewhere: Department -> how many marks are not shown, for the pupil has
            left the school or the class.
        pupils: Everybody on roll in the collection's years, taught or not, with
            `groups`, `attendance`, `behaviour` and `achievement`.
        merged: Which return was merged for which class: return_id, class.
        gone: The marks not shown: adno, subject, class, the pupil's year, reg, sen.
        interventions: What is or was done for pupils; `runs` says whether it goes on.
        actions: What readers wrote on earlier packs' sheets of actions.
        measured: Groups by rule and measures, for the packs that tell of them.
        past: Targets, predictions and teachers, year by year.
        key: The school's key, with which packs are sealed.
        outcomes: The results of the last year that has any, with `predicted`.
        followed: Every intervention before, after and later: see `packs.followed`.
    """

    collection: Collection
    academic_year: str
    rows: pd.DataFrame
    last: Mapping[int, str]
    earlier: tuple[str, ...]
    issued: frozenset[str]
    returned: Mapping[str, str]
    files: Mapping[str, int]
    roles: pd.DataFrame
    names: Mapping[str, str]
    elsewhere: Mapping[str, int]
    pupils: pd.DataFrame = field(default_factory=pd.DataFrame)
    merged: pd.DataFrame = field(default_factory=pd.DataFrame)
    gone: pd.DataFrame = field(default_factory=pd.DataFrame)
    interventions: pd.DataFrame = field(default_factory=pd.DataFrame)
    actions: pd.DataFrame = field(default_factory=pd.DataFrame)
    measured: Measured | None = None
    past: pd.DataFrame = field(default_factory=pd.DataFrame)
    key: bytes = field(default=b"", repr=False)
    followed: pd.DataFrame = field(default_factory=pd.DataFrame)
    outcomes: pd.DataFrame = field(default_factory=pd.DataFrame)

    def returns_of(self, rows: pd.DataFrame) -> int:
        """How many returns a part of the roll comes from."""
        mine = self.merged["class"].isin(rows["class"].unique())
        return int(self.merged.loc[mine, "return_id"].nunique())

    def departments(self) -> list[str]:
        """The departments with a class in this collection, by name."""
        return sorted(self.rows["department"].unique())

    def holders(self, role: str, scope: str) -> list[str]:
        """Who has a role for a scope, by name."""
        return [self.names.get(code, code) for code in self.codes(role, scope)]

    def codes(self, role: str, scope: str) -> list[str]:
        """Who has a role for a scope, by staff code."""
        mine = self.roles["role"] == role
        mine &= self.roles["scope"].str.casefold() == scope.casefold()
        found: list[str] = self.roles.loc[mine, "staff"].tolist()
        return found


HEAD_OF_YEAR = "head of year"
TUTOR = "tutor"


@dataclass(frozen=True)
class PupilGroup:
    """A year or a tutor group.

    Args:
        scope: Its name: `Year 7`, `7A`.
        role: Who reads of it: head of year, tutor.
        holders: Those who are, by name.
        rows: Its part of `Standing.rows`.
        pupils: Its pupils, those whom nobody teaches too.
        gone: How many of its marks are not shown, for the pupil has left.
    """

    scope: str
    role: str
    holders: list[str]
    rows: pd.DataFrame
    pupils: pd.DataFrame
    gone: int

    @property
    def untaught(self) -> pd.DataFrame:
        """The pupils who are in no class that is asked about."""
        return self.pupils.loc[~self.pupils["adno"].isin(self.rows["adno"])]


def year_scopes(standing: CollectionSnapshot) -> list[str]:
    """The years that have pupils, by name."""
    return [year_name(year) for year in sorted(standing.pupils["year"].unique())]


def tutor_groups(standing: CollectionSnapshot) -> list[str]:
    """The tutor groups that have pupils, year by year."""
    found = standing.pupils.loc[standing.pupils["reg"] != ""]
    first = found.groupby("reg")["year"].min().reset_index()
    names: list[str] = first.sort_values(["year", "reg"])["reg"].tolist()
    return names


def scope_names(standing: CollectionSnapshot, scope: str) -> tuple[str, ...]:
    """What roles.csv may call a year or a tutor group."""
    if scope not in year_scopes(standing):
        return (scope,)
    return scope, str(_year(scope)), f"Y{_year(scope)}"


def _year(scope: str) -> int:
    return int(re.findall(r"\d+", scope)[-1])


def pupil_group(standing: CollectionSnapshot, scope: str) -> PupilGroup:
    """The year or the tutor group of a scope."""
    value: int | str
    names = scope_names(standing, scope)
    if scope in year_scopes(standing):
        column, value, role = "year", _year(scope), HEAD_OF_YEAR
    else:
        column, value, role = "reg", scope, TUTOR
    pupils = standing.pupils.loc[standing.pupils[column] == value]
    held = [name for one in names for name in standing.holders(role, one)]
    return PupilGroup(
        scope=scope,
        role=role,
        holders=list(dict.fromkeys(held)),
        rows=standing.rows.loc[standing.rows["adno"].isin(pupils["adno"])],
        pupils=pupils,
        gone=int((standing.gone[column] == value).sum()),
    )
