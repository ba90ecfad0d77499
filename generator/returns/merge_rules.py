"""The rules of merging, and what a merge takes in and results in."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from generator.problems import Problem
from generator.returns.entries import EntryCell
from generator.returns.issued_context import IssueRecord
from generator.store.accepted import AcceptedValue
from generator.store.marks import Mark, StoredMark
from generator.store.returns import UnsettledCell
from udfs.scales.scale import Scale

Verdict = Literal["new", "changed", "same", "rejected", "conflict"]
Take = Literal["returned", "stored"]
VERDICTS: tuple[Verdict, ...] = ("new", "changed", "same", "rejected", "conflict")


@dataclass(frozen=True, slots=True)
class Return:
    """A returned file, identified, read and checked: ready to merge.

    Args:
        path: Its path.
        file: Its name as messages show it.
        sha256: The hash of its content.
        mtime_ns: The file's time of last change.
        returned_at: The same, as local ISO text.
        modified: The workbook's own time of last change, else that of its issue.
        collection: The collection's code.
        academic_year: As `2026/27`.
        classes: Its classes.
        changed_classes: Those in which an entry cell differs from what was issued.
        issues: Class -> the issue it belongs to.
        entries: Every entry cell that is not blank.
        blank: The number of blank entry cells.
        problems: What checking found.
        scales: Class and subject -> the scale of predictions.
        previous_predictions: Subject and pupil -> the prediction of the collection
            before.
        is_named: Whether the user named this very file.
        notes: Sheet -> the cells under `Your notes` that are not blank.
    """

    path: Path
    file: str
    sha256: str
    mtime_ns: int
    returned_at: str
    modified: str
    collection: str
    academic_year: str
    classes: tuple[str, ...]
    changed_classes: frozenset[str]
    issues: Mapping[str, IssueRecord]
    entries: tuple[EntryCell, ...]
    blank: int
    problems: tuple[Problem, ...]
    scales: Mapping[tuple[str, str], Scale]
    previous_predictions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    is_named: bool = False
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def merge_order(self) -> tuple[str, int, str]:
        """The sort key of merging: workbook's time, file's time, name."""
        return self.modified, self.mtime_ns, self.file

    @property
    def return_id(self) -> str:
        """Its id; the same content under the same name has the same id."""
        return return_id(self.sha256, self.file)


def return_id(content: str, file: str) -> str:
    """The id of a returned file.

    Args:
        content: The hash of its content, or what else identifies it.
        file: Its name.
    """
    text = f"{content}\n{file}".encode("utf-8", "replace")
    return "r" + hashlib.sha256(text).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class CellChange:
    """The result of one cell, for the report."""

    file: str
    class_code: str
    subject: str
    adno: str
    field: str
    sheet: str
    cell: str
    verdict: Verdict
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The result of merging a return.

    Args:
        status: `merged` or `unchanged`.
        counts: The number of its cells by verdict.
        problems: What to correct or check.
        changes: The cells that are not simply the same.
        note: A line for the reader, or empty.
        is_reread: Whether it was merged before and read again for a few cells.
    """

    status: str
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    changes: tuple[CellChange, ...] = ()
    note: str = ""
    is_reread: bool = False


def judge(
    value: str,
    *,
    base: str,
    store: str,
    accepted: str | None = None,
    old_copy: bool = False,
) -> Verdict:
    """The verdict on one returned value. An empty text is no mark.

    Args:
        value: The value in the file; empty for `Clear`.
        base: The value that the class started from: see `base_of`.
        store: The value in the store.
        accepted: The last value accepted from the class, or None if it has not
            answered this cell.
        old_copy: Whether a later return of the class is merged already.

    >>> judge("6", base="5", store="5"), judge("6", base="", store="")
    ('changed', 'new')
    >>> judge("6", base="5", store="7"), judge("5", base="5", store="7")
    ('conflict', 'same')
    >>> judge("6", base="5", store="5", accepted="5", old_copy=True)
    'conflict'
    """
    if value == store:
        return "same"
    if old_copy and accepted is not None and value != accepted:
        return "conflict"
    if value == base:
        return "same"
    if store == base:
        return "changed" if store else "new"
    return "conflict"


def base_of(prefilled: str, issue: IssueRecord, accepted: AcceptedValue | None) -> str:
    """The later of what a cell was issued with and what was last accepted.

    Args:
        prefilled: What the cell was issued with; empty for nothing.
        issue: The issue that the file belongs to.
        accepted: What was last accepted from the class's returns, or None.
    """
    if accepted is None:
        return prefilled
    # A return is later than its own issue, whatever the clocks say.
    if issue.issue_id in accepted.issues or accepted.accepted_at >= issue.issued_at:
        return accepted.value
    return prefilled


@dataclass(frozen=True, slots=True)
class EarlierMerge:
    """The earlier merge of a return that is read again for its unsettled cells.

    Args:
        return_id: The id of the return then.
        unsettled: The cells it left unsettled.
        take: How to settle them, or None.
    """

    return_id: str
    unsettled: Sequence[UnsettledCell]
    take: Take | None

    def cells_to_read(self) -> set[tuple[str, str]] | None:
        """Their sheets and addresses; None for all cells.

        All are read if `--take` finds no conflict to settle.
        """
        if self.take and not any(cell.kind == "conflict" for cell in self.unsettled):
            return None
        return {(cell.sheet, cell.cell) for cell in self.unsettled}


@dataclass(slots=True)
class MergeOutcome:
    """The outcome of a merge before any of it is stored.

    Args:
        counts: The number of cells by verdict.
        problems: What to correct or check.
        changes: The cells that are not simply the same, for the report.
        history: The values that change, in order.
        new_marks: Mark -> its new value, class and cell.
        unsettled: The cells that were not accepted.
        accepted_values: Class -> mark -> the value accepted from it now.
        stored: The marks before the merge.
        accepted_before: Class -> mark -> what was accepted from it before.
        current_classes: The classes for which the return is not an old copy.
    """

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    changes: list[CellChange] = field(default_factory=list)
    history: list[dict[str, str]] = field(default_factory=list)
    new_marks: dict[Mark, dict[str, str]] = field(default_factory=dict)
    unsettled: list[UnsettledCell] = field(default_factory=list)
    accepted_values: dict[str, dict[Mark, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    stored: Mapping[Mark, StoredMark] = field(default_factory=dict)
    accepted_before: Mapping[str, Mapping[Mark, AcceptedValue]] = field(
        default_factory=dict
    )
    current_classes: set[str] = field(default_factory=set)

    def set_mark(self, entry: EntryCell, value: str, old: str, why: str) -> None:
        """Change a mark.

        Args:
            entry: The cell with the value.
            value: The new value; empty removes the mark.
            old: The value before.
            why: `merged` or `taken`.
        """
        source_cell = f"{entry.sheet}!{entry.cell}"
        self.new_marks[entry.mark_key] = {
            "value": value,
            "class": entry.class_code,
            "source_cell": source_cell,
        }
        self.history.append(
            {
                "class": entry.class_code,
                "adno": entry.adno,
                "subject": entry.subject,
                "field": entry.field,
                "old": old,
                "new": value,
                "source_cell": source_cell,
                "why": why,
            }
        )
