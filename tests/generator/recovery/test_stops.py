"""A command that has to stop says what is stored, and ends with 1 if anything is."""

from __future__ import annotations

import json
import sqlite3

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from generator.store import engine
from generator.store.engine import Store


def send_three(classroom):
    for number, adno in enumerate(("000101", "000102", "000103")):
        filled = {(adno, "prediction"): "5"}
        at = classroom.now.replace(minute=number)
        classroom.send(f"{number}.xlsx", filled=filled, at=at)


@pytest.fixture
def hold_before(classroom, monkeypatch):
    """Let another program hold the store before the transaction of that number."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    begin = Store.begin_in_background
    holders = []

    def hold(number):
        def begin_in_background(self):
            hold.calls += 1
            if hold.calls == number:
                self.wait_for_commit()
                holder = sqlite3.connect(classroom.folder / "markbooks.sqlite")
                holder.execute("BEGIN EXCLUSIVE")
                holders.append(holder)
            return begin(self)

        hold.calls = 0
        monkeypatch.setattr(Store, "begin_in_background", begin_in_background)

    yield hold
    for holder in holders:
        holder.close()


@pytest.mark.parametrize(("number", "stored"), [(2, 1), (3, 2), (4, 3)])
def test_a_store_held_by_another_program_in_mid_collect(
    classroom, markbook, hold_before, monkeypatch, number, stored
):
    send_three(classroom)
    hold_before(number)
    status, printed = markbook(classroom.folder, "collect")
    assert status == 1
    returns = "return is" if stored == 1 else "returns are"
    assert f"Stopped before the end. {stored} {returns} stored." in printed
    assert "is in use by another Markbooks or program" in printed
    monkeypatch.undo()


def test_held_from_the_start_nothing_is_stored(classroom, markbook, hold_before):
    send_three(classroom)
    hold_before(1)
    status, printed = markbook(classroom.folder, "collect")
    assert status == 2
    assert "is in use by another Markbooks or program" in printed
    assert "Stopped before the end" not in printed


def test_the_rest_is_collected_by_the_next_run(classroom, markbook, hold_before):
    send_three(classroom)
    hold_before(3)
    status, printed = markbook(classroom.folder, "collect", "--json")
    report = json.loads(printed[: printed.rindex("}") + 1])
    assert (status, report["files"]["merged"]) == (1, 2)
    assert "in use" in report["error"]["what"]


def test_a_return_whose_commit_fails_is_not_counted(classroom, markbook, monkeypatch):
    send_three(classroom)
    commits = []

    def fail(_connection):
        commits.append(1)
        if len(commits) == 2:
            error = sqlite3.OperationalError("disk I/O error")
            raise OperationalError("COMMIT", {}, error)

    begin = Store.begin_in_background

    def begin_in_background(self):
        if not event.contains(self.engine, "commit", fail):
            event.listen(self.engine, "commit", fail)
        return begin(self)

    monkeypatch.setattr(Store, "begin_in_background", begin_in_background)
    status, printed = markbook(classroom.folder, "collect")
    assert status == 1, printed
    assert "1 return is stored" in printed
    monkeypatch.undo()
    predictions = [v for key, v in classroom.marks().items() if "prediction" in key]
    assert predictions == ["5"]
    assert markbook(classroom.folder, "collect")[0] == 0
    assert classroom.maths("000103") == "5"


def test_ctrl_c_in_mid_collect_says_what_is_stored(classroom, markbook, monkeypatch):
    send_three(classroom)
    begin, calls = Store.begin_in_background, []

    def begin_in_background(self):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return begin(self)

    monkeypatch.setattr(Store, "begin_in_background", begin_in_background)
    status, printed = markbook(classroom.folder, "collect")
    assert status == 1
    assert "2 returns are stored. Interrupted." in printed
