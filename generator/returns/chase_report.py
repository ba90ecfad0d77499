"""The list of whom to remind of what, as people and programs read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from generator.problems import Problem
from generator.school.school import Collection

NOT_RETURNED = "not returned"
NOT_FINISHED = "not finished"


@dataclass(frozen=True, slots=True)
class ChaseRow:
    """One class that something is wanted of, and one person to ask for it.

    A class with two teachers has a row for each of them.

    Args:
        code: The person's staff code, or empty where there is nobody to ask.
        name: The person's name, or the code where the staff list has none.
        email: The person's e-mail address, or empty.
        stands_in: Whether this is the head of department, asked because the class
            has no teacher.
        others: The class's other teachers, by name.
        class_code: The class.
        subject: Its subject.
        state: `not returned` or `not finished`.
        pupils: How many pupils on roll are concerned: all of the class where it has
            not returned, those with a blank where it is not finished.
        of_pupils: How many pupils of the class are on roll.
        blanks: Field -> pupils for whom it is blank; empty where nothing returned.
        due: The day the collection closes.
        days_over: Days since then; 0 where it has not closed.
        heads: The heads of the department, by name.
        sentence: What to write to this person about this class.
    """

    code: str
    name: str
    email: str
    stands_in: bool
    others: tuple[str, ...]
    class_code: str
    subject: str
    state: str
    pupils: int
    of_pupils: int
    blanks: Mapping[str, int]
    due: date
    days_over: int
    heads: tuple[str, ...]
    sentence: str

    def json(self) -> dict[str, Any]:
        """The row as other programs read it."""
        return {
            "teacher": self.code,
            "name": self.name,
            "email": self.email,
            "stands_in": self.stands_in,
            "others": list(self.others),
            "class": self.class_code,
            "subject": self.subject,
            "state": self.state,
            "pupils": self.pupils,
            "of_pupils": self.of_pupils,
            "blanks": dict(self.blanks),
            "due": self.due.isoformat(),
            "days_over": self.days_over,
            "heads_of_department": list(self.heads),
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class ChaseReport:
    """Who is asked for what in a collection.

    Args:
        collection: The collection.
        rows: One per class and person to ask, by person and class.
        issued: How many classes were issued and have pupils on roll.
        returned: How many of them have returned.
        late: Class -> the day on which it came back, where that was after the end.
        problems: Classes with nobody to ask.
    """

    collection: Collection
    rows: tuple[ChaseRow, ...]
    issued: int
    returned: int
    late: Mapping[str, str]
    problems: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 where anything is outstanding, else 0."""
        return int(bool(self.rows))

    def classes(self, state: str) -> list[str]:
        """The classes in a state, each once."""
        return sorted({row.class_code for row in self.rows if row.state == state})

    def json(self) -> dict[str, Any]:
        """The report as other programs read it."""
        return {
            "collection": self.collection.code,
            "issued": self.issued,
            "returned": self.returned,
            "not_returned": self.classes(NOT_RETURNED),
            "not_finished": self.classes(NOT_FINISHED),
            "late": dict(self.late),
            "rows": [row.json() for row in self.rows],
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """The report as a person reads it: one line a teacher."""
        if not self.issued:
            code = self.collection.code
            return [
                f"No markbook of {self.collection.title} has been issued yet: "
                f"markbook issue {code}."
            ]
        closed = any(row.days_over for row in self.rows)
        when = "closed" if closed else "closes"
        made = [
            f"{self.collection.title}, {when} {day_text(self.collection.closes)}: "
            f"{self.returned} of {self.issued} classes have returned."
        ]
        by_person: dict[str, list[ChaseRow]] = {}
        for row in self.rows:
            by_person.setdefault(row.code, []).append(row)
        for code, rows in by_person.items():
            first = rows[0]
            who = f"{first.name} ({code})" if code else first.name
            heads = tuple(dict.fromkeys(h for row in rows for h in row.heads))
            heads = tuple(head for head in heads if head != first.name)
            beside = f" [{', '.join(heads)}]" if heads else ""
            made.append(f"{who}{beside}: {'; '.join(_short(row) for row in rows)}.")
        if self.late:
            made.append(f"Returned after the end: {', '.join(sorted(self.late))}.")
        if not self.rows:
            made.append("Nobody is outstanding.")
        return made


def _short(row: ChaseRow) -> str:
    if row.state == NOT_RETURNED:
        what = f"{row.class_code} not returned ({count_text(row.pupils, 'pupil')})"
    else:
        what = (
            f"{row.class_code} not finished "
            f"({row.pupils} of {count_text(row.of_pupils, 'pupil')})"
        )
    if row.stands_in:
        what += ", which has no teacher"
    return what + (f", with {', '.join(row.others)}" if row.others else "")


def day_text(day: date) -> str:
    """A day as one says it: `Friday 23 October`."""
    return f"{day:%A} {day.day} {day:%B}"


def count_text(number: int, noun: str) -> str:
    """A number of things: `1 pupil`, `2 pupils`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
