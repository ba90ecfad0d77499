"""Files are read in processes that may die, and know nothing of the school."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.xlsx import parts as contents
from generator.xlsx import worker_pool
from generator.xlsx.reader import read_workbook
from generator.xlsx.worker_pool import read_files

from .conftest import MATHS, Classroom, packed, unpacked
from .hostile import foreign_files, largest, spoilt_markbooks

ROOT = str(Path(worker_pool.__file__).parents[2])


def test_a_worker_needs_the_standard_library_alone() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "import generator.xlsx.worker; "
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
    taken = list(read_files(paths, workers=2))
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
        "from generator.xlsx import worker\n"
        "real = worker.answer_to\n"
        "def slow(path):\n"
        "    if path.endswith('slow.xlsx'): time.sleep(60)\n"
        "    if path.endswith('dead.xlsx'): import os; os._exit(9)\n"
        "    return real(path)\n"
        "worker.answer_to = slow\n"
        "worker.serve()\n"
    )
    monkeypatch.setattr(worker_pool, "_BOOT", boot)
    paths = [good]
    for name in ("slow.xlsx", "dead.xlsx"):
        path = classroom.returned / name
        path.write_bytes(good.read_bytes())
        paths += [path, good]
    taken = list(read_files(paths, timeout=2))
    refused = [one.refused for one in taken]
    assert refused == [None, ("reader-slow", ""), None, ("reader-died", ""), None]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no such limit")
def test_memory_has_an_end(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from generator.xlsx import worker\n"
        "def greedy(data, wanted): return bytearray(1 << 30)\n"
        "worker.read = greedy\n"
        "worker.serve()\n"
    )
    monkeypatch.setattr(worker_pool, "_BOOT", boot)
    (taken,) = read_files([classroom.send("a.xlsx")])
    assert taken.refused == ("memory", "")


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux only")
def test_no_file_takes_over_200_mb_or_two_seconds(
    classroom: Classroom, tmp_path: Path
) -> None:
    good = classroom.issued(MATHS)
    files = [
        (one.name, one.data) for one in [*foreign_files(), *spoilt_markbooks(good)]
    ]
    files.append(("largest.xlsx", largest(good)))
    desk = worker_pool._Worker(20.0, worker_pool._BOOT)
    peak, spent = {}, {}
    try:
        for name, data in files:
            path = tmp_path / name
            path.write_bytes(data)
            before = _seconds(desk)
            taken = worker_pool.parse_answer(path, desk.read(path))
            assert (taken.book is not None) == (name == "largest.xlsx"), name
            assert desk.process is not None, name  # it lives
            peak[name], spent[name] = _peak(desk), _seconds(desk) - before
    finally:
        desk.close()
    assert len(peak) > 60
    assert max(peak.values()) < 200 << 20, max(peak, key=peak.__getitem__)
    assert max(spent.values()) < 2, max(spent, key=spent.__getitem__)


def _proc(desk: worker_pool._Worker, name: str) -> Path:
    assert desk.process is not None
    return Path(f"/proc/{desk.process.pid}/{name}")


def _seconds(desk: worker_pool._Worker) -> float:
    """Processor time that a desk has taken since it was started."""
    if desk.process is None:
        return 0.0
    fields = _proc(desk, "stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _peak(desk: worker_pool._Worker) -> int:
    """The most memory a desk has had, in bytes, and count anew from here."""
    found = re.search(r"VmHWM:\s+(\d+) kB", _proc(desk, "status").read_text())
    assert found
    _proc(desk, "clear_refs").write_text("5")
    return int(found[1]) << 10


def test_what_cannot_be_opened_is_told(classroom: Classroom, tmp_path: Path) -> None:
    gone, pipe = tmp_path / "gone.xlsx", tmp_path / "pipe.xlsx"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)  # else opening it would wait for one
    try:
        taken = list(read_files([gone, tmp_path, pipe, classroom.send("a.xlsx")]))
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
    for taken in read_files([path] * 50, workers=2):
        assert taken.book is not None
        break  # whoever asked goes away in the middle
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if children.exists():
        names = [
            Path(f"/proc/{child}/cmdline").read_bytes()
            for child in children.read_text().split()
        ]
        assert not [name for name in names if b"xlsx.worker" in name]


def test_styles_known_from_another_file_are_read_as_if_they_were_new(
    classroom: Classroom,
) -> None:
    data = classroom.issued(MATHS)
    contents._style_cache.clear()
    first = read_workbook(data)
    (styles,) = contents._style_cache.values()
    assert {locked for locked, _ in styles} == {True, False}
    assert read_workbook(data) == first


def test_of_many_lists_of_styles_only_a_few_are_remembered(
    classroom: Classroom,
) -> None:
    parts = unpacked(classroom.issued(MATHS))
    styles = parts["xl/styles.xml"]
    for number in range(3 * contents.MAX_CACHED_STYLES):
        parts["xl/styles.xml"] = styles + f"<!-- {number} -->".encode()
        read_workbook(packed(parts))
        assert len(contents._style_cache) <= contents.MAX_CACHED_STYLES
