"""A department's and a teacher's targets: the sums of their pupils' targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from udfs.scales.scale import POINT, Scale
from udfs.scales.transition_matrix import Transition
from udfs.tables import Tables

THRESHOLDS = (4, 5, 7)  # GCSE grades; on other scales, what is worth as much
COUNTS = ("pupils", "targets", "points", *(f"at_{grade}" for grade in THRESHOLDS))
NATIONAL = ("matched", "matched_points", "national_points")
SHARES = tuple(f"national_{grade}" for grade in THRESHOLDS)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What similar pupils nationally reached, of one score in one subject.

    Args:
        points: Their mean points, in sixtieths.
        shares: Grade of `THRESHOLDS` -> the share at or above it.
    """

    points: Fraction
    shares: dict[int, Fraction]


def expectation(figures: Transition, halves: int, scale: Scale) -> Expectation:
    """What pupils nationally with one score reached, by the pooled shares.

    Args:
        figures: The subject's national figures.
        halves: The score in half points.
        scale: The subject's scale; it has all of the table's grades.

    >>> from udfs.tables import standard
    >>> tables = standard()
    >>> maths = tables.transition("Mathematics", ("2023/24",))
    >>> found = expectation(maths, 202, tables.scale("gcse"))
    >>> f"{float(found.points) / 60:.2f} points, {float(found.shares[5]):.0%} at 5+"
    '3.78 points, 29% at 5+'
    """
    points = Fraction(scale.points(figures.grades[0]))
    shares: dict[int, Fraction] = {}
    for below, grade in zip(figures.grades, figures.grades[1:], strict=False):
        share = figures.share(halves, grade).value
        points += share * (scale.points(grade) - scale.points(below))
        for threshold in THRESHOLDS:
            if scale.points(grade) >= threshold * POINT and threshold not in shares:
                shares[threshold] = share
    return Expectation(points, shares)


def target_sums(
    frame: pd.DataFrame,
    tables: Tables,
    by: Sequence[str],
    *,
    years: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """The targets of groups of pupils added up, beside the national expectation.

    Args:
        frame: One row per pupil and subject: `subject`, `expected` (the target, or
            missing), `halves` (the Key Stage 2 score the subject asks for, in half
            points, or missing) and the columns of `by`.
        tables: Scales, subjects and national figures.
        by: What the groups are of; none adds up everything.
        years: The academic years of national figures counted together; None: all.

    Returns:
        One row per group, in order: the columns of `by`; `pupils`; `targets` (how
        many have one); `points` (their sum in sixtieths) and `at_4`, `at_5`, `at_7`
        (how many targets are worth a GCSE grade so high), missing where a scale does
        not count as GCSE does; `matched` (pupils with a target for whom there is a
        national expectation), `matched_points` (the sum of their targets) and, of
        the same pupils, what is expected nationally: `national_points` (their sum
        in sixtieths) and `national_4`, `national_5`, `national_7` (how many of them
        would reach it). Whole numbers add exactly; the national sums are exact
        until they are shown, whatever the order of the rows.
    """
    plain = frame[[*by, "subject", "expected", "halves"]].astype(object)
    plain = plain.where(plain.notna(), None)
    # Few different kinds of pupils stand behind many rows: each is weighed once.
    counted = Counter(
        zip(*(plain.iloc[:, at] for at in range(len(by) + 3)), strict=True)
    )
    sums: dict[tuple[Any, ...], _Sum] = {}
    known: dict[tuple[Any, ...], _Worth] = {}
    # All scores of one band have one expectation.
    bands: dict[tuple[str, int], Expectation] = {}
    for row in sorted(counted, key=_in_order):
        group, kind = row[: len(by)], row[len(by) :]
        if kind not in known:
            subject, grade, halves = kind
            known[kind] = _worth(subject, grade, halves, tables, years, bands)
        sums.setdefault(group, _Sum()).add(known[kind], counted[row])
    made = pd.DataFrame(
        [(*group, *total.row()) for group, total in sums.items()],
        columns=pd.Index([*by, *COUNTS, *NATIONAL, *SHARES]),
        dtype=object,
    )
    return made.astype(
        dict.fromkeys([*COUNTS, "matched", "matched_points"], "Int64")
        | dict.fromkeys(["national_points", *SHARES], "float64")
    )


def _in_order(row: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [(value is not None, value if value is not None else 0) for value in row]


def distribution(frame: pd.DataFrame, by: Sequence[str], scale: Scale) -> pd.DataFrame:
    """How many targets there are at each grade of one scale, lowest first.

    Args:
        frame: `expected` and the columns of `by`.
        by: What the groups are of; at least one column.
        scale: The scale of all rows.

    Returns:
        The columns of `by`, then one for each grade, in whole numbers.
    """
    groups = sorted(set(zip(*(frame[name] for name in by), strict=True)), key=_in_order)
    counted = Counter(
        zip(*(frame[name] for name in by), frame["expected"], strict=True)
    )
    made = [
        (*group, *(counted[(*group, grade)] for grade in scale.grades))
        for group in groups
    ]
    return pd.DataFrame(made, columns=pd.Index([*by, *scale.grades]))


@dataclass(frozen=True, slots=True)
class _Worth:
    """What one pupil of a kind adds; `points` None: no target, or not as GCSE."""

    target: bool
    points: int | None
    reached: tuple[int, ...]
    national: Expectation | None


class _Sum:
    def __init__(self) -> None:
        self.pupils = self.targets = self.points = 0
        self.comparable = True
        self.reached = [0] * len(THRESHOLDS)
        self.matched = self.matched_points = 0
        self.national_points = Fraction(0)
        self.shares = [Fraction(0)] * len(THRESHOLDS)

    def add(self, one: _Worth, n: int) -> None:
        self.pupils += n
        if not one.target:
            return
        self.targets += n
        if one.points is None:
            self.comparable = False
            return
        self.points += n * one.points
        for at, reached in enumerate(one.reached):
            self.reached[at] += n * reached
        if one.national is not None:
            self.matched += n
            self.matched_points += n * one.points
            self.national_points += n * one.national.points
            for at, threshold in enumerate(THRESHOLDS):
                self.shares[at] += n * one.national.shares.get(threshold, Fraction(0))

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


def _worth(
    subject: str,
    grade: str | None,
    halves: int | None,
    tables: Tables,
    years: tuple[str, ...] | None,
    bands: dict[tuple[str, int], Expectation],
) -> _Worth:
    found = tables.subject(subject)
    scale = tables.scales.get(found.scale)
    target = scale.find(grade) if scale and grade is not None else None
    if scale is None or target is None:  # none, or one of another scale
        return _Worth(False, None, (), None)
    if not scale.counts_as_gcse:
        return _Worth(True, None, (), None)
    points = scale.points(target)
    reached = tuple(int(points >= at * POINT) for at in THRESHOLDS)
    figures = tables.transition(found.national, years) if found.national else None
    national = None
    if figures is not None and halves is not None and figures.fits(scale):
        at = (subject, figures.bands.of(halves))
        if at not in bands:
            bands[at] = expectation(figures, halves, scale)
        national = bands[at]
    return _Worth(True, points, reached, national)
