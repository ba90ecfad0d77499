"""The first page of results day: the measures, then the same pupils' predictions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from generator.measuring import Expected, Outcome
from generator.measuring.results_told import whole_year
from generator.packs.facts.headlines import TITLES, figures
from generator.packs.facts.results_comparison import measure_differences
from generator.packs.layout.columns import Column, results_columns
from generator.packs.layout.workbook import FEW_HERE, Page
from generator.packs.pages.headline_page import kind_of
from generator.packs.wording import results_say, results_words, year_name
from generator.xlsx.theme import template
from udfs.measures.pupil_measures import INCOMPLETE
from udfs.statistics.cross_tabulation import ALL
from udfs.statistics.inference import FEW

FIRST = ("title", "of", "all", "value_low", "value_high")
LAST = ("year_ago", "national", "national_year")
SAME = (
    "title", "same_n", "predicted_value", "actual_value", "apart", "apart_low",
    "apart_high", "target_value", "target_n", "expected", "expected_low",
    "expected_high", "past",
)  # fmt: skip


def titles() -> dict[str, str]:
    """What each measure is called where it is of results."""
    return {**TITLES, **template("results")["measures"]}


def _columns(groups: Sequence[str]) -> list[Column]:
    shown = results_columns(FIRST)
    for group in groups:
        shown.append(Column(f"group:{group}", group, 10.0, "measure"))
        shown.append(Column(f"n:{group}", "n", 6.0, "count"))
    return [*shown, *results_columns(LAST)]


def headline_grid(groups: Sequence[str]) -> list[float]:
    """The widths of the page."""
    first = [column.width for column in _columns(groups)]
    second = [column.width for column in results_columns(SAME)]
    wide = max(len(first), len(second))
    first += [0.0] * (wide - len(first))
    second += [0.0] * (wide - len(second))
    return [max(pair) for pair in zip(first, second, strict=True)]


def headlines(
    page: Page,
    outcome: Outcome,
    before: Outcome | None,
    expected: Expected | None,
    year: int,
    groups: Sequence[str],
) -> None:
    """Write both tables.

    Args:
        page: A page of `headline_grid`, its sentences written.
        outcome: The results.
        before: Those of the year before, or None.
        expected: What was expected, or None.
        year: The final year group.
        groups: The school's groups.
    """
    if not outcome.rows["year"].eq(year).any():
        return
    page.gap()
    page.heading(year_name(year))
    made = _measures(outcome, before, year, groups)
    few = {
        f"group:{group}": [
            FEW_HERE if small else ""
            for small in made[f"n:{group}"].astype("Float64").lt(FEW).fillna(True)
        ]
        for group in groups
    }
    page.table(
        made, _columns(groups),
        quiet=made["of"].astype("Float64").lt(FEW).fillna(True).astype(bool),
        painted=few, kinds=[kind_of(name) for name in made["measure"]],
    )  # fmt: skip
    page.say(results_words("notes", "headlines"), ink="quiet")
    estimates = outcome.actual.estimates.year
    page.say(results_say("progress8", year=estimates), ink="quiet")
    same = _same(outcome, expected, year)
    if same.empty:
        return
    page.heading(results_say("same"))
    shown = SAME if expected is not None else SAME[: SAME.index("expected")]
    unsure = same["target_n"].lt(FEW).fillna(False)
    page.table(
        same, results_columns(shown), quiet=same["same_n"].lt(FEW),
        painted={"target_value": [FEW_HERE if small else "" for small in unsure]},
        kinds=[kind_of(name) for name in same["measure"]],
    )  # fmt: skip
    page.say(results_words("notes", "same"), ink="quiet")


def _measures(
    outcome: Outcome, before: Outcome | None, year: int, groups: Sequence[str]
) -> pd.DataFrame:
    found = figures(outcome.actual, groups)
    found = found.loc[(found["year"] == year) & (found["measure"] != INCOMPLETE.name)]
    whole = found.loc[found["group"] == ALL].set_index("measure")
    names = [name for name in TITLES if name in whole.index]
    made = pd.DataFrame({"measure": names, "title": [titles()[n] for n in names]})
    for key, column in (("of", "pupils"), ("all", "value"), ("value_low", "low"),
                        ("value_high", "high")):  # fmt: skip
        made[key] = whole[column].reindex(names).to_numpy()
    for group in groups:
        part = found.loc[found["group"] == group].set_index("measure")
        made[f"group:{group}"] = part["value"].reindex(names).to_numpy()
        made[f"n:{group}"] = part["pupils"].reindex(names).to_numpy()
    then = whole_year(before.actual, year)["value"] if before is not None else None
    made["year_ago"] = then.reindex(names).to_numpy() if then is not None else None
    averages = [outcome.actual.tables.key_stage_4.average(name) for name in names]
    made["national"] = [float(one.value) if one else float("nan") for one in averages]
    made["national_year"] = [one.year if one else "" for one in averages]
    return made


def _same(outcome: Outcome, expected: Expected | None, year: int) -> pd.DataFrame:
    made = measure_differences(outcome, year).rename(
        columns={"n": "same_n", "predicted": "predicted_value",
                 "actual": "actual_value", "low": "apart_low", "high": "apart_high"}
    )  # fmt: skip
    # Against themselves targets say nothing.
    aims = whole_year(outcome.target, year, only=outcome.matched).drop(
        ["mean_gap", "on_or_above"], errors="ignore"
    )
    made["target_value"] = aims["value"].reindex(made.index)
    # A pupil without a target for some result is in no sum of targets.
    made["target_n"] = aims["pupils"].reindex(made.index).astype("Int64")
    told = expected.measures if expected is not None else pd.DataFrame(
        columns=["expected", "low", "high", "past"]
    )  # fmt: skip
    for key, column in (("expected", "expected"), ("expected_low", "low"),
                        ("expected_high", "high"), ("past", "past")):  # fmt: skip
        made[key] = told[column].reindex(made.index)
    made["title"] = [titles()[name] for name in made.index]
    return made.reset_index()
