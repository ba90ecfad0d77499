"""Points against similar pupils nationally, and classes side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from udfs.measures.residuals import (
    UNIT,
    compare_groups,
    expected_points,
    stand_out_twice,
)
from udfs.tables import standard

TABLES = standard()
LAST = ("2023/24",)


def national(subject, half, years=None):
    result = expected_points(
        pd.Series([subject]), pd.Series([half], dtype="Int64"), TABLES, years=years
    ).item()
    return None if result is pd.NA else result / UNIT


@pytest.mark.parametrize(
    ("subject", "half", "points"),
    # Key stage 4 transition matrices, 2023/24 revised: Mathematics 100 - 102 3.78,
    # English Language 105 - 107 4.88; and means at 100 - 102 of other subjects.
    [
        ("Mathematics", 202, 3.78),
        ("English Language", 212, 4.88),
        ("English Language", 202, 4.00),  # 4.005 from the counts
        ("History", 202, 3.37),
        ("Geography", 202, 3.42),
        ("French", 202, 3.57),
        ("Religious Studies", 202, 3.95),
        ("Art and Design", 202, 4.47),
        ("Maths", 184, 2.42),
        ("Maths", 195, 3.21),
        ("Maths", 207, 4.28),
        ("Maths", 212, 4.83),
        ("Maths", 217, 5.49),
        ("Maths", 222, 6.26),
        ("Maths", 230, 7.19),
        ("Maths", 238, 7.99),
    ],
)
def test_the_mean_of_similar_pupils_is_as_published(subject, half, points):
    assert round(national(subject, half, LAST), 2) == points


@pytest.mark.parametrize(
    ("subject", "half"),
    [("Health and Social Care", 202), ("Alchemy", 202), ("Mathematics", None)],
)
def test_no_table_or_no_score_is_no_data(subject, half):
    assert national(subject, half) is None


def classes(*parts):
    rows = [
        (name, round(value * UNIT))
        for name, values in parts
        for value in values
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["class", "residual"])


def spread(mean, n, seed=1):
    values = np.random.default_rng(seed).normal(0, 1.4, n)
    return values - values.mean() + mean


def test_a_class_far_from_the_others_stands_out_and_noise_does_not():
    noise = [(f"class {i:02d}", spread(m, 28, i)) for i, m in enumerate(
        np.random.default_rng(5).normal(0, 0.2, 20))]  # fmt: skip
    result = compare_groups(classes(("far", spread(-1.5, 28)), *noise), ["class"])
    assert result.loc[result["stands_out"], "class"].tolist() == ["far"]
    far = result.set_index("class").loc["far"]
    assert far["side"] == "below"
    assert far["low"] < far["mean"] < far["high"] < 0
    # Drawn towards the others, and more than the largest class would be.
    assert far["mean"] < far["shrunk"] < 0


def test_fewer_than_eleven_pupils_never_stand_out():
    result = compare_groups(
        classes(
            ("small", spread(-4, 10)), *[(f"c{i}", spread(0, 28, i)) for i in range(12)]
        ),
        ["class"],
    )
    assert result.set_index("class").loc["small", "side"] == "below"
    assert not result["stands_out"].any()


def test_whatever_the_interval_does_not_tell_from_nought_never_stands_out():
    # The only class there is: as likely by chance as 6 in 100, which among the
    # comparisons made (one) would do.
    result = compare_groups(classes(("only", spread(0.43, 31))), ["class"]).iloc[0]
    assert 0.05 < result["likely"] < 0.1
    assert (result["side"], result["stands_out"]) == ("not different", False)


def test_pupils_without_a_residual_are_in_no_mean():
    rows = classes(("a", [1.0, 2.0]))
    rows["residual"] = rows["residual"].astype("Int64")
    rows.loc[2] = ["a", pd.NA]
    result = compare_groups(rows, ["class"]).iloc[0]
    assert (result["n"], result["mean"]) == (2, 1.5)


def test_the_order_of_rows_never_matters():
    rows = classes(("a", spread(0.3, 20, 1)), ("b", spread(-0.2, 25, 2)))
    pd.testing.assert_frame_equal(
        compare_groups(rows, ["class"]), compare_groups(rows.iloc[::-1], ["class"])
    )


def test_a_class_is_worth_a_look_only_when_it_stands_out_twice():
    noise = [(f"c{i:02d}", spread(0, 28, i)) for i in range(12)]
    now = compare_groups(
        classes(("far", spread(-2, 28)), ("new", spread(2, 28)), *noise), ["class"]
    )
    before = compare_groups(classes(("far", spread(-2, 28, 7)), *noise), ["class"])
    better = compare_groups(classes(("far", spread(2, 28, 7)), *noise), ["class"])
    named = now["class"]
    assert named[now["stands_out"]].tolist() == ["far", "new"]
    assert named[stand_out_twice(now, None, ["class"])].tolist() == ["far", "new"]
    assert named[stand_out_twice(now, before, ["class"])].tolist() == ["far"]
    assert not stand_out_twice(now, better, ["class"]).any()


def test_nothing_to_compare_is_an_empty_answer():
    assert compare_groups(classes(), ["class"]).empty
