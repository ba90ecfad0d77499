"""Opening the store: one transaction at a time, made current, safe on a share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from threading import Event
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
from sqlalchemy.engine import Transaction, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    OperationalError,
)

from generator.store.schema import NEWEST
from udfs.errors import MarkbookError

BUSY_SECONDS = 30
CACHE_KIB = 64 * 1024
ONE_AT_A_TIME = 0x6D61726B  # any number that no other program on the server takes


class StoreError(MarkbookError):
    """The store cannot be opened or is held by somebody else."""


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's
    cursor = connection.cursor()
    # Not WAL: it needs shared memory, so it is unsafe on the network shares that
    # schools keep such folders on.
    cursor.execute("PRAGMA journal_mode=DELETE")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # A whole school's store fits: what one transaction read the next need not.
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that reads first is refused when it comes to write.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_alone(connection: Connection) -> None:
    # As in SQLite: a merge reads, compares and writes, and nobody else in between.
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")


class Store:
    """A school's store, up to date and ready for transactions."""

    def __init__(self, engine: Engine, shown: str) -> None:
        self.engine = engine
        self.shown = shown
        self._committing = CommitThread()

    @classmethod
    def open(cls, folder: Path, database: str) -> Store:
        """Open (and where need be make or bring up to date) a school's store.

        Args:
            folder: The school folder; a relative SQLite path starts there.
            database: An SQLAlchemy URL, as in `school.toml`.

        Raises:
            StoreError: If there is no such database or no driver for it.
        """
        try:
            url = make_url(database)
        except ArgumentError:
            raise StoreError(
                f"`database` in school.toml is not a database address: {database!r}.",
                'Write for example "sqlite:///markbooks.sqlite".',
            ) from None
        if url.get_backend_name() == "sqlite" and url.database:
            url = url.set(database=str(folder / url.database))
        try:
            engine = create_engine(url)
        except (NoSuchModuleError, ModuleNotFoundError):
            raise StoreError(
                f"No driver for the database {url.get_backend_name()!r} is installed.",
                "Install it with: pip install 'markbook[postgres]'.",
            ) from None
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _sqlite_pragmas)
            event.listen(engine, "begin", _begin_immediate)
        elif url.get_backend_name() == "postgresql":
            event.listen(engine, "begin", _begin_alone)
        store = cls(engine, url.render_as_string(hide_password=True))
        try:
            store._sorts_as_bytes()
            store._upgrade()
        except StoreError:
            store.close()
            raise
        return store

    def _sorts_as_bytes(self) -> None:
        """The same rows in the same order, whichever database they come from.

        Raises:
            StoreError: If the database sorts text as some language does.
        """
        if self.engine.dialect.name != "postgresql":
            return
        with self.begin() as connection:
            sorts = connection.exec_driver_sql(
                "SELECT 'B' < 'a' AND 'a b' < 'aa' AND 'z' < 'é'"
            ).scalar_one()
        if not sorts:
            raise StoreError(
                f"The database {self.shown} sorts text by the rules of a language.",
                "Make one that does not: createdb --template=template0 --locale=C "
                "--encoding=UTF8 NAME; then name it in school.toml.",
            )

    def _upgrade(self) -> None:
        with self.begin() as connection:
            if inspect(connection).has_table("alembic_version"):
                made_by = "SELECT version_num FROM alembic_version"
                found = connection.exec_driver_sql(made_by).scalars().all()
                if found == [NEWEST]:
                    return
        # Loaded only now: nearly always the store is as it should be.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "generator:store/migrations")
        config.set_main_option("path_separator", "os")
        with self.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: all of it is stored, or nothing is."""
        self.settle()
        try:
            with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise self._explained(error) from error

    @contextmanager
    def begin_ahead(self) -> Iterator[Connection]:
        """The same, but at its end the disk is not waited for.

        It is stored when `settle` comes back; the next transaction waits for that.
        """
        self.settle()
        try:
            with ExitStack() as stack:
                connection = stack.enter_context(self.engine.connect())
                transaction = connection.begin()
                yield connection
                stack.pop_all()  # or it is closed, and so takes everything back
            self._committing.hand_over(connection, transaction)
        except DBAPIError as error:
            raise self._explained(error) from error

    def settle(self) -> None:
        """Wait until what was begun ahead is stored.

        Raises:
            StoreError: If it could not be; then nothing of it is.
        """
        try:
            self._committing.settle()
        except DBAPIError as error:
            raise self._explained(error) from error

    @contextmanager
    def rehearse(self) -> Iterator[Connection]:
        """A transaction that is always taken back: what would have happened."""
        self.settle()
        try:
            with self.engine.connect() as connection:
                transaction = connection.begin()
                try:
                    yield connection
                finally:
                    transaction.rollback()
        except DBAPIError as error:
            raise self._explained(error) from error

    def _explained(self, error: DBAPIError) -> Exception:
        cause = str(error.orig).splitlines()[0] if error.orig else str(error)
        if "locked" in cause or "busy" in cause or "lock timeout" in cause:
            return StoreError(
                f"The store {self.shown} is in use by another Markbooks.",
                "Wait until that has finished, then try again.",
            )
        if "readonly" in cause or "unable to open" in cause or "disk" in cause:
            return StoreError(
                f"The store {self.shown} cannot be written ({cause}).",
                "Check that the folder exists, is writable and has room.",
            )
        if "not a database" in cause or "malformed" in cause:
            return StoreError(
                f"The store {self.shown} is damaged or not a store ({cause}).",
                "Put back the last good copy of it.",
            )
        served = self.engine.dialect.name == "postgresql"
        if served and isinstance(error, OperationalError):  # none, no way in, or gone
            return StoreError(
                f"The store {self.shown} does not answer ({cause}).",
                "Check `database` in school.toml (address, name, password) and that "
                "its server runs. What was not acknowledged is not stored: run the "
                "command again.",
            )
        return error

    def tables(self) -> list[str]:
        """The names of the tables there are, for `doctor` and tests."""
        return sorted(inspect(self.engine).get_table_names())

    def close(self) -> None:
        """Let go of the database file."""
        self._committing.close()
        self.engine.dispose()


class CommitThread:
    """At most one commit under way; whoever wants the store next waits for it."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._under_way: Future[None] | None = None

    def hand_over(self, connection: Connection, transaction: Transaction) -> None:
        """Commit a transaction and close its connection, behind the caller's back.

        Args:
            connection: With nothing else to do.
            transaction: The one that is open on it.
        """
        self._thread = self._thread or ThreadPoolExecutor(1, "commit")
        begun = Event()
        self._under_way = self._thread.submit(_commit, connection, transaction, begun)
        # Else the caller's next work would keep the thread from even starting.
        begun.wait()

    def settle(self) -> None:
        """Wait until what was handed over is on the disk.

        Raises:
            DBAPIError: If it could not be stored; then none of it is.
        """
        under_way, self._under_way = self._under_way, None
        if under_way:
            under_way.result()

    def close(self) -> None:
        """Wait for the last commit, whatever becomes of it, and end."""
        if self._thread:
            self._thread.shutdown(wait=True)
            self._thread = None


def _commit(connection: Connection, transaction: Transaction, begun: Event) -> None:
    with connection, transaction:  # committed at its end, or taken back
        begun.set()


def insert_rows(
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
    sentence, names = _insert_statement(table, tuple(rows[0]), connection.dialect)
    values = itemgetter(*names)
    connection.exec_driver_sql(sentence, [values(row) for row in rows])


@lru_cache(maxsize=64)
def _insert_statement(
    table: Table, columns: tuple[str, ...], dialect: Dialect
) -> tuple[str, tuple[str, ...]]:
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), tuple(compiled.positiontup or ())
