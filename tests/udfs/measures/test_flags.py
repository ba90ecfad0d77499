from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.measures.flag_columns import flags, gaps
from udfs.measures.flags import FLAGS, flag, flag_reason, gap
from udfs.tables import standard

TABLES = standard()
SCALES = TABLES.scales
BLANKS = [None, "", " ", float("nan"), pd.NA]
NO_GRADES = [*BLANKS, "Abs", "N/T", "TE", "Clear", "6+", "see me", 3.5, True]


@pytest.mark.parametrize(
    ("prediction", "target", "scale", "answer"),
    [
        ("6", "5", "gcse", "Above"),
        ("5", "5", "gcse", "On"),
        ("4", "5", "gcse", "Below"),
        ("3", "5", "gcse", "Well below"),
        ("U", "9", "gcse", "Well below"),
        ("5-5", "5-4", "combined_science", "Above"),
        ("5-4", "5-5", "combined_science", "Below"),
        ("4-4", "5-5", "combined_science", "Below"),
        ("4-3", "5-5", "combined_science", "Below"),
        ("3-3", "5-5", "combined_science", "Well below"),
        ("54", "5-4", "combined_science", "On"),
        ("A*", "A", "alevel", "Above"),
        ("A", "A*", "alevel", "Below"),
        ("L2D*", "L2D", "level12", "Above"),
        ("L1D", "L2M", "level12", "Well below"),
        ("5-", "5+", "gcse_fine", "On"),
    ],
)
def test_the_prediction_twicest_the_target(prediction, target, scale, answer):
    assert flag(prediction, target, SCALES[scale]) == answer


@pytest.mark.parametrize(
    ("prediction", "target", "answer"),
    [
        ("5-", "5", "Below"),
        ("5+", "5", "Above"),
        ("5", "5", "On"),
        ("3+", "5+", "Well below"),
        ("4-", "5+", "Below"),
    ],
)
def test_thirds_are_compared_where_the_school_chooses(prediction, target, answer):
    assert flag(prediction, target, SCALES["gcse_fine"], fine=True) == answer


@pytest.mark.parametrize("nothing", NO_GRADES)
def test_anything_but_a_grade_makes_no_flag_instead_of_a_low_score(nothing):
    assert flag(nothing, "5", SCALES["gcse"]) is None
    assert flag("5", nothing, SCALES["gcse"]) is None
    assert gap(nothing, "5", SCALES["gcse"]) is None


@pytest.mark.parametrize(
    ("choice", "answer"), [("below", "Below"), ("on", "On"), ("above", "Above")]
)
def test_in_judgement_style_the_choice_is_the_flag(choice, answer):
    assert flag(choice, "5", SCALES["judgement"]) == answer
    assert flag(choice, None, SCALES["judgement"]) == answer


@pytest.mark.parametrize("name", sorted(SCALES))
def test_a_table_of_marks_is_flagged_as_each_mark_is(name):
    scale = SCALES[name]
    pairs = list(product([*scale.grades, *NO_GRADES], repeat=2))
    frame = pd.DataFrame(pairs, columns=["prediction", "target"], dtype=object)
    for fine in (False, True):
        got = flags(frame.assign(scale=name), SCALES, fine=fine)
        assert got.tolist() == [flag(p, t, scale, fine=fine) for p, t in pairs]
        text = gaps(frame.assign(scale=name), SCALES, fine=fine)
        assert [None if np.isnan(g) else g for g in text] == [
            gap(p, t, scale, fine=fine) for p, t in pairs
        ]


def test_an_empty_table_has_no_flags_and_an_unknown_scale_no_data():
    empty = pd.DataFrame({"prediction": [], "target": [], "scale": []})
    assert flags(empty, SCALES).tolist() == []
    row = pd.DataFrame({"prediction": ["5"], "target": ["5"], "scale": ["?"]})
    assert flags(row, SCALES).tolist() == [None]
    assert flags(row.assign(scale=None), SCALES).tolist() == [None]


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "5", "5-4", "A*", "", None, "Abs", 5, "?", "on", True]),
        st.sampled_from(["1", "5", "5-4", "A", "", None, 4.0, 1]),
        st.sampled_from([*sorted(SCALES), None]),
    ),
    min_size=1,
    max_size=30,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters_and_no_row_changes_its_neighbour(rows, chance):
    frame = pd.DataFrame(rows, columns=["prediction", "target", "scale"], dtype=object)
    got = flags(frame, SCALES)
    mixed = frame.sample(frac=1, random_state=chance.randrange(2**32))
    assert flags(mixed, SCALES).reindex(frame.index).tolist() == got.tolist()
    alone = [flags(frame.iloc[[i]], SCALES).iloc[0] for i in range(len(frame))]
    assert got.tolist() == alone
    assert set(got) <= {*FLAGS, None}


@pytest.mark.parametrize(
    ("prediction", "target", "working_at", "words"),
    [
        ("4", "6", None, "Well below: the prediction 4 is 2 grades below the target "
                         "6."),
        ("5", "6", None, "Below: the prediction 5 is 1 grade below the target 6."),
        ("7", "6", "5", "Above: the prediction 7 is 1 grade above the target 6. "
                        "Working at 5."),
        ("6", "6", None, "On: the prediction 6 is at the target 6."),
        ("Abs", "6", None, "No data: there is no prediction."),
        ("5", None, None, "No data: there is no target."),
        (None, "6", "4", "No data: there is no prediction. Working at 4."),
        (None, None, None, ""),
    ],
)  # fmt: skip
def test_every_flag_can_say_why(prediction, target, working_at, words):
    assert (
        flag_reason(prediction, target, SCALES["gcse"], working_at=working_at) == words
    )


def test_half_a_grade_is_written_as_a_decimal():
    words = flag_reason("5-4", "5-5", SCALES["combined_science"])
    assert words == "Below: the prediction 5-4 is 0.5 grades below the target 5-5."


def test_a_judgement_reports_that_it_is_one():
    assert (
        flag_reason("below", "5", SCALES["judgement"])
        == "Below: the teacher's judgement."
    )
