"""Pupils' entries as arrays: grades as points, and missing predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from udfs.scales.scale import NOT_TAKEN_CODE
from udfs.scales.subjects import subject_key
from udfs.statistics.arrays import Booleans, Integers
from udfs.tables import Tables
from udfs.text import tidy

MISSING = -1  # instead of points: an entry without a grade
_NOT_TAKEN = -2
NO_SLOT = "none"
PAIR = "combined_science"


@dataclass(frozen=True, slots=True)
class EntryRows:
    """One item per pupil and subject, as arrays.

    Args:
        pupil: The pupil, as a row of `Entries.keys`.
        subject: The subject, as an index of `Entries.subjects`.
        points: Sixtieths of a point, or `MISSING`.
        actual: Whether it is a result rather than a prediction.
        order: The order of a pupil's entries; the first counts.
        row: The row of the table that was read.
    """

    pupil: Integers
    subject: Integers
    points: Integers
    actual: Booleans
    order: Integers
    row: Integers

    def select(self, items: Booleans | Integers) -> EntryRows:
        """Return some of the items, or the items in another order."""
        return EntryRows(*(getattr(self, name)[items] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Entries:
    """What pupils take.

    Args:
        keys: One row per pupil, ordered by its keys.
        subjects: The names of the subjects, in alphabetical order.
        slots: The slot of each subject.
        discounts: A number for each subject, equal where subjects share a discount
            code.
        rows: The entries, graded or not.
        cells: The grades as they were read.
    """

    keys: pd.DataFrame
    subjects: npt.NDArray[np.object_]
    slots: npt.NDArray[np.object_]
    discounts: Integers
    rows: EntryRows
    cells: pd.Series

    @property
    def pairs(self) -> Booleans:
        """Whether each subject's grade counts as two values."""
        return np.asarray(self.slots == PAIR, dtype=bool)

    def grades(self, rows: Integers) -> list[str]:
        """Return the grades of some rows without stray spaces."""
        return [tidy(cell) for cell in self.cells.iloc[rows]]

    def take_all(self, slots: Sequence[str]) -> Booleans:
        """Whether each pupil takes a subject of every one of these slots."""
        takes = np.ones(len(self.keys), dtype=bool)
        for slot in slots:
            of_slot = np.asarray(self.slots == slot, dtype=bool)[self.rows.subject]
            takes &= np.bincount(self.rows.pupil[of_slot], minlength=len(takes)) > 0
        return takes

    def prediction_counts(self, subjects: Booleans) -> tuple[Integers, Integers]:
        """Return how many predictions each pupil needs in some subjects, and lacks.

        A result in the subject's discount group settles it: no prediction is needed.

        Args:
            subjects: Whether each subject is one of them.
        """
        rows, size = self.rows, len(self.subjects) + 1
        group = rows.pupil * size + self.discounts[rows.subject]
        needed = subjects[rows.subject]
        if rows.actual.any():
            needed = needed & ~np.isin(group, group[rows.actual])
        pairs = np.unique((rows.pupil * size + rows.subject)[needed])
        _, missing = self.counted_entries()
        lacking = missing.pupil[subjects[missing.subject]]
        pupils = len(self.keys)
        return (
            np.bincount(pairs // size, minlength=pupils).astype(np.int64),
            np.bincount(lacking, minlength=pupils).astype(np.int64),
        )

    def counted_entries(self) -> tuple[EntryRows, EntryRows]:
        """Return the entry that counts in each discount group, and missing predictions.

        A result precedes predictions, the earliest first; then the highest prediction.
        A subject that occurs twice is missing only if both grades are.

        Returns:
            The counted entries (a group without any grade has one item with the points
            `MISSING`); and one item for each missing prediction.
        """
        rows, groups = self.rows, self.discounts[self.rows.subject]
        group = rows.pupil * (len(self.subjects) + 1) + groups
        if not len(group) or np.bincount(group).max() == 1:  # nearly always
            return rows, rows.select(rows.points == MISSING)
        best = np.lexsort(
            (rows.row, rows.subject, -rows.points, rows.order, ~rows.actual, group)
        )
        sorted_ = rows.select(best)
        group = group[best]
        first = np.r_[True, group[1:] != group[:-1]]
        has_result = sorted_.actual[first][np.cumsum(first) - 1]
        # A subject with a grade as well as a blank is not missing.
        subject = sorted_.pupil * (len(self.subjects) + 1) + sorted_.subject
        graded = np.isin(subject, subject[sorted_.points != MISSING])
        missing = (sorted_.points == MISSING) & ~has_result & ~graded
        first_missing = np.zeros(len(missing), dtype=bool)
        _, first_rows = np.unique(subject[missing], return_index=True)
        first_missing[np.flatnonzero(missing)[first_rows]] = True
        return sorted_.select(first), sorted_.select(first_missing)


def read_entries(
    results: pd.DataFrame, tables: Tables, *, by: Sequence[str] = ("adno",)
) -> Entries:
    """Read a table of grades; each cell is read on its own.

    Args:
        results: The columns `by`, `subject` and `grade`; optionally, for results,
            `actual` and `entry` (see `attainment8`).
        tables: Subjects, scales and codes.
        by: The columns that identify a pupil.

    Returns:
        Entries without rows that say `N/T`, rows of a subject without a slot, and
        rows without a subject.
    """
    keys, pupil = _pupil_numbers(results, by)
    subject, names = _subjects(results["subject"])
    subjects = [tables.subject(name) for name in names]
    slots = np.array([entry.slot for entry in subjects], dtype=object)
    points = _points(
        results["grade"], subject, [entry.scale for entry in subjects], tables
    )
    actual = _actual(results)
    row = np.arange(len(results))
    order = np.zeros(len(results), dtype=np.int64)
    if "entry" in results:
        order = pd.factorize(results["entry"].map(tidy), sort=True)[0].astype(np.int64)
    rows = EntryRows(pupil, subject, points, actual, order, row)
    has_slot = np.array([entry != NO_SLOT for entry in slots], dtype=bool)
    included = (subject >= 0) & (points != _NOT_TAKEN)
    included &= has_slot[subject] if len(has_slot) else False
    # A result that is not a grade (an X, a blank) is no entry.
    included &= ~(actual & (points == MISSING))
    codes = [entry.discount or subject_key(entry.name) for entry in subjects]
    discounts = np.unique(np.array(codes, dtype=str), return_inverse=True)[1]
    return Entries(
        keys=keys,
        subjects=np.array(names, dtype=object),
        slots=slots,
        discounts=discounts.astype(np.int64).reshape(len(names)),
        rows=rows.select(included),
        cells=results["grade"],
    )


def _pupil_numbers(
    results: pd.DataFrame, by: Sequence[str]
) -> tuple[pd.DataFrame, Integers]:
    """Return every pupil once, in order, and the pupil number of each row."""
    number = np.zeros(len(results), dtype=np.int64)
    for name in by:
        codes, uniques = pd.factorize(results[name], sort=True, use_na_sentinel=False)
        number = number * len(uniques) + codes
    present = np.bincount(number) > 0
    pupil = (np.cumsum(present) - 1)[number]
    first = np.empty(int(present.sum()), dtype=np.int64)
    first[pupil[::-1]] = np.arange(len(results))[::-1]
    keys = results[list(by)].iloc[first].reset_index(drop=True)
    return keys, pupil.astype(np.int64)


def _subjects(column: pd.Series) -> tuple[Integers, list[str]]:
    codes, uniques = pd.factorize(_as_text(column), sort=True)
    names = [str(name) for name in uniques]
    blank = [place for place, name in enumerate(names) if not name.strip()]
    codes = np.where(np.isin(codes, blank), -1, codes)
    return codes.astype(np.int64), names


def _points(
    grades: pd.Series, subject: Integers, scales: Sequence[str], tables: Tables
) -> Integers:
    cells, texts = pd.factorize(_as_text(grades))  # -1: no cell at all
    scale_names = sorted(set(scales))
    points = np.full((len(scale_names) + 1, len(texts) + 1), MISSING)
    for row, name in enumerate(scale_names):
        scale = tables.scales.get(name)
        for column, text in enumerate(texts):
            if scale is None or scale.judgement:
                continue
            reading = scale.read(text, tables.codes)
            if reading.kind == "grade" and reading.value is not None:
                points[row, column] = scale.points(reading.value)
            elif reading.kind == "code" and reading.value == NOT_TAKEN_CODE:
                points[row, column] = _NOT_TAKEN
    scale_of = np.array(
        [scale_names.index(name) for name in scales] + [-1], dtype=np.int64
    )
    return points[scale_of[subject], cells].astype(np.int64)


def _as_text(column: pd.Series) -> pd.Series:
    """Return the cells as text, so that True differs from 1, and 9 equals 9.0."""
    if isinstance(column.dtype, pd.StringDtype):
        return column
    if pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
        return column
    return pd.Series([tidy(cell) for cell in column], index=column.index, dtype=object)


def _actual(results: pd.DataFrame) -> Booleans:
    if "actual" not in results:
        return np.zeros(len(results), dtype=bool)
    return results["actual"].fillna(False).to_numpy(dtype=bool)
