"""Attainment 8: a sum of ten weighted slots, and which grade fills which.

Points are whole sixtieths throughout, so that the order of pupils never matters and
the sums of parts equal the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from udfs.measures.entries import MISSING, Entries, Flags, Taken, Whole, entered
from udfs.scales.slots import CURRENT, SlotModel
from udfs.tables import Tables

UNUSED = -1


@dataclass(frozen=True)
class Attainment8:
    """The answer for many pupils.

    Args:
        model: The slots that were filled.
        pupils: One row per pupil, ordered by its keys: the keys; `complete` (no
            prediction missing); `missing` (how many are); `points` and a column
            for each element, in sixtieths of a point; `filled`, `waiting` and
            `empty`: how many weighted slots hold a grade, wait for a missing one,
            and have no subject to fill them. Of a pupil who is not complete the
            points are those so far: they belong in no headline.
        entries: What every pupil takes, as it was read.
        placed: How the entries were placed.
    """

    model: SlotModel
    pupils: pd.DataFrame
    entries: Entries
    placed: Placed

    @property
    def values(self) -> pd.DataFrame:
        """Every grade with the slot it fills, pupil by pupil, highest first.

        Combined science has two rows. The keys; `subject`; `grade` as it was given;
        `points` (sixtieths; missing where the prediction is); `element` (empty
        where it counts nowhere); `slot` (1, 2 … within the element; 0 where none);
        `weight`; `counted` (points x weight); `actual`; `missing`.
        """
        placed, entries = self.placed, self.entries
        values = placed.values
        names = np.array(["", *(one.name for one in self.model.elements)], dtype=object)
        missing = values.points == MISSING
        made = {
            "subject": entries.subjects[values.subject],
            "grade": entries.grades(values.row),
            "points": pd.Series(values.points, dtype="Int64").mask(missing),
            "element": names[placed.element + 1],
            "slot": placed.slot,
            "weight": placed.weight,
            "counted": np.where(missing, 0, values.points) * placed.weight,
            "actual": values.actual,
            "missing": missing,
        }
        keys = entries.keys.iloc[values.pupil].reset_index(drop=True)
        return pd.concat([keys, pd.DataFrame(made)], axis=1)

    @property
    def empty(self) -> pd.DataFrame:
        """Slots that no subject of the pupil can fill: keys, `element`, `slots`."""
        parts = []
        for place, element in enumerate(self.model.elements):
            left = element.room - self.placed.taken[place]
            rows = np.flatnonzero(left)
            part = self.entries.keys.iloc[rows].reset_index(drop=True)
            parts.append(part.assign(element=element.name, slots=left[rows]))
        return pd.concat(parts, ignore_index=True).sort_values(
            list(self.entries.keys.columns), kind="stable", ignore_index=True
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """Grades in their slots, as arrays: one item per value, highest first.

    Args:
        values: What counts, combined science twice.
        element: The element of each, as a place in the model, or `UNUSED`.
        slot: Its place in the element, from 1; 0 where none.
        weight: How often it counts; 0 where it does not.
        sums: Points of every element and pupil.
        taken: Weighted slots with a grade or a missing one, by element and pupil.
        held: Those with a grade.
        missing: How many predictions each pupil lacks.
    """

    values: Taken
    element: Whole
    slot: Whole
    weight: Whole
    sums: Whole
    taken: Whole
    held: Whole
    missing: Whole


def attainment8(
    results: pd.DataFrame,
    tables: Tables,
    *,
    model: SlotModel | None = None,
    by: Sequence[str] = ("adno",),
) -> Attainment8:
    """Attainment 8 of every pupil, and which slot each grade fills.

    English is the better of Language and Literature, doubled if the pupil takes
    both; mathematics is doubled; three EBacc; three open, from what is left.
    Combined science gives two values. Of one discount group one result counts:
    the first entry of a banked grade, else the highest prediction. `N/T` means that
    the pupil does not take the subject; any other cell that is no grade of the
    subject's scale is a missing prediction.

    Args:
        results: One row per pupil and subject taken: the columns `by`, `subject`,
            `grade`, and where there are banked grades `actual` (true for one; its
            row may stand beside the prediction's) and `entry` (sorts the entries,
            earliest first: an ISO date).
        tables: Subjects with their slots and discount codes, scales and codes.
        model: The slots; the current ones unless given.
        by: What tells one pupil's results from another's: `adno`, or `collection`
            and `adno`.

    >>> from udfs.tables import standard
    >>> taken = {"English Language": "5", "Mathematics": "6", "History": "4"}
    >>> one = pd.DataFrame({"subject": taken.keys(), "grade": taken.values()})
    >>> answer = attainment8(one.assign(adno="1"), standard()).pupils
    >>> answer["points"].item() / 60, answer["empty"].item()  # 5 + 2 x 6 + 4
    (21.0, 6)
    """
    chosen = model or tables.key_stage_4.slots[CURRENT]
    entries = entered(results, tables, by=by)
    placed = place(entries, chosen, tables)
    pupils = entries.keys.copy()
    pupils["complete"] = placed.missing == 0
    pupils["missing"] = placed.missing
    pupils["points"] = placed.sums.sum(axis=0)
    for number, element in enumerate(chosen.elements):
        pupils[element.name] = placed.sums[number]
    taken, held = placed.taken.sum(axis=0), placed.held.sum(axis=0)
    pupils["filled"] = held
    pupils["waiting"] = taken - held
    pupils["empty"] = chosen.room - taken
    return Attainment8(chosen, pupils, entries, placed)


def place(entries: Entries, model: SlotModel, tables: Tables) -> Placed:
    """Put every pupil's grades into their slots.

    Args:
        entries: What every pupil takes.
        model: The slots.
        tables: The subjects, for the kinds of the model.
    """
    counting, missing = entries.counting()
    kinds = _kinds(entries, model, tables)
    useful: Flags = np.any(kinds >= 0, axis=0)
    pupils = len(entries.keys)
    values = _drawn(counting.where(useful[counting.subject]), entries)
    pupil, subject, points = values.pupil, values.subject, values.points
    begins = np.searchsorted(pupil, np.arange(pupils))

    element = np.full(len(pupil), UNUSED)
    slot = np.zeros(len(pupil), dtype=np.int64)
    weight = np.zeros(len(pupil), dtype=np.int64)
    for number, part in enumerate(model.elements):
        kind = np.where(element == UNUSED, kinds[number][subject], -1)
        free = kind >= 0
        if part.different:  # the highest of each kind
            firsts = [
                _running(kind == each, begins, pupil) == 1
                for each in range(len(part.kinds))
            ]
            free = np.any(firsts, axis=0)
        running = _running(free, begins, pupil)
        takes = free & (running <= part.count)
        element[takes], slot[takes], weight[takes] = number, running[takes], part.weight
        if part.doubled:
            all_slots = [slot for kind in part.kinds for slot in kind.slots]
            weight[takes & ~entries.take_each(all_slots)[pupil]] = 1
    used, graded = element != UNUSED, points != MISSING
    cell = element * pupils + pupil
    shape = (len(model.elements), pupils)
    lacking = np.bincount(missing.pupil[useful[missing.subject]], minlength=pupils)
    return Placed(
        values=values,
        element=element,
        slot=slot,
        weight=weight,
        sums=_added(points * weight, used & graded, cell, shape),
        taken=_added(weight, used, cell, shape),
        held=_added(weight, used & graded, cell, shape),
        missing=lacking.astype(np.int64),
    )


def _drawn(counting: Taken, entries: Entries) -> Taken:
    """The values in the order in which slots draw them: by pupil, highest first."""
    twice = entries.pairs[counting.subject]
    values = counting.where(np.r_[np.arange(len(twice)), np.flatnonzero(twice)])
    top = int(values.points.max(initial=0)) + 1
    order = (values.pupil * (top + 1) + top - values.points) * len(entries.subjects)
    return values.where(np.argsort(order + values.subject))


def _kinds(entries: Entries, model: SlotModel, tables: Tables) -> Whole:
    """The kind of every subject in every element; -1 where it has no place."""
    named = {
        name for part in model.elements for kind in part.kinds for name in kind.subjects
    }
    made = np.full((len(model.elements), len(entries.subjects)), -1)
    for column, subject in enumerate(entries.subjects):
        names = [name for name in sorted(named) if tables.same(str(subject), name)]
        slot = str(entries.slots[column])
        for row, part in enumerate(model.elements):
            made[row, column] = part.kind_of(slot, names)
    return made


def _running(free: Flags, begins: Whole, pupil: Whole) -> Whole:
    """For every value that is free, which one of its pupil's it is, from 1."""
    so_far = np.concatenate([[0], np.cumsum(free)])
    return np.where(free, so_far[1:] - so_far[begins][pupil], 0)


def _added(amount: Whole, chosen: Flags, cell: Whole, shape: tuple[int, int]) -> Whole:
    """Sums by element and pupil: whole numbers, far below where floats would round."""
    sums = np.bincount(cell[chosen], amount[chosen], shape[0] * shape[1])
    return sums.astype(np.int64).reshape(shape)
