"""Warnings about marks that are accepted but look implausible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.problems import Problem
from generator.returns.entries import EntryCell
from generator.store.marks import Mark, StoredMark
from udfs.measures.questions import Question, class_questions, pupil_questions
from udfs.scales.scale import Scale

_MARKS = ("prediction", "working_at")
_Row = Mapping[str, EntryCell]  # a pupil's entries in a subject, by field


def mark_warnings(
    entries: Sequence[EntryCell],
    *,
    scales: Mapping[tuple[str, str], Scale],
    previous_predictions: Mapping[tuple[str, str], str],
    stored: Mapping[Mark, StoredMark],
    verdicts: Mapping[tuple[str, Mark], str],
) -> list[Problem]:
    """The questions about a return that no reason answers, as warnings.

    A reason answers the questions about a pupil until one of their marks changes.
    Then the reason must be entered again, or be later than the mark.

    Args:
        entries: The return's entry cells.
        scales: Class and subject -> the scale of its predictions.
        previous_predictions: Subject and pupil -> the prediction of the collection
            before.
        stored: The marks before this return.
        verdicts: Class and mark -> the verdict on the entry.
    """
    rows: dict[tuple[str, str, str], dict[str, EntryCell]] = {}
    for entry in entries:
        if entry.adno:
            row = rows.setdefault((entry.class_code, entry.adno, entry.subject), {})
            row[entry.field] = entry
    warnings = []
    for (code, adno, subject), row in rows.items():
        entry_shown = row.get("prediction") or row.get("working_at")
        changed = {
            field
            for field in ("reason", *_MARKS)
            if verdicts.get((code, (adno, subject, field))) in ("new", "changed")
        }
        if entry_shown is None or _has_reason(adno, subject, row, stored, changed):
            continue
        prediction, working_at = (
            _value(row, stored, (adno, subject, field)) for field in _MARKS
        )
        questions = pupil_questions(
            working_at,
            prediction,
            scales[code, subject],
            last_prediction=previous_predictions.get((subject, adno)),
        )
        warnings += [_warning(entry_shown, each, adno) for each in questions]
    return [*warnings, *_class_warnings(rows, scales, previous_predictions)]


def _class_warnings(
    rows: Mapping[tuple[str, str, str], _Row],
    scales: Mapping[tuple[str, str], Scale],
    previous_predictions: Mapping[tuple[str, str], str],
) -> list[Problem]:
    classes: dict[tuple[str, str], dict[str, EntryCell]] = {}
    for (code, adno, subject), row in rows.items():
        entry = row.get("prediction")
        if entry is not None and entry.value:
            classes.setdefault((code, subject), {})[adno] = entry
    warnings = []
    for (code, subject), entries in classes.items():
        first = next(iter(entries.values()))
        questions = class_questions(
            {adno: entry.value or "" for adno, entry in entries.items()},
            scales[code, subject],
            last_predictions={
                adno: previous_predictions.get((subject, adno), "") for adno in entries
            },
        )
        warnings += [_warning(first, each) for each in questions]
    return warnings


def _warning(entry: EntryCell, question: Question, adno: str = "") -> Problem:
    what, _, do = question.text.partition(": ")
    return Problem(
        sheet=entry.sheet,
        cell=entry.cell,
        adno=adno,
        severity="warning",
        code=question.code,
        value=entry.displayed,
        what=f"{what}.",
        do=f"{do[:1].upper()}{do[1:]}",
    )


def _value(row: _Row, stored: Mapping[Mark, StoredMark], mark: Mark) -> str | None:
    """The value of a mark after this return; None for no mark."""
    entry = row.get(mark[2])
    if entry is not None:
        return entry.value or None
    before = stored.get(mark)
    return before.value if before else None


def _has_reason(
    adno: str,
    subject: str,
    row: _Row,
    stored: Mapping[Mark, StoredMark],
    changed: set[str],
) -> bool:
    """Whether a reason answers the questions about a pupil's marks."""
    entry = row.get("reason")
    before = stored.get((adno, subject, "reason"))
    if entry is not None and entry.value and "reason" in changed:
        return True
    if before is None or (entry is not None and not entry.value):
        return False
    if changed & set(_MARKS):
        return False
    marks = [stored.get((adno, subject, field)) for field in _MARKS]
    return all(before.merged_at >= mark.merged_at for mark in marks if mark)
