"""Many rows into a table at once, by the shortest way the database has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from sqlalchemy import Connection, Dialect, Table, insert


def put(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, str]]
) -> None:
    """Insert rows, of which all have the same columns, all of them text.

    Args:
        connection: A transaction of the store.
        table: The table.
        rows: Column -> value; none is none inserted.
    """
    if not rows:
        return
    if not connection.dialect.positional:
        connection.execute(insert(table), [dict(row) for row in rows])
        return
    # A return brings some two hundred rows: making each fit the statement anew
    # would take longer than storing it.
    sentence, names = _sentence(table, tuple(rows[0]), connection.dialect)
    values = itemgetter(*names)
    connection.exec_driver_sql(sentence, [values(row) for row in rows])


@lru_cache(maxsize=64)
def _sentence(
    table: Table, columns: tuple[str, ...], dialect: Dialect
) -> tuple[str, tuple[str, ...]]:
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), tuple(compiled.positiontup or ())
