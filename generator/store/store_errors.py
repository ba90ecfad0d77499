"""What a database's errors mean, in a sentence, with what to do."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from udfs.errors import MarkbookError

_PUT_BACK = (
    "Put back your last good copy: markbook restore ARCHIVE --school EMPTYDIR, or a "
    "copy of the file."
)
# SQLite's result codes, and words of messages that come without one.
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNWRITABLE = {
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM,
}  # fmt: skip
_BUSY_WORDS = ("locked", "busy", "lock timeout")
_DAMAGED_WORDS = ("malformed", "not a database", "decode to UTF-8")
_UNWRITABLE_WORDS = ("readonly", "unable to open", "disk")
_GONE_WORDS = ("no such table", "no such column", "no column named", "does not exist")


class StoreError(MarkbookError):
    """The store cannot be used, and nothing of this run's is lost in it."""


class DamagedStore(StoreError):
    """The store's file is damaged, or is no store."""


def explain_error(error: DBAPIError, store_name: str, *, is_server: bool) -> Exception:
    """A database's error as a sentence; the error itself if it is a fault of ours.

    Args:
        error: What the database raised.
        store_name: The store's address without its password.
        is_server: Whether it is on a server.
    """
    cause = str(error.orig).splitlines()[0] if error.orig else str(error)
    code = getattr(error.orig, "sqlite_errorcode", None)
    code = None if code is None else code & 0xFF

    def is_kind(codes: set[int], words: tuple[str, ...]) -> bool:
        return code in codes or (
            code in (None, sqlite3.SQLITE_ERROR)
            and any(word in cause for word in words)
        )

    if is_kind(_BUSY, _BUSY_WORDS):
        return StoreError(
            f"The store {store_name} is in use by another Markbooks or program.",
            "Wait until that has finished, then try again.",
        )
    if is_kind(_DAMAGED, _DAMAGED_WORDS):
        return damaged(store_name, cause)
    if is_kind(_UNWRITABLE, _UNWRITABLE_WORDS):
        return StoreError(
            f"The store {store_name} cannot be read or written ({cause}).",
            "Check that the folder or share is there, is writable and has room.",
        )
    if is_kind(set(), _GONE_WORDS) and not _is_unknown_database(cause):
        return damaged(store_name, cause)
    if is_server and isinstance(error, OperationalError | InterfaceError):
        return StoreError(
            f"The store {store_name} does not answer ({cause}).",
            "Check `database` in school.toml (address, name, password) and that "
            "its server runs. What was not acknowledged is not stored: run the "
            "command again.",
        )
    return error


def _is_unknown_database(cause: str) -> bool:
    return 'database "' in cause or 'role "' in cause


def damaged(store_name: str, cause: str) -> DamagedStore:
    """The error of a store that is damaged.

    Args:
        store_name: The store's address without its password.
        cause: What shows it.
    """
    return DamagedStore(
        f"The store {store_name} is damaged or not a store ({cause}).", _PUT_BACK
    )
