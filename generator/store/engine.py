"""The store's database: opened, migrated, and one transaction at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    Table,
    create_engine,
    event,
    insert,
    inspect,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
)

from generator.files import make_private
from generator.store.commit_thread import CommitThread
from generator.store.store_errors import StoreError, explain_error
from generator.store.upgrade import refuse_to_begin_anew, upgrade
from udfs.errors import MarkbookError

BUSY_SECONDS = 30
CACHE_KIB = 64 * 1024
ADVISORY_LOCK = 0x6D61726B  # a number that no other program on the server uses


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's
    cursor = connection.cursor()
    # Not WAL: it needs shared memory, so it is unsafe on the network shares that
    # schools keep such folders on.
    cursor.execute("PRAGMA journal_mode=DELETE")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # A whole school's store fits: the next transaction need not read it again.
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that reads first can be refused when it writes.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_exclusive(connection: Connection) -> None:
    # As on SQLite: a merge reads, compares and writes with nobody else in between.
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")


def _ensure_private_file(file: Path, folder: Path, name: str) -> None:
    """Create the file of a new store before SQLite would, for its owner only.

    Raises:
        StoreError: If it is missing where there should be one.
    """
    if not file.exists():
        refuse_to_begin_anew(folder, name)
        with suppress(OSError):  # the database says why it cannot be opened
            file.touch(mode=0o600)
    make_private(file)


class Store:
    """A school's store: an open database of the newest version."""

    def __init__(
        self, engine: Engine, display_url: str, file: Path | None = None
    ) -> None:
        self.engine = engine
        self.display_url = display_url
        self.file = file  # None on a server
        self._commit_thread = CommitThread()

    @classmethod
    def open(cls, folder: Path, database: str) -> Store:
        """Open a school's store; create or migrate it where needed.

        Args:
            folder: The school folder; a relative SQLite path starts there.
            database: An SQLAlchemy URL, as in `school.toml`.

        Raises:
            StoreError: If there is no such database or no driver for it, or it is
                newer than this program, damaged, another program's, or missing where
                markbooks were issued.
        """
        try:
            url = make_url(database)
        except ArgumentError:
            raise StoreError(
                f"`database` in school.toml is not a database address: {database!r}.",
                'Write for example "sqlite:///markbooks.sqlite".',
            ) from None
        file = None
        if url.get_backend_name() == "sqlite" and url.database:
            file = folder / url.database
            url = url.set(database=str(file))
        try:
            engine = create_engine(url)
        except (NoSuchModuleError, ModuleNotFoundError):
            raise StoreError(
                f"No driver for the database {url.get_backend_name()!r} is installed.",
                'In the folder of Markbooks run: pip install ".[postgres]"',
            ) from None
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _sqlite_pragmas)
            event.listen(engine, "begin", _begin_immediate)
        elif url.get_backend_name() == "postgresql":
            event.listen(engine, "begin", _begin_exclusive)
        store = cls(engine, url.render_as_string(hide_password=True), file)
        if file is not None:
            _ensure_private_file(file, folder, store.display_url)
        try:
            store._check_sort_order()
            upgrade(store, folder)
        except MarkbookError:
            store.close()
            raise
        return store

    def _check_sort_order(self) -> None:
        """Check that rows come in the same order from every database.

        Raises:
            StoreError: If the database sorts text by the rules of a language.
        """
        if self.engine.dialect.name != "postgresql":
            return
        with self.begin() as connection:
            sorts_as_bytes = connection.exec_driver_sql(
                "SELECT 'B' < 'a' AND 'a b' < 'aa' AND 'z' < 'é'"
            ).scalar_one()
        if not sorts_as_bytes:
            raise StoreError(
                f"The database {self.display_url} sorts text as a language does.",
                "Make one that does not: createdb --template=template0 --locale=C "
                "--encoding=UTF8 NAME; then name it in school.toml.",
            )

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: all of it is stored, or nothing is."""
        self.wait_for_commit()
        try:
            with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise self._explain(error) from error

    @contextmanager
    def begin_in_background(self) -> Iterator[Connection]:
        """A transaction whose commit runs in the background.

        It is stored when `wait_for_commit` returns; the next transaction waits for it.
        """
        self.wait_for_commit()
        try:
            with ExitStack() as stack:
                connection = stack.enter_context(self.engine.connect())
                transaction = connection.begin()
                yield connection
                stack.pop_all()  # else closing the connection rolls back
            self._commit_thread.commit(connection, transaction)
        except DBAPIError as error:
            raise self._explain(error) from error

    def wait_for_commit(self) -> None:
        """Wait until the commit in the background has been stored.

        Raises:
            StoreError: If it could not be stored; then nothing of it is.
        """
        try:
            self._commit_thread.wait()
        except DBAPIError as error:
            raise self._explain(error) from error

    @contextmanager
    def dry_run(self) -> Iterator[Connection]:
        """A transaction that is always rolled back: what would have happened."""
        self.wait_for_commit()
        try:
            with self.engine.connect() as connection:
                transaction = connection.begin()
                try:
                    yield connection
                finally:
                    transaction.rollback()
        except DBAPIError as error:
            raise self._explain(error) from error

    def _explain(self, error: DBAPIError) -> Exception:
        is_server = self.engine.dialect.name == "postgresql"
        return explain_error(error, self.display_url, is_server=is_server)

    def table_names(self) -> list[str]:
        """The names of the tables in the database."""
        return sorted(inspect(self.engine).get_table_names())

    def close(self) -> None:
        """Close the database."""
        self._commit_thread.close()
        self.engine.dispose()


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, str]]
) -> None:
    """Insert many rows at once, in the fastest way that the database has.

    Args:
        connection: A transaction of the store.
        table: The table.
        rows: Column -> text; all rows have the same columns.
    """
    if not rows:
        return
    if not connection.dialect.positional:
        connection.execute(insert(table), [dict(row) for row in rows])
        return
    # A return brings some two hundred rows: to fit each to the statement anew would
    # take longer than to store it.
    statement, names = _insert_statement(table, tuple(rows[0]), connection.dialect)
    values = itemgetter(*names)
    connection.exec_driver_sql(statement, [values(row) for row in rows])


@lru_cache(maxsize=64)
def _insert_statement(
    table: Table, columns: tuple[str, ...], dialect: Dialect
) -> tuple[str, tuple[str, ...]]:
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), tuple(compiled.positiontup or ())
