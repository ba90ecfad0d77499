"""Uploads of the task pane that are not merged yet."""

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
def uploads(tmp_path, monkeypatch):
    folder = workflow.new(tmp_path / "school", today=date(2026, 10, 1))
    assert folder
    monkeypatch.setattr(SESSION, "school", School.load(tmp_path / "school"))
    uploads = Uploads(tmp_path / "uploads-1")
    yield uploads
    uploads.close()


def test_a_merge_that_meets_a_busy_store_can_be_repeated(uploads, monkeypatch):
    calls = []

    def collect(school, *, paths, **_):
        calls.append([sorted(p.name for p in path.iterdir()) for path in paths])
        if len(calls) == 1:
            raise MarkbookError("The store is in use.", "Try again.")
        return REPORT

    monkeypatch.setattr(workflow, "collect", collect)
    batch = uploads.create()
    uploads.add(batch, "one.xlsx", b"1")
    with pytest.raises(MarkbookError, match="in use"):
        uploads.merge(batch, lambda *_: None)
    uploads.check(batch, lambda *_: None)
    monkeypatch.setattr(SESSION, "today", date(2026, 10, 2))
    uploads.add(batch, "one.xlsx", b"2")  # a second file of that name
    uploads.merge(batch, lambda *_: None)
    assert calls == [
        [["one.xlsx"]],
        [[], ["one.xlsx"]],
        [["one.xlsx"], ["one.xlsx"]],
    ]
    returned = SESSION.current_school().returned.rglob("*.xlsx")
    assert {path.read_bytes() for path in returned} == {b"1", b"2"}


def test_an_empty_tray_is_not_merged(uploads):
    with pytest.raises(MarkbookError, match="No file is there to merge"):
        uploads.merge(uploads.create(), lambda *_: None)
