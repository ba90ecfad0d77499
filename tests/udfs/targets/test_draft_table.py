from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.tables import standard
from udfs.targets.draft_table import DRAFT_COLUMNS, draft_rows
from udfs.targets.methods import DraftMethod

TABLES = standard()
SUBJECTS = [
    "English Language", "English Literature", "Mathematics", "Combined Science",
    "History", "French", "Religious Studies", "Music", "Art and Design",
    "Physical Education", "Computer Science",
]  # fmt: skip


def drafted(
    subject: str,
    reading: object,
    maths: object,
    *,
    year: object = 10,
    method: DraftMethod | None = None,
) -> pd.Series:
    frame = pd.DataFrame(
        {
            "subject": [subject],
            "ks2_reading": pd.Series([reading], dtype=object),
            "ks2_maths": pd.Series([maths], dtype=object),
            "year": [year],
        }
    )
    return draft_rows(frame, TABLES, method, academic_year="2026/27").iloc[0]


def test_a_plain_draft_reports_all_that_it_comes_from():
    row = drafted("Combined Science", "100", "102")
    assert row[["expected", "aspirational", "status"]].tolist() == [
        "4-4", "5-4", "draft",
    ]  # fmt: skip
    assert row[["method", "baseline", "score"]].tolist() == [
        "transition", "both", "101",
    ]  # fmt: skip
    assert row["pupils_behind_it"] == 102_679
    assert row["reason"] == "draft, not moderated"
    assert row["provenance"] == (
        "Combined Science, 2022/23 and 2023/24; reading and maths 101; "
        "46 % of 102,679 pupils in 100 - 102 reached 4-4; "
        "32 % of 102,679 pupils in 100 - 102 reached 5-4"
    )


@pytest.mark.parametrize(
    ("subject", "baseline", "score"),
    [
        ("English Language", "reading", "98"),
        ("English", "reading", "98"),
        ("Mathematics", "maths", "105"),
        ("History", "both", "101.5"),
    ],
)
def test_each_subject_starts_from_its_own_tests(subject, baseline, score):
    row = drafted(subject, "98", "105")
    assert (row["baseline"], row["score"]) == (baseline, score)
    assert ("approximation" in row["provenance"]) == (baseline != "both")


@pytest.mark.parametrize(
    ("subject", "reading", "maths", "words"),
    [
        ("Mathematics", "104", "", "no maths score, reading stands in"),
        ("English Language", "", "104", "no reading score, maths stands in"),
        ("History", "", "104", "no reading score, maths stands in"),
    ],
)
def test_where_one_score_stands_in_the_draft_is_reported(
    subject, reading, maths, words
):
    row = drafted(subject, reading, maths)
    assert row["score"] == "104"
    assert row["reason"] == f"draft, not moderated; {words}"
    assert words in row["provenance"]
    assert "approximation" in row["provenance"]


@pytest.mark.parametrize(
    "subject",
    ["Art", "Drama", "Music", "PE", "D&T", "Food Preparation and Nutrition"],
)
def test_a_practical_subject_waits_for_its_department(subject):
    row = drafted(subject, "100", "100")
    assert row["status"] == "provisional"
    assert row["reason"] == "provisional: no department baseline"


@pytest.mark.parametrize(
    ("subject", "reading", "maths", "year", "reason"),
    [
        ("Mathematics", "", "", 10, "no KS2 scores"),
        ("Mathematics", None, float("nan"), 10, "no KS2 scores"),
        ("Mathematics", "PK3", "", 10, "no KS2 scores: 'PK3' not known"),
        ("Mathematics", "A", "A", 10, "no KS2 scores: 'A' not known"),
        ("Health and Social Care", "100", "100", 10,
         "no national table for Health and Social Care"),
        ("DIT", "100", "100", 10, "no national table for DIT"),
        ("Weaving", "100", "100", 10, "unknown subject Weaving"),
        ("Core PE", "100", "100", 10, "no baseline for Core PE"),
        ("Mathematics", "100", "100", 12,
         "no GCSE average: the sixth form does not start from KS2"),
    ],
)  # fmt: skip
def test_without_a_draft_there_is_a_reason(subject, reading, maths, year, reason):
    row = drafted(subject, reading, maths, year=year)
    assert row["reason"] == reason
    assert (row["expected"], row["aspirational"]) == (None, None)
    assert row[["status", "method", "baseline", "score"]].tolist() == [""] * 4
    assert pd.isna(row["pupils_behind_it"])


def test_an_unknown_code_beside_a_score_is_reported():
    row = drafted("Mathematics", "PK3", "100")
    assert row["expected"] is not None
    assert "'PK3' not known" in row["provenance"]


def test_a_code_stands_for_the_score_of_the_year_groups_own_tests():
    # Year 11 of 2020/21 sat its tests in 2016.
    frame = pd.DataFrame(
        {"subject": ["Mathematics"], "ks2_reading": [""], "ks2_maths": ["BLW"]}
    ).assign(year=11)
    then = draft_rows(frame, TABLES, academic_year="2020/21")
    now = draft_rows(frame, TABLES, academic_year="2026/27")
    assert (then["score"][0], now["score"][0]) == ("70", "")


def test_thirds_are_drawn_on_a_scale_that_has_them_unless_whole_grades_are_asked_for():
    maths = replace(TABLES.subject("Mathematics"), scale="gcse_fine")
    tables = replace(TABLES, subjects=(*TABLES.subjects, maths))
    frame = pd.DataFrame(
        {"subject": ["Mathematics"], "ks2_reading": [""], "ks2_maths": ["101"]}
    ).assign(year=10)
    item = ("2023/24",)
    fine = DraftMethod(expected=50, aspirational=75, years=item)
    whole = DraftMethod(expected=50, aspirational=75, years=item, fine=False)
    draft = draft_rows(frame, tables, fine, academic_year="2026/27")
    assert draft.iloc[0, :2].tolist() == ["4-", "5-"]
    draft = draft_rows(frame, tables, whole, academic_year="2026/27")
    assert draft.iloc[0, :2].tolist() == ["4", "5"]


def test_a_table_on_another_scale_is_no_table():
    wrong = replace(TABLES.subject("Mathematics"), name="Sums", scale="level12")
    lost = replace(TABLES.subject("Mathematics"), name="Sets", scale="gsce")
    tables = replace(TABLES, subjects=(wrong, lost))
    frame = pd.DataFrame({"subject": ["Sums", "Sets"], "ks2_reading": "100"})
    got = draft_rows(
        frame.assign(ks2_maths="100", year=10), tables, academic_year="2026/27"
    )
    assert got["reason"].tolist() == [
        "the national table for Sums is not on Level 1/2",
        "unknown scale gsce for Sets",
    ]


def test_a_table_without_rows_has_no_drafts():
    empty = pd.DataFrame(
        {"subject": [], "ks2_reading": [], "ks2_maths": [], "year": []}
    )
    got = draft_rows(empty, TABLES, academic_year="2026/27")
    assert (len(got), tuple(got.columns)) == (0, DRAFT_COLUMNS)


ROWS = st.lists(
    st.tuples(
        st.sampled_from([*SUBJECTS, "Weaving", "DIT", "Core PE"]),
        st.sampled_from(["100", "N", "", None, "PK3", "?", 104, 99.0, float("nan")]),
        st.sampled_from(["93", "N", "", None, "79", "see me", 120, True]),
        st.sampled_from([7, 11, 13, None]),
    ),
    min_size=1,
    max_size=25,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters_and_no_row_changes_its_neighbour(rows, chance):
    columns = ["subject", "ks2_reading", "ks2_maths", "year"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)

    def plain(some: pd.DataFrame) -> list[list[object]]:
        got = draft_rows(some, TABLES, academic_year="2026/27").astype(object)
        return (
            got.where(got.notna(), None).reindex(sorted(some.index)).to_numpy().tolist()
        )

    mixed = frame.sample(frac=1, random_state=chance.randrange(2**32))
    assert plain(mixed) == plain(frame)
    assert plain(frame) == [plain(frame.iloc[[i]])[0] for i in range(len(frame))]


def test_a_whole_school_is_drafted_in_a_second():
    pupils = pd.DataFrame({"pupil": range(1050)})
    frame = pupils.assign(
        ks2_reading=(80 + pupils["pupil"] * 7 % 41).astype(str),
        ks2_maths=(80 + pupils["pupil"] * 11 % 41).astype(str),
        year=7 + pupils["pupil"] % 5,
    ).merge(pd.DataFrame({"subject": SUBJECTS}), how="cross")
    began = perf_counter()
    got = draft_rows(frame, TABLES, academic_year="2026/27")
    took = perf_counter() - began
    assert len(got) == 11_550
    assert got["expected"].notna().all()
    assert took < 2  # a busy machine is given twice the time
