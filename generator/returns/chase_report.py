"""The report of `chase`: whom to remind of which class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from generator.report import Report
from generator.school.school import Collection

NOT_RETURNED = "not returned"
NOT_FINISHED = "not finished"


@dataclass(frozen=True, slots=True)
class ChaseRow:
    """One class to remind one person of.

    A class with two teachers has a row for each of them.

    Args:
        code: The person's staff code, or empty if there is nobody to remind.
        name: The person's name, or the code if the staff list has none.
        email: The person's e-mail address, or empty.
        stands_in: Whether this is the head of department, because the class has no
            teacher.
        others: The class's other teachers, by name.
        class_code: The class.
        subject: Its subject.
        state: `not returned` or `not finished`.
        pupils: The number of its pupils on roll: all of them if it has not returned,
            those with a blank if it is not finished.
        of_pupils: The number of pupils of the class on roll.
        blanks: Field -> the number of pupils for whom it is blank; empty if the
            class has not returned.
        due: The day the collection closes.
        days_over: Days since then; 0 if it has not closed.
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
        """The row for other programs."""
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

    def line(self) -> str:
        """The class and what is missing, without the person."""
        if self.state == NOT_RETURNED:
            pupils = count_text(self.pupils, "pupil")
        else:
            pupils = f"{self.pupils} of {count_text(self.of_pupils, 'pupil')}"
        line = f"{self.class_code} {self.state} ({pupils})"
        if self.stands_in:
            line += ", which has no teacher"
        return line + (f", with {', '.join(self.others)}" if self.others else "")


@dataclass(frozen=True, slots=True)
class ChaseReport(Report):
    """Whom to remind in a collection.

    Args:
        collection: The collection.
        rows: One per class and person, by person and class.
        issued: The number of classes that were issued and have pupils on roll.
        returned: How many of them have returned.
        late: Class -> the day it returned, if that was after the collection closed.
    """

    collection: Collection
    rows: tuple[ChaseRow, ...]
    issued: int
    returned: int
    late: Mapping[str, str]

    @property
    def exit_status(self) -> int:
        """1 if a class is missing or not finished, else 0."""
        return int(bool(self.rows))

    def classes(self, state: str) -> list[str]:
        """The classes in a state, each once."""
        return sorted({row.class_code for row in self.rows if row.state == state})

    def json(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "collection": self.collection.code,
            "issued": self.issued,
            "returned": self.returned,
            "not_returned": self.classes(NOT_RETURNED),
            "not_finished": self.classes(NOT_FINISHED),
            "late": dict(self.late),
            "rows": [row.json() for row in self.rows],
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences, one for each person."""
        if not self.issued:
            code = self.collection.code
            return [
                f"No markbook of {self.collection.title} has been issued yet: "
                f"markbook issue {code}."
            ]
        closes = "closed" if any(row.days_over for row in self.rows) else "closes"
        lines = [
            f"{self.collection.title}, {closes} {day_text(self.collection.closes)}: "
            f"{self.returned} of {self.issued} classes have returned."
        ]
        by_person: dict[str, list[ChaseRow]] = {}
        for row in self.rows:
            by_person.setdefault(row.code, []).append(row)
        for code, rows in by_person.items():
            name = rows[0].name
            heads = dict.fromkeys(head for row in rows for head in row.heads)
            others = ", ".join(head for head in heads if head != name)
            lines.append(
                f"{name}{f' ({code})' if code else ''}"
                f"{f' [{others}]' if others else ''}: "
                f"{'; '.join(row.line() for row in rows)}."
            )
        if self.late:
            lines.append(f"Returned late: {', '.join(sorted(self.late))}.")
        if not self.rows:
            lines.append("Nobody is outstanding.")
        return lines


def day_text(day: date) -> str:
    """A day as one says it: `Friday 23 October`."""
    return f"{day:%A} {day.day} {day:%B}"


def count_text(number: int, noun: str) -> str:
    """A number of things: `1 pupil`, `2 pupils`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
