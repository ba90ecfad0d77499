"""Store what an import says: pupils, classes, memberships, staff and interventions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import Connection

from generator.mis.attendance_lists import store_attendance_lists
from generator.mis.class_columns import split_class_columns
from generator.mis.classes import (
    count_set_changes,
    membership_changes,
    read_classes,
    subject_of,
)
from generator.mis.departures import (
    DepartureRules,
    decide_classes,
    decide_leavers,
    two_class_warnings,
)
from generator.mis.export_tables import Exports
from generator.mis.hand_edits import HandEdits, rename_classes
from generator.mis.import_report import ChangeLog
from generator.mis.import_report import ImportReport as ImportReport
from generator.mis.intervention_lists import read_interventions
from generator.mis.ks2_lists import SpecialConsideration, settle_scores
from generator.mis.matching import refuse_damaged_classes, resolve_pupil_ids
from generator.mis.problem_log import ProblemLog
from generator.mis.pupil_lists import (
    FIELDS,
    match_rows,
    pupil_source,
)
from generator.mis.pupils import (
    find_leavers,
    pupil_rows,
    read_values,
)
from generator.mis.staff import read_staff
from generator.mis.store_roster import (
    RosterUpdate,
    is_gone,
    save_setting,
    store_roster,
)
from generator.mis.teacher_cells import teachers_of
from generator.store import roster, schema
from generator.store.class_aliases import class_aliases
from generator.store.imports import ImportRecorder, table_rows
from generator.store.interventions import InterventionCounts, store_interventions
from generator.store.roster import RosterSnapshot
from udfs.tables import Tables, standard


@dataclass(frozen=True)
class ImportOptions:
    """How the lists of an import are read.

    Args:
        tables: The school's subjects and scores; None for the standard ones.
        ks2_special_consideration: Whether Key Stage 2 scores are with or without
            special consideration, where a list gives both.
        departures: When the lists are taken to be of everybody.
    """

    tables: Tables | None = None
    ks2_special_consideration: SpecialConsideration = "with"
    departures: DepartureRules = field(default_factory=DepartureRules)


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
    refuse_damaged_classes(exports, before.classes, problems)
    edits = HandEdits.load(connection, academic_year)
    settle_scores(
        exports, options.ks2_special_consideration, tables.substitutes, problems
    )
    update = _read_update(
        exports, before, academic_year, today, options.departures, problems, edits
    )
    log = ChangeLog(academic_year, now, who)
    log.add_pupils(before, update.pupil_rows, update.leaving.leavers, update.imported)
    log.add_classes(before, update.classes, update.moves, update.ending.ended)
    recorder = ImportRecorder(connection)
    store_roster(recorder, update)
    roster.record_changes(connection, log.changes)
    interventions = read_interventions(
        exports, update.imported.directory, _subjects(update, tables), tables, problems
    )
    counts = _store_interventions(recorder, interventions, log)
    store_attendance_lists(recorder, exports, update.imported.directory, log, problems)
    source = update.imported.source
    if source and update.imported.listed and source != before.pupils_from:
        save_setting(recorder, roster.PUPILS_FROM, source)
    edits.save(recorder, academic_year)
    import_id = recorder.save(
        academic_year=academic_year, now=now, who=who, files=exports.files
    )
    report = _report(connection, exports, update, log, counts, problems)
    return replace(
        report, import_id=import_id, problems=(*report.problems, *edits.problems)
    )


def _store_interventions(
    recorder: ImportRecorder,
    interventions: Mapping[str, Sequence[Mapping[str, str]]],
    log: ChangeLog,
) -> InterventionCounts:
    """Store the interventions of each file."""
    counts = InterventionCounts()
    if not interventions:
        return counts
    before = table_rows(recorder.connection, schema.interventions)
    for file, rows in interventions.items():
        counts += store_interventions(
            recorder.connection,
            rows,
            academic_year=log.academic_year,
            file=file,
            now=log.now,
            who=log.who,
        )
    after = table_rows(recorder.connection, schema.interventions)
    recorder.record(schema.interventions, before, after)
    return counts


def _report(
    connection: Connection,
    exports: Exports,
    update: RosterUpdate,
    log: ChangeLog,
    interventions: InterventionCounts,
    problems: ProblemLog,
) -> ImportReport:
    row_problems = problems.problems()
    class_rows = update.class_rows()
    doubles = two_class_warnings(update.memberships(), class_rows, update.classes.files)
    counts = roster.counts(connection, update.academic_year)
    return ImportReport(
        pupils=counts["pupils"],
        classes=counts["classes"],
        memberships=counts["memberships"],
        staff=counts["staff"],
        refused=problems.refused,
        problems=(
            *(problem for problem in row_problems if problem.severity == "error"),
            *update.leaving.problems,
            *update.ending.problems,
            *doubles,
            *(heading.problem() for heading in exports.unknown_headings),
            *exports.problems,
            *(problem for problem in row_problems if problem.severity != "error"),
        ),
        joiners=log.count("joined"),
        leavers=log.count("left"),
        returned=log.count("returned"),
        set_changes=count_set_changes(
            update.moves, lambda code: str(class_rows[code]["subject"])
        ),
        began=log.classes("class began"),
        ended=log.classes("class ended"),
        fields=log.count_fields(),
        withheld_leavers=len(update.leaving.withheld_leavers),
        absent=update.ending.absent,
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
    academic_year: str,
    today: date,
    rules: DepartureRules,
    problems: ProblemLog,
    edits: HandEdits,
) -> RosterUpdate:
    """Compare an import with the roster in the store."""
    source = pupil_source(exports, before.pupils_from)
    imported = match_rows(exports, before.pupils, source, problems)
    read_values(exports, imported, problems)
    rows = pupil_rows(imported, before.pupils, academic_year, today)
    edits.keep_pupils(rows, imported.listed)
    leaving = decide_leavers(
        edits.keep_on_roll(
            find_leavers(imported, before.pupils, rows, academic_year, today)
        ),
        before,
        imported,
        rules,
        academic_year=academic_year,
        is_gone=lambda row: is_gone(row, today),
    )
    for adno in leaving.leavers:
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

    def has_left(adno: str) -> bool:
        return is_gone(pupils.get(adno, {}), today)

    ending = decide_classes(before, classes, rules, has_left)
    moves = membership_changes(classes, before.memberships, has_left, ending.ended)
    moves = edits.keep_members(classes, moves)
    return RosterUpdate(
        academic_year, today, before, imported, rows, leaving, ending, classes, moves,
        staff,
    )  # fmt: skip


def _subjects(update: RosterUpdate, tables: Tables) -> list[str]:
    """The subjects of the classes, and the subjects that those cover."""
    taught = sorted({str(row["subject"]) for row in update.class_rows().values()})
    covered = [part for subject in taught for part in tables.subject(subject).covers]
    return list(dict.fromkeys([*taught, *covered]))


def _row_counts(exports: Exports) -> tuple[tuple[str, str, str, int], ...]:
    """(file, sheet, kind, rows) of each list; columns of classes count as one list."""
    rows: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
    for table in exports.tables:
        numbers = rows[table.file, table.sheet, table.kind]
        numbers.update(row.number for row in table.rows)
    return tuple((*key, len(numbers)) for key, numbers in rows.items())
