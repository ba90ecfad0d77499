"""Results of examinations in the store: one per year, pupil and subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from generator.store import roster, schema

Key = tuple[str, str, str]  # academic year, admission number, subject
HELD = tuple(column.name for column in schema.results.columns)


def standing(connection: Connection) -> dict[Key, dict[str, Any]]:
    """Every result there is, by academic year, pupil and subject."""
    found = connection.execute(select(schema.results)).mappings()
    return {(row["academic_year"], row["adno"], row["subject"]): dict(row)
            for row in found}  # fmt: skip


def put(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Store results in the place of those of the same year, pupil and subject.

    Args:
        connection: A transaction of the store.
        rows: Every column of the table each.
    """
    roster.put(connection, schema.results, [dict(row) for row in rows])


def note(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add to the history of results; nothing there ever changes.

    Args:
        connection: A transaction of the store.
        rows: Every column of the table but its number each.
    """
    made = [dict(row) for row in rows]
    if made:
        connection.execute(schema.result_history.insert(), made)
