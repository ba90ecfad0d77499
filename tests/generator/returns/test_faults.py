"""Failures during a collection leave nothing partial and lose nothing acknowledged."""

from __future__ import annotations

import ctypes
import errno
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from generator import files
from generator.store import engine
from generator.store.engine import StoreError
from tests.generator.classroom import ENGLISH, LANGUAGE, MATHS, Classroom
from tests.generator.returns.test_collect import MA2, adds_up
from tests.generator.returns.test_merge import A, B, at

KILLS = int(os.environ.get("MARKBOOK_KILLS", "5"))
JUNK = 2_000
_COLLECT = """
import sys
from datetime import datetime
from pathlib import Path
from generator import workflow
from generator.school.school import School
print("ready", flush=True)
workflow.collect(
    School.load(Path(sys.argv[1])), now=datetime(2026, 10, 14, 12), who="office",
    progress=lambda done, total, what: print(done, what, flush=True),
)
print("done", flush=True)
"""


def three_returns(classroom: Classroom) -> None:
    classroom.send("1.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.send("2.xlsx", MA2, {("000110", "prediction"): "6"}, at=at(2))
    classroom.send(
        "3.xlsx", ENGLISH, {("000104", "effort"): "1"}, sheet=LANGUAGE, at=at(3)
    )


def is_whole(classroom: Classroom) -> None:
    """Every merged return has all of its values, and no other has any."""
    returns = classroom.frame("returns")
    history = classroom.frame("history")
    for return_id, new in zip(returns["return_id"], returns["new"], strict=True):
        assert (history["return_id"] == return_id).sum() == new
    assert set(history["return_id"]) <= set(returns["return_id"])
    assert len(classroom.marks()) == len(history)
    for path in classroom.folder.rglob("*.xlsx"):
        assert path.name.startswith(".") or path.stat().st_size


def test_killed_anywhere_nothing_is_partial_and_the_next_run_completes_it(
    classroom: Classroom,
) -> None:
    three_returns(classroom)
    dice = random.Random(5)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", _COLLECT, str(classroom.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        time.sleep(dice.uniform(0, 0.8))
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
        process.wait()
        process.stdout.close()
        is_whole(classroom)
    report = classroom.collect()
    assert adds_up(report)
    assert report.files["rejected"] == 0
    assert classroom.maths(A) == "5"
    assert len(classroom.marks()) == len(classroom.history()) == 3
    before = classroom.dump()
    classroom.collect()
    assert classroom.dump() == before


def test_a_full_disk_costs_the_copies_and_no_mark(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom.send(
        "a.xlsx", filled={(A, "prediction"): "5", (B, "prediction"): "Z"}, at=at(1)
    )

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    report = classroom.collect()
    monkeypatch.undo()
    assert classroom.maths(A) == "5"
    assert any("No space left" in line for line in report.lines())
    assert not list(classroom.folder.rglob("*.tmp"))
    assert not (classroom.folder / "checked/AUT/report.xlsx").exists()


def _bound_by_permissions() -> None:
    """Let even root be bound by the permissions of files, from the next program on."""
    if os.geteuid() == 0:
        drop, override, search = 24, 1, 2  # PR_CAPBSET_DROP, CAP_DAC_…
        for capability in (override, search):
            ctypes.CDLL(None).prctl(drop, capability, 0, 0, 0)


def collected_bound(classroom: Classroom) -> subprocess.CompletedProcess[str]:
    """A collection by somebody who may not write everywhere."""
    return subprocess.run(
        [sys.executable, "-c", _COLLECT, str(classroom.folder)],
        preexec_fn=_bound_by_permissions,
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_folder_that_is_read_only_costs_the_copies_and_no_mark(
    classroom: Classroom,
) -> None:
    three_returns(classroom)
    for name in ("kept", "checked"):
        (classroom.folder / name).mkdir()
        (classroom.folder / name).chmod(0o555)
    finished = collected_bound(classroom)
    assert finished.returncode == 0, finished.stderr
    assert len(classroom.marks()) == 3
    assert not list((classroom.folder / "kept").iterdir())
    assert not list((classroom.folder / "checked").iterdir())
    is_whole(classroom)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_school_that_is_read_only_takes_nothing_and_says_so(
    classroom: Classroom,
) -> None:
    three_returns(classroom)
    before = classroom.dump()
    folders = [classroom.folder, *filter(Path.is_dir, classroom.folder.rglob("*"))]
    (classroom.folder / "markbooks.sqlite").chmod(0o444)
    for folder in folders:
        folder.chmod(0o555)
    finished = collected_bound(classroom)
    for folder in folders:
        folder.chmod(0o755)
    (classroom.folder / "markbooks.sqlite").chmod(0o644)
    assert finished.returncode
    assert "StoreError" in finished.stderr
    assert "cannot be read or written" in finished.stderr
    assert classroom.dump() == before
    assert classroom.collect().files["merged"] == 3


def test_a_store_without_room_takes_nothing_and_says_so(classroom: Classroom) -> None:
    resource = pytest.importorskip("resource")
    three_returns(classroom)
    before = classroom.dump()
    size = (classroom.folder / "markbooks.sqlite").stat().st_size

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))

    finished = subprocess.run(
        [sys.executable, "-c", _COLLECT, str(classroom.folder)],
        preexec_fn=no_room,
        capture_output=True,
        text=True,
    )
    assert finished.returncode
    assert "StoreError" in finished.stderr
    assert classroom.dump() == before
    classroom.collect()
    assert classroom.maths(A) == "5"


def test_a_file_where_a_folder_should_be_costs_the_copies_and_no_mark(
    classroom: Classroom,
) -> None:
    (classroom.folder / "checked").write_text("not a folder")
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    report = classroom.collect()
    assert classroom.maths(A) == "5"
    assert any("cannot be written" in line for line in report.lines())


def test_a_marked_copy_that_cannot_be_deleted_is_reported(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "Z"}, at=at(1))
    classroom.collect()

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(2))
    monkeypatch.setattr(Path, "unlink", refuse)
    report = classroom.collect()
    assert classroom.maths(A) == "5"
    assert any("out of date" in line for line in report.lines())


def test_incomplete_files_are_reported_and_merged_once_complete(
    classroom: Classroom,
) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    data = path.read_bytes()
    for half, code in (
        (b"", "empty"),
        (bytes(len(data)), "truncated"),
        (data[: len(data) // 2], "truncated"),
    ):
        path.write_bytes(half)
        report = classroom.collect()
        assert [problem.code for problem in report.problems] == [code]
        assert report.exit_status == 1
    path.write_bytes(data)
    report = classroom.collect()
    assert (report.files["merged"], report.exit_status) == (1, 0)
    assert classroom.maths(A) == "5"


def test_a_file_that_changes_while_it_is_read_is_refused(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.xlsx import worker

    path = classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    real = worker.os.fstat
    calls = []

    def growing(number: int) -> os.stat_result:
        calls.append(number)
        if len(calls) == 2:
            os.utime(path, (1, 1))
        return real(number)

    monkeypatch.setattr(worker.os, "fstat", growing)
    assert '["changing", ""]' in worker.read_file(str(path))


def test_a_locked_store_is_reported(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    other = sqlite3.connect(classroom.folder / "markbooks.sqlite")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="in use by another"):
        classroom.collect()
    other.rollback()
    other.close()
    assert classroom.collect().files["merged"] == 1


def test_a_clock_that_goes_backwards_loses_no_correction(classroom: Classroom) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect(path)
    later = classroom.send("b.xlsx", filled={(A, "prediction"): "6"}, at=at(2))
    report = classroom.collect(later, after=-timedelta(days=1))
    assert (report.cells["changed"], report.cells["conflict"]) == (1, 0)
    assert classroom.maths(A) == "6"
    assert MATHS not in report.missing["AUT"]


def test_a_rename_that_fails_once_is_tried_again(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "Z"}, at=at(1))
    real, failed = os.replace, set()

    def flaky(source: Path, target: Path) -> None:
        if target not in failed:
            failed.add(target)
            raise PermissionError(errno.EACCES, "held by a virus scanner")
        real(source, target)

    monkeypatch.setattr(files.os, "replace", flaky)
    report = classroom.collect()
    assert failed
    assert len(report.written) == 2
    assert all(path.exists() for path in report.written)
    assert report.notes == ()


def test_an_inbox_full_of_junk_hides_no_return(classroom: Classroom) -> None:
    for number in range(JUNK):
        (classroom.returned / f"{number:05}.xlsx").write_bytes(b"junk %d" % number)
    classroom.send("zz.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    start = time.process_time()
    report = classroom.collect()
    assert time.process_time() - start < 20
    assert report.files["rejected"] == JUNK
    assert report.files["merged"] == 1
    assert adds_up(report)
    assert classroom.maths(A) == "5"
