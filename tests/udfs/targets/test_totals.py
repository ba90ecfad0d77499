from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.scales.scale import POINT
from udfs.tables import standard
from udfs.targets.totals import national_expectation, target_distribution, target_totals

TABLES = standard()
GCSE = TABLES.scale("gcse")


def rows(*pupils: tuple[str, str | None, int | None], group: str = "a") -> pd.DataFrame:
    frame = pd.DataFrame(pupils, columns=["subject", "expected", "halves"])
    return frame.assign(group=group).astype({"halves": "Int64"})


def test_the_national_expectation_is_whatever_was_published():
    # Reference figures, 2023/24: Mathematics at 100 - 102: mean 3.78 points, 60 % at
    # 4+, 29 % at 5+, 3 % at 7+; English Language at 105 - 107: 4.88, 61 % at 5+.
    maths = TABLES.transition_matrix("Mathematics", ("2023/24",))
    result = national_expectation(maths, 202, GCSE)
    assert round(float(result.points) / POINT, 2) == 3.78
    shares = [round(float(result.shares[grade]), 2) for grade in (4, 5, 7)]
    assert shares == [0.60, 0.29, 0.03]
    english = national_expectation(
        TABLES.transition_matrix("English Language", ("2023/24",)), 212, GCSE
    )
    assert round(float(english.points) / POINT, 2) == 4.88
    assert round(float(english.shares[5]), 2) == 0.61


def test_targets_add_up():
    frame = rows(
        ("History", "5", 200), ("History", "7", 220), ("History", "3", None),
        ("History", None, 200),
    )  # fmt: skip
    (item,) = target_totals(frame, TABLES, ["group"]).to_dict("records")
    assert (item["pupils"], item["targets"], item["points"]) == (4, 3, 15 * POINT)
    assert (item["at_4"], item["at_5"], item["at_7"]) == (2, 2, 1)
    assert (item["matched"], item["matched_points"]) == (2, 12 * POINT)
    history = TABLES.transition_matrix("History", None)
    nation = [national_expectation(history, halves, GCSE) for halves in (200, 220)]
    assert item["national_points"] == float(nation[0].points + nation[1].points)
    assert item["national_5"] == float(nation[0].shares[5] + nation[1].shares[5])


def test_combined_science_counts_by_its_pairs():
    frame = rows(("Science", "5-4", 200), ("Science", "4-4", 200))
    (item,) = target_totals(frame, TABLES, ["group"]).to_dict("records")
    assert (item["points"], item["at_4"], item["at_5"]) == (int(8.5 * POINT), 2, 0)
    assert item["matched"] == 2


def test_level_1_and_2_count_by_what_they_are_worth_and_match_nobody():
    frame = rows(("Health and Social Care", "L2P", 200))
    (item,) = target_totals(frame, TABLES, ["group"]).to_dict("records")
    assert (item["at_4"], item["at_5"], item["matched"]) == (1, 0, 0)


def test_an_a_level_has_no_gcse_points():
    frame = rows(("A level History", "B", None))
    (item,) = target_totals(frame, TABLES, ["group"]).to_dict("records")
    assert (item["pupils"], item["targets"]) == (1, 1)
    assert pd.isna(item["points"]) and pd.isna(item["at_4"])


def test_a_target_of_another_scale_is_none():
    frame = rows(("History", "5-4", 200), ("History", "4", 200))
    (item,) = target_totals(frame, TABLES, ["group"]).to_dict("records")
    assert (item["targets"], item["points"]) == (1, 4 * POINT)


def test_without_groups_everything_is_added():
    frame = pd.concat([rows(("History", "5", 200)), rows(("Maths", "4", 200))])
    result = target_totals(frame, TABLES, [])
    assert result.columns[0] == "pupils"
    assert result["points"].tolist() == [9 * POINT]


pupil = st.tuples(
    st.sampled_from(["History", "Maths"]),
    st.sampled_from([None, *GCSE.grades]),
    st.one_of(st.none(), st.integers(160, 240)),
)
WHOLE = ["pupils", "targets", "points", "at_4", "at_5", "at_7", "matched",
         "matched_points"]  # fmt: skip


@settings(max_examples=50)
@given(st.lists(pupil, min_size=1, max_size=30), st.integers(0, 30))
def test_parts_add_up_to_the_whole_in_any_order(pupils, cut):
    whole = target_totals(rows(*pupils), TABLES, [])
    turned = target_totals(rows(*reversed(pupils)), TABLES, [])
    pd.testing.assert_frame_equal(whole, turned)
    parts = [part for part in (pupils[:cut], pupils[cut:]) if part]
    result = pd.concat([target_totals(rows(*part), TABLES, []) for part in parts])
    assert result[WHOLE].sum().tolist() == whole[WHOLE].iloc[0].tolist()
    assert result["national_points"].sum() == pytest.approx(
        whole["national_points"].iloc[0]
    )


def test_targets_are_spread_over_the_grades():
    frame = pd.concat(
        [
            rows(("History", "5", 200), ("History", "5", 200), ("History", None, 1)),
            rows(("History", "9", 200), group="b"),
            rows(("History", None, 200), group="c"),
        ]
    )
    result = target_distribution(frame, ["group"], GCSE).set_index("group")
    assert list(result.columns) == list(GCSE.grades)
    assert (result.loc["a", "5"], result.loc["b", "9"], result.loc["c"].sum()) == (
        2,
        1,
        0,
    )
