"""The accuracy of past predictions, and outcomes corrected for their errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from udfs.scales.grade_levels import grade_levels
from udfs.scales.scale import POINT
from udfs.statistics.inference import (
    FEW,
    SUM_COLUMNS,
    Z95,
    between_group_deviation,
    means_with_intervals,
    shrinkage_factors,
    within_group_deviation,
)
from udfs.tables import Tables

COUNTS = ("n", "exact", "within_one", "over", "under")


def prediction_errors(outcomes: pd.DataFrame, tables: Tables) -> pd.Series:
    """Return how far each prediction was above the result, in sixtieths of a grade.

    Args:
        outcomes: `subject`, `predicted` and `actual`: grades, or anything else.
        tables: Subjects and scales.

    Returns:
        Missing where either is not a grade of the subject's scale.
    """
    names = outcomes["subject"].unique()
    of_subject = {name: tables.subject(str(name)).scale for name in names}
    scales = outcomes["subject"].map(of_subject)
    predicted = grade_levels(outcomes["predicted"], scales, tables.scales)
    actual = grade_levels(outcomes["actual"], scales, tables.scales)
    return (predicted - actual).astype("Int64")


def accuracy(
    outcomes: pd.DataFrame, tables: Tables, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Count exact, close, high and low predictions, with the mean error, by group.

    Args:
        outcomes: One row per pupil and subject: `subject`, `predicted`, `actual` and
            the columns of `by`.
        tables: Subjects and scales.
        by: The columns to group by; none gives one row.

    Returns:
        One row per group: `n` (pupils with a prediction and a result), `exact`,
        `within_one`, `over`, `under` (counts), their shares (`exact_share` … from 0
        to 1, NaN where n is 0), `error` (the mean, in grades: above zero, predictions
        were too high) with `low`, `high` and `freedom`, `size` (the mean absolute
        error), and `few`: fewer than eleven.

    >>> from udfs.tables import standard
    >>> marks = pd.DataFrame({"subject": "History", "predicted": ["5", "6", "4"]})
    >>> table = accuracy(marks.assign(actual=["5", "4", "X"]), standard())
    >>> table[["n", "exact", "over", "error"]].to_dict("records")
    [{'n': 2, 'exact': 1, 'over': 1, 'error': 1.0}]
    """
    errors = prediction_errors(outcomes, tables)
    matched = errors.notna()
    error = errors.fillna(0).astype("int64")
    counted = matched.astype("int64")
    conditions = {
        "n": matched,
        "exact": matched & (error == 0),
        "within_one": matched & (error.abs() <= POINT),
        "over": matched & (error > 0),
        "under": matched & (error < 0),
    }
    rows = pd.DataFrame(
        {name: part.astype("int64") for name, part in conditions.items()}
    )
    for name in ("pupils", "m", "mm"):
        rows[name] = counted
    rows["y"], rows["my"], rows["yy"] = error, error, error * error
    rows["sizes"] = error.abs()
    keys = [outcomes[name] for name in by] or [pd.Series(0, index=outcomes.index)]
    sums = rows.groupby(keys, sort=True, dropna=False).sum()
    if not by and sums.empty:
        sums.loc[0] = 0
    sums = sums.reset_index(drop=not by)
    table = sums[[*by, *COUNTS]].copy()
    n = sums["n"].where(sums["n"] > 0)
    for name in COUNTS[1:]:
        table[f"{name}_share"] = sums[name] / n
    mean = means_with_intervals(sums[list(SUM_COLUMNS)], POINT)
    table["error"] = mean["value"]
    for name in ("low", "high", "freedom"):
        table[name] = mean[name]
    table["size"] = sums["sizes"] / (n * POINT)
    table["few"] = sums["n"] < FEW
    return table


# Standard deviations of subjects' true errors, and of pupils' errors within a subject,
# in points, for a school with too little past (about seven in eight predictions are
# within one grade: OCR, GCSE of June 2014).
SUBJECT_SPREAD, PUPIL_SPREAD = 0.3, 1.0


def expected_outcomes(
    predictions: pd.DataFrame, past: pd.DataFrame, *, z: float = Z95
) -> pd.DataFrame:
    """Return mean results by subject if predictions err as they did before.

    A subject's past error is shrunk towards that of all subjects, more for fewer
    pupils.

    Args:
        predictions: One row per pupil and subject: `subject` and `points` (sixtieths;
            missing without a prediction).
        past: The same point of the year in earlier years, matched pupils only:
            `subject`, `predicted` and `actual` in sixtieths of a point.
        z: The interval's half-width in standard errors.

    Returns:
        One row per subject with predictions: `subject`, `n`, `predicted` (their mean,
        in points), `past` (pupils behind the correction), `error` (the shrunk past
        error; above zero: too high), `expected`, `low`, `high`. The correction and the
        columns after it are missing where this school has no past; a subject without
        its own past is corrected by all others' and has `past` 0.
    """
    graded = predictions.dropna(subset=["points"])
    current = graded.groupby("subject", sort=True)["points"].agg(["size", "sum"])
    outcomes = pd.DataFrame(
        {
            "subject": current.index,
            "n": current["size"].to_numpy(),
            "predicted": current["sum"].to_numpy(dtype="float64")
            / current["size"].to_numpy(dtype="float64")
            / POINT,
        }
    )
    outcomes["past"] = 0
    for name in ("error", "expected", "low", "high"):
        outcomes[name] = np.nan
    matched = past.dropna(subset=["predicted", "actual"])
    if matched.empty or outcomes.empty:
        return outcomes
    gap = (matched["predicted"] - matched["actual"]).astype("int64")
    parts = pd.DataFrame({"n": 1, "total": gap, "squares": gap * gap})
    sums = parts.groupby(matched["subject"], sort=True).sum()
    n = sums["n"].to_numpy(dtype="float64")
    means = sums["total"].to_numpy(dtype="float64") / n / POINT
    deviation, _ = within_group_deviation(sums, POINT, PUPIL_SPREAD)
    tau = between_group_deviation(means, n, deviation) or SUBJECT_SPREAD
    middle = float(sums["total"].sum()) / float(n.sum()) / POINT
    factors = shrinkage_factors(n, deviation, tau)
    errors = pd.Series(middle + (means - middle) * factors, index=sums.index)
    # The uncertainty of the correction, and of future pupils.
    uncertainty = pd.Series(tau * np.sqrt(1 - factors), index=sums.index)
    subjects = outcomes["subject"]
    outcomes["past"] = subjects.map(sums["n"]).fillna(0).astype("int64")
    outcomes["error"] = subjects.map(errors).fillna(middle)
    correction_error = subjects.map(uncertainty).fillna(tau)
    spread = np.sqrt(correction_error**2 + deviation**2 / outcomes["n"])
    outcomes["expected"] = outcomes["predicted"] - outcomes["error"]
    outcomes["low"] = outcomes["expected"] - z * spread
    outcomes["high"] = outcomes["expected"] + z * spread
    return outcomes


def expected_measure(
    value: float, pupils: int, past: pd.Series, *, bounds: bool = False, z: float = Z95
) -> tuple[float, float, float]:
    """Return a year group's measure if predictions err as they did before.

    Args:
        value: The measure as predicted now (a mean over pupils).
        pupils: The number of pupils.
        past: For each pupil of earlier years, the actual measure less the measure as
            predicted at the same point of the year.
        bounds: Whether it is a share, which stays from 0 to 1.
        z: The interval's half-width in standard errors.

    Returns:
        The expected value with an interval for both the past correction and future
        pupils. NaN with fewer than eleven past pupils.

    >>> expected_measure(50.0, 100, pd.Series([-2.0, -4.0] * 10))[0]
    47.0
    """
    differences = past.dropna().astype("float64")
    if len(differences) < FEW or pupils < 1:
        return np.nan, np.nan, np.nan
    middle = value + float(differences.mean())
    reach = (
        z * float(differences.std()) * float(np.sqrt(1 / len(differences) + 1 / pupils))
    )
    low, high = middle - reach, middle + reach
    if not bounds:
        return middle, low, high
    middle, low, high = (min(max(bound, 0.0), 1.0) for bound in (middle, low, high))
    return middle, low, high
