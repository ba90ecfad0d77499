from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.tables import standard
from udfs.targets.draft_table import DRAFT_COLUMNS
from udfs.targets.ratchet import apply_ratchet, differs_from_current

TABLES = standard()
GRADES = [None, *TABLES.scale("gcse").grades]
DRAFT = "draft, not moderated"


def row(expected: str | None, aspirational: str | None, **more: object) -> pd.DataFrame:
    """One target, as a draft or as what stands."""
    present = expected is not None
    values = {
        "subject": "History",
        "expected": expected,
        "aspirational": aspirational,
        "status": "draft" if present else "",
        "method": "transition" if present else "",
        "baseline": "both" if present else "",
        "score": "100" if present else "",
        "pupils_behind_it": 1000 if present else None,
        "provenance": "some figures" if present else "",
        "reason": DRAFT if present else "no KS2 scores",
        "version": 1,
        "carried": "",
        **more,
    }
    frame = pd.DataFrame(
        {name: pd.Series([v], dtype=object) for name, v in values.items()}
    )
    return frame.astype({"pupils_behind_it": "Int64", "version": "Int64"})


def nothing() -> pd.DataFrame:
    blank = {name: [None] for name in (*DRAFT_COLUMNS, "version")}
    return pd.DataFrame(blank, dtype=object).assign(subject="History", carried="")


def settled(drafted: pd.DataFrame, standing: pd.DataFrame) -> dict[str, object]:
    result = apply_ratchet(drafted, standing, TABLES)
    answer = result.iloc[0].to_dict()
    answer["new"] = bool(differs_from_current(result, standing).iloc[0])
    return answer


def test_the_first_draft_stands():
    got = settled(row("5", "6"), nothing())
    assert (got["expected"], got["status"], got["new"]) == ("5", "draft", True)
    assert not got["raised"]


@pytest.mark.parametrize("status", ["draft", "provisional"])
@pytest.mark.parametrize("now", ["4", "6"])
def test_whatever_was_not_issued_goes_up_and_down(status, now):
    got = settled(row(now, "7", status=status), row("5", "7", status=status))
    assert (got["expected"], got["status"], got["new"]) == (now, status, True)


def test_the_same_draft_twice_is_no_new_version():
    assert not settled(row("5", "6"), row("5", "6"))["new"]
    without = row(None, None)
    assert not settled(without, without)["new"]


def test_a_reason_that_changes_is_a_new_version():
    other = row(None, None, reason="no national table for History")
    assert settled(row(None, None), other)["new"]


def test_an_issued_target_is_never_lowered():
    got = settled(row("4", "5", score="90"), row("5", "6", status="issued"))
    assert (got["expected"], got["aspirational"], got["score"]) == ("5", "6", "100")
    assert (got["status"], got["reason"], got["new"]) == ("issued", DRAFT, False)


def test_an_issued_target_rises_and_reports_the_old_grade():
    got = settled(row("6", "7", score="110"), row("5", "6", status="issued"))
    assert (got["expected"], got["aspirational"], got["score"]) == ("6", "7", "110")
    assert (got["status"], got["new"], got["raised"]) == ("issued", True, True)
    assert got["reason"] == "raised by a new draft from 5, aspirational from 6"


def test_the_two_targets_rise_each_on_its_own():
    old = row("5", "6", status="issued", provenance="old figures")
    got = settled(row("4", "7", score="110", provenance="new figures"), old)
    assert (got["expected"], got["aspirational"], got["score"]) == ("5", "7", "100")
    assert got["reason"] == "aspirational raised by a new draft from 6"
    assert got["provenance"] == "old figures; aspirational from new figures"
    got = settled(row("6", "6"), old)
    assert (got["expected"], got["aspirational"]) == ("6", "6")
    assert got["reason"] == "raised by a new draft from 5"


def test_whatever_was_raised_is_not_raised_twice():
    old = row("6", "7", status="issued", reason="raised by a new draft from 5")
    assert not settled(row("6", "7"), old)["new"]


def test_an_issued_target_outlives_the_scores_it_came_from():
    got = settled(row(None, None), row("5", "6", status="issued"))
    assert (got["expected"], got["status"], got["new"]) == ("5", "issued", False)


def test_where_the_school_changes_the_scale_whatever_was_issued_stands():
    old = row("5-4", "5-5", status="issued")
    got = settled(row("9", "9"), old)
    assert (got["expected"], got["new"]) == ("5-4", False)


def carried(expected: str, aspirational: str, subject: str) -> pd.DataFrame:
    old = row(expected, aspirational, status="issued", carried=subject)
    return old.assign(version=pd.array([None], dtype="Int64"))


def test_key_stage_3_carries_over_to_the_subject_that_follows():
    drafted = row("4-4", "5-4").assign(subject="Combined Science")
    got = settled(drafted, carried("5-5", "6-6", "Science"))
    assert (got["expected"], got["aspirational"]) == ("5-5", "6-6")
    assert (got["status"], got["new"]) == ("issued", True)
    assert got["reason"] == "carried over from Science"


def test_key_stage_3_carries_over_and_rises():
    drafted = row("5", "6").assign(subject="English Language")
    got = settled(drafted, carried("4", "6", "English"))
    assert (got["expected"], got["aspirational"]) == ("5", "6")
    assert got["reason"] == "raised by a new draft from 4 in English"


@pytest.mark.parametrize(
    ("pair", "grade"), [("5-4", "5"), ("5-5", "5"), ("U", "U"), ("9-9", "9")]
)
def test_a_pair_carries_over_to_a_single_grade_no_lower(pair, grade):
    drafted = row("U", "U").assign(subject="Physics")
    got = settled(drafted, carried(pair, pair, "Science"))
    assert got["expected"] == grade


def test_whatever_stands_on_no_scale_any_more_carries_over_as_it_was():
    # English was graded in pairs when the target was issued, and no longer is: as
    # within one subject, what was issued stands.
    drafted = row("5", "6").assign(subject="English Language")
    got = settled(drafted, carried("5-4", "5-5", "English"))
    assert (got["expected"], got["aspirational"]) == ("5-4", "5-5")


def test_from_a_subject_on_an_unknown_scale_a_target_carries_over_as_it_is():
    lost = replace(TABLES.subject("English"), name="Reading", scale="gsce")
    drafted = row("4", "4").assign(subject="English Language")
    result = apply_ratchet(
        drafted,
        carried("6", "7", "Reading"),
        replace(TABLES, subjects=(*TABLES.subjects, lost)),
    ).iloc[0]
    assert (result["expected"], result["aspirational"]) == ("6", "7")
    assert result["reason"] == "carried over from Reading"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(GRADES),
            st.sampled_from(GRADES[1:]),
            st.sampled_from(["draft", "issued", "provisional"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_once_issued_never_lower_whatever_is_drafted(rows):
    scale = TABLES.scale("gcse")
    drafted = pd.concat([row(new, new) for new, _, _ in rows], ignore_index=True)
    standing = pd.concat(
        [row(old, old, status=status) for _, old, status in rows], ignore_index=True
    )
    got = apply_ratchet(drafted, standing, TABLES)
    for (new, old, status), now in zip(rows, got["expected"], strict=True):
        if status != "issued":
            assert (now if isinstance(now, str) else None) == new
        else:
            assert scale.rank(now) == max(
                scale.rank(grade) for grade in (new, old) if grade is not None
            )
    again = differs_from_current(
        apply_ratchet(drafted, got.assign(version=2, carried=""), TABLES),
        got.assign(version=2),
    )
    assert not again.any()


def test_a_provisional_draft_raises_no_issued_target():
    # The department has given 4; Key Stage 2 is information from then on.
    old = row("4", "5", status="issued", method="department")
    got = settled(row("7", "8", status="provisional"), old)
    assert (got["expected"], got["new"]) == ("4", False)


@pytest.mark.parametrize("values", ["3", "7"])
def test_the_first_baseline_replaces_a_provisional_target_up_or_down(values):
    old = row("5", "6", status="provisional", seen=True)
    drafted = row(values, values, method="department", reason="department baseline")
    got = settled(drafted, old)
    assert (got["expected"], got["status"]) == (values, "issued")
    assert got["reason"] == "department baseline, in place of the provisional 5"


def test_a_baseline_before_any_markbook_was_issued_is_a_draft_still():
    old = row("5", "6", status="provisional", seen=False)
    drafted = row("3", "4", method="department", reason="department baseline")
    got = settled(drafted, old)
    assert (got["expected"], got["status"], got["reason"]) == (
        "3", "draft", "department baseline",
    )  # fmt: skip


def lowered(**more):
    """A target that a person lowered from the 6 that was drawn."""
    return row(
        "4", "5", status="issued", method="moderation", drawn_expected="6",
        drawn_aspirational="7", **more,
    )  # fmt: skip


def test_what_a_person_lowered_stays_where_the_same_is_drafted_twice():
    got = settled(row("6", "7"), lowered())
    assert (got["expected"], got["aspirational"], got["new"]) == ("4", "5", False)


def test_what_a_person_lowered_rises_when_what_is_drafted_has_risen():
    got = settled(row("7", "8"), lowered())
    assert (got["expected"], got["aspirational"]) == ("7", "8")
    assert got["reason"] == "raised by a new draft from 4, aspirational from 5"


def test_where_only_the_expected_target_rises_the_aspirational_keeps_up():
    old = row(
        "4", "5", status="issued", method="moderation", drawn_expected="5",
        drawn_aspirational="8",
    )  # fmt: skip
    got = settled(row("7", "8"), old)
    assert (got["expected"], got["aspirational"]) == ("7", "7")
