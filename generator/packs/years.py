"""Years and tutor groups as readers have them: who leads them, and who is in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from generator.packs.phrases import year_name
from generator.packs.standing import Standing

HEAD_OF_YEAR = "head of year"
TUTOR = "tutor"


@dataclass(frozen=True)
class Part:
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


def year_scopes(standing: Standing) -> list[str]:
    """The years that have pupils, by name."""
    return [year_name(year) for year in sorted(standing.pupils["year"].unique())]


def tutor_groups(standing: Standing) -> list[str]:
    """The tutor groups that have pupils, year by year."""
    found = standing.pupils.loc[standing.pupils["reg"] != ""]
    first = found.groupby("reg")["year"].min().reset_index()
    names: list[str] = first.sort_values(["year", "reg"])["reg"].tolist()
    return names


def names_of(standing: Standing, scope: str) -> tuple[str, ...]:
    """What roles.csv may call a year or a tutor group."""
    if scope not in year_scopes(standing):
        return (scope,)
    return scope, str(_year(scope)), f"Y{_year(scope)}"


def _year(scope: str) -> int:
    return int(re.findall(r"\d+", scope)[-1])


def part(standing: Standing, scope: str) -> Part:
    """The year or the tutor group of a scope."""
    value: int | str
    names = names_of(standing, scope)
    if scope in year_scopes(standing):
        column, value, role = "year", _year(scope), HEAD_OF_YEAR
    else:
        column, value, role = "reg", scope, TUTOR
    pupils = standing.pupils.loc[standing.pupils[column] == value]
    held = [name for one in names for name in standing.holders(role, one)]
    return Part(
        scope=scope,
        role=role,
        holders=list(dict.fromkeys(held)),
        rows=standing.rows.loc[standing.rows["adno"].isin(pupils["adno"])],
        pupils=pupils,
        gone=int((standing.gone[column] == value).sum()),
    )
