"""Undo an import: all of it, or nothing where something stands on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from generator.corrections.correction_report import CorrectionRefused, CorrectionReport
from generator.store import corrections, imports, roster, schema
from generator.store.corrections import RowChange
from generator.targets import draft
from generator.targets.target_versions import MODERATION

if TYPE_CHECKING:
    from generator.context import Context

# Tables in which a pupil that an import added may stand by now.
_STANDING = ("issued_rows", "marks", "history", "results", "interventions")


def undo_import(
    connection: Connection, context: Context, number: int
) -> CorrectionReport:
    """Undo one import, and draft targets again where there are drafts.

    Args:
        connection: A transaction of the store.
        context: The school, the moment and the person.
        number: The number of its id.

    Raises:
        CorrectionRefused: If there is none, or something stands on it; nothing is
            changed then.
    """
    record = imports.find_import(connection, number)
    if record is None:
        raise CorrectionRefused(
            f"There is no import I{number}.",
            "See them with: markbook imports. Imports of earlier versions are in no "
            "record.",
        )
    values = {"undone": f"I{number}", "files": record["files"]}
    if record["undone_at"]:
        note = f"I{number} was undone on {record['undone_at'].replace('T', ' ')}."
        return CorrectionReport("", (note,), values)
    if record["academic_year"] != context.school.academic_year:
        raise _refuse(number, f"it is of {record['academic_year']}")
    changes = imports.changes_of_import(connection, number)
    for change in changes:
        now = corrections.current_row(connection, change)
        if now != (dict(change.after) if change.after is not None else None):
            key = ", ".join(str(value) for value in change.key().values())
            raise _refuse(number, f"the row {key} of {change.table} has changed since")
    _check_standing(connection, context, number, changes)
    _delete_drafts(connection, changes)
    corrections.apply_changes(connection, corrections.reverted(changes))
    _log(connection, context, number, changes)
    imports.mark_import_undone(
        connection, number, who=context.who, moment=context.moment
    )
    if connection.execute(select(schema.targets.c.adno).limit(1)).first():
        draft(connection, context)
    counts = Counter(change.table for change in changes)
    rows = ", ".join(f"{count} of {table}" for table, count in counts.items())
    sentence = f"Undid import I{number} ({record['files']}): rows restored: {rows}."
    return CorrectionReport("", (sentence,), {**values, "rows": dict(counts)})


def _refuse(number: int, reason: str) -> CorrectionRefused:
    return CorrectionRefused(
        f"I{number} cannot be taken back: {reason}.",
        "Take that back first, or import the list that is right.",
    )


def _check_standing(
    connection: Connection,
    context: Context,
    number: int,
    changes: Sequence[RowChange],
) -> None:
    """Refuse if something stands on a row that the import added."""
    for change in changes:
        if change.before is not None or change.after is None:
            continue
        if change.table == "pupils":
            adno = change.after["adno"]
            for name in _STANDING:
                table = schema.metadata.tables[name]
                query = select(table.c.adno).where(table.c.adno == adno).limit(1)
                if connection.execute(query).first():
                    raise _refuse(number, f"pupil {adno} stands in {name}")
            targets = schema.targets.c
            query = select(targets.subject).where(
                targets.adno == adno, targets.method == MODERATION
            )
            if row := connection.execute(query.limit(1)).first():
                raise _refuse(number, f"the target of {adno} in {row[0]} was agreed")
        if change.table == "classes":
            code, issues = change.after["class"], schema.issues.c
            query = select(issues.file).where(
                issues["class"] == code,
                issues.academic_year == context.school.academic_year,
            )
            if row := connection.execute(query.limit(1)).first():
                raise _refuse(number, f"the markbook {row[0]} was issued")


def _delete_drafts(connection: Connection, changes: Sequence[RowChange]) -> None:
    """Delete the drafts of targets of pupils whom the import added."""
    table = schema.targets
    for change in changes:
        if change.table == "pupils" and change.before is None and change.after:
            adno = change.after["adno"]
            connection.execute(table.delete().where(table.c.adno == adno))


def _log(
    connection: Connection,
    context: Context,
    number: int,
    changes: Sequence[RowChange],
) -> None:
    """Add a line to the log of roster changes for each row restored."""
    rows = [change.after or change.before or {} for change in changes]
    lines = [
        {
            "academic_year": context.school.academic_year,
            "at": context.moment,
            "who": context.who,
            "file": f"undo I{number}",
            "kind": "undone",
            "adno": str(row.get("adno", "")),
            "class": str(row.get("class", "")),
            "field": change.table,
            "old": "",
            "new": "",
        }
        for change, row in zip(changes, rows, strict=True)
        if change.table in ("pupils", "classes", "memberships")
    ]
    roster.record_changes(connection, lines)
