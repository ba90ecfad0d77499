"""The headline measures of each year group: all pupils, groups, and the plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from generator.measuring import Cohort
from generator.measuring.measure_table import measure_rows
from generator.measuring.results_headline import measure_groups
from generator.packs.facts.group_measures import CollectionMeasures
from generator.school.settings import Kpi
from udfs.measures.pupil_measures import MEASURES
from udfs.statistics.cross_tabulation import ALL
from udfs.statistics.inference import FEW
from udfs.statistics.secondary_suppression import MIN_CELL_SIZE

MEASURE_TITLES = {measure.name: measure.title for measure in MEASURES}
SHARE_MEASURES = frozenset(measure.name for measure in MEASURES if measure.share)
COUNT_MEASURES = frozenset(measure.name for measure in MEASURES if measure.count)
SIGNED_MEASURES = frozenset({"mean_gap", "residual", "progress8"})
MET, NOT_MET, UNSURE = "met", "not_met", "unsure"


def all_measures(cohort: Cohort, groups: Sequence[str]) -> pd.DataFrame:
    """Every measure of every year group, of all pupils and of each group; none hidden.

    Args:
        cohort: The pupils of a collection.
        groups: The groups.

    Returns:
        One row per `year`, `group` (`all` or a group's name) and `measure` that has
        pupils: the columns of `year_group_measures`, and `few` (under 11). The value
        of `incomplete` is a number of pupils.
    """
    parts = []
    for group in (ALL, *groups):
        years = cohort.pupils["year"]
        inside = None if group == ALL else cohort.pupils[group].eq("Y")
        of_group = years if inside is None else years.where(inside)
        table = measure_groups(cohort, of_group).rename(columns={"group": "year"})
        parts.append(table.assign(group=group))
    figures = pd.concat(parts, ignore_index=True)
    figures["few"] = figures["pupils"] < FEW
    return figures


def published_measures(cohort: Cohort, groups: Sequence[str]) -> pd.DataFrame:
    """The figures of `all_measures`, with small groups hidden as in table `measures`.

    Returns:
        Also `hidden`: true if a row has no figures because the group is small, or
        because another group's would follow from it. Where it is hidden how many
        predictions are carried, the figures are without carried predictions; where
        fewer than six pupils are left out, `pupils` is missing.
    """
    rows = measure_rows("", cohort, more=("carried_pupils",))
    everybody = rows["dimension"] == ALL
    in_group = rows["dimension"].isin(groups) & (rows["group"] == "Y")
    rows = rows.loc[everybody | in_group]
    figures = rows[["year", "measure", "value", "pupils", "of", "carried"]].assign(
        group=rows["group"].where(everybody, rows["dimension"]),
        low=rows["ci_low"],
        high=rows["ci_high"],
        hidden=rows["suppressed"] == "Y",
        given=rows["pupils"],
    )
    shown = rows["of"].notna()  # else it is hidden how many predictions are carried
    for name, carried in (
        ("value", "value_carried"), ("low", "carried_low"), ("high", "carried_high"),
        ("pupils", "carried_pupils"),
    ):  # fmt: skip
        figures[name] = figures[name].mask(shown, rows[carried])
    figures["few"] = figures["pupils"].lt(FEW).fillna(True).astype("bool")
    left_out = figures["of"] - figures["pupils"]
    few_left_out = left_out.between(1, MIN_CELL_SIZE - 1).fillna(False)
    figures["pupils"] = figures["pupils"].mask(few_left_out)
    return figures.astype({"value": "float64"}).reset_index(drop=True)


def year_table(figures: pd.DataFrame, year: int, groups: Sequence[str]) -> pd.DataFrame:
    """The measures of one year group, one row each, by name.

    Args:
        figures: From `all_measures` or `published_measures`.
        year: The year group.
        groups: The groups, in the order of the columns.

    Returns:
        `title`, `of` (pupils), `roll` (who should be counted), `carried`, `all`,
        `low`, `high`, `few`, `group:NAME`, `n:NAME`, `few:NAME`.
    """
    figures = figures.loc[figures["year"] == year]
    total = figures.loc[figures["group"] == ALL].set_index("measure")
    names = [name for name in MEASURE_TITLES if name in total.index]
    table = pd.DataFrame(index=pd.Index(names, name="measure"))
    table["title"] = [MEASURE_TITLES[name] for name in names]
    for key, column in (
        ("of", "pupils"), ("all", "value"), ("low", "low"), ("high", "high"),
        ("roll", "of"), ("carried", "carried"), ("few", "few"),
    ):  # fmt: skip
        table[key] = total[column].reindex(names)
    for group in groups:
        part = figures.loc[figures["group"] == group].set_index("measure")
        table[f"group:{group}"] = part["value"].reindex(names)
        table[f"n:{group}"] = part["pupils"].reindex(names)
        table[f"few:{group}"] = part["few"].reindex(names)
    return table


def headline_table(
    figures: pd.DataFrame,
    earlier: Mapping[str, pd.DataFrame | None],
    measures: CollectionMeasures,
    year: int,
) -> pd.DataFrame:
    """The headline measures of one year group, with what they are compared with.

    Args:
        figures: From `all_measures` or `published_measures`.
        earlier: `last`: the figures of the previous collection; `year_ago`: those of
            the same point last year; each for the year group of then, or None.
        measures: The collection's measures, for groups and national figures.
        year: The year group.

    Returns:
        `measure`, the columns of `year_table`, `last`, `year_ago`, `national`,
        `national_year`; `expected` if there is an expected outcome.
    """
    assert measures.current is not None
    table = year_table(figures, year, measures.groups)
    for name, before in earlier.items():
        table[name] = float("nan")
        if before is not None:
            part = before.loc[(before["year"] == year) & (before["group"] == ALL)]
            values = part.set_index("measure")["value"]
            table[name] = values.reindex(table.index)
    expected = measures.expected.get(year)
    if expected is not None:
        table["expected"] = expected.measures["expected"].reindex(table.index)
    return add_national(table, measures.current).reset_index()


def add_national(table: pd.DataFrame, cohort: Cohort) -> pd.DataFrame:
    """A table by measure with the national average of each, and the year it is from."""
    averages = [cohort.tables.key_stage_4.average(str(name)) for name in table.index]
    return table.assign(
        national=[float(a.value) if a else float("nan") for a in averages],
        national_year=[a.year if a else "" for a in averages],
    )


def compare_with_plan(figures: pd.DataFrame, kpis: Sequence[Kpi]) -> pd.DataFrame:
    """The school's plan beside what is predicted.

    Args:
        figures: From `all_measures` or `published_measures`.
        kpis: The `[[kpis]]` of school.toml.

    Returns:
        One row per aim, in the school's order: `year`, `group`, `measure`, `title`,
        `plan`, `value`, `low`, `high`, `pupils`, `few`, `hidden` and `state`: `met` or
        `not_met` if the whole interval is on one side of the plan, `unsure` if it is
        not, empty if nothing is known or shown.
    """
    rows = []
    for kpi in kpis:
        group = kpi.group or ALL
        matches = figures.loc[
            (figures["year"] == kpi.year) & (figures["group"] == group)
            & (figures["measure"] == kpi.measure)
        ]  # fmt: skip
        row: dict[str, object] = {
            "year": kpi.year, "group": group, "measure": kpi.measure,
            "title": MEASURE_TITLES[kpi.measure], "plan": kpi.plan, "state": "",
        }  # fmt: skip
        if len(matches):
            figure = matches.iloc[0]
            row |= {name: figure[name] for name in ("value", "low", "high", "pupils")}
            row["few"] = bool(figure["few"])
            row["hidden"] = "hidden" in matches and bool(figure["hidden"])
            value, low, high = (float(figure[n]) for n in ("value", "low", "high"))
            row["state"] = _plan_state(value, low, high, kpi)
        rows.append(row)
    names = ["year", "group", "measure", "title", "plan", "value", "low", "high",
             "pupils", "few", "hidden", "state"]  # fmt: skip
    table = pd.DataFrame(rows, columns=pd.Index(names))
    for name, unknown in (("few", True), ("hidden", False)):
        table[name] = table[name].astype("boolean").fillna(unknown).astype("bool")
    return table


def _plan_state(value: float, low: float, high: float, kpi: Kpi) -> str:
    if math.isnan(value):
        return ""
    if kpi.measure in COUNT_MEASURES:  # fewer is better, and a count has no interval
        return MET if value <= kpi.plan else NOT_MET
    if math.isnan(low) or low < kpi.plan <= high:
        return UNSURE
    return MET if value >= kpi.plan else NOT_MET
