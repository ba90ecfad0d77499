from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from generator.context import Context
from generator.school.school_tables import school_tables
from generator.store import schema, targets
from generator.targets import draft, history
from udfs.errors import MarkbookError


@pytest.fixture
def drafting(store, school, now):
    """Draft, with the school's `[targets]`, in a transaction of its own."""

    def run(who="Ann", more=None, **settings):
        tested = school(more, **settings)
        context = Context(tested, school_tables(tested), store, now, who)
        with store.begin() as connection:
            return draft(connection, context)

    return run


@pytest.fixture
def current(store):
    def read():
        with store.begin() as connection:
            frame = targets.current_targets(connection)
        return frame.set_index(["adno", "subject"])

    return read


def test_every_pupil_and_subject_has_a_draft_or_a_reason(drafting, current):
    report = drafting()
    assert report.json() | {"problems": []} == {
        "pupil_subjects": 13,
        "drafts": 8,
        "provisional": 1,
        "without": 5,
        "written": 13,
        "raised": 0,
        "reasons": {
            "no KS2 scores": 3,
            "no national table for Health and Social Care": 1,
            "unknown subject Weaving": 1,
        },
        "problems": [],
    }
    got = current()
    assert got["reason"].ne("").all()
    assert got["status"].value_counts().to_dict() == {
        "draft": 7, "": 5, "provisional": 1,
    }  # fmt: skip
    assert (got["set_by"] == "Ann").all()
    assert (got["set_at"] == "2026-10-14T09:30:00").all()
    assert (got["academic_year"] == "2026/27").all()
    assert (got["version"] == 1).all()


def test_a_class_in_both_englishes_gives_two_targets(drafting, current):
    drafting()
    subjects = {subject for adno, subject in current().index if adno == "000101"}
    assert subjects == {
        "Maths", "English Language", "English Literature", "Health and Social Care",
    }  # fmt: skip


def test_a_pupil_who_left_keeps_the_draft(drafting, current):
    drafting()
    assert current().loc[("000103", "Maths"), "expected"] == "2"


def test_a_subject_keeps_the_schools_own_name(drafting, current):
    drafting()
    row = current().loc[("000101", "Maths")]
    assert row["provenance"].startswith("Mathematics, 2022/23 and 2023/24; maths 102;")


def test_what_needs_a_look_is_reported_once(drafting):
    problems = drafting().problems
    assert [(p.severity, p.code, p.value, p.adno) for p in problems] == [
        ("warning", "subject-not-known", "Weaving", ""),
        ("warning", "score-not-known", "PK3", "000105"),
    ]
    assert "000105" in problems[1].what
    assert drafting().exit_status == 0


def test_an_unknown_scale_needs_a_person(drafting, current):
    more = {"subjects": [{"name": "Maths", "scale": "gsce"}]}
    report = drafting(more=more)
    assert report.exit_status == 1
    assert [p.code for p in report.problems if p.severity == "error"] == [
        "scale-not-known"
    ]
    assert (
        current().loc[("000101", "Maths"), "reason"] == "unknown scale gsce for Maths"
    )
    assert current().loc[("000101", "English Language"), "expected"] is not None


def test_drafting_again_writes_nothing(drafting, current):
    drafting()
    before = current()
    again = drafting(who="Bea")
    assert (again.written, again.drafts) == (0, 8)
    assert current().equals(before)
    assert "Nothing has changed since the last time." in again.lines()


def test_a_changed_score_is_a_new_version_of_that_pupils_alone(
    drafting, current, store
):
    drafting()
    with store.begin() as connection:
        connection.execute(
            update(schema.pupils)
            .where(schema.pupils.c.adno == "000104")
            .values(ks2_maths="104")
        )
    report = drafting(who="Bea")
    assert (report.written, report.drafts, report.without) == (3, 11, 2)
    changed = current()[current()["version"] == 2]
    assert set(changed.index) == {
        ("000104", "Maths"), ("000104", "English Language"),
        ("000104", "English Literature"),
    }  # fmt: skip
    assert (changed["set_by"] == "Bea").all()


def issue_all(store, current, now):
    pairs = list(current().index)
    with store.begin() as connection:
        return targets.mark_targets_issued(connection, pairs, now, "Cat")


def test_drafts_are_issued_and_provisional_ones_stay_so(drafting, current, store, now):
    drafting()
    before = current()
    assert issue_all(store, current, now + timedelta(days=1)) == 7
    assert issue_all(store, current, now + timedelta(days=2)) == 0
    got = current()
    assert got.loc[("000106", "Music"), ["status", "version"]].tolist() == [
        "provisional", 1,
    ]  # fmt: skip
    assert got.loc[("000104", "Maths"), ["status", "version"]].tolist() == ["", 1]
    issued = got.loc[("000101", "Maths")]
    assert (issued["status"], issued["version"]) == ("issued", 2)
    assert (issued["set_by"], issued["set_at"]) == ("Cat", "2026-10-15T09:30:00")
    kept = ["expected", "aspirational", "reason", "provenance", "pupils_behind_it"]
    assert got.loc[("000101", "Maths"), kept].tolist() == (
        before.loc[("000101", "Maths"), kept].tolist()
    )


def test_once_issued_a_target_only_rises(drafting, current, store, now):
    drafting()
    issue_all(store, current, now)
    first = current()
    low = drafting(ambition=0.3, aspirational=0.5)
    assert (low.raised, low.written) == (0, 1)  # the provisional one goes down
    assert (
        current()["expected"]
        .drop(("000106", "Music"))
        .equals(first["expected"].drop(("000106", "Music")))
    )
    high = drafting(ambition=0.85, aspirational=0.95)
    assert high.raised == 7
    raised = current().loc[("000101", "Maths")]
    assert (raised["status"], raised["version"]) == ("issued", 3)
    assert raised["reason"].startswith("raised by a new draft from ")
    assert drafting(ambition=0.85, aspirational=0.95).written == 0


def test_key_stage_3_carries_over_when_the_year_turns(
    drafting, current, store, now, enrol
):
    drafting(ambition=0.9, aspirational=0.95)
    issue_all(store, current, now)
    before = current().loc[("000106", "Science")]
    with store.begin() as connection:
        enrol(connection, "10/Sc1", "Combined Science", 10, ["000106"], "2029/30")
        enrol(connection, "10/Ph1", "Physics", 10, ["000106"], "2029/30")
    report = drafting(
        more={"school": {"academic_year": "2029/30"}}, ambition=0.2, aspirational=0.3
    )
    assert (report.pupil_subjects, report.written) == (2, 2)
    got = current()
    combined = got.loc[("000106", "Combined Science")]
    assert (combined["expected"], combined["status"], combined["version"]) == (
        before["expected"], "issued", 1,
    )  # fmt: skip
    assert combined["reason"] == "carried over from Science"
    assert combined["academic_year"] == "2029/30"
    assert got.loc[("000106", "Physics"), "expected"] == before["expected"][0]
    again = drafting(
        more={"school": {"academic_year": "2029/30"}}, ambition=0.2, aspirational=0.3
    )
    assert again.written == 0


def test_fine_targets_on_no_fine_scale_are_reported(drafting):
    assert "no-scale-with-thirds" in [p.code for p in drafting(fine=True).problems]
    more = {"subjects": [{"name": "Maths", "scale": "gcse_fine"}]}
    assert "no-scale-with-thirds" not in [
        p.code for p in drafting(more=more, fine=True).problems
    ]


def test_a_subject_on_the_fine_scale_has_fine_targets(drafting, current):
    more = {"subjects": [{"name": "Maths", "scale": "gcse_fine"}]}
    drafting(more=more, ambition=0.5, aspirational=0.75, years=["2023/24"])
    drawn = current().loc[("000101", "Maths"), ["expected", "aspirational"]]
    assert drawn.tolist() == ["4-", "5-"]


def test_an_empty_store_has_nothing_to_draft(tmp_path, school, now):
    from generator.store.engine import Store

    empty = Store.open(tmp_path, "sqlite:///empty.sqlite")
    tested = school()
    context = Context(tested, school_tables(tested), empty, now, "Ann")
    with empty.begin() as connection:
        report = draft(connection, context)
    empty.close()
    assert (report.pupil_subjects, report.written, report.problems) == (0, 0, ())


def test_the_report_says_what_was_done(drafting):
    assert drafting().lines()[:5] == [
        "13 pupil–subjects: 8 drafts (1 of them provisional) and 5 without.",
        "  3 no KS2 scores",
        "  1 no national table for Health and Social Care",
        "  1 unknown subject Weaving",
        "13 new versions were written.",
    ]


def test_the_history_tells_who_when_why_and_from_what(drafting, current, store, now):
    drafting()
    issue_all(store, current, now + timedelta(days=1))
    drafting(who="Bea", ambition=0.85, aspirational=0.85)
    with store.begin() as connection:
        told = history(connection, "000102")
    assert [v["version"] for v in told.versions] == [1, 2, 3, 1]
    assert told.json()["adno"] == "000102"
    came_from = (
        "From Mathematics, 2022/23 and 2023/24; reading 97; {figures}; no maths score, "
        "reading stands in; an approximation: the bands are of the mean of both tests."
    )
    first = came_from.format(figures="43 % of 111,554 pupils in 96 - 99.5 reached 4")
    assert told.lines()[:3] == [
        "Maths",
        "  1. 2026-10-14 09:30:00 Ann: 4, aspirational 4 (draft); draft, not "
        f"moderated; no maths score, reading stands in. {first}",
        "  2. 2026-10-15 09:30:00 Cat: 4, aspirational 4 (issued); draft, not "
        f"moderated; no maths score, reading stands in. {first}",
    ]
    assert told.lines()[3].startswith(
        "  3. 2026-10-14 09:30:00 Bea: 5, aspirational 5 (issued); raised by a new "
        "draft from 4, aspirational from 4. From Mathematics, 2022/23 and 2023/24; "
        "reading 97; 16 % of "
    )
    assert told.lines()[4:] == [
        "Weaving",
        "  1. 2026-10-14 09:30:00 Ann: none; unknown subject Weaving.",
    ]


def test_the_history_of_nobody_is_refused_with_advice(store):
    with (
        store.begin() as connection,
        pytest.raises(MarkbookError, match="leading zeros"),
    ):
        history(connection, "101")


def test_issuing_nothing_changes_nothing(drafting, store, now):
    drafting()
    with store.begin() as connection:
        assert targets.mark_targets_issued(connection, [], now, "Cat") == 0
        assert (
            targets.mark_targets_issued(connection, [("?", "Maths")], now, "Cat") == 0
        )
        assert len(targets.target_versions(connection)) == 13


def test_where_there_is_no_target_it_is_missing_and_never_a_word(drafting, current):
    drafting()
    row = current().loc[("000104", "Maths")]
    assert row[["expected", "aspirational"]].tolist() == [None, None]
    assert row["status"] == ""
