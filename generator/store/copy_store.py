"""Copy a whole store, from a file or a server, and check the copy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Integer, MetaData, create_engine, insert, select

from generator.files import CannotWrite, make_private, private_folder
from generator.store.migrate import migrate
from generator.store.schema import NEWEST
from generator.store.store_errors import damaged

if TYPE_CHECKING:
    from generator.store.engine import Store

ROWS_AT_ONCE = 5_000
_VERSION_TABLE = "alembic_version"


def copy_aside(store: Store, target: Path, *, revision: str = NEWEST) -> None:
    """Copy a store to a new SQLite file that only its owner may read.

    Args:
        store: The store, on SQLite or on a server.
        target: The file to create.
        revision: The migration that the store is at.

    Raises:
        StoreError: If the store is damaged.
        CannotWrite: If the file cannot be created.
    """
    try:
        private_folder(target.parent)
        target.touch(mode=0o600, exist_ok=False)
        make_private(target)
        if store.file:
            _copy_file(store.file, target)
        else:
            _copy_from_server(store, target, revision)
        cause = file_fault(target)
    except (OSError, sqlite3.OperationalError) as error:
        target.unlink(missing_ok=True)
        raise CannotWrite(
            f"The store cannot be copied to {target} ({error}).",
            "Check that the folder is writable and has room, then run the command "
            "again. Nothing was changed.",
        ) from error
    except sqlite3.DatabaseError as error:
        cause = str(error)
    if cause:
        target.unlink(missing_ok=True)
        raise damaged(store.display_url, cause)


def _copy_file(source: Path, target: Path) -> None:
    with (
        closing(_open_to_read(source)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)


def _copy_from_server(store: Store, target: Path, revision: str) -> None:
    engine = create_engine(f"sqlite:///{target}")
    try:
        with store.begin() as connection, engine.begin() as copy:
            migrate(copy, revision)
            copy_rows(connection, copy)
    finally:
        engine.dispose()


def _open_to_read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def file_fault(path: Path) -> str:
    """What is wrong with an SQLite file; empty if nothing is."""
    try:
        with closing(_open_to_read(path)) as database:
            (answer,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if answer == "ok" else str(answer).replace("\n", " ")


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy the rows of every table into an empty store of the same version.

    Args:
        source: A transaction of a store.
        target: A transaction of the other one.
    """
    tables = MetaData()
    tables.reflect(target)
    for table in tables.sorted_tables:
        if table.name == _VERSION_TABLE:
            continue
        rows = source.execute(select(table)).mappings()
        while batch := rows.fetchmany(ROWS_AT_ONCE):
            target.execute(insert(table), [dict(row) for row in batch])
        numbered = [
            column.name
            for column in table.primary_key.columns
            if column.name == "id" and isinstance(column.type, Integer)
        ]
        if numbered and target.dialect.name == "postgresql":
            # Rows that bring their number do not move the server's own count.
            target.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                f"coalesce(max(id), 0) + 1, false) FROM {table.name}"
            )
