"""Answers to teachers' queries about targets, each with its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from generator.store import schema

COLUMNS = tuple(column.name for column in schema.target_answers.columns)
KEY = ["adno", "subject", "collection"]


def answers(connection: Connection) -> pd.DataFrame:
    """The answer to every query that has one, as it was last given.

    Returns:
        adno, subject, collection (in which the query was asked), query, answer,
        answered_by, answered_at, version, academic_year, file and cell, by pupil,
        subject and collection.
    """
    return (
        versions(connection)
        .drop_duplicates(KEY, keep="last")
        .sort_values(KEY, kind="stable")
        .reset_index(drop=True)
    )


def versions(connection: Connection) -> pd.DataFrame:
    """Every answer ever given, oldest first for each query."""
    t = schema.target_answers
    query = select(t).order_by(t.c.adno, t.c.subject, t.c.collection, t.c.version)
    rows = [tuple(row) for row in connection.execute(query)]
    frame = pd.DataFrame(rows, columns=pd.Index(COLUMNS), dtype=object)
    return frame.astype({**dict.fromkeys(COLUMNS, "str"), "version": "Int64"})


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Put answers down; each carries its own version, one above the last."""
    if rows:
        connection.execute(schema.target_answers.insert(), list(rows))
