"""The flag of one prediction against one target, and why it is so."""

from __future__ import annotations

from udfs.measures.questions import grades_text
from udfs.scales.scale import POINT, Scale

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
    return None if apart is None else flag_of(apart)


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
        return f"{flag_of(apart)}: the teacher's judgement.{working}"
    if apart == 0:
        return f"On: the prediction {predicted} is at the target {aimed}.{working}"
    size = grades_text(abs(apart))
    grades = "grade" if size == "1" else "grades"
    side = "above" if apart > 0 else "below"
    return (
        f"{flag_of(apart)}: the prediction {predicted} is {size} {grades} {side} "
        f"the target {aimed}.{working}"
    )


def flag_of(apart: int) -> str:
    """The flag of a gap in sixtieths of a grade.

    >>> flag_of(-119), flag_of(-120)
    ('Below', 'Well below')
    """
    if apart > 0:
        return ABOVE
    if apart == 0:
        return ON
    return WELL_BELOW if apart <= WELL_BELOW_FROM else BELOW
