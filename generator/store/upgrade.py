"""Bring a store to the newest version, or say why that cannot be done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect

from generator.files import free_path
from generator.store.copy_store import copy_aside
from generator.store.migrate import migrate, revisions
from generator.store.schema import NEWEST
from generator.store.store_errors import StoreError, damaged
from generator.store.store_facts import LAST_SEEN, VERSION, read_facts, write_facts

if TYPE_CHECKING:
    from generator.store.engine import Store

BACKUPS = "backups"  # the folder of copies, in the school folder
_VERSION_TABLE = "alembic_version"


def refuse_to_begin_anew(folder: Path, store_name: str) -> None:
    """Check that nothing in a school folder shows that a store was there before.

    Args:
        folder: The school folder.
        store_name: The store's address without its password.

    Raises:
        StoreError: If markbooks were issued or returns archived from here.
    """
    issued = sum(1 for _ in (folder / "issued").rglob("*.xlsx"))
    kept = sum(1 for _ in (folder / "kept").glob("*.xlsx"))
    seen = (folder / LAST_SEEN).exists()
    if not (issued or kept or seen):
        return
    there = " and ".join(
        text
        for number, text in (
            (issued, f"{issued} markbooks in issued/"),
            (kept, f"{kept} returns in kept/"),
            (seen and not issued and not kept, f"entries of it in {LAST_SEEN}"),
        )
        if number
    )
    raise StoreError(
        f"The store {store_name} is missing or empty, but there are {there}.",
        "It is not begun anew. Put the store back: the file itself, or markbook "
        "restore ARCHIVE --school EMPTYDIR; look also in backups/. To begin again "
        f"without its marks, move issued/, kept/ and {LAST_SEEN} away first.",
    )


def upgrade(store: Store, folder: Path) -> None:
    """Create or migrate the tables of a store, where that is needed.

    Before a migration the store is copied to `backups/` in the school folder.

    Args:
        store: The store.
        folder: The school folder.

    Raises:
        StoreError: If the store is newer than this program, another program's,
            damaged, or missing where it should not be.
    """
    with store.begin() as connection:
        before = _revision(connection, store.display_url)
        if before == NEWEST:
            return
        if before is None:
            refuse_to_begin_anew(folder, store.display_url)
    if before is not None:
        if before not in revisions():
            raise _newer(store)
        name = f"markbooks-before-{NEWEST}.sqlite"
        copy_aside(store, free_path(folder / BACKUPS / name), revision=before)
    with store.begin() as connection:
        migrate(connection)
        write_facts(connection, {VERSION: program_version()})


def _revision(connection: Connection, store_name: str) -> str | None:
    """The migration that a database is at; None for an empty one.

    Raises:
        StoreError: If it holds something else than a store.
    """
    inspector = inspect(connection)
    if not inspector.has_table(_VERSION_TABLE):
        names = inspector.get_table_names()
        if names:
            raise StoreError(
                f"The database {store_name} is of another program: it has the tables "
                f"{_some(names)}.",
                "Make an empty database for the school, and name it in school.toml.",
            )
        return None
    query = f"SELECT version_num FROM {_VERSION_TABLE}"
    versions: Sequence[Any] = connection.exec_driver_sql(query).scalars().all()
    if len(versions) != 1:
        raise damaged(store_name, "it does not say which version it is of")
    return str(versions[0])


def _some(names: Sequence[str]) -> str:
    more = len(names) - 3
    return ", ".join(sorted(names)[:3]) + (f" and {more} more" if more > 0 else "")


def _newer(store: Store) -> StoreError:
    with store.begin() as connection:
        version = read_facts(connection).get(VERSION, "")
    this = program_version()
    return StoreError(
        f"The store {store.display_url} was made by a newer Markbooks"
        f"{f' ({version})' if version else ''}; this is {this}.",
        "Install that version (or a later one) here too, then run the command again.",
    )


def program_version() -> str:
    """The version of this program; `unknown` where it was never installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("markbook")
    except PackageNotFoundError:
        return "unknown"
