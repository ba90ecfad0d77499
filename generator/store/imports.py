"""What each import changed: its number, and every row before and after it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from generator.store import roster, schema
from generator.store.corrections import RowChange

Row = Mapping[str, Any]


class ImportRecorder:
    """Write rows of the roster, and record each before and after.

    Args:
        connection: A transaction of the store.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.changes: list[RowChange] = []

    def replace(self, table: Table, rows: Iterable[tuple[Row | None, Row]]) -> None:
        """Write rows that differ from those before.

        Args:
            table: A table of the roster.
            rows: The row before (None where there was none) and after.
        """
        changed = [(before, after) for before, after in rows if before != after]
        roster.replace_rows(self.connection, table, [after for _, after in changed])
        self.changes += [
            RowChange(table.name, before, after) for before, after in changed
        ]

    def record(self, table: Table, before: Sequence[Row], after: Sequence[Row]) -> None:
        """Record how a table changed that somebody else has written.

        Args:
            table: The table.
            before: All of its rows before.
            after: All of its rows after.
        """
        names = [column.name for column in table.primary_key]
        old, new = (
            {tuple(row[name] for name in names): row for row in rows}
            for rows in (before, after)
        )
        self.changes += [
            RowChange(table.name, old.get(key), new.get(key))
            for key in {**old, **new}
            if old.get(key) != new.get(key)
        ]

    def save(
        self, *, academic_year: str, now: datetime, who: str, files: Sequence[str]
    ) -> str:
        """Store what was recorded; return the import's id, empty if nothing changed."""
        if not self.changes:
            return ""
        result = self.connection.execute(
            insert(schema.imports).values(
                academic_year=academic_year,
                at=now.isoformat(timespec="seconds"),
                who=who,
                files="; ".join(files),
            )
        )
        key = result.inserted_primary_key
        number = int(key[0]) if key else 0
        self.connection.execute(
            insert(schema.import_changes),
            [
                {
                    "import_id": number,
                    "table": change.table,
                    "before": _json(change.before),
                    "after": _json(change.after),
                }
                for change in self.changes
            ],
        )
        return import_id(number)


def import_id(number: int) -> str:
    """The id of an import, as people write it.

    >>> import_id(12)
    'I12'
    """
    return f"I{number}"


def parse_import_id(text: str) -> int | None:
    """The number of an import's id; None where the text is none.

    >>> parse_import_id("i12"), parse_import_id("12")
    (12, None)
    """
    match = re.fullmatch(r"[Ii](\d{1,9})", text.strip())
    return int(match[1]) if match else None


def find_import(connection: Connection, number: int) -> dict[str, Any] | None:
    """The record of an import, or None."""
    query = select(schema.imports).where(schema.imports.c.id == number)
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def mark_import_undone(
    connection: Connection, number: int, *, who: str, moment: str
) -> None:
    """Record that an import was undone."""
    connection.execute(
        update(schema.imports)
        .where(schema.imports.c.id == number)
        .values(undone_at=moment, undone_by=who)
    )


def list_imports(connection: Connection) -> list[dict[str, Any]]:
    """Every import that changed anything, oldest first, with its number of rows."""
    table, changes = schema.imports, schema.import_changes.c
    count = (
        select(func.count()).where(changes.import_id == table.c.id).scalar_subquery()
    )
    query = select(table, count.label("rows")).order_by(table.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def changes_of_import(connection: Connection, number: int) -> list[RowChange]:
    """Every row that an import changed, in the order of the changes.

    Args:
        connection: A transaction of the store.
        number: The number of its id.
    """
    table = schema.import_changes.c
    rows = connection.execute(
        select(table.table, table.before, table.after)
        .where(table.import_id == number)
        .order_by(table.id)
    )
    return [
        RowChange(name, _row(before), _row(after)) for name, before, after in rows.all()
    ]


def table_rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """All rows of a table."""
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def _json(row: Row | None) -> str:
    return "" if row is None else json.dumps(dict(row), ensure_ascii=False)


def _row(text: str) -> Row | None:
    return json.loads(text) if text else None
