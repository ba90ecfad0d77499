from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.errors import BadTable, UnknownGrade
from udfs.scales.transition_matrix import (
    NationalCounts,
    NationalShare,
    ScoreBands,
    TransitionMatrix,
    ambition_hundredths,
    isotonic_shares,
    transition_matrix,
)
from udfs.tables import standard

TABLES = standard()
GCSE = TABLES.scale("gcse")
FINE = TABLES.scale("gcse_fine")
SUBJECTS = sorted(found.subject for found in TABLES.national_counts.values())
YEARS = [("2022/23", "2023/24"), ("2022/23",), ("2023/24",)]
SCALES = {
    found.subject: TABLES.scale(found.scale)
    for found in TABLES.national_counts.values()
}


def figures(subject: str, years: tuple[str, ...] | None = None) -> TransitionMatrix:
    result = TABLES.transition_matrix(subject, years)
    assert result is not None
    return result


def target(subject: str, score: float, ambition: int, **how: object) -> str:
    years = how.pop("years", None)
    scale = how.pop("scale", SCALES[subject])
    return (
        figures(subject, years)
        .target(int(2 * score), scale, ambition=ambition, **how)
        .grade
    )


# Department for Education, key stage 4 transition matrices 2023/24 revised, worked
# through by hand from the published counts.
@pytest.mark.parametrize(
    ("ambition", "whole", "third"), [(50, "4", "4-"), (75, "5", "5-")]
)
def test_mathematics_at_101_in_2023_24_alone(ambition, whole, third):
    item = ("2023/24",)
    assert target("Mathematics", 101, ambition, years=item) == whole
    assert (
        target("Mathematics", 101, ambition, years=item, scale=FINE, fine=True) == third
    )
    assert target("Mathematics", 101, ambition, years=item, scale=FINE) == whole


# Both years together, the same source.
@pytest.mark.parametrize(
    ("subject", "score", "expected", "aspirational"),
    [
        ("Physics", 97, "4", "5"),
        ("Mathematics", 79, "2", "2"),
        ("Combined Science", 101, "4-4", "5-4"),
        ("Spanish", 85, "3", "5"),
    ],
)
def test_targets_of_both_years(subject, score, expected, aspirational):
    assert target(subject, score, 60) == expected
    assert target(subject, score, 80) == aspirational


# The same source: shares at 4+, 5+ and 7+, and the mean of the points, of pupils
# graded 9 to 1 or U.
def test_the_published_shares_of_mathematics_at_100_to_102():
    result = figures("Mathematics", ("2023/24",))
    assert [result.share(202, grade).percent for grade in "457"] == [
        "60 %", "29 %", "3 %",
    ]  # fmt: skip
    mean = sum(result.share(202, grade).value for grade in "123456789")
    assert round(float(mean), 2) == 3.78


def test_the_published_shares_of_english_language_at_105_to_107():
    result = figures("English Language", ("2023/24",))
    mean = sum(result.share(212, grade).value for grade in "123456789")
    assert (round(float(mean), 2), result.share(212, "5").percent) == (4.88, "61 %")


# Mathematics 2023/24, the same source, reckoned straight from the counts (pupils graded
# 9 to 1 or U): how many in a hundred reached 4+, 5+ and 7+.
@pytest.mark.parametrize(
    ("halves", "shares"),
    [
        (184, (20.3, 6.2, 0.5)),
        (195, (42.4, 16.4, 1.3)),
        (202, (60.4, 29.1, 2.7)),
        (207, (73.9, 43.5, 5.9)),
        (212, (84.6, 59.4, 12.7)),
        (217, (92.2, 75.3, 25.5)),
        (222, (96.7, 87.7, 45.1)),
        (230, (99.1, 96.1, 70.5)),
        (238, (99.8, 99.1, 88.7)),
    ],
)
def test_the_published_shares_of_mathematics_by_band(halves, shares):
    result = figures("Mathematics", ("2023/24",))
    got = [round(100 * float(result.share(halves, grade).value), 1) for grade in "457"]
    assert tuple(got) == shares


def test_few_pupils_behind_a_figure_are_counted():
    behind = figures("Spanish").target(170, GCSE, ambition=60).share
    assert (behind.first, behind.last) == (0, 1)  # the two lowest bands were pooled
    assert behind.pupils == 2793


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_higher_score_never_draws_a_lower_target(subject):
    scale = SCALES[subject]
    ways = [(scale, False, 0)]
    if scale is GCSE:
        ways += [(FINE, True, 0), (FINE, True, 2)]
    for years in YEARS:
        result = TABLES.transition_matrix(subject, years)
        if result is None:
            continue
        for ambition in (1, 20, 35, 50, 60, 67, 75, 80, 95, 99):
            for on, fine, challenge in ways:
                ranks = [
                    on.rank(
                        result.target(
                            low, on, ambition=ambition, challenge=challenge, fine=fine
                        ).grade
                    )
                    for low in result.bands.lows
                ]
                assert ranks == sorted(ranks), (years, ambition, fine)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_more_ambition_and_more_challenge_never_lower_a_target(subject):
    result, scale = figures(subject), SCALES[subject]
    for low in result.bands.lows:
        ranks = [
            scale.rank(result.target(low, scale, ambition=a).grade)
            for a in range(5, 100, 5)
        ]
        assert ranks == sorted(ranks)
        steps = [
            scale.rank(result.target(low, scale, ambition=60, challenge=c).grade)
            for c in range(4)
        ]
        top = len(scale.grades) - 1
        assert steps == [min(steps[0] + c, top) for c in range(4)]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_band_belongs_to_one_pool_for_each_grade(subject):
    result = figures(subject)
    for place in range(len(result.grades)):
        spans = sorted({(row[place].first, row[place].last) for row in result.shares})
        bands = [band for first, last in spans for band in range(first, last + 1)]
        assert bands == list(range(len(result.bands.names)))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_within_a_band_fewer_reach_a_higher_grade(subject):
    for row in figures(subject).shares:
        values = [share.value for share in row]
        assert values == sorted(values, reverse=True)
        assert values[0] == 1


def made(rows: list[tuple[int, ...]]) -> TransitionMatrix | None:
    bands = ScoreBands(
        tuple(f"band {i}" for i in range(len(rows))),
        tuple(160 + 10 * i for i in range(len(rows))),
    )
    grades = ("U", *"123456789")[: len(rows[0])]
    return transition_matrix(
        NationalCounts("Weaving", "gcse", grades, {"2023/24": tuple(rows)}), bands
    )


@pytest.mark.parametrize(
    ("pupils", "blocks"),
    [
        ([50, 50, 50], [(0, 0), (1, 1), (2, 2)]),
        ([49, 1, 50], [(0, 1), (2, 2)]),
        ([10, 10, 10], [(0, 2)]),
        ([50, 50, 49], [(0, 0), (1, 2)]),
        ([0, 0, 100], [(0, 2)]),
        ([100, 0, 0], [(0, 2)]),
        ([30, 10, 20, 60, 20], [(0, 2), (3, 4)]),
    ],
)
def test_a_block_of_fewer_than_fifty_takes_in_the_next_band(pupils, blocks):
    result = made([(0, number) for number in pupils])
    assert result is not None
    spans = list(dict.fromkeys((row[0].first, row[0].last) for row in result.shares))
    assert spans == blocks


def test_bands_that_fall_are_pooled_for_that_grade_alone():
    result = made([(40, 60, 0), (50, 30, 20)])
    assert result is not None
    at_one = [row[1] for row in result.shares]
    at_two = [row[2] for row in result.shares]
    assert at_one[0] == at_one[1] == NationalShare(110, 200, 0, 1)
    assert at_two == [NationalShare(0, 100, 0, 0), NationalShare(20, 100, 1, 1)]


def test_a_table_without_pupils_is_no_table():
    assert made([(0, 0), (0, 0)]) is None
    assert TABLES.transition_matrix("Mathematics", ("1999/00",)) is None
    assert TABLES.transition_matrix("Weaving") is None


def test_exactly_the_share_that_is_requested_is_enough():
    # 40 of 100 reached it: at an ambition of 0.60 that is just enough.
    assert target_of([(60, 40)], 60) == "1"
    assert target_of([(61, 39)], 60) == "U"


def target_of(rows: list[tuple[int, ...]], ambition: int) -> str:
    result = made(rows)
    assert result is not None
    return result.target(160, GCSE, ambition=ambition).grade


@pytest.mark.parametrize(
    ("counts", "third"),
    [
        # Shares at 1 and 2, against 1/2: (s1 - 1/2) / (s1 - s2).
        ((40, 30, 30), "1"),  # (6 - 5) / (6 - 3) = 1/3 exactly
        ((41, 30, 29), "1-"),  # (59 - 50) / (59 - 29) = 3/10
        ((30, 30, 40), "1"),  # (7 - 5) / (7 - 4) = 2/3 exactly
        ((29, 30, 41), "1+"),  # (71 - 50) / (71 - 41) = 7/10
    ],
)
def test_thirds_end_where_the_rule_says(counts, third):
    result = made([counts])
    assert result is not None
    assert result.target(160, FINE, ambition=50, fine=True).grade == third


def test_no_9_plus_and_no_third_of_a_u():
    for row, grade in (((0,) * 9 + (100,), "9"), ((100, 0, 0), "U")):
        result = made([row])
        assert result is not None
        assert result.target(160, FINE, ambition=50, fine=True).grade == grade


def test_combined_science_stays_whole_where_thirds_are_requested():
    assert target("Combined Science", 101, 60, fine=True) == "4-4"


@pytest.mark.parametrize(
    ("challenge", "whole", "third"), [(0, "4", "4-"), (1, "5", "4"), (9, "9", "7-")]
)
def test_a_challenge_is_whole_grades_or_thirds(challenge, whole, third):
    how = {"years": ("2023/24",), "challenge": challenge}
    assert target("Mathematics", 101, 50, **how) == whole
    assert target("Mathematics", 101, 50, **how, scale=FINE, fine=True) == third


def test_a_target_tells_how_many_reached_its_whole_grade():
    result = figures("Mathematics", ("2023/24",)).target(
        202, FINE, ambition=50, challenge=2, fine=True
    )
    assert (result.grade, result.whole, result.share.percent) == ("4+", "4", "60 %")


def test_a_grade_that_is_not_counted_is_answered_with_those_that_are():
    with pytest.raises(UnknownGrade, match="Use one of: U, 1, 2"):
        figures("Mathematics").share(200, "5-4")


@pytest.mark.parametrize("ambition", [0, 1, 0.005, 1.5, -0.6, 0.605])
def test_an_ambition_is_in_hundredths(ambition):
    with pytest.raises(BadTable, match=r"hundredths from 0\.01 to 0\.99"):
        ambition_hundredths(ambition)


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (59, "Less than 80"),
        (79.5, "Less than 80"),
        (80, "80 - 89.5"),
        (99.5, "96 - 99.5"),
        (100, "100 - 102"),
        (102.5, "102.5 - 104.5"),
        (116.5, "113.5 - 116.5"),
        (117, "117 - 120"),
        (120, "117 - 120"),
    ],
)
def test_a_score_falls_in_its_published_band(score, band):
    assert TABLES.bands.names[TABLES.bands.index(int(2 * score))] == band


shares = st.lists(
    st.tuples(st.integers(1, 500), st.integers(0, 100)), min_size=1, max_size=11
)


@given(shares)
def test_pooling_is_the_isotonic_regression(draft):
    raw = [
        NationalShare(pupils * percent // 100, pupils, i, i)
        for i, (pupils, percent) in enumerate(draft)
    ]
    pooled = isotonic_shares(raw)
    values = [
        share.value for share in pooled for _ in range(share.first, share.last + 1)
    ]
    assert values == sorted(values)
    assert sum(s.at_or_above for s in pooled) == sum(s.at_or_above for s in raw)
    assert sum(s.pupils for s in pooled) == sum(s.pupils for s in raw)

    def mean(first: int, last: int) -> Fraction:
        present = raw[first : last + 1]
        return Fraction(
            sum(s.at_or_above for s in present), sum(s.pupils for s in present)
        )

    # The same regression by its other definition.
    size = range(len(raw))
    assert values == [
        max(min(mean(i, j) for j in size if j >= b) for i in size if i <= b)
        for b in size
    ]


@given(
    st.lists(
        st.lists(st.integers(0, 90), min_size=4, max_size=4), min_size=1, max_size=8
    ),
    st.integers(1, 99),
)
def test_no_table_at_all_draws_a_lower_target_from_a_higher_score(rows, ambition):
    result = made([tuple(row) for row in rows])
    if result is None:
        return
    draft = [
        FINE.rank(result.target(low, FINE, ambition=ambition, fine=True).grade)
        for low in result.bands.lows
    ]
    assert draft == sorted(draft)
