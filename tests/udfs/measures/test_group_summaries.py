from __future__ import annotations

import math
import statistics

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recount.arithmetic import student
from udfs.measures.group_summaries import (
    beyond_chance,
    count_flags,
    mean_by_group,
)

FLAGS = ["Above", "On", "Below", "Well below", None]
pupils = st.lists(
    st.tuples(
        st.sampled_from(["10A", "10B", "10C"]),
        st.sampled_from(FLAGS),
        st.one_of(st.none(), st.integers(-540, 540)),
    ),
    max_size=60,
)


def frame(rows: list[tuple[str, str | None, int | None]]) -> pd.DataFrame:
    result = pd.DataFrame(rows, columns=["class", "flag", "gap"])
    return result.astype({"class": "str", "flag": "str", "gap": "Int64"})


def test_pupils_without_a_flag_are_counted_apart_and_never_as_below() -> None:
    counts = count_flags(
        frame([("A", "On", 0), ("A", None, None), ("A", "Below", -60)])
    )
    row = counts.iloc[0]
    assert (row["pupils"], row["with_data"], row["no_data"]) == (3, 2, 1)
    assert (row["on"], row["below"], row["on_or_above"]) == (1, 1, 0.5)


def test_a_class_without_data_has_no_share_and_no_mean() -> None:
    nobody = frame([("A", None, None)])
    assert math.isnan(count_flags(nobody, ["class"])["on_or_above"][0])
    assert math.isnan(mean_by_group(nobody, "gap", ["class"])["mean"][0])


def test_nobody_at_all_is_counted_as_nobody() -> None:
    assert count_flags(frame([]))["pupils"].tolist() == [0]
    assert count_flags(frame([]), ["class"]).empty
    assert mean_by_group(frame([]), "gap")["n"].tolist() == [0]


def test_a_single_pupil_has_a_mean_and_no_interval() -> None:
    row = mean_by_group(frame([("A", "Below", -90)]), "gap").iloc[0]
    assert row["mean"] == -1.5
    assert math.isnan(row["low"]) and math.isnan(row["high"])


@pytest.mark.parametrize(("n", "few"), [(10, True), (11, False)])
def test_under_eleven_is_few(n: int, few: bool) -> None:
    assert mean_by_group(frame([("A", "On", 0)] * n), "gap")["few"][0] == few


@given(pupils)
def test_mean_and_interval_agree_with_plain_arithmetic(
    rows: list[tuple[str, str | None, int | None]],
) -> None:
    for row in mean_by_group(frame(rows), "gap", ["class"]).to_dict("records"):
        gaps = [g / 60 for c, _, g in rows if c == row["class"] and g is not None]
        assert row["n"] == len(gaps)
        if gaps:
            assert row["mean"] == pytest.approx(statistics.fmean(gaps))
        if len(gaps) > 1:
            error = statistics.stdev(gaps) / math.sqrt(len(gaps))
            reach = student(len(gaps) - 1) * error
            assert row["high"] - row["low"] == pytest.approx(2 * reach, abs=1e-9)


@given(pupils, st.randoms(use_true_random=False))
def test_the_order_of_pupils_never_matters(rows: list, random: object) -> None:
    other = list(rows)
    random.shuffle(other)  # type: ignore[attr-defined]  # hypothesis types it object
    for answer in (
        lambda f: count_flags(f, ["class"]),
        lambda f: mean_by_group(f, "gap", ["class"]),
    ):
        pd.testing.assert_frame_equal(
            answer(frame(rows)), answer(frame(other)), check_exact=True
        )


@given(pupils)
def test_classes_add_up_to_the_whole(rows: list) -> None:
    whole, parts = count_flags(frame(rows)), count_flags(frame(rows), ["class"])
    for name in ("pupils", "with_data", "above", "on", "below", "well_below"):
        assert parts[name].sum() == whole[name][0]
    gaps = mean_by_group(frame(rows), "gap", ["class"])
    assert gaps["total"].sum() == mean_by_group(frame(rows), "gap")["total"][0]


def gaps(**classes):
    rows = [(name, 60 * gap) for name, each in classes.items() for gap in each]
    return mean_by_group(pd.DataFrame(rows, columns=["class", "gap"]), "gap", ["class"])


def test_of_many_classes_only_those_are_named_that_hold_among_all_of_them():
    noise = {f"c{i:02d}": [-1, 0, 0, 1] * 7 for i in range(30)}
    # By itself 3 in 100 by chance: of one class that is something, of 31 nothing.
    near = [-1] * 8 + [0] * 18 + [1] * 1
    assert beyond_chance(gaps(near=near)).tolist() == ["Below"]
    assert not beyond_chance(gaps(**noise, near=near)).any()
    far = beyond_chance(gaps(**noise, far=[-2, -1] * 14, up=[2, 1] * 14))
    assert far.tolist() == [""] * 30 + ["Below", "Above"]


def test_a_class_of_few_or_of_nobody_is_never_named():
    small = gaps(small=[-3] * 10, none=[float("nan")] * 28, alike=[-2] * 12)
    assert beyond_chance(small).tolist() == ["Below", "", ""]
    assert beyond_chance(gaps()).empty
