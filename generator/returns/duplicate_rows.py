"""Reject what a pupil has in two rows of one sheet with different values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from generator.returns.check_cells import CellFault
from generator.returns.entries import EntryCell, SheetProblems

MAX_ROWS_NAMED = 6  # of one pupil, in a message


def reject_duplicates(
    entries: Sequence[EntryCell],
    rows_by_pupil: Mapping[str, Sequence[int]],
    heading: Callable[[str], str],
    sheet_problems: SheetProblems,
) -> list[EntryCell]:
    """The entries, those rejected whose pupil has another value in another row.

    Args:
        entries: The entries of one sheet.
        rows_by_pupil: Admission number -> zero-based rows.
        heading: The heading of a field.
        sheet_problems: Gets a problem for each value that is in conflict.
    """
    by_mark: dict[tuple[str, str, str], list[EntryCell]] = defaultdict(list)
    for entry in entries:
        if entry.adno:
            by_mark[entry.mark_key].append(entry)
    conflicts = {
        mark
        for mark, duplicates in by_mark.items()
        if len({entry.value for entry in duplicates}) > 1
    }
    for mark in sorted(conflicts):
        duplicates = by_mark[mark]
        sheet_problems.add(
            CellFault(
                "pupil-twice",
                f"The pupil is in rows {_row_numbers(rows_by_pupil[mark[0]])} "
                f"with different values under {heading(duplicates[0].field)}.",
                "Keep one of them and empty the other.",
            ),
            ", ".join(entry.cell for entry in duplicates),
            duplicates[0].adno,
            ", ".join(entry.displayed for entry in duplicates[:MAX_ROWS_NAMED]),
        )
    return [
        replace(entry, value=None) if entry.mark_key in conflicts else entry
        for entry in entries
    ]


def _row_numbers(rows: Sequence[int]) -> str:
    """Rows as Excel counts, the first few by number.

    >>> _row_numbers([6, 8]), _row_numbers(range(9))
    ('7 and 9', '1, 2, 3, 4, 5, 6 and 3 more')
    """
    numbers = [str(row + 1) for row in rows[:MAX_ROWS_NAMED]]
    if (rest := len(rows) - MAX_ROWS_NAMED) > 0:
        numbers.append(f"{rest} more")
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}"
