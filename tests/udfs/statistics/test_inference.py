"""Intervals, many comparisons, and classes drawn towards the others."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recount.arithmetic import student
from udfs.statistics.inference import (
    between_group_deviation,
    control_false_discoveries,
    differences,
    means_with_intervals,
    pupil_sums,
    shrinkage_factors,
)
from udfs.statistics.student import t_p_values


def summed(values, parts=60, **question):
    each = pupil_sums(pd.Series([1] * len(values)), pd.Series(values, dtype="int64"))
    return means_with_intervals(each.sum().to_frame().T, parts, **question).iloc[0]


@given(st.lists(st.integers(-540, 540), min_size=2, max_size=30))
def test_the_interval_of_a_mean_is_students(values):
    result = summed(values)
    points = np.array(values) / 60
    error = points.std(ddof=1) / math.sqrt(len(points))
    assert result["value"] == pytest.approx(points.mean(), abs=1e-9)
    reach = student(len(points) - 1) * error
    assert result["high"] == pytest.approx(points.mean() + reach, abs=1e-6)


def test_a_single_pupil_has_a_mean_and_no_interval():
    result = summed([60])
    assert result["value"] == 1
    assert math.isnan(result["low"])


def test_nobody_has_no_mean():
    assert math.isnan(summed([])["value"])


def test_grades_of_a_pupil_are_not_as_good_as_grades_of_many():
    # Five pupils with ten equal grades each, and fifty pupils with one.
    few = pupil_sums(pd.Series([10] * 5), pd.Series([600, 1200, 1800, 2400, 3000]))
    one_each = [60] * 10 + [120] * 10 + [180] * 10 + [240] * 10 + [300] * 10
    many = summed(one_each)
    result = means_with_intervals(few.sum().to_frame().T, 60).iloc[0]
    assert result["value"] == many["value"] == 3
    assert result["high"] - 3 > 2.5 * (many["high"] - 3)


@pytest.mark.parametrize("reached", [0, 3, 10])
def test_a_share_stays_between_nought_and_one_and_is_never_certain(reached):
    result = summed([1] * reached + [0] * (10 - reached), parts=1, share=True)
    assert result["value"] == reached / 10
    assert 0 <= result["low"] < result["high"] <= 1
    # Wilson's interval for 3 of 10: 0.108 to 0.603; for none of 10: 0 to 0.278.
    if reached == 3:
        assert (round(result["low"], 3), round(result["high"], 3)) == (0.108, 0.603)
    if reached == 0:
        assert round(result["high"], 2) == 0.28


def test_the_gap_between_two_groups_has_an_interval_from_both():
    item = pd.DataFrame({"value": [0.5], "low": [0.4], "high": [0.6]})
    other = pd.DataFrame({"value": [0.2], "low": [0.0], "high": [0.5]})
    item, other = (frame.assign(error=0.1, freedom=11.0) for frame in (item, other))
    result = differences(item, other, share=True).iloc[0]
    assert result["value"] == pytest.approx(0.3)
    assert result["low"] == pytest.approx(0.3 - math.hypot(0.1, 0.3))
    assert result["high"] == pytest.approx(0.3 + math.hypot(0.1, 0.2))


def test_the_gap_between_two_means_is_welchs():
    # Welch (1947): freedom (0.2 + 0.05)² / (0.2² / 9 + 0.05² / 24) = 13.74.
    item = pd.DataFrame({"value": [3.0], "error": [0.2**0.5], "freedom": [9.0]})
    other = pd.DataFrame({"value": [2.0], "error": [0.05**0.5], "freedom": [24.0]})
    result = differences(item, other).iloc[0]
    assert result["freedom"] == pytest.approx(13.74, abs=0.005)
    assert result["high"] - 1 == pytest.approx(0.5 * student(result["freedom"]))
    certain = differences(item.assign(error=0.0), other.assign(error=0.0)).iloc[0]
    assert (certain["low"], certain["high"], certain["freedom"]) == (1, 1, 9)
    known = differences(item.assign(freedom=math.inf), other.assign(freedom=math.inf))
    assert known["high"].item() - 1 == pytest.approx(0.5 * 1.959964)
    lone = differences(item.assign(error=math.nan, freedom=math.nan), other)
    assert math.isnan(lone["low"].item())


def test_sixty_classes_of_noise_point_out_hardly_any():
    # At 95 in 100 each, about three of sixty would be "significant".
    random = np.random.default_rng(11)
    alone, pointed = 0, 0
    for _ in range(200):
        likely = t_p_values(random.standard_normal(60), [math.inf] * 60)
        alone += int((likely < 0.05).sum())
        pointed += int(control_false_discoveries(likely).sum())
    assert alone / 200 == pytest.approx(3, abs=0.4)
    assert pointed / 200 < 0.3


def test_the_published_example_of_many_comparisons():
    # Benjamini and Hochberg (1995), table of 15 ordered p-values: at 5 % four hold.
    values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
        0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    assert control_false_discoveries(np.array(values), rate=0.05).sum() == 4


def test_what_is_not_compared_is_not_pointed_out():
    assert control_false_discoveries(np.array([np.nan, 0.001])).tolist() == [
        False,
        True,
    ]
    assert control_false_discoveries(np.array([])).tolist() == []


def test_a_small_class_keeps_less_of_its_own_mean():
    # k = (1.45 / 0.4)^2 = 13: a class of 28 keeps 68 %, of 10 43 %.
    assert (1.45 / 0.4) ** 2 == pytest.approx(13, abs=0.2)
    keeps = shrinkage_factors(np.array([10.0, 28.0, 1000.0]), 1.45, 0.4)
    assert keeps.round(2).tolist() == [0.43, 0.68, 0.99]


def test_the_spread_of_classes_is_estimated_from_the_classes_themselves():
    random = np.random.default_rng(3)
    true = random.normal(0, 0.4, 400)
    n = np.full(400, 28.0)
    means = true + random.normal(0, 1.45 / math.sqrt(28), 400)
    assert between_group_deviation(means, n, 1.45) == pytest.approx(0.4, abs=0.05)
    assert between_group_deviation(np.zeros(30), np.full(30, 28.0), 1.45) == 0
    assert between_group_deviation(np.array([0.3]), np.array([28.0]), 1.45) is None
