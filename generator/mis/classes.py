"""The classes of an import: subjects, years, teachers and memberships."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.mis import values
from generator.mis.export_tables import ExportRow, Exports
from generator.mis.problem_log import ProblemLog
from generator.mis.pupil_lists import ImportedPupils
from generator.mis.teacher_cells import teachers_of
from generator.mis.values import compare_key

_LEADING_YEAR = re.compile(r"(?:y(?:ea)?r? ?)?0?(1[0-4]|[7-9])(?![0-9])", re.I)


@dataclass
class ImportedClasses:
    """The classes of an import.

    Args:
        rows: Class code -> row of the store.
        members: (class, pupil) -> row, for everybody listed in a class.
        complete: The classes with a list: a pupil who is not in it has left the class.
        uncertain: (class, pupil) that a refused row may mean.
        files: Class code -> the first file that names the class.
    """

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[tuple[str, str], ExportRow] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)
    uncertain: set[tuple[str, str]] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)


@dataclass
class _ClassRows:
    """The rows about one class, and how often they give each subject and year."""

    rows: list[ExportRow] = field(default_factory=list)
    subjects: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    subject_names: dict[str, str] = field(default_factory=dict)

    def add(self, row: ExportRow, year: int | None) -> None:
        """Add a row with the year that it gives the class."""
        self.rows.append(row)
        if subject := subject_of(row):
            self.subjects[compare_key(subject)] += 1
            self.subject_names.setdefault(compare_key(subject), subject)
        if year is not None:
            self.years[year] += 1

    def has_year_column(self) -> bool:
        """Whether any row is of a table with a year."""
        return any(row.table.has("year") for row in self.rows)


def subject_of(row: ExportRow) -> str:
    """The subject that a row gives its class, or empty."""
    return row["subject"] or row["subject_code"]


def read_classes(
    exports: Exports,
    imported: ImportedPupils,
    stored: Mapping[str, Mapping[str, Any]],
    year_of: Callable[[str], int | None],
    academic_year: str,
    problems: ProblemLog,
) -> ImportedClasses:
    """Read the classes and their members.

    Args:
        exports: The import.
        imported: Its pupils and the rows of its class lists.
        stored: Class code -> row of the store, for this academic year.
        year_of: Gives a pupil's year group by admission number.
        academic_year: The academic year of the import.
        problems: Receives warnings and refusals.
    """
    reader = _ClassReader(stored, academic_year, problems)
    reader.read(_rows_about_classes(exports, imported))
    for row in imported.class_rows:
        if _has_class(row, imported):
            reader.add_member(row)
    for row in exports.rows_of_kind("class list", "memberships"):
        if row.is_refused:
            pupils = imported.directory.match_row(row).possible_pupils()
            pupils |= {row.pupil} if row.pupil else set()
            reader.classes.uncertain.update((row["class"], adno) for adno in pupils)
    reader.fill_years(year_of)
    return reader.classes


def _has_class(row: ExportRow, imported: ImportedPupils) -> bool:
    # In a class list that pupils are taken from, some pupils have no class yet.
    return bool(row["class"]) or imported.source != "class list"


def _rows_about_classes(
    exports: Exports, imported: ImportedPupils
) -> Iterable[ExportRow]:
    for row in exports.rows_of_kind("classes"):
        if not row.is_refused:
            yield row
    for row in imported.class_rows:
        if row.table.kind == "class list" and not row.is_refused:
            if _has_class(row, imported):
                yield row


class _ClassReader:
    """Settle what each class is, from all of its rows.

    Args:
        stored: Class code -> row of the store.
        academic_year: The academic year of the import.
        problems: Receives warnings and refusals.
    """

    def __init__(
        self,
        stored: Mapping[str, Mapping[str, Any]],
        academic_year: str,
        problems: ProblemLog,
    ) -> None:
        self.stored, self.academic_year = stored, academic_year
        self.problems = problems
        self.classes = ImportedClasses()
        self._rows: defaultdict[str, _ClassRows] = defaultdict(_ClassRows)

    def read(self, rows: Iterable[ExportRow]) -> None:
        """Read the rows about classes, and settle each class."""
        for row in rows:
            self._rows[row["class"]].add(row, self._class_year(row))
        for code, class_rows in self._rows.items():
            self._settle(code, class_rows)

    def _class_year(self, row: ExportRow) -> int | None:
        """The year that a row gives its class; a pupil's year does not count."""
        name = "class_year" if row.table.has("class_year") else "year"
        if name == "year" and row.table.kind != "classes":
            return None
        year = values.read_value("year", row[name])
        if year.doubt:
            self.problems.warn(
                row,
                name,
                "value-not-recognised",
                f"{row[name]!r} {year.doubt}.",
                "Check it; the class is imported all the same.",
            )
        return int(year.value) if year.value else None

    def _settle(self, code: str, class_rows: _ClassRows) -> None:
        """Settle the subject, year and teachers of a class."""
        if not code:
            for row in class_rows.rows:
                self._refuse_without_class(row)
            return
        subjects, years = class_rows.subjects, class_rows.years
        subject = subjects.most_common(1)[0][0] if subjects else ""
        year = years.most_common(1)[0][0] if years else None
        teachers: list[str] = []
        has_teachers = False
        for row in class_rows.rows:
            if self._contradicts(row, class_rows, subject, year):
                continue
            self.classes.files.setdefault(code, row.table.file)
            has_teachers |= row.table.has("teacher", "teacher_name")
            teachers += (name for name in teachers_of(row) if name not in teachers)
        before = self.stored.get(code) or {}
        if not subject and not before:
            for row in class_rows.rows:
                self.problems.refuse(
                    row,
                    "subject",
                    "class-without-subject",
                    f"The class {code} has no subject.",
                    "Give the class's subject.",
                )
            return
        self.classes.rows[code] = {
            "academic_year": self.academic_year,
            "class": code,
            "subject": class_rows.subject_names.get(subject) or before["subject"],
            "year": year if year is not None else before.get("year"),
            "teachers": (
                ";".join(teachers) if has_teachers else before.get("teachers", "")
            ),
        }

    def _contradicts(
        self, row: ExportRow, class_rows: _ClassRows, subject: str, year: int | None
    ) -> bool:
        """Refuse a row with another subject or year than its class has."""
        other = subject_of(row)
        if other and compare_key(other) != subject:
            name = "subject" if row["subject"] else "subject_code"
            usual = class_rows.subject_names[subject]
            self._refuse_two(row, "subject", name, other, usual)
            return True
        own_year = self._class_year(row) if class_rows.years else None
        if own_year is not None and own_year != year:
            name = "class_year" if row.table.has("class_year") else "year"
            self._refuse_two(row, "year", name, str(own_year), str(year))
            return True
        return False

    def _refuse_two(
        self, row: ExportRow, what: str, name: str, value: str, usual: str
    ) -> None:
        self.problems.refuse(
            row,
            name,
            f"class-with-two-{what}s",
            f"The class {row['class']} has the {what} {value!r} here and {usual!r} "
            "elsewhere.",
            "One class code has one subject and one year: put the wrong row right.",
            value=value,
        )

    def _refuse_without_class(self, row: ExportRow) -> None:
        self.problems.refuse(
            row,
            "class",
            "class-not-named",
            "The row has no class code.",
            "Give the class code, or take the row out.",
        )

    def add_member(self, row: ExportRow) -> None:
        """Add the pupil of a row to its class."""
        if row.is_refused or row.pupil is None:
            return
        code = row["class"]
        if not code:
            self._refuse_without_class(row)
        elif code not in self.classes.rows and code not in self.stored:
            self.problems.refuse(
                row,
                "class",
                "class-unknown",
                f"There is no class {code}.",
                "Check the code, or import the class list that has this class.",
                adno=row.pupil,
            )
        else:
            self.classes.complete.add(code)
            self.classes.members.setdefault((code, row.pupil), row)

    def fill_years(self, year_of: Callable[[str], int | None]) -> None:
        """Give each class without a year that of most of its pupils."""
        without_year = {
            code
            for code, row in self.classes.rows.items()
            if not self._rows[code].years
            and (row["year"] is None or self._rows[code].has_year_column())
        }
        counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for (code, pupil), row in self.classes.members.items():
            if code in without_year:
                text = row["year"]
                own = values.read_value("year", text).value if text else ""
                year = int(own) if own else year_of(pupil)
                if year is not None:
                    counts[code][year] += 1
        for code in without_year:
            class_row = self.classes.rows[code]
            if counts[code]:
                most = max(counts[code].values())
                years = [year for year, n in counts[code].items() if n == most]
                class_row["year"] = min(years)
            elif class_row["year"] is None and (match := _LEADING_YEAR.match(code)):
                class_row["year"] = int(match[1])


@dataclass(frozen=True)
class MembershipChanges:
    """The changes of class memberships.

    Args:
        joined: (class, pupil) who are new in a class.
        ended: (class, pupil) who have left it.
    """

    joined: tuple[tuple[str, str], ...]
    ended: tuple[tuple[str, str], ...]


def membership_changes(
    classes: ImportedClasses,
    memberships: Mapping[tuple[str, str], tuple[str, str]],
    has_left: Callable[[str], bool],
    ended_classes: Collection[str] = (),
) -> MembershipChanges:
    """Return who joins and who leaves a class.

    Args:
        classes: The classes of the import.
        memberships: (class, pupil) -> (since, until) in the store.
        has_left: Whether a pupil has left the school: their memberships stay.
        ended_classes: The classes that have ended: nobody is in them any more.
    """
    joined = [
        pair
        for pair in classes.members
        if pair not in memberships or memberships[pair][1]
    ]
    ended = [
        (code, pupil)
        for (code, pupil), (_, until) in memberships.items()
        if not until
        and (
            code in ended_classes
            or (
                code in classes.complete
                and (code, pupil) not in classes.members
                and (code, pupil) not in classes.uncertain
                and not has_left(pupil)
            )
        )
    ]
    return MembershipChanges(tuple(joined), tuple(ended))


def count_set_changes(
    changes: MembershipChanges, subject_of_class: Callable[[str], str]
) -> int:
    """Return how many pupils changed from one class of a subject to another."""
    left, joined = (
        {(pupil, compare_key(subject_of_class(code))) for code, pupil in pairs}
        for pairs in (changes.ended, changes.joined)
    )
    return len(left & joined)
