"""The dates of the demonstration, relative to the day on which it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# Half-terms: first (month, day), code, name.
HALF_TERMS: tuple[tuple[tuple[int, int], str, str], ...] = (
    ((1, 1), "SPR1", "Spring, first half"),
    ((2, 16), "SPR2", "Spring, second half"),
    ((4, 16), "SUM1", "Summer, first half"),
    ((6, 1), "SUM2", "Summer, second half"),
    ((9, 1), "AUT1", "Autumn, first half"),
    ((11, 1), "AUT2", "Autumn, second half"),
)
START = ("START", "Start of the year")


@dataclass(frozen=True, slots=True)
class Term:
    """The dates of a collection."""

    code: str
    name: str
    opens: date
    closes: date


@dataclass(frozen=True, slots=True)
class TermCalendar:
    """The two collections of the demonstration, and the moments between them.

    Args:
        previous: The collection that is over.
        current: The open collection; its returns are due tomorrow.
        now: The moment of the demonstration.
    """

    previous: Term
    current: Term
    now: datetime

    @classmethod
    def around(cls, now: datetime) -> TermCalendar:
        """Return the calendar around a moment.

        >>> calendar = TermCalendar.around(datetime(2026, 11, 22, 9, 30))
        >>> current = calendar.current
        >>> calendar.previous.code, current.code, str(current.closes)
        ('AUT1', 'AUT2', '2026-11-23')
        """
        today = now.date()
        place = max(
            n
            for n, (first, _, _) in enumerate(HALF_TERMS)
            if (today.month, today.day) >= first
        )
        _, code, name = HALF_TERMS[place]
        _, last_code, last_name = HALF_TERMS[place - 1]
        if code == "AUT1":  # the new year group has no collection in July
            last_code, last_name = START
        return cls(
            previous=_fortnight(last_code, last_name, today - timedelta(days=61)),
            current=_fortnight(code, name, today - timedelta(days=12)),
            now=now,
        )

    @property
    def first_import(self) -> datetime:
        """The first import, a few days before the previous collection."""
        return _at(self.previous.opens - timedelta(days=4), 10)

    @property
    def first_collect(self) -> datetime:
        """The evening of the previous collection's closing day."""
        return _at(self.previous.closes, 20)

    @property
    def late_collect(self) -> datetime:
        """Three days later, when late returns are in."""
        return _at(self.previous.closes + timedelta(days=3), 16)

    @property
    def second_import(self) -> datetime:
        """The second import, before the current collection."""
        return _at(self.current.opens - timedelta(days=2), 10)

    @property
    def early_collect(self) -> datetime:
        """The first reading of the current collection."""
        return _at(self.current.opens + timedelta(days=4), 16)

    def issue_moment(self, term: Term) -> datetime:
        """The moment of issue: the morning of a collection's first day."""
        return _at(term.opens, 8)


def _fortnight(code: str, name: str, opens: date) -> Term:
    return Term(code, name, opens, opens + timedelta(days=13))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 5))
