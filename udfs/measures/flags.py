"""The flag of one prediction against one target, and its reason."""

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
    """Return whether a prediction is above, on, below or well below the target.

    Args:
        prediction: The predicted grade; anything that is not a grade of the scale
            has no flag.
        target: The expected target, or None.
        scale: The scale of both.
        fine: Whether to compare thirds of a grade.

    Returns:
        `Above`, `On`, `Below` or `Well below` (two whole grades or more), or None
        without data. On a judgement scale the choice is the flag, with or without a
        target.

    >>> from udfs.tables import standard
    >>> gcse = standard().scale("gcse")
    >>> flag("5", "5", gcse), flag("3", "5", gcse), flag("Abs", "5", gcse)
    ('On', 'Well below', None)
    >>> flag("4-4", "5-5", standard().scale("combined_science"))
    'Below'
    """
    difference = gap(prediction, target, scale, fine=fine)
    return None if difference is None else flag_for_gap(difference)


def gap(
    prediction: object, target: object, scale: Scale, *, fine: bool = False
) -> int | None:
    """Return how far a prediction is above the target (negative: below), in sixtieths.

    None where either is not a grade; the arguments are those of `flag`.
    """
    predicted = scale.find(prediction)
    if scale.judgement:
        return None if predicted is None else scale.level(predicted)
    target_grade = scale.find(target)
    if predicted is None or target_grade is None:
        return None
    return scale.level(predicted, fine=fine) - scale.level(target_grade, fine=fine)


def flag_reason(
    prediction: object,
    target: object,
    scale: Scale,
    *,
    working_at: object = None,
    fine: bool = False,
) -> str:
    """Return the reason for a flag in a sentence; empty where all grades are blank.

    The grade of current work, `working_at`, is reported and does not change the flag.

    >>> from udfs.tables import standard
    >>> flag_reason("4", "6", standard().scale("gcse"), working_at="3")
    'Well below: the prediction 4 is 2 grades below the target 6. Working at 3.'
    """
    predicted, target_grade = scale.find(prediction), scale.find(target)
    current = scale.find(working_at)
    working = f" Working at {current}." if current else ""
    difference = gap(prediction, target, scale, fine=fine)
    if difference is None:
        if predicted is None and target_grade is None and not working:
            return ""
        missing = "no prediction" if predicted is None else "no target"
        return f"No data: there is {missing}.{working}"
    if scale.judgement:
        return f"{flag_for_gap(difference)}: the teacher's judgement.{working}"
    if difference == 0:
        return (
            f"On: the prediction {predicted} is at the target {target_grade}.{working}"
        )
    size = grades_text(abs(difference))
    unit = "grade" if size == "1" else "grades"
    side = "above" if difference > 0 else "below"
    return (
        f"{flag_for_gap(difference)}: the prediction {predicted} is {size} {unit} "
        f"{side} the target {target_grade}.{working}"
    )


def flag_for_gap(difference: int) -> str:
    """Return the flag of a gap in sixtieths of a grade.

    >>> flag_for_gap(-119), flag_for_gap(-120)
    ('Below', 'Well below')
    """
    if difference > 0:
        return ABOVE
    if difference == 0:
        return ON
    return WELL_BELOW if difference <= WELL_BELOW_FROM else BELOW
