"""The school that the server works on, and the moment and user of each request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

import xlwings

from addin.actions import ActionRequest
from generator.school.school import School
from udfs.errors import MarkbookError


@dataclass
class ServerSession:
    """One school, served on this machine.

    Args:
        school: The school; None until it is opened.
        who: The user, for the record.
        today: Run everything as on this day; None: the real day.
    """

    school: School | None = None
    who: str = "unknown"
    today: date | None = None
    _busy: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def open(self, school: School, *, who: str, today: date | None) -> None:
        """Set the school, the user and the day."""
        self.school, self.who, self.today = school, who, today

    def now(self) -> datetime:
        """The moment, on `today` if that is set."""
        moment = datetime.now().replace(microsecond=0)
        return datetime.combine(self.today, moment.time()) if self.today else moment

    def current_school(self) -> School:
        """Load the school with its present settings.

        Raises:
            MarkbookError: If no school is open, or its settings cannot be read.
        """
        if self.school is None:
            raise MarkbookError("No school is open.", "Run `markbook addin serve`.")
        return School.load(self.school.folder)

    def action_request(self, book: xlwings.Book) -> ActionRequest:
        """The request for a button that was pressed now, on a workbook."""
        folder = self.school.folder if self.school else None
        return ActionRequest(book=book, now=self.now(), who=self.who, folder=folder)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Check or merge alone.

        Raises:
            MarkbookError: If another request is checking or merging.
        """
        if not self._busy.acquire(blocking=False):
            raise MarkbookError(
                "Somebody else is checking or merging at this moment.",
                "Try again in a minute.",
            )
        try:
            yield
        finally:
            self._busy.release()


SESSION = ServerSession()
