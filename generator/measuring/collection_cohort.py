"""The pupils of a collection as they are measured: marks, results, carried values."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import Connection, select

from generator.measuring.cohort import Cohort, build_cohort
from generator.measuring.entries import collection_entries
from generator.measuring.results_outcome import known_results
from generator.school.school import School
from generator.store import schema
from generator.store.frames import read_frame
from udfs.measures.carrying import COLLECTIONS_BACK, carried_predictions
from udfs.tables import Tables


def collection_cohort(
    connection: Connection, school: School, tables: Tables, code: str, *, today: date
) -> Cohort | None:
    """The pupils of a collection, or None if it has none.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        code: The collection's code; an empty one has no pupils.
        today: The day of the run.

    Raises:
        BadRule: If the rule of a group cannot be used; the message names it.
    """
    if not code:
        return None
    rows = collection_entries(connection, school, tables, code, today=today)
    if rows.empty:
        return None
    return build_cohort(
        connection, school, tables, rows,
        banked=known_results(connection, school, code),
        carried=carried_forward(connection, school, tables, rows, code),
    )  # fmt: skip


def carried_forward(
    connection: Connection,
    school: School,
    tables: Tables,
    rows: pd.DataFrame,
    code: str,
) -> pd.DataFrame | None:
    """The predictions carried into a collection; None with `[measures] carry = false`.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        rows: As from `collection_entries`.
        code: The collection's code.
    """
    if not school.settings.measures.carry:
        return None
    entries = rows.loc[rows["year"].isin(school.settings.measures.years)]
    earlier = _previous_predictions(connection, school, entries, code)
    return carried_predictions(entries, earlier, tables)


def _previous_predictions(
    connection: Connection, school: School, entries: pd.DataFrame, code: str
) -> list[pd.DataFrame]:
    """The predictions of the two collections that opened before, the latest first."""
    if entries.empty:
        return []
    c, m = schema.collections.c, schema.marks.c
    own = connection.execute(select(c.opens).where(c.code == code)).scalar() or ""
    if school.has_collection(code):
        own = school.collection(code).opens.isoformat()
    query = (
        select(c.code, c.academic_year)
        .where(c.opens != "", c.opens < own, c.code != code)
        .order_by(c.opens.desc(), c.code.desc())
        .limit(COLLECTIONS_BACK)
    )
    start = int(str(entries["academic_year"].iloc[0])[:4])
    earlier = []
    for row in connection.execute(query).all():
        marks = read_frame(
            connection,
            select(m.adno, m.subject, m.value.label("prediction"))
            .where(m.collection == row.code, m.field == "prediction", m.value != "")
            .order_by(m.adno, m.subject),
        )
        back = start - int(row.academic_year[:4])
        earlier.append(marks.assign(collection=row.code, years_back=back))
    return earlier
