"""What the store holds to check a return against: issues, rows and pupils."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select

from generator.markbook.layout import ENTRY_HEADINGS
from generator.store import schema
from generator.store.class_aliases import class_aliases
from generator.store.owner import former_school_ids
from generator.store.store_facts import read_facts
from udfs.text import tidy

# The headings of layout `markbook-1`, whose descriptions name keys only. Markbooks of
# it are with teachers: this table never changes.
MARKBOOK_1_HEADINGS: Mapping[str, str] = {
    "adno": "Adno",
    "surname": "Surname",
    "forename": "Forename",
    "reg": "Reg",
    "prior": "Prior",
    "target": "Target",
    "aspirational": "Aspirational",
    "working_at": "Working at",
    "prediction": "Prediction",
    "flag": "Flag",
    "check": "Check",
    "reason": "Reason",
    "effort": "Effort",
    "praise": "Praise",
    "comment": "Comment",
    "target_query": "Target query",
    "notes": "Your notes",
}
_from_json = json.JSONDecoder().decode
_ROW_COLUMNS = schema.issued_rows.c
_ISSUED_ROWS_QUERY = (
    select(
        _ROW_COLUMNS.issue_id,
        _ROW_COLUMNS.subject,
        _ROW_COLUMNS.adno,
        _ROW_COLUMNS.target,
        _ROW_COLUMNS.locked,
        _ROW_COLUMNS.stamped,
    )
    .where(_ROW_COLUMNS.issue_id.in_(bindparam("ids", expanding=True)))
    .order_by(_ROW_COLUMNS.issue_id, _ROW_COLUMNS.subject, _ROW_COLUMNS.adno)
)


@dataclass(frozen=True, slots=True)
class KnownPupil:
    """A pupil, with what identifies the pupil in a return.

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
class SheetLayout:
    """The layout of an entry sheet as issued, whatever the program writes now.

    Args:
        headings: Column key -> heading.
        scale: The scale of the sheet's grades; empty where it is not described.
        style: `grade` or `judgement`; empty where it is not described.
    """

    headings: Mapping[str, str] = field(default_factory=lambda: MARKBOOK_1_HEADINGS)
    scale: str = ""
    style: str = ""

    @classmethod
    def from_description(cls, sheet: Mapping[str, Any]) -> SheetLayout:
        """Read a sheet's entry in `issues.layout`.

        >>> sheet = {"columns": ["prediction"], "headings": ["Forecast"]}
        >>> SheetLayout.from_description(sheet).heading("prediction")
        'Forecast'
        """
        described = zip(
            sheet.get("columns", ()), sheet.get("headings", ()), strict=False
        )
        return cls(
            {**MARKBOOK_1_HEADINGS, **dict(described)},
            str(sheet.get("scale", "")),
            str(sheet.get("style", "")),
        )

    def heading(self, key: str) -> str:
        """The heading of a column.

        >>> layout = SheetLayout()
        >>> layout.heading("target_query"), layout.heading("group:PP")
        ('Target query', 'PP')
        """
        return self.headings.get(key) or key.partition(":")[2] or key

    def entry_headings(self) -> dict[str, str]:
        """Field -> heading of every field that a teacher can fill in."""
        return {field: self.heading(field) for field in ENTRY_HEADINGS}


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """One issue of a class's markbook.

    Args:
        issue_id: Its id.
        academic_year: The year it belongs to.
        collection: The collection's code.
        class_code: The class.
        file: Where it was written, below the school folder.
        issued_at: When.
        layout: JSON description of the sheets as issued.
    """

    issue_id: str
    academic_year: str
    collection: str
    class_code: str
    file: str
    issued_at: str
    layout: str = ""

    def sheet_layout(self, subject: str) -> SheetLayout:
        """The layout that the sheet of a subject was issued with."""
        for sheet in json.loads(self.layout or "{}").get("sheets", ()):
            if sheet.get("subject") == subject:
                return SheetLayout.from_description(sheet)
        return SheetLayout()


@dataclass(frozen=True, slots=True)
class IssuedPupilRow:
    """One pupil's row as issued.

    Args:
        target: The expected target, or None.
        locked: Heading -> text of the locked cells.
        prefilled: Field -> value that the entry cells were issued with.
    """

    target: str | None
    locked: Mapping[str, str]
    prefilled: Mapping[str, str]


@dataclass(slots=True)
class IssuedContext:
    """The pupils, their classes, and the issues.

    Args:
        pupils: Every pupil in the store, by admission number.
        members: Class -> the admission numbers in it now.
        subjects: Class -> the name of its subject.
        issues: Every issue, by id.
        former_school_ids: Ids that the school had before it was renamed.
        aliases: Earlier code of a class -> its present code.
        rows: Issue id -> (subject, admission number) -> the row as issued; loaded
            by `load_rows` for the issues that came back.
    """

    pupils: dict[str, KnownPupil] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)
    issues: dict[str, IssueRecord] = field(default_factory=dict)
    rows: dict[str, dict[tuple[str, str], IssuedPupilRow]] = field(default_factory=dict)
    former_school_ids: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    _without_zeros: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, connection: Connection, academic_year: str) -> IssuedContext:
        """Load the pupils, the classes of a year, and all issues.

        Args:
            connection: A transaction of the store.
            academic_year: The year of the classes and memberships.
        """
        facts = read_facts(connection)
        issued = cls(former_school_ids=tuple(former_school_ids(facts)))
        pupils = schema.pupils.c
        query = select(pupils.adno, pupils.surname, pupils.forename, pupils.left)
        for adno, surname, forename, left in connection.execute(query).all():
            issued.add_pupil(KnownPupil(adno, surname, forename, left or ""))
        members = schema.memberships.c
        members_by_class: dict[str, set[str]] = defaultdict(set)
        for code, adno in connection.execute(
            select(members["class"], members.adno).where(
                members.academic_year == academic_year, members.until == ""
            )
        ):
            members_by_class[code].add(adno)
        issued.members = dict(members_by_class)
        classes = schema.classes.c
        for code, subject in connection.execute(
            select(classes["class"], classes.subject).where(
                classes.academic_year == academic_year
            )
        ):
            issued.subjects[code] = subject
        issued.aliases = class_aliases(connection, academic_year)
        for alias, code in issued.aliases.items():
            issued.members[alias] = issued.members.get(code, set())
            issued.subjects.setdefault(alias, issued.subjects.get(code, ""))
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
            issued.issues[row[0]] = IssueRecord(*row)
        return issued

    def add_pupil(self, pupil: KnownPupil) -> None:
        """Add a pupil."""
        self.pupils[pupil.adno] = pupil
        self._without_zeros.setdefault(strip_zeros(pupil.adno), []).append(pupil.adno)

    def load_rows(self, connection: Connection, issue_ids: Iterable[str]) -> None:
        """Load the rows of issues, each once."""
        missing = set(issue_ids) & set(self.issues) - set(self.rows)
        for issue_id in missing:
            self.rows[issue_id] = {}
        if not missing:
            return
        result = connection.execute(_ISSUED_ROWS_QUERY, {"ids": sorted(missing)})
        for issue_id, subject, adno, target, locked, stamped in result.all():
            self.rows[issue_id][subject, adno] = IssuedPupilRow(
                target, _from_json(locked or "{}"), _from_json(stamped or "{}")
            )

    def match_adno(self, adno: str) -> tuple[str | None, bool]:
        """Match an admission number to a pupil (rule 8).

        Args:
            adno: The number in a file, tidied.

        Returns:
            The admission number in the MIS, or None where no pupil, or more than
            one, matches; and whether it matches only without leading zeros.
        """
        if adno in self.pupils:
            return adno, False
        fits = self.pupils_without_zeros(adno)
        if len(fits) == 1:
            return fits[0].adno, True
        return None, False

    def pupils_without_zeros(self, adno: str) -> list[KnownPupil]:
        """The pupils that an admission number matches without leading zeros."""
        matches = self._without_zeros.get(strip_zeros(adno), []) if adno else []
        return [self.pupils[match] for match in matches]

    def classes_of(self, adno: str) -> list[str]:
        """The present classes of a pupil, in order."""
        return sorted(
            code
            for code, pupils in self.members.items()
            if adno in pupils and code not in self.aliases
        )

    def suggest_pupils(
        self, surname: str, forename: str, *, first_class: str = ""
    ) -> list[KnownPupil]:
        """Suggest pupils with a similar name; never a match in itself.

        Args:
            surname: The surname in the row.
            forename: The forename in the row; its first letter must match where
                there is one.
            first_class: A class whose pupils come first.
        """
        family_name, initial = tidy(surname).casefold(), tidy(forename).casefold()[:1]
        if not family_name:
            return []
        matches = [
            pupil
            for pupil in self.pupils.values()
            if tidy(pupil.surname).casefold() == family_name
            and tidy(pupil.forename).casefold().startswith(initial)
            and not pupil.left
        ]
        class_members = self.members.get(first_class, set())
        matches.sort(key=lambda pupil: (pupil.adno not in class_members, pupil.adno))
        return matches[:3]


def strip_zeros(adno: str) -> str:
    """An admission number without leading zeros.

    >>> strip_zeros("004001"), strip_zeros("000")
    ('4001', '')
    """
    return adno.lstrip("0")
