"""Read where a school stands from its store and its folders."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import Connection, func, select

from generator.files import file_sha256
from generator.mis.read_exports import export_files
from generator.names import shown_path
from generator.returns.chase import chase
from generator.returns.find_files import find_files
from generator.returns.unpack import unpacked
from generator.school.school import Collection, School
from generator.status.next_step import next_step
from generator.status.status_report import (
    CollectionStatus,
    LastImport,
    StatusReport,
    TargetCounts,
)
from generator.store import returns, roster, schema
from generator.store import targets as stored
from generator.store.enrolments import enrolments
from generator.store.store_facts import LAST_BACKUP, read_facts
from generator.targets.target_versions import MODERATION

if TYPE_CHECKING:
    from generator.context import Context

# What a changed class list is made of, in `roster_changes`.
_LIST_CHANGES = ("joined", "left", "returned", "class joined", "class left")


def read_status(context: Context, *, folder: str = "") -> StatusReport:
    """Where a school stands today.

    Args:
        context: The school, its store and the moment.
        folder: The school folder as the report names it; empty for the current one.
    """
    school = context.school
    with context.store.begin() as connection:
        taught = enrolments(
            connection, school.academic_year, context.tables, today=context.today
        )
        last_import = _last_import(connection, school.academic_year)
        facts = read_facts(connection)
        targets = _target_counts(connection, school.academic_year, taught)
        waiting_returns = _waiting_returns(connection, school)
        corrections = _count_corrections(connection, school.academic_year)
        moderated = _has_moderations(connection, school.academic_year)
        changes = roster.changes(connection, school.academic_year)
    collections = tuple(
        _collection_status(context, each, taught, changes)
        for each in sorted(school.settings.collections, key=lambda each: each.opens)
    )
    waiting_exports = tuple(
        path.name
        for path in export_files(school.exports)
        if _is_news(path, last_import)
    )
    pupils = int(taught["adno"].nunique())
    step, command = next_step(
        pupils,
        targets,
        collections,
        has_exports=bool(waiting_exports),
        has_returns=bool(waiting_returns),
        moderated=moderated,
        today=context.today,
    )
    last_backup = facts.get(LAST_BACKUP, "")[:10]
    age = context.today - date.fromisoformat(last_backup) if last_backup else None
    return StatusReport(
        school=school.settings.school.name,
        academic_year=school.academic_year,
        folder=folder,
        pupils=pupils,
        last_import=last_import,
        targets=targets,
        collections=collections,
        waiting_exports=waiting_exports,
        waiting_returns=waiting_returns,
        last_backup=last_backup,
        backup_age=None if age is None else age.days,
        corrections=corrections,
        next_step=step,
        command=command,
    )


def _last_import(connection: Connection, academic_year: str) -> LastImport:
    """The last import; of a store from before it was recorded, the last change."""
    text = roster.read_setting(connection, roster.LAST_IMPORT)
    if text:
        record = json.loads(text)
        hashes = record.get("sha256", {})
        return LastImport(record["at"], record["who"], tuple(record["files"]), hashes)
    changes = schema.roster_changes.c
    at = connection.execute(
        select(func.max(changes.at)).where(
            changes.academic_year == academic_year, changes.file != ""
        )
    ).scalar()
    if not at:
        return LastImport()
    rows = connection.execute(
        select(changes.file, changes.who).where(changes.at == at).distinct()
    ).all()
    return LastImport(at, rows[0][1], tuple(sorted({row[0] for row in rows})))


def _is_news(path: Path, last_import: LastImport) -> bool:
    """Whether the last import has not read a file as it is now."""
    if not last_import.at:
        return True
    if last_import.hashes:
        return last_import.hashes.get(path.name) != file_sha256(path)
    return path.stat().st_mtime > datetime.fromisoformat(last_import.at).timestamp()


def _target_counts(
    connection: Connection, academic_year: str, taught: pd.DataFrame
) -> TargetCounts:
    pairs = taught[["adno", "subject"]].drop_duplicates()
    current = stored.current_targets(connection)[
        ["adno", "subject", "status", "method", "expected"]
    ]
    rows = pairs.merge(current, on=["adno", "subject"], how="left")
    has_target = rows["expected"].notna() & (rows["expected"] != "")
    moderated = has_target & (rows["method"] == MODERATION)
    states = Counter(rows.loc[has_target & ~moderated, "status"])
    marks, answers = schema.marks.c, schema.target_answers.c
    answered = select(answers.adno).where(
        answers.adno == marks.adno,
        answers.subject == marks.subject,
        answers.collection == marks.collection,
    )
    queries = connection.execute(
        select(func.count())
        .select_from(schema.marks)
        .where(
            marks.field == "target_query",
            marks.value != "",
            marks.academic_year == academic_year,
            ~answered.exists(),
        )
    ).scalar_one()
    return TargetCounts(
        pupil_subjects=len(rows),
        drafted=states["draft"],
        provisional=states["provisional"],
        moderated=int(moderated.sum()),
        issued=states["issued"],
        without=int((~has_target).sum()),
        queries=int(queries),
    )


def _waiting_returns(connection: Connection, school: School) -> tuple[str, ...]:
    """Files of the inbox whose content was never read."""
    files, _ = find_files([school.returned], inbox_folder=school.returned)
    if not files:
        return ()
    known = set(connection.execute(select(schema.returns.c.sha256)).scalars())
    with unpacked(files, school.folder) as inbox:
        return tuple(
            shown_path(path, school.folder)
            for path in (*inbox.files, *inbox.unreadable)
            if file_sha256(path) not in known
        )


def _count_corrections(connection: Connection, academic_year: str) -> int:
    table = schema.corrections
    query = (
        select(func.count())
        .select_from(table)
        .where(table.c.academic_year == academic_year, table.c.undone_at == "")
    )
    return int(connection.execute(query).scalar_one())


def _has_moderations(connection: Connection, academic_year: str) -> bool:
    table = schema.moderations.c
    query = select(table.issue_id).where(table.academic_year == academic_year).limit(1)
    return connection.execute(query).first() is not None


def _collection_status(
    context: Context,
    collection: Collection,
    taught: pd.DataFrame,
    changes: pd.DataFrame,
) -> CollectionStatus:
    state = "open" if collection.is_open(context.today) else "closed"
    if context.today < collection.opens:
        state = "to come"
    in_years = taught.loc[taught["year"].isin(collection.years)]
    status = CollectionStatus(
        collection.code,
        collection.name,
        collection.opens,
        collection.closes,
        state,
        classes=int(in_years["class"].nunique()),
    )
    with context.store.begin() as connection:
        issued = returns.issued_classes(connection, collection.code)
        if not issued:
            return status
        kinds = _unsettled_kinds(connection, collection.code)
        issued_at = _last_issue(connection, collection.code)
    report = chase(context, collection)
    outstanding = {row.class_code for row in report.rows}
    is_open = state == "open"
    return CollectionStatus(
        status.code,
        status.name,
        status.opens,
        status.closes,
        state,
        classes=status.classes,
        issued=report.issued,
        returned=report.returned,
        finished=report.issued - len(outstanding),
        conflicts=kinds["conflict"],
        rejected=kinds["rejected"],
        roster_changes=_list_changes(changes, in_years, issued_at) if is_open else 0,
    )


def _unsettled_kinds(connection: Connection, code: str) -> Counter[str]:
    cells, files = schema.unsettled.c, schema.returns.c
    query = (
        select(cells.kind, func.count())
        .join_from(schema.unsettled, schema.returns, files.return_id == cells.return_id)
        .where(files.collection == code)
        .group_by(cells.kind)
    )
    return Counter({row[0]: row[1] for row in connection.execute(query).all()})


def _last_issue(connection: Connection, code: str) -> str:
    issues = schema.issues.c
    query = select(func.max(issues.issued_at)).where(issues.collection == code)
    return str(connection.execute(query).scalar() or "")


def _list_changes(changes: pd.DataFrame, in_years: pd.DataFrame, issued_at: str) -> int:
    """Pupils whose classes changed after the last issue."""
    rows = changes.loc[
        (changes["at"] > issued_at) & changes["kind"].isin(_LIST_CHANGES)
    ]
    classes = set(in_years["class"])
    pupils = set(in_years["adno"])
    concerned = rows["class"].isin(classes) | rows["adno"].isin(pupils)
    return int(rows.loc[concerned, "adno"].nunique())
