"""Whose school the server works on, and the moment of each thing asked of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

import xlwings

from addin.actions import Asked
from generator.school import School
from udfs.errors import MarkbookError


@dataclass
class Desk:
    """One school, served on this machine.

    Args:
        school: The school; None until it is opened.
        who: Who is served.
        today: Do everything as if it were this day; None: the day it is.
    """

    school: School | None = None
    who: str = "unknown"
    today: date | None = None
    _busy: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def open(self, school: School, *, who: str, today: date | None) -> None:
        """Begin with a school."""
        self.school, self.who, self.today = school, who, today

    def now(self) -> datetime:
        """The moment."""
        moment = datetime.now().replace(microsecond=0)
        return datetime.combine(self.today, moment.time()) if self.today else moment

    def here(self) -> School:
        """The school, with its settings as they are now.

        Raises:
            MarkbookError: If they cannot be read.
        """
        if self.school is None:
            raise MarkbookError("No school is open.", "Run `markbook addin serve`.")
        return School.load(self.school.folder)

    def asked(self, book: xlwings.Book) -> Asked:
        """A button that was pressed now, on a workbook."""
        folder = self.school.folder if self.school else None
        return Asked(book=book, now=self.now(), who=self.who, folder=folder)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else merges meanwhile.

        Raises:
            MarkbookError: If somebody does.
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


DESK = Desk()
