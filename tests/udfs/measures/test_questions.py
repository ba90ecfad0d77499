from __future__ import annotations

import pytest

from udfs.measures.questions import pupil_questions
from udfs.tables import standard

SCALES = standard().scales


@pytest.mark.parametrize(
    ("working_at", "prediction", "scale", "text"),
    [
        ("3", "6", "gcse", "3 grades above working-at"),
        ("U", "9", "gcse", "9 grades above working-at"),
        ("8", "5", "gcse", "3 grades below working-at"),
        ("3-3", "6-6", "combined_science", "3 grades above working-at"),
        ("3-3", "7-6", "combined_science", "3.5 grades above working-at"),
        ("3+", "6-", "gcse_fine", "3 grades above working-at"),
    ],
)
def test_a_prediction_far_from_the_current_work_is_questioned(
    working_at, prediction, scale, text
):
    (question,) = pupil_questions(working_at, prediction, SCALES[scale])
    assert question.text == f"Prediction is {text}: check, or give a reason."
    assert question.code.startswith("prediction-far-")


@pytest.mark.parametrize(
    ("working_at", "prediction", "scale"),
    [
        ("3", "5", "gcse"),
        ("5", "3", "gcse"),
        (None, "9", "gcse"),
        ("1", None, "gcse"),
        ("Abs", "9", "gcse"),
        ("1", "TE", "gcse"),
        ("3-3", "6-5", "combined_science"),
        ("below", "above", "judgement"),
    ],
)
def test_nothing_is_asked_of_what_is_near_blank_or_a_code(
    working_at, prediction, scale
):
    assert pupil_questions(working_at, prediction, SCALES[scale]) == ()


def test_a_prediction_that_has_moved_far_is_questioned():
    rose = pupil_questions("6", "7", SCALES["gcse"], last_prediction="4")
    fell = pupil_questions("4", "3", SCALES["gcse"], last_prediction="7")
    assert [q.text for q in rose + fell] == [
        "Prediction is 3 grades above the last one: check, or give a reason.",
        "Prediction is 4 grades below the last one: check, or give a reason.",
    ]
    assert pupil_questions("4", "4", SCALES["gcse"], last_prediction="N/T") == ()
