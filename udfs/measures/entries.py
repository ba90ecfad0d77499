"""What every pupil takes: grades as points, and what is missing, before any measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from udfs.scales.subjects import subject_key
from udfs.tables import Tables
from udfs.text import tidy

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MISSING = -1  # in place of points: taken, and no grade
_NOT_TAKEN = -2
NOT_TAKING = "N/T"
NO_SLOT = "none"
PAIR = "combined_science"


@dataclass(frozen=True, slots=True)
class Taken:
    """One item per pupil and subject, as arrays.

    Args:
        pupil: Which pupil, as a row of `Entries.keys`.
        subject: Which subject, as a place in `Entries.subjects`.
        points: Sixtieths of a point, or `MISSING`.
        actual: Whether it is a result and no prediction.
        order: Sorts the entries of one pupil; the first counts.
        row: Where it stood in the table that was read.
    """

    pupil: Whole
    subject: Whole
    points: Whole
    actual: Flags
    order: Whole
    row: Whole

    def where(self, chosen: Flags | Whole) -> Taken:
        """Only some of the items, or the items in another order."""
        return Taken(
            self.pupil[chosen],
            self.subject[chosen],
            self.points[chosen],
            self.actual[chosen],
            self.order[chosen],
            self.row[chosen],
        )


@dataclass(frozen=True, slots=True)
class Entries:
    """What pupils take.

    Args:
        keys: One row per pupil, ordered by its keys.
        subjects: The names of the subjects, in alphabetical order.
        slots: The slot of each subject.
        discounts: Which subjects share a discount code: a number for each subject.
        taken: What each pupil takes, graded or not.
        cells: The grades as they were given.
    """

    keys: pd.DataFrame
    subjects: npt.NDArray[np.object_]
    slots: npt.NDArray[np.object_]
    discounts: Whole
    taken: Taken
    cells: pd.Series

    @property
    def pairs(self) -> Flags:
        """Whether each subject's grade is worth two values."""
        return np.asarray(self.slots == PAIR, dtype=bool)

    def grades(self, rows: Whole) -> list[str]:
        """The grades of some rows as they were given, without stray spaces."""
        return [tidy(cell) for cell in self.cells.iloc[rows]]

    def take_each(self, slots: Sequence[str]) -> Flags:
        """Whether each pupil takes a subject of every one of these slots."""
        answer = np.ones(len(self.keys), dtype=bool)
        for slot in slots:
            of_slot = np.asarray(self.slots == slot, dtype=bool)[self.taken.subject]
            answer &= np.bincount(self.taken.pupil[of_slot], minlength=len(answer)) > 0
        return answer

    def counting(self) -> tuple[Taken, Taken]:
        """One entry for each discount group, and the predictions that are missing.

        A result goes before any prediction, the earliest first; then the highest
        prediction. A subject that is there twice is missing only if both are.

        Returns:
            What counts (a group without any grade has one item, whose points are
            `MISSING`); and one item for each missing prediction.
        """
        taken, groups = self.taken, self.discounts[self.taken.subject]
        group = taken.pupil * (len(self.subjects) + 1) + groups
        if not len(group) or np.bincount(group).max() == 1:  # as nearly everywhere
            return taken, taken.where(taken.points == MISSING)
        best = np.lexsort(
            (taken.row, taken.subject, -taken.points, taken.order, ~taken.actual, group)
        )
        sorted_ = taken.where(best)
        group = group[best]
        first = np.r_[True, group[1:] != group[:-1]]
        settled = sorted_.actual[first][np.cumsum(first) - 1]
        # Of one subject: is there a grade as well as a blank?
        subject = sorted_.pupil * (len(self.subjects) + 1) + sorted_.subject
        graded = np.isin(subject, subject[sorted_.points != MISSING])
        missing = (sorted_.points == MISSING) & ~settled & ~graded
        again = np.zeros(len(missing), dtype=bool)
        _, once = np.unique(subject[missing], return_index=True)
        again[np.flatnonzero(missing)[once]] = True
        return sorted_.where(first), sorted_.where(again)


def entered(
    results: pd.DataFrame, tables: Tables, *, by: Sequence[str] = ("adno",)
) -> Entries:
    """Read a table of grades; each cell stands for itself alone.

    Args:
        results: The columns `by`, `subject` and `grade`; and where there are results
            `actual` and `entry` (see `attainment8`).
        tables: Subjects, scales and codes.
        by: What tells one pupil from another.

    Returns:
        Entries without rows that say `N/T`, rows of a subject that has no slot, and
        rows that name no subject.
    """
    keys, pupil = _numbered(results, by)
    subject, names = _subjects(results["subject"])
    asked = [tables.subject(name) for name in names]
    slots = np.array([one.slot for one in asked], dtype=object)
    points = _points(results["grade"], subject, [one.scale for one in asked], tables)
    actual = _actual(results)
    row = np.arange(len(results))
    order = np.zeros(len(results), dtype=np.int64)
    if "entry" in results:
        order = pd.factorize(results["entry"].map(tidy), sort=True)[0].astype(np.int64)
    read = Taken(pupil, subject, points, actual, order, row)
    has_slot = np.array([one != NO_SLOT for one in slots], dtype=bool)
    kept = (subject >= 0) & (points != _NOT_TAKEN)
    kept &= has_slot[subject] if len(has_slot) else False
    # A result that is no grade (an X, a blank) is no entry; a prediction is missing.
    kept &= ~(actual & (points == MISSING))
    codes = [one.discount or subject_key(one.name) for one in asked]
    discounts = np.unique(np.array(codes, dtype=str), return_inverse=True)[1]
    return Entries(
        keys=keys,
        subjects=np.array(names, dtype=object),
        slots=slots,
        discounts=discounts.astype(np.int64).reshape(len(names)),
        taken=read.where(kept),
        cells=results["grade"],
    )


def _numbered(results: pd.DataFrame, by: Sequence[str]) -> tuple[pd.DataFrame, Whole]:
    """Every pupil once, in order, and the number of each row's pupil."""
    number = np.zeros(len(results), dtype=np.int64)
    for name in by:
        codes, uniques = pd.factorize(results[name], sort=True, use_na_sentinel=False)
        number = number * len(uniques) + codes
    there = np.bincount(number) > 0
    pupil = (np.cumsum(there) - 1)[number]
    first = np.empty(int(there.sum()), dtype=np.int64)
    first[pupil[::-1]] = np.arange(len(results))[::-1]
    keys = results[list(by)].iloc[first].reset_index(drop=True)
    return keys, pupil.astype(np.int64)


def _subjects(column: pd.Series) -> tuple[Whole, list[str]]:
    codes, uniques = pd.factorize(_as_text(column), sort=True)
    names = [str(name) for name in uniques]
    blank = [place for place, name in enumerate(names) if not name.strip()]
    codes = np.where(np.isin(codes, blank), -1, codes)
    return codes.astype(np.int64), names


def _points(
    grades: pd.Series, subject: Whole, scales: Sequence[str], tables: Tables
) -> Whole:
    cells, texts = pd.factorize(_as_text(grades))  # -1: no cell at all
    known = sorted(set(scales))
    made = np.full((len(known) + 1, len(texts) + 1), MISSING)
    for row, name in enumerate(known):
        scale = tables.scales.get(name)
        for column, text in enumerate(texts):
            if scale is None or scale.judgement:
                continue
            reading = scale.read(text, tables.codes)
            if reading.kind == "grade" and reading.value is not None:
                made[row, column] = scale.points(reading.value)
            elif reading.kind == "code" and reading.value == NOT_TAKING:
                made[row, column] = _NOT_TAKEN
    scale_of = np.array([known.index(name) for name in scales] + [-1], dtype=np.int64)
    return made[scale_of[subject], cells].astype(np.int64)


def _as_text(column: pd.Series) -> pd.Series:
    """The cells as text, so that True is not taken for 1 nor 9 for another's 9.0."""
    if isinstance(column.dtype, pd.StringDtype):
        return column
    if pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
        return column
    return pd.Series([tidy(cell) for cell in column], index=column.index, dtype=object)


def _actual(results: pd.DataFrame) -> Flags:
    if "actual" not in results:
        return np.zeros(len(results), dtype=bool)
    return results["actual"].fillna(False).to_numpy(dtype=bool)
