"""Putting down what became of a return: marks, history, and what is left to settle."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from generator.problems import Problem
from generator.returns.checked import Answer
from generator.returns.merge_rules import VERDICTS, CellChange, Return, Take
from generator.store import accepted as accepting
from generator.store import marks, returns
from generator.store import problems as found
from generator.store.accepted import Accepted
from generator.store.marks import Mark, Stored
from generator.store.returns import Past, Unsettled


@dataclass(frozen=True, slots=True)
class EarlierMerge:
    """A return that is read again for the cells it left unsettled.

    Args:
        return_id: Its id from the first time.
        cells: The cells it left.
        take: How to settle them, or None.
    """

    return_id: str
    unsettled: Sequence[Unsettled]
    take: Take | None

    def only(self) -> set[tuple[str, str]] | None:
        """The cells to look at; None for all, where `--take` finds none to settle."""
        if self.take and not any(cell.kind == "conflict" for cell in self.unsettled):
            return None
        return {(cell.sheet, cell.cell) for cell in self.unsettled}


@dataclass(slots=True)
class MergeOutcome:
    """What a return comes to, before any of it is stored.

    Args:
        counts: How many of its cells were new, changed, same, rejected, in conflict.
        problems: Everything there is to say about it.
        changes: The cells that are not simply the same, for the report.
        history: The values that change, in order.
        after: Mark -> the value, class and cell it has now.
        left: The cells that were not taken.
        values: Class -> mark -> the value accepted from it now.
        before: The marks as they stood.
        accepted: Class -> mark -> what was accepted from it before.
        current: The classes of which this is no old copy.
    """

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    changes: list[CellChange] = field(default_factory=list)
    history: list[dict[str, str]] = field(default_factory=list)
    new_marks: dict[Mark, dict[str, str]] = field(default_factory=dict)
    unsettled: list[Unsettled] = field(default_factory=list)
    accepted_values: dict[str, dict[Mark, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    stored: Mapping[Mark, Stored] = field(default_factory=dict)
    accepted_before: Mapping[str, Mapping[Mark, Accepted]] = field(default_factory=dict)
    current_classes: set[str] = field(default_factory=set)

    def set_mark(self, answer: Answer, value: str, store: str, why: str) -> None:
        """Change a mark.

        Args:
            answer: The cell that says so.
            value: The new value; empty takes the mark away.
            store: The value before.
            why: `merged` or `taken`.
        """
        where = f"{answer.sheet}!{answer.cell}"
        self.new_marks[answer.mark] = {
            "value": value,
            "class": answer.class_code,
            "source_cell": where,
        }
        self.history.append(
            {
                "class": answer.class_code,
                "adno": answer.adno,
                "subject": answer.subject,
                "field": answer.field,
                "old": store,
                "new": value,
                "source_cell": where,
                "why": why,
            }
        )


def store_outcome(
    connection: Connection,
    returned: Return,
    outcome: MergeOutcome,
    earlier: EarlierMerge | None,
    *,
    is_known: bool,
    who: str,
    now: datetime,
) -> None:
    """Store what a return comes to, in the transaction that is open.

    Args:
        connection: A transaction of the store.
        returned: The return.
        outcome: What it comes to.
        again: If it was merged before, for which cells it is read again.
        known: Whether a file with its content was read before, whatever became of it.
        who: Who collected it.
        now: The moment.
    """
    return_id = earlier.return_id if earlier else returned.return_id
    moment = now.isoformat(timespec="seconds")
    common = {
        "collection": returned.collection,
        "academic_year": returned.academic_year,
        "return_id": return_id,
    }
    if earlier is None:
        _enter(
            connection,
            returned,
            "merged",
            outcome.counts,
            known=is_known,
            who=who,
            now=now,
        )
        returns.leave_unsettled(connection, returned.academic_year, outcome.unsettled)
    else:
        _keep_again(connection, returned, outcome, earlier)
    marks.write(
        connection,
        common={
            **common,
            "source_file": returned.file,
            "who": who,
            "merged_at": moment,
        },
        before=outcome.stored,
        after=outcome.new_marks,
        changes=outcome.history,
    )
    for code, values in outcome.accepted_values.items():
        accepting.accept(
            connection,
            common={**common, "accepted_at": moment},
            class_code=code,
            known=outcome.accepted_before[code],
            values=values,
        )
    _settle_older(connection, returned, outcome, return_id, is_whole=earlier is None)
    found.replace_problems(
        connection,
        returned.file,
        outcome.problems,
        academic_year=returned.academic_year,
        collection=returned.collection,
        now=now,
    )


def record_unchanged(
    connection: Connection,
    returned: Return,
    past: Sequence[Past],
    *,
    who: str,
    now: datetime,
) -> None:
    """Put down that a file said nothing new; once is enough.

    Args:
        connection: A transaction of the store.
        returned: The file.
        past: What is known of files with the same content.
        who: Who collected it.
        now: The moment.
    """
    for one in past:
        if one.return_id == returned.return_id and one.status != "rejected":
            return
    _enter(connection, returned, "unchanged", {}, known=bool(past), who=who, now=now)
    found.replace_problems(
        connection,
        returned.file,
        (),
        academic_year=returned.academic_year,
        collection=returned.collection,
        now=now,
    )


def _keep_again(
    connection: Connection, returned: Return, outcome: MergeOutcome, again: EarlierMerge
) -> None:
    left = {(cell.sheet, cell.cell) for cell in outcome.unsettled}
    known = {(cell.sheet, cell.cell) for cell in again.unsettled}
    only = again.only() or set()
    returns.settle(
        connection,
        returned.academic_year,
        [cell for cell in again.unsettled if (cell.sheet, cell.cell) in only - left],
        by=again.return_id,
    )
    returns.leave_unsettled(
        connection,
        returned.academic_year,
        [cell for cell in outcome.unsettled if (cell.sheet, cell.cell) not in known],
    )
    if only:
        before = Counter(cell.kind for cell in again.unsettled)
        moved = {str(v): outcome.counts[v] - before[v] for v in VERDICTS}
        returns.recount(connection, again.return_id, moved)


def _settle_older(
    connection: Connection,
    returned: Return,
    outcome: MergeOutcome,
    return_id: str,
    *,
    is_whole: bool,
) -> None:
    """Take off the list what older returns left and this one has answered.

    A cell that this return answers is settled; and where nothing in it was rejected,
    so is whatever was rejected before: it has been put right or taken out.
    """
    older = returns.older_unsettled(
        connection, returned.collection, outcome.current_classes, returned.modified
    )
    clean = is_whole and not outcome.counts["rejected"]

    def answered(cell: Unsettled) -> bool:
        mark = (cell.adno, cell.subject, cell.field)
        put_right = clean and cell.kind == "rejected"
        return mark in outcome.accepted_values.get(cell.class_code, {}) or (
            put_right and cell.class_code in returned.changed_classes
        )

    returns.settle(
        connection,
        returned.academic_year,
        [cell for cell in older if cell.return_id != return_id and answered(cell)],
        by=return_id,
    )


def _enter(
    connection: Connection,
    returned: Return,
    status: str,
    counts: Mapping[str, int],
    *,
    known: bool,
    who: str,
    now: datetime,
) -> None:
    classes = [
        code
        for code in returned.classes
        if status == "unchanged" or code in returned.changed_classes
    ]
    issues = dict.fromkeys(issue.issue_id for issue in returned.issues.values())
    returns.enter(
        connection,
        {
            "return_id": returned.return_id,
            "academic_year": returned.academic_year,
            "sha256": returned.sha256,
            "file": returned.file,
            "class": ";".join(classes),
            "collection": returned.collection,
            "issue_id": ";".join(issues),
            "modified": returned.modified,
            "returned_at": returned.returned_at,
            "read_at": now.isoformat(timespec="seconds"),
            "who": who,
            "status": status,
            "read": sum(counts.values()),
            **{str(verdict): counts.get(verdict, 0) for verdict in VERDICTS},
            "blank": returned.blank,
        },
        known=known,
    )
