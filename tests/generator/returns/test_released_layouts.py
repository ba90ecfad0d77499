"""Returns of every released layout are collected, whatever the program issues now.

Each folder of `tests/layouts` is a school as a released version left it: its settings,
key and store, returns that were filled in, and the marks, problems and exports of
collecting them with that version.
"""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from generator import workflow
from generator.context import Context
from generator.markbook import layout
from generator.returns import identify
from generator.returns.collect import collect
from generator.returns.collect_report import CollectReport
from generator.school.key_file import KEY_FILE
from generator.school.school import School
from generator.school.school_tables import school_tables
from generator.store.engine import Store
from tests.generator.classroom import MATHS, Classroom

LAYOUTS = Path(__file__).parents[2] / "layouts"
RETURNED_AT = datetime(2026, 10, 15, 9, 30)
NOW = datetime(2026, 10, 16, 9, 0)


@pytest.fixture(params=sorted(path.name for path in LAYOUTS.iterdir()))
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A school folder as a released version left it."""
    folder = tmp_path / "school"
    shutil.copytree(LAYOUTS / request.param, folder)
    (folder / "key.txt").rename(folder / KEY_FILE)
    database = sqlite3.connect(folder / "markbooks.sqlite")
    database.executescript((folder / "store.sql").read_text("utf-8"))
    database.close()
    for path in (folder / "returned").iterdir():
        os.utime(path, (RETURNED_AT.timestamp(),) * 2)
    return folder


def collect_all(folder: Path) -> tuple[CollectReport, list[list[str]]]:
    """Collect the inbox; the report, and every mark that is then stored."""
    school = School.load(folder)
    store = Store.open(folder, school.settings.school.database)
    try:
        context = Context(school, school_tables(school), store, NOW, "office")
        report = collect(context, [folder / "returned"])
    finally:
        store.close()
    database = sqlite3.connect(folder / "markbooks.sqlite")
    marks = database.execute(
        "SELECT collection, adno, subject, field, value FROM marks ORDER BY 1, 2, 3, 4"
    ).fetchall()
    database.close()
    return report, [list(mark) for mark in marks]


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_returns_merge_as_they_did_in_their_own_version(released: Path) -> None:
    report, marks = collect_all(released)
    assert report.files["merged"] == report.files["found"] > 0
    assert marks == table(released / "marks.csv")
    problems = sorted([p.file, p.cell, p.code] for p in report.problems)
    assert problems == table(released / "problems.csv")


def test_its_store_exports_the_tables_of_its_own_version(released: Path) -> None:
    collect_all(released)
    school = School.load(released)
    expected = sorted((released / "exports").iterdir())
    assert len(expected) > 5
    for path in expected:
        out = released / "out" / path.name
        workflow.export(school, path.stem, out=out, now=NOW)
        before = pd.read_csv(path, dtype=str, keep_default_na=False)
        after = pd.read_csv(out, dtype=str, keep_default_na=False)
        # Columns may be added; those that there were are as they were, in their order.
        kept = [name for name in after.columns if name in before.columns]
        assert kept == [*before.columns], path.name
        assert after[kept].equals(before), path.name


def test_returns_merge_after_a_later_version_has_changed_its_layout(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = identify._layout_number(layout.SCHEMA)
    monkeypatch.setattr(identify, "SCHEMA", f"markbook-{number + 1}")
    for field in layout.ENTRY_HEADINGS:
        monkeypatch.setitem(layout.ENTRY_HEADINGS, field, f"New {field}")
    _, marks = collect_all(released)
    assert marks == table(released / "marks.csv")


def test_a_markbook_is_read_by_the_headings_it_was_issued_with(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(layout.ENTRY_HEADINGS, "prediction", "Forecast")
    classroom.issue_again(MATHS)
    data = classroom.issued(MATHS)
    monkeypatch.undo()
    classroom.send("a.xlsx", data=data, filled={("000101", "Forecast"): "6"})
    assert classroom.collect().files["merged"] == 1
    assert classroom.maths("000101") == "6"


def test_a_markbook_of_a_later_layout_is_refused(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identify, "SCHEMA", "markbook-0")
    classroom.send("a.xlsx", filled={("000101", "prediction"): "6"})
    (problem,) = classroom.collect().problems
    assert problem.code == "other-layout"
    assert "markbook-1" in problem.what
