"""What a careful reader would ask about a pupil's marks before taking them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from udfs.scales.scale import POINT, Scale

# A prediction so many whole grades from the working-at grade, or from the last
# prediction, is asked about. Markbooks and the checker ask in these very words;
# `{grades}` is a number as `grades_text` writes it.
FAR = 3
FAR_ABOVE = "Prediction is {grades} grades above working-at: check, or give a reason."
FAR_BELOW = "Prediction is {grades} grades below working-at: check, or give a reason."
ROSE = "Prediction is {grades} grades above the last one: check, or give a reason."
FELL = "Prediction is {grades} grades below the last one: check, or give a reason."
# Two questions in one cell are one sentence: what ends the first and begins the second,
# and what stands there instead.
SEAM, JOINED = ": check, or give a reason. Prediction is ", " and "
# A class so large whose predictions are all one grade, or all as they were in the
# collection before, is asked about once; smaller ones may well be so.
MANY = 10
ALL_EQUAL = (
    "All {pupils} predictions are {grade}: check that none was only filled down."
)
ALL_AS_BEFORE = (
    "All {pupils} predictions are as in the collection before: check that they were "
    "looked at again."
)


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to check, or to give a reason for.

    Args:
        code: A short stable name: `prediction-far-above`.
        text: The question, as the teacher reads it.
    """

    code: str
    text: str


def questions(
    working_at: str | None,
    prediction: str | None,
    scale: Scale,
    *,
    last_prediction: str | None = None,
) -> tuple[Question, ...]:
    """What to ask about one pupil's marks; a reason given settles all of it.

    Blanks and codes are asked nothing, and so is a choice of above, on or below.

    Args:
        working_at: The grade of current work, a code, or None for a blank.
        prediction: The grade thought most likely at the end, a code, or None.
        scale: The scale of both.
        last_prediction: The prediction of the collection before, where there is one.

    >>> from udfs.tables import standard
    >>> gcse = standard().scale("gcse")
    >>> [question.text for question in questions("3", "6", gcse)]
    ['Prediction is 3 grades above working-at: check, or give a reason.']
    >>> questions("3", "5", gcse), questions("Abs", "9", gcse)
    ((), ())
    """
    if scale.judgement:
        return ()
    found = []
    for other, above, below, name in (
        (working_at, FAR_ABOVE, FAR_BELOW, "prediction-far-{}"),
        (last_prediction, ROSE, FELL, "prediction-moved-far-{}"),
    ):
        apart = _apart(prediction, other, scale)
        if apart is None or abs(apart) < FAR * POINT:
            continue
        text = (above if apart > 0 else below).format(grades=grades_text(abs(apart)))
        code = name.format("above" if apart > 0 else "below")
        found.append(Question(code, text))
    return tuple(found)


def in_one(asked: Sequence[Question]) -> str:
    """All that is asked about a pupil, as a markbook's `Check` says it.

    >>> from udfs.tables import standard
    >>> asked = questions("3", "7", standard().scale("gcse"), last_prediction="4")
    >>> in_one(asked)[:60]
    'Prediction is 4 grades above working-at and 3 grades above t'
    """
    return " ".join(question.text for question in asked).replace(SEAM, JOINED)


def class_questions(
    predictions: Mapping[str, str],
    scale: Scale,
    *,
    last_predictions: Mapping[str, str] | None = None,
) -> tuple[Question, ...]:
    """What to ask about the predictions of a class as a whole.

    Blanks and codes are left out; fewer than ten grades are asked nothing, nor is a
    choice of above, on or below.

    Args:
        predictions: Pupil -> prediction, as it now stands.
        scale: Their scale.
        last_predictions: Pupil -> that of the collection before, where there is one.

    >>> from udfs.tables import standard
    >>> gcse = standard().scale("gcse")
    >>> [q.code for q in class_questions({str(n): "5" for n in range(10)}, gcse)]
    ['predictions-all-equal']
    >>> class_questions({str(n): "5" for n in range(9)}, gcse)
    ()
    """
    grades = {
        p: grade for p, said in predictions.items() if (grade := scale.find(said))
    }
    if scale.judgement or len(grades) < MANY:
        return ()
    found = []
    if len(set(grades.values())) == 1:
        (grade,) = set(grades.values())
        text = ALL_EQUAL.format(pupils=len(grades), grade=grade)
        found.append(Question("predictions-all-equal", text))
    before = {
        pupil: grade
        for pupil in grades
        if (grade := scale.find((last_predictions or {}).get(pupil)))
    }
    if len(before) == len(grades) and before == grades:
        text = ALL_AS_BEFORE.format(pupils=len(grades))
        found.append(Question("predictions-as-before", text))
    return tuple(found)


def grades_text(apart: int) -> str:
    """A number of grades, given in sixtieths, as a reader writes it.

    >>> grades_text(180), grades_text(210)
    ('3', '3.5')
    """
    return f"{round(apart / POINT, 1):g}"


def _apart(grade: str | None, other: str | None, scale: Scale) -> int | None:
    here, there = scale.find(grade), scale.find(other)
    if here is None or there is None:
        return None
    return scale.level(here) - scale.level(there)
