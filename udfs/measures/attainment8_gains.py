"""Which one grade, a step higher, would raise a pupil's Attainment 8 the most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from udfs.measures.attainment8 import Attainment8, place
from udfs.measures.entries import MISSING, Entries, Whole
from udfs.tables import Tables


def rises(answer: Attainment8, tables: Tables) -> pd.DataFrame:
    """What each prediction adds to the score if it is one whole grade higher.

    Every pupil is added up again with every prediction raised in turn, so the answer
    is right by the rules themselves. Results and top grades cannot rise.

    Args:
        answer: The pupils' Attainment 8.
        tables: Subjects and scales.

    Returns:
        One row per pupil and prediction: the keys, `subject`, `grade`, `raised` and
        `gain` (sixtieths of a point), by pupil, the largest gain first.
    """
    entries, taken = answer.entries, answer.entries.taken
    up, names = _raised(entries, tables)
    chosen = np.flatnonzero(up > taken.points)
    # One imagined pupil for each chosen entry, with all entries of the real one.
    by_pupil = taken.where(np.argsort(taken.pupil, kind="stable"))
    begins = np.searchsorted(by_pupil.pupil, np.arange(len(entries.keys) + 1))
    first, last = begins[taken.pupil[chosen]], begins[taken.pupil[chosen] + 1]
    counts = last - first
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    item = np.repeat(first, counts) + np.arange(counts.sum()) - starts
    imagined = np.repeat(np.arange(len(chosen)), counts)
    copies = by_pupil.where(item)
    own = copies.row == taken.row[chosen][imagined]
    points = np.where(own, up[chosen][imagined], copies.points)
    raised = replace(
        entries,
        keys=entries.keys.iloc[taken.pupil[chosen]],
        taken=replace(copies, pupil=imagined, points=points),
    )
    placed = place(raised, answer.model, tables)
    before = answer.placed.sums.sum(axis=0)[taken.pupil[chosen]]
    keys = entries.keys.iloc[taken.pupil[chosen]].reset_index(drop=True)
    made = pd.DataFrame(
        {
            "subject": entries.subjects[taken.subject[chosen]],
            "grade": entries.grades(taken.row[chosen]),
            "raised": [names[place_] for place_ in chosen],
            "gain": placed.sums.sum(axis=0) - before,
        }
    )
    made = pd.concat([keys, made], axis=1)
    order = [*keys.columns, "gain", "subject"]
    ascending = [True] * len(keys.columns) + [False, True]
    return made.sort_values(
        order, ascending=ascending, kind="stable", ignore_index=True
    )


def best_rises(every: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The largest gain of each pupil, and the subjects that bring it, joined by `;`.

    Args:
        every: From `rises`; rises that bring nothing are nobody's best.
        keys: The columns that tell one pupil from another.
    """
    useful = every.loc[every["gain"] > 0]
    most = useful.groupby(keys)["gain"].transform("max")
    best = useful.loc[useful["gain"] == most]
    joined = best.groupby(keys, as_index=False).agg(
        subjects=("subject", "; ".join), gain=("gain", "first")
    )
    return joined[[*keys, "subjects", "gain"]]


def _raised(entries: Entries, tables: Tables) -> tuple[Whole, list[str]]:
    """Each entry's points one whole grade higher, and the name of that grade."""
    taken = entries.taken
    points = np.full(len(taken.row), MISSING)
    names = [""] * len(taken.row)
    known: dict[tuple[int, str], tuple[int, str]] = {}
    cells = entries.grades(taken.row)
    for item, (subject, cell) in enumerate(zip(taken.subject, cells, strict=True)):
        if taken.actual[item] or taken.points[item] == MISSING:
            continue
        asked = (int(subject), cell)
        if asked not in known:
            scale = tables.scale(tables.subject(str(entries.subjects[subject])).scale)
            grade = scale.find(cell)
            higher = scale.step_up_whole(grade, 1) if grade else ""
            known[asked] = (scale.points(higher) if higher else MISSING, higher)
        points[item], names[item] = known[asked]
    return points, names
