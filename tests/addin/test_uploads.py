"""Trays of the pane: what was dropped and is not merged yet."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from addin.server_session import SESSION
from addin.uploads import Uploads
from generator import workflow
from generator.school.school import School
from udfs.errors import MarkbookError

REPORT = SimpleNamespace(json=lambda: {"problems": [], "returns": []}, lines=list)


@pytest.fixture
def trays(tmp_path, monkeypatch):
    folder = workflow.new(tmp_path / "school", today=date(2026, 10, 1))
    assert folder
    monkeypatch.setattr(SESSION, "school", School.load(tmp_path / "school"))
    made = Uploads()
    yield made
    made.close()


def test_a_merge_that_met_a_busy_store_is_asked_for_again(trays, monkeypatch):
    asked = []

    def collect(school, *, paths, **_):
        asked.append([sorted(p.name for p in path.iterdir()) for path in paths])
        if len(asked) == 1:
            raise MarkbookError("The store is in use.", "Try again.")
        return REPORT

    monkeypatch.setattr(workflow, "collect", collect)
    tray = trays.new()
    trays.put(tray, "one.xlsx", b"1")
    with pytest.raises(MarkbookError, match="in use"):
        trays.merge(tray, lambda *_: None)
    trays.check(tray, lambda *_: None)
    monkeypatch.setattr(SESSION, "today", date(2026, 10, 2))
    trays.put(tray, "one.xlsx", b"2")  # another of its name
    trays.merge(tray, lambda *_: None)
    assert asked == [
        [["one.xlsx"]],
        [[], ["one.xlsx"]],
        [["one.xlsx"], ["one.xlsx"]],
    ]
    kept = SESSION.current_school().returned.rglob("*.xlsx")
    assert {path.read_bytes() for path in kept} == {b"1", b"2"}


def test_an_empty_tray_is_not_merged(trays):
    with pytest.raises(MarkbookError, match="No file is there to merge"):
        trays.merge(trays.new(), lambda *_: None)
