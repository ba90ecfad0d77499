"""Attainment 8 by its rules, and against the same rules done by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.attainment8_reference import pupil_attainment8
from udfs.errors import BadTable
from udfs.measures.attainment8 import attainment8
from udfs.measures.attainment8_gains import best_gains, grade_gains
from udfs.scales.scale import POINT
from udfs.scales.slots import read_slots
from udfs.tables import standard

TABLES = standard()
ELEMENTS = ["english", "maths", "ebacc", "open"]


def rows(grades, adno="000001"):
    return pd.DataFrame(
        {"subject": list(grades), "grade": list(grades.values())}
    ).assign(adno=adno)


def pupil(grades, **question):
    """Points of one pupil, in whole points, with what is filled and empty."""
    result = attainment8(rows(grades), TABLES, **question).pupils.iloc[0].to_dict()
    for name in [*ELEMENTS, "points"]:
        if name in result:
            result[name] /= POINT
    return result


FULL = {
    "English Language": "5",
    "English Literature": "6",
    "Mathematics": "7",
    "Combined Science": "6-5",
    "History": "4",
    "French": "3",
    "Art and Design": "8",
    "Religious Studies": "5",
    "Health and Social Care": "L2M",
}


def test_a_full_set_of_grades_adds_up_by_hand():
    # English 2 x 6; maths 2 x 7; EBacc 5.5 + 5.5 + 4; open 8 + 5.5 (L2M) + 5.
    result = pupil(FULL)
    assert [result[name] for name in ELEMENTS] == [12, 14, 15, 18.5]
    assert result["points"] == 59.5
    assert (result["filled"], result["empty"], result["complete"]) == (10, 0, True)


def test_all_nines_are_the_maximum():
    # Maximum 90; elements 0-18, 0-18, 0-27, 0-27: Department for Education, key
    # stage 4 performance; the ready reckoners' own input limits.
    nines = dict.fromkeys(FULL, "9") | {"Combined Science": "9-9"}
    nines |= {"Health and Social Care": "U", "Music": "9"}
    result = pupil(nines)
    assert [result[name] for name in ELEMENTS] == [18, 18, 27, 27]
    assert result["points"] == 90


@pytest.mark.parametrize(
    ("grades", "english", "opened"),
    [
        # Secondary accountability measures guidance, 2025: the better of the two,
        # doubled if both are taken, and the other may stand in an open slot.
        ({"English Language": "4", "English Literature": "6"}, 12, 4),
        ({"English Language": "6", "English Literature": "4"}, 12, 4),
        ({"English Language": "5", "English Literature": "U"}, 10, 0),
        ({"English Language": "5"}, 5, 0),
        ({"English Literature": "5"}, 5, 0),
        # Not taking it is not taking both.
        ({"English Language": "5", "English Literature": "N/T"}, 5, 0),
        ({}, 0, 0),
    ],
)
def test_english_is_the_better_of_the_two(grades, english, opened):
    result = pupil({**grades, "Mathematics": "U"})
    assert (result["english"], result["open"]) == (english, opened)


def test_a_missing_literature_grade_still_doubles_but_leaves_the_pupil_incomplete():
    result = pupil({"English Language": "5", "English Literature": ""})
    assert result["english"] == 10
    assert not result["complete"]
    assert (result["missing"], result["waiting"]) == (1, 1)


@pytest.mark.parametrize(
    ("grade", "points"),
    # Department for Education, key stage 4 points 2019: the mean of the pair.
    [("9-9", 9), ("9-8", 8.5), ("5-4", 4.5), ("2-1", 1.5), ("1-1", 1), ("U", 0)],
)
def test_combined_science_gives_two_values_each_the_mean_of_the_pair(grade, points):
    result = pupil({"Combined Science": grade})
    assert (result["ebacc"], result["filled"]) == (2 * points, 2)


def test_the_two_values_of_combined_science_may_fall_in_different_elements():
    grades = {
        "Combined Science": "5-5",
        "History": "9",
        "French": "8",
        "Geography": "4",
    }
    answer = attainment8(rows(grades), TABLES)
    science = answer.slot_values.query("subject == 'Combined Science'")
    assert sorted(science["element"]) == ["ebacc", "open"]
    assert pupil(grades)["ebacc"] == 22
    assert pupil(grades)["open"] == 9


def test_religious_studies_is_open_and_computer_science_is_not():
    result = pupil({"Religious Studies": "9", "Computer Science": "5"})
    assert (result["ebacc"], result["open"]) == (5, 9)


def test_spare_ebacc_grades_stand_in_open_slots():
    sciences = {"Biology": "7", "Chemistry": "6", "Physics": "5", "History": "8"}
    result = pupil({**sciences, "French": "1"})
    assert (result["ebacc"], result["open"]) == (21, 6)


def test_an_empty_slot_counts_nought_and_is_named():
    answer = attainment8(rows({"Mathematics": "6", "History": "5"}), TABLES)
    assert answer.pupils["complete"].all()
    left = answer.empty_slots.set_index("element")["slots"].to_dict()
    assert left == {"english": 2, "ebacc": 2, "open": 3}


@pytest.mark.parametrize(
    "cell", ["", None, np.nan, "Abs", "TE", "6+", 11, "five", True]
)
def test_a_cell_that_is_no_grade_leaves_the_pupil_incomplete(cell):
    result = pupil({"Mathematics": "6", "History": cell})
    assert not result["complete"]
    assert result["points"] == 12


def test_not_taking_a_subject_is_neither_missing_nor_nought():
    result = pupil({"Mathematics": "6", "History": "N/T"})
    assert result["complete"]
    assert result["points"] == 12


def test_a_subject_without_a_slot_counts_nowhere():
    result = pupil({"Mathematics": "6", "Core PE": "", "PSHE": "9"})
    assert result["complete"]
    assert result["points"] == 12


def test_a_single_grade_of_a_discount_group_counts():
    # Media and Film have the code KA2: Department for Education, discount codes.
    result = pupil({"Media/Film/TV": "5", "Film Studies": "7"})
    assert (result["open"], result["filled"]) == (7, 1)


def test_of_a_discount_group_a_missing_prediction_is_still_missing():
    result = pupil({"Media/Film/TV": "5", "Film Studies": ""})
    assert (result["open"], result["missing"]) == (5, 1)


def banked(*entries):
    columns = ["subject", "grade", "actual", "entry"]
    return pd.DataFrame(entries, columns=columns).assign(adno="000001")


def test_a_banked_grade_replaces_the_prediction_and_is_marked():
    answer = attainment8(
        banked(
            ("Mathematics", "8", False, ""),
            ("Mathematics", "4", True, "2026-06-15"),
        ),
        TABLES,
    )
    assert answer.pupils["maths"].item() == 8 * POINT
    assert answer.slot_values[["grade", "actual"]].to_dict("records") == [
        {"grade": "4", "actual": True}
    ]


def test_the_first_entry_counts():
    answer = attainment8(
        banked(
            ("Mathematics", "7", True, "2026-11-10"),
            ("Mathematics", "4", True, "2026-06-15"),
            ("Mathematics", "", False, ""),
        ),
        TABLES,
    )
    assert answer.pupils["maths"].item() == 8 * POINT
    assert answer.pupils["complete"].item()


def test_a_result_that_is_no_grade_is_no_entry():
    answer = attainment8(
        banked(
            ("Mathematics", "X", True, "2026-06-15"), ("Mathematics", "5", False, "")
        ),
        TABLES,
    )
    assert answer.pupils["maths"].item() == 10 * POINT


def test_the_answer_reports_which_slot_each_grade_filled():
    values = attainment8(rows(FULL), TABLES).slot_values
    result = [
        (item["subject"], item["element"], item["slot"], item["weight"])
        for item in values.to_dict("records")
    ]
    assert result == [
        ("Art and Design", "open", 1, 1),
        ("Mathematics", "maths", 1, 2),
        ("English Literature", "english", 1, 2),
        ("Combined Science", "ebacc", 1, 1),
        ("Combined Science", "ebacc", 2, 1),
        ("Health and Social Care", "open", 2, 1),
        ("English Language", "open", 3, 1),
        ("Religious Studies", "", 0, 0),
        ("History", "ebacc", 3, 1),
        ("French", "", 0, 0),
    ]
    assert values["counted"].sum() == 59.5 * POINT


def test_the_grade_that_would_raise_the_score_most_is_named():
    every = grade_gains(attainment8(rows(FULL), TABLES), TABLES).set_index("subject")
    assert every.loc["Mathematics", "gain"] == 2 * POINT
    assert every.loc["English Literature", "gain"] == 2 * POINT
    # A 6 in Language stands level with Literature, and 6 for 5 in the open slot.
    assert every.loc["English Language", "gain"] == POINT
    assert every.loc["Combined Science", ["grade", "raised", "gain"]].tolist() == [
        "6-5",
        "6-6",
        POINT,
    ]
    assert every.loc["French", "gain"] == 0
    best = best_gains(every.reset_index(), ["adno"]).iloc[0]
    assert best["subjects"] == "English Literature; Mathematics"
    assert best["gain"] == 2 * POINT


def test_a_result_and_a_nine_cannot_rise():
    answer = attainment8(
        banked(("Mathematics", "4", True, "2026-06-15"), ("History", "9", False, "")),
        TABLES,
    )
    assert grade_gains(answer, TABLES).empty


# The slot model of the 2026 consultation -------------------------------------------


def reformed(grades):
    model = TABLES.key_stage_4.slots["reform-2026"]
    result = attainment8(rows(grades), TABLES, model=model).pupils.iloc[0]
    return {
        name: result[name] / POINT
        for name in ("science", "breadth", "choice", "points")
    }


def test_breadth_is_filled_from_two_categories():
    # Proposed: two of humanities, creative and languages, from different ones
    # (National Society for Education in Art and Design, on the 2026 consultation).
    result = reformed(
        {
            "History": "9",
            "RE": "8",
            "Geography": "8",
            "Music": "4",
            "French": "3",
            "Combined Science": "6-6",
        }
    )
    assert result["science"] == 12
    assert result["breadth"] == 9 + 4
    assert result["choice"] == 8 + 8


def test_the_reform_is_off_by_default():
    assert attainment8(rows(FULL), TABLES).model.name == "current"
    assert TABLES.key_stage_4.slots["current"].capacity == 10


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[models]]\n", "has no name"),
        ('[[models]]\nname = "x"\n', "has no elements"),
        ('[[models]]\nname = "x"\nelement = 1\n', "did you mean elements"),
        (
            '[[models]]\nname = "x"\n[[models.elements]]\nname = "a"\n',
            "what may fill it",
        ),
        (
            '[[models]]\nname = "x"\n[[models.elements]]\nname = "a"\ncount = 0\n'
            'kinds = [{ slots = ["open"] }]\n',
            "count is 0",
        ),
        (
            '[[models]]\nname = "x"\n[[models.elements]]\nname = "a"\n'
            'kinds = [{ slots = ["arts"] }]\n',
            "the slot 'arts', which there is not. There are: english_language,",
        ),
        ("[[models]\n", "not valid TOML"),
    ],
)
def test_a_slot_model_that_cannot_be_used_is_refused(text, says):
    with pytest.raises(BadTable, match=says):
        read_slots(text, "tables/slots.toml")


# Properties --------------------------------------------------------------------------

SUBJECTS = [
    *FULL, "Computer Science", "Biology", "Physics", "Geography", "Film Studies",
    "Media/Film/TV", "Core PE", "Drama", "Ancient Mysteries",
]  # fmt: skip
ODD = ["", "Abs", "N/T", "TE", "??", None]


def grades_of(subject):
    return list(TABLES.scale(TABLES.subject(subject).scale).grades)


@st.composite
def schools(draw, odd=True):
    pupils = draw(st.integers(1, 5))
    result = []
    for number in range(pupils):
        subjects = draw(st.lists(st.sampled_from(SUBJECTS), unique=True, max_size=12))
        for subject in subjects:
            allowed = grades_of(subject) + (ODD if odd else [])
            result.append((f"{number:03d}", subject, draw(st.sampled_from(allowed))))
    return pd.DataFrame(result, columns=["adno", "subject", "grade"])


@given(schools())
def test_it_agrees_with_the_rules_by_hand(results):
    result = attainment8(results, TABLES).pupils
    for adno, item in results.groupby("adno"):
        by_hand = pupil_attainment8(item, TABLES)
        own = result.loc[result["adno"] == adno].iloc[0]
        assert own[list(by_hand.index)].to_dict() == by_hand.to_dict()


@given(schools(), st.randoms())
def test_the_order_of_rows_never_matters(results, random):
    order = list(range(len(results)))
    random.shuffle(order)
    moved = attainment8(results.iloc[order].reset_index(drop=True), TABLES).pupils
    pd.testing.assert_frame_equal(attainment8(results, TABLES).pupils, moved)


@pytest.mark.parametrize("model", sorted(TABLES.key_stage_4.slots))
@given(results=schools(odd=False), data=st.data())
def test_raising_a_prediction_never_lowers_the_score(model, results, data):
    if results.empty:
        return
    slots = TABLES.key_stage_4.slots[model]
    row = data.draw(st.integers(0, len(results) - 1))
    subject, grade = results.loc[row, ["subject", "grade"]]
    higher = [g for g in grades_of(subject)][grades_of(subject).index(grade) :]
    raised = results.copy()
    raised.loc[row, "grade"] = data.draw(st.sampled_from(higher))
    before = attainment8(results, TABLES, model=slots).pupils["points"]
    after = attainment8(raised, TABLES, model=slots).pupils["points"]
    assert (after >= before).all()


@given(schools(), st.integers(0, 5))
def test_the_sums_of_parts_are_the_sum_of_the_whole(results, cut):
    numbers = results["adno"].astype(int)
    parts = [results[numbers < cut], results[numbers >= cut]]
    columns = ["points", *ELEMENTS, "filled", "waiting", "empty", "missing"]
    split = sum(attainment8(part, TABLES).pupils[columns].sum() for part in parts)
    whole = attainment8(results, TABLES).pupils[columns].sum()
    assert split.to_dict() == whole.to_dict()


@given(
    schools(),
    st.lists(
        st.one_of(
            st.none(), st.floats(), st.integers(), st.booleans(), st.text(max_size=5)
        ),
        max_size=6,
    ),
)
def test_whatever_stands_in_a_column_never_changes_a_neighbour(results, cells):
    other = pd.DataFrame(
        {"adno": "zzz", "subject": "History", "grade": pd.Series(cells, dtype=object)}
    )
    mixed = pd.concat([results.astype(object), other.astype(object)], ignore_index=True)
    before = attainment8(results, TABLES).pupils
    after = attainment8(mixed, TABLES).pupils
    after = after.loc[after["adno"] != "zzz"].reset_index(drop=True)
    pd.testing.assert_frame_equal(before, after, check_dtype=False)


@given(schools(odd=False))
def test_a_rise_is_what_it_says(results):
    answer = attainment8(results, TABLES)
    for item in grade_gains(answer, TABLES).head(6).to_dict("records"):
        raised = results.copy()
        row = (raised["adno"] == item["adno"]) & (raised["subject"] == item["subject"])
        raised.loc[row, "grade"] = item["raised"]
        before = answer.pupils.set_index("adno").loc[item["adno"], "points"]
        after = attainment8(raised, TABLES).pupils.set_index("adno")
        assert after.loc[item["adno"], "points"] - before == item["gain"]


def test_every_collection_of_a_pupil_stands_for_itself():
    both = pd.concat(
        [
            rows(FULL).assign(collection="A"),
            rows({"History": "9"}).assign(collection="B"),
        ]
    )
    result = attainment8(both, TABLES, by=["collection", "adno"]).pupils
    assert result["collection"].tolist() == ["A", "B"]
    assert (result["points"] / POINT).tolist() == [59.5, 9]


def test_no_results_are_no_pupils():
    assert attainment8(rows({}), TABLES).pupils.empty
