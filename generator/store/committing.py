"""A commit that the disk is busy with, while its caller goes on with something else."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from sqlalchemy import Connection
from sqlalchemy.engine import Transaction


class Committing:
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
