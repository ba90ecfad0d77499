"""Points against similar pupils nationally: by subject, class and teacher."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from udfs.scales.scale import POINT
from udfs.statistics.inference import (
    FEW,
    Z95,
    between,
    finished,
    kept,
    likelihoods,
    point_out,
    standing,
)
from udfs.tables import Tables
from udfs.targets.totals import expectation

UNIT = 100 * POINT  # hundredths of a sixtieth: a national mean is no whole sixtieth
# Of pupils within a class and of true class means, in points, where a school has too
# few classes to show them: from the national transitions, and assumed.
WITHIN, BETWEEN = 1.45, 0.4
ENOUGH = 30  # pupils beyond one for each class, to tell the spread within from


def expected(
    subjects: pd.Series,
    halves: pd.Series,
    tables: Tables,
    *,
    years: tuple[str, ...] | None = None,
) -> pd.Series:
    """The mean points of similar pupils nationally, for every pupil and subject.

    Similar means the same band of the mean of reading and maths, in the published
    transitions of the subject: as published, for every subject, English too.

    Args:
        subjects: The subject of each row.
        halves: The mean of reading and maths in half points; missing: none.
        tables: Subjects and national figures.
        years: The academic years counted together; None counts all there are.

    Returns:
        In `UNIT` parts of a point, to the nearest; missing where there is no score
        or no national table.
    """
    asked = pd.DataFrame({"subject": subjects, "halves": halves.astype("Int64")})
    each = asked.drop_duplicates()
    answers = [
        _expected(str(subject), None if half is pd.NA else int(half), tables, years)
        for subject, half in zip(each["subject"], each["halves"], strict=True)
    ]
    found = each.assign(expected=pd.array(answers, dtype="Int64"))
    merged = asked.merge(found, how="left", on=["subject", "halves"])
    return pd.Series(merged["expected"].array, index=subjects.index, dtype="Int64")


def _expected(
    name: str, halves: int | None, tables: Tables, years: tuple[str, ...] | None
) -> int | None:
    if halves is None:
        return None
    subject = tables.subject(name)
    figures = tables.transition(subject.national, years) if subject.national else None
    if figures is None:
        return None
    scale = tables.scale(figures.scale)
    points = expectation(figures, halves, scale).points
    return math.floor(points * (UNIT // POINT) * 2 + 1) // 2


def compared(
    residuals: pd.DataFrame, by: Sequence[str], *, z: float = Z95
) -> pd.DataFrame:
    """Classes (or teachers, subjects) side by side, with what chance does to each.

    Args:
        residuals: One row per pupil with `residual` (points less expected, in `UNIT`
            parts; missing: not compared) and the columns of `by`.
        by: What is compared.
        z: How many standard errors the interval reaches each way.

    Returns:
        One row per class: the columns of `by`; `n`; `mean`, `low`, `high` in points
        (with the spread of pupils within all classes together: of one class it is
        too uncertain); `shrunk`, the mean drawn towards that of all by as much as a
        class of that size says little; `likely`, how often chance alone brings so
        much; `side` (above, below, not different); and `stands_out`: at least
        eleven pupils, the interval leaves nought out, and pointed out among all the
        classes compared.
    """
    there = residuals.loc[residuals["residual"].notna()]
    keys = [there[name] for name in by]
    whole = there["residual"].astype("int64")
    parts = pd.DataFrame({"n": 1, "total": whole, "squares": whole * whole})
    sums = parts.groupby(keys, sort=True).sum()
    n = sums["n"].to_numpy(dtype="float64")
    means = sums["total"].to_numpy() / n / UNIT
    deviation = _within(sums)
    tau = between(means, n, deviation)
    if tau is None or len(sums) < FEW:
        tau = BETWEEN
    middle = sums["total"].sum() / max(sums["n"].sum(), 1) / UNIT
    error = deviation / np.sqrt(n)
    likely = likelihoods(means / error)
    made = pd.DataFrame({"n": sums["n"], "mean": means}, index=sums.index)
    made["low"], made["high"] = means - z * error, means + z * error
    made["shrunk"] = middle + (means - middle) * kept(n, deviation, tau)
    made["likely"] = likely
    made["side"] = standing(made["low"], made["high"])
    enough = n >= FEW
    # Where few are compared, one may be pointed out whose interval takes in nought.
    out = enough & (made["low"].gt(0) | made["high"].lt(0)).to_numpy()
    made["stands_out"] = point_out(np.where(enough, likely, np.nan)) & out
    return made.reset_index()


def _within(sums: pd.DataFrame) -> float:
    """The standard deviation of pupils within their classes, in points."""
    spare = int((sums["n"] - 1).sum())
    if spare < ENOUGH:
        return WITHIN
    squares = sums["squares"] - sums["total"] ** 2 / sums["n"]
    found = math.sqrt(max(float(squares.sum()), 0.0) / spare) / UNIT
    return found or WITHIN


def worth_a_look(
    now: pd.DataFrame, before: pd.DataFrame | None, by: Sequence[str]
) -> pd.Series:
    """Which classes are worth a look: they stand out, and did so the time before.

    Args:
        now: From `compared`.
        before: The same of an earlier collection, or None where there is none: then
            this one alone decides.
        by: What tells one class from another in both.

    Returns:
        True or false, on the index of `now`. A class that is new is not pointed out
        until it has stood out twice, on the same side.
    """
    if before is None:
        return now["stands_out"]
    earlier = before.loc[before["stands_out"], [*by, "side"]]
    both = now[[*by, "side"]].merge(earlier.assign(twice=True), "left", [*by, "side"])
    return now["stands_out"] & both["twice"].notna().to_numpy()


def overall(residuals: pd.Series) -> pd.DataFrame:
    """One mean of all residuals, with its interval: see `chance.finished`."""
    whole = residuals.dropna().astype("int64")
    sums = {"pupils": len(whole), "m": len(whole), "y": whole.sum(), "mm": len(whole)}
    sums |= {"my": whole.sum(), "yy": (whole * whole).sum()}
    return finished(pd.DataFrame([sums]), UNIT)
