"""Every target with its history: a new version for each change, none ever lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, func, insert, select

from generator.store import schema

COLUMNS = tuple(column.name for column in schema.targets.columns)
KEY = ["adno", "subject"]
# These are missing (None) where there is no target; everything else is text.
NULLABLE = ("expected", "aspirational")
NUMBERS = ("version", "pupils_behind_it")


def current(connection: Connection) -> pd.DataFrame:
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
    return _frame(connection, query)


def versions(connection: Connection, adno: str | None = None) -> pd.DataFrame:
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
    return _frame(connection, query)


def add(connection: Connection, frame: pd.DataFrame) -> int:
    """Put down a new version of each row's target.

    Args:
        connection: A transaction of the store.
        frame: The columns of the table but `version`, one row per pupil and subject.

    Returns:
        How many versions were written.
    """
    if frame.empty:
        return 0
    t = schema.targets
    query = select(t.c.adno, t.c.subject, func.max(t.c.version)).group_by(
        t.c.adno, t.c.subject
    )
    known = {
        (adno, subject): number for adno, subject, number in connection.execute(query)
    }
    columns = [name for name in COLUMNS if name != "version"]
    plain = frame[columns].astype(object)
    values = plain.where(plain.notna(), None).to_numpy().tolist()
    rows = [dict(zip(columns, row, strict=True)) for row in values]
    connection.execute(
        insert(t),
        [
            {**row, "version": known.get((row["adno"], row["subject"]), 0) + 1}
            for row in rows
        ],
    )
    return len(rows)


def mark_issued(
    connection: Connection,
    pairs: Iterable[tuple[str, str]],
    now: datetime,
    who: str,
    *,
    academic_year: str | None = None,
) -> int:
    """Record that targets have been in an issued markbook.

    A draft becomes issued, by a new version that is otherwise the same; from then on
    a recalculation can only raise it. A provisional one stays provisional, and where
    there is no target nothing changes.

    Args:
        connection: A transaction of the store.
        pairs: Admission number and subject of each.
        now: The moment of issue.
        who: Who issued it.
        academic_year: Of the issue; None keeps that of the version before.

    Returns:
        How many became issued.
    """
    there = current(connection)
    wanted = pd.MultiIndex.from_tuples(list(pairs) or [("", "")], names=KEY)
    found = there[
        there["status"].eq("draft") & pd.MultiIndex.from_frame(there[KEY]).isin(wanted)
    ]
    changed = found.assign(
        status="issued", set_by=who, set_at=now.isoformat(timespec="seconds")
    )
    if academic_year is not None:
        changed = changed.assign(academic_year=academic_year)
    return add(connection, changed)


def _frame(connection: Connection, query: Select[tuple[object, ...]]) -> pd.DataFrame:
    # As objects first: pandas must not guess that `004001` is a number.
    rows = [tuple(row) for row in connection.execute(query)]
    frame = pd.DataFrame(rows, columns=pd.Index(COLUMNS), dtype=object)
    for name in COLUMNS:
        if name in NUMBERS:
            frame[name] = frame[name].astype("Int64")
        elif name not in NULLABLE:
            frame[name] = frame[name].fillna("").astype("str")
    return frame


ANSWER_COLUMNS = tuple(column.name for column in schema.target_answers.columns)
ANSWER_KEY = ["adno", "subject", "collection"]


def current_answers(connection: Connection) -> pd.DataFrame:
    """The answer to every query that has one, as it was last given.

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
    rows = [tuple(row) for row in connection.execute(query)]
    frame = pd.DataFrame(rows, columns=pd.Index(ANSWER_COLUMNS), dtype=object)
    return frame.astype({**dict.fromkeys(ANSWER_COLUMNS, "str"), "version": "Int64"})


def add_answers(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Put answers down; each carries its own version, one above the last."""
    if rows:
        connection.execute(schema.target_answers.insert(), list(rows))
