"""Compare results with predictions, and with the minimum for the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from generator.measuring import Cohort, ResultsOutcome
from generator.measuring.results_headline import same_pupil_measures
from generator.packs.facts.value_added import add_lead_teachers, value_added
from generator.packs.wording import results_phrase
from generator.school.settings import PackSettings
from udfs.measures.entries import MISSING, PAIR
from udfs.measures.group_summaries import beyond_chance
from udfs.measures.prediction_accuracy import accuracy, prediction_errors
from udfs.measures.pupil_measures import MEASURES
from udfs.scales.scale import POINT
from udfs.statistics.inference import FEW
from udfs.statistics.student import t_quantiles
from udfs.tables import Tables

FAR_APART = 2 * POINT  # sixtieths of a grade
ENGLISH = ("english_language", "english_literature")
COMPARED_MEASURES = (
    "attainment8", "attainment8_english", "attainment8_maths", "attainment8_ebacc",
    "attainment8_open", "progress8", "english_maths_4", "english_maths_5",
    "english_maths_7", "mean_points", "mean_gap", "on_or_above", "residual",
)  # fmt: skip
_MEASURES_BY_NAME = {measure.name: measure for measure in MEASURES}


def compare_results(
    outcome: ResultsOutcome, tables: Tables, names: Mapping[str, str], by: Sequence[str]
) -> pd.DataFrame:
    """How accurate predictions were, and value added, side by side.

    Args:
        outcome: The results of a year.
        tables: Subjects and scales.
        names: Staff code -> name.
        by: The columns to compare: `subject`, `class` and so on.

    Returns:
        The columns of `by`; those of `udfs.measures.prediction_accuracy` with
        `error_side` (`Above` if predictions were too high, `Below` if too low, beyond
        chance when all rows are considered; else empty) and `error_note`; those of
        `value_added`; `results_n`.
    """
    keys = list(by)
    rows = add_lead_teachers(outcome.actual, names)
    table = value_added(rows, None, keys).rename(columns={"pupils": "results_n"})
    predicted = add_lead_teachers(outcome.predicted, names).drop(columns="prediction")
    errors = accuracy(predicted, tables, keys)
    errors["error_side"] = beyond_chance(errors.rename(columns={"error": "mean"}))
    notes = {"Above": results_phrase("too_many"), "Below": results_phrase("too_few")}
    few = errors["n"].between(1, FEW - 1)
    errors["error_note"] = (
        errors["error_side"].map(notes).fillna("").mask(few, results_phrase("few"))
    )
    table = table.merge(errors, on=keys, how="left")
    return table.sort_values(keys, kind="stable", ignore_index=True)


def pupil_results(outcome: ResultsOutcome, tables: Tables) -> pd.DataFrame:
    """Each pupil's predictions and results, those furthest below predictions first.

    Returns:
        `adno` … `reg`, `year`; `predicted_a8` (missing if a result had no
        prediction), `actual_a8` and `apart_a8`; `mean_error` (whole grades, above 0
        for results below the predictions) of `n`; `over_far` and `under_far`,
        subjects two grades or more apart.
    """
    rows = outcome.rows.assign(gap=prediction_errors(outcome.rows, tables))
    rows = rows.assign(
        text=rows["subject"] + " " + rows["predicted"] + " → " + rows["actual"],
        over=rows["gap"].ge(FAR_APART),
        under=rows["gap"].le(-FAR_APART),
    )
    each = rows.groupby("adno")
    pupils = each[["surname", "forename", "reg", "year"]].first()
    pupils["n"] = each["gap"].count()
    pupils["mean_error"] = each["gap"].mean().astype("Float64") / POINT
    for name in ("over", "under"):
        far = rows.loc[rows[name].fillna(False).astype(bool)]
        pupils[f"{name}_far"] = far.groupby("adno")["text"].agg(", ".join)
    for name, cohort in (
        ("actual", outcome.actual), ("predicted", outcome.predicted),
    ):  # fmt: skip
        points = cohort.pupil_measures.set_index("adno")["attainment8_carried"]
        eight = points.astype("Float64") / POINT
        pupils[f"{name}_a8"] = eight.reindex(pupils.index)
    pupils["apart_a8"] = pupils["actual_a8"] - pupils["predicted_a8"]
    return pupils.reset_index().sort_values(
        ["year", "mean_error", "surname", "forename", "adno"],
        ascending=[False, False, True, True, True], kind="stable", ignore_index=True,
        na_position="last",
    )  # fmt: skip


def next_step(
    outcome: ResultsOutcome, settings: PackSettings, year: int
) -> pd.DataFrame:
    """Each pupil of a year group beside the school's minimum for the next step.

    Combined science counts as the two grades of its pair; of several entries the best
    counts, of English the better of Language and Literature.

    Args:
        outcome: The results of a year.
        settings: `[packs]`: the minimum.
        year: The year group.

    Returns:
        By admission number: names; `reached_in` (results that reach the points),
        `english_grade`, `maths_grade`, `reaches` (the minimum), `predicted_in`,
        `foreseen` (whether the predictions reached it; missing if some results had
        none) and `lacks`, what is missing in words.
    """
    actual = _next_step_counts(outcome.actual, settings)
    predicted = _next_step_counts(outcome.predicted, settings)
    rows = outcome.rows.loc[outcome.rows["year"] == year]
    pupils = rows.groupby("adno")[["surname", "forename", "reg"]].first()
    actual, predicted = actual.reindex(pupils.index), predicted.reindex(pupils.index)
    pupils["reached_in"] = actual["count"].fillna(0).astype("int64")
    pupils["predicted_in"] = predicted["count"].fillna(0).astype("int64")
    for name in ("english", "maths"):
        pupils[f"{name}_grade"] = actual[f"{name}_grade"]
    pupils["reaches"] = actual["reaches"].fillna(False).astype(bool)
    foreseen = predicted["reaches"].fillna(False).astype("boolean")
    pupils["foreseen"] = foreseen.where(
        foreseen | pupils.index.isin(outcome.predicted_in_all)
    )
    pupils["lacks"] = [
        _missing_requirements(int(count), bool(english), bool(maths), settings)
        for count, english, maths in zip(
            pupils["reached_in"],
            actual["english"].fillna(False),
            actual["maths"].fillna(False),
            strict=True,
        )
    ]
    return pupils.reset_index().sort_values(
        ["reached_in", "surname", "forename", "adno"],
        ascending=[False, True, True, True], kind="stable", ignore_index=True,
    )  # fmt: skip


def best_grades(cohort: Cohort) -> pd.DataFrame:
    """What each pupil has: the best of all entries of each discount group.

    Measures count the first entry; a next step, the best. Combined Science is the two
    grades of its pair: 4-3 is a 4 and a 3.

    Args:
        cohort: Pupils with results, those of earlier years too.

    Returns:
        `adno`, `slot`, `grade` as it was read, and `points` (sixtieths).
    """
    entries = cohort.attainment.entries
    rows = entries.rows.select(entries.rows.points != MISSING)
    grades = pd.DataFrame(
        {
            "adno": entries.keys["adno"].to_numpy()[rows.pupil],
            "slot": entries.slots[rows.subject],
            "group": entries.discounts[rows.subject],
            "subject": entries.subjects[rows.subject],
            "grade": entries.grades(rows.row),
            "points": rows.points,
        }
    )
    grades = grades.sort_values(["adno", "points"], kind="stable")
    grades = grades.drop_duplicates(["adno", "group"], keep="last")
    pairs = grades.loc[grades["slot"] == PAIR]
    halves = []
    for place in (0, 1):
        points = [
            POINT * int(_pair(grade, subject, cohort.tables)[place])
            for grade, subject in zip(pairs["grade"], pairs["subject"], strict=True)
        ]
        halves.append(pairs.assign(points=points))
    single = grades.loc[grades["slot"] != PAIR]
    columns = ["adno", "slot", "grade", "points"]
    return pd.concat([single, *halves], ignore_index=True)[columns]


def _pair(grade: str, subject: str, tables: Tables) -> tuple[str, str]:
    """The two grades of a pair as numbers; U is 0."""
    scale = tables.scale(tables.subject(subject).scale)
    first, _, second = (scale.find(grade) or "").partition("-")
    return first.replace("U", "0") or "0", second or "0"


def _next_step_counts(cohort: Cohort, settings: PackSettings) -> pd.DataFrame:
    """How many grades of each pupil reach the minimum, and English and mathematics."""
    values = best_grades(cohort)
    least = round(settings.step_points * POINT)
    values["reached"] = values["points"] >= least
    reached = values.groupby("adno")["reached"].sum()
    pupils = cohort.attainment.entries.keys["adno"]
    counts = pd.DataFrame({"count": reached.reindex(pupils, fill_value=0)})
    for name, of_subject in (("english", ENGLISH), ("maths", ("maths",))):
        grades = values.loc[values["slot"].isin(of_subject)].sort_values(
            ["adno", "points"], kind="stable", na_position="first"
        )
        best = grades.drop_duplicates("adno", keep="last").set_index("adno")
        counts[name] = best["reached"].reindex(counts.index).fillna(False).astype(bool)
        counts[f"{name}_grade"] = best["grade"].reindex(counts.index)
    counts["reaches"] = counts["count"] >= settings.step_in
    if settings.step_english_maths:
        counts["reaches"] &= counts["english"] & counts["maths"]
    return counts


def _missing_requirements(
    count: int, english: bool, maths: bool, settings: PackSettings
) -> str:
    missing = []
    if settings.step_english_maths:
        subjects = (("english", english), ("maths", maths))
        missing += [results_phrase(name) for name, reached in subjects if not reached]
    if count < settings.step_in:
        missing.append(results_phrase("more", n=settings.step_in - count))
    return ", ".join(missing)


def next_step_rule(settings: PackSettings) -> str:
    """The minimum for the next step, in words."""
    both = results_phrase("next_step_with") if settings.step_english_maths else ""
    return results_phrase(
        "next_step_rule", subjects=settings.step_in,
        points=f"{settings.step_points:g}", **{"with": both},
    )  # fmt: skip


def measure_differences(outcome: ResultsOutcome, year: int) -> pd.DataFrame:
    """Results less predictions of the same pupils, measure by measure.

    Args:
        outcome: The results of a year.
        year: The year group.

    Returns:
        By measure: `n` (pupils with a prediction for every result), their mean
        `predicted` and `actual` values, `apart` with `low` and `high` (95% interval,
        by pupil).
    """
    pupils = outcome.rows.loc[outcome.rows["year"] == year, "adno"].unique()
    actual, predicted = (
        same_pupil_measures(outcome, cohort, year)["value"].to_dict()
        for cohort in (outcome.actual, outcome.predicted)
    )
    rows = []
    for name in COMPARED_MEASURES:
        if name not in actual or name not in predicted:
            continue
        differences = outcome.differences(_MEASURES_BY_NAME[name])
        differences = differences.loc[differences.index.isin(pupils)]
        n = len(differences)
        apart = float(actual[name]) - float(predicted[name])
        error = float(differences.std()) / max(n, 1) ** 0.5
        reach = float(t_quantiles([n - 1])[0]) * error
        rows.append(
            (
                name,
                n,
                predicted[name],
                actual[name],
                apart,
                apart - reach,
                apart + reach,
            )
        )
    names = ["measure", "n", "predicted", "actual", "apart", "low", "high"]
    return pd.DataFrame(rows, columns=pd.Index(names)).set_index("measure")
