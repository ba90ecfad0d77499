from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.errors import BadTable
from udfs.scales.scale import POINT
from udfs.scales.subjects import subject_key
from udfs.tables import standard
from udfs.targets.anchor import GradeLine, national_line, read_past_results, school_line

TABLES = standard()
GCSE = TABLES.scale("gcse")
BOTH_YEARS = ("2022/23", "2023/24")


def maths_line() -> GradeLine:
    line = national_line(
        TABLES.national_counts[subject_key("Mathematics")], TABLES.bands, GCSE, None
    )
    assert line is not None
    return line


def test_score_100_stands_for_grade_5_whatever_the_slope():
    assert maths_line().level(200) == 5 * POINT
    assert GradeLine(Fraction(1, 7), "…", 30).level(200) == 5 * POINT


def test_the_national_slope_lies_between_the_means_that_were_published():
    # Mathematics 2023/24: mean 2.42 at 90 - 95.5 and 7.99 at 117 - 120, so about a
    # fifth of a grade for each point (Department for Education, transition matrices).
    line = maths_line()
    assert 0.19 < float(line.slope * 2 / POINT) < 0.24
    assert line.source == "national means, 2022/23 and 2023/24"
    assert line.pupils > 1_000_000


def test_a_pupil_above_100_is_drafted_more_and_one_below_less():
    line = GradeLine(Fraction(6), "…", 30)  # a fifth of a grade a point
    assert line.level(210) == 6 * POINT
    assert line.level(190) == 4 * POINT


def test_a_shift_moves_the_score_that_stands_for_5():
    line = GradeLine(Fraction(6), "…", 30)
    assert line.level(206, Fraction(6)) == 5 * POINT


def test_a_schools_own_slope_is_that_of_least_squares():
    pupils = [(180 + n, 4 * n + (30 if n % 2 else -30)) for n in range(40)]
    line = school_line(pupils, ("2024/25",))
    assert line is not None
    assert float(line.slope) == pytest.approx(4.0, abs=0.2)
    assert (line.pupils, line.source) == (40, "own results of 2024/25")
    assert school_line(reversed(pupils), ("2024/25",)) == line


@pytest.mark.parametrize(
    "pupils",
    [
        [],
        [(200 + n, 6 * n) for n in range(29)],  # too few
        [(200, 300)] * 40,  # one score
        [(200 + n, 600 - 6 * n) for n in range(40)],  # grades that fall
    ],
)
def test_where_own_results_are_too_few_no_line(pupils):
    assert school_line(pupils, ("2024/25",)) is None


@given(
    st.lists(
        st.tuples(st.integers(160, 240), st.integers(0, 540)), min_size=30, max_size=60
    ),
    st.integers(160, 240),
    st.integers(0, 60),
)
def test_a_higher_score_never_comes_out_lower(pupils, halves, more):
    line = school_line(pupils, ("2024/25",))
    if line is not None:
        assert line.level(halves + more) >= line.level(halves)


HEADS = "subject,year,reading,maths,grade\n"


def past(*rows: str) -> str:
    return HEADS + "\n".join(rows) + "\n"


def test_past_results_are_read_by_subject_under_any_of_its_names():
    rows = [f"Maths,2024/25,100,{90 + n},{1 + n // 5}" for n in range(30)]
    result = read_past_results(past(*rows), "past_results.csv", TABLES)
    assert list(result) == [TABLES.subject("Mathematics").with_name("")]
    assert result[TABLES.subject("Maths").with_name("")].pupils == 30


def test_too_few_past_results_are_no_line():
    text = past("History,2024/25,100,100,5", "History,2023/24,101,99,4")
    assert read_past_results(text, "past_results.csv", TABLES) == {}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Weaving,2024/25,100,100,5", "row 3 has the subject 'Weaving'"),
        ("History,2025,100,100,5", "row 3 has the year '2025'"),
        ("History,2024/25,100,100,5-4", "row 3: '5-4' is not a grade of GCSE"),
        ("History,2024/25,100,100,", "row 3: '' is not a grade"),
        ("History,2024/25,,,5", "row 3 has no score"),
        ("History,2024/25,300,100,5", "row 3 has no score"),
    ],
)
def test_a_past_result_that_cannot_be_used_is_refused_by_row(row, words):
    text = past("History,2024/25,100,100,5", row)
    with pytest.raises(BadTable, match=words):
        read_past_results(text, "tables/past_results.csv", TABLES)


def test_a_past_results_file_needs_its_columns():
    with pytest.raises(BadTable, match="no column grade"):
        read_past_results("subject,year,reading,maths\n", "past_results.csv", TABLES)
