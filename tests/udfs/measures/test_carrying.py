"""Which earlier prediction stands in for a blank."""

from __future__ import annotations

import pandas as pd
import pytest

from udfs.measures.carrying import carried_predictions, key_stage
from udfs.tables import standard

TABLES = standard()


def entries(prediction=None, subject="History", year=11):
    return pd.DataFrame(
        {"adno": ["1"], "subject": [subject], "prediction": [prediction], "year": year}
    )


def marks(prediction, code="SPR", subject="History", back=0):
    return pd.DataFrame(
        {"adno": ["1"], "subject": [subject], "prediction": [prediction],
         "collection": [code], "years_back": back}
    )  # fmt: skip


def carry(now, *earlier):
    table = carried_predictions(now, list(earlier), TABLES)
    return table[["grade", "collection"]].to_numpy().tolist()


NOBODY = marks("5").iloc[:0]


@pytest.mark.parametrize("now", ["5", "Abs", "TE", "N/T", "?"])
def test_only_a_blank_is_replaced(now):
    assert carry(entries(now), marks("4")) == []


@pytest.mark.parametrize("blank", [None, float("nan"), "", "  "])
def test_a_blank_takes_the_last_prediction(blank):
    assert carry(entries(blank), marks("4"), marks("6", "AUT")) == [["4", "SPR"]]


def test_two_collections_back_and_no_further():
    assert carry(entries(), NOBODY, marks("6", "AUT")) == [["6", "AUT"]]
    assert carry(entries(), NOBODY, NOBODY, marks("6", "SUM")) == []


@pytest.mark.parametrize("answer", ["Abs", "TE", "N/T", "5-5", "L2M"])
def test_a_last_answer_that_is_no_grade_of_the_scale_ends_it(answer):
    assert carry(entries(), marks(answer), marks("6", "AUT")) == []


def test_another_subject_is_never_carried():
    assert carry(entries(), marks("6", subject="Geography")) == []


@pytest.mark.parametrize(
    ("year", "back", "grades"),
    [(11, 1, [["6", "SPR"]]), (10, 1, []), (11, 2, []), (13, 1, [["6", "SPR"]]),
     (12, 1, []), (9, 2, [["6", "SPR"]])],
)  # fmt: skip
def test_another_key_stage_is_never_carried(year, back, grades):
    assert carry(entries(year=year), marks("6", back=back)) == grades


def test_a_pair_is_carried_on_its_own_scale():
    now, then = entries(subject="Combined Science"), "Combined Science"
    assert carry(now, marks("5-4", subject=then)) == [["5-4", "SPR"]]
    assert carry(now, marks("5", subject=then)) == []


def test_key_stages():
    stages = [key_stage(year) for year in range(7, 14)]
    assert stages == [0, 0, 0, 1, 1, 2, 2]
