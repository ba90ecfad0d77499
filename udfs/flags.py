"""The flag: a pupil's prediction against the target, and why it is so."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from udfs.cells import tidy
from udfs.questions import grades_text
from udfs.scales import POINT, Scale

ABOVE = "Above"
ON = "On"
BELOW = "Below"
WELL_BELOW = "Well below"
FLAGS = (ABOVE, ON, BELOW, WELL_BELOW)  # best first
WELL_BELOW_FROM = -2 * POINT


def flag(
    prediction: object, target: object, scale: Scale, *, fine: bool = False
) -> str | None:
    """Whether a prediction is above, on, below or well below the expected target.

    Args:
        prediction: The predicted grade; a code, a blank or anything else that is not
            a grade of the scale makes no flag.
        target: The expected target, or None where there is none.
        scale: The scale of both.
        fine: Whether thirds of a grade are compared.

    Returns:
        `Above`, `On`, `Below` or `Well below` (two whole grades or more), or None
        for no data. On a judgement scale the choice is the flag, target or not.

    >>> from udfs.tables import standard
    >>> gcse = standard().scale("gcse")
    >>> flag("5", "5", gcse), flag("3", "5", gcse), flag("Abs", "5", gcse)
    ('On', 'Well below', None)
    >>> flag("4-4", "5-5", standard().scale("combined_science"))
    'Below'
    """
    apart = gap(prediction, target, scale, fine=fine)
    return None if apart is None else _flag_of(apart)


def gap(
    prediction: object, target: object, scale: Scale, *, fine: bool = False
) -> int | None:
    """How far a prediction is above the target (negative: below), in sixtieths.

    Args:
        prediction: The predicted grade, a code, or a blank.
        target: The expected target, or None where there is none.
        scale: The scale of both.
        fine: Whether thirds of a grade are compared.

    Returns:
        Sixtieths of a whole grade, or None where either is not a grade.
    """
    predicted = scale.find(prediction)
    if scale.judgement:
        return None if predicted is None else scale.level(predicted)
    aimed = scale.find(target)
    if predicted is None or aimed is None:
        return None
    return scale.level(predicted, fine=fine) - scale.level(aimed, fine=fine)


def why(
    prediction: object,
    target: object,
    scale: Scale,
    *,
    working_at: object = None,
    fine: bool = False,
) -> str:
    """The reason for a flag, in a sentence; empty where both are blank.

    Args:
        prediction: The predicted grade, a code, or a blank.
        target: The expected target, or None where there is none.
        scale: The scale of both.
        working_at: The grade of current work; it is told, and makes no flag.
        fine: Whether thirds of a grade are compared.

    >>> from udfs.tables import standard
    >>> why("4", "6", standard().scale("gcse"), working_at="3")
    'Well below: the prediction 4 is 2 grades below the target 6. Working at 3.'
    """
    predicted, aimed = scale.find(prediction), scale.find(target)
    seen = scale.find(working_at)
    working = f" Working at {seen}." if seen else ""
    apart = gap(prediction, target, scale, fine=fine)
    if apart is None:
        if predicted is None and aimed is None and not working:
            return ""
        missing = "no prediction" if predicted is None else "no target"
        return f"No data: there is {missing}.{working}"
    if scale.judgement:
        return f"{_flag_of(apart)}: the teacher's judgement.{working}"
    if apart == 0:
        return f"On: the prediction {predicted} is at the target {aimed}.{working}"
    size = grades_text(abs(apart))
    grades = "grade" if size == "1" else "grades"
    side = "above" if apart > 0 else "below"
    return (
        f"{_flag_of(apart)}: the prediction {predicted} is {size} {grades} {side} "
        f"the target {aimed}.{working}"
    )


def flags(
    frame: pd.DataFrame, scales: Mapping[str, Scale], *, fine: bool = False
) -> pd.Series:
    """The flag of every row.

    Args:
        frame: With the columns `prediction`, `target` and `scale` (a name); blanks
            may be None, NaN or empty.
        scales: The scales by name.
        fine: Whether thirds of a grade are compared.

    Returns:
        As `flag`, with None for no data, on the frame's own index. A row on a scale
        that is not among `scales` has no data.
    """
    apart = gaps(frame, scales, fine=fine)
    answer = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    answer[apart > 0] = ABOVE
    answer[apart == 0] = ON
    answer[(apart < 0) & (apart > WELL_BELOW_FROM)] = BELOW
    answer[apart <= WELL_BELOW_FROM] = WELL_BELOW
    return answer


def gaps(
    frame: pd.DataFrame, scales: Mapping[str, Scale], *, fine: bool = False
) -> pd.Series:
    """The gap of every row in sixtieths of a grade, NaN for no data: see `flags`."""
    predicted = levels(frame["prediction"], frame["scale"], scales, fine=fine)
    judged = frame["scale"].isin([s.name for s in scales.values() if s.judgement])
    aimed = levels(frame["target"], frame["scale"], scales, fine=fine)
    return predicted - aimed.mask(judged, 0.0)


def levels(
    grades: pd.Series,
    scale_names: pd.Series,
    scales: Mapping[str, Scale],
    *,
    fine: bool = False,
) -> pd.Series:
    """The level of every grade in sixtieths, NaN where a cell is not a grade.

    Args:
        grades: Grades, codes, blanks, anything; each stands for itself alone.
        scale_names: The name of each row's scale.
        scales: The scales by name.
        fine: Whether thirds of a grade are told apart.
    """
    answer = pd.Series(float("nan"), index=grades.index, dtype="float64")
    for name in scale_names.dropna().unique():
        scale = scales.get(name)
        if scale is None:
            continue
        rows = scale_names.eq(name).fillna(False).to_numpy(dtype=bool)
        # As text first: as keys, 1 and True would be one value.
        here = grades[rows].map(tidy, na_action="ignore")
        known = {
            text: float(scale.level(grade, fine=fine))
            for text in here.dropna().unique()
            if (grade := scale.find(text)) is not None
        }
        answer[rows] = here.map(known).to_numpy(dtype="float64")
    return answer


def _flag_of(apart: int) -> str:
    if apart > 0:
        return ABOVE
    if apart == 0:
        return ON
    return WELL_BELOW if apart <= WELL_BELOW_FROM else BELOW
