"""Restore the marks that a return or a correction changed, where nothing else has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from generator.returns.undo_report import RevertedMark
from generator.store import accepted, marks, returns, reverts
from generator.store.marks import Mark
from generator.store.reverts import FiledReturn, MarkStep


@dataclass(slots=True)
class Reversal:
    """What undoing a return or a correction would do; nothing is stored yet.

    Args:
        undone: The return or correction.
        restored: The marks that get the value before.
        not_restored: The marks that something else has changed or confirmed since.
        values: Mark, value and the step that set the value, of those restored.
        history: The rows of the history for those restored.
    """

    undone: FiledReturn
    restored: list[RevertedMark] = field(default_factory=list)
    not_restored: list[RevertedMark] = field(default_factory=list)
    values: list[tuple[Mark, str, MarkStep | None]] = field(default_factory=list)
    history: list[dict[str, str]] = field(default_factory=list)


def plan_reversal(
    connection: Connection, undone: FiledReturn, undone_ids: Collection[str]
) -> Reversal:
    """What undoing a return or a correction would restore.

    Args:
        connection: A transaction of the store.
        undone: The return or correction.
        undone_ids: The ids of the returns and corrections that were undone before.
    """
    cancelled = {*undone_ids, undone.return_id}
    steps = reverts.mark_steps(connection, undone)
    current = marks.stored_marks(
        connection,
        undone.collection,
        pupils={mark[0] for mark in steps},
        subjects={mark[1] for mark in steps},
    )
    confirmations = reverts.confirmed_values(connection, undone)
    reversal = Reversal(undone)
    for mark, mark_steps in steps.items():
        live, first = _live_steps(mark_steps)
        last = _last_step(live, undone.return_id)
        if last is None:
            continue  # undone long ago, and merged again without this mark
        stored = current[mark].value if mark in current else ""
        if reason := _why_stays(last, live, stored, confirmations.get(mark, ())):
            kept = _reverted_mark(mark, last, stored, reason)
            reversal.not_restored.append(kept)
            continue
        while live and live[-1].return_id in cancelled:
            first = live.pop().old
        source = live[-1] if live else None
        value = source.new if source else first
        reversal.restored.append(_reverted_mark(mark, last, value))
        reversal.values.append((mark, value, source))
        reversal.history.append(_history_row(mark, last, stored, value))
    return reversal


def store_reversal(
    connection: Connection, reversal: Reversal, *, who: str, moment: str
) -> None:
    """Restore marks, accepted values and unsettled cells, and record it.

    Args:
        connection: A transaction of the store.
        reversal: What to restore.
        who: The person who undoes it.
        moment: When, as ISO text.
    """
    undone = reversal.undone
    reverts.restore_marks(connection, undone, reversal.values)
    accepted.revert_accepted(connection, undone.return_id, undone.collection)
    returns.revert_settlements(connection, undone.return_id)
    reverts.record_revert(connection, undone, reversal.history, who=who, moment=moment)


def _live_steps(steps: Sequence[MarkStep]) -> tuple[list[MarkStep], str]:
    """The steps that still count, and the value before the first of them.

    A step of an undone return cancels those above the value it restored.

    >>> def step(who, old, new, why="merged"):
    ...     return MarkStep(who, "10x", old, new, "", "", "", "", why)
    >>> steps = [step("a", "", "5"), step("b", "5", "6"), step("b", "6", "5", "undone")]
    >>> [step.return_id for step in _live_steps(steps)[0]]
    ['a']
    """
    live: list[MarkStep] = []
    first = steps[0].old if steps else ""
    for step in steps:
        if step.why != returns.UNDONE:
            live.append(step)
            continue
        if live:
            live.pop()
        while live and live[-1].new != step.new:
            live.pop()
        if not live:
            first = step.new
    return live, first


def _why_stays(
    last: MarkStep,
    live: Sequence[MarkStep],
    stored: str,
    confirmations: Sequence[tuple[str, ...]],
) -> str:
    """The reason why a mark is not restored, or an empty text."""
    top = live[-1]
    if top is not last:
        if top.new:
            return f"{top.source_file} has changed it to {top.new!r} since"
        return f"{top.source_file} has cleared it since"
    if stored != last.new:
        return f"it was changed to {stored!r} since" if stored else "it is gone"
    for value, accepted_at, file in confirmations:
        if value == stored and accepted_at >= last.merged_at:
            return f"{file} says {stored!r} too" if stored else f"{file} clears it too"
    return ""


def _last_step(steps: Sequence[MarkStep], return_id: str) -> MarkStep | None:
    own = [step for step in steps if step.return_id == return_id]
    return own[-1] if own else None


def _reverted_mark(
    mark: Mark, step: MarkStep, value: str, reason: str = ""
) -> RevertedMark:
    adno, subject, field = mark
    return RevertedMark(
        step.class_code, subject, adno, field, step.source_cell, step.new, value, reason
    )


def _history_row(mark: Mark, step: MarkStep, old: str, new: str) -> dict[str, str]:
    adno, subject, field = mark
    return {
        "class": step.class_code,
        "adno": adno,
        "subject": subject,
        "field": field,
        "old": old,
        "new": new,
        "source_cell": step.source_cell,
    }
