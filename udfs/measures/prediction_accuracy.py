"""How predictions turned out: matched pupils only, with how many and how sure."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from udfs.scales.grade_levels import levels
from udfs.scales.scale import POINT
from udfs.statistics.inference import FEW, SUMS, finished
from udfs.tables import Tables

COUNTS = ("n", "exact", "within_one", "over", "under")


def errors(outcomes: pd.DataFrame, tables: Tables) -> pd.Series:
    """How far each prediction was above the result, in sixtieths of a grade.

    Args:
        outcomes: `subject`, `predicted` and `actual`: grades, or anything else.
        tables: Subjects and scales.

    Returns:
        Missing where either is no grade of the subject's scale: nobody is matched
        with a guess.
    """
    names = outcomes["subject"].unique()
    of_subject = {name: tables.subject(str(name)).scale for name in names}
    scales = outcomes["subject"].map(of_subject)
    predicted = levels(outcomes["predicted"], scales, tables.scales)
    actual = levels(outcomes["actual"], scales, tables.scales)
    return (predicted - actual).astype("Int64")


def accuracy(
    outcomes: pd.DataFrame, tables: Tables, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Exact, within one grade, too high, too low, and the mean error, by anything.

    Args:
        outcomes: One row per pupil and subject: `subject`, `predicted`, `actual` and
            the columns of `by`.
        tables: Subjects and scales.
        by: Subject, class, teacher …; none gives one row for everybody.

    Returns:
        One row per group: `n` (pupils with a prediction and a result), `exact`,
        `within_one`, `over`, `under` (whole numbers of them), their shares
        (`exact_share` … from 0 to 1, NaN where n is 0), `error` (the mean, in
        grades: above nought the predictions were too high) with `low` and `high`,
        `size` (the mean error without its sign), and `few`: fewer than eleven.

    >>> from udfs.tables import standard
    >>> said = pd.DataFrame({"subject": "History", "predicted": ["5", "6", "4"]})
    >>> told = accuracy(said.assign(actual=["5", "4", "X"]), standard())
    >>> told[["n", "exact", "over", "error"]].to_dict("records")
    [{'n': 2, 'exact': 1, 'over': 1, 'error': 1.0}]
    """
    apart = errors(outcomes, tables)
    known = apart.notna()
    gap = apart.fillna(0).astype("int64")
    counted = known.astype("int64")
    parts = {
        "n": known,
        "exact": known & (gap == 0),
        "within_one": known & (gap.abs() <= POINT),
        "over": known & (gap > 0),
        "under": known & (gap < 0),
    }
    made = pd.DataFrame({name: part.astype("int64") for name, part in parts.items()})
    for name in ("pupils", "m", "mm"):
        made[name] = counted
    made["y"], made["my"], made["yy"] = gap, gap, gap * gap
    made["sizes"] = gap.abs()
    keys = [outcomes[name] for name in by] or [pd.Series(0, index=outcomes.index)]
    sums = made.groupby(keys, sort=True, dropna=False).sum()
    if not by and sums.empty:
        sums.loc[0] = 0
    sums = sums.reset_index(drop=not by)
    answer = sums[[*by, *COUNTS]].copy()
    n = sums["n"].where(sums["n"] > 0)
    for name in COUNTS[1:]:
        answer[f"{name}_share"] = sums[name] / n
    mean = finished(sums[list(SUMS)], POINT)
    answer["error"] = mean["value"]
    answer["low"], answer["high"] = mean["low"], mean["high"]
    answer["size"] = sums["sizes"] / (n * POINT)
    answer["few"] = sums["n"] < FEW
    return answer
