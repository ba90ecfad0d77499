"""Totals of targets for departments, teachers and other groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from udfs.scales.scale import POINT, Scale
from udfs.scales.transition_matrix import TransitionMatrix
from udfs.tables import Tables

THRESHOLDS = (4, 5, 7)  # GCSE grades, or their worth on other scales
COUNTS = ("pupils", "targets", "points", *(f"at_{grade}" for grade in THRESHOLDS))
NATIONAL = ("matched", "matched_points", "national_points")
SHARES = tuple(f"national_{grade}" for grade in THRESHOLDS)


@dataclass(frozen=True, slots=True)
class NationalExpectation:
    """The national results of pupils with one score in one subject.

    Args:
        points: Their mean points, in sixtieths.
        shares: Grade of `THRESHOLDS` -> the share at or above it.
    """

    points: Fraction
    shares: dict[int, Fraction]


def national_expectation(
    figures: TransitionMatrix, halves: int, scale: Scale
) -> NationalExpectation:
    """Return the national results of pupils with one score, by the pooled shares.

    Args:
        figures: The subject's national figures.
        halves: The score in half points.
        scale: The subject's scale, which holds all grades of the table.

    >>> from udfs.tables import standard
    >>> tables = standard()
    >>> maths = tables.transition_matrix("Mathematics", ("2023/24",))
    >>> national = national_expectation(maths, 202, tables.scale("gcse"))
    >>> f"{float(national.points) / 60:.2f} points"
    '3.78 points'
    >>> f"{float(national.shares[5]):.0%} at 5+"
    '29% at 5+'
    """
    points = Fraction(scale.points(figures.grades[0]))
    shares: dict[int, Fraction] = {}
    for below, grade in zip(figures.grades, figures.grades[1:], strict=False):
        share = figures.share(halves, grade).value
        points += share * (scale.points(grade) - scale.points(below))
        for threshold in THRESHOLDS:
            if scale.points(grade) >= threshold * POINT and threshold not in shares:
                shares[threshold] = share
    return NationalExpectation(points, shares)


def target_totals(
    frame: pd.DataFrame,
    tables: Tables,
    by: Sequence[str],
    *,
    years: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """Add up the targets of groups of pupils, beside the national expectation.

    Args:
        frame: One row per pupil and subject: `subject`, `expected` (the target, or
            missing), `halves` (the Key Stage 2 score of the subject's baseline, in
            half points, or missing) and the columns of `by`.
        tables: Scales, subjects and national figures.
        by: The columns to group by; none adds up everything.
        years: The academic years of national figures to pool; None pools all.

    Returns:
        One row per group, in order: the columns of `by`; `pupils`; `targets` (pupils
        with one); `points` (their sum in sixtieths) and `at_4`, `at_5`, `at_7`
        (targets worth at least that GCSE grade), missing where a scale has no GCSE
        points; `matched` (pupils with a target and a national expectation),
        `matched_points` (the sum of their targets) and, for the same pupils, the
        national `national_points` (their sum in sixtieths) and `national_4`,
        `national_5`, `national_7` (how many would reach it). All sums are exact, so
        the order of the rows never matters.
    """
    rows = frame[[*by, "subject", "expected", "halves"]].astype(object)
    rows = rows.where(rows.notna(), None)
    # Rows repeat: each distinct kind of pupil is computed once.
    counted = Counter(
        zip(*(rows.iloc[:, at] for at in range(len(by) + 3)), strict=True)
    )
    sums: dict[tuple[Any, ...], _Total] = {}
    contributions: dict[tuple[Any, ...], _Contribution] = {}
    # All scores of one band have one expectation.
    bands: dict[tuple[str, int], NationalExpectation] = {}
    for row in sorted(counted, key=_in_order):
        group, kind = row[: len(by)], row[len(by) :]
        if kind not in contributions:
            subject, grade, halves = kind
            contributions[kind] = _contribution(
                subject, grade, halves, tables, years, bands
            )
        sums.setdefault(group, _Total()).add(contributions[kind], counted[row])
    totals = pd.DataFrame(
        [(*group, *total.row()) for group, total in sums.items()],
        columns=pd.Index([*by, *COUNTS, *NATIONAL, *SHARES]),
        dtype=object,
    )
    return totals.astype(
        dict.fromkeys([*COUNTS, "matched", "matched_points"], "Int64")
        | dict.fromkeys(["national_points", *SHARES], "float64")
    )


def _in_order(row: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [(value is not None, value if value is not None else 0) for value in row]


def target_distribution(
    frame: pd.DataFrame, by: Sequence[str], scale: Scale
) -> pd.DataFrame:
    """Count the targets at each grade of one scale, lowest first.

    Args:
        frame: `expected` and the columns of `by`.
        by: The columns to group by; at least one.
        scale: The scale of all rows.

    Returns:
        The columns of `by`, then one for each grade, in whole numbers.
    """
    groups = sorted(set(zip(*(frame[name] for name in by), strict=True)), key=_in_order)
    counted = Counter(
        zip(*(frame[name] for name in by), frame["expected"], strict=True)
    )
    rows = [
        (*group, *(counted[(*group, grade)] for grade in scale.grades))
        for group in groups
    ]
    return pd.DataFrame(rows, columns=pd.Index([*by, *scale.grades]))


@dataclass(frozen=True, slots=True)
class _Contribution:
    """One pupil's part of the totals; `points` None: no target, or no GCSE points."""

    target: bool
    points: int | None
    at_thresholds: tuple[int, ...]
    national: NationalExpectation | None


class _Total:
    def __init__(self) -> None:
        self.pupils = self.targets = self.points = 0
        self.comparable = True
        self.reached = [0] * len(THRESHOLDS)
        self.matched = self.matched_points = 0
        self.national_points = Fraction(0)
        self.shares = [Fraction(0)] * len(THRESHOLDS)

    def add(self, contribution: _Contribution, n: int) -> None:
        self.pupils += n
        if not contribution.target:
            return
        self.targets += n
        if contribution.points is None:
            self.comparable = False
            return
        self.points += n * contribution.points
        for at, reached in enumerate(contribution.at_thresholds):
            self.reached[at] += n * reached
        if contribution.national is not None:
            self.matched += n
            self.matched_points += n * contribution.points
            self.national_points += n * contribution.national.points
            for at, threshold in enumerate(THRESHOLDS):
                self.shares[at] += n * contribution.national.shares.get(
                    threshold, Fraction(0)
                )

    def row(self) -> tuple[object, ...]:
        none = (None,) * len(THRESHOLDS)
        counted = (self.points, *self.reached) if self.comparable else (None, *none)
        return (
            self.pupils,
            self.targets,
            *counted,
            self.matched,
            self.matched_points,
            float(self.national_points),
            *(float(share) for share in self.shares),
        )


def _contribution(
    subject: str,
    grade: str | None,
    halves: int | None,
    tables: Tables,
    years: tuple[str, ...] | None,
    bands: dict[tuple[str, int], NationalExpectation],
) -> _Contribution:
    subject_entry = tables.subject(subject)
    scale = tables.scales.get(subject_entry.scale)
    target = scale.find(grade) if scale and grade is not None else None
    if scale is None or target is None:  # no target, or one of another scale
        return _Contribution(False, None, (), None)
    if not scale.counts_as_gcse:
        return _Contribution(True, None, (), None)
    points = scale.points(target)
    reached = tuple(int(points >= at * POINT) for at in THRESHOLDS)
    figures = (
        tables.transition_matrix(subject_entry.national, years)
        if subject_entry.national
        else None
    )
    national = None
    if figures is not None and halves is not None and figures.fits(scale):
        at = (subject, figures.bands.index(halves))
        if at not in bands:
            bands[at] = national_expectation(figures, halves, scale)
        national = bands[at]
    return _Contribution(True, points, reached, national)
