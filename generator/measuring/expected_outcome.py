"""The results to expect if predictions err as they did at this point in other years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from generator.measuring.cohort import Cohort
from generator.measuring.entries import grade_points
from generator.measuring.results_headline import year_group_measures
from generator.measuring.results_outcome import (
    ResultsOutcome,
    measure_results,
    result_rows,
)
from generator.school.school import School
from generator.store import results as recorded
from generator.store import schema
from generator.store.frames import read_frame
from udfs.measures.prediction_accuracy import expected_measure, expected_outcomes
from udfs.measures.pupil_measures import MEASURES
from udfs.tables import Tables

NEAR_DAYS = 46  # from the same day: within these a collection is at the same point
KEYS = ["adno", "subject"]
_MEASURES = {one.name: one for one in MEASURES}
CORRECTED = ("attainment8", "progress8", "english_maths_4", "english_maths_5",
             "english_maths_7", "mean_points", "mean_gap")  # fmt: skip


@dataclass(frozen=True)
class ExpectedOutcome:
    """The expected results of a year group, corrected by this school's past error.

    Args:
        measures: By measure: `expected`, `low`, `high`, `past` (pupils behind it).
        subjects: From `udfs.measures.prediction_accuracy.expected_outcomes`.
        years: The academic years whose results it is based on.
        collections: The collections whose predictions are compared with them.
    """

    measures: pd.DataFrame
    subjects: pd.DataFrame
    years: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


@dataclass(frozen=True)
class _PastResults:
    outcomes: Sequence[ResultsOutcome] = ()
    collections: tuple[str, ...] = field(default=())


def expected_outcomes_by_year(
    connection: Connection,
    school: School,
    tables: Tables,
    cohort: Cohort,
    *,
    academic_year: str,
    opens: date,
) -> Mapping[int, ExpectedOutcome]:
    """The expected outcome of every year group with results of earlier years.

    Those are of pupils with a result in an earlier academic year who had a prediction
    at the same point of the same year group: in the collection that opened nearest
    to this day of that year, and at most 46 days from it.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        cohort: The pupils now, with their predictions.
        academic_year: The academic year of those predictions.
        opens: The day on which their collection opened.

    Returns:
        Year group -> its expected outcome, where there are results of earlier years.
    """
    years = [y for y in recorded.result_years(connection) if y < academic_year]
    if not years:
        return {}
    outcomes = {}
    rows = {year: result_rows(connection, school, tables, year) for year in years}
    for group in sorted(int(year) for year in cohort.rows["year"].dropna().unique()):
        past = _past_results(
            connection, school, tables, rows, group, opens, academic_year
        )
        if past.outcomes:
            outcomes[group] = _expected(cohort, group, past, tables)
    return outcomes


def _past_results(
    connection: Connection,
    school: School,
    tables: Tables,
    rows: Mapping[str, pd.DataFrame],
    group: int,
    opens: date,
    academic_year: str,
) -> _PastResults:
    last = 11 if group <= 11 else 13
    outcomes, codes = [], []
    for year, results in rows.items():
        entries = results.loc[results["year"] == last].drop(columns="predicted")
        years_back = int(academic_year[:4]) - int(year[:4]) + last - group
        code = _same_point(connection, opens, years_back)
        if not code or entries.empty:
            continue
        predictions = _predictions(connection, code)
        entries = entries.merge(predictions, on=KEYS, how="left")
        if entries["predicted"].isna().all():
            continue
        outcomes.append(measure_results(connection, school, tables, year, entries))
        codes.append(code)
    return _PastResults(outcomes, tuple(codes))


def same_day(day: date, back: int) -> date:
    """The same day some years before; 28 February for a 29th that year lacks.

    >>> same_day(date(2028, 2, 29), 1), same_day(date(2026, 10, 31), 1)
    (datetime.date(2027, 2, 28), datetime.date(2025, 10, 31))
    """
    try:
        return day.replace(year=day.year - back)
    except ValueError:
        return day.replace(year=day.year - back, day=28)


def _same_point(connection: Connection, opens: date, back: int) -> str:
    """The collection nearest to the same day some years ago; empty: none is near."""
    c = schema.collections.c
    then = same_day(opens, back)
    near = [
        (abs((then - date.fromisoformat(row.opens)).days), row.code)
        for row in connection.execute(select(c.code, c.opens).order_by(c.opens, c.code))
        if row.opens
    ]
    nearest = min(near, default=(NEAR_DAYS + 1, ""))
    return nearest[1] if nearest[0] <= NEAR_DAYS else ""


def _predictions(connection: Connection, code: str) -> pd.DataFrame:
    m = schema.marks.c
    query = (
        select(m.adno, m.subject, m.value.label("predicted"))
        .where(m.collection == code, m.field == "prediction", m.value != "")
        .order_by(m.adno, m.subject)
    )
    return read_frame(connection, query)


def _expected(
    cohort: Cohort, group: int, past: _PastResults, tables: Tables
) -> ExpectedOutcome:
    return ExpectedOutcome(
        _measures(cohort, group, past),
        _subjects(cohort, group, past, tables),
        tuple(outcome.academic_year for outcome in past.outcomes),
        past.collections,
    )


def _measures(cohort: Cohort, group: int, past: _PastResults) -> pd.DataFrame:
    now = year_group_measures(cohort, group)
    values, pupils = now["value"].to_dict(), now["pupils"].to_dict()
    records = []
    for name in CORRECTED:
        if name not in now.index:
            continue
        parts = [outcome.differences(_MEASURES[name]) for outcome in past.outcomes]
        gaps = pd.concat(parts, ignore_index=True)
        expected = expected_measure(
            float(values[name]), int(pupils[name]), gaps, bounds=_MEASURES[name].share
        )
        records.append((name, *expected, len(gaps)))
    names = ["measure", "expected", "low", "high", "past"]
    return pd.DataFrame(records, columns=pd.Index(names)).set_index("measure")


def _subjects(
    cohort: Cohort, group: int, past: _PastResults, tables: Tables
) -> pd.DataFrame:
    now = cohort.rows.loc[cohort.rows["year"] == group, ["subject", "points"]]
    parts = []
    for outcome in past.outcomes:
        rows = outcome.rows
        scales = rows["subject"].map(
            {name: tables.subject(name).scale for name in rows["subject"].unique()}
        )
        parts.append(
            pd.DataFrame(
                {"subject": rows["subject"],
                 "predicted": grade_points(rows["predicted"], scales, tables),
                 "actual": grade_points(rows["actual"], scales, tables)}
            )
        )  # fmt: skip
    expected = expected_outcomes(now, pd.concat(parts, ignore_index=True))
    expected["past"] = expected["past"].astype(np.int64)
    return expected
