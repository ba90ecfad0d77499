"""The roster: pupils, classes, memberships, staff, roles and indicators.

Every frame holds text in a stable order; a blank is an empty text
(`left` too: empty means on roll), `year` a whole number or missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    func,
    select,
    true,
)

from generator.store import schema
from generator.store.frames import read_text_frame

if TYPE_CHECKING:
    import pandas as pd

PUPILS_FROM = "pupils_from"  # a setting: the fullest kind of pupil list so far
LAST_IMPORT = "last_import"  # a setting


def pupils(connection: Connection, academic_year: str | None = None) -> pd.DataFrame:
    """Every pupil in the store, leavers included, by admission number.

    Args:
        connection: A transaction of the store.
        academic_year: Only pupils whose last import is of this year; None for all.
    """
    return _rows_of_year(connection, schema.pupils, academic_year, "adno")


def classes(connection: Connection, academic_year: str) -> pd.DataFrame:
    """The classes of an academic year, by class code."""
    return _rows_of_year(connection, schema.classes, academic_year, "class")


def memberships(connection: Connection, academic_year: str) -> pd.DataFrame:
    """Who is in which class now (ended memberships left out), by class and pupil.

    Pupils who have left the school keep their memberships, so they are here.
    """
    members = schema.memberships
    return _rows_of_year(
        connection, members, academic_year, "class", "adno", where=members.c.until == ""
    )


def staff(connection: Connection, academic_year: str) -> pd.DataFrame:
    """The staff of an academic year, by code."""
    return _rows_of_year(connection, schema.staff, academic_year, "code")


def roles(connection: Connection, academic_year: str) -> pd.DataFrame:
    """The roles of an academic year (staff, role, scope), by role, scope and staff."""
    order = ("role", "scope", "staff")
    return _rows_of_year(connection, schema.roles, academic_year, *order)


def indicators(connection: Connection, academic_year: str) -> pd.DataFrame:
    """Other imported values of pupils (adno, name, value), by pupil and name."""
    return _rows_of_year(connection, schema.indicators, academic_year, "adno", "name")


def _rows_of_year(
    connection: Connection,
    table: Table,
    academic_year: str | None,
    *order: str,
    where: ColumnElement[bool] | None = None,
) -> pd.DataFrame:
    query = select(table).order_by(*(table.c[name] for name in order))
    if academic_year is not None:
        query = query.where(table.c.academic_year == academic_year)
    if where is not None:
        query = query.where(where)
    return read_text_frame(connection, query)


@dataclass(frozen=True)
class RosterSnapshot:
    """The roster of one academic year before an import.

    Args:
        pupils: Admission number -> the pupil's row; pupils of every year.
        classes: Class code -> the class's row.
        memberships: (class, admission number) -> (since, until).
        staff: Code -> (name, e-mail).
        names_before: Code -> (name, e-mail) in the latest earlier year.
        roles: (staff, role, scope).
        indicators: (admission number, name) -> value.
        pupils_from: The fullest kind of list that pupils were taken from, or empty.
    """

    pupils: dict[str, dict[str, Any]]
    classes: dict[str, dict[str, Any]]
    memberships: dict[tuple[str, str], tuple[str, str]]
    staff: dict[str, tuple[str, str]]
    earlier_names: dict[str, tuple[str, str]]
    roles: set[tuple[str, str, str]]
    indicators: dict[tuple[str, str], str]
    pupils_from: str = ""


def roster_snapshot(connection: Connection, academic_year: str) -> RosterSnapshot:
    """The current roster, for an import to compare with."""

    def rows(table: Table) -> list[dict[str, Any]]:
        query = select(table)
        if table is not schema.pupils:
            query = query.where(table.c.academic_year == academic_year)
        return [dict(row) for row in connection.execute(query).mappings()]

    earlier = connection.execute(
        select(schema.staff)
        .where(schema.staff.c.academic_year < academic_year)
        .order_by(schema.staff.c.academic_year)
    ).mappings()
    return RosterSnapshot(
        pupils={row["adno"]: row for row in rows(schema.pupils)},
        classes={row["class"]: row for row in rows(schema.classes)},
        memberships={
            (row["class"], row["adno"]): (row["since"], row["until"])
            for row in rows(schema.memberships)
        },
        staff={row["code"]: (row["name"], row["email"]) for row in rows(schema.staff)},
        earlier_names={row["code"]: (row["name"], row["email"]) for row in earlier},
        roles={(r["staff"], r["role"], r["scope"]) for r in rows(schema.roles)},
        indicators={
            (r["adno"], r["name"]): r["value"] for r in rows(schema.indicators)
        },
        pupils_from=read_setting(connection, PUPILS_FROM),
    )


def replace_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write whole rows in the place of those with the same key.

    Args:
        connection: A transaction of the store.
        table: One of the tables of the roster.
        rows: Every column of every row.
    """
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    connection.execute(
        delete(table).where(
            and_(*(table.c[name] == bindparam(f"key_{name}") for name in keys))
        ),
        [{f"key_{name}": row[name] for name in keys} for row in rows],
    )
    connection.execute(table.insert(), [dict(row) for row in rows])


def replace_roles(
    connection: Connection, academic_year: str, roles: Iterable[tuple[str, str, str]]
) -> None:
    """Replace all roles of a year: a role that is not listed any more has ended."""
    table = schema.roles
    connection.execute(delete(table).where(table.c.academic_year == academic_year))
    rows = [
        {"academic_year": academic_year, "staff": staff, "role": role, "scope": scope}
        for staff, role, scope in sorted(roles)
    ]
    if rows:
        connection.execute(table.insert(), rows)


def record_changes(
    connection: Connection, changes: Sequence[Mapping[str, str]]
) -> None:
    """Add to the log of what imports changed; the log itself never changes."""
    if changes:
        connection.execute(schema.roster_changes.insert(), [dict(c) for c in changes])


def changes(connection: Connection, academic_year: str) -> pd.DataFrame:
    """What imports of an academic year changed, oldest first."""
    return _rows_of_year(connection, schema.roster_changes, academic_year, "id")


def counts(connection: Connection, academic_year: str) -> dict[str, int]:
    """How many pupils, classes, memberships and staff an academic year has.

    Pupils who left are counted, and their memberships; ended memberships are not.
    """
    members = schema.memberships
    return {
        table.name: connection.execute(
            select(func.count())
            .select_from(table)
            .where(
                table.c.academic_year == academic_year,
                members.c.until == "" if table is members else true(),
            )
        ).scalar_one()
        for table in (schema.pupils, schema.classes, members, schema.staff)
    }


def save_last_import(
    connection: Connection,
    *,
    now: datetime,
    who: str,
    files: Sequence[str],
    hashes: Mapping[str, str],
) -> None:
    """Record when, by whom and from which files the roster was last imported.

    Args:
        connection: The store.
        now: The moment.
        who: The person.
        files: The files, as people see them.
        hashes: Name of a file -> the hash of its content.
    """
    record = {
        "at": now.isoformat(timespec="seconds"),
        "who": who,
        "files": sorted(files),
        "sha256": dict(sorted(hashes.items())),
    }
    save_setting(connection, LAST_IMPORT, json.dumps(record, ensure_ascii=False))


def read_setting(connection: Connection, name: str) -> str:
    """A setting kept in the store; empty if it has none."""
    table = schema.settings
    query = select(table.c.value).where(table.c.name == name)
    return connection.execute(query).scalar_one_or_none() or ""


def save_setting(connection: Connection, name: str, value: str) -> None:
    """Keep a setting in the store."""
    replace_rows(connection, schema.settings, [{"name": name, "value": value}])
