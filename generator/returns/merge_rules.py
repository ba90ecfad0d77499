"""What one returned value is: new, changed, the same, rejected or a conflict."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from generator.problems import Problem
from generator.returns.checked import Answer
from generator.returns.issued_context import Issue
from generator.store.accepted import Accepted
from udfs.scales.scale import Scale

Verdict = Literal["new", "changed", "same", "rejected", "conflict"]
Take = Literal["returned", "stored"]
_Places = set[tuple[str, str, str, str]]
VERDICTS: tuple[Verdict, ...] = ("new", "changed", "same", "rejected", "conflict")


@dataclass(frozen=True, slots=True)
class Return:
    """A file that was recognised, read and checked, ready to be merged.

    Args:
        path: Where it lies.
        file: Its name as the reader knows it.
        sha256: Of its content.
        mtime_ns: The file system's time of last change.
        returned_at: The same, as local ISO text.
        modified: The workbook's own time of last change, else that of its issue.
        collection: The collection's code.
        academic_year: As `2026/27`.
        classes: Its classes.
        touched: Those in which an entry cell differs from what was issued.
        issues: Class -> the issue it is of.
        answers: Every entry cell that is not blank.
        blank: How many are.
        problems: What checking found.
        scales: Class and subject -> the scale of predictions.
        before: Subject and pupil -> the prediction of the collection before.
        named: Whether somebody named this very file.
        notes: Sheet -> the cells under `Your notes` in which something stands.
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
    issues: Mapping[str, Issue]
    answers: tuple[Answer, ...]
    blank: int
    problems: tuple[Problem, ...]
    scales: Mapping[tuple[str, str], Scale]
    previous_predictions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    is_named: bool = False
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def merge_order(self) -> tuple[str, int, str]:
        """Where it comes in a run: own time, then file time, then name."""
        return self.modified, self.mtime_ns, self.file

    @property
    def return_id(self) -> str:
        """A short name for it: the same content under the same name is the same."""
        return return_id(self.sha256, self.file)


@dataclass(frozen=True, slots=True)
class CellChange:
    """What became of one cell, for the report."""

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
    """What became of a return.

    Args:
        status: `merged`, `superseded` or `unchanged`.
        counts: How many of the cells read were new, changed, same, rejected or in
            conflict.
        problems: Everything there is to say about it, now.
        changes: The cells that are not simply the same.
        note: A line for the reader, or empty.
        again: Whether it was merged before and read again for a few cells.
    """

    status: str
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    changes: tuple[CellChange, ...] = ()
    note: str = ""
    is_reread: bool = False


def return_id(content: str, file: str) -> str:
    """The id of a file as it came back: of what is in it, under which name."""
    text = f"{content}\n{file}".encode("utf-8", "replace")
    return "r" + hashlib.sha256(text).hexdigest()[:12]


def judge(
    value: str,
    *,
    base: str,
    store: str,
    accepted: str | None = None,
    old_copy: bool = False,
) -> Verdict:
    """What one returned value is, against its base and the store. Empty is none.

    Args:
        returned: The value in the file; empty for `Clear`.
        base: What the class started from: see `base_of`.
        store: The value that stands.
        accepted: The last value accepted from the class, or None where it has not
            answered this cell.
        old_copy: Whether a later return of the class was merged before.

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


def base_of(stamped: str, issue: Issue, accepted: Accepted | None) -> str:
    """The later of what the markbook was issued with and what was last accepted.

    Args:
        stamped: What the cell was issued with; empty for nothing.
        issue: The issue that the file is of.
        accepted: What was last accepted from the class's returns, or None.
    """
    if accepted is None:
        return stamped
    # A return comes after its own issue, whatever the clocks say.
    if issue.issue_id in accepted.issues or accepted.accepted_at >= issue.issued_at:
        return accepted.value
    return stamped


class SupersededReturns:
    """Which returns of a run later ones of the same run stand in for."""

    def __init__(self) -> None:
        self._filled: dict[tuple[str, str], list[tuple[Return, _Places]]]
        self._filled = defaultdict(list)
        self._alone: dict[str, set[tuple[str, str]]] = {}

    def add(self, later: Return) -> list[str]:
        """The returns merged before that are superseded now that this one is too.

        Args:
            later: A return that was merged in this run.

        Returns:
            The ids of those of whose classes each has a later return that fills every
            cell they fill.
        """
        done = []
        for key, places in _places(later).items():
            for one, fewer in self._filled[key]:
                alone = self._alone[one.return_id]
                if (
                    key in alone
                    and one.merge_order < later.merge_order
                    and fewer <= places
                ):
                    alone.remove(key)
                    if not alone:
                        done.append(one.return_id)
            self._filled[key].append((later, places))
            self._alone.setdefault(later.return_id, set()).add(key)
        return done


def _places(returned: Return) -> dict[tuple[str, str], _Places]:
    found: dict[tuple[str, str], _Places] = defaultdict(set)
    for answer in returned.answers:
        found[returned.collection, answer.class_code].add(answer.place)
    return dict(found)


def total_counts(merged: Iterable[MergeResult]) -> dict[str, int]:
    """The cells of several returns together, with how many were read."""
    counts: Counter[str] = Counter()
    for one in merged:
        counts.update(one.counts)
    made = {str(verdict): counts[verdict] for verdict in VERDICTS}
    return {"read": sum(made.values()), **made}
