"""Results of examinations as tables, and the last prediction before each."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from generator.records.roster import read
from generator.store import schema
from udfs.scales import POINT
from udfs.tables import Tables

RESULTS = (
    "adno", "upn", "subject", "grade", "points", "predicted", "collection", "class",
    "teacher", "year", "series", "title", "source_file", "source_cell", "read_at",
    "who", "academic_year",
)  # fmt: skip
HISTORY = (
    "adno", "subject", "old", "new", "series", "why", "source_file", "source_cell",
    "read_at", "who", "academic_year",
)  # fmt: skip
KEYS = ["adno", "subject"]


def results(connection: Connection, academic_year: str | None = None) -> pd.DataFrame:
    """Every result, by academic year, pupil and subject; `points` in sixtieths.

    Args:
        connection: The store.
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
    return read(connection, query).rename(columns={"teachers": "teacher"})


def table(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """The table `results`, its points in points; a code has none.

    Args:
        connection: The store.
        collection: Only results whose prediction was given in it; None for all.
    """
    found = results(connection)
    if collection is not None:
        found = found.loc[found["collection"] == collection]
    points = found["points"].astype("Float64") / POINT
    return found.assign(points=points)[list(RESULTS)].reset_index(drop=True)


def history(connection: Connection) -> pd.DataFrame:
    """Every result ever read that was not there already, oldest first."""
    h = schema.result_history.c
    return read(connection, select(*(h[name] for name in HISTORY)).order_by(h.id))


def years(connection: Connection) -> list[str]:
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
        connection: The store.
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
    found = read(connection, query)
    pairs = found[["subject", "predicted"]].drop_duplicates()
    scales = {
        s: tables.scale(tables.subject(s).scale) for s in pairs["subject"].unique()
    }
    pairs["grade"] = [
        scales[subject].find(value) is not None and not scales[subject].judgement
        for subject, value in zip(pairs["subject"], pairs["predicted"], strict=True)
    ]
    found = found.merge(pairs, on=["subject", "predicted"], how="left")
    found = found.loc[found["grade"].astype(bool)].drop(columns="grade")
    return found.drop_duplicates(KEYS, keep="last").reset_index(drop=True)
