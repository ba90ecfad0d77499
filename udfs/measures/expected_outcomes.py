"""The expected outcome: predictions corrected by this school's own past error."""

from __future__ import annotations

import numpy as np
import pandas as pd

from udfs.scales.scale import POINT
from udfs.statistics.inference import FEW, Z95, between, kept

# In points, assumed where a school has too little past to show it: the spread of
# subjects' true errors, and of pupils' errors within a subject (about seven in eight
# predictions are within one grade: OCR, GCSE of June 2014).
SUBJECT_SPREAD, PUPIL_SPREAD = 0.3, 1.0
ENOUGH = 30  # pupils beyond one for each subject


def expected_outcomes(
    predictions: pd.DataFrame, past: pd.DataFrame, *, z: float = Z95
) -> pd.DataFrame:
    """What the results will be on average, if predictions err as they did before.

    A subject's past error is drawn towards that of all subjects, the more the fewer
    pupils it is of.

    Args:
        predictions: One row per pupil and subject: `subject` and `points` (sixtieths;
            missing where there is no prediction).
        past: The same point of the year in earlier years, matched pupils only:
            `subject`, `predicted` and `actual` in sixtieths of a point.
        z: How many standard errors the interval reaches each way.

    Returns:
        One row per subject that has predictions: `subject`, `n`, `predicted` (their
        mean, in points), `past` (pupils behind the correction), `error` (the past
        error after drawing in; above nought: too high), `expected`, `low`, `high`.
        The correction and all after it are missing where this school has no past;
        a subject without one of its own is corrected by all others' and has `past` 0.
    """
    given = predictions.dropna(subset=["points"])
    now = given.groupby("subject", sort=True)["points"].agg(["size", "sum"])
    made = pd.DataFrame(
        {
            "subject": now.index,
            "n": now["size"].to_numpy(),
            "predicted": now["sum"].to_numpy(dtype="float64")
            / now["size"].to_numpy(dtype="float64")
            / POINT,
        }
    )
    made["past"] = 0
    for name in ("error", "expected", "low", "high"):
        made[name] = np.nan
    known = past.dropna(subset=["predicted", "actual"])
    if known.empty or made.empty:
        return made
    gap = (known["predicted"] - known["actual"]).astype("int64")
    parts = pd.DataFrame({"n": 1, "total": gap, "squares": gap * gap})
    sums = parts.groupby(known["subject"], sort=True).sum()
    n = sums["n"].to_numpy(dtype="float64")
    means = sums["total"].to_numpy(dtype="float64") / n / POINT
    deviation = _within(sums)
    tau = between(means, n, deviation) or SUBJECT_SPREAD
    middle = float(sums["total"].sum()) / float(n.sum()) / POINT
    keeps = kept(n, deviation, tau)
    errors = pd.Series(middle + (means - middle) * keeps, index=sums.index)
    # What is left unsure of the correction, and of the pupils to come.
    unsure = pd.Series(tau * np.sqrt(1 - keeps), index=sums.index)
    subjects = made["subject"]
    made["past"] = subjects.map(sums["n"]).fillna(0).astype("int64")
    made["error"] = subjects.map(errors).fillna(middle)
    of_past = subjects.map(unsure).fillna(tau)
    spread = np.sqrt(of_past**2 + deviation**2 / made["n"])
    made["expected"] = made["predicted"] - made["error"]
    made["low"] = made["expected"] - z * spread
    made["high"] = made["expected"] + z * spread
    return made


def _within(sums: pd.DataFrame) -> float:
    """The standard deviation of pupils' errors within a subject, in points."""
    spare = int((sums["n"] - 1).sum())
    if spare < ENOUGH:
        return PUPIL_SPREAD
    squares = sums["squares"] - sums["total"] ** 2 / sums["n"]
    found = float(np.sqrt(max(float(squares.sum()), 0.0) / spare)) / POINT
    return found or PUPIL_SPREAD


def expected_measure(
    value: float, pupils: int, past: pd.Series, *, bounds: bool = False, z: float = Z95
) -> tuple[float, float, float]:
    """What a measure of a year group will be, if predictions err as they did before.

    Args:
        value: The measure as predicted now (a mean over pupils).
        pupils: Of how many.
        past: For each pupil of earlier years, the measure as it turned out less the
            measure as predicted at the same point of the year.
        bounds: Whether it is a share, which stays from 0 to 1.
        z: How many standard errors the interval reaches each way.

    Returns:
        The expected value with its interval: that of the past correction and of the
        pupils to come together. NaN where there are fewer than eleven of the past.

    >>> expected_measure(50.0, 100, pd.Series([-2.0, -4.0] * 10))[0]
    47.0
    """
    known = past.dropna().astype("float64")
    if len(known) < FEW or pupils < 1:
        return np.nan, np.nan, np.nan
    middle = value + float(known.mean())
    reach = z * float(known.std()) * float(np.sqrt(1 / len(known) + 1 / pupils))
    low, high = middle - reach, middle + reach
    if not bounds:
        return middle, low, high
    middle, low, high = (min(max(one, 0.0), 1.0) for one in (middle, low, high))
    return middle, low, high
