"""How predictions turned out, and what to expect of the next ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.measures.prediction_accuracy import (
    accuracy,
    expected_outcomes,
    prediction_errors,
)
from udfs.tables import standard

TABLES = standard()


def outcomes(*rows):
    return pd.DataFrame(rows, columns=["subject", "predicted", "actual"])


@pytest.mark.parametrize(
    ("subject", "predicted", "actual", "error"),
    [
        ("History", "6", "4", 2),
        ("History", "4", "6", -2),
        ("History", "9.0", 9, 0),
        ("Combined Science", "5-4", "4-4", 0.5),
        ("Health and Social Care", "L2D*", "L2P", 3),
    ],
)
def test_an_error_is_in_whole_grades_and_its_sign_stays(
    subject, predicted, actual, error
):
    assert (
        prediction_errors(outcomes((subject, predicted, actual)), TABLES).item()
        == 60 * error
    )


@pytest.mark.parametrize("other", ["", None, "Abs", "X", "TE", np.nan])
def test_only_matched_pupils_are_counted(other):
    result = accuracy(
        outcomes(
            ("History", "5", other), ("History", other, "5"), ("History", "5", "5")
        ),
        TABLES,
    ).iloc[0]
    assert (result["n"], result["exact"]) == (1, 1)


def test_the_shares_and_the_mean_error_by_subject():
    rows = outcomes(
        ("History", "6", "4"),
        ("History", "5", "5"),
        ("History", "5", "4"),
        ("History", "4", "6"),
        ("French", "5", "5"),
    )
    result = accuracy(rows, TABLES, ["subject"]).set_index("subject").loc["History"]
    assert result[["n", "exact", "within_one", "over", "under"]].tolist() == [
        4,
        1,
        2,
        2,
        1,
    ]
    assert result["within_one_share"] == 0.5
    assert result["error"] == 0.25
    assert result["size"] == 1.25
    assert result["low"] < 0.25 < result["high"]
    assert result["few"]


def test_nobody_matched_is_no_share():
    result = accuracy(outcomes(), TABLES).iloc[0]
    assert result["n"] == 0
    assert np.isnan(result["exact_share"])


grades = st.sampled_from(["U", *"123456789", "", "Abs"])


@given(st.lists(st.tuples(grades, grades), max_size=20), st.integers(0, 20))
def test_counts_of_parts_add_up(pairs, cut):
    rows = outcomes(*(("History", item, other) for item, other in pairs))
    columns = ["n", "exact", "within_one", "over", "under"]
    parts = (
        accuracy(rows[:cut], TABLES)[columns] + accuracy(rows[cut:], TABLES)[columns]
    )
    whole = accuracy(rows, TABLES)[columns]
    assert parts.to_dict() == whole.to_dict()
    assert (whole["exact"] + whole["over"] + whole["under"] == whole["n"]).all()


# The expected outcome ---------------------------------------------------------------


def past(subject, error, n, seed=0):
    noise = np.random.default_rng(seed).integers(-1, 2, n)
    noise -= round(noise.mean())
    actual = np.full(n, 5) + noise
    predicted = actual + error
    return pd.DataFrame(
        {"subject": subject, "predicted": predicted * 60, "actual": actual * 60}
    )


def now(**subjects):
    rows = [(name, points * 60) for name, all_ in subjects.items() for points in all_]
    return pd.DataFrame(rows, columns=["subject", "points"])


def test_predictions_are_corrected_by_the_past_error_of_the_subject():
    before = pd.concat([past("History", 1, 200), past("French", 0, 200, 1)])
    result = expected_outcomes(now(History=[6] * 30, French=[6] * 30), before)
    result = result.set_index("subject")
    assert result.loc["History", "expected"] == pytest.approx(5, abs=0.05)
    assert result.loc["French", "expected"] == pytest.approx(6, abs=0.05)
    assert result.loc["History", "predicted"] == 6
    assert result.loc["History", ["n", "past"]].tolist() == [30, 200]
    assert (result["low"] < result["expected"]).all()
    assert (result["expected"] < result["high"]).all()


def test_a_subject_with_little_past_is_drafted_towards_all_of_them():
    before = pd.concat([past("History", 0, 300), past("French", 3, 2)])
    result = expected_outcomes(now(French=[6] * 20), before).iloc[0]
    assert 0 < result["error"] < 3
    assert result["high"] - result["low"] > 0.5


def test_a_subject_without_a_past_of_its_own_is_corrected_by_the_others():
    result = expected_outcomes(now(Latin=[6] * 20), past("History", 1, 300)).iloc[0]
    assert result["past"] == 0
    assert result["expected"] == pytest.approx(5, abs=0.05)


def test_without_past_there_is_nothing():
    none = pd.DataFrame({"subject": [], "predicted": [], "actual": []})
    result = expected_outcomes(now(History=[6, 7]), none).iloc[0]
    assert result["predicted"] == 6.5
    assert np.isnan(result["expected"])
    assert np.isnan(result["low"])


def test_a_missing_prediction_is_in_no_mean():
    rows = now(History=[6, 8])
    rows.loc[2] = ["History", np.nan]
    result = expected_outcomes(rows, past("History", 0, 50)).iloc[0]
    assert (result["n"], result["predicted"]) == (2, 7)
