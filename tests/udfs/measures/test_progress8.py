"""Scores in the style of Progress 8, against the published tables."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.errors import BadTable
from udfs.measures.progress8 import (
    UNIT,
    caveat,
    mean_scores,
    progress8,
    score_decimals,
)
from udfs.scales.key_stage_4_figures import (
    read_averages,
    read_estimates,
    read_minima,
    read_standard_deviations,
    read_thirds,
)
from udfs.statistics.inference import (
    SUM_COLUMNS,
    directions,
    means_with_intervals,
    pupil_sums,
)
from udfs.tables import standard

TABLES = standard()
FIGURES = TABLES.key_stage_4
LATEST = FIGURES.latest


# The published figures --------------------------------------------------------------


def test_there_are_34_prior_attainment_groups_without_a_gap():
    # Department for Education, key stage 4 ready reckoners: 59 to 120 in halves.
    for estimates in FIGURES.estimates.values():
        assert len(estimates.lows) == 34
        assert [estimates.group(half) for half in (117, 118, 164, 165, 240, 241)] == [
            None,
            1,
            1,
            2,
            34,
            None,
        ]


def test_the_estimates_are_those_of_2023_24_and_say_so():
    assert LATEST.year == "2023/24"
    assert LATEST.status == "provisional"
    assert LATEST.year in caveat(LATEST.year)
    assert "no published Progress 8" in caveat(LATEST.year)
    assert "own estimates for 2024/25" in caveat("2024/25")


def test_elements_add_up_to_attainment_8_within_two_hundredths():
    # Ready reckoners, as published: elements sum to the estimate within 0.02.
    for estimates in FIGURES.estimates.values():
        points = estimates.points
        for group in range(34):
            parts = sum(
                points[name][group] for name in ("english", "maths", "ebacc", "open")
            )
            assert abs(parts - points["attainment8"][group]) <= 2


def test_estimates_fell_by_044_between_the_two_years():
    # The mean over the 34 groups, 2023/24 less 2022/23: -0.443; Pupil Progress
    # reports a fall of 0.44.
    years = [
        FIGURES.estimates[year].points["attainment8"]
        for year in sorted(FIGURES.estimates)
    ]
    fall = [now - before for before, now in zip(*years, strict=True)]
    assert round(sum(fall) / 34) == -44


@pytest.mark.parametrize(
    ("pupils", "reach"),
    # 1.96 x 1.416280 / sqrt(n): ready reckoners, 2024 standard deviation.
    [(180, 0.21), (60, 0.36), (28, 0.52), (10, 0.88)],
)
def test_the_interval_of_a_group_uses_the_national_spread(pupils, reach):
    each = pupil_sums(pd.Series([1] * pupils), pd.Series([UNIT // 2] * pupils))
    result = means_with_intervals(
        each.sum().to_frame().T, UNIT, deviation=FIGURES.standard_deviation("progress8")
    ).iloc[0]
    assert result["value"] == 0.5
    assert round(result["high"] - result["value"], 2) == reach
    assert round(result["value"] - result["low"], 2) == reach


@pytest.mark.parametrize(
    ("measure", "spread"),
    # Ready reckoners, 2024.
    [
        ("progress8", 1.416280),
        ("english", 1.614052),
        ("maths", 1.487134),
        ("ebacc", 1.637291),
        ("open", 1.616699),
    ],
)
def test_national_spreads(measure, spread):
    assert FIGURES.standard_deviation(measure) == spread


def test_a_year_without_a_spread_of_its_own_takes_the_latest():
    assert FIGURES.standard_deviation("progress8", "2022/23") == 1.414023
    assert FIGURES.standard_deviation("progress8", "2030/31") == 1.416280


@pytest.mark.parametrize(
    ("measure", "dimension", "group", "value"),
    # Key stage 4 transition matrices 2023/24 revised: 65.0 and 45.9 of all; 43.4 and
    # 25.8 of disadvantaged, 72.8 and 53.1 of other pupils; boys 62.5, girls 67.6.
    [
        ("english_maths_4", "all", "all", "0.650"),
        ("english_maths_5", "all", "all", "0.459"),
        ("english_maths_4", "disadvantaged", "Y", "0.434"),
        ("english_maths_5", "disadvantaged", "Y", "0.258"),
        ("english_maths_4", "disadvantaged", "N", "0.728"),
        ("english_maths_5", "disadvantaged", "N", "0.531"),
        ("english_maths_4", "sex", "M", "0.625"),
        ("english_maths_4", "sex", "F", "0.676"),
        ("english_maths_5", "eal", "Y", "0.499"),
        ("english_maths_4", "sen", "any", "0.308"),
        ("ebacc_entry", "all", "all", "0.404"),
        ("attainment8", "all", "all", "46.3"),
    ],
)
def test_national_averages(measure, dimension, group, value):
    assert str(FIGURES.average(measure, dimension, group).value) == value


def test_national_gaps_are_of_disadvantaged_pupils_and_not_of_pp_or_fsm():
    assert FIGURES.average("english_maths_4", "pp", "Y") is None
    assert FIGURES.average("english_maths_4", "fsm", "Y") is None


@pytest.mark.parametrize(
    ("half", "third"),
    [
        (118, "low"),
        (204, "low"),
        (205, "middle"),
        (214, "middle"),
        (215, "high"),
        (None, ""),
    ],
)
def test_thirds_of_prior_attainment(half, third):
    assert FIGURES.prior_third(half) == third


def test_the_thirds_are_thirds_of_the_pupils_of_england():
    # 0.31, 0.30 and 0.39 of those graded in GCSE English Language in both years.
    national = TABLES.national_counts["english language"]
    counts = dict.fromkeys(("low", "middle", "high"), 0)
    for year in national.years:
        for low, row in zip(TABLES.bands.lows, national.counts[year], strict=True):
            counts[FIGURES.prior_third(low)] += sum(row)
    shares = [round(n / sum(counts.values()), 2) for n in counts.values()]
    assert shares == [0.31, 0.30, 0.39]


# A pupil's score --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("half", "points", "score"),
    [
        (203, 45 * 60, 0.61),  # (45 - 38.94) / 10
        (203, 38.94 * 60, 0.0),
        (240, 90 * 60, 0.8),  # the top group's estimate is 82.03
        (118, 0, -1.6),  # (0 - 15.96) / 10
    ],
)
def test_a_score_is_a_tenth_of_the_difference(half, points, score):
    item = pd.DataFrame({"halves": [half], "points": [round(points)]})
    result = progress8(item, FIGURES).iloc[0]
    estimate = LATEST.points["attainment8"][LATEST.group(half) - 1]
    assert result["estimate"] == estimate
    assert result["score"] == 5 * round(points) - 3 * estimate
    assert score_decimals(int(result["score"])) == pytest.approx(score, abs=0.011)


def test_elements_are_divided_by_two_two_three_and_three():
    item = {"halves": 203, "points": 2400, "english": 600, "maths": 540}
    result = progress8(
        pd.DataFrame([item | {"ebacc": 700, "open": 560}]), FIGURES
    ).iloc[0]
    for name, sixtieths, divisor in (
        ("english", 600, 2),
        ("maths", 540, 2),
        ("ebacc", 700, 3),
        ("open", 560, 3),
    ):
        estimate = LATEST.points[name][15] / 100
        exact = (sixtieths / 60 - estimate) / divisor
        assert result[f"score_{name}"] / (300 * divisor) == pytest.approx(exact)


def test_a_pupil_without_key_stage_2_has_no_score_instead_of_a_low_score():
    pupils = pd.DataFrame({"halves": pd.array([None, 203], dtype="Int64")})
    result = progress8(pupils.assign(points=0), FIGURES)
    assert result.iloc[0].isna().all()
    assert result["score"].notna().tolist() == [False, True]


def test_minima_are_used_where_a_school_supplies_them():
    text = "group,minimum\n" + "".join(f"{n},-2.50\n" for n in range(1, 35))
    minima = read_minima(text, "tables/progress8_minima.csv", 34)
    pupils = pd.DataFrame({"halves": [203, 203], "points": [0, 2400]})
    result = progress8(pupils, replace(FIGURES, minima=minima))
    assert score_decimals(int(result["score"][0])) == -2.5
    assert result["score"][1] == progress8(pupils, FIGURES)["score"][1]


def test_scores_of_prior_attainment_are_read_singly():
    reading = pd.Series(["100", "N", "", "PK3", None, "79", "100.5"])
    maths = pd.Series(["103", "103", "99", "110", "", "", "90"])
    result = mean_scores(reading, maths, TABLES.substitutes)
    assert result.tolist() == [203, 182, 198, 220, pd.NA, 158, 180]


@pytest.mark.parametrize(
    ("low", "high", "word"),
    # "Significantly above" if the lower limit is above 0, below if the upper is under
    # 0, else not significantly different: ready reckoners, server.R.
    [(0.01, 0.4, "above"), (-0.4, -0.01, "below"), (-0.1, 0.1, "not different"),
     (0.0, 0.2, "not different")],
)  # fmt: skip
def test_a_group_is_above_below_or_not_different(low, high, word):
    assert directions(pd.Series([low]), pd.Series([high])).item() == word


@given(st.lists(st.tuples(st.integers(118, 240), st.integers(0, 5400)), min_size=1))
def test_sums_of_parts_equal_the_whole_bit_for_bit(pupils):
    frame = pd.DataFrame(pupils, columns=["halves", "points"])
    scores = progress8(frame, FIGURES)["score"].astype("int64")
    each = pupil_sums(pd.Series(1, scores.index), scores)
    whole = each.sum()
    for cut in range(len(frame) + 1):
        parts = each.iloc[:cut].sum() + each.iloc[cut:].sum()
        assert parts[list(SUM_COLUMNS)].to_dict() == whole[list(SUM_COLUMNS)].to_dict()
    turned = means_with_intervals(each.iloc[::-1].sum().to_frame().T, UNIT)
    pd.testing.assert_frame_equal(
        turned, means_with_intervals(whole.to_frame().T, UNIT)
    )


# A school's own tables --------------------------------------------------------------

HEAD = "year,group,from,to,attainment8,english,maths,ebacc,open\n"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("2024/25,1,59,82,16,4,2,5,5\n2024/25,3,82.5,86,17,4,3,5,5\n", "group '3'"),
        ("2024/25,1,59,82,16,4,2,5,5\n2024/25,2,83,86,17,4,3,5,5\n", "row 3 does not"),
        ("2024,1,59,82,16,4,2,5,5\n", "row 2 is of the year '2024'"),
        ("2024/25,1,59,82,about 16,4,2,5,5\n", "'about 16' for a number"),
        ("2024/25,1,59,82,16.123,4,2,5,5\n", "two decimals"),
        ("2024/25,1,59,82.2,16,4,2,5,5\n", "in halves"),
        ("", "has no rows"),
    ],
)
def test_estimates_that_cannot_be_used_are_refused_by_row(rows, says):
    with pytest.raises(BadTable, match=says):
        read_estimates(HEAD + rows, "tables/attainment8_estimates.csv")


@pytest.mark.parametrize(
    ("reader", "text", "says"),
    [
        (
            read_thirds,
            "group,from,to\nlow,59,100\nhigh,100.5,120\n",
            "low, middle, high",
        ),
        (
            read_thirds,
            "group,from,to\nlow,59,100\nmiddle,101,110\nhigh,110.5,120\n",
            "row 3 does not follow on",
        ),
        (
            read_standard_deviations,
            "year,progress8,english,maths,ebacc,open\n2023/24,0,1,1,1,1\n",
            "not above nought",
        ),
    ],
)
def test_other_tables_that_cannot_be_used_are_refused(reader, text, says):
    with pytest.raises(BadTable, match=says):
        reader(text, "tables/own.csv")


def test_a_share_over_one_is_refused():
    text = (
        "year,dimension,group,measure,value,pupils\n"
        "2023/24,all,all,english_maths_4,65.0,600000\n"
    )
    with pytest.raises(BadTable, match=r"row 2 has the share 65\.0\. Use 0 to 1\."):
        list(read_averages(text, "tables/national_averages.csv"))


@pytest.mark.parametrize("rows", ["1,-2\n1,-2\n", "35,-2\n", "one,-2\n", "1,-2\n"])
def test_minima_need_every_group_once(rows):
    with pytest.raises(BadTable, match=r"from 1 to 34"):
        read_minima("group,minimum\n" + rows, "tables/progress8_minima.csv", 34)
