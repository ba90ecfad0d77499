"""Targets and answers to queries about them: a new version for each change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, insert, select

from generator.store import schema
from generator.store.frames import read_frame, read_text_frame

COLUMNS = tuple(column.name for column in schema.targets.columns)
KEY = ["adno", "subject"]
ANSWER_KEY = [*KEY, "collection"]
NULLABLE = ("expected", "aspirational")  # None where there is no target


def current_targets(connection: Connection) -> pd.DataFrame:
    """The target of every pupil and subject: the last version of each.

    Returns:
        The columns of the table `targets`, by admission number and subject.
        `expected` and `aspirational` are None where there is no target; `status` is
        then empty and `reason` says why.
    """
    t = schema.targets
    last = (
        select(t.c.adno, t.c.subject, func.max(t.c.version).label("version"))
        .group_by(t.c.adno, t.c.subject)
        .subquery()
    )
    query = (
        select(t)
        .join(
            last,
            (t.c.adno == last.c.adno)
            & (t.c.subject == last.c.subject)
            & (t.c.version == last.c.version),
        )
        .order_by(t.c.adno, t.c.subject)
    )
    return read_text_frame(connection, query, nullable=NULLABLE)


def target_versions(connection: Connection, adno: str | None = None) -> pd.DataFrame:
    """Every version there ever was, oldest first.

    Args:
        connection: A transaction of the store.
        adno: Only this pupil's; None for everybody's.

    Returns:
        As `current`, by admission number, subject and version.
    """
    t = schema.targets
    query = select(t).order_by(t.c.adno, t.c.subject, t.c.version)
    if adno is not None:
        query = query.where(t.c.adno == adno)
    return read_text_frame(connection, query, nullable=NULLABLE)


def add_targets(connection: Connection, frame: pd.DataFrame) -> int:
    """Add a new version of each row's target.

    Args:
        connection: A transaction of the store.
        frame: The columns of the table but `version`, one row per pupil and subject.

    Returns:
        The number of versions added.
    """
    if frame.empty:
        return 0
    t = schema.targets
    query = select(t.c.adno, t.c.subject, func.max(t.c.version)).group_by(
        t.c.adno, t.c.subject
    )
    last = {
        (adno, subject): number for adno, subject, number in connection.execute(query)
    }
    columns = [name for name in COLUMNS if name != "version"]
    plain = frame[columns].astype(object)
    values = plain.where(plain.notna(), None).to_numpy().tolist()
    rows = [dict(zip(columns, row, strict=True)) for row in values]
    connection.execute(
        insert(t),
        [
            {**row, "version": last.get((row["adno"], row["subject"]), 0) + 1}
            for row in rows
        ],
    )
    return len(rows)


def mark_targets_issued(
    connection: Connection,
    pairs: Iterable[tuple[str, str]],
    now: datetime,
    who: str,
    *,
    academic_year: str | None = None,
) -> int:
    """Record that targets are in an issued markbook.

    A draft becomes issued, by a new version that is otherwise the same; from then on
    a recalculation can only raise it. A provisional one stays provisional, and where
    there is no target nothing changes.

    Args:
        connection: A transaction of the store.
        pairs: Admission number and subject of each.
        now: The moment of issue.
        who: The person who issues it.
        academic_year: The year of the issue; None keeps that of the version before.

    Returns:
        The number of targets that became issued.
    """
    targets = current_targets(connection)
    issued = pd.MultiIndex.from_tuples(list(pairs) or [("", "")], names=KEY)
    is_issued = pd.MultiIndex.from_frame(targets[KEY]).isin(issued)
    changed = targets[targets["status"].eq("draft") & is_issued].assign(
        status="issued", set_by=who, set_at=now.isoformat(timespec="seconds")
    )
    if academic_year is not None:
        changed = changed.assign(academic_year=academic_year)
    return add_targets(connection, changed)


def current_answers(connection: Connection) -> pd.DataFrame:
    """The last answer to every query that has one.

    Returns:
        adno, subject, collection (in which the query was asked), query, answer,
        answered_by, answered_at, version, academic_year, file and cell, by pupil,
        subject and collection.
    """
    return (
        answer_versions(connection)
        .drop_duplicates(ANSWER_KEY, keep="last")
        .sort_values(ANSWER_KEY, kind="stable")
        .reset_index(drop=True)
    )


def answer_versions(connection: Connection) -> pd.DataFrame:
    """Every answer ever given, oldest first for each query."""
    t = schema.target_answers
    query = select(t).order_by(t.c.adno, t.c.subject, t.c.collection, t.c.version)
    return read_frame(connection, query)


def add_answers(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add answers; each has its own version, one above the last."""
    if rows:
        connection.execute(schema.target_answers.insert(), list(rows))
