"""Questions about unlikely marks, which a teacher answers with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from udfs.scales.scale import POINT, Scale

# A prediction at least this many whole grades from the working-at grade, or from the
# last prediction, is questioned. Markbooks and the checker use the same texts;
# `{grades}` is a number from `grades_text`.
MIN_DIFFERENCE = 3
FAR_ABOVE = "Prediction is {grades} grades above working-at: check, or give a reason."
FAR_BELOW = "Prediction is {grades} grades below working-at: check, or give a reason."
FAR_ABOVE_LAST = (
    "Prediction is {grades} grades above the last one: check, or give a reason."
)
FAR_BELOW_LAST = (
    "Prediction is {grades} grades below the last one: check, or give a reason."
)
# Two questions in one cell become one sentence: this break between them is replaced.
SENTENCE_BREAK, CONJUNCTION = ": check, or give a reason. Prediction is ", " and "
# A class of at least this size whose predictions are all equal, or all unchanged
# since the collection before, is questioned; smaller ones may well be so.
MIN_CLASS_SIZE = 10
ALL_EQUAL = (
    "All {pupils} predictions are {grade}: check that none was only filled down."
)
ALL_AS_BEFORE = (
    "All {pupils} predictions are as in the collection before: check that they were "
    "looked at again."
)


@dataclass(frozen=True, slots=True)
class Question:
    """A mark to check, or to give a reason for.

    Args:
        code: A short stable name: `prediction-far-above`.
        text: The question for the teacher.
    """

    code: str
    text: str


def pupil_questions(
    working_at: str | None,
    prediction: str | None,
    scale: Scale,
    *,
    last_prediction: str | None = None,
) -> tuple[Question, ...]:
    """Return the questions about one pupil's marks; one reason answers them all.

    Blanks, codes and choices of a judgement scale raise no question.

    Args:
        working_at: The grade of current work, a code, or None for a blank.
        prediction: The predicted final grade, a code, or None for a blank.
        scale: The scale of both.
        last_prediction: The prediction of the collection before, or None.

    >>> from udfs.tables import standard
    >>> gcse = standard().scale("gcse")
    >>> [question.text for question in pupil_questions("3", "6", gcse)]
    ['Prediction is 3 grades above working-at: check, or give a reason.']
    >>> pupil_questions("3", "5", gcse), pupil_questions("Abs", "9", gcse)
    ((), ())
    """
    if scale.judgement:
        return ()
    questions = []
    for other, above, below, name in (
        (working_at, FAR_ABOVE, FAR_BELOW, "prediction-far-{}"),
        (last_prediction, FAR_ABOVE_LAST, FAR_BELOW_LAST, "prediction-moved-far-{}"),
    ):
        difference = _level_difference(prediction, other, scale)
        if difference is None or abs(difference) < MIN_DIFFERENCE * POINT:
            continue
        text = (above if difference > 0 else below).format(
            grades=grades_text(abs(difference))
        )
        code = name.format("above" if difference > 0 else "below")
        questions.append(Question(code, text))
    return tuple(questions)


def join_questions(questions: Sequence[Question]) -> str:
    """Join a pupil's questions into the text of a markbook's `Check` column.

    >>> from udfs.tables import standard
    >>> gcse = standard().scale("gcse")
    >>> join_questions(pupil_questions("3", "7", gcse, last_prediction="4"))[:60]
    'Prediction is 4 grades above working-at and 3 grades above t'
    """
    return " ".join(question.text for question in questions).replace(
        SENTENCE_BREAK, CONJUNCTION
    )


def class_questions(
    predictions: Mapping[str, str],
    scale: Scale,
    *,
    last_predictions: Mapping[str, str] | None = None,
) -> tuple[Question, ...]:
    """Return the questions about the predictions of a whole class.

    Blanks and codes are left out; fewer than ten grades, and choices of a judgement
    scale, raise no question.

    Args:
        predictions: Pupil -> current prediction.
        scale: Their scale.
        last_predictions: Pupil -> prediction of the collection before.

    >>> from udfs.tables import standard
    >>> gcse = standard().scale("gcse")
    >>> [q.code for q in class_questions({str(n): "5" for n in range(10)}, gcse)]
    ['predictions-all-equal']
    >>> class_questions({str(n): "5" for n in range(9)}, gcse)
    ()
    """
    grades = {
        p: grade
        for p, prediction in predictions.items()
        if (grade := scale.find(prediction))
    }
    if scale.judgement or len(grades) < MIN_CLASS_SIZE:
        return ()
    questions = []
    if len(set(grades.values())) == 1:
        (grade,) = set(grades.values())
        text = ALL_EQUAL.format(pupils=len(grades), grade=grade)
        questions.append(Question("predictions-all-equal", text))
    last_grades = {
        pupil: grade
        for pupil in grades
        if (grade := scale.find((last_predictions or {}).get(pupil)))
    }
    if len(last_grades) == len(grades) and last_grades == grades:
        text = ALL_AS_BEFORE.format(pupils=len(grades))
        questions.append(Question("predictions-as-before", text))
    return tuple(questions)


def grades_text(sixtieths: int) -> str:
    """Return a number of grades, given in sixtieths, for display.

    >>> grades_text(180), grades_text(210)
    ('3', '3.5')
    """
    return f"{round(sixtieths / POINT, 1):g}"


def _level_difference(grade: str | None, other: str | None, scale: Scale) -> int | None:
    first, second = scale.find(grade), scale.find(other)
    if first is None or second is None:
        return None
    return scale.level(first) - scale.level(second)
