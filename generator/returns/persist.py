"""Persist the outcome of a merge: marks, history, and the cells left unsettled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from generator.problems import Problem
from generator.returns.merge_rules import VERDICTS, EarlierMerge, MergeOutcome, Return
from generator.store import accepted, marks, returns
from generator.store.class_aliases import class_aliases
from generator.store.problems import replace_problems
from generator.store.returns import PastReturn, UnsettledCell


def store_outcome(
    connection: Connection,
    returned: Return,
    outcome: MergeOutcome,
    earlier: EarlierMerge | None,
    *,
    was_read_before: bool,
    who: str,
    now: datetime,
) -> None:
    """Store the outcome of a merge in the open transaction.

    Args:
        connection: A transaction of the store.
        returned: The return.
        outcome: The outcome.
        earlier: Its earlier merge if it is read again, else None.
        was_read_before: Whether a file with its content was read before.
        who: Who collects.
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
        row = _return_row(returned, "merged", outcome.counts, who=who, moment=moment)
        returns.record_return(connection, row, known=was_read_before)
        returns.record_unsettled(connection, returned.academic_year, outcome.unsettled)
    else:
        _update_unsettled(connection, returned, outcome, earlier)
    aliases = class_aliases(connection, returned.academic_year)
    for mark in outcome.new_marks.values():
        mark["class"] = aliases.get(mark["class"], mark["class"])
    marks.write_marks(
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
        accepted.accept_values(
            connection,
            common={**common, "accepted_at": moment},
            class_code=code,
            known=outcome.accepted_before[code],
            values=values,
        )
    _settle_older(connection, returned, outcome, return_id, is_whole=earlier is None)
    _replace_problems(connection, returned, outcome.problems, now)


def record_unchanged(
    connection: Connection,
    returned: Return,
    past: Sequence[PastReturn],
    *,
    who: str,
    now: datetime,
) -> None:
    """Record that a file says nothing new, unless that is recorded already.

    Args:
        connection: A transaction of the store.
        returned: The file.
        past: The records of files with the same content.
        who: Who collects.
        now: The moment.
    """
    for earlier in past:
        if earlier.return_id == returned.return_id and earlier.status != "rejected":
            return
    moment = now.isoformat(timespec="seconds")
    row = _return_row(returned, "unchanged", {}, who=who, moment=moment)
    returns.record_return(connection, row, known=bool(past))
    _replace_problems(connection, returned, (), now)


def _return_row(
    returned: Return, status: str, counts: Mapping[str, int], *, who: str, moment: str
) -> dict[str, object]:
    classes = [
        code
        for code in returned.classes
        if status == "unchanged" or code in returned.changed_classes
    ]
    issues = dict.fromkeys(issue.issue_id for issue in returned.issues.values())
    return {
        "return_id": returned.return_id,
        "academic_year": returned.academic_year,
        "sha256": returned.sha256,
        "file": returned.file,
        "class": ";".join(classes),
        "collection": returned.collection,
        "issue_id": ";".join(issues),
        "modified": returned.modified,
        "returned_at": returned.returned_at,
        "read_at": moment,
        "who": who,
        "status": status,
        "read": sum(counts.values()),
        **{str(verdict): counts.get(verdict, 0) for verdict in VERDICTS},
        "blank": returned.blank,
    }


def _replace_problems(
    connection: Connection,
    returned: Return,
    problems: Sequence[Problem],
    now: datetime,
) -> None:
    replace_problems(
        connection,
        returned.file,
        problems,
        academic_year=returned.academic_year,
        collection=returned.collection,
        now=now,
    )


def _update_unsettled(
    connection: Connection,
    returned: Return,
    outcome: MergeOutcome,
    earlier: EarlierMerge,
) -> None:
    """Update the unsettled cells, and the counts, of a return that was read again."""
    left = {(cell.sheet, cell.cell) for cell in outcome.unsettled}
    listed_before = {(cell.sheet, cell.cell) for cell in earlier.unsettled}
    read = earlier.cells_to_read() or set()
    returns.settle_cells(
        connection,
        returned.academic_year,
        [cell for cell in earlier.unsettled if (cell.sheet, cell.cell) in read - left],
        by=earlier.return_id,
    )
    returns.record_unsettled(
        connection,
        returned.academic_year,
        [
            cell
            for cell in outcome.unsettled
            if (cell.sheet, cell.cell) not in listed_before
        ],
    )
    if read:
        before = Counter(cell.kind for cell in earlier.unsettled)
        differences = {str(v): outcome.counts[v] - before[v] for v in VERDICTS}
        returns.move_counts(connection, earlier.return_id, differences)


def _settle_older(
    connection: Connection,
    returned: Return,
    outcome: MergeOutcome,
    return_id: str,
    *,
    is_whole: bool,
) -> None:
    """Settle the cells of older returns that this return answers.

    If nothing in this return was rejected, it also settles whatever was rejected
    before: the teacher has corrected or removed it.
    """
    older = returns.older_unsettled_cells(
        connection, returned.collection, outcome.current_classes, returned.modified
    )
    is_clean = is_whole and not outcome.counts["rejected"]

    def is_answered(cell: UnsettledCell) -> bool:
        mark = (cell.adno, cell.subject, cell.field)
        is_corrected = is_clean and cell.kind == "rejected"
        return mark in outcome.accepted_values.get(cell.class_code, {}) or (
            is_corrected and cell.class_code in returned.changed_classes
        )

    returns.settle_cells(
        connection,
        returned.academic_year,
        [cell for cell in older if cell.return_id != return_id and is_answered(cell)],
        by=return_id,
    )
