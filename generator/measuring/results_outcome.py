"""Exam results, measured like predictions and compared with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from generator.measuring.cohort import Cohort, build_cohort
from generator.measuring.entries import with_points
from generator.school.school import School
from generator.store import roster, schema
from generator.store import targets as stored_targets
from generator.store.enrolments import COLUMNS
from generator.store.frames import read_frame
from generator.store.mark_tables import compare_with_targets, latest_issued_targets
from generator.store.results import results
from udfs.measures.carrying import COLLECTIONS_BACK
from udfs.measures.pupil_measures import EVERY, Measure
from udfs.tables import Tables

KEYS = ["adno", "subject"]
_OPENED = select(schema.collections.c.code, schema.collections.c.opens).order_by(
    schema.collections.c.opens, schema.collections.c.code
)
_PUPIL_COLUMNS = [
    name for name in COLUMNS
    if name not in ("class", "subject", "class_subject", "class_year", "teachers",
                    "year", "adno", "upn")
]  # fmt: skip


@dataclass(frozen=True)
class ResultsOutcome:
    """The results of an academic year, and the predictions for the same pupils.

    Args:
        academic_year: As `2026/27`.
        rows: One row per pupil and subject with a result: the pupil's fields,
            `class`, `teachers`, `year` (group); `actual`, `predicted` (the last before
            the results; missing where there is none), `collection`, `target`.
        actual: The results measured like predictions, with results of earlier years.
        predicted: The predictions of the same pupils and subjects, likewise.
        target: Their targets, likewise.
    """

    academic_year: str
    rows: pd.DataFrame
    actual: Cohort
    predicted: Cohort
    target: Cohort

    @property
    def predicted_in_all(self) -> pd.Series:
        """The pupils with a prediction for every result, none of them carried."""
        pupils = self.predicted.pupil_measures
        return pupils.loc[pupils["complete"].eq(True).fillna(False), "adno"]

    def matched_for(self, need: str) -> pd.Series:
        """The pupils with every prediction that measures of a need ask for.

        Args:
            need: As of `Measure`; a measure that needs none in particular is compared
                for pupils with a prediction for every result.
        """
        pupils, need = self.predicted.pupil_measures, need or EVERY
        lacking = pupils[f"missing_{need}"] - pupils[f"carried_{need}"]
        return pupils.loc[lacking.eq(0).fillna(False), "adno"]

    def differences(self, measure: Measure) -> pd.Series:
        """How far each pupil's measure is above the prediction.

        For pupils of `matched_for`, by admission number; for a measure of several
        grades their mean.
        """
        differences = _pupil_values(self.actual, measure) - _pupil_values(
            self.predicted, measure
        )
        matched = self.matched_for(measure.needs)
        return differences.loc[differences.index.isin(matched)].dropna()


def results_outcome(
    connection: Connection, school: School, tables: Tables, academic_year: str
) -> ResultsOutcome | None:
    """The measured results of an academic year, or None if there are none.

    Pupils without any grade are left out: a code has no points.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        academic_year: As `2026/27`.
    """
    rows = result_rows(connection, school, tables, academic_year)
    if rows.empty:
        return None
    rows, carried = _carry_forward(connection, school, rows)
    return measure_results(
        connection, school, tables, academic_year, rows, carried=carried
    )


def _carry_forward(
    connection: Connection, school: School, rows: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Split last predictions into those of the last collection, and carried ones.

    The last collection is that of the year group. Predictions of the two that opened
    before it are carried; older ones are in no measure.

    Returns:
        The rows with `given`, the predictions of the last collection; and the carried
        ones as `Cohort` has them (None with `[measures] carry = false`).
    """
    opened = dict(connection.execute(_OPENED).all())
    order = {code: place for place, code in enumerate(opened)}
    places = rows["collection"].map(order)
    last = places.groupby(rows["year"]).transform("max")
    behind = (last - places).where(rows["predicted"].notna())
    rows = rows.assign(given=rows["predicted"].where(behind == 0))
    if not school.settings.measures.carry:
        return rows, None
    carried = rows.loc[behind.between(1, COLLECTIONS_BACK)]
    columns = [*KEYS, "predicted", "collection"]
    return rows, carried[columns].rename(columns={"predicted": "grade"})


def measure_results(
    connection: Connection,
    school: School,
    tables: Tables,
    academic_year: str,
    rows: pd.DataFrame,
    *,
    carried: pd.DataFrame | None = None,
) -> ResultsOutcome:
    """Measure rows of results: the grades, the predictions and the targets.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        academic_year: As `2026/27`.
        rows: From `result_rows`, perhaps with other predictions in `predicted`; the
            measures of predictions are of `given`, where there is such a column.
        carried: Predictions that are carried forward; see `Cohort`.
    """
    fine = school.settings.flags.fine
    earlier = banked_results(connection, before=academic_year)
    of_these_pupils = earlier["adno"].isin(rows["adno"])
    # Results of earlier years count in all three alike.
    banked = earlier.loc[of_these_pupils] if of_these_pupils.any() else None

    def cohort_of(column: str, carried: pd.DataFrame | None = None) -> Cohort:
        entries = rows.assign(prediction=rows[column])
        comparison = compare_with_targets(entries, tables, fine=fine)[["flag", "gap"]]
        entries = with_points(pd.concat([entries, comparison], axis=1), tables, school)
        return build_cohort(
            connection, school, tables, entries, banked=banked, carried=carried
        )

    return ResultsOutcome(
        academic_year,
        rows,
        cohort_of("actual"),
        cohort_of("given" if "given" in rows else "predicted", carried),
        cohort_of("target"),
    )


def _pupil_values(cohort: Cohort, measure: Measure) -> pd.Series:
    """A measure of every pupil, in points or grades."""
    pupils = cohort.pupil_measures.set_index("adno")
    name = f"{measure.name}_carried" if measure.needs else measure.name
    value = _number(pupils[name]) / measure.parts
    if f"{measure.name}_m" not in pupils:
        return value
    count = _number(pupils[f"{measure.name}_m"])
    return value / count.where(count > 0)


def _number(values: pd.Series) -> pd.Series:
    return pd.Series(values.to_numpy("float64", na_value=np.nan), values.index)


def result_rows(
    connection: Connection, school: School, tables: Tables, academic_year: str
) -> pd.DataFrame:
    """`ResultsOutcome.rows`: every result of a year that is a grade.

    The target is the one issued with the last prediction, else the current one.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        academic_year: As `2026/27`.
    """
    grades = results(connection, academic_year)
    grades = grades.loc[grades["points"].notna()].rename(
        columns={"grade": "actual", "teacher": "teachers"}
    )
    columns = [*KEYS, "actual", "predicted", "collection", "class", "teachers", "year",
            "academic_year", "series"]  # fmt: skip
    grades = grades[columns]
    grades["predicted"] = grades["predicted"].mask(grades["predicted"] == "")
    pupils = roster.pupils(connection)
    rows = grades.merge(pupils[["adno", "upn", *_PUPIL_COLUMNS]], on="adno", how="left")
    rows["class_year"] = rows["year"]
    subjects = roster.classes(connection, academic_year).set_index("class")["subject"]
    class_subjects = rows["class"].map(subjects).astype("str")
    rows["class_subject"] = class_subjects.fillna(rows["subject"])
    rows["target"] = _targets(connection, rows)
    rows["aspirational"] = pd.Series(pd.NA, index=rows.index, dtype="str")
    rows = rows.loc[rows["year"].notna()]
    return rows.sort_values(KEYS, kind="stable", ignore_index=True)


def _targets(connection: Connection, rows: pd.DataFrame) -> pd.Series:
    issued = [
        latest_issued_targets(connection, code)
        for code in sorted(rows["collection"].dropna().unique())
        if code
    ]
    current = stored_targets.current_targets(connection)[[*KEYS, "expected"]]
    current = current.rename(columns={"expected": "standing"})
    targets = rows[[*KEYS, "collection"]].merge(current, on=KEYS, how="left")
    if issued:
        with_issue = pd.concat(issued)[["collection", *KEYS, "target"]]
        targets = targets.merge(with_issue, on=["collection", *KEYS], how="left")
        return targets["target"].fillna(targets["standing"]).set_axis(rows.index)
    return targets["standing"].set_axis(rows.index)


def known_results(
    connection: Connection, school: School, code: str
) -> pd.DataFrame | None:
    """The results that were known when a collection opened, or None.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        code: The collection's code.
    """
    c = schema.collections.c
    row = connection.execute(
        select(c.academic_year, c.opens).where(c.code == code)
    ).first()
    year, opens = (row.academic_year, row.opens) if row else (school.academic_year, "")
    if school.has_collection(code):
        opens = school.collection(code).opens.isoformat()
    day = date.fromisoformat(opens) if opens else None
    results = banked_results(connection, before=year, opens=day)
    return results if len(results) else None


def banked_results(
    connection: Connection, *, before: str, opens: date | None = None
) -> pd.DataFrame:
    """Results that replace predictions because they were known before.

    Args:
        connection: A transaction of the store.
        before: Results of academic years before this one count.
        opens: Results of this year count if read before this day; None: none does.

    Returns:
        `adno`, `subject`, `grade` and `entry`, which sorts the earliest first.
    """
    r = schema.results.c
    is_known = r.academic_year < before
    if opens is not None:
        is_known |= (r.academic_year == before) & (r.read_at < opens.isoformat())
    query = (
        select(r.adno, r.subject, r.grade, r.academic_year, r.series)
        .where(is_known, r.points.is_not(None))
        .order_by(r.adno, r.subject, r.academic_year)
    )
    results = read_frame(connection, query)
    entry = results["academic_year"] + " " + results["series"].fillna("")
    return results[[*KEYS, "grade"]].assign(entry=entry)
