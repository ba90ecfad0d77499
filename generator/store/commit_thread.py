"""Commits in the background: the next work begins while the disk writes."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from sqlalchemy import Connection
from sqlalchemy.engine import Transaction


class CommitThread:
    """Commits in the background, at most one at a time."""

    def __init__(self) -> None:
        self._executor: ThreadPoolExecutor | None = None
        self._running: Future[None] | None = None

    def commit(self, connection: Connection, transaction: Transaction) -> None:
        """Commit a transaction and close its connection in the background.

        Args:
            connection: A connection that nobody uses any more.
            transaction: The transaction that is open on it.
        """
        self._executor = self._executor or ThreadPoolExecutor(1, "commit")
        begun = Event()
        self._running = self._executor.submit(_commit, connection, transaction, begun)
        # Else the caller's next work would keep the thread from even starting.
        begun.wait()

    def wait(self) -> None:
        """Wait until the last commit is on the disk.

        Raises:
            DBAPIError: If it could not be stored; then none of it is.
        """
        running, self._running = self._running, None
        if running:
            running.result()

    def close(self) -> None:
        """Wait for the last commit, successful or not, and stop the thread."""
        if self._executor:
            self._executor.shutdown(wait=True)
            self._executor = None


def _commit(connection: Connection, transaction: Transaction, begun: Event) -> None:
    with connection, transaction:  # commits at its end, or rolls back
        begun.set()
