"""The gain in Attainment 8 from raising a single grade by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from udfs.measures.attainment8 import Attainment8Result, place_entries
from udfs.measures.entries import MISSING, Entries
from udfs.statistics.arrays import Integers
from udfs.tables import Tables


def grade_gains(result: Attainment8Result, tables: Tables) -> pd.DataFrame:
    """Return what each prediction adds to the score if it is one whole grade higher.

    Each pupil is recalculated with each prediction raised in turn, so all rules apply.
    Results and top grades are not raised.

    Args:
        result: The pupils' Attainment 8.
        tables: Subjects and scales.

    Returns:
        One row per pupil and prediction: the keys, `subject`, `grade`, `raised` and
        `gain` (sixtieths of a point), by pupil, the largest gain first.
    """
    entries, rows = result.entries, result.entries.rows
    raised_points, names = _raised_grades(entries, tables)
    raisable = np.flatnonzero(raised_points > rows.points)
    # For each chosen entry, a copy of its pupil with all entries.
    by_pupil = rows.select(np.argsort(rows.pupil, kind="stable"))
    first_rows = np.searchsorted(by_pupil.pupil, np.arange(len(entries.keys) + 1))
    first, last = first_rows[rows.pupil[raisable]], first_rows[rows.pupil[raisable] + 1]
    counts = last - first
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    item = np.repeat(first, counts) + np.arange(counts.sum()) - starts
    imagined = np.repeat(np.arange(len(raisable)), counts)
    copies = by_pupil.select(item)
    is_raised = copies.row == rows.row[raisable][imagined]
    points = np.where(is_raised, raised_points[raisable][imagined], copies.points)
    raised = replace(
        entries,
        keys=entries.keys.iloc[rows.pupil[raisable]],
        rows=replace(copies, pupil=imagined, points=points),
    )
    placement = place_entries(raised, result.model, tables)
    old_points = result.placement.sums.sum(axis=0)[rows.pupil[raisable]]
    keys = entries.keys.iloc[rows.pupil[raisable]].reset_index(drop=True)
    gains = pd.DataFrame(
        {
            "subject": entries.subjects[rows.subject[raisable]],
            "grade": entries.grades(rows.row[raisable]),
            "raised": [names[index] for index in raisable],
            "gain": placement.sums.sum(axis=0) - old_points,
        }
    )
    gains = pd.concat([keys, gains], axis=1)
    order = [*keys.columns, "gain", "subject"]
    ascending = [True] * len(keys.columns) + [False, True]
    return gains.sort_values(
        order, ascending=ascending, kind="stable", ignore_index=True
    )


def best_gains(gains: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the largest gain of each pupil, and its subjects joined by `;`.

    Args:
        gains: From `grade_gains`; a gain of zero is nobody's best.
        keys: The columns that identify a pupil.
    """
    positive = gains.loc[gains["gain"] > 0]
    best_gain = positive.groupby(keys)["gain"].transform("max")
    best = positive.loc[positive["gain"] == best_gain]
    subjects = best.groupby(keys, as_index=False).agg(
        subjects=("subject", "; ".join), gain=("gain", "first")
    )
    return subjects[[*keys, "subjects", "gain"]]


def _raised_grades(entries: Entries, tables: Tables) -> tuple[Integers, list[str]]:
    """Return each entry's points one whole grade higher, and the name of that grade."""
    rows = entries.rows
    points = np.full(len(rows.row), MISSING)
    names = [""] * len(rows.row)
    cache: dict[tuple[int, str], tuple[int, str]] = {}
    cells = entries.grades(rows.row)
    for item, (subject, cell) in enumerate(zip(rows.subject, cells, strict=True)):
        if rows.actual[item] or rows.points[item] == MISSING:
            continue
        key = (int(subject), cell)
        if key not in cache:
            scale = tables.scale(tables.subject(str(entries.subjects[subject])).scale)
            grade = scale.find(cell)
            higher = scale.step_up_whole(grade, 1) if grade else ""
            cache[key] = (scale.points(higher) if higher else MISSING, higher)
        points[item], names[item] = cache[key]
    return points, names
