"""English and mathematics, the EBacc, and the sums of measures."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.measures.entries import read_entries
from udfs.measures.pupil_measures import (
    ATTAINMENT,
    INCOMPLETE,
    MEASURES,
    PROGRESS8,
    differences_from_others,
    ebacc,
    english_maths,
    measure_values,
    pupil_facts,
)
from udfs.statistics.cross_tabulation import (
    cross_tabulate,
    dimension,
    table_keys,
    table_label,
)
from udfs.statistics.inference import SUM_COLUMNS
from udfs.tables import standard

TABLES = standard()


def entries(grades):
    result = {"subject": list(grades), "grade": list(grades.values())}
    return read_entries(pd.DataFrame(result).assign(adno="1"), TABLES)


def both(language, literature, maths):
    grades = {
        "English Language": language,
        "English Literature": literature,
        "Maths": maths,
    }
    result = english_maths(entries(grades)).filter(like="english_maths_").iloc[0]
    return result.tolist()


@pytest.mark.parametrize(
    ("language", "literature", "maths", "needed", "missing"),
    [
        ("4", "4", "4", 3, 0),
        ("4", "", "4", 3, 1),  # Literature may be the better of the two
        ("4", "N/T", "", 2, 1),
        ("", "Abs", "TE", 3, 3),
        ("N/T", "N/T", "5", 1, 0),
    ],
)
def test_english_and_mathematics_need_those_predictions(
    language, literature, maths, needed, missing
):
    grades = {
        "English Language": language, "English Literature": literature,
        "Maths": maths, "Drama": "",
    }  # fmt: skip
    row = english_maths(entries(grades)).iloc[0]
    assert row["needed_english_maths"] == needed
    assert row["missing_english_maths"] == missing


@pytest.mark.parametrize(
    ("language", "literature", "maths", "reached"),
    # Best of Language and Literature, and mathematics, at 4+, 5+ and 7+.
    [
        ("4", "4", "4", [1, 0, 0]),
        ("3", "5", "5", [1, 1, 0]),
        ("9", "U", "3", [0, 0, 0]),
        ("7", "N/T", "7", [1, 1, 1]),
        ("N/T", "N/T", "9", [0, 0, 0]),
        ("9", "9", "", [0, 0, 0]),
    ],
)
def test_english_and_mathematics(language, literature, maths, reached):
    assert both(language, literature, maths) == reached


CORE = {"English Language": "5", "English Literature": "6", "Mathematics": "7"}
HUMANITY = {"History": "4"}
LANGUAGE = {"French": "3"}
PAIR = {"Combined Science": "6-5"}


@pytest.mark.parametrize(
    ("grades", "entry", "points"),
    [
        # (6 + 7 + 5.5 + 5.5 + 4 + 3) / 6
        ({**CORE, **PAIR, **HUMANITY, **LANGUAGE}, 1, 31),
        # Three of four single sciences, the two best: (6 + 7 + 9 + 8 + 4 + 3) / 6
        (
            {**CORE, "Biology": "9", "Physics": "8", "Computer Science": "2",
             **HUMANITY, **LANGUAGE},
            1,
            37,
        ),
        # Two single sciences are no science pillar.
        ({**CORE, "Biology": "9", "Physics": "8", **HUMANITY, **LANGUAGE}, 0, 20),
        # Religious studies is no humanity of the EBacc; a missing pillar counts 0.
        ({**CORE, **PAIR, "Religious Studies": "9", **LANGUAGE}, 0, 27),
        # Both English subjects must be taken.
        ({**CORE, "English Literature": "N/T", **PAIR, **HUMANITY, **LANGUAGE}, 0, 25),
        ({}, None, None),
    ],
)  # fmt: skip
def test_the_ebacc_and_its_average_points(grades, entry, points):
    # Local Government Association standards, metric type 10751, restating the
    # Department for Education's definition of the EBacc average point score.
    result = ebacc(entries(grades))
    if entry is None:
        assert result.empty
        return
    assert result["ebacc_entry"].item() == entry
    assert result["ebacc_points"].item() == points * 60


def test_the_measures_are_those_that_were_promised():
    assert [item.name for item in MEASURES] == [
        "attainment8", "attainment8_english", "attainment8_maths", "attainment8_ebacc",
        "attainment8_open", "progress8", "english_maths_4", "english_maths_5",
        "english_maths_7", "ebacc_entry", "ebacc_points", "mean_points", "mean_gap",
        "on_or_above", "residual", "incomplete",
    ]  # fmt: skip


def test_the_style_of_progress_8_is_never_called_progress_8():
    assert PROGRESS8.title == "Score in the style of Progress 8"


def summed(pupils, measure):
    long = pupil_facts(pupils, [measure])
    return long[list(SUM_COLUMNS)].sum().to_frame().T


def test_pupils_who_are_not_counted_have_no_row():
    pupils = pd.DataFrame({"attainment8": pd.array([600, None, 0], dtype="Int64")})
    result = summed(pupils, ATTAINMENT[0])
    assert result["pupils"].item() == 2
    assert (
        measure_values(result, ATTAINMENT[0], TABLES.key_stage_4)["value"].item() == 5
    )


def test_incomplete_pupils_are_counted_and_not_averaged():
    pupils = pd.DataFrame({"incomplete": [1, 0, 0, 1]})
    result = measure_values(summed(pupils, INCOMPLETE), INCOMPLETE, TABLES.key_stage_4)
    assert result["value"].item() == 2
    assert result["low"].isna().item()


def test_the_gap_is_to_everyone_else_and_not_to_everybody():
    measure = ATTAINMENT[0]
    some = summed(pd.DataFrame({"attainment8": [600, 660]}), measure)
    everybody = summed(pd.DataFrame({"attainment8": [600, 660, 1200, 1260]}), measure)
    result = differences_from_others(some, everybody, measure, TABLES.key_stage_4)
    assert result["value"].item() == 10.5 - 20.5


# Groups and any two crossed ---------------------------------------------------------

pupil_rows = st.lists(
    st.tuples(
        st.sampled_from("FM"),
        st.sampled_from(["low", "high", ""]),
        st.sampled_from("YN"),
        st.integers(-500, 500),
    ),
    max_size=40,
)


def counted(rows):
    frame = pd.DataFrame(rows, columns=["sex", "prior", "pp", "gap"])
    dimensions = [dimension(name, frame[name]) for name in ("sex", "prior", "pp")]
    quantities = {"n": frame["gap"] * 0 + 1, "gap": frame["gap"]}
    numbers = {name: item.to_numpy(dtype="int64") for name, item in quantities.items()}
    sums = cross_tabulate(numbers["n"] * 0, 1, dimensions, numbers)
    parts = []
    for by in table_keys(dimensions):
        names = [next(d.labels for d in dimensions if d.name == name) for name in by]
        index = pd.MultiIndex.from_product([[table_label(by)], *names, ["n", "gap"]])
        flat = sums[by].reshape(-1)
        for key, value in zip(index, flat, strict=True):
            parts.append((key[0], " x ".join(key[1:-1]), key[-1], int(value)))
    result = pd.DataFrame(parts, columns=["dimension", "group", "what", "sum"])
    return result.loc[result["sum"] != 0]


def add_sums(parts, by):
    sums = pd.concat(parts, ignore_index=True)
    return sums.groupby(by, sort=True, dropna=False).sum().reset_index()


@given(pupil_rows, st.integers(0, 40))
def test_partial_sums_over_any_split_add_up_bit_for_bit(rows, cut):
    by = ["dimension", "group", "what"]
    whole = add_sums([counted(rows)], by)
    split = add_sums([counted(rows[:cut]), counted(rows[cut:])], by)
    split = split.loc[split["sum"] != 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(whole, split)


@given(pupil_rows, st.randoms())
def test_the_order_of_pupils_never_matters(rows, random):
    moved = list(rows)
    random.shuffle(moved)
    pd.testing.assert_frame_equal(
        counted(rows).reset_index(drop=True), counted(moved).reset_index(drop=True)
    )


@given(pupil_rows)
def test_crossings_add_up_to_their_groups(rows):
    result = counted(rows)
    whole = result.groupby(["dimension", "what"])["sum"].sum().unstack("what")
    for column in whole:
        assert whole[column].fillna(0).nunique() <= 1


def test_pupils_without_a_value_are_a_group_of_their_own():
    result = dimension("prior", pd.Series(["low", " ", None, "low"]))
    assert result.labels == ("low", "not known")
    assert result.codes.tolist() == [0, 1, 1, 0]
