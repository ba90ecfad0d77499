"""Attainment 8: the sum of ten weighted slots, and the grade in each slot.

Points are whole sixtieths throughout, so that the order of pupils never matters and
the sums of parts equal the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from udfs.measures.entries import MISSING, Entries, EntryRows, read_entries
from udfs.scales.slots import CURRENT, SlotModel
from udfs.statistics.arrays import Booleans, Integers
from udfs.tables import Tables

UNUSED = -1


@dataclass(frozen=True)
class Attainment8Result:
    """Attainment 8 of many pupils.

    Args:
        model: The slot model.
        pupils: One row per pupil, ordered by its keys: the keys; `complete` (no
            prediction missing); `missing` (how many are) of `needed` predictions
            (a result needs none); `points` and a column for
            each element, in sixtieths of a point; `filled`, `waiting` and `empty`:
            weighted slots with a grade, with a missing grade, and without a subject.
            Points of a pupil who is not complete are those so far, and belong in no
            headline.
        entries: What every pupil takes.
        placement: The slot of each entry.
    """

    model: SlotModel
    pupils: pd.DataFrame
    entries: Entries
    placement: SlotPlacement

    @property
    def slot_values(self) -> pd.DataFrame:
        """Every grade with its slot, pupil by pupil, highest first.

        Combined science has two rows. The keys; `subject`; `grade` as it was read;
        `points` (sixtieths; missing where the prediction is); `element` (empty where it
        counts nowhere); `slot` (1, 2 … within the element; 0 where none); `weight`;
        `counted` (points x weight); `actual`; `missing`.
        """
        placement, entries = self.placement, self.entries
        values = placement.values
        names = np.array(
            ["", *(element.name for element in self.model.elements)], dtype=object
        )
        missing = values.points == MISSING
        columns = {
            "subject": entries.subjects[values.subject],
            "grade": entries.grades(values.row),
            "points": pd.Series(values.points, dtype="Int64").mask(missing),
            "element": names[placement.element + 1],
            "slot": placement.slot,
            "weight": placement.weight,
            "counted": np.where(missing, 0, values.points) * placement.weight,
            "actual": values.actual,
            "missing": missing,
        }
        keys = entries.keys.iloc[values.pupil].reset_index(drop=True)
        return pd.concat([keys, pd.DataFrame(columns)], axis=1)

    @property
    def empty_slots(self) -> pd.DataFrame:
        """Slots that no subject of the pupil can fill: keys, `element`, `slots`."""
        parts = []
        for place, element in enumerate(self.model.elements):
            left = element.capacity - self.placement.occupied[place]
            rows = np.flatnonzero(left)
            part = self.entries.keys.iloc[rows].reset_index(drop=True)
            parts.append(part.assign(element=element.name, slots=left[rows]))
        return pd.concat(parts, ignore_index=True).sort_values(
            list(self.entries.keys.columns), kind="stable", ignore_index=True
        )


@dataclass(frozen=True, slots=True)
class SlotPlacement:
    """Grades in their slots, as arrays: one item per value, highest first.

    Args:
        values: The counted entries, combined science twice.
        element: The element of each value, as an index of the model, or `UNUSED`.
        slot: Its number in the element, from 1; 0 where none.
        weight: How often it counts; 0 where it does not.
        sums: The points of every element and pupil.
        occupied: Weighted slots with a grade or a missing one, by element and pupil.
        graded: Weighted slots with a grade, by element and pupil.
        needed: The number of predictions that each pupil needs.
        missing: The number of those that each pupil lacks.
    """

    values: EntryRows
    element: Integers
    slot: Integers
    weight: Integers
    sums: Integers
    occupied: Integers
    graded: Integers
    needed: Integers
    missing: Integers


def attainment8(
    results: pd.DataFrame,
    tables: Tables,
    *,
    model: SlotModel | None = None,
    by: Sequence[str] = ("adno",),
) -> Attainment8Result:
    """Calculate every pupil's Attainment 8, and the slot of each grade.

    English is the better of Language and Literature, doubled if the pupil takes both;
    mathematics is doubled; three EBacc; three open, from the rest. Combined science
    gives two values. Of one discount group one result counts: the first entry of a
    banked grade, else the highest prediction. `N/T` means that the pupil does not take
    the subject; any other cell that is not a grade of the subject's scale is a missing
    prediction.

    Args:
        results: One row per pupil and subject: the columns `by`, `subject`, `grade`,
            and for banked grades `actual` (true for one; the prediction may have its
            own row) and `entry` (the order of entries, earliest first: an ISO date).
        tables: Subjects with their slots and discount codes, scales and codes.
        model: The slot model; None for the current one.
        by: The columns that identify a pupil's results: `adno`, or `collection` and
            `adno`.

    >>> from udfs.tables import standard
    >>> grades = {"English Language": "5", "Mathematics": "6", "History": "4"}
    >>> results = pd.DataFrame({"subject": grades.keys(), "grade": grades.values()})
    >>> pupils = attainment8(results.assign(adno="1"), standard()).pupils
    >>> pupils["points"].item() / 60, pupils["empty"].item()  # 5 + 2 x 6 + 4
    (21.0, 6)
    """
    slot_model = model or tables.key_stage_4.slots[CURRENT]
    entries = read_entries(results, tables, by=by)
    placement = place_entries(entries, slot_model, tables)
    pupils = entries.keys.copy()
    pupils["complete"] = placement.missing == 0
    pupils["missing"] = placement.missing
    pupils["needed"] = placement.needed
    pupils["points"] = placement.sums.sum(axis=0)
    for number, element in enumerate(slot_model.elements):
        pupils[element.name] = placement.sums[number]
    occupied, graded = placement.occupied.sum(axis=0), placement.graded.sum(axis=0)
    pupils["filled"] = graded
    pupils["waiting"] = occupied - graded
    pupils["empty"] = slot_model.capacity - occupied
    return Attainment8Result(slot_model, pupils, entries, placement)


def place_entries(entries: Entries, model: SlotModel, tables: Tables) -> SlotPlacement:
    """Place every pupil's grades in slots.

    Args:
        entries: What every pupil takes.
        model: The slot model.
        tables: The subjects, for the kinds of the model.
    """
    counting, _ = entries.counted_entries()
    kinds = _kind_indices(entries, model, tables)
    has_place: Booleans = np.any(kinds >= 0, axis=0)
    pupils = len(entries.keys)
    values = _values_by_points(counting.select(has_place[counting.subject]), entries)
    pupil, subject, points = values.pupil, values.subject, values.points
    starts = np.searchsorted(pupil, np.arange(pupils))

    element = np.full(len(pupil), UNUSED)
    slot = np.zeros(len(pupil), dtype=np.int64)
    weight = np.zeros(len(pupil), dtype=np.int64)
    for number, part in enumerate(model.elements):
        kind = np.where(element == UNUSED, kinds[number][subject], -1)
        free = kind >= 0
        if part.different:  # the highest of each kind
            firsts = [
                _running_count(kind == index, starts, pupil) == 1
                for index in range(len(part.kinds))
            ]
            free = np.any(firsts, axis=0)
        running = _running_count(free, starts, pupil)
        takes = free & (running <= part.count)
        element[takes], slot[takes], weight[takes] = number, running[takes], part.weight
        if part.doubled:
            all_slots = [slot for kind in part.kinds for slot in kind.slots]
            weight[takes & ~entries.take_all(all_slots)[pupil]] = 1
    is_placed, graded = element != UNUSED, points != MISSING
    cell = element * pupils + pupil
    shape = (len(model.elements), pupils)
    needed, missing = entries.prediction_counts(has_place)
    return SlotPlacement(
        values=values,
        element=element,
        slot=slot,
        weight=weight,
        sums=_sums_by_element(points * weight, is_placed & graded, cell, shape),
        occupied=_sums_by_element(weight, is_placed, cell, shape),
        graded=_sums_by_element(weight, is_placed & graded, cell, shape),
        needed=needed,
        missing=missing,
    )


def _values_by_points(counting: EntryRows, entries: Entries) -> EntryRows:
    """Return the values in slot-filling order: by pupil, highest first."""
    twice = entries.pairs[counting.subject]
    values = counting.select(np.r_[np.arange(len(twice)), np.flatnonzero(twice)])
    top = int(values.points.max(initial=0)) + 1
    order = (values.pupil * (top + 1) + top - values.points) * len(entries.subjects)
    return values.select(np.argsort(order + values.subject))


def _kind_indices(entries: Entries, model: SlotModel, tables: Tables) -> Integers:
    """Return the kind of every subject in every element; -1 where it has no place."""
    named = {
        name for part in model.elements for kind in part.kinds for name in kind.subjects
    }
    kinds = np.full((len(model.elements), len(entries.subjects)), -1)
    for column, subject in enumerate(entries.subjects):
        names = [
            name for name in sorted(named) if tables.is_same_subject(str(subject), name)
        ]
        slot = str(entries.slots[column])
        for row, part in enumerate(model.elements):
            kinds[row, column] = part.kind_index(slot, names)
    return kinds


def _running_count(free: Booleans, starts: Integers, pupil: Integers) -> Integers:
    """Number each pupil's free values from 1; 0 for others."""
    so_far = np.concatenate([[0], np.cumsum(free)])
    return np.where(free, so_far[1:] - so_far[starts][pupil], 0)


def _sums_by_element(
    amount: Integers, mask: Booleans, cell: Integers, shape: tuple[int, int]
) -> Integers:
    """Sum whole numbers by element and pupil, far below where floats would round."""
    sums = np.bincount(cell[mask], amount[mask], shape[0] * shape[1])
    return sums.astype(np.int64).reshape(shape)
