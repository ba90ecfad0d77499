"""Three-way merge of a return: its values, what was issued, what the store holds.

Rule 9. One return is one transaction: all of it is stored, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from generator.problems import Problem, group_problems
from generator.returns.entries import EntryCell
from generator.returns.merge_rules import (
    CellChange,
    EarlierMerge,
    MergeOutcome,
    MergeResult,
    Return,
    Take,
    Verdict,
    base_of,
    judge,
)
from generator.returns.persist import record_unchanged, store_outcome
from generator.returns.warnings import mark_warnings
from generator.store import accepted, marks, returns
from generator.store.accepted import AcceptedValue
from generator.store.marks import Mark
from generator.store.returns import PastReturn, UnsettledCell
from udfs.scales.scale import CLEAR


def merge(
    connection: Connection,
    returned: Return,
    *,
    who: str,
    now: datetime,
    take: Take | None = None,
) -> MergeResult:
    """Merge one return in the open transaction.

    Args:
        connection: A transaction of the store, for this return alone.
        returned: The return.
        who: Who collects.
        now: The moment.
        take: How to settle conflicts of this file, or None to leave them.
    """
    past = returns.returns_with_hash(connection, returned.sha256)
    merged = [earlier for earlier in past if earlier.status in returns.MERGED]
    is_undone = not merged and any(p.status == returns.UNDONE for p in past)
    if is_undone and not returned.is_named:
        note = f"{returned.file} was undone before; name it to merge it again."
        return MergeResult("unchanged", note=note)
    ids = [earlier.return_id for earlier in merged]
    unsettled = returns.unsettled_cells(connection, ids) if merged else []
    has_more = unsettled or take is not None if merged else returned.changed_classes
    if not has_more:
        record_unchanged(connection, returned, past, who=who, now=now)
        return MergeResult("unchanged")
    earlier = EarlierMerge(ids[0], unsettled, take) if merged else None
    outcome = _ReturnMerge(connection, returned, take, earlier).run()
    store_outcome(
        connection,
        returned,
        outcome,
        earlier,
        was_read_before=bool(past),
        who=who,
        now=now,
    )
    return MergeResult(
        "merged",
        dict(outcome.counts),
        tuple(outcome.problems),
        tuple(outcome.changes),
        is_reread=earlier is not None,
    )


@dataclass(slots=True)
class _ReturnMerge:
    """Compares one return with the store, cell by cell."""

    connection: Connection
    returned: Return
    take: Take | None
    earlier: EarlierMerge | None
    outcome: MergeOutcome = field(default_factory=MergeOutcome)
    problems: list[Problem] = field(default_factory=list)
    verdicts: dict[tuple[str, Mark], Verdict] = field(default_factory=dict)
    accepted: dict[str, dict[Mark, AcceptedValue]] = field(default_factory=dict)
    newer: dict[str, PastReturn | None] = field(default_factory=dict)

    @property
    def return_id(self) -> str:
        return self.earlier.return_id if self.earlier else self.returned.return_id

    def run(self) -> MergeOutcome:
        to_read = self.earlier.cells_to_read() if self.earlier else None
        entries = [
            entry
            for entry in self.returned.entries
            if to_read is None or (entry.sheet, entry.cell) in to_read
        ]
        self._load(entries)
        for entry in entries:
            self._merge_cell(entry)
        self._warn_of_old_copies()
        self.outcome.problems = self._all_problems(entries)
        return self.outcome

    def _load(self, entries: Sequence[EntryCell]) -> None:
        """Load what the store holds of the return's pupils and classes."""
        collection = self.returned.collection
        self.outcome.stored = marks.stored_marks(
            self.connection,
            collection,
            pupils={entry.adno for entry in entries if entry.adno},
            subjects={entry.subject for entry in entries},
        )
        for code in self.returned.classes:
            self.accepted[code] = accepted.accepted_values(
                self.connection, collection, code
            )
            latest = returns.latest_return(
                self.connection, collection, code, other_than=self.return_id
            )
            is_old = latest is not None and self.returned.modified < latest.modified
            self.newer[code] = latest if is_old else None
        self.outcome.accepted_before = self.accepted
        self.outcome.current_classes = {
            code for code, newer in self.newer.items() if newer is None
        }

    def _current_value(self, mark: Mark) -> str:
        if mark in self.outcome.new_marks:
            return self.outcome.new_marks[mark]["value"]
        stored = self.outcome.stored.get(mark)
        return stored.value if stored else ""

    def _merge_cell(self, entry: EntryCell) -> None:
        current = self._current_value(entry.mark_key)
        verdict: Verdict
        if entry.value is None:
            verdict = "rejected"
            self._leave_unsettled(entry, verdict, current)
        else:
            verdict = self._merge_value(entry, entry.value, current)
        self.outcome.counts[verdict] += 1
        self.verdicts[entry.class_code, entry.mark_key] = verdict
        if verdict != "same":
            self._add_change(entry, verdict, current)

    def _merge_value(self, entry: EntryCell, value: str, current: str) -> Verdict:
        code = entry.class_code
        last_accepted = self.accepted[code].get(entry.mark_key)
        verdict = judge(
            value,
            base=base_of(entry.prefilled, self.returned.issues[code], last_accepted),
            store=current,
            accepted=last_accepted.value if last_accepted else None,
            old_copy=self.newer[code] is not None,
        )
        is_conflict = verdict == "conflict"
        if is_conflict and self.take is None:
            self._add_conflict(entry, current)
            self._leave_unsettled(entry, verdict, current)
            return verdict
        if is_conflict and self.take == "stored":
            verdict = "same"
        elif is_conflict:
            verdict = "changed" if current else "new"
        if is_conflict or verdict != "same" or value == current:
            self.outcome.accepted_values[code][entry.mark_key] = value
        if verdict != "same":
            why = "taken" if is_conflict else "merged"
            self.outcome.set_mark(entry, value, current, why)
        return verdict

    def _leave_unsettled(self, entry: EntryCell, kind: str, current: str) -> None:
        self.outcome.unsettled.append(
            UnsettledCell(
                self.return_id,
                entry.sheet,
                entry.cell,
                entry.class_code,
                entry.subject,
                entry.adno,
                entry.field,
                kind,
                entry.displayed,
                current,
            )
        )

    def _add_change(self, entry: EntryCell, verdict: Verdict, current: str) -> None:
        new = entry.displayed if entry.value is None else entry.value or CLEAR
        self.outcome.changes.append(
            CellChange(
                self.returned.file,
                entry.class_code,
                entry.subject,
                entry.adno,
                entry.field,
                entry.sheet,
                entry.cell,
                verdict,
                current,
                new,
            )
        )

    def _add_conflict(self, entry: EntryCell, current: str) -> None:
        in_store = (
            f"the store has {current!r}" if current else "the store has no mark now"
        )
        stored = self.outcome.stored.get(entry.mark_key)
        if stored is not None and entry.mark_key not in self.outcome.new_marks:
            class_code = f" ({stored.class_code})" if stored.class_code else ""
            in_store += f", from {stored.source_file}{class_code}"
        is_old = self.newer[entry.class_code] is not None
        subject = "This older copy" if is_old else "The markbook"
        self.problems.append(
            Problem(
                file=self.returned.file,
                sheet=entry.sheet,
                cell=entry.cell,
                adno=entry.adno,
                code="conflict",
                value=entry.displayed,
                what=f"{subject} says {entry.value or CLEAR!r}; {in_store}.",
                do="The store was left as it is. To settle it: markbook collect "
                f"--take returned (or stored) {self.returned.file}.",
            )
        )

    def _warn_of_old_copies(self) -> None:
        if self.earlier or self.take == "returned":
            return  # reported by the first merge, or no longer true
        for code, newer in self.newer.items():
            if newer is not None and code in self.returned.changed_classes:
                self.problems.append(
                    Problem(
                        file=self.returned.file,
                        severity="warning",
                        code="old-copy",
                        value=code,
                        what=f"This copy of {code} was saved before {newer.file}, "
                        "which is merged already.",
                        do="It fills only what the class had not answered; where it "
                        "differs, the newer one stands.",
                    )
                )

    def _all_problems(self, entries: Sequence[EntryCell]) -> list[Problem]:
        if self.earlier is not None:
            unsettled = self.outcome.unsettled
            rejected = {cell.cell for cell in unsettled if cell.kind == "rejected"}
            remaining = [
                problem
                for problem in self.returned.problems
                if rejected & set(problem.cell.split(", "))
            ]
            return [*remaining, *group_problems(self.problems)]
        warnings = mark_warnings(
            entries,
            scales=self.returned.scales,
            previous_predictions=self.returned.previous_predictions,
            stored=self.outcome.stored,
            verdicts=self.verdicts,
        )
        warnings = [replace(problem, file=self.returned.file) for problem in warnings]
        return [*self.returned.problems, *group_problems([*self.problems, *warnings])]
