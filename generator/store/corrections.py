"""What people corrected by hand, each with its reason, and how to revert it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    insert,
    select,
    update,
)

from generator.store import schema

_ID = re.compile(r"[Kk](\d{1,9})")
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of a table before and after a change.

    Args:
        table: The table's name.
        before: The whole row before; None where there was none.
        after: The whole row after; None where it was deleted.
    """

    table: str
    before: Values | None
    after: Values | None

    def key(self) -> dict[str, Any]:
        """The primary key of the row."""
        row = self.after or self.before or {}
        table = schema.metadata.tables[self.table]
        return {column.name: row[column.name] for column in table.primary_key}


@dataclass(frozen=True, slots=True)
class ManualCorrection:
    """One correction by hand.

    Args:
        academic_year: The year that it belongs to.
        at: When, as ISO text.
        who: The person who made it.
        kind: `mark`, `target`, `pupil`, `class` or `collection`.
        what: What was changed, as a sentence.
        why: The person's reason; empty where none is required.
        collection: The collection, or empty.
        class_code: The class, or empty.
        adno: The pupil, or empty.
        subject: The subject, or empty.
        changes: The rows that it changed, but for marks and targets, which have a
            history of their own.
        number: Its number; 0 before it is recorded.
        undone_at: When it was undone, or empty.
        undone_by: The person who undid it, or empty.
        until: The last day of a cover, as ISO text, or empty.
        overtaken: The values that imports have changed since, by key.
    """

    academic_year: str
    at: str
    who: str
    kind: str
    what: str
    why: str = ""
    collection: str = ""
    class_code: str = ""
    adno: str = ""
    subject: str = ""
    changes: tuple[RowChange, ...] = ()
    number: int = 0
    undone_at: str = ""
    undone_by: str = ""
    until: str = ""
    overtaken: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its id, as people write it (`K7`)."""
        return correction_id(self.number)


def correction_id(number: int) -> str:
    """The id of the correction with a number."""
    return f"K{number}"


def parse_id(text: str) -> int | None:
    """The number of a correction's id; None where the text is none.

    >>> parse_id("K7"), parse_id("k12"), parse_id("K7.xlsx")
    (7, 12, None)
    """
    match = _ID.fullmatch(text.strip())
    return int(match[1]) if match else None


def record_correction(connection: Connection, correction: ManualCorrection) -> str:
    """Record a correction and return its id."""
    changes = [[c.table, c.before, c.after] for c in correction.changes]
    row = {
        "academic_year": correction.academic_year,
        "at": correction.at,
        "who": correction.who,
        "kind": correction.kind,
        "what": correction.what,
        "why": correction.why,
        "collection": correction.collection,
        "class": correction.class_code,
        "adno": correction.adno,
        "subject": correction.subject,
        "changes": json.dumps(changes, ensure_ascii=False) if changes else "",
        "until": correction.until,
    }
    result = connection.execute(insert(schema.corrections).values(**row))
    key = result.inserted_primary_key
    assert key is not None  # the table has one
    return correction_id(int(key[0]))


def find_correction(connection: Connection, number: int) -> ManualCorrection | None:
    """The correction with a number, or None."""
    corrections = _read(connection, schema.corrections.c.id == number)
    return corrections[0] if corrections else None


def later_corrections(connection: Connection, number: int) -> list[ManualCorrection]:
    """The corrections after one that are not undone, oldest first."""
    table = schema.corrections.c
    return _read(connection, table.id > number, table.undone_at == "")


def roster_corrections(
    connection: Connection, academic_year: str
) -> list[ManualCorrection]:
    """The corrections of pupils and classes that are not undone, oldest first."""
    table = schema.corrections.c
    return _read(
        connection,
        table.academic_year == academic_year,
        table.kind.in_(("pupil", "class")),
        table.undone_at == "",
    )


def due_covers(connection: Connection, today: str) -> list[ManualCorrection]:
    """The covers whose last day is past, the newest first.

    Args:
        connection: A transaction of the store.
        today: The day, as ISO text.
    """
    table = schema.corrections.c
    due = _read(
        connection, table.until != "", table.until < today, table.undone_at == ""
    )
    return due[::-1]


def _read(
    connection: Connection, *conditions: ColumnElement[bool]
) -> list[ManualCorrection]:
    table = schema.corrections
    rows = connection.execute(select(table).where(*conditions).order_by(table.c.id))
    return [
        ManualCorrection(
            academic_year=row["academic_year"],
            at=row["at"],
            who=row["who"],
            kind=row["kind"],
            what=row["what"],
            why=row["why"],
            collection=row["collection"],
            class_code=row["class"],
            adno=row["adno"],
            subject=row["subject"],
            changes=tuple(
                RowChange(*change) for change in json.loads(row["changes"] or "[]")
            ),
            number=row["id"],
            undone_at=row["undone_at"],
            undone_by=row["undone_by"],
            until=row["until"],
            overtaken=tuple(json.loads(row["overtaken"] or "[]")),
        )
        for row in rows.mappings()
    ]


def mark_overtaken(connection: Connection, number: int, keys: Iterable[str]) -> None:
    """Record the values of a correction that imports have changed."""
    table = schema.corrections
    connection.execute(
        update(table)
        .where(table.c.id == number)
        .values(overtaken=json.dumps(sorted(keys), ensure_ascii=False))
    )


def undone_ids(connection: Connection) -> set[str]:
    """The ids of the corrections that were undone."""
    table = schema.corrections.c
    query = select(table.id).where(table.undone_at != "")
    return {correction_id(number) for number in connection.execute(query).scalars()}


def mark_undone(connection: Connection, number: int, *, who: str, moment: str) -> None:
    """Record that a correction was undone."""
    table = schema.corrections
    connection.execute(
        update(table)
        .where(table.c.id == number)
        .values(undone_at=moment, undone_by=who)
    )


def current_row(connection: Connection, change: RowChange) -> dict[str, Any] | None:
    """The row that a change is about, as it is now."""
    table = schema.metadata.tables[change.table]
    key = change.key()
    where = and_(*(table.c[name] == value for name, value in key.items()))
    row = connection.execute(select(table).where(where)).mappings().one_or_none()
    return dict(row) if row is not None else None


def apply_changes(connection: Connection, changes: Iterable[RowChange]) -> None:
    """Write the rows of some changes as they are after them."""
    for change in changes:
        table = schema.metadata.tables[change.table]
        key = change.key()
        where = and_(*(table.c[name] == value for name, value in key.items()))
        connection.execute(delete(table).where(where))
        if change.after is not None:
            connection.execute(insert(table).values(**change.after))


def reverted(changes: Sequence[RowChange]) -> list[RowChange]:
    """The changes that revert some changes, the last first.

    >>> [c.after for c in reverted([RowChange("settings", {"name": "a"}, None)])]
    [{'name': 'a'}]
    """
    return [
        RowChange(change.table, change.after, change.before)
        for change in reversed(changes)
    ]
