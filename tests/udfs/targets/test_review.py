from __future__ import annotations

import pandas as pd
import pytest

from udfs.tables import standard
from udfs.targets.review import MODERATION_EVIDENCE, REVIEW_EVIDENCE, propose_increases

SCALES = standard().scales


def case(**more: object) -> pd.DataFrame:
    values = {
        "scale": "gcse", "expected": "5", "prediction": None, "collection": "AUT",
        "too": "", "drafted": None, "imported_grade": None, "indicator": "FFT50 Art",
        "cat4_grade": None, "cat4_words": "…", **more,
    }  # fmt: skip
    return pd.DataFrame([values], dtype=object)


def heard(witnesses=MODERATION_EVIDENCE, **more):
    return tuple(propose_increases(case(**more), SCALES, witnesses).iloc[0])


def test_a_pupil_predicted_above_target_is_proposed_for_a_raise():
    assert heard(prediction="6", too=" (6 in SUM)") == (
        "6", "predicted 6 in AUT (6 in SUM)",
    )  # fmt: skip


@pytest.mark.parametrize("prediction", ["5", "4", None, "Abs", "", "below", "on"])
def test_anything_else_proposes_nothing(prediction):
    assert heard(prediction=prediction) == (None, "")


def test_without_target_nothing_is_raised():
    assert heard(prediction="6", expected=None) == (None, "")


@pytest.mark.parametrize(
    ("scale", "expected", "proposed"),
    [("gcse", "5", "6"), ("combined_science", "5-4", "5-5"), ("gcse_fine", "5+", "6")],
)
def test_a_judgement_of_above_speaks_for_one_step(scale, expected, proposed):
    got = heard(scale=scale, expected=expected, prediction="above")
    assert got == (proposed, f"predicted {proposed} in AUT")


def test_moderation_hears_predictions_only():
    assert heard(drafted="9", imported_grade="9", cat4_grade="9") == (None, "")


def test_a_review_hears_all_and_proposes_the_highest():
    got = heard(
        REVIEW_EVIDENCE, prediction="6", drafted="7", imported_grade="8", cat4_grade="6"
    )
    assert got == (
        "8",
        "predicted 6 in AUT; a new draft gives 7; FFT50 Art gives 8; CAT4 suggests 6, "
        "an estimate (…)",
    )


def test_fine_targets_are_compared_finely():
    assert heard(scale="gcse_fine", expected="5", prediction="5+")[0] == "5+"


def test_each_row_is_heard_for_itself():
    frame = pd.concat(
        [case(prediction="6"), case(prediction="?"), case(prediction="9")]
    ).reset_index(drop=True)
    got = propose_increases(frame, SCALES, MODERATION_EVIDENCE)
    assert got["proposed"].tolist() == ["6", None, "9"]
