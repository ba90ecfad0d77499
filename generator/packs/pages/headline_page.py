"""The page of headline measures, for senior leaders and for governors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from generator.packs.facts.group_measures import CollectionMeasures
from generator.packs.facts.headlines import (
    COUNT_MEASURES,
    MEASURE_TITLES,
    MET,
    NOT_MET,
    SHARE_MEASURES,
    SIGNED_MEASURES,
    headline_table,
)
from generator.packs.facts.missing_predictions import missing_of_year
from generator.packs.layout.columns import (
    ColumnKind,
    PackColumn,
    pack_columns,
    results_columns,
    widest,
)
from generator.packs.layout.table_cells import FEW_PUPILS
from generator.packs.layout.workbook import PackPage
from generator.packs.wording import (
    count_text,
    decimal_text,
    join_names,
    percent,
    phrase,
    signed_grades,
    wording,
    year_name,
)
from udfs.measures.progress8 import caveat
from udfs.statistics.cross_tabulation import ALL

HEADLINES = ("attainment8", "english_maths_4", "english_maths_5")
PLAN_COLUMNS = ("title", "plan", "all", "value_low", "value_high", "plan_state", "of")


def headline_widths(measures: CollectionMeasures, *, same: bool = False) -> list[float]:
    """The widths of the page; `same`: with the trend of the same pupils."""
    return widest(_headline_columns(measures, same=same), pack_columns(PLAN_COLUMNS))


def headlines_page(
    page: PackPage,
    figures: pd.DataFrame,
    earlier: Mapping[str, pd.DataFrame | None],
    plan: pd.DataFrame,
    measures: CollectionMeasures,
    *,
    trend: pd.DataFrame | None = None,
    hidden: str = "",
) -> None:
    """Write the plan, and a table for each year group.

    Args:
        page: A page of `headline_widths`, its sentences written.
        figures: From `all_measures` or `published_measures`.
        earlier: `last` and `year_ago`: the figures of earlier collections, or None.
        plan: From `compare_with_plan`.
        measures: The collection's measures.
        trend: From `same_pupil_trend`, in place of `last`; None where it may not be
            shown, or there is no collection before.
        hidden: The text of a figure that is hidden; empty if none is.
    """
    if not plan.empty:
        page.gap()
        _plan_table(page, plan, hidden)
        page.sentence(wording("notes", "plan"), ink="quiet")
    columns = _headline_columns(measures, same=trend is not None)
    for year in _year_groups(figures):
        page.gap()
        page.heading(year_name(year))
        rows = headline_table(figures, earlier, measures, year)
        if trend is not None:
            same = trend.loc[trend["year"] == year].drop(columns="year")
            rows = rows.drop(columns="last").merge(same, on="measure", how="left")
            rows["both_n"] = rows["both_n"].astype("Int64")
        rows = rows.rename(
            columns={"low": "value_low", "high": "value_high", "last": "last_value"}
        )
        if measures.expected and "expected" not in rows:
            rows["expected"] = float("nan")
        painted = few_pupils(rows, measures.groups)
        if hidden:
            rows = _mark_hidden(rows, figures, year, measures, hidden)
        page.table(
            rows,
            columns,
            quiet=_is_few(rows["few"]),
            painted=painted,
            kinds=[measure_kind(name) for name in rows["measure"]],
        )
    page.gap()
    note = _headline_note(measures, hidden, same=trend is not None)
    page.sentence(note, ink="quiet")
    if measures.current is not None:
        year_of_estimates = measures.current.estimates.year
        page.sentence(caveat(year_of_estimates), ink="quiet")


def measure_kind(measure: str) -> ColumnKind:
    """How the values of a measure are shown."""
    if measure in SHARE_MEASURES:
        return "share"
    if measure in COUNT_MEASURES:
        return "count"
    return "grades" if measure in SIGNED_MEASURES else "level"


def group_columns(groups: Iterable[str]) -> list[PackColumn]:
    """Two columns for each group: its value and its number of pupils."""
    columns = []
    for group in groups:
        columns.append(PackColumn(f"group:{group}", group, 10.0, "measure"))
        columns.append(PackColumn(f"n:{group}", "n", 6.0, "count"))
    return columns


def few_pupils(rows: pd.DataFrame, groups: Iterable[str]) -> dict[str, list[str]]:
    """For each group's column, the rows with too few of its pupils, as `painted`."""
    return {
        f"group:{group}": [
            FEW_PUPILS if few else "" for few in _is_few(rows[f"few:{group}"])
        ]
        for group in groups
    }


def _is_few(few: pd.Series) -> pd.Series[bool]:
    return few.astype("boolean").fillna(True).astype("bool")


def _headline_columns(measures: CollectionMeasures, *, same: bool) -> list[PackColumn]:
    """The columns of a year's table."""
    columns = pack_columns(
        ["title", "of", "roll", "carried", "all", "value_low", "value_high"]
    )
    if measures.expected:
        columns += results_columns(["expected"])
    columns += group_columns(measures.groups)
    if measures.previous is not None:
        keys = ["both_n", "last_value", "both_now"] if same else ["last_value"]
        columns += pack_columns(keys, headings={"last_value": measures.previous_code})
    if measures.year_ago is not None:
        columns += pack_columns(
            ["year_ago"], headings={"year_ago": measures.year_ago_code}
        )
    return [*columns, *pack_columns(["national", "national_year"])]


def _year_groups(figures: pd.DataFrame) -> list[int]:
    """The year groups, the oldest first."""
    return sorted((int(year) for year in figures["year"].unique()), reverse=True)


def headline_sentences(
    figures: pd.DataFrame | None,
    plan: pd.DataFrame | None,
    measures: CollectionMeasures,
    trend: pd.DataFrame | None = None,
    *,
    named: bool = False,
) -> list[str]:
    """The headlines in sentences: one for each year group, and one for the plan.

    Args:
        figures: From `all_measures` or `published_measures`; None without pupils.
        plan: From `compare_with_plan`; None without figures.
        measures: The collection's measures.
        trend: From `same_pupil_trend`; None where it may not be shown.
        named: Whether classes that have not been returned may be named.
    """
    if figures is None or figures.empty:
        return [phrase("leader_no_returns")]
    total = figures.loc[figures["group"] == ALL].set_index(["year", "measure"])
    present = total["value"].dropna()
    values = {
        (int(year), str(name)): float(value)
        for (year, name), value in zip(present.index, present, strict=True)
    }
    hidden = _hidden_years(total)
    has_figures = any(name in ("mean_points", "on_or_above") for _, name in values)
    if not has_figures and not hidden:
        return [phrase("leader_no_returns")]
    sentences: list[str] = []
    for year in _year_groups(figures):
        if year in hidden and (year, "on_or_above") not in values:
            sentences.append(phrase("leader_hidden", year=year_name(year)))
            continue
        sentences.append(_year_sentence(year, values, total, measures))
        sentences += missing_of_year(year, total, measures, trend, named=named)
    if plan is not None and not plan.empty:
        states = plan["state"].tolist()
        met, not_met = states.count(MET), states.count(NOT_MET)
        sentences.append(
            phrase(
                "leader_plan", aims=count_text(len(plan), "aim"), met=f"{met}",
                not_met=f"{not_met}", unsure=f"{len(plan) - met - not_met}",
            )
        )  # fmt: skip
    return sentences


def _hidden_years(total: pd.DataFrame) -> set[int]:
    """The years whose figures are known, and hidden because there are so few pupils."""
    if "hidden" not in total:
        return set()
    hidden = total["hidden"] & total["pupils"].fillna(1).ne(0)
    names = total.index.get_level_values("measure")
    rows = total.index[(hidden & (names == "on_or_above")).to_numpy()]
    return {int(year) for year, _ in rows}


def _year_sentence(
    year: int,
    values: Mapping[tuple[int, str], float],
    total: pd.DataFrame,
    measures: CollectionMeasures,
) -> str:
    name = year_name(year)
    eight = values.get((year, "attainment8"))
    four, five = (values.get((year, f"english_maths_{g}")) for g in (4, 5))
    if eight is not None and four is not None and five is not None:
        assert measures.current is not None
        average = measures.current.tables.key_stage_4.average("attainment8")
        national = (
            phrase(
                "leader_national", value=decimal_text(average.value), year=average.year
            )
            if average
            else "–"
        )
        row = total[["pupils", "of"]].to_dict("index")[year, "attainment8"]
        pupils = _pupils_text(row["pupils"], row["of"])
        return phrase(
            "leader_year", year=name, value=decimal_text(eight),
            pupils=pupils, national=national,
            four=percent(four), five=percent(five),
        )  # fmt: skip
    lost = [name for name in HEADLINES
            if (year, name) in total.index and (year, name) not in values]  # fmt: skip
    if lost and "hidden" not in total:
        titles = join_names([MEASURE_TITLES[name] for name in lost])
        return phrase("leader_too_many", year=name, titles=titles)
    share, gap = values.get((year, "on_or_above")), values.get((year, "mean_gap"))
    if share is None:
        return phrase("leader_nothing", year=name)
    gap_text = "–" if gap is None else signed_grades(gap)
    return phrase("leader_lower", year=name, share=percent(share), gap=gap_text)


def _pupils_text(pupils: Any, of: Any) -> str:
    """Of how many pupils a headline is; either number may be hidden."""
    if pd.isna(of):
        return count_text(int(pupils), "pupil")
    everybody = count_text(int(of), "pupil")
    if pd.isna(pupils):
        return phrase("leader_of_few", of=everybody)
    return phrase("leader_of", pupils=f"{int(pupils):,}", of=everybody)


def _headline_note(measures: CollectionMeasures, hidden: str, *, same: bool) -> str:
    """What the figures are, with the columns by the names they have here."""
    then = ""
    if measures.previous is not None:
        name = "headlines_same" if same else "headlines_last"
        then = wording("notes", name, last=measures.previous_code)
    if measures.year_ago is not None:
        then += wording("notes", "headlines_year_ago", year_ago=measures.year_ago_code)
    # Where groups are hidden, the row of how many are left out is not shown.
    left_out = "" if hidden else wording("notes", "headlines_left_out")
    return wording("notes", "headlines", left_out=left_out, then=then)


def _mark_hidden(
    rows: pd.DataFrame,
    figures: pd.DataFrame,
    year: int,
    measures: CollectionMeasures,
    text: str,
) -> pd.DataFrame:
    """The rows with a text in place of each hidden figure."""
    hidden = figures.loc[(figures["year"] == year) & figures["hidden"]]
    for group in (ALL, *measures.groups):
        names = set(hidden.loc[hidden["group"] == group, "measure"])
        column = "all" if group == ALL else f"group:{group}"
        rows[column] = (
            rows[column].astype(object).mask(rows["measure"].isin(names), text)
        )
    return rows


def _plan_table(page: PackPage, plan: pd.DataFrame, hidden: str) -> None:
    rows = plan.rename(
        columns={"value": "all", "low": "value_low", "high": "value_high",
                 "pupils": "of", "group": "group_name"}
    )  # fmt: skip
    groups = rows["group_name"].replace(ALL, phrase("everybody"))
    years = rows["year"].map(year_name)
    rows["title"] = rows["title"] + " (" + years + ", " + groups + ")"
    colours = {"met": "Above", "not_met": "Below"}
    painted = [colours.get(state, "") for state in plan["state"]]
    rows["plan_state"] = [
        "" if is_hidden else phrase(state or "unknown")
        for state, is_hidden in zip(plan["state"], plan["hidden"], strict=True)
    ]
    rows["all"] = rows["all"].astype(object).mask(plan["hidden"], hidden)
    page.table(
        rows,
        pack_columns(PLAN_COLUMNS),
        quiet=rows["few"],
        painted={"plan_state": painted},
        kinds=[measure_kind(name) for name in rows["measure"]],
    )
