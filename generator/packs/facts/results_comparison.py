"""Compare results with predictions, and with the minimum for the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from generator.measuring import ResultsOutcome
from generator.measuring.results_headline import year_group_measures
from generator.packs.facts.value_added import add_lead_teachers, value_added
from generator.packs.wording import results_phrase
from generator.school.settings import PackSettings
from udfs.measures.group_summaries import beyond_chance
from udfs.measures.prediction_accuracy import accuracy, prediction_errors
from udfs.measures.pupil_measures import MEASURES
from udfs.scales.scale import POINT
from udfs.statistics.inference import FEW, Z95
from udfs.tables import Tables

FAR_APART = 2 * POINT  # sixtieths of a grade: so far is far apart


_MEASURES_BY_NAME = {one.name: one for one in MEASURES}


COMPARED_MEASURES = ("attainment8", "attainment8_english", "attainment8_maths",
         "attainment8_ebacc", "attainment8_open", "progress8", "english_maths_4",
         "english_maths_5", "english_maths_7", "mean_points", "mean_gap",
         "on_or_above", "residual")  # fmt: skip


ENGLISH = ("english_language", "english_literature")


def compare_results(
    outcome: ResultsOutcome, tables: Tables, names: Mapping[str, str], by: Sequence[str]
) -> pd.DataFrame:
    """How predictions turned out, and value added, side by side.

    Args:
        outcome: The results of a year.
        tables: Subjects and scales.
        names: Staff code -> name.
        by: What is compared: `subject`, `class` and so on.

    Returns:
        The columns of `by`; those of `udfs.measures.prediction_accuracy` with
        `error_side` (`Above` where predictions were too high, `Below` too low, beyond
        chance when all rows are considered; else empty) and `error_note`; those of `patterns`; `results_n`.
    """
    keys = list(by)
    rows = add_lead_teachers(outcome.actual, names)
    made = value_added(rows, None, keys).rename(columns={"pupils": "results_n"})
    asked = add_lead_teachers(outcome.predicted, names).drop(columns="prediction")
    told = accuracy(asked, tables, keys)
    told["error_side"] = beyond_chance(told.rename(columns={"error": "mean"}))
    notes = {"Above": results_phrase("too_many"), "Below": results_phrase("too_few")}
    few = told["n"].between(1, FEW - 1)
    told["error_note"] = (
        told["error_side"].map(notes).fillna("").mask(few, results_phrase("few"))
    )
    made = made.merge(told, on=keys, how="left")
    return made.sort_values(keys, kind="stable", ignore_index=True)


def pupil_results(outcome: ResultsOutcome, tables: Tables) -> pd.DataFrame:
    """Every pupil: predicted and happened, those furthest below predictions first.

    Returns:
        `adno` … `reg`, `year`; `predicted_a8` (missing where a result had no
        prediction), `actual_a8` and `apart_a8`; `mean_error` (whole grades, above
        nought: results below the predictions) of `n`; `over_far` and `under_far`,
        subjects two grades or more apart.
    """
    rows = outcome.rows.assign(gap=prediction_errors(outcome.rows, tables))
    named = rows["subject"] + " " + rows["predicted"] + " → " + rows["actual"]
    rows = rows.assign(
        named=named, over=rows["gap"].ge(FAR_APART), under=rows["gap"].le(-FAR_APART)
    )
    each = rows.groupby("adno")
    made = each[["surname", "forename", "reg", "year"]].first()
    made["n"] = each["gap"].count()
    made["mean_error"] = each["gap"].mean().astype("Float64") / POINT
    for name in ("over", "under"):
        far = rows.loc[rows[name].fillna(False).astype(bool)]
        made[f"{name}_far"] = far.groupby("adno")["named"].agg(", ".join)
    for name, of in (("actual", outcome.actual), ("predicted", outcome.predicted)):
        eight = (
            of.pupil_measures.set_index("adno")["attainment8"].astype("Float64") / POINT
        )
        made[f"{name}_a8"] = eight.reindex(made.index)
    made["apart_a8"] = made["actual_a8"] - made["predicted_a8"]
    return made.reset_index().sort_values(
        ["year", "mean_error", "surname", "forename", "adno"],
        ascending=[False, False, True, True, True], kind="stable", ignore_index=True,
        na_position="last",
    )  # fmt: skip


def next_step(
    outcome: ResultsOutcome, settings: PackSettings, year: int
) -> pd.DataFrame:
    """Every pupil of a year group beside the school's minimum for the next step.

    Combined science counts as two results; of English the better of Language and
    Literature.

    Args:
        outcome: The results of a year.
        settings: `[packs]`: the minimum.
        year: The year group.

    Returns:
        By admission number: names; `reached_in` (results that reach the points),
        `english_grade`, `maths_grade`, `reaches` (the minimum), `predicted_in`,
        `foreseen` (whether the predictions reached it; missing where some results had
        none) and `lacks`, what is missing in words.
    """
    sides = {}
    for name, of in (("actual", outcome.actual), ("predicted", outcome.predicted)):
        slots = dict(
            zip(
                of.attainment.entries.subjects, of.attainment.entries.slots, strict=True
            )
        )
        sides[name] = _next_step_counts(of.attainment.slot_values, slots, settings)
    made = outcome.rows.loc[outcome.rows["year"] == year]
    made = made.groupby("adno")[["surname", "forename", "reg"]].first()
    now, then = sides["actual"], sides["predicted"]
    made["reached_in"] = now["count"].reindex(made.index).fillna(0).astype("int64")
    made["predicted_in"] = then["count"].reindex(made.index).fillna(0).astype("int64")
    for name in ("english", "maths"):
        made[f"{name}_grade"] = now[f"{name}_grade"].reindex(made.index)
    made["reaches"] = now["reaches"].reindex(made.index).fillna(False).astype(bool)
    foreseen = then["reaches"].reindex(made.index).fillna(False).astype("boolean")
    made["foreseen"] = foreseen.where(foreseen | made.index.isin(outcome.matched))
    made["lacks"] = [
        _missing_requirements(int(count), bool(e), bool(m), settings)
        for count, e, m in zip(
            made["reached_in"],
            now["english"].reindex(made.index).fillna(False),
            now["maths"].reindex(made.index).fillna(False),
            strict=True,
        )
    ]
    return made.reset_index().sort_values(
        ["reached_in", "surname", "forename", "adno"],
        ascending=[False, True, True, True], kind="stable", ignore_index=True,
    )  # fmt: skip


def _next_step_counts(
    values: pd.DataFrame, slots: Mapping[str, str], settings: PackSettings
) -> pd.DataFrame:
    slot = values["subject"].map(slots)
    least = round(settings.step_points * POINT)
    reached = values["points"].ge(least).fillna(False).astype(bool)
    rows = values.assign(reached=reached, slot=slot)
    made = pd.DataFrame({"count": rows.groupby("adno")["reached"].sum()})
    for name, of in (("english", ENGLISH), ("maths", ("maths",))):
        mine = rows.loc[rows["slot"].isin(of)].sort_values(
            ["adno", "points"], kind="stable", na_position="first"
        )
        best = mine.drop_duplicates("adno", keep="last").set_index("adno")
        made[name] = best["reached"].reindex(made.index).fillna(False).astype(bool)
        made[f"{name}_grade"] = best["grade"].reindex(made.index)
    made["reaches"] = made["count"] >= settings.step_in
    if settings.step_english_maths:
        made["reaches"] &= made["english"] & made["maths"]
    return made


def _missing_requirements(
    count: int, english: bool, maths: bool, settings: PackSettings
) -> str:
    parts = []
    if settings.step_english_maths:
        parts += [results_phrase(name) for name, has in (("english", english), ("maths", maths))
                  if not has]  # fmt: skip
    if count < settings.step_in:
        parts.append(results_phrase("more", n=settings.step_in - count))
    return ", ".join(parts)


def next_step_rule(settings: PackSettings) -> str:
    """The minimum for the next step, in words."""
    return results_phrase(
        "next_step_rule", subjects=settings.step_in,
        points=f"{settings.step_points:g}",
        **{"with": results_phrase("next_step_with") if settings.step_english_maths else ""},
    )  # fmt: skip


def measure_differences(outcome: ResultsOutcome, year: int) -> pd.DataFrame:
    """Results less predictions of the same pupils, measure by measure.

    Args:
        outcome: The results of a year.
        year: The year group.

    Returns:
        By measure: `n` (pupils with a prediction for every result), `predicted` and
        `actual` (means of theirs), `apart` with `low` and `high` (95% interval, by
        pupil).
    """
    there = outcome.rows.loc[outcome.rows["year"] == year, "adno"].unique()
    only = outcome.matched.loc[outcome.matched.isin(there)]
    now = year_group_measures(outcome.actual, year, only=only)["value"]
    then = year_group_measures(outcome.predicted, year, only=only)["value"]
    made = []
    for name in (
        one for one in COMPARED_MEASURES if one in now.index and one in then.index
    ):
        gaps = outcome.differences(_MEASURES_BY_NAME[name])
        gaps = gaps.loc[gaps.index.isin(there)]
        n = len(gaps)
        apart = float(now.to_dict()[name]) - float(then.to_dict()[name])
        reach = Z95 * float(gaps.std()) / n**0.5 if n > 1 else float("nan")
        made.append(
            (name, n, then.to_dict()[name], now.to_dict()[name], apart, apart - reach,
             apart + reach)
        )  # fmt: skip
    names = ["measure", "n", "predicted", "actual", "apart", "low", "high"]
    return pd.DataFrame(made, columns=pd.Index(names)).set_index("measure")
