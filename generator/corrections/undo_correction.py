"""Undo a correction: all of it, or nothing where something stands on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Connection, select

from generator.corrections.correction_report import CorrectionRefused, CorrectionReport
from generator.lookup import listed
from generator.returns.revert_marks import plan_reversal, store_reversal
from generator.school.closing_day import set_closing_day
from generator.store import corrections, returns, reverts, schema
from generator.store import targets as stored
from generator.store.class_aliases import move_marks
from generator.store.corrections import ManualCorrection
from generator.store.reverts import FiledReturn

if TYPE_CHECKING:
    from generator.context import Context


def undo_correction(
    connection: Connection, context: Context, number: int
) -> CorrectionReport:
    """Undo one correction.

    Args:
        connection: A transaction of the store.
        context: The school, the moment and the person.
        number: The number of its id.

    Raises:
        CorrectionRefused: If there is none, or something later stands on it; nothing
            is changed then.
    """
    correction = corrections.find_correction(connection, number)
    if correction is None:
        raise CorrectionRefused(
            f"There is no correction K{number}.",
            "See them all with: markbook export corrections --out corrections.csv.",
        )
    values = {"undone": correction.id, "kind": correction.kind, "what": correction.what}
    if correction.undone_at:
        day = correction.undone_at.replace("T", " ")
        note = f"{correction.id} was undone on {day}; nothing more to do."
        return CorrectionReport("", (note,), values)
    if correction.academic_year != context.school.academic_year:
        raise CorrectionRefused(
            f"{correction.id} is of {correction.academic_year}.",
            "Only what was done this academic year can be taken back.",
        )
    undo = {"mark": _undo_mark, "target": _undo_target}.get(correction.kind, _undo_rows)
    undo(connection, context, correction)
    corrections.mark_undone(connection, number, who=context.who, moment=context.moment)
    sentence = f"Undid {correction.id}. It was: {correction.what}."
    return CorrectionReport("", (sentence,), values)


def _refuse(correction: ManualCorrection, reason: str, do: str) -> CorrectionRefused:
    return CorrectionRefused(f"{correction.id} cannot be taken back: {reason}.", do)


def _undo_mark(
    connection: Connection, context: Context, correction: ManualCorrection
) -> None:
    filed = FiledReturn(
        return_id=correction.id,
        file=f"correction {correction.id}",
        sha256="",
        classes=(correction.class_code,),
        collection=correction.collection,
        academic_year=correction.academic_year,
        status="merged",
        read_at=correction.at,
        who=correction.who,
    )
    undone = {
        each.return_id
        for each in reverts.filed_returns(connection)
        if each.status == returns.UNDONE
    }
    reversal = plan_reversal(
        connection, filed, undone | corrections.undone_ids(connection)
    )
    if reversal.not_restored:
        raise _refuse(
            correction,
            listed(mark.reason for mark in reversal.not_restored),
            "Take that back first, or set the mark that is right.",
        )
    store_reversal(connection, reversal, who=context.who, moment=context.moment)


def _undo_target(
    connection: Connection, context: Context, correction: ManualCorrection
) -> None:
    """Bring back the version before, as a new version."""
    frame = stored.target_versions(connection, correction.adno)
    frame = frame.loc[frame["subject"] == correction.subject]
    rows: list[dict[str, Any]] = [
        {str(name): value for name, value in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]
    mine = f"correction {correction.id}"
    if not rows or rows[-1]["provenance"].partition(";")[0] != mine:
        last = rows[-1] if rows else {"set_by": "somebody", "set_at": ""}
        raise _refuse(
            correction,
            f"{last['set_by']} set the target again on {last['set_at'][:10]}",
            "Set the target that is right: markbook targets set.",
        )
    if issued := _issued_since(connection, correction):
        raise _refuse(
            correction,
            f"the target stands in the markbook of {issued}",
            "Set the target that is right: markbook targets set.",
        )
    before = (
        rows[-2]
        if len(rows) > 1
        else {
            **rows[-1],
            "expected": None,
            "aspirational": None,
            "status": "",
            "method": "",
            "provenance": "",
            "reason": "no target",
        }
    )
    version = {
        **before,
        "reason": f"{before['reason']}; {correction.id} was undone",
        "academic_year": context.school.academic_year,
        "set_by": context.who,
        "set_at": context.moment,
    }
    columns = pd.Index(stored.COLUMNS)
    stored.add_targets(
        connection, pd.DataFrame([version], columns=columns, dtype=object)
    )


def _issued_since(connection: Connection, correction: ManualCorrection) -> str:
    """The class in whose markbook the target was issued since, or empty."""
    issues, rows = schema.issues.c, schema.issued_rows.c
    query = (
        select(issues["class"], issues.collection)
        .join_from(schema.issued_rows, schema.issues)
        .where(
            rows.adno == correction.adno,
            rows.subject == correction.subject,
            issues.issued_at > correction.at,
        )
        .order_by(issues.issued_at)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return f"{row[0]} ({row[1]})" if row else ""


def _undo_rows(
    connection: Connection, context: Context, correction: ManualCorrection
) -> None:
    """Bring back the rows before, if each is still as the correction left it."""
    for change in correction.changes:
        now = corrections.current_row(connection, change)
        if now != (dict(change.after) if change.after is not None else None):
            later = [
                each.id
                for each in corrections.later_corrections(connection, correction.number)
                if {c.table for c in each.changes} & {change.table}
            ]
            after = f" (perhaps by {listed(later)})" if later else ""
            key = ", ".join(str(value) for value in change.key().values())
            raise _refuse(
                correction,
                f"the row {key} of {change.table} has changed since{after}",
                "Take back what changed it first, or correct it again.",
            )
    if standing := _stands_on(connection, correction):
        raise _refuse(correction, standing, "Correct it again, or leave it as it is.")
    corrections.apply_changes(connection, corrections.reverted(correction.changes))
    _revert_class_of_marks(connection, correction)
    if correction.kind == "collection":
        before = correction.changes[0].before or {}
        set_closing_day(context.school.folder, correction.collection, before["closes"])


def _stands_on(connection: Connection, correction: ManualCorrection) -> str:
    """What stands on a row that a correction added, as a clause; empty if nothing."""
    for change in correction.changes:
        if change.before is not None or change.after is None:
            continue
        if change.table == "pupils":
            adno = change.after["adno"]
            for name in ("issued_rows", "marks", "history", "results", "interventions"):
                table = schema.metadata.tables[name]
                query = select(table.c.adno).where(table.c.adno == adno).limit(1)
                if connection.execute(query).first():
                    return f"pupil {adno} stands in {name}"
        if change.table == "classes":
            issues = schema.issues.c
            query = select(issues.file).where(
                issues["class"] == change.after["class"],
                issues.academic_year == correction.academic_year,
                issues.issued_at >= correction.at,
            )
            if row := connection.execute(query.limit(1)).first():
                return f"the markbook {row[0]} was issued since"
    return ""


def _revert_class_of_marks(
    connection: Connection, correction: ManualCorrection
) -> None:
    """Put the marks of a renamed or merged class under its old code again."""
    old_pupils = {
        (change.before["class"], change.before["adno"])
        for change in correction.changes
        if change.table == "memberships" and change.before and not change.after
    }
    for change in correction.changes:
        if change.table == "class_aliases" and change.after and not change.before:
            old, new = change.after["alias"], change.after["class"]
            pupils = [adno for code, adno in old_pupils if code == old]
            move_marks(connection, correction.academic_year, new, old, pupils)


def end_covers(connection: Connection, context: Context) -> list[str]:
    """End the covers whose last day is past, where the class is as the cover left it.

    Returns:
        A sentence about each.
    """
    sentences = []
    today = context.today.isoformat()
    for cover in corrections.due_covers(connection, today):
        changes = cover.changes
        if all(
            corrections.current_row(connection, change) == change.after
            for change in changes
        ):
            corrections.apply_changes(connection, corrections.reverted(changes))
            sentences.append(f"The cover {cover.id} has ended: {cover.what}.")
        corrections.mark_undone(
            connection, cover.number, who="end of cover", moment=context.moment
        )
    return sentences
