from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.tables import standard
from udfs.targets.anchor import GradeLine
from udfs.targets.draft_table import draft_rows
from udfs.targets.methods import DraftMethod
from udfs.targets.previous_year import previous_targets

TABLES = standard()
YEAR = "2026/27"
FIFTH = GradeLine(
    Fraction(6), "national means, 2023/24", 1000
)  # a fifth of a grade a point
BEFORE = previous_targets(
    [(200, 240, 300), (204, 300, 360), (204, 360, 420)], "2025/26"
)


def draft(
    subject="History", method=None, *, year=9, reading="100", maths="100", **more
):
    """The draft of one pupil, as a mapping."""
    frame = pd.DataFrame(
        [{"subject": subject, "ks2_reading": reading, "ks2_maths": maths,
          "year": year, **more}]
    )  # fmt: skip
    result = (
        draft_rows(frame, TABLES, method, academic_year=YEAR).astype(object).iloc[0]
    )
    return result.where(result.notna(), None).to_dict()


def both(result):
    return result["expected"], result["aspirational"]


# anchor


def test_the_anchor_draws_grade_5_at_score_100():
    result = draft(method=DraftMethod("anchor", line=FIFTH))
    assert both(result) == ("5", "6")
    assert (result["method"], result["baseline"], result["score"]) == (
        "anchor",
        "both",
        "100",
    )
    assert result["pupils_behind_it"] == 1000
    assert result["provenance"].startswith(
        "a line through score 100 and grade 5, 0.200 grades a point (national means, "
        "2023/24, 1,000 pupils); reading and maths 100 comes out at 5.0; nationally "
    )


def test_the_anchor_reports_how_many_similar_pupils_reached_it():
    # Mean points of History at 100 - 102 are 3.37: a 5 there is a challenge.
    text = draft(method=DraftMethod("anchor", line=FIFTH))["provenance"]
    assert "pupils in 100 - 102 reached 5" in text


@pytest.mark.parametrize(
    ("subject", "reading", "expected"),
    [("History", "110", "7"), ("History", "89", "3"), ("Science", "106", "6-6"),
     ("Science", "103", "6-5"), ("History", "120", "9"), ("History", "N", "1")],
)  # fmt: skip
def test_the_anchor_draws_the_nearest_grade(subject, reading, expected):
    result = draft(
        subject, DraftMethod("anchor", line=FIFTH), reading=reading, maths=reading
    )
    assert result["expected"] == expected


def test_the_anchor_is_challenged_by_steps_and_aspires_by_whole_grades():
    method = DraftMethod("anchor", line=FIFTH, challenge=1, stretch=2)
    assert both(draft(method=method)) == ("6", "8")
    assert both(draft("Science", method)) == ("6-5", "8-7")


def test_the_anchor_moves_with_the_year_group():
    method = DraftMethod("anchor", line=FIFTH, shifts={9: Fraction(10)})
    result = draft(method=method)
    assert result["expected"] == "4"
    assert "through score 105 and grade 5" in result["provenance"]
    assert draft(method=method, year=10)["expected"] == "5"


@pytest.mark.parametrize(
    ("subject", "more", "reason"),
    [
        ("History", {"reading": "", "maths": ""}, "no KS2 scores"),
        (
            "History",
            {"year": 12},
            "no GCSE average: the sixth form does not start from KS2",
        ),
        ("Health and Social Care", {}, "no line to grade 5 on Level 1/2"),
    ],
)  # fmt: skip
def test_where_the_anchor_fails_the_reason_is_reported(subject, more, reason):
    result = draft(subject, DraftMethod("anchor", line=FIFTH), **more)
    assert (result["expected"], result["reason"]) == (None, reason)


def test_a_subject_without_a_line_is_reported():
    assert draft(method=DraftMethod("anchor"))["reason"] == "no line for History"


# previous


def test_previous_draws_whatever_the_same_baseline_had_last_year():
    result = draft(
        method=DraftMethod("previous", previous_targets=BEFORE),
        reading="102",
        maths="102",
    )
    assert both(result) == ("6", "7")  # the mean of 5 and 6 is halfway: the higher
    assert result["pupils_behind_it"] == 2
    assert result["provenance"].startswith(
        "the targets of 2025/26; reading and maths 102; 2 pupils around it had 5.5 on "
        "average; nationally "
    )


def test_previous_reports_the_reason():
    method = DraftMethod("previous", previous_targets=BEFORE)
    assert draft(method=DraftMethod("previous"))["reason"] == (
        "no targets of last year in History"
    )
    assert draft(method=method, reading="115", maths="115")["reason"] == (
        "no pupil of last year near 115 in History"
    )
    assert draft(method=method, reading="", maths="")["reason"] == "no KS2 scores"


# imported

FFT = DraftMethod("imported", indicator="FFT50 History")


def test_imported_takes_the_indicator_and_one_whole_grade_more():
    result = draft(method=FFT, imported="5.4")
    assert both(result) == ("5", "6")
    assert (result["method"], result["baseline"], result["score"]) == (
        "imported", "FFT50 History", "5.4",
    )  # fmt: skip
    assert result["provenance"].startswith("FFT50 History 5.4; nationally ")
    assert result["reason"] == "draft, not moderated"


def test_imported_takes_the_aspirational_indicator_if_it_exists():
    assert both(draft(method=FFT, imported="5", imported_high="8")) == ("5", "8")
    assert both(draft(method=FFT, imported="5", imported_high="4")) == ("5", "5")


@pytest.mark.parametrize(
    ("value", "reason"),
    [("", "no FFT50 History"),
     ("54", "FFT50 History: '54' is not a grade of GCSE 9–1")],
)  # fmt: skip
def test_imported_reports_the_reason(value, reason):
    result = draft(method=FFT, imported=value)
    assert (result["expected"], result["reason"]) == (None, reason)


def test_imported_needs_no_key_stage_2_and_no_national_table():
    method = DraftMethod("imported", indicator="FFT50 HSC")
    result = draft(
        "Health and Social Care", method, reading="", maths="", imported="L2M"
    )
    assert both(result) == ("L2M", "L2D")


def test_the_sixth_form_starts_from_its_gcse_average():
    method = DraftMethod("imported", indicator="ALIS")
    result = draft("A level History", method, year=12, imported="B", gcse="6.3")
    assert both(result) == ("B", "A")
    assert (result["baseline"], result["score"]) == ("gcse", "6.3")
    assert result["provenance"] == "ALIS B; GCSE average 6.3"


def test_the_sixth_form_has_no_transition():
    assert draft("A level History", year=12)["reason"] == (
        "no GCSE average for A level History"
    )


# department


def test_a_practical_subject_waits_for_its_department_under_every_method():
    for method in (
        DraftMethod(),
        DraftMethod("anchor", line=FIFTH),
        DraftMethod("department"),
    ):
        result = draft("Music", method)
        assert result["status"] == "provisional"
        assert result["reason"] == "provisional: no department baseline"
        assert result["method"] in ("transition", "anchor")


def test_the_departments_baseline_is_the_target_and_ks2_information():
    result = draft("Music", given="4")
    assert both(result) == ("4", "5")
    assert (result["status"], result["method"], result["reason"]) == (
        "draft", "department", "department baseline",
    )  # fmt: skip
    assert (result["baseline"], result["score"]) == ("department", "4")
    assert result["provenance"].startswith(
        "department baseline 4; for information: reading and maths 100; nationally "
    )


def test_another_subject_may_start_from_its_department_too():
    assert draft(method=DraftMethod("department"))["status"] == "provisional"
    assert both(draft(method=DraftMethod("department"), given="6")) == ("6", "7")
    assert draft(given="6")["method"] == "transition"  # it was not asked for


def test_a_baseline_that_is_no_grade_leaves_the_target_provisional():
    result = draft("Music", given="good")
    assert result["status"] == "provisional"
    assert "department baseline: 'good' is not a grade of GCSE 9–1" in result["reason"]


def test_a_department_without_national_table_or_baseline_is_reported():
    result = draft("Sport", DraftMethod("department"))
    assert result["reason"] == "no department baseline; no national table for Sport"
    assert both(draft("Sport", DraftMethod("department"), given="L2P")) == (
        "L2P",
        "L2M",
    )


# for all of them


@pytest.mark.parametrize("score", ["82", "100", "118"])
@pytest.mark.parametrize(
    "method",
    [
        {"name": "transition"},
        {"name": "anchor", "line": FIFTH},
        {"name": "imported", "indicator": "FFT"},
    ],
    ids=lambda item: item["name"],
)
def test_a_floor_and_a_cap_bound_every_method(method, score):
    result = draft(
        method=DraftMethod(**method, floor="3", cap="6"),
        reading=score,
        maths=score,
        imported={"82": "1", "100": "4", "118": "9"}[score],
    )
    gcse = TABLES.scale("gcse")
    for grade in both(result):
        assert gcse.rank("3") <= gcse.rank(grade) <= gcse.rank("6")


def test_a_bound_is_reported():
    text = draft(method=DraftMethod(floor="7"))["provenance"]
    assert "expected 4 raised to the floor 7" in text
    assert "reached 7" in text
    assert "held at the cap 2" in draft(method=DraftMethod(cap="2"))["provenance"]


scores = st.integers(80, 119)
METHODS = st.one_of(
    st.builds(
        DraftMethod,
        st.just("transition"),
        expected=st.integers(1, 60),
        aspirational=st.integers(60, 99),
        challenge=st.integers(0, 2),
        fine=st.booleans(),
        floor=st.sampled_from(["", "2"]),
        cap=st.sampled_from(["", "8"]),
    ),
    st.builds(
        DraftMethod,
        st.just("anchor"),
        line=st.builds(
            GradeLine,
            st.fractions(min_value=Fraction(1, 9), max_value=12),
            st.just("…"),
            st.just(30),
        ),
        shifts=st.fractions(-9, 9).map(lambda shift: {9: shift}),
        stretch=st.integers(0, 3),
    ),
    st.builds(
        DraftMethod,
        st.just("previous"),
        previous_targets=st.lists(
            st.tuples(
                st.integers(160, 240), st.integers(0, 540), st.integers(0, 540)
            ),
            min_size=1,
        ).map(lambda rows: previous_targets(rows, "2025/26")),
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(METHODS, st.sampled_from(["History", "Maths", "Biology"]), scores)
def test_a_higher_score_never_draws_a_lower_target(method, subject, score):
    scale = TABLES.scale(TABLES.subject(subject).scale)
    low = draft(subject, method, reading=str(score), maths=str(score))
    high = draft(subject, method, reading=str(score + 1), maths=str(score + 1))
    for below, above in zip(both(low), both(high), strict=True):
        if below and above:
            assert scale.rank(above) >= scale.rank(below)
    for result in (low, high):
        if result["expected"]:
            assert scale.rank(result["aspirational"]) >= scale.rank(result["expected"])


def test_subjects_may_be_drafted_each_by_its_own_method():
    frame = pd.DataFrame(
        {"subject": ["History", "Maths"], "ks2_reading": "100", "ks2_maths": "100",
         "year": 9}
    )  # fmt: skip
    result = draft_rows(
        frame,
        TABLES,
        {"History": DraftMethod("anchor", line=FIFTH)},
        academic_year=YEAR,
    )
    assert result["method"].tolist() == ["anchor", "transition"]


values = st.one_of(
    st.none(), st.just(float("nan")), st.just(pd.NA), st.integers(-1, 99),
    st.floats(0, 12), st.booleans(), st.sampled_from(["5", "5.4", "54", "", "abs"]),
    st.text(max_size=4),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(values, values, values), min_size=1, max_size=6))
def test_whatever_stands_beside_a_value_never_changes_its_draft(rows):
    def drawn(some):
        frame = pd.DataFrame(some, columns=["imported", "given", "gcse"], dtype=object)
        frame = frame.assign(subject="Music", ks2_reading="100", ks2_maths="", year=9)
        result = draft_rows(frame, TABLES, FFT, academic_year=YEAR).astype(object)
        return result.where(result.notna(), None).to_numpy().tolist()

    assert drawn(rows) == [drawn([row])[0] for row in rows]
