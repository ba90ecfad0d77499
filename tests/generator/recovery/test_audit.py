"""The audit holds, or says where it breaks; another copy of the store is noticed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from generator.store.store_facts import LAST_SEEN

STORE = "markbooks.sqlite"


@pytest.fixture
def audited(classroom, markbook):
    """A school folder in which a return was collected."""
    classroom.send("a.xlsx", filled={("000101", "prediction"): "5"})
    assert markbook(classroom.folder, "collect")[0] == 0
    return classroom.folder


def edit(folder, statement):
    with closing(sqlite3.connect(folder / STORE)) as database, database:
        database.execute(statement)


def entries(folder):
    with closing(sqlite3.connect(folder / STORE)) as database:
        query = "SELECT command, what FROM audit ORDER BY number"
        return database.execute(query).fetchall()


def test_what_changes_or_hands_out_anything_is_an_entry(audited, markbook, tmp_path):
    markbook(audited, "chase")
    markbook(audited, "check")
    out = tmp_path / "marks.csv"
    assert markbook(audited, "export", "marks", "--out", str(out))[0] == 0
    assert entries(audited)[-4:] == [
        ("collect", "begun"),
        ("collect", "done"),
        ("export", "table marks"),
        ("export", "handed out"),
    ]
    assert ("issue", "done") in entries(audited)
    status, printed = markbook(audited, "audit", "verify")
    assert (status, "The audit holds" in printed) == (0, True)


def test_changed_settings_are_an_entry(audited, markbook):
    path = audited / "school.toml"
    path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
    markbook(audited, "issue")
    assert entries(audited).count(("settings", "changed")) == 1


TAMPERING = {
    "UPDATE audit SET who = 'nobody' WHERE number = 4": "Entry 4 ",
    "UPDATE audit SET at = '2020-01-01T00:00:00' WHERE number = 2": "Entry 2 ",
    "DELETE FROM audit WHERE number = 3": "Entry 3 is missing",
    "DELETE FROM audit WHERE number IN (1, 2)": "Entries 1 to 2 are missing",
    "UPDATE audit SET key_id = 'ffffffff' WHERE number = 3": "Entry 3 ",
    "DELETE FROM settings WHERE name = 'store.audit'": "names as the last",
}


@pytest.mark.parametrize("statement", TAMPERING)
def test_tampering_is_said_with_its_place(audited, markbook, statement):
    (audited / LAST_SEEN).unlink()
    edit(audited, statement)
    status, printed = markbook(audited, "audit", "verify")
    assert status == 1
    assert "does not hold" in printed
    assert TAMPERING[statement] in printed


def test_an_end_cut_off_is_noticed(audited, markbook):
    number = len(entries(audited))
    edit(audited, f"DELETE FROM audit WHERE number = {number}")
    status, printed = markbook(audited, "audit", "verify")
    assert (status, "is an older copy" in printed) == (2, True)
    (audited / LAST_SEEN).unlink()
    status, printed = markbook(audited, "audit", "verify")
    assert (status, f"Entry {number} is missing" in printed) == (1, True)


def test_entries_of_a_lost_key_are_counted_and_not_believed(audited, markbook):
    (audited / ".markbooks-key").unlink()
    assert markbook(audited, "key", "renew", "--why", "lost")[0] == 0
    status, printed = markbook(audited, "audit", "verify")
    assert (status, "signed by a key that is not here" in printed) == (0, True)
    assert entries(audited)[-1][0] == "renew_key"


def test_an_older_copy_put_back_is_refused(audited, markbook, tmp_path, classroom):
    older = shutil.copy(audited / STORE, tmp_path / "older.sqlite")
    classroom.send("b.xlsx", filled={("000102", "prediction"): "6"})
    assert markbook(audited, "collect")[0] == 0
    shutil.copy(older, audited / STORE)
    before = (audited / STORE).read_bytes()
    status, printed = markbook(audited, "collect")
    assert status == 2
    assert "is an older copy" in printed
    assert (audited / STORE).read_bytes() == before
    (audited / LAST_SEEN).unlink()
    assert markbook(audited, "collect")[0] == 0
    assert classroom.maths("000102") == "6"


def test_two_copies_that_have_both_collected_are_told_apart(
    audited, markbook, tmp_path, classroom
):
    copy = tmp_path / "laptop"
    shutil.copytree(audited, copy)
    classroom.send("b.xlsx", filled={("000102", "prediction"): "6"})
    assert markbook(audited, "collect", today="2026-10-15")[0] == 0
    assert markbook(copy, "collect", today="2026-10-16")[0] == 0
    shutil.copy(copy / STORE, audited / STORE)
    for command in ("collect", "issue", "pack", "chase"):
        status, printed = markbook(audited, command, today="2026-10-17")
        assert status == 2
        assert "another copy of the school's, which went its own way" in printed


def test_a_clock_that_went_back_breaks_nothing(audited, markbook, classroom):
    classroom.send("b.xlsx", filled={("000102", "prediction"): "6"})
    assert markbook(audited, "collect", today="2026-10-12")[0] == 0
    assert classroom.maths("000102") == "6"
    assert markbook(audited, "audit", "verify", today="2026-10-12")[0] == 0
    assert markbook(audited, "backup", today="2026-10-12")[0] == 0


@pytest.mark.parametrize("delay", [0.3, 0.5, 0.7, 0.9, 1.1, 1.4])
def test_killed_anywhere_the_audit_holds(classroom, markbook, delay):
    for number in range(20):
        adno = f"0001{number % 9 + 1:02}"
        at = classroom.now.replace(second=number)
        filled = {(adno, "comment"): f"Said {number}"}
        classroom.send(f"{number}.xlsx", filled=filled, at=at)
    words = ["collect", "--school", str(classroom.folder), "--today", "2026-10-14"]
    process = subprocess.Popen(
        [sys.executable, "-m", "addin.command", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    status, printed = markbook(classroom.folder, "audit", "verify")
    assert status == 0, printed
    assert "The audit holds" in printed
    begun = entries(classroom.folder).count(("collect", "begun"))
    done = entries(classroom.folder).count(("collect", "done"))
    assert ("`collect` of" in printed and "did not end" in printed) == (begun > done)
    assert markbook(classroom.folder, "collect")[0] == 0
