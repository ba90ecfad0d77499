"""Exam results: one per academic year, pupil and subject, with their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from generator.store import roster, schema
from generator.store.frames import read_frame
from udfs.scales.scale import POINT
from udfs.tables import Tables

if TYPE_CHECKING:
    import pandas as pd

RESULT_COLUMNS = (
    "adno", "upn", "subject", "grade", "points", "predicted", "collection", "class",
    "teacher", "year", "series", "title", "source_file", "source_cell", "read_at",
    "who", "academic_year",
)  # fmt: skip
HISTORY_COLUMNS = (
    "adno", "subject", "old", "new", "series", "why", "source_file", "source_cell",
    "read_at", "who", "academic_year",
)  # fmt: skip
KEYS = ["adno", "subject"]

Key = tuple[str, str, str]  # academic year, admission number, subject


def current_results(connection: Connection) -> dict[Key, dict[str, Any]]:
    """Every result, by academic year, pupil and subject."""
    rows = connection.execute(select(schema.results)).mappings()
    return {(row["academic_year"], row["adno"], row["subject"]): dict(row)
            for row in rows}  # fmt: skip


def replace_results(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Store results in the place of those of the same year, pupil and subject.

    Args:
        connection: A transaction of the store.
        rows: Every column of the table for each.
    """
    roster.replace_rows(connection, schema.results, [dict(row) for row in rows])


def add_history(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add to the history of results; nothing there ever changes.

    Args:
        connection: A transaction of the store.
        rows: Every column of the table but `id` for each.
    """
    changes = [dict(row) for row in rows]
    if changes:
        connection.execute(schema.result_history.insert(), changes)


def results(connection: Connection, academic_year: str | None = None) -> pd.DataFrame:
    """Every result, by academic year, pupil and subject; `points` in sixtieths.

    Args:
        connection: A transaction of the store.
        academic_year: Only this year's; None for all.
    """
    r, p = schema.results.c, schema.pupils.c
    query = (
        select(*(column for column in schema.results.columns), p.upn)
        .join_from(schema.results, schema.pupils, r.adno == p.adno, isouter=True)
        .order_by(r.academic_year, r.adno, r.subject)
    )
    if academic_year is not None:
        query = query.where(r.academic_year == academic_year)
    return read_frame(connection, query).rename(columns={"teachers": "teacher"})


def result_table(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """The table `results`, its points in points; a code has none.

    Args:
        connection: A transaction of the store.
        collection: Only results whose prediction was given in it; None for all.
    """
    table = results(connection)
    if collection is not None:
        table = table.loc[table["collection"] == collection]
    points = table["points"].astype("Float64") / POINT
    return table.assign(points=points)[list(RESULT_COLUMNS)].reset_index(drop=True)


def result_history(connection: Connection) -> pd.DataFrame:
    """Every change of a result, oldest first."""
    h = schema.result_history.c
    return read_frame(
        connection, select(*(h[name] for name in HISTORY_COLUMNS)).order_by(h.id)
    )


def result_years(connection: Connection) -> list[str]:
    """The academic years that have results, the latest last."""
    r = schema.results.c.academic_year
    return list(connection.execute(select(r).distinct().order_by(r)).scalars())


def last_predictions(
    connection: Connection, tables: Tables, *, until: str
) -> pd.DataFrame:
    """The last prediction of every pupil and subject that is a grade.

    Of all collections up to the end of an academic year, the latest to open; a code,
    a blank or a choice of above, on or below is no prediction.

    Args:
        connection: A transaction of the store.
        tables: Subjects and scales.
        until: The last academic year that counts, as `2026/27`.

    Returns:
        `adno`, `subject`, `predicted`, `collection`, `class`, `academic_year`.
    """
    m, c = schema.marks.c, schema.collections.c
    query = (
        select(
            m.adno, m.subject, m.value.label("predicted"), m.collection, m["class"],
            m.academic_year,
        )
        .join_from(schema.marks, schema.collections, m.collection == c.code)
        .where(m.field == "prediction", m.value != "", m.academic_year <= until)
        .order_by(m.academic_year, c.opens, m.collection, m.adno, m.subject)
    )  # fmt: skip
    predictions = read_frame(connection, query)
    pairs = predictions[["subject", "predicted"]].drop_duplicates()
    scales = {
        s: tables.scale(tables.subject(s).scale) for s in pairs["subject"].unique()
    }
    pairs["grade"] = [
        scales[subject].find(value) is not None and not scales[subject].judgement
        for subject, value in zip(pairs["subject"], pairs["predicted"], strict=True)
    ]
    predictions = predictions.merge(pairs, on=["subject", "predicted"], how="left")
    grades = predictions.loc[predictions["grade"].astype(bool)].drop(columns="grade")
    return grades.drop_duplicates(KEYS, keep="last").reset_index(drop=True)
