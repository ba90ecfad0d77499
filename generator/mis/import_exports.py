"""Bringing exports into the store: what changes, what is left out, what stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from generator.mis import (
    class_columns,
    intervention_lists,
    matching,
    pupils,
)
from generator.mis import classes as timetabling
from generator.mis import pupil_lists as enrolling
from generator.mis import staff as staffing_up
from generator.mis.classes import ImportedClasses, MembershipChanges
from generator.mis.export_tables import Exports
from generator.mis.import_report import ChangeLog
from generator.mis.import_report import ImportReport as ImportReport
from generator.mis.problem_log import ProblemLog
from generator.mis.pupil_lists import ImportedPupils
from generator.mis.values import identifier
from generator.store import interventions as stored
from generator.store import roster, schema
from generator.store.interventions import Entered
from generator.store.roster import Standing
from udfs.tables import Tables, standard

# Which kind of pupil list was the fullest so far, kept in the store's settings.
SOURCE_SETTING = "pupils_from"


def store_exports(
    connection: Connection,
    exports: Exports,
    *,
    academic_year: str,
    today: date,
    now: datetime,
    who: str,
    tables: Tables | None = None,
) -> ImportReport:
    """Bring what was read into the store; importing the same again changes nothing.

    Args:
        connection: A transaction of the store: all of it is stored, or nothing.
        exports: What was read.
        academic_year: The year it is for, as `2026/27`.
        today: The day of the import, from which leavers are gone.
        now: The moment, for the record of changes.
        who: Who imports.
        tables: The school's subjects; None: those that come with Markbooks.
    """
    faults = ProblemLog()
    tables = tables or standard()
    before = roster.standing(connection, academic_year)
    best = roster.setting(connection, SOURCE_SETTING)
    if best not in enrolling.SOURCES:
        best = ""
    matching.resolve_pupil_ids(exports, before.pupils)
    _reg_for_class(exports, before)
    exports = class_columns.split_class_columns(
        exports, _known_classes(exports, before), _known_staff(exports, before), tables
    )
    source = enrolling.pupil_source(exports, best)
    enrolment = enrolling.match_rows(exports, before.pupils, source, faults)
    pupils.read_values(exports, enrolment, faults)
    rows = pupils.pupil_rows(enrolment, before.pupils, academic_year, today)
    gone = pupils.find_leavers(enrolment, before.pupils, rows, academic_year, today)
    doubts = pupils.leaver_warnings(enrolment, before.pupils, gone, academic_year)
    for adno in gone:
        rows[adno] = {**before.pupils[adno], "left": today.isoformat()}
    timetable = timetabling.read_classes(
        exports,
        enrolment,
        before.classes,
        lambda adno: rows.get(adno, before.pupils.get(adno, {})).get("year"),
        academic_year,
        faults,
    )
    staffing = staffing_up.read_staff(
        exports, timetable, before.staff, before.names_before, faults
    )
    moved = timetabling.membership_changes(
        timetable,
        before.memberships,
        lambda adno: _has_left(rows.get(adno, before.pupils.get(adno, {})), today),
    )
    record = ChangeLog(academic_year, now, who)
    record.pupils(before, rows, gone, enrolment)
    record.classes(before, timetable, moved)
    _write(connection, academic_year, today, before, rows, timetable, moved)
    _write_others(connection, academic_year, before, enrolment, staffing)
    roster.note(connection, record.changes)
    helped = Entered()
    taught = sorted({str(row["subject"]) for row in
                     {**before.classes, **timetable.rows}.values()})  # fmt: skip
    for file, found in intervention_lists.read_interventions(
        exports, enrolment.directory, _covered(taught, tables), tables, faults
    ).items():
        helped += stored.enter(
            connection, found, academic_year=academic_year, file=file, now=now, who=who
        )
    if source and enrolment.listed and source != best:
        roster.remember(connection, SOURCE_SETTING, source)
    return ImportReport(
        **roster.counts(connection, academic_year),
        refused=faults.refused,
        problems=(
            *(p for p in faults.problems() if p.severity == "error"),
            *doubts,
            *(item.problem() for item in exports.unknown_headings),
            *exports.problems,
            *(p for p in faults.problems() if p.severity != "error"),
        ),
        joiners=record.count("joined"),
        leavers=record.count("left"),
        returned=record.count("returned"),
        set_changes=_set_changes(moved, before, timetable),
        changed=record.changed(),
        interventions=(helped.new, helped.changed, helped.same),
        unrecognised=exports.unknown_headings,
        read_as=_read_as(exports),
    )


def _known_classes(exports: Exports, before: Standing) -> dict[str, str]:
    """The classes that are known before any is made of a column: code -> subject."""
    listed = {
        timetabling.code_of(line): line["subject"] or line["subject_code"]
        for table in exports.of_kind("classes", "class list")
        for line in table.rows
    }
    stored = {code: str(row["subject"]) for code, row in before.classes.items()}
    return listed | stored


def _known_staff(exports: Exports, before: Standing) -> set[str]:
    rows = (line for table in exports.of_kind("staff") for line in table.rows)
    lists = (line for table in exports.of_kind("classes") for line in table.rows)
    return {
        *before.staff,
        *(identifier(line["staff"]) for line in rows),
        *(name for line in lists for name in timetabling.teachers_of(line)),
    }


def _covered(taught: Sequence[str], tables: Tables) -> list[str]:
    """The subjects of the classes, and what those that cover several cover."""
    covered = [name for one in taught for name in tables.subject(one).covers]
    return list(dict.fromkeys([*taught, *covered]))


def _read_as(exports: Exports) -> tuple[tuple[str, str, str, int], ...]:
    """What each list was read as, and of how many rows; columns of classes are one."""
    rows: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
    for table in exports.tables:
        numbers = rows[table.file, table.sheet, table.kind]
        numbers.update(line.number for line in table.rows)
    return tuple((*name, len(numbers)) for name, numbers in rows.items())


def _has_left(row: Mapping[str, Any], today: date) -> bool:
    left = row.get("left")
    return left is not None and str(left) <= today.isoformat()


def _set_changes(
    moved: MembershipChanges, before: Standing, timetable: ImportedClasses
) -> int:
    known = {**before.classes, **timetable.rows}
    return timetabling.count_set_changes(
        moved, lambda code: str(known[code]["subject"])
    )


def _reg_for_class(exports: Exports, before: Standing) -> None:
    """A pupil list's column `Class` is the tutor group, where no class is so called.

    One row a pupil, more of the pupil than a class list tells, and none of the codes
    a class: then it is what primary colleagues call the class.
    """
    classes = set(before.classes)
    for table in exports.of_kind("classes", "class list"):
        classes |= {timetabling.code_of(line) for line in table.rows}
    for table in exports.of_kind("memberships"):
        names = table.has("pupil_name", "surname")
        if not names or table.has("reg") or not table.has(*enrolling.FIELDS[2:]):
            continue
        pupils = [(line["adno"], line["upn"]) for line in table.rows]
        codes = {timetabling.code_of(line) for line in table.rows}
        if len(set(pupils)) == len(pupils) and not codes & classes:
            table.fields["reg"] = table.fields.pop("class")
            table.kind = "pupils"


def _write(
    connection: Connection,
    academic_year: str,
    today: date,
    before: Standing,
    rows: Mapping[str, Mapping[str, Any]],
    timetable: ImportedClasses,
    moved: MembershipChanges,
) -> None:
    roster.put(
        connection,
        schema.pupils,
        [row for adno, row in rows.items() if row != before.pupils.get(adno)],
    )
    roster.put(
        connection,
        schema.classes,
        [r for code, r in timetable.rows.items() if r != before.classes.get(code)],
    )
    day = today.isoformat()
    spans = {pair: (day, "") for pair in moved.joined}
    spans |= {pair: (before.memberships[pair][0], day) for pair in moved.ended}
    roster.put(
        connection,
        schema.memberships,
        [
            {
                "academic_year": academic_year,
                "class": code,
                "adno": adno,
                "since": since,
                "until": until,
            }
            for (code, adno), (since, until) in spans.items()
        ],
    )


def _write_others(
    connection: Connection,
    academic_year: str,
    before: Standing,
    enrolment: ImportedPupils,
    staffing: staffing_up.ImportedStaff,
) -> None:
    roster.put(
        connection,
        schema.staff,
        [
            {
                "academic_year": academic_year,
                "code": code,
                "name": name,
                "email": email,
            }
            for code, (name, email) in staffing.staff.items()
            if before.staff.get(code) != (name, email)
        ],
    )
    if staffing.roles is not None and staffing.roles != before.roles:
        roster.replace_roles(connection, academic_year, staffing.roles)
    roster.put(
        connection,
        schema.indicators,
        [
            {
                "academic_year": academic_year,
                "adno": adno,
                "name": name,
                "value": value,
            }
            for (adno, name), value in enrolment.indicators.items()
            if before.indicators.get((adno, name)) != value
        ],
    )
