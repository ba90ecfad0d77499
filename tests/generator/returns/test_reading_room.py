"""Files are read in processes that may die, and know nothing of the school."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.returns import reading_room
from generator.returns.reading_room import read_all

from .conftest import Classroom

ROOT = str(Path(reading_room.__file__).parents[2])


def test_a_worker_needs_the_standard_library_alone() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "import generator.returns.reading_desk; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "('pandas', 'numpy', 'sqlalchemy', 'openpyxl', 'xlsxwriter', 'pydantic')))"
    )
    run = [sys.executable, "-I", "-S", "-c", code, ROOT]
    assert subprocess.run(run, capture_output=True, text=True).stdout == "[]\n"


def test_files_come_back_in_their_order(classroom: Classroom) -> None:
    paths = [classroom.send(f"{n}.xlsx") for n in range(5)]
    bad = classroom.returned / "x.csv"
    bad.write_text("a,b")
    paths.insert(2, bad)
    taken = list(read_all(paths, desks=2))
    assert [one.path for one in taken] == paths
    assert [one.refused for one in taken if one.book is None] == [("csv", "")]
    assert all(one.sha256 for one in taken)


def test_a_file_that_takes_too_long_is_given_up(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = classroom.send("good.xlsx")
    boot = (
        "import sys, time\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from generator.returns import reading_desk\n"
        "real = reading_desk.answer_to\n"
        "def slow(path):\n"
        "    if path.endswith('slow.xlsx'): time.sleep(60)\n"
        "    if path.endswith('dead.xlsx'): import os; os._exit(9)\n"
        "    return real(path)\n"
        "reading_desk.answer_to = slow\n"
        "reading_desk.serve()\n"
    )
    monkeypatch.setattr(reading_room, "_BOOT", boot)
    paths = [good]
    for name in ("slow.xlsx", "dead.xlsx"):
        path = classroom.returned / name
        path.write_bytes(good.read_bytes())
        paths += [path, good]
    taken = list(read_all(paths, timeout=1.5))
    refused = [one.refused for one in taken]
    assert refused == [None, ("reader-slow", ""), None, ("reader-died", ""), None]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no such limit")
def test_memory_has_an_end(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from generator.returns import reading_desk\n"
        "def greedy(data, wanted): return bytearray(1 << 30)\n"
        "reading_desk.read = greedy\n"
        "reading_desk.serve()\n"
    )
    monkeypatch.setattr(reading_room, "_BOOT", boot)
    (taken,) = read_all([classroom.send("a.xlsx")])
    assert taken.refused == ("memory", "")


def test_what_cannot_be_opened_is_told(classroom: Classroom, tmp_path: Path) -> None:
    gone, pipe = tmp_path / "gone.xlsx", tmp_path / "pipe.xlsx"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)  # else opening it would wait for one
    try:
        taken = list(read_all([gone, tmp_path, pipe, classroom.send("a.xlsx")]))
    finally:
        os.close(writer)
    assert [one.refused and one.refused[0] for one in taken] == [
        "unreadable",
        "unreadable",
        "not-a-workbook",
        None,
    ]


def test_no_process_is_left_behind(classroom: Classroom) -> None:
    path = classroom.send("a.xlsx")
    for taken in read_all([path] * 50, desks=2):
        assert taken.book is not None
        break  # whoever asked goes away in the middle
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if children.exists():
        names = [
            Path(f"/proc/{child}/cmdline").read_bytes()
            for child in children.read_text().split()
        ]
        assert not [name for name in names if b"reading_desk" in name]
