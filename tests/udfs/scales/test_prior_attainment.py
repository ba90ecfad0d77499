from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.errors import UnknownScore
from udfs.scales.prior_attainment import scaled_score, starting_point, summer_of_tests
from udfs.tables import standard

SUBSTITUTES = standard().substitutes
scores = st.one_of(st.none(), st.integers(80, 120))


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        ("80", 80),
        ("120", 120),
        ("101.0", 101),
        (101, 101),
        (101.0, 101),
        ("１０１", 101),
        ("N", 79),
        (" n ", 79),
        ("79", 79),
        ("", None),
        (None, None),
    ],
)
def test_a_scaled_score_or_the_code_n(typed, points):
    assert scaled_score(typed, SUBSTITUTES) == points


# DfE, key stage 4 ready reckoners 2024: substitutes by the summer of the tests.
@pytest.mark.parametrize(
    ("code", "summer", "points"),
    [("BLW", 2016, 70), ("BLW", 2017, 71), ("PKF", 2016, 73), ("pkg", 2017, 79)],
)
def test_a_code_stands_for_the_score_of_its_year(code, summer, points):
    assert scaled_score(code, SUBSTITUTES, summer=summer) == points


@pytest.mark.parametrize(
    ("typed", "summer"),
    [
        ("BLW", None),
        ("BLW", 2022),
        ("PK3", 2022),
        ("121", None),
        ("60", None),
        ("101.5", None),
        ("A", None),
        ("=80", None),
        ("1O1", None),
    ],
)
def test_anything_else_is_reported_with_the_valid_values(typed, summer):
    with pytest.raises(UnknownScore, match="Use 80 to 120, or a code"):
        scaled_score(typed, SUBSTITUTES, summer=summer)


@pytest.mark.parametrize(
    ("reading", "maths", "question", "text", "used"),
    [
        (100, 103, "both", "101.5", "both"),
        (100, 102, "both", "101", "both"),
        (100, 103, "reading", "100", "reading"),
        (100, 103, "maths", "103", "maths"),
        (None, 103, "reading", "103", "maths"),
        (100, None, "maths", "100", "reading"),
        (None, 103, "both", "103", "maths"),
        (100, None, "both", "100", "reading"),
    ],
)
def test_the_baseline_that_a_subject_asks_for(reading, maths, question, text, used):
    result = starting_point(reading, maths, question)
    assert result is not None
    assert (result.text, result.tests) == (text, used)
    assert result.is_substitute == (used != question)


@pytest.mark.parametrize("question", ["department", "gcse", "none"])
def test_key_stage_2_does_not_stand_in_for_another_kind_of_baseline(question):
    assert starting_point(100, 100, question) is None


@pytest.mark.parametrize("question", ["reading", "maths", "both"])
def test_no_score_is_no_baseline_instead_of_a_low_score(question):
    assert starting_point(None, None, question) is None


def test_this_years_year_11_sat_its_tests_in_2022():
    assert [summer_of_tests("2026/27", year) for year in range(7, 12)] == [
        2026, 2025, 2024, 2023, 2022,
    ]  # fmt: skip


@given(scores, scores, st.sampled_from(["reading", "maths", "both"]))
def test_a_baseline_lies_between_the_scores_it_is_of(reading, maths, question):
    result = starting_point(reading, maths, question)
    present = [2 * points for points in (reading, maths) if points is not None]
    assert (result is None) == (not present)
    if result:
        assert min(present) <= result.halves <= max(present)


def test_a_code_of_other_tests_is_not_offered_as_one_that_can_be_used() -> None:
    substitutes = {(None, "N"): 79, (2016, "BLW"): 70, (2017, "BLW"): 71}
    assert scaled_score("blw", substitutes, summer=2017) == 71
    with pytest.raises(UnknownScore) as refused:
        scaled_score("BLW", substitutes, summer=2022)
    assert "a code of the tests of 2016 and 2017, not of 2022" in refused.value.what
    assert "(N)" in refused.value.do
    with pytest.raises(UnknownScore, match="no year is known"):
        scaled_score("BLW", substitutes)
