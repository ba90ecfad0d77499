"""What the store knows, one table each: what `export` writes and packs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd
from sqlalchemy import Connection, Table, select

from generator.school.school import School
from generator.store import mark_tables, results, schema, targets
from generator.store.audit import audit_table
from generator.store.frames import read_frame
from generator.store.problems import open_problems
from udfs.errors import MarkbookError
from udfs.tables import Tables

PUPILS = (
    "adno", "upn", "surname", "forename", "sex", "year", "reg", "pp",
    "disadvantaged", "fsm", "sen", "eal", "ethnicity", "lac", "ks2_reading",
    "ks2_maths", "status", "left",
)  # fmt: skip
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
CORRECTIONS = (
    "id", "at", "who", "kind", "what", "why", "collection", "class", "adno", "subject",
    "undone_at", "undone_by", "until", "academic_year",
)  # fmt: skip


class UnknownTable(MarkbookError):
    """A table or collection that does not exist; the text lists those that do."""


@dataclass(frozen=True, slots=True)
class TableQuery:
    """What a table is built from.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and codes as this school has them.
        collection: A collection's code, or None for all; tables that belong to no
            collection (pupils, classes …) are whole either way.
        today: The day of the export.
    """

    connection: Connection
    school: School
    tables: Tables
    collection: str | None
    today: date


def _read_columns(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    order: Sequence[str],
    collection: str | None = None,
) -> pd.DataFrame:
    """Some columns of a table, of one collection or all, in a stable order."""
    c = table.c
    query = select(*(c[name] for name in columns)).order_by(*(c[n] for n in order))
    if collection is not None:
        query = query.where(c.collection == collection)
    return read_frame(connection, query)


def pupil_table(connection: Connection) -> pd.DataFrame:
    """Every pupil there ever was, by admission number; nobody is deleted."""
    return _read_columns(connection, schema.pupils, PUPILS, ["adno"])


def class_table(connection: Connection) -> pd.DataFrame:
    """Every class of every academic year, with how many pupils are in it."""
    c = schema.classes.c
    classes = read_frame(
        connection,
        select(
            c["class"], c.subject, c.year, c.teachers.label("teacher"), c.academic_year
        ).order_by(c.academic_year, c["class"]),
    )
    keys = ["academic_year", "class"]
    sizes = membership_table(connection).groupby(keys).size().rename("pupils")
    classes = classes.merge(sizes.reset_index(), on=keys, how="left")
    classes["pupils"] = classes["pupils"].fillna(0).astype("Int64")
    return classes[["class", "subject", "year", "teacher", "pupils", "academic_year"]]


def membership_table(connection: Connection) -> pd.DataFrame:
    """Who is in which class now, or was to the end of an earlier academic year."""
    m = schema.memberships.c
    return read_frame(
        connection,
        select(m["class"], m.adno, m.since, m.academic_year)
        .where(m.until == "")
        .order_by(m.academic_year, m["class"], m.adno),
    )


def staff_table(connection: Connection) -> pd.DataFrame:
    """Each member of staff once, as the latest academic year has them, with roles.

    `roles` reads `head of department Music; tutor 7A`.
    """
    s, r = schema.staff.c, schema.roles.c
    staff = read_frame(
        connection,
        select(s.code, s.name, s.email, s.academic_year).order_by(
            s.code, s.academic_year
        ),
    ).drop_duplicates("code", keep="last")
    roles = read_frame(
        connection,
        select(r.staff.label("code"), r.role, r.scope, r.academic_year).order_by(
            r.staff, r.role, r.scope
        ),
    )
    roles["roles"] = (roles["role"] + " " + roles["scope"]).str.strip()
    keys = ["code", "academic_year"]
    joined = roles.groupby(keys)["roles"].agg("; ".join).reset_index()
    staff = staff.merge(joined, on=keys, how="left")
    return staff[["code", "name", "email", "roles"]]


def indicator_table(connection: Connection) -> pd.DataFrame:
    """CAT4, attendance, behaviour and whatever else was imported, by pupil."""
    columns = ("adno", "name", "value", "academic_year")
    order = ("academic_year", "adno", "name")
    return _read_columns(connection, schema.indicators, columns, order)


def target_table(connection: Connection) -> pd.DataFrame:
    """The target of every pupil and subject, or the reason why there is none."""
    p = schema.pupils.c
    upns = read_frame(connection, select(p.adno, p.upn))
    frame = targets.current_targets(connection).merge(upns, on="adno", how="left")
    return frame[list(TARGETS)]


def issue_table(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """Every issue, oldest first; a class issued again has several rows."""
    order = ("issued_at", "collection", "class", "issue_id")
    return _read_columns(connection, schema.issues, ISSUES, order, collection)


def return_table(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """Every file that was read as a return, oldest first, with its status."""
    order = ("read_at", "returned_at", "file", "return_id")
    return _read_columns(connection, schema.returns, RETURNS, order, collection)


def problem_table(
    connection: Connection, collection: str | None = None
) -> pd.DataFrame:
    """The problems that nothing has settled, in the order in which they were found."""
    return open_problems(connection, collection=collection)[list(PROBLEMS)]


def intervention_table(connection: Connection) -> pd.DataFrame:
    """Every intervention, by pupil and first day."""
    order = ("adno", "from", "subject", "what")
    return _read_columns(connection, schema.interventions, INTERVENTIONS, order)


def action_table(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """What readers of packs wrote on the action sheets."""
    order = ("entered_at", "collection", "pack", "line")
    return _read_columns(connection, schema.actions, ACTIONS, order, collection)


def correction_table(
    connection: Connection, collection: str | None = None
) -> pd.DataFrame:
    """What people corrected by hand, oldest first, with their reasons."""
    frame = _read_columns(
        connection, schema.corrections, CORRECTIONS, ["id"], collection
    )
    return frame.assign(id="K" + frame["id"].astype("str"))


def _with_flags(
    build: Callable[..., pd.DataFrame],
) -> Callable[[TableQuery], pd.DataFrame]:
    def build_with_flags(query: TableQuery) -> pd.DataFrame:
        return build(
            query.connection,
            query.tables,
            collection=query.collection,
            fine=query.school.settings.flags.fine,
        )

    return build_with_flags


TABLES: Mapping[str, Callable[[TableQuery], pd.DataFrame]] = {
    "pupils": lambda query: pupil_table(query.connection),
    "classes": lambda query: class_table(query.connection),
    "memberships": lambda query: membership_table(query.connection),
    "staff": lambda query: staff_table(query.connection),
    "indicators": lambda query: indicator_table(query.connection),
    "targets": lambda query: target_table(query.connection),
    "marks": _with_flags(mark_tables.mark_table),
    "history": _with_flags(mark_tables.history_table),
    "issues": lambda query: issue_table(query.connection, query.collection),
    "returns": lambda query: return_table(query.connection, query.collection),
    "problems": lambda query: problem_table(query.connection, query.collection),
    "interventions": lambda query: intervention_table(query.connection),
    "results": lambda query: results.result_table(query.connection, query.collection),
    "result_history": lambda query: results.result_history(query.connection),
    "actions": lambda query: action_table(query.connection, query.collection),
    "corrections": lambda query: correction_table(query.connection, query.collection),
    "audit": lambda query: audit_table(query.connection),
}


def build_table(
    query: TableQuery,
    name: str,
    tables: Mapping[str, Callable[[TableQuery], pd.DataFrame]] = TABLES,
) -> pd.DataFrame:
    """Build one table by its name, rows in a stable order.

    Args:
        query: What it is built from.
        name: Its name.
        tables: The builders, by name.

    Raises:
        UnknownTable: If there is no such table, or no such collection in the settings
            or the store; the message lists those there are.
    """
    name = name if name in tables else name.strip().casefold()
    if name not in tables:
        raise UnknownTable(
            f"There is no table {name!r}.", f"There are: {', '.join(tables)}."
        )
    codes = collection_codes(query)
    alike = [
        code for code in codes if code.casefold() == str(query.collection).casefold()
    ]
    if query.collection not in codes and len(alike) == 1:
        query = replace(query, collection=alike[0])
    if query.collection is not None and query.collection not in codes:
        raise UnknownTable(
            f"There is no collection {query.collection!r}.",
            f"There are: {', '.join(codes) or 'none yet'}.",
        )
    return tables[name](query)


def collection_codes(query: TableQuery) -> list[str]:
    """Every collection of the settings, then those that only the store still has."""
    codes = [collection.code for collection in query.school.settings.collections]
    c = schema.collections.c
    stored = query.connection.execute(select(c.code).order_by(c.opens, c.code))
    return codes + [code for code in stored.scalars() if code not in codes]
