"""Choose cells to hide so that none can be calculated from a table's totals."""

from __future__ import annotations

import numpy as np

from udfs.statistics.arrays import Booleans, Integers

MIN_CELL_SIZE = 6  # pupils; fewer are hidden
_UNAVAILABLE = np.iinfo(np.int64).max


def is_small(sizes: Integers) -> Booleans:
    """Whether cells have some pupils, but fewer than six, in any count (the last axis).

    >>> is_small(np.array([[0, 0], [7, 7], [7, 5], [3, 0]])).tolist()
    [False, False, True, True]
    """
    small: Booleans = np.any((sizes > 0) & (sizes < MIN_CELL_SIZE), axis=-1)
    return small


def groups_to_hide(sizes: Integers) -> Booleans:
    """Choose the groups of a dimension to hide: the small ones, and others with them.

    At least two are hidden, which together are not small either.

    Args:
        sizes: Block x group x count.

    >>> groups_to_hide(np.array([[[3], [40], [7]], [[20], [40], [7]]])).tolist()
    [[True, False, True], [False, False, False]]
    """
    present = sizes[..., 0] > 0
    hides = is_small(sizes)
    work = np.flatnonzero(np.any(hides, axis=1))
    while len(work):
        hidden_total = (sizes[work] * hides[work, :, None]).sum(axis=1)
        short = (hides[work].sum(axis=1) < 2) | is_small(hidden_total)
        spare = present[work] & ~hides[work]
        work, spare = work[short], spare[short]
        has_spare = spare.any(axis=1)
        work, spare = work[has_spare], spare[has_spare]
        hides[work, _smallest(sizes[work, :, 0], spare)] = True
    return hides


def merge_hidden(sizes: Integers, rows: Booleans, columns: Booleans) -> Integers:
    """Merge all hidden groups of each side into one last row and column.

    Args:
        sizes: Block x row x column x count.
        rows: The hidden groups of the rows, block x row.
        columns: The hidden groups of the columns, block x column.
    """
    visible = sizes * ~rows[:, :, None, None]
    merged = (sizes * rows[:, :, None, None]).sum(axis=1, keepdims=True)
    sizes = np.concatenate([visible, merged], axis=1)
    visible = sizes * ~columns[:, None, :, None]
    merged = (sizes * columns[:, None, :, None]).sum(axis=2, keepdims=True)
    return np.concatenate([visible, merged], axis=2)


def square_to_hide(sizes: Integers) -> tuple[Booleans, Booleans, Integers]:
    """Choose the rows and columns whose crossing is hidden, in every block.

    The crossing includes every small cell, has at least two rows and two columns, and
    hides at least six pupils in each: then no cell follows from the totals.

    Args:
        sizes: Block x row x column x count; totals on all sides are known.

    Returns:
        Rows; columns; and 1 or 2 where even the whole table is not enough, because
        one row (1) or one column (2) holds all of a count; else 0.
    """
    bad = is_small(sizes)
    rows: Booleans = np.any(bad, axis=2)
    columns: Booleans = np.any(bad, axis=1)
    alone = np.zeros(len(sizes), dtype=np.int64)
    work = np.flatnonzero(rows.any(axis=1))
    while len(work):
        block_sizes, r, c = sizes[work], rows[work], columns[work]
        in_rows = (block_sizes * c[:, None, :, None]).sum(axis=2) * r[..., None]
        in_columns = (block_sizes * r[:, :, None, None]).sum(axis=1) * c[..., None]
        wants_columns = _hides_too_few(in_rows, r) | _in_single_line(in_columns)
        wants_rows = _hides_too_few(in_columns, c) | _in_single_line(in_rows)
        spare_rows = (block_sizes[..., 0].sum(axis=2) > 0) & ~r
        spare_columns = (block_sizes[..., 0].sum(axis=1) > 0) & ~c
        has_spare_rows, has_spare_columns = (
            spare_rows.any(axis=1),
            spare_columns.any(axis=1),
        )
        more_rows = (wants_rows | (wants_columns & ~has_spare_columns)) & has_spare_rows
        more_columns = (
            wants_columns | (wants_rows & ~has_spare_rows)
        ) & has_spare_columns
        totals = block_sizes[..., 0].sum(axis=2)[more_rows]
        rows[work[more_rows], _smallest(totals, spare_rows[more_rows])] = True
        totals = block_sizes[..., 0].sum(axis=1)[more_columns]
        grown = _smallest(totals, spare_columns[more_columns])
        columns[work[more_columns], grown] = True
        stuck = (wants_rows | wants_columns) & ~more_rows & ~more_columns
        alone[work[stuck]] = np.where(_in_single_line(in_rows)[stuck], 1, 2)
        work = work[more_rows | more_columns]
    return rows, columns, alone


def partly_hidden(hides: Booleans, inside: Booleans) -> Booleans:
    """Whether a set of groups includes some of the hidden groups but not all.

    Args:
        hides: Block x group: the hidden groups.
        inside: Block x group x set: the members of each set; there may be several
            axes of sets.
    """
    spread = hides.reshape(*hides.shape, *(1,) * (inside.ndim - 2))
    counts = (spread & inside).sum(axis=1)
    whole = hides.sum(axis=1).reshape(-1, *(1,) * (counts.ndim - 1))
    partial: Booleans = (counts > 0) & (counts < whole)
    return partial


def merged_index(hides: Booleans) -> Integers:
    """Return the row of every group in a merged table: its own, or the last."""
    groups = hides.shape[1]
    return np.where(hides, groups, np.arange(groups))


def _hides_too_few(rest: Integers, chosen: Booleans) -> Booleans:
    """Whether a row (or column) of the square hides too few pupils."""
    too_few = (rest[..., 0] < MIN_CELL_SIZE) | is_small(rest)
    lines: Booleans = np.any(too_few & chosen, axis=1)
    return lines


def _in_single_line(rest: Integers) -> Booleans:
    """Whether one row (or column) of the square holds all of a count."""
    lines: Booleans = np.any((rest > 0).sum(axis=1) == 1, axis=1)
    return lines


def _smallest(sizes: Integers, spare: Booleans) -> Integers:
    """Return the smallest available line, the first of equals, in every block."""
    return (
        np.where(spare, sizes, _UNAVAILABLE).argmin(axis=1)
        if len(sizes)
        else sizes[:, 0]
    )
