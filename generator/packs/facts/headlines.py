"""The headline measures of each year: all pupils, each group, then, and nationally."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from generator.measuring import Cohort
from generator.measuring.measure_table import measure_rows, measures_of
from generator.packs.facts.group_measures import Measured
from generator.school.settings import Kpi
from udfs.measures.pupil_measures import MEASURES, facts, values
from udfs.statistics.cross_tabulation import ALL
from udfs.statistics.inference import FEW, SUMS

KEYS = ["year", "group", "measure"]
TITLES = {one.name: one.title for one in MEASURES}
SHARES = frozenset(one.name for one in MEASURES if one.share)
COUNTS = frozenset(one.name for one in MEASURES if one.count)
SIGNED = frozenset({"mean_gap", "residual", "progress8"})
MET, NOT_MET, UNSURE = "met", "not_met", "unsure"


def figures(of: Cohort, groups: Sequence[str]) -> pd.DataFrame:
    """Every measure of every year, of all pupils and of each group; nothing hidden.

    Args:
        of: The pupils of a collection.
        groups: The groups wanted.

    Returns:
        One row per `year`, `group` (`all` or a group's name) and `measure` that has
        pupils: `value`, `low`, `high`, `pupils`, `few` (under 11). Of `incomplete`
        the value is a number of pupils.
    """
    measures = measures_of(of)
    long = facts(of.measured, measures)
    at = long["row"].to_numpy()
    long = long.assign(year=of.pupils["year"].to_numpy()[at])
    parts = [long.assign(group=ALL)]
    for group in groups:
        inside = of.pupils[group].eq("Y").to_numpy()[at]
        parts.append(long.loc[inside].assign(group=group))
    sums = pd.concat(parts).groupby(["group", "year", "measure"])[list(SUMS)].sum()
    sums = sums.reset_index()
    made = []
    for place, measure in enumerate(measures):
        mine = sums.loc[sums["measure"] == place]
        found = values(
            mine, measure, of.tables.key_stage_4, year=of.estimates.year
        )  # fmt: skip
        made.append(
            mine[["year", "group", "pupils"]].assign(
                measure=measure.name, value=found["value"], low=found["low"],
                high=found["high"],
            )
        )  # fmt: skip
    answer = pd.concat(made, ignore_index=True)
    answer["few"] = answer["pupils"] < FEW
    return answer


def published(of: Cohort, groups: Sequence[str]) -> pd.DataFrame:
    """The same as `figures`, small groups hidden as in the table `measures`.

    Returns:
        Also `hidden`, true where a row has no figures because it is small, or because
        another would follow from it.
    """
    rows = measure_rows("", of)
    one = rows["dimension"] == ALL
    mine = rows["dimension"].isin(groups) & (rows["group"] == "Y")
    rows = rows.loc[one | mine]
    made = rows[["year", "measure", "value", "pupils"]].assign(
        group=rows["group"].where(one, rows["dimension"]),
        low=rows["ci_low"],
        high=rows["ci_high"],
        hidden=rows["suppressed"] == "Y",
    )
    made["few"] = made["pupils"].lt(FEW).fillna(True).astype("bool")
    return made.astype({"value": "float64"}).reset_index(drop=True)


def page_one(
    now: pd.DataFrame,
    last: pd.DataFrame | None,
    year_ago: pd.DataFrame | None,
    known: Measured,
    year: int,
    groups: Sequence[str],
) -> pd.DataFrame:
    """A year's headline measures, one row each, ready to be shown.

    Args:
        now: From `figures` or `published`.
        last: The same of the collection before; the same pupils, so of one year
            group.
        year_ago: The same of the same point last year; the year group of then.
        known: The collection's measures, for national figures.
        year: The year group.
        groups: The groups, in the order of the columns.

    Returns:
        `measure`, `title`, `of` (pupils), `all`, `low`, `high`, `group:NAME`, `n:NAME`,
        `last`, `year_ago`, `national`, `national_year`; `expected` where this school
        has a past of the year group.
    """
    mine = now.loc[now["year"] == year]
    whole = mine.loc[mine["group"] == ALL].set_index("measure")
    names = [one.name for one in MEASURES if one.name in whole.index]
    made = pd.DataFrame(index=pd.Index(names, name="measure"))
    made["title"] = [TITLES[name] for name in names]
    for name, column in (
        ("of", "pupils"), ("all", "value"), ("low", "low"), ("high", "high"),
    ):  # fmt: skip
        made[name] = whole[column].reindex(names)
    for group in groups:
        part = mine.loc[mine["group"] == group].set_index("measure")
        made[f"group:{group}"] = part["value"].reindex(names)
        made[f"n:{group}"] = part["pupils"].reindex(names)
    for name, then in (("last", last), ("year_ago", year_ago)):
        made[name] = float("nan")
        if then is not None:
            part = then.loc[(then["year"] == year) & (then["group"] == ALL)]
            made[name] = part.set_index("measure")["value"].reindex(names)
    told = known.expected.get(year)
    if told is not None:
        made["expected"] = told.measures["expected"].reindex(names)
    assert known.now is not None
    averages = [known.now.tables.key_stage_4.average(name) for name in names]
    made["national"] = [float(one.value) if one else float("nan") for one in averages]
    made["national_year"] = [one.year if one else "" for one in averages]
    return made.reset_index()


def against_plan(now: pd.DataFrame, kpis: Sequence[Kpi]) -> pd.DataFrame:
    """The school's plan beside what is predicted.

    Args:
        now: From `figures` or `published`.
        kpis: The `[[kpis]]` of school.toml.

    Returns:
        One row per aim, in the school's order: `year`, `group`, `measure`, `title`,
        `plan`, `value`, `low`, `high`, `pupils`, `few`, `hidden` and `state`: `met` or
        `not_met` where the whole interval is on one side of the plan, `unsure` where
        chance could have it either way, empty where nothing is known or told.
    """
    made = []
    for kpi in kpis:
        found = now.loc[
            (now["year"] == kpi.year) & (now["group"] == (kpi.group or ALL))
            & (now["measure"] == kpi.measure)
        ]  # fmt: skip
        row: dict[str, object] = {
            "year": kpi.year, "group": kpi.group or ALL, "measure": kpi.measure,
            "title": TITLES[kpi.measure], "plan": kpi.plan, "state": "",
        }  # fmt: skip
        if len(found):
            one = found.iloc[0]
            row |= {name: one[name] for name in ("value", "low", "high", "pupils")}
            row["few"] = bool(one["few"])
            row["hidden"] = "hidden" in found and bool(one["hidden"])
            row["state"] = _state(
                float(one["value"]), float(one["low"]), float(one["high"]), kpi
            )
        made.append(row)
    names = ["year", "group", "measure", "title", "plan", "value", "low", "high",
             "pupils", "few", "hidden", "state"]  # fmt: skip
    frame = pd.DataFrame(made, columns=pd.Index(names))
    for name, unknown in (("few", True), ("hidden", False)):
        frame[name] = frame[name].astype("boolean").fillna(unknown).astype("bool")
    return frame


def _state(value: float, low: float, high: float, kpi: Kpi) -> str:
    if math.isnan(value):
        return ""
    if kpi.measure in COUNTS:  # the fewer the better, and no chance in a count
        return MET if value <= kpi.plan else NOT_MET
    if math.isnan(low) or low < kpi.plan <= high:
        return UNSURE
    return MET if value >= kpi.plan else NOT_MET
