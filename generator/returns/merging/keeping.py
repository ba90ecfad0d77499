"""Putting down what became of a return: marks, history, and what is left to settle."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from generator.problems import Problem
from generator.returns.checking.entries import Answer
from generator.returns.merging.verdicts import VERDICTS, Change, Return, Take
from generator.store import accepting, found, inbox, marks
from generator.store.accepting import Accepted
from generator.store.inbox import Past, Unsettled
from generator.store.marks import Mark, Stored


@dataclass(frozen=True, slots=True)
class Again:
    """A return that is read again for the cells it left unsettled.

    Args:
        return_id: Its id from the first time.
        cells: The cells it left.
        take: How to settle them, or None.
    """

    return_id: str
    cells: Sequence[Unsettled]
    take: Take | None

    def only(self) -> set[tuple[str, str]] | None:
        """The cells to look at; None for all, where `--take` finds none to settle."""
        if self.take and not any(cell.kind == "conflict" for cell in self.cells):
            return None
        return {(cell.sheet, cell.cell) for cell in self.cells}


@dataclass(slots=True)
class Outcome:
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
    changes: list[Change] = field(default_factory=list)
    history: list[dict[str, str]] = field(default_factory=list)
    after: dict[Mark, dict[str, str]] = field(default_factory=dict)
    left: list[Unsettled] = field(default_factory=list)
    values: dict[str, dict[Mark, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    before: Mapping[Mark, Stored] = field(default_factory=dict)
    accepted: Mapping[str, Mapping[Mark, Accepted]] = field(default_factory=dict)
    current: set[str] = field(default_factory=set)

    def put(self, answer: Answer, value: str, store: str, why: str) -> None:
        """Change a mark.

        Args:
            answer: The cell that says so.
            value: The new value; empty takes the mark away.
            store: The value before.
            why: `merged` or `taken`.
        """
        where = f"{answer.sheet}!{answer.cell}"
        self.after[answer.mark] = {
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


def keep(
    connection: Connection,
    returned: Return,
    outcome: Outcome,
    again: Again | None,
    *,
    known: bool,
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
    return_id = again.return_id if again else returned.return_id
    moment = now.isoformat(timespec="seconds")
    common = {
        "collection": returned.collection,
        "academic_year": returned.academic_year,
        "return_id": return_id,
    }
    if again is None:
        _enter(
            connection,
            returned,
            "merged",
            outcome.counts,
            known=known,
            who=who,
            now=now,
        )
        inbox.leave_unsettled(connection, returned.academic_year, outcome.left)
    else:
        _keep_again(connection, returned, outcome, again)
    marks.write(
        connection,
        common={
            **common,
            "source_file": returned.file,
            "who": who,
            "merged_at": moment,
        },
        before=outcome.before,
        after=outcome.after,
        changes=outcome.history,
    )
    for code, values in outcome.values.items():
        accepting.accept(
            connection,
            common={**common, "accepted_at": moment},
            class_code=code,
            known=outcome.accepted[code],
            values=values,
        )
    _settle_older(connection, returned, outcome, return_id, is_whole=again is None)
    found.replace(
        connection,
        returned.file,
        outcome.problems,
        academic_year=returned.academic_year,
        collection=returned.collection,
        now=now,
    )


def enter_unchanged(
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
    found.replace(
        connection,
        returned.file,
        (),
        academic_year=returned.academic_year,
        collection=returned.collection,
        now=now,
    )


def _keep_again(
    connection: Connection, returned: Return, outcome: Outcome, again: Again
) -> None:
    left = {(cell.sheet, cell.cell) for cell in outcome.left}
    known = {(cell.sheet, cell.cell) for cell in again.cells}
    only = again.only() or set()
    inbox.settle(
        connection,
        returned.academic_year,
        [cell for cell in again.cells if (cell.sheet, cell.cell) in only - left],
        by=again.return_id,
    )
    inbox.leave_unsettled(
        connection,
        returned.academic_year,
        [cell for cell in outcome.left if (cell.sheet, cell.cell) not in known],
    )
    if only:
        before = Counter(cell.kind for cell in again.cells)
        moved = {str(v): outcome.counts[v] - before[v] for v in VERDICTS}
        inbox.recount(connection, again.return_id, moved)


def _settle_older(
    connection: Connection,
    returned: Return,
    outcome: Outcome,
    return_id: str,
    *,
    is_whole: bool,
) -> None:
    """Take off the list what older returns left and this one has answered.

    A cell that this return answers is settled; and where nothing in it was rejected,
    so is whatever was rejected before: it has been put right or taken out.
    """
    older = inbox.older_unsettled(
        connection, returned.collection, outcome.current, returned.modified
    )
    clean = is_whole and not outcome.counts["rejected"]

    def answered(cell: Unsettled) -> bool:
        mark = (cell.adno, cell.subject, cell.field)
        put_right = clean and cell.kind == "rejected"
        return mark in outcome.values.get(cell.class_code, {}) or (
            put_right and cell.class_code in returned.touched
        )

    inbox.settle(
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
        if status == "unchanged" or code in returned.touched
    ]
    issues = dict.fromkeys(issue.issue_id for issue in returned.issues.values())
    inbox.enter(
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
