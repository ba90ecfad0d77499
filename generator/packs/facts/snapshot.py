"""A collection at one moment: what packs are written from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from generator.packs.facts.group_measures import CollectionMeasures
from generator.packs.wording import year_name
from generator.school.school import Collection


@dataclass(frozen=True)
class CollectionSnapshot:
    """A collection at one moment.

    Args:
        collection: The collection.
        academic_year: The academic year it belongs to.
        rows: One row for each pupil, class and subject that marks are asked for:
            the enrolment, `department`, `teacher` (names, lead first), `lead`,
            `groups`, the target as issued, the marks (`prediction`, `effort` …),
            `answered`, `flag`, `gap`, `level`; from the previous collection `last`
            (the prediction), `last_flag`, `last_gap` (to the target at that time) and
            `movement` (sixtieths of a grade since then, matched pupils only); `run`
            (the number of consecutive collections, including this one, with a flag
            below target); and for each earlier collection `earlier:CODE`
            (`5 (Below)`), `was:CODE`, `flag:CODE` and `gap:CODE`.
        previous: Year group -> the collection that `last` is from.
        earlier: Codes of the earlier collections, oldest first.
        issued: The classes that were issued a markbook.
        returned: Class -> the moment of its first merged return, as ISO text.
        roles: The roles of staff: staff, role, scope.
        names: Staff code -> name.
        hidden_marks: Department -> the number of marks that are not shown because the
            pupil has left the school or the class.
        pupils: Everybody on roll in the collection's years, taught or not, with
            `groups`, `attendance`, `behaviour` and `achievement`.
        merged: The merged returns: return_id, class.
        leaver_marks: The marks not shown: adno, subject, class, and the pupil's year,
            reg and sen.
        interventions: Interventions for pupils; `runs` is true for those that go on.
        actions: What readers wrote on the action sheets of earlier packs.
        measures: Groups by rule and measures; None until a kind needs them.
        history: Targets, predictions and teachers, by academic year.
        key: The school's key, which seals pack records.
        intervention_history: Every intervention before, after and later, from
            `track_interventions`.
        latest_results: The results of the latest year that has any, with `predicted`.
    """

    collection: Collection
    academic_year: str
    rows: pd.DataFrame
    previous: Mapping[int, str]
    earlier: tuple[str, ...]
    issued: frozenset[str]
    returned: Mapping[str, str]
    roles: pd.DataFrame
    names: Mapping[str, str]
    hidden_marks: Mapping[str, int]
    pupils: pd.DataFrame = field(default_factory=pd.DataFrame)
    merged: pd.DataFrame = field(default_factory=pd.DataFrame)
    leaver_marks: pd.DataFrame = field(default_factory=pd.DataFrame)
    interventions: pd.DataFrame = field(default_factory=pd.DataFrame)
    actions: pd.DataFrame = field(default_factory=pd.DataFrame)
    measures: CollectionMeasures | None = None
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    key: bytes = field(default=b"", repr=False)
    intervention_history: pd.DataFrame = field(default_factory=pd.DataFrame)
    latest_results: pd.DataFrame = field(default_factory=pd.DataFrame)

    def count_returns(self, rows: pd.DataFrame) -> int:
        """The number of returns that a part of `rows` comes from."""
        classes = self.merged["class"].isin(rows["class"].unique())
        return int(self.merged.loc[classes, "return_id"].nunique())

    def previous_codes(self, rows: pd.DataFrame) -> list[str]:
        """The codes of the collections that `last` is from, for a part of `rows`."""
        years = rows["year"].unique().tolist()
        return sorted({self.previous[year] for year in years if year in self.previous})

    def valid_measures(self) -> CollectionMeasures:
        """The groups and the measures.

        Raises:
            MarkbookError: If the rule of a group cannot be used: without all groups
                there is no measure.
        """
        assert self.measures is not None  # they are read for the kinds that need them
        for error in self.measures.invalid_groups.values():
            raise error
        return self.measures

    def departments(self) -> list[str]:
        """The departments with a class in this collection, by name."""
        return sorted(self.rows["department"].unique())


HEAD_OF_YEAR = "head of year"
TUTOR = "tutor"


@dataclass(frozen=True)
class PupilGroup:
    """The pupils of a year or a tutor group.

    Args:
        scope: Its name: `Year 7`, `7A`.
        rows: Its part of `CollectionSnapshot.rows`.
        pupils: Its pupils, including those whom nobody teaches.
        hidden_marks: The number of its marks that belong to pupils who have left.
    """

    scope: str
    rows: pd.DataFrame
    pupils: pd.DataFrame
    hidden_marks: int

    @property
    def untaught(self) -> pd.DataFrame:
        """The pupils who are in no class of the collection."""
        return self.pupils.loc[~self.pupils["adno"].isin(self.rows["adno"])]


def year_scopes(snapshot: CollectionSnapshot) -> list[str]:
    """The names of the years that have pupils."""
    return [year_name(year) for year in sorted(snapshot.pupils["year"].unique())]


def tutor_groups(snapshot: CollectionSnapshot) -> list[str]:
    """The tutor groups that have pupils, by year."""
    pupils = snapshot.pupils.loc[snapshot.pupils["reg"] != ""]
    years = pupils.groupby("reg")["year"].min().reset_index()
    names: list[str] = years.sort_values(["year", "reg"])["reg"].tolist()
    return names


def scope_names(snapshot: CollectionSnapshot, scope: str) -> tuple[str, ...]:
    """The names that roles.csv may have for a year or a tutor group."""
    if scope not in year_scopes(snapshot):
        return (scope,)
    return scope, str(_year(scope)), f"Y{_year(scope)}"


def group_role(snapshot: CollectionSnapshot, scope: str) -> str:
    """The role of the readers of a year or a tutor group."""
    return HEAD_OF_YEAR if scope in year_scopes(snapshot) else TUTOR


def _year(scope: str) -> int:
    return int(re.findall(r"\d+", scope)[-1])


def pupil_group(snapshot: CollectionSnapshot, scope: str) -> PupilGroup:
    """The pupils of a year or a tutor group."""
    value: int | str
    if scope in year_scopes(snapshot):
        column, value = "year", _year(scope)
    else:
        column, value = "reg", scope
    pupils = snapshot.pupils.loc[snapshot.pupils[column] == value]
    return PupilGroup(
        scope=scope,
        rows=snapshot.rows.loc[snapshot.rows["adno"].isin(pupils["adno"])],
        pupils=pupils,
        hidden_marks=int((snapshot.leaver_marks[column] == value).sum()),
    )
