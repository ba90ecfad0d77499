"""Rule 4, a sentence each: drafts, targets, the ratchet."""

from __future__ import annotations

import pytest

from generator.store.issues import issued_targets
from tests.generator.targets import moderation_office

MATHS, MUSIC = ("000101", "Maths"), ("000106", "Music")


def agree(office, sheet, adno, department="Mathematics", **cells):
    """Agree a target in the department's workbook and apply it."""
    path = office.workbook(department)
    path.unlink(missing_ok=True)
    office.moderate()
    headings = {name.replace("_", " "): value for name, value in cells.items()}
    moderation_office.fill(path, sheet, {adno: headings})
    return office.apply(path)


def test_a_draft_stands_as_the_target_until_a_moderation_is_applied(office):
    here = office()
    row = here.current().loc[MATHS]
    assert (row["expected"], row["status"]) == ("4", "draft")
    assert row["reason"] == "draft, not moderated"
    agree(here, "Y11 Maths", "000101", **{"Agreed expected": "6"})
    row = here.current().loc[MATHS]
    assert (row["expected"], row["status"]) == ("6", "issued")
    assert row["reason"] == "agreed in moderation; raised from 4 and 5"


def test_a_target_is_issued_once_it_has_been_in_an_issued_markbook(office):
    here = office()
    here.issue()
    assert here.target(*MATHS) == ("4", "5", "issued")


def test_a_target_is_issued_once_it_has_been_applied(office):
    here = office()
    agree(here, "Y11 Maths", "000101", **{"Agreed expected": "4"})
    assert here.target(*MATHS) == ("4", "5", "issued")
    assert here.current().loc[MATHS, "reason"] == "agreed in moderation"
    assert here.current().loc[MATHS, "method"] == "transition"


def test_from_then_a_recalculation_can_only_raise_it(office, school):
    here = office()
    here.issue()
    here.school = school(ambition=0.3, aspirational=0.4)
    here.draft()
    assert here.target(*MATHS) == ("4", "5", "issued")
    here.school = school(ambition=0.9, aspirational=0.95)
    assert here.draft().raised > 0
    assert here.target(*MATHS) == ("5", "6", "issued")


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ({}, ["lowered-without-reason", "lowered-without-name"]),
        ({"Reason": "clearly wrong"}, ["lowered-without-name"]),
        ({"By": "ION"}, ["lowered-without-reason"]),
    ],
)
def test_lowering_needs_a_name_and_a_reason(office, cells, codes):
    here = office()
    here.issue()
    report = agree(here, "Y11 Maths", "000101", **{"Agreed expected": "3"}, **cells)
    assert [problem.code for problem in report.problems] == codes
    assert report.exit_status == 1
    assert here.target(*MATHS) == ("4", "5", "issued")


def test_with_both_it_is_lowered_and_stays_so(office, school):
    here = office()
    here.issue()
    report = agree(
        here, "Y11 Maths", "000101",
        **{"Agreed expected": "3", "Reason": "clearly wrong", "By": "ION"},
    )  # fmt: skip
    assert (report.exit_status, report.counts["lowered"]) == (0, 1)
    row = here.current().loc[MATHS]
    assert (row["expected"], row["aspirational"], row["set_by"]) == ("3", "5", "ION")
    assert row["reason"] == "clearly wrong; lowered from 4 and 5"
    assert row["provenance"].startswith(
        "Mathematics.xlsx Y11 Maths!X7, applied by HAR; before: Mathematics, 2022/23"
    )
    here.draft()
    assert here.target(*MATHS)[0] == "3"
    # Only where what is drawn rises does it rise again.
    here.school = school(ambition=0.9, aspirational=0.95)
    here.draft()
    assert here.target(*MATHS)[0] == "5"


def test_a_provisional_draft_stays_provisional_when_issued(office):
    here = office()
    here.issue()
    assert here.target(*MUSIC)[2] == "provisional"


@pytest.mark.parametrize("given", ["3", "9"])
def test_the_departments_first_baseline_replaces_it_up_or_down(office, given):
    here = office()
    here.issue()
    provisional = here.target(*MUSIC)[0]
    with here.store.begin() as connection:
        moderation_office.put_indicators(
            connection, "Music baseline", {"000106": given}
        )
    here.draft()
    row = here.current().loc[MUSIC]
    assert (row["expected"], row["status"]) == (given, "issued")
    assert row["reason"] == (
        f"department baseline, in place of the provisional {provisional}"
    )
    assert (row["method"], row["score"]) == ("department", given)


@pytest.mark.parametrize("given", ["3", "9"])
def test_so_does_a_baseline_agreed_in_moderation_without_further_reason(office, given):
    here = office()
    here.issue()
    provisional = here.target(*MUSIC)[0]
    report = agree(
        here, "Y7 Music", "000106", "Performing Arts", **{"Agreed expected": given}
    )
    assert (report.exit_status, report.counts["baseline"]) == (0, 1)
    row = here.current().loc[MUSIC]
    assert (row["expected"], row["status"], row["method"]) == (
        given, "issued", "department",
    )  # fmt: skip
    assert row["reason"] == (
        f"department baseline; in place of the provisional {provisional}"
    )


def test_the_ratchet_starts_there(office):
    here = office()
    here.issue()
    agree(here, "Y7 Music", "000106", "Performing Arts", **{"Agreed expected": "3"})
    with here.store.begin() as connection:
        moderation_office.put_indicators(connection, "Music baseline", {"000106": "2"})
    here.draft()
    assert here.target(*MUSIC)[0] == "3"
    here.draft()  # nor does Key Stage 2, which is information, raise it
    assert here.target(*MUSIC)[0] == "3"


def test_targets_status_is_empty_where_there_is_no_target(office):
    assert office().target("000104", "Maths") == (None, None, "")


def test_each_collection_keeps_the_targets_it_was_issued_with(office):
    here = office()
    here.issue()
    agree(here, "Y11 Maths", "000101", **{"Agreed expected": "8"})
    with here.store.begin() as connection:
        kept = issued_targets(connection, "C0932").set_index(["adno", "subject"])
    assert kept.loc[MATHS, "target"] == "4"


def test_history_and_ratchet_carry_over_to_what_follows(office, school, enrol):
    here = office(ambition=0.5)
    here.issue()
    science = here.target("000106", "Science")
    with here.store.begin() as connection:
        enrol(connection, "10/Sc1", "Combined Science", 10, ["000106"], "2029/30")
    here.school = school({"school": {"academic_year": "2029/30"}}, ambition=0.2)
    here.draft()
    assert here.target("000106", "Combined Science") == science
    row = here.current().loc[("000106", "Combined Science")]
    assert row["reason"] == "carried over from Science"
    told = here.versions()
    assert set(told.loc[told["adno"] == "000106", "subject"]) >= {
        "Science", "Combined Science",
    }  # fmt: skip
