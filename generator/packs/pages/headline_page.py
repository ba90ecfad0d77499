"""The page of headline measures, as senior leaders and governors have it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from generator.packs.facts.group_measures import Measured
from generator.packs.facts.headlines import (
    COUNTS,
    MET,
    NOT_MET,
    SHARES,
    SIGNED,
    page_one,
)
from generator.packs.layout.columns import Column, Kind, columns
from generator.packs.layout.columns import results_columns as results_columns
from generator.packs.layout.workbook import FEW_HERE, Page
from generator.packs.wording import (
    grades,
    many,
    per_cent,
    say,
    tenths,
    words,
    year_name,
)
from udfs.measures.progress8 import CAVEAT
from udfs.statistics.cross_tabulation import ALL
from udfs.statistics.inference import FEW

PLAN = ("title", "plan", "all", "value_low", "value_high", "plan_state", "of")


def kind_of(measure: str) -> Kind:
    """How a measure's values are shown."""
    if measure in SHARES:
        return "share"
    if measure in COUNTS:
        return "count"
    return "grades" if measure in SIGNED else "level"


def headline_columns(known: Measured) -> list[Column]:
    """The columns of a year's table."""
    shown = columns(["title", "of", "all", "value_low", "value_high"])
    if known.expected:
        shown += results_columns(["expected"])
    for group in known.groups:
        shown.append(Column(f"group:{group}", group, 10.0, "measure"))
        shown.append(Column(f"n:{group}", "n", 6.0, "count"))
    if known.last is not None:
        shown.append(columns(["last_value"], last_value=known.last_code)[0])
    if known.year_ago is not None:
        shown.append(columns(["year_ago"], year_ago=known.year_ago_code)[0])
    return [*shown, *columns(["national", "national_year"])]


def page_grid(known: Measured) -> list[float]:
    """The widths of the page."""
    headline = [column.width for column in headline_columns(known)]
    plan = [column.width for column in columns(PLAN)]
    return [
        max(pair)
        for pair in zip(
            headline, plan + [0.0] * max(len(headline) - len(plan), 0), strict=False
        )
    ] + plan[len(headline) :]


def years_of(measures: pd.DataFrame) -> list[int]:
    """The year groups, the oldest first."""
    return sorted((int(year) for year in measures["year"].unique()), reverse=True)


def headlines_said(
    measures: pd.DataFrame | None, plan: pd.DataFrame | None, known: Measured
) -> list[str]:
    """What the headlines say, a sentence for each year, and one for the plan."""
    if measures is None or measures.empty:
        return [say("leader_no_returns")]
    whole = measures.loc[measures["group"] == ALL].set_index(["year", "measure"])
    there = whole["value"].dropna()
    values = {
        (int(year), str(name)): float(value)
        for (year, name), value in zip(there.index, there, strict=True)
    }
    unseen = _hidden_years(whole)
    known_yet = any(name in ("mean_points", "on_or_above") for _, name in values)
    if not known_yet and not unseen:
        return [say("leader_no_returns")]
    said = [
        say("leader_hidden", year=year_name(year))
        if year in unseen and (year, "on_or_above") not in values
        else _year_said(year, values, whole, known)
        for year in years_of(measures)
    ]
    if plan is not None and not plan.empty:
        states = plan["state"].tolist()
        met, missed = states.count(MET), states.count(NOT_MET)
        said.append(
            say(
                "leader_plan", aims=many(len(plan), "aim"), met=f"{met}",
                not_met=f"{missed}", unsure=f"{len(plan) - met - missed}",
            )
        )  # fmt: skip
    return said


def _hidden_years(whole: pd.DataFrame) -> set[int]:
    """The years of which something is known, and hidden for there is so little."""
    if "hidden" not in whole:
        return set()
    some = whole["hidden"] & whole["pupils"].fillna(1).ne(0)
    names = whole.index.get_level_values("measure")
    here = whole.index[(some & (names == "on_or_above")).to_numpy()]
    return {int(year) for year, _ in here}


def _year_said(
    year: int,
    values: Mapping[tuple[int, str], float],
    whole: pd.DataFrame,
    known: Measured,
) -> str:
    name = year_name(year)
    eight = values.get((year, "attainment8"))
    four, five = (values.get((year, f"english_maths_{g}")) for g in (4, 5))
    if eight is not None and four is not None and five is not None:
        assert known.now is not None
        average = known.now.tables.key_stage_4.average("attainment8")
        national = (
            say("leader_national", value=tenths(average.value), year=average.year)
            if average
            else "–"
        )
        pupils = int(whole["pupils"].to_dict()[year, "attainment8"])
        return say(
            "leader_year", year=name, value=tenths(eight),
            pupils=many(pupils, "pupil"), national=national,
            four=per_cent(four), five=per_cent(five),
        )  # fmt: skip
    share, gap = values.get((year, "on_or_above")), values.get((year, "mean_gap"))
    if share is None:
        return say("leader_nothing", year=name)
    told = "–" if gap is None else grades(gap)
    return say("leader_lower", year=name, share=per_cent(share), gap=told)


def headlines_page(
    page: Page,
    measures: pd.DataFrame,
    then: Mapping[str, pd.DataFrame | None],
    plan: pd.DataFrame,
    known: Measured,
    *,
    hidden: str = "",
) -> None:
    """Write the plan and a table for each year.

    Args:
        page: A page of `page_grid`, its sentences written.
        measures: From `figures` or `published`.
        then: `last` and `year_ago`: the same of earlier collections, or None.
        plan: From `against_plan`.
        known: The collection's measures.
        hidden: What stands where a figure is hidden; empty where none is.
    """
    if not plan.empty:
        page.gap()
        _plan(page, plan, hidden)
        page.say(words("notes", "plan"), ink="quiet")
    shown = headline_columns(known)
    for year in years_of(measures):
        page.gap()
        page.heading(year_name(year))
        made = page_one(
            measures, then["last"], then["year_ago"], known, year, known.groups
        )
        made = made.rename(
            columns={"low": "value_low", "high": "value_high", "last": "last_value"}
        )
        few: dict[str, list[str]] = {}
        for group in known.groups:
            small = made[f"n:{group}"].astype("Float64").lt(FEW).fillna(True)
            few[f"group:{group}"] = [FEW_HERE if one else "" for one in small]
        if known.expected and "expected" not in made:
            made["expected"] = float("nan")
        if hidden:
            made = _with_hidden(made, measures, year, known, hidden)
        page.table(
            made,
            shown,
            quiet=made["of"].astype("Float64").lt(FEW).fillna(True).astype("bool"),
            painted=few,
            kinds=[kind_of(name) for name in made["measure"]],
        )
    page.gap()
    page.say(_note(known, hidden), ink="quiet")
    if known.now is not None:
        page.say(CAVEAT.format(year=known.now.estimates.year), ink="quiet")


def _note(known: Measured, hidden: str) -> str:
    """What the figures are of, with the columns by the names they have here."""
    then = ""
    if known.last is not None:
        then = words("notes", "headlines_last", last=known.last_code)
    if known.year_ago is not None:
        then += words("notes", "headlines_year_ago", year_ago=known.year_ago_code)
    # The row of how many are left out is not told where groups are hidden.
    left_out = "" if hidden else words("notes", "headlines_left_out")
    return words("notes", "headlines", left_out=left_out, then=then)


def _with_hidden(
    made: pd.DataFrame, measures: pd.DataFrame, year: int, known: Measured, text: str
) -> pd.DataFrame:
    """What is hidden, said so in its cell."""
    mine = measures.loc[(measures["year"] == year) & measures["hidden"]]
    for group in (ALL, *known.groups):
        names = set(mine.loc[mine["group"] == group, "measure"])
        column = "all" if group == ALL else f"group:{group}"
        made[column] = (
            made[column].astype(object).mask(made["measure"].isin(names), text)
        )
    return made


def _plan(page: Page, plan: pd.DataFrame, hidden: str) -> None:
    made = plan.rename(
        columns={"value": "all", "low": "value_low", "high": "value_high",
                 "pupils": "of", "group": "group_name"}
    )  # fmt: skip
    whose = made["group_name"].replace(ALL, say("everybody"))
    years = made["year"].map(year_name)
    made["title"] = made["title"] + " (" + years + ", " + whose + ")"
    states = {"met": "Above", "not_met": "Below"}
    painted = [states.get(state, "") for state in plan["state"]]
    made["plan_state"] = [
        "" if unseen else say(state or "unknown")
        for state, unseen in zip(plan["state"], plan["hidden"], strict=True)
    ]
    made["all"] = made["all"].astype(object).mask(plan["hidden"], hidden)
    page.table(
        made,
        columns(PLAN),
        quiet=made["few"],
        painted={"plan_state": painted},
        kinds=[kind_of(name) for name in made["measure"]],
    )
