"""Targets, issues, returns and problems as tables."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from generator.records.roster import read
from generator.store import schema
from generator.store import targets as store_targets
from generator.store.put_right import put_right

TARGETS = (
    "adno", "upn", "subject", "expected", "aspirational", "status", "method",
    "baseline", "score", "pupils_behind_it", "reason", "set_by", "set_at", "version",
    "provenance", "academic_year",
)  # fmt: skip
ISSUES = (
    "collection", "class", "issue_id", "file", "pupils", "issued_at", "issued_by",
    "academic_year",
)  # fmt: skip
RETURNS = (
    "file", "class", "collection", "returned_at", "status", "read", "new", "changed",
    "same", "rejected", "conflict", "blank", "read_at", "who", "return_id",
    "academic_year",
)  # fmt: skip
PROBLEMS = (
    "file", "sheet", "cell", "adno", "severity", "code", "value", "what", "do",
    "collection", "found_at", "academic_year",
)  # fmt: skip
INTERVENTIONS = (
    "adno", "subject", "what", "who", "department_or_pastoral", "from", "until",
    "pupil_view", "parent_view", "ended_because", "source_file", "entered_at",
    "entered_by", "academic_year",
)  # fmt: skip
ACTIONS = (
    "collection", "pack", "line", "issue", "action", "who", "by_when", "how_known",
    "subject", "why", "entered_at", "entered_by", "academic_year",
)  # fmt: skip


def targets(connection: Connection) -> pd.DataFrame:
    """The target of every pupil and subject, or the reason why there is none."""
    found = store_targets.current(connection)
    p = schema.pupils.c
    found = found.merge(read(connection, select(p.adno, p.upn)), on="adno", how="left")
    return found[list(TARGETS)]


def issues(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """What was issued, oldest first; a class issued again has several rows."""
    i = schema.issues.c
    query = select(*(i[name] for name in ISSUES)).order_by(
        i.issued_at, i.collection, i["class"], i.issue_id
    )
    if collection is not None:
        query = query.where(i.collection == collection)
    return read(connection, query)


def returns(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """Every file that was read as a return, oldest first, and what became of it."""
    r = schema.returns.c
    query = select(*(r[name] for name in RETURNS)).order_by(
        r.read_at, r.returned_at, r.file, r.return_id
    )
    if collection is not None:
        query = query.where(r.collection == collection)
    return read(connection, query)


def problems(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """What there is to put right, in the order in which it was found."""
    p = schema.problems.c
    query = select(*(p[name] for name in PROBLEMS)).order_by(p.id)
    if collection is not None:
        query = query.where(p.collection == collection)
    if done := put_right(connection):
        query = query.where(p.id.not_in(done))
    return read(connection, query)


def interventions(connection: Connection) -> pd.DataFrame:
    """What is or was done for pupils, by pupil and first day."""
    i = schema.interventions.c
    query = select(*(i[name] for name in INTERVENTIONS)).order_by(
        i.adno, i["from"], i.subject, i.what
    )
    return read(connection, query)


def actions(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """What readers of packs wrote on their sheet of actions."""
    a = schema.actions.c
    query = select(*(a[name] for name in ACTIONS)).order_by(
        a.entered_at, a.collection, a.pack, a.line
    )
    if collection is not None:
        query = query.where(a.collection == collection)
    return read(connection, query)
