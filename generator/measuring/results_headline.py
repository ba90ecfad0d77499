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
from udfs.measures.prediction_accuracy import accuracy
from udfs.measures.pupil_measures import measure_values, pupil_facts
from udfs.statistics.inference import SUM_COLUMNS
from udfs.tables import Tables

SHOWN = ("attainment8", "progress8", "english_maths_4", "english_maths_5",
         "english_maths_7")  # fmt: skip


def year_group_measures(
    of: Cohort, year: int, *, only: pd.Series | None = None
) -> pd.DataFrame:
    """Every measure of a year group, by the measure's name.

    Args:
        of: The pupils.
        year: The year group.
        only: Admission numbers of the pupils who count; None: all.

    Returns:
        `value`, `low`, `high`, `error` and `pupils`.
    """
    measures = school_measures(of)
    long = pupil_facts(of.measured, measures)
    chosen = of.measured["year"].eq(year)
    if only is not None:
        chosen &= of.measured["adno"].isin(only)
    mine = chosen.to_numpy()[long["row"].to_numpy()]
    sums = long.loc[mine].groupby("measure")[list(SUM_COLUMNS)].sum()
    made = []
    for place, measure in enumerate(measures):
        if place not in sums.index:
            continue
        found = measure_values(
            sums.loc[[place]], measure, of.tables.key_stage_4, year=of.estimates.year
        ).iloc[0]
        made.append(
            {"measure": measure.name, "pupils": int(sums["pupils"].to_dict()[place]),
             **{name: float(found[name])
                for name in ("value", "low", "high", "error")}}
        )  # fmt: skip
    names = ["measure", "pupils", "value", "low", "high", "error"]
    return pd.DataFrame(made, columns=pd.Index(names)).set_index("measure")


def results_headline(
    connection: Connection, school: School, tables: Tables, academic_year: str
) -> tuple[dict[str, Any], list[str]]:
    """The headline of a year's results: figures by name, and sentences.

    Args:
        connection: The store, within one transaction.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        academic_year: As `2026/27`.
    """
    found = results_outcome(connection, school, tables, academic_year)
    if found is None:
        return {}, [f"Results of {academic_year}: no grade yet."]
    figures: dict[str, Any] = {"academic_year": academic_year}
    said = []
    # Pupils of other years have been entered for a subject or two only.
    year = max(school.settings.measures.years, default=0)
    if found.rows["year"].eq(year).any():
        actual, predicted = (
            year_group_measures(of, year) for of in (found.actual, found.predicted)
        )
        same = year_group_measures(found.actual, year, only=found.matched)
        figures |= {"year": year, "pupils": _pupils(actual), **_named(actual)}
        figures["predicted"] = {"pupils": _pupils(predicted), **_named(predicted)}
        figures["of_those_predicted"] = _named(same)
        said += _headline(academic_year, year, actual, predicted, same)
    matched = accuracy(found.rows, tables).iloc[0]
    figures["accuracy"] = {
        name: _number(matched[name])
        for name in ("n", "exact", "within_one", "over", "under", "error", "low",
                     "high")
    }  # fmt: skip
    said.append(_accuracy(matched, found))
    return figures, said


def _named(frame: pd.DataFrame) -> dict[str, Any]:
    return {
        name: _number(frame["value"].to_dict()[name])
        for name in SHOWN
        if name in frame.index
    }


def _pupils(frame: pd.DataFrame) -> int:
    return int(frame["pupils"].to_dict().get("attainment8", 0))


def _number(value: object) -> float | int | None:
    found = float(str(value))
    if math.isnan(found):
        return None
    return int(found) if found.is_integer() else round(found, 4)


def _headline(
    academic_year: str,
    year: int,
    actual: pd.DataFrame,
    predicted: pd.DataFrame,
    same: pd.DataFrame,
) -> list[str]:
    now, then = actual["value"].to_dict(), predicted["value"].to_dict()
    if "attainment8" not in now:
        return [f"Results of {academic_year}: nobody of Year {year} has a grade."]
    made = [
        f"Results of {academic_year}: Attainment 8 {now['attainment8']:.1f} for "
        f"{_pupils(actual):,} pupils of Year {year}; in English and maths "
        f"{now['english_maths_4']:.0%} have 4+ and {now['english_maths_5']:.0%} 5+."
    ]
    if "attainment8" in then and "attainment8" in same.index:
        got = same["value"].to_dict()
        made.append(
            f"Of the {_pupils(predicted):,} with a prediction for every result: "
            f"Attainment 8 {got['attainment8']:.1f} against {then['attainment8']:.1f} "
            f"predicted; {got['english_maths_4']:.0%} against "
            f"{then['english_maths_4']:.0%} with 4+, {got['english_maths_5']:.0%} "
            f"against {then['english_maths_5']:.0%} with 5+."
        )
    return made


def _accuracy(matched: pd.Series, found: ResultsOutcome) -> str:
    n, every = int(matched["n"]), len(found.rows)
    if not n:
        return (
            f"None of the {every:,} grades had a prediction in the store: how "
            "predictions turned out cannot be told."
        )
    side = "too high" if matched["error"] > 0 else "too low"
    return (
        f"{n:,} of {every:,} grades had a prediction: {matched['exact_share']:.0%} "
        f"exact, {matched['within_one_share']:.0%} within one grade, on average "
        f"{abs(matched['error']):.2f} grades {side}."
    )
