"""`markbook status`: what it says at each step, and the next thing to do."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta

import pytest

from addin.command import main
from generator import workflow
from generator.corrections import MarkEdit
from generator.school.school import School
from generator.status import StatusReport
from generator.status.next_step import next_step
from generator.status.status_report import CollectionStatus, TargetCounts
from tests.generator.classroom import MATHS, Classroom
from tests.generator.returns.test_merge import A, at

AUTUMN = CollectionStatus(
    "AUT", "Autumn", date(2026, 10, 12), date(2026, 10, 23), "open", classes=4
)
DRAFTS = TargetCounts(10, drafted=10)


@pytest.fixture
def classroom(classroom: Classroom) -> Classroom:
    for path in (classroom.folder / "exports").iterdir():
        stamp = classroom.now.timestamp() - 60
        os.utime(path, (stamp, stamp))
    return classroom


def status(classroom: Classroom) -> StatusReport:
    return workflow.status(classroom.school, now=classroom.now)


def autumn(report: StatusReport) -> CollectionStatus:
    return next(each for each in report.collections if each.code == "AUT")


def test_an_issued_school_waits_for_returns(classroom):
    classroom.now = classroom.now.replace(month=10, day=13)
    report = status(classroom)
    assert report.last_import.who == "office"
    assert report.waiting_exports == ()
    assert report.targets.pupil_subjects == (
        report.targets.issued + report.targets.provisional + report.targets.without
    )
    assert autumn(report).issued == autumn(report).classes == 4
    assert report.next_step.startswith("Wait for the returns of AUT")
    assert len(report.lines()) <= 25


def test_waiting_files_go_first(classroom):
    classroom.send("1.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    report = status(classroom)
    assert report.waiting_returns == ("returned/1.xlsx",)
    assert report.command == "markbook check"
    classroom.collect()
    assert status(classroom).waiting_returns == ()
    assert autumn(status(classroom)).returned == 1
    (classroom.folder / "exports" / "more.csv").write_text("Adno\n1\n")
    report = status(classroom)
    assert report.waiting_exports == ("more.csv",)
    assert report.command == "markbook import"


def test_files_wait_by_their_content_not_their_time(classroom):
    path = next((classroom.folder / "exports").glob("*.csv"))
    report = workflow.import_exports(classroom.school, now=classroom.now, who="office")
    assert report is not None
    late = classroom.now.timestamp() + 9_000_000
    os.utime(path, (late, late))
    assert status(classroom).waiting_exports == ()
    path.write_bytes(path.read_bytes() + b"\n")
    assert status(classroom).waiting_exports == (path.name,)


def test_a_rejected_cell_is_to_be_settled_until_it_is(classroom):
    classroom.send("1.xlsx", filled={(A, "prediction"): "12"}, at=at(1))
    classroom.collect()
    report = status(classroom)
    assert autumn(report).rejected == 1
    assert report.command.startswith("markbook mark AUT")
    edit = MarkEdit(MATHS, A, "prediction", "5", "by telephone")
    workflow.set_mark(classroom.school, "AUT", edit, now=classroom.now, who="Dana")
    report = status(classroom)
    assert autumn(report).rejected == 0
    assert report.corrections == 1


def test_a_changed_class_list_is_to_be_issued(classroom):
    classroom.now += timedelta(days=1)
    members = classroom.folder / "exports" / "memberships.csv"
    lines = members.read_text().splitlines()
    moved = [line for line in lines if line != lines[1]]
    members.write_text("\n".join(moved) + "\n")
    workflow.import_exports(classroom.school, now=classroom.now, who="office")
    stamp = classroom.now.timestamp()
    os.utime(members, (stamp, stamp))
    report = status(classroom)
    assert autumn(report).roster_changes == 1
    assert report.command == "markbook issue AUT"


@pytest.mark.parametrize(
    ("pupils", "targets", "collection", "changes", "command"),
    [
        (0, TargetCounts(), AUTUMN, {}, "markbook import"),
        (9, TargetCounts(), AUTUMN, {"has_exports": True}, "markbook import"),
        (9, TargetCounts(10, without=10), AUTUMN, {}, "markbook targets draft"),
        (9, DRAFTS, AUTUMN, {}, "markbook targets moderate"),
        (9, DRAFTS, AUTUMN, {"moderated": True}, "markbook issue AUT"),
    ],
)
def test_the_next_step(pupils, targets, collection, changes, command):
    state = {
        "has_exports": False,
        "has_returns": False,
        "moderated": False,
        "today": date(2026, 10, 13),
    }
    assert next_step(pupils, targets, [collection], **state | changes)[1] == command


def test_an_empty_school_says_what_to_do_first(tmp_path, now):
    workflow.new(tmp_path / "school", today=now.date())
    report = workflow.status(School.load(tmp_path / "school"), now=now)
    assert report.command == "markbook import"
    assert "Import: none yet." in report.lines()


def test_markbook_alone_in_a_school_and_below_it(classroom, monkeypatch, capsys):
    monkeypatch.chdir(classroom.folder)
    assert main([]) == 0
    assert "Next: " in capsys.readouterr().out
    monkeypatch.chdir(classroom.returned)
    assert main(["status", "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["collections"][0]["code"] == "AUT"
    assert f"School folder: {classroom.folder.resolve()}" in shown.err
    monkeypatch.chdir(classroom.folder.parent)
    main([])
    assert "Commands:" in "".join(capsys.readouterr())
