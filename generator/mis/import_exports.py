"""Store what an import says: pupils, classes, memberships, staff and interventions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from generator.mis.class_columns import split_class_columns
from generator.mis.classes import (
    ImportedClasses,
    MembershipChanges,
    count_set_changes,
    membership_changes,
    read_classes,
    subject_of,
    teachers_of,
)
from generator.mis.export_tables import Exports
from generator.mis.hand_edits import HandEdits, rename_classes
from generator.mis.import_report import ChangeLog
from generator.mis.import_report import ImportReport as ImportReport
from generator.mis.intervention_lists import read_interventions
from generator.mis.ks2_lists import SpecialConsideration, settle_scores
from generator.mis.matching import resolve_pupil_ids
from generator.mis.problem_log import ProblemLog
from generator.mis.pupil_lists import (
    FIELDS,
    SOURCES,
    ImportedPupils,
    match_rows,
    pupil_source,
)
from generator.mis.pupils import (
    find_leavers,
    leaver_warnings,
    pupil_rows,
    read_values,
)
from generator.mis.staff import ImportedStaff, read_staff
from generator.store import roster, schema
from generator.store.class_aliases import class_aliases
from generator.store.interventions import InterventionCounts, store_interventions
from generator.store.roster import RosterSnapshot
from udfs.tables import Tables, standard

# The store's setting for the fullest kind of pupil list so far.
SOURCE_SETTING = "pupils_from"


@dataclass(frozen=True)
class ImportOptions:
    """How the lists of an import are read.

    Args:
        tables: The school's subjects and scores; None for the standard ones.
        ks2_special_consideration: Whether Key Stage 2 scores are with or without
            special consideration, where a list gives both.
    """

    tables: Tables | None = None
    ks2_special_consideration: SpecialConsideration = "with"


@dataclass(frozen=True)
class _RosterUpdate:
    """The roster before and after an import.

    Args:
        academic_year: The academic year of the import.
        today: The day of the import.
        before: The roster in the store.
        imported: The pupils of the import.
        pupil_rows: Admission number -> row, for pupils of the import and leavers.
        leavers: The pupils whom the pupil list omits.
        classes: The classes of the import.
        moves: The changes of memberships.
        staff: The staff of the import.
    """

    academic_year: str
    today: date
    before: RosterSnapshot
    imported: ImportedPupils
    pupil_rows: Mapping[str, Mapping[str, Any]]
    leavers: Sequence[str]
    classes: ImportedClasses
    moves: MembershipChanges
    staff: ImportedStaff

    def class_subjects(self) -> dict[str, str]:
        """Class code -> subject, after the import."""
        rows = {**self.before.classes, **self.classes.rows}
        return {code: str(row["subject"]) for code, row in rows.items()}


def store_exports(
    connection: Connection,
    exports: Exports,
    *,
    academic_year: str,
    today: date,
    now: datetime,
    who: str,
    options: ImportOptions | None = None,
) -> ImportReport:
    """Store what exports say; a second import of the same files changes nothing.

    Args:
        connection: A transaction of the store.
        exports: The exports.
        academic_year: Their academic year, as `2026/27`.
        today: The day of the import, from which leavers are gone.
        now: The moment of the import.
        who: The person who imports.
        options: How the lists are read; None for the standard ways.
    """
    options = options or ImportOptions()
    tables = options.tables or standard()
    problems = ProblemLog()
    before = roster.roster_snapshot(connection, academic_year)
    exports = _prepare(exports, before, tables)
    rename_classes(exports, class_aliases(connection, academic_year))
    edits = HandEdits.load(connection, academic_year)
    settle_scores(
        exports, options.ks2_special_consideration, tables.substitutes, problems
    )
    best = roster.read_setting(connection, SOURCE_SETTING)
    best = best if best in SOURCES else ""
    source = pupil_source(exports, best)
    update = _read_update(
        exports, before, source, academic_year, today, problems, edits
    )
    log = ChangeLog(academic_year, now, who)
    log.add_pupils(before, update.pupil_rows, update.leavers, update.imported)
    log.add_classes(before, update.classes, update.moves)
    _store_pupils_and_classes(connection, update)
    _store_staff_and_indicators(connection, update)
    roster.record_changes(connection, log.changes)
    counts = InterventionCounts()
    for file, interventions in read_interventions(
        exports, update.imported.directory, _subjects(update, tables), tables, problems
    ).items():
        counts += store_interventions(
            connection,
            interventions,
            academic_year=academic_year,
            file=file,
            now=now,
            who=who,
        )
    if source and update.imported.listed and source != best:
        roster.save_setting(connection, SOURCE_SETTING, source)
    edits.save(connection, academic_year)
    report = _report(connection, exports, update, log, counts, problems)
    return replace(report, problems=(*report.problems, *edits.problems))


def _report(
    connection: Connection,
    exports: Exports,
    update: _RosterUpdate,
    log: ChangeLog,
    interventions: InterventionCounts,
    problems: ProblemLog,
) -> ImportReport:
    row_problems = problems.problems()
    leaver_problems = leaver_warnings(
        update.imported, update.before.pupils, update.leavers, update.academic_year
    )
    subjects = update.class_subjects()
    return ImportReport(
        **roster.counts(connection, update.academic_year),
        refused=problems.refused,
        problems=(
            *(problem for problem in row_problems if problem.severity == "error"),
            *leaver_problems,
            *(heading.problem() for heading in exports.unknown_headings),
            *exports.problems,
            *(problem for problem in row_problems if problem.severity != "error"),
        ),
        joiners=log.count("joined"),
        leavers=log.count("left"),
        returned=log.count("returned"),
        set_changes=count_set_changes(update.moves, subjects.__getitem__),
        changed=log.count_changed(),
        interventions=(interventions.new, interventions.changed, interventions.same),
        unrecognised=exports.unknown_headings,
        read_as=_row_counts(exports),
    )


def _prepare(exports: Exports, before: RosterSnapshot, tables: Tables) -> Exports:
    """Settle what depends on other lists: pupil ids, tutor groups, class columns."""
    resolve_pupil_ids(exports, before.pupils)
    _read_class_as_tutor_group(exports, before)
    subjects = {code: str(row["subject"]) for code, row in before.classes.items()}
    for row in exports.rows_of_kind("classes", "class list"):
        if row["class"] not in before.classes:
            subjects[row["class"]] = subject_of(row)
    teachers = {*before.staff, *(row["staff"] for row in exports.rows_of_kind("staff"))}
    for row in exports.rows_of_kind("classes"):
        teachers.update(teachers_of(row))
    return split_class_columns(exports, subjects, teachers, tables)


def _read_class_as_tutor_group(exports: Exports, before: RosterSnapshot) -> None:
    """Read the column `Class` of a pupil list as the tutor group, as primaries do.

    Such a list has one row for each pupil, more details than a class list, and no code
    of a class.
    """
    classes = set(before.classes)
    classes.update(
        row["class"] for row in exports.rows_of_kind("classes", "class list")
    )
    for table in exports.of_kind("memberships"):
        names = table.has("pupil_name", "surname")
        if not names or table.has("reg") or not table.has(*FIELDS[2:]):
            continue
        pupils = {(row["adno"], row["upn"]) for row in table.rows}
        codes = {row["class"] for row in table.rows}
        if len(pupils) == len(table.rows) and not codes & classes:
            table.fields["reg"] = table.fields.pop("class")
            table.kind = "pupils"


def _read_update(
    exports: Exports,
    before: RosterSnapshot,
    source: str,
    academic_year: str,
    today: date,
    problems: ProblemLog,
    edits: HandEdits,
) -> _RosterUpdate:
    """Compare an import with the roster in the store."""
    imported = match_rows(exports, before.pupils, source, problems)
    read_values(exports, imported, problems)
    rows = pupil_rows(imported, before.pupils, academic_year, today)
    edits.keep_pupils(rows, imported.listed)
    leavers = edits.keep_on_roll(
        find_leavers(imported, before.pupils, rows, academic_year, today)
    )
    for adno in leavers:
        rows[adno] = {**before.pupils[adno], "left": today.isoformat()}
    pupils = {**before.pupils, **rows}
    classes = read_classes(
        exports,
        imported,
        before.classes,
        lambda adno: pupils.get(adno, {}).get("year"),
        academic_year,
        problems,
    )
    edits.keep_teachers(classes, exports)
    staff = read_staff(exports, classes, before.staff, before.earlier_names, problems)
    moves = membership_changes(
        classes,
        before.memberships,
        lambda adno: _has_left(pupils.get(adno, {}), today),
    )
    moves = edits.keep_members(classes, moves)
    return _RosterUpdate(
        academic_year, today, before, imported, rows, leavers, classes, moves, staff
    )


def _has_left(row: Mapping[str, Any], today: date) -> bool:
    left = row.get("left")
    return left is not None and str(left) <= today.isoformat()


def _subjects(update: _RosterUpdate, tables: Tables) -> list[str]:
    """The subjects of the classes, and the subjects that those cover."""
    taught = sorted(set(update.class_subjects().values()))
    covered = [part for subject in taught for part in tables.subject(subject).covers]
    return list(dict.fromkeys([*taught, *covered]))


def _row_counts(exports: Exports) -> tuple[tuple[str, str, str, int], ...]:
    """(file, sheet, kind, rows) of each list; columns of classes count as one list."""
    rows: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
    for table in exports.tables:
        numbers = rows[table.file, table.sheet, table.kind]
        numbers.update(row.number for row in table.rows)
    return tuple((*key, len(numbers)) for key, numbers in rows.items())


def _store_pupils_and_classes(connection: Connection, update: _RosterUpdate) -> None:
    before, day = update.before, update.today.isoformat()
    pupils = update.pupil_rows.items()
    roster.replace_rows(
        connection,
        schema.pupils,
        [row for adno, row in pupils if row != before.pupils.get(adno)],
    )
    classes = update.classes.rows.items()
    roster.replace_rows(
        connection,
        schema.classes,
        [row for code, row in classes if row != before.classes.get(code)],
    )
    spans = {pair: (day, "") for pair in update.moves.joined}
    spans |= {pair: (before.memberships[pair][0], day) for pair in update.moves.ended}
    roster.replace_rows(
        connection,
        schema.memberships,
        [
            {
                "academic_year": update.academic_year,
                "class": code,
                "adno": adno,
                "since": since,
                "until": until,
            }
            for (code, adno), (since, until) in spans.items()
        ],
    )


def _store_staff_and_indicators(connection: Connection, update: _RosterUpdate) -> None:
    before, year = update.before, update.academic_year
    roster.replace_rows(
        connection,
        schema.staff,
        [
            {"academic_year": year, "code": code, "name": name, "email": email}
            for code, (name, email) in update.staff.staff.items()
            if before.staff.get(code) != (name, email)
        ],
    )
    roles = update.staff.roles
    if roles is not None and roles != before.roles:
        roster.replace_roles(connection, year, roles)
    roster.replace_rows(
        connection,
        schema.indicators,
        [
            {"academic_year": year, "adno": adno, "name": name, "value": value}
            for (adno, name), value in update.imported.indicators.items()
            if before.indicators.get((adno, name)) != value
        ],
    )
