"""An import taken back: all of it, or nothing where something stands on it."""

from __future__ import annotations

import csv
import json
from datetime import timedelta

import pytest

from addin.command import main
from generator import workflow
from tests.generator.classroom import Classroom
from udfs.errors import MarkbookError

ROSTER = ("pupils", "classes", "memberships", "staff", "roles", "indicators")


def add_pupil(classroom: Classroom) -> None:
    """Import a pupil more, in a class more."""
    classroom.now += timedelta(hours=1)
    exports = classroom.folder / "exports"
    with (exports / "pupils.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    new = {**rows[-1], "Adno": "000900", "UPN": "", "Surname": "Marsh"}
    with (exports / "pupils.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows, new])
    (exports / "more.csv").write_text(
        "Class,Subject,Year,Teacher\n10z/Ma9,Mathematics,10,COH\n"
    )
    (exports / "more-members.csv").write_text("Class,Adno\n10z/Ma9,000900\n")
    names = ("pupils.csv", "more.csv", "more-members.csv")
    workflow.import_exports(
        classroom.school,
        [exports / name for name in names],
        now=classroom.now,
        who="office",
    )


def last_import(classroom: Classroom) -> str:
    report = workflow.imports(classroom.school, now=classroom.now)
    return report.json()["imports"][-1]["id"]


def undo(classroom: Classroom, name: str) -> list[str]:
    report = workflow.undo(classroom.school, name, now=classroom.now, who="Dana")
    return report.lines()


def test_an_import_is_undone_row_by_row(classroom):
    before = {name: classroom.dump()[name] for name in ROSTER}
    add_pupil(classroom)
    assert {name: classroom.dump()[name] for name in ROSTER} != before
    name = last_import(classroom)
    assert name.startswith("I")
    assert "more.csv" in undo(classroom, name)[0]
    assert {name: classroom.dump()[name] for name in ROSTER} == before
    assert "was undone on" in undo(classroom, name)[0]


def test_nothing_is_undone_where_something_stands_on_it(classroom):
    add_pupil(classroom)
    name = last_import(classroom)
    workflow.issue(classroom.school, "AUT", now=classroom.now, who="office")
    before = classroom.dump()
    with pytest.raises(MarkbookError, match="cannot be taken back"):
        undo(classroom, name)
    assert classroom.dump() == before
    with pytest.raises(MarkbookError, match="There is no import I99"):
        undo(classroom, "I99")


def test_a_later_change_of_a_row_is_named(classroom):
    add_pupil(classroom)
    name = last_import(classroom)
    workflow.move_pupil(
        classroom.school, "900", "10z/Ma9", "10x/Ma1", now=classroom.now, who="Dana"
    )
    with pytest.raises(MarkbookError, match="of memberships has changed since"):
        undo(classroom, name)
    undo(classroom, "K1")
    undo(classroom, name)
    assert "000900" not in set(classroom.frame("pupils")["adno"])


def test_the_commands(classroom, capsys):
    add_pupil(classroom)
    where = ["--school", str(classroom.folder), "--json"]
    assert main(["imports", *where]) == 0
    last = json.loads(capsys.readouterr().out)["imports"][-1]
    assert last["who"] == "office" and last["rows"] >= 2
    assert main(["undo", last["id"], *where]) == 0
    assert json.loads(capsys.readouterr().out)["undone"] == last["id"]
