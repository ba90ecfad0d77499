"""Attendance in half days, as the MIS counts it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from generator.store import schema

TOTALS = ("possible", "attended", "authorised", "unauthorised", "late")


def attendance_rows(
    connection: Connection, academic_year: str | None = None
) -> list[dict[str, Any]]:
    """The totals of every pupil and period, by pupil and last day.

    Args:
        connection: A transaction of the store.
        academic_year: Only this year's; None for all.
    """
    t = schema.attendance.c
    query = select(schema.attendance).order_by(t.adno, t.to, t["from"].desc())
    if academic_year is not None:
        query = query.where(t.academic_year == academic_year)
    return [dict(row) for row in connection.execute(query).mappings()]


def latest_rows(
    connection: Connection, academic_year: str, *, until: date
) -> dict[str, dict[str, Any]]:
    """Each pupil's totals of the period that ends last; of two, the longer.

    Args:
        connection: A transaction of the store.
        academic_year: The academic year.
        until: The last day on which the period may end.
    """
    return {
        row["adno"]: row
        for row in attendance_rows(connection, academic_year)
        if row["to"] <= until.isoformat()
    }
