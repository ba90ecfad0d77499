"""Files are read in worker processes that may die and know nothing of the school."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.xlsx import cell_styles, worker_pool
from generator.xlsx.reader import read_workbook
from generator.xlsx.worker_pool import read_files
from tests.generator.classroom import MATHS, Classroom, packed, unpacked
from tests.generator.xlsx.hostile_files import damaged_markbooks, foreign_files, largest

ROOT = str(Path(worker_pool.__file__).parents[2])


def test_a_worker_imports_the_standard_library_only() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "import generator.xlsx.worker; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "('pandas', 'numpy', 'sqlalchemy', 'openpyxl', 'xlsxwriter', 'pydantic')))"
    )
    run = [sys.executable, "-I", "-S", "-c", code, ROOT]
    assert subprocess.run(run, capture_output=True, text=True).stdout == "[]\n"


def test_files_are_read_in_the_given_order(classroom: Classroom) -> None:
    paths = [classroom.send(f"{n}.xlsx") for n in range(5)]
    bad = classroom.returned / "x.csv"
    bad.write_text("a,b")
    paths.insert(2, bad)
    files = list(read_files(paths, workers=2))
    assert [file.path for file in files] == paths
    assert [file.refused for file in files if file.book is None] == [("csv", "")]
    assert all(file.sha256 for file in files)


def test_a_file_that_takes_too_long_is_refused(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = classroom.send("good.xlsx")
    bootstrap = (
        "import sys, time\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from generator.xlsx import worker\n"
        "real = worker.read_file\n"
        "def slow(path):\n"
        "    if path.endswith('slow.xlsx'): time.sleep(60)\n"
        "    if path.endswith('dead.xlsx'): import os; os._exit(9)\n"
        "    return real(path)\n"
        "worker.read_file = slow\n"
        "worker.serve()\n"
    )
    monkeypatch.setattr(worker_pool, "_BOOTSTRAP", bootstrap)
    paths = [good]
    for name in ("slow.xlsx", "dead.xlsx"):
        path = classroom.returned / name
        path.write_bytes(good.read_bytes())
        paths += [path, good]
    refused = [file.refused for file in read_files(paths, timeout=2)]
    assert refused == [None, ("reader-slow", ""), None, ("reader-died", ""), None]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no such limit")
def test_a_worker_has_a_memory_limit(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from generator.xlsx import worker\n"
        "def greedy(data, choose_sheets): return bytearray(1 << 30)\n"
        "worker.read_workbook = greedy\n"
        "worker.serve()\n"
    )
    monkeypatch.setattr(worker_pool, "_BOOTSTRAP", bootstrap)
    (file,) = read_files([classroom.send("a.xlsx")])
    assert file.refused == ("memory", "")


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux only")
def test_no_file_takes_over_200_mb_or_two_seconds(
    classroom: Classroom, tmp_path: Path
) -> None:
    good = classroom.issued(MATHS)
    files = [
        (file.name, file.data) for file in [*foreign_files(), *damaged_markbooks(good)]
    ]
    files.append(("largest.xlsx", largest(good)))
    worker = worker_pool._Worker(20.0, worker_pool._BOOTSTRAP)
    peak, seconds = {}, {}
    try:
        for name, data in files:
            path = tmp_path / name
            path.write_bytes(data)
            before = _seconds(worker)
            file = worker_pool.parse_answer(path, worker.read(path))
            assert (file.book is not None) == (name == "largest.xlsx"), name
            assert worker.process is not None, name  # it is still alive
            peak[name], seconds[name] = _peak(worker), _seconds(worker) - before
    finally:
        worker.close()
    assert len(peak) > 60
    assert max(peak.values()) < 200 << 20, max(peak, key=peak.__getitem__)
    assert max(seconds.values()) < 2, max(seconds, key=seconds.__getitem__)


def _proc(worker: worker_pool._Worker, name: str) -> Path:
    assert worker.process is not None
    return Path(f"/proc/{worker.process.pid}/{name}")


def _seconds(worker: worker_pool._Worker) -> float:
    """Processor time of a worker since it was started."""
    if worker.process is None:
        return 0.0
    fields = _proc(worker, "stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _peak(worker: worker_pool._Worker) -> int:
    """A worker's peak memory in bytes; the count starts again from here."""
    match = re.search(r"VmHWM:\s+(\d+) kB", _proc(worker, "status").read_text())
    assert match
    _proc(worker, "clear_refs").write_text("5")
    return int(match[1]) << 10


def test_a_path_that_cannot_be_opened_is_refused(
    classroom: Classroom, tmp_path: Path
) -> None:
    missing, pipe = tmp_path / "missing.xlsx", tmp_path / "pipe.xlsx"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)  # without a writer, opening it would block
    try:
        files = list(read_files([missing, tmp_path, pipe, classroom.send("a.xlsx")]))
    finally:
        os.close(writer)
    assert [file.refused and file.refused[0] for file in files] == [
        "unreadable",
        "unreadable",
        "not-a-workbook",
        None,
    ]


def test_no_process_outlives_the_pool(classroom: Classroom) -> None:
    path = classroom.send("a.xlsx")
    for file in read_files([path] * 50, workers=2):
        assert file.book is not None
        break  # the caller stops in the middle
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if children.exists():
        names = [
            Path(f"/proc/{child}/cmdline").read_bytes()
            for child in children.read_text().split()
        ]
        assert not [name for name in names if b"xlsx.worker" in name]


def test_cached_styles_equal_freshly_read_styles(
    classroom: Classroom,
) -> None:
    data = classroom.issued(MATHS)
    cell_styles._style_cache.clear()
    first = read_workbook(data)
    (styles,) = cell_styles._style_cache.values()
    assert {style[0] for style in styles} == {True, False}  # locked or not
    assert read_workbook(data) == first


def test_the_style_cache_is_bounded(
    classroom: Classroom,
) -> None:
    parts = unpacked(classroom.issued(MATHS))
    styles = parts["xl/styles.xml"]
    for number in range(3 * cell_styles.MAX_CACHED_STYLES):
        parts["xl/styles.xml"] = styles + f"<!-- {number} -->".encode()
        read_workbook(packed(parts))
        assert len(cell_styles._style_cache) <= cell_styles.MAX_CACHED_STYLES
