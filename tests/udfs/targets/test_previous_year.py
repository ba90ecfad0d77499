from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from udfs.targets.previous_year import previous_targets


def test_the_mean_of_pupils_with_the_same_score():
    result = previous_targets(
        [(200, 240, 300), (200, 300, 360), (204, 360, 420)], "2025/26"
    )
    expected, aspirational = result.near(200)
    assert (expected.level, expected.pupils) == (Fraction(270), 2)
    assert aspirational.level == 330


def test_the_nearest_score_within_three_points_speaks_for_one_that_is_missing():
    result = previous_targets([(200, 240, 300), (208, 360, 420)], "2025/26")
    assert result.near(203)[0].level == 240
    assert result.near(204)[0].level == 240  # halfway: the lower one
    assert result.near(205)[0].level == 360
    assert result.near(214)[0].level == 360
    assert result.near(215) is None
    assert result.near(193) is None


def test_a_higher_score_that_had_less_is_pooled_with_the_lower_one():
    result = previous_targets([(200, 360, 420), (202, 240, 300)], "2025/26")
    assert result.near(200)[0] == result.near(202)[0]
    assert (result.near(202)[0].level, result.near(202)[0].pupils) == (300, 2)


def test_nothing_of_last_year_reports_nothing():
    assert previous_targets([], "2025/26") is None


targets = st.tuples(st.integers(160, 240), st.integers(0, 540), st.integers(0, 540))


@given(st.lists(targets, min_size=1, max_size=40), st.integers(160, 239))
def test_a_higher_score_never_draws_less(pupils, halves):
    result = previous_targets(pupils, "2025/26")
    low, high = result.near(halves), result.near(halves + 1)
    if low and high:
        for below, above in zip(low, high, strict=True):
            assert above.level >= below.level


@given(st.lists(targets, min_size=1, max_size=20))
def test_the_order_of_rows_does_not_matter(pupils):
    assert previous_targets(pupils, "2025/26") == previous_targets(
        reversed(pupils), "2025/26"
    )
