"""The headline of a year's results, as figures and in sentences."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator.measuring.cohort import Cohort
from generator.measuring.measure_table import school_measures
from generator.measuring.results_outcome import ResultsOutcome, results_outcome
from generator.school.school import School
from udfs.measures.carried_measures import carried_values, measure_facts
from udfs.measures.prediction_accuracy import accuracy
from udfs.measures.pupil_measures import (
    ENGLISH_AND_MATHS,
    EVERY,
    MEASURES,
    measure_values,
)
from udfs.tables import Tables

HEADLINE_MEASURES = ("attainment8", "progress8", "english_maths_4", "english_maths_5",
         "english_maths_7")  # fmt: skip
FIGURES = ("value", "low", "high", "error")


def year_group_measures(
    cohort: Cohort, year: int, *, only: pd.Series | None = None
) -> pd.DataFrame:
    """Every measure of a year group, by the measure's name.

    Args:
        cohort: The pupils.
        year: The year group.
        only: Admission numbers of the pupils who count; None: all.

    Returns:
        `value`, `low`, `high`, `error` and `pupils`: with predictions carried forward,
        without a value where too many are (rule 6); `given` (pupils with every
        prediction), `of` (pupils who should be counted) and `carried` (predictions).
    """
    counts = cohort.pupil_measures["year"].eq(year)
    if only is not None:
        counts &= cohort.pupil_measures["adno"].isin(only)
    figures = measure_groups(cohort, pd.Series(0, counts.index).where(counts))
    return figures.drop(columns="group").set_index("measure")


def measure_groups(cohort: Cohort, groups: pd.Series) -> pd.DataFrame:
    """Every measure of groups of pupils, with predictions carried forward.

    Args:
        cohort: The pupils.
        groups: The group of each row of `cohort.pupil_measures`; missing: none.

    Returns:
        One row per `group` and `measure` that has pupils, with the columns of
        `year_group_measures`.
    """
    pupils, measures = cohort.pupil_measures, school_measures(cohort)
    facts = measure_facts(pupils, measures)
    facts["group"] = groups.to_numpy()[facts["row"].to_numpy()]
    sums = facts.drop(columns="row").groupby(["measure", "group"], as_index=False).sum()
    figures, year = cohort.tables.key_stage_4, cohort.estimates.year
    parts = []
    for place, measure in enumerate(measures):
        rows = sums.loc[sums["measure"] == place]
        values = measure_values(rows, measure, figures, year=year)
        part = rows[["group"]].assign(measure=measure.name, pupils=rows["pupils"])
        part["given"] = rows["pupils"]
        part[["of", "carried"]] = pd.NA
        if measure.needs:
            values = carried_values(rows, measure, figures, year=year)
            part["pupils"] = rows["carried_pupils"]
            part[["of", "carried"]] = rows[["of", "carried"]]
        part[[*FIGURES]] = values[[*FIGURES]]
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    table[["of", "carried"]] = table[["of", "carried"]].astype("Int64")
    return table.loc[table["pupils"] > 0].reset_index(drop=True)


def same_pupil_measures(
    outcome: ResultsOutcome, cohort: Cohort, year: int
) -> pd.DataFrame:
    """Every measure of the pupils with the predictions that it needs.

    Args:
        outcome: The results of a year.
        cohort: One of its cohorts.
        year: The year group.

    Returns:
        As from `year_group_measures`.
    """
    parts = []
    for need in (EVERY, ENGLISH_AND_MATHS):
        figures = year_group_measures(cohort, year, only=outcome.matched_for(need))
        names = [m.name for m in MEASURES if (m.needs or EVERY) == need]
        parts.append(figures.loc[figures.index.isin(names)])
    order = [measure.name for measure in MEASURES]
    figures = pd.concat(parts)
    return figures.reindex([name for name in order if name in figures.index])


def results_headline(
    connection: Connection, school: School, tables: Tables, academic_year: str
) -> tuple[dict[str, Any], list[str]]:
    """The headline of a year's results: figures by name, and sentences.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        academic_year: As `2026/27`.
    """
    results = results_outcome(connection, school, tables, academic_year)
    if results is None:
        return {}, [f"Results of {academic_year}: no grade yet."]
    figures: dict[str, Any] = {"academic_year": academic_year}
    sentences = []
    # Pupils of other years take a subject or two only.
    year = max(school.settings.measures.years, default=0)
    if results.rows["year"].eq(year).any():
        actual, predicted = (
            year_group_measures(cohort, year)
            for cohort in (results.actual, results.predicted)
        )
        of_predicted = same_pupil_measures(results, results.actual, year)
        figures |= {"year": year, "pupils": _pupils(actual), **_figures(actual)}
        figures["predicted"] = {"pupils": _pupils(predicted), **_figures(predicted)}
        figures["of_those_predicted"] = _figures(of_predicted)
        sentences += _headline(academic_year, year, actual, predicted, of_predicted)
    matched = accuracy(results.rows, tables).iloc[0]
    figures["accuracy"] = {
        name: _number(matched[name])
        for name in ("n", "exact", "within_one", "over", "under", "error", "low",
                     "high")
    }  # fmt: skip
    sentences.append(_accuracy(matched, results))
    return figures, sentences


def _figures(frame: pd.DataFrame) -> dict[str, Any]:
    return {
        name: _number(frame["value"].to_dict()[name])
        for name in HEADLINE_MEASURES
        if name in frame.index
    }


def _pupils(frame: pd.DataFrame) -> int:
    return int(frame["pupils"].to_dict().get("attainment8", 0))


def _number(value: object) -> float | int | None:
    number = float(str(value))
    if math.isnan(number):
        return None
    return int(number) if number.is_integer() else round(number, 4)


def _headline(
    academic_year: str,
    year: int,
    actual: pd.DataFrame,
    predicted: pd.DataFrame,
    of_predicted: pd.DataFrame,
) -> list[str]:
    grades = actual["value"].to_dict()
    if "attainment8" not in grades:
        return [f"Results of {academic_year}: nobody of Year {year} has a grade."]
    sentences = [
        f"Results of {academic_year}: Attainment 8 {grades['attainment8']:.1f} for "
        f"{_pupils(actual):,} pupils of Year {year}; in English and maths "
        f"{grades['english_maths_4']:.0%} have 4+ and "
        f"{grades['english_maths_5']:.0%} 5+."
    ]
    before = predicted["value"].to_dict()
    if "attainment8" in before and "attainment8" in of_predicted.index:
        after = of_predicted["value"].to_dict()
        sentences.append(
            f"Of the {_pupils(predicted):,} with a prediction for every result: "
            f"Attainment 8 {after['attainment8']:.1f} against "
            f"{before['attainment8']:.1f} predicted; {after['english_maths_4']:.0%} "
            f"against {before['english_maths_4']:.0%} with 4+, "
            f"{after['english_maths_5']:.0%} against {before['english_maths_5']:.0%} "
            "with 5+."
        )
    return sentences


def _accuracy(matched: pd.Series, results: ResultsOutcome) -> str:
    n, every = int(matched["n"]), len(results.rows)
    if not n:
        return (
            f"None of the {every:,} grades had a prediction in the store: how "
            "accurate predictions were is not known."
        )
    side = "too high" if matched["error"] > 0 else "too low"
    return (
        f"{n:,} of {every:,} grades had a prediction: {matched['exact_share']:.0%} "
        f"exact, {matched['within_one_share']:.0%} within one grade, on average "
        f"{abs(matched['error']):.2f} grades {side}."
    )
