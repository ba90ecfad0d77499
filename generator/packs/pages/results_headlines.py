"""The tables of results day: the measures, then the same pupils' predictions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from generator.measuring import ExpectedOutcome, ResultsOutcome
from generator.measuring.results_headline import (
    same_pupil_measures,
    year_group_measures,
)
from generator.packs.facts.headlines import (
    MEASURE_TITLES,
    add_national,
    all_measures,
    year_table,
)
from generator.packs.facts.results_comparison import measure_differences
from generator.packs.facts.results_day import ResultsDay
from generator.packs.layout.columns import PackColumn, results_columns, widest
from generator.packs.layout.table_cells import FEW_PUPILS
from generator.packs.layout.workbook import PackPage
from generator.packs.pages.headline_page import few_pupils, group_columns, measure_kind
from generator.packs.wording import results_phrase, results_wording, year_name
from generator.xlsx.theme import template
from udfs.measures.progress8 import whose_estimates
from udfs.measures.pupil_measures import INCOMPLETE
from udfs.statistics.inference import FEW

FIRST_COLUMNS = ("title", "of", "all", "value_low", "value_high")
LAST_COLUMNS = ("year_ago", "national", "national_year")
SAME_PUPIL_COLUMNS = (
    "title", "same_n", "predicted_value", "actual_value", "apart", "apart_low",
    "apart_high", "target_value", "target_n", "expected", "expected_low",
    "expected_high", "past",
)  # fmt: skip


def results_headline_widths(groups: Sequence[str]) -> list[float]:
    """The widths of the page."""
    return widest(_headline_columns(groups), results_columns(SAME_PUPIL_COLUMNS))


def results_headlines(page: PackPage, results: ResultsDay) -> None:
    """Write both tables.

    Args:
        page: A page of `results_headline_widths`, its sentences written.
        results: The results.
    """
    outcome, year, groups = results.outcome, results.year, results.groups
    if not outcome.rows["year"].eq(year).any():
        return
    page.gap()
    page.heading(year_name(year))
    rows = _measure_rows(outcome, results.previous, year, groups)
    page.table(
        rows, _headline_columns(groups),
        quiet=rows["of"].astype("Float64").lt(FEW).fillna(True).astype(bool),
        painted=few_pupils(rows, groups),
        kinds=[measure_kind(name) for name in rows["measure"]],
    )  # fmt: skip
    page.sentence(results_wording("notes", "headlines"), ink="quiet")
    estimates = outcome.actual.estimates.year
    page.sentence(
        results_phrase("progress8", whose=whose_estimates(estimates)), ink="quiet"
    )
    same = _same_pupil_rows(outcome, results.expected, year)
    if same.empty:
        return
    page.heading(results_phrase("same"))
    keys = list(SAME_PUPIL_COLUMNS)
    if results.expected is None:
        keys = keys[: keys.index("expected")]
    few_targets = same["target_n"].lt(FEW).fillna(False)
    page.table(
        same, results_columns(keys), quiet=same["same_n"].lt(FEW),
        painted={"target_value": [FEW_PUPILS if few else "" for few in few_targets]},
        kinds=[measure_kind(name) for name in same["measure"]],
    )  # fmt: skip
    page.sentence(results_wording("notes", "same"), ink="quiet")


def _headline_columns(groups: Sequence[str]) -> list[PackColumn]:
    first, last = results_columns(FIRST_COLUMNS), results_columns(LAST_COLUMNS)
    return [*first, *group_columns(groups), *last]


def _titles(names: Sequence[str]) -> list[str]:
    """The titles of measures, as they are called for results."""
    titles = {**MEASURE_TITLES, **template("results")["measures"]}
    return [titles[name] for name in names]


def _measure_rows(
    outcome: ResultsOutcome,
    previous: ResultsOutcome | None,
    year: int,
    groups: Sequence[str],
) -> pd.DataFrame:
    """The measures of the results, of all pupils and of each group."""
    figures = all_measures(outcome.actual, groups)
    figures = figures.loc[
        (figures["year"] == year) & (figures["measure"] != INCOMPLETE.name)
    ]
    rows = year_table(figures, year, groups)
    rows["title"] = _titles(list(rows.index))
    rows["year_ago"] = None
    if previous is not None:
        rows["year_ago"] = year_group_measures(previous.actual, year)["value"].reindex(
            rows.index
        )
    rows = rows.rename(columns={"low": "value_low", "high": "value_high"})
    return add_national(rows, outcome.actual).reset_index()


def _same_pupil_rows(
    outcome: ResultsOutcome, expected: ExpectedOutcome | None, year: int
) -> pd.DataFrame:
    """The predictions, results and targets of the pupils with all of their predictions.

    Args:
        outcome: The results of a year.
        expected: The expected outcome; None without results of earlier years.
        year: The year group.
    """
    rows = measure_differences(outcome, year).rename(
        columns={"n": "same_n", "predicted": "predicted_value",
                 "actual": "actual_value", "low": "apart_low", "high": "apart_high"}
    )  # fmt: skip
    # Gaps of targets to themselves say nothing.
    targets = same_pupil_measures(outcome, outcome.target, year).drop(
        ["mean_gap", "on_or_above"], errors="ignore"
    )
    rows["target_value"] = targets["value"].reindex(rows.index)
    # A pupil without a target for some result is in no sum of targets.
    rows["target_n"] = targets["pupils"].reindex(rows.index).astype("Int64")
    names = ["expected", "low", "high", "past"]
    forecast = pd.DataFrame(columns=names) if expected is None else expected.measures
    for key, column in (("expected", "expected"), ("expected_low", "low"),
                        ("expected_high", "high"), ("past", "past")):  # fmt: skip
        rows[key] = forecast[column].reindex(rows.index)
    rows["title"] = _titles(list(rows.index))
    return rows.reset_index()
