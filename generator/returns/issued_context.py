"""What the school knows of itself, to lay beside a file that came back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select

from generator.store import schema
from udfs.text import tidy

_from_json = json.JSONDecoder().decode
_ROWS = schema.issued_rows.c
_ISSUED = (
    select(
        _ROWS.issue_id,
        _ROWS.subject,
        _ROWS.adno,
        _ROWS.target,
        _ROWS.locked,
        _ROWS.stamped,
    )
    .where(_ROWS.issue_id.in_(bindparam("ids", expanding=True)))
    .order_by(_ROWS.issue_id, _ROWS.subject, _ROWS.adno)
)


@dataclass(frozen=True, slots=True)
class Person:
    """A pupil, as far as telling pupils apart goes.

    Args:
        adno: The admission number.
        surname: As in the MIS.
        forename: As in the MIS.
        left: The first day no longer on roll, or empty.
    """

    adno: str
    surname: str
    forename: str
    left: str = ""

    @property
    def name(self) -> str:
        """For a message: `Tunde Adeyemi`."""
        return f"{self.forename} {self.surname}".strip()


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a class's markbook.

    Args:
        issue_id: Its id.
        academic_year: The year it belongs to.
        collection: The collection's code.
        class_code: The class.
        file: Where it was written, below the school folder.
        issued_at: When.
        layout: JSON of the sheets as they were written.
    """

    issue_id: str
    academic_year: str
    collection: str
    class_code: str
    file: str
    issued_at: str
    layout: str = ""

    def written(self, subject: str) -> Mapping[str, str]:
        """How the sheet of a subject was written: its scale and style; or empty."""
        for sheet in json.loads(self.layout or "{}").get("sheets", ()):
            if sheet.get("subject") == subject:
                return {
                    name: str(sheet[name])
                    for name in ("scale", "style")
                    if name in sheet
                }
        return {}


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """What one pupil's row held when it was issued.

    Args:
        target: The expected target, or None.
        locked: Heading -> text of the locked cells.
        stamped: Field -> value that the entry cells were filled with.
    """

    target: str | None
    locked: Mapping[str, str]
    stamped: Mapping[str, str]


@dataclass(slots=True)
class Register:
    """The pupils, who is in which class, and what was issued.

    Args:
        people: Every pupil the store knows, by admission number.
        members: Class -> the admission numbers in it now.
        subjects: Class -> the name of its subject.
        issues: Every issue, by id.
        rows: Issue id -> (subject, admission number) -> the row as issued; filled
            in by `fetch` for the issues that came back.
    """

    people: dict[str, Person] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    rows: dict[str, dict[tuple[str, str], IssuedRow]] = field(default_factory=dict)
    _bare: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, connection: Connection, academic_year: str) -> Register:
        """Read the roll of a year and the ledger of all.

        Args:
            connection: A transaction of the store.
            academic_year: Whose classes and memberships.
        """
        register = cls()
        pupils = schema.pupils.c
        query = select(pupils.adno, pupils.surname, pupils.forename, pupils.left)
        for adno, surname, forename, left in connection.execute(query).all():
            register.add(Person(adno, surname, forename, left or ""))
        members = schema.memberships.c
        found: dict[str, set[str]] = defaultdict(set)
        for code, adno in connection.execute(
            select(members["class"], members.adno).where(
                members.academic_year == academic_year, members.until == ""
            )
        ):
            found[code].add(adno)
        register.members = dict(found)
        classes = schema.classes.c
        for code, subject in connection.execute(
            select(classes["class"], classes.subject).where(
                classes.academic_year == academic_year
            )
        ):
            register.subjects[code] = subject
        issues = schema.issues.c
        for row in connection.execute(
            select(
                issues.issue_id,
                issues.academic_year,
                issues.collection,
                issues["class"],
                issues.file,
                issues.issued_at,
                issues.layout,
            )
        ):
            register.issues[row[0]] = Issue(*row)
        return register

    def add(self, person: Person) -> None:
        """Enter a pupil."""
        self.people[person.adno] = person
        self._bare.setdefault(bare(person.adno), []).append(person.adno)

    def fetch(self, connection: Connection, issue_ids: Iterable[str]) -> None:
        """Read the rows of issues, each once."""
        wanted = {one for one in issue_ids if one in self.issues} - set(self.rows)
        for issue_id in wanted:
            self.rows[issue_id] = {}
        if not wanted:
            return
        found = connection.execute(_ISSUED, {"ids": sorted(wanted)})
        for issue_id, subject, adno, target, locked, stamped in found.all():
            self.rows[issue_id][subject, adno] = IssuedRow(
                target, _from_json(locked or "{}"), _from_json(stamped or "{}")
            )

    def match(self, adno: str) -> tuple[str | None, bool]:
        """The pupil an admission number names (rule 8).

        Args:
            adno: As it stands in a file, tidied.

        Returns:
            The admission number as the MIS has it, or None where no pupil, or more
            than one, fits; and whether it fits only without leading zeros.
        """
        if adno in self.people:
            return adno, False
        fits = self.fitting(adno)
        if len(fits) == 1:
            return fits[0].adno, True
        return None, False

    def fitting(self, adno: str) -> list[Person]:
        """The pupils whom an admission number fits without leading zeros."""
        fits = self._bare.get(bare(adno), []) if adno else []
        return [self.people[fit] for fit in fits]

    def classes_of(self, adno: str) -> list[str]:
        """The classes a pupil is in now, in order."""
        return sorted(code for code, pupils in self.members.items() if adno in pupils)

    def like(self, surname: str, forename: str, *, first: str = "") -> list[Person]:
        """Pupils whom a name may mean: suggestions for a person, never a match.

        Args:
            surname: As written.
            forename: As written; its first letter must fit where there is one.
            first: A class whose pupils come first.
        """
        wanted, initial = tidy(surname).casefold(), tidy(forename).casefold()[:1]
        if not wanted:
            return []
        found = [
            person
            for person in self.people.values()
            if tidy(person.surname).casefold() == wanted
            and tidy(person.forename).casefold().startswith(initial)
            and not person.left
        ]
        here = self.members.get(first, set())
        found.sort(key=lambda person: (person.adno not in here, person.adno))
        return found[:3]


def bare(adno: str) -> str:
    """An admission number without leading zeros.

    >>> bare("004001"), bare("000")
    ('4001', '')
    """
    return adno.lstrip("0")
