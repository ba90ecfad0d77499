"""Classes and who is in them: subjects, years, teachers, memberships."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.mis import values
from generator.mis.export_tables import ExportRow, Exports
from generator.mis.matching import ids
from generator.mis.problem_log import ProblemLog
from generator.mis.pupil_lists import ImportedPupils
from generator.mis.values import compare_key, identifier

_LEADING_YEAR = re.compile(r"(?:y(?:ea)?r? ?)?0?(1[0-4]|[7-9])(?![0-9])", re.I)


@dataclass
class ImportedClasses:
    """What the exports say of classes.

    Args:
        rows: Class code -> its row as it should stand.
        members: (class, pupil) for everybody listed in a class.
        held: Classes whose list was imported: who is not in it has left the class.
        unsure: (class, pupil) that a row which is left out may mean.
        files: Class code -> the file that names it first.
    """

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[tuple[str, str], ExportRow] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)
    uncertain: set[tuple[str, str]] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)


@dataclass
class _Told:
    """What the rows of one class say."""

    lines: list[ExportRow] = field(default_factory=list)
    subjects: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)


def code_of(line: ExportRow) -> str:
    """The code of the class that a row is about."""
    return identifier(line["class"])


def read_classes(
    exports: Exports,
    enrolment: ImportedPupils,
    classes: Mapping[str, Mapping[str, Any]],
    year_of: Callable[[str], int | None],
    academic_year: str,
    faults: ProblemLog,
) -> ImportedClasses:
    """Read every row about a class, and settle what each class is.

    Args:
        exports: What is imported.
        enrolment: Whom the rows of class lists name.
        classes: The classes of the store in this year, by code.
        year_of: A pupil's year as it now stands, by admission number.
        academic_year: The year that the import is for.
        faults: Where doubts and refusals go.
    """
    found = ImportedClasses()
    told: defaultdict[str, _Told] = defaultdict(_Told)
    for line in _class_rows(exports, enrolment, faults):
        one = told[code_of(line)]
        one.lines.append(line)
        subject = _subject(line)
        if subject:
            one.subjects[compare_key(subject)] += 1
            one.names.setdefault(compare_key(subject), subject)
        year = _own_year(line, faults)
        if year is not None:
            one.years[year] += 1
    for code, one in told.items():
        _settle(code, one, classes.get(code), academic_year, found, faults)
    for line in enrolment.class_rows:
        # In a list that everybody is taken from, some pupils have no class yet.
        if code_of(line) or enrolment.source != "class list":
            _join(line, classes, found, faults)
    _unsure(exports, enrolment, found)
    _years(told, found, classes, year_of)
    return found


def _class_rows(
    exports: Exports, enrolment: ImportedPupils, faults: ProblemLog
) -> Iterable[ExportRow]:
    for table in exports.of_kind("classes"):
        yield from table.rows
    for line in enrolment.class_rows:
        if line.table.kind == "class list" and not line.refused:
            if code_of(line) or enrolment.source != "class list":
                yield line


def _subject(line: ExportRow) -> str:
    return line["subject"] or line["subject_code"]


def _own_year(line: ExportRow, faults: ProblemLog) -> int | None:
    """The year that a row gives its class; a pupil's year is not the class's."""
    name = "class_year" if line.table.has("class_year") else "year"
    if name == "year" and line.table.kind != "classes":
        return None
    reading = values.read_value("year", line[name])
    if reading.doubt:
        faults.warn(
            line,
            name,
            "value-not-recognised",
            f"{line[name]!r} {reading.doubt}.",
            "Check it; the class is imported all the same.",
        )
    return int(reading.value) if reading.value else None


def _settle(
    code: str,
    one: _Told,
    stored: Mapping[str, Any] | None,
    academic_year: str,
    found: ImportedClasses,
    faults: ProblemLog,
) -> None:
    """One subject, one year and the teachers of a class, from all of its rows."""
    if not code:
        for line in one.lines:
            faults.refuse(
                line,
                "class",
                "class-not-named",
                "The row has no class code.",
                "Give the class code, or take the row out.",
            )
        return
    subject = one.subjects.most_common(1)[0][0] if one.subjects else ""
    year = one.years.most_common(1)[0][0] if one.years else None
    teachers: list[str] = []
    taught = False
    for line in one.lines:
        other = _subject(line)
        if other and compare_key(other) != subject:
            _two_at_once(line, code, "subject", other, one.names[subject], faults)
            continue
        own = _own_year(line, faults) if one.years else None
        if own is not None and own != year:
            name = "class_year" if line.table.has("class_year") else "year"
            _two_at_once(line, code, name, str(own), str(year), faults)
            continue
        found.files.setdefault(code, line.table.file)
        taught |= line.table.has("teacher", "teacher_name")
        teachers += (name for name in teachers_of(line) if name not in teachers)
    before = stored or {}
    if not subject and not before:
        for line in one.lines:
            faults.refuse(
                line,
                "subject",
                "class-without-subject",
                f"The class {code} has no subject.",
                "Give the class's subject.",
            )
        return
    found.rows[code] = {
        "academic_year": academic_year,
        "class": code,
        "subject": one.names.get(subject) or before["subject"],
        "year": year if year is not None else before.get("year"),
        "teachers": ";".join(teachers) if taught else before.get("teachers", ""),
    }


def _two_at_once(
    line: ExportRow, code: str, name: str, here: str, elsewhere: str, faults: ProblemLog
) -> None:
    what = "subject" if name in ("subject", "subject_code") else "year"
    field_name = name if line[name] else "subject_code"
    faults.refuse(
        line,
        field_name,
        f"class-with-two-{what}s",
        f"The class {code} has the {what} {here!r} here and {elsewhere!r} elsewhere.",
        "One class code has one subject and one year: put the wrong row right.",
        value=here,
    )


def teachers_of(line: ExportRow) -> list[str]:
    """The teachers whom a row names, the lead first; a vacancy is nobody.

    A cell may hold several, with `;`, `/`, `&` or `+` between them.
    """
    named: list[str] = []
    for name in ("teacher", "co_teacher"):
        named += re.split(r"\s*[;/&+]\s*", line[name])
    if not any(named) and line["teacher_name"]:
        named = re.split(r"\s*[;/&+]\s*", line["teacher_name"])
    vacant = ("vacancy", "vacant", "no teacher", "tbc", "tba", "unstaffed")
    return [name for name in named if name and name.casefold() not in vacant]


def _join(
    line: ExportRow,
    classes: Mapping[str, Mapping[str, Any]],
    found: ImportedClasses,
    faults: ProblemLog,
) -> None:
    if line.refused or line.pupil is None:
        return
    code = code_of(line)
    if not code:
        faults.refuse(
            line,
            "class",
            "class-not-named",
            "The row has no class code.",
            "Give the class code, or take the row out.",
        )
    elif code not in found.rows and code not in classes:
        faults.refuse(
            line,
            "class",
            "class-unknown",
            f"There is no class {code}.",
            "Check the code, or import the class list that has this class.",
            adno=line.pupil,
        )
    else:
        found.complete.add(code)
        found.members.setdefault((code, line.pupil), line)


def _unsure(
    exports: Exports, enrolment: ImportedPupils, found: ImportedClasses
) -> None:
    for table in exports.of_kind("class list", "memberships"):
        for line in table.rows:
            if line.refused:
                adno, upn = ids(line)
                match = enrolment.directory.match(adno, upn)
                pupils = {line.pupil, match.adno, match.upn_owner, *match.candidates}
                code = code_of(line)
                found.uncertain.update((code, name) for name in pupils if name)


def _years(
    told: Mapping[str, _Told],
    found: ImportedClasses,
    classes: Mapping[str, Mapping[str, Any]],
    year_of: Callable[[str], int | None],
) -> None:
    """Give a class without a year of its own that of most of its pupils."""
    open_ones = {
        code
        for code, row in found.rows.items()
        if not told[code].years and (row["year"] is None or _lists_years(told[code]))
    }
    counted: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for (code, pupil), line in found.members.items():
        if code in open_ones:
            own = values.read_value("year", line["year"]).value if line["year"] else ""
            year = int(own) if own else year_of(pupil)
            if year is not None:
                counted[code][year] += 1
    for code in open_ones:
        row = found.rows[code]
        if counted[code]:
            most = max(counted[code].values())
            row["year"] = min(y for y, times in counted[code].items() if times == most)
        elif row["year"] is None and (match := _LEADING_YEAR.match(code)):
            row["year"] = int(match[1])


def _lists_years(one: _Told) -> bool:
    return any(line.table.has("year") for line in one.lines)


@dataclass(frozen=True)
class MembershipChanges:
    """How memberships change.

    Args:
        joined: (class, pupil) who are new in a class.
        ended: (class, pupil) who are in it no longer.
    """

    joined: tuple[tuple[str, str], ...]
    ended: tuple[tuple[str, str], ...]


def membership_changes(
    timetable: ImportedClasses,
    memberships: Mapping[tuple[str, str], tuple[str, str]],
    gone: Callable[[str], bool],
) -> MembershipChanges:
    """Who joins and who leaves which class.

    Args:
        timetable: What the exports say.
        memberships: (class, pupil) -> (since, until) of the store.
        gone: Whether a pupil has left the school: their memberships are kept.
    """
    joined = [
        pair
        for pair in timetable.members
        if pair not in memberships or memberships[pair][1]
    ]
    ended = [
        (code, pupil)
        for (code, pupil), (_, until) in memberships.items()
        if not until
        and code in timetable.complete
        and (code, pupil) not in timetable.members
        and (code, pupil) not in timetable.uncertain
        and not gone(pupil)
    ]
    return MembershipChanges(tuple(joined), tuple(ended))


def count_set_changes(
    moved: MembershipChanges, subject_of: Callable[[str], str]
) -> int:
    """How many pupils changed from one class of a subject to another."""
    left = {(pupil, compare_key(subject_of(code))) for code, pupil in moved.ended}
    came = {(pupil, compare_key(subject_of(code))) for code, pupil in moved.joined}
    return len(left & came)
