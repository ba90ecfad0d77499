"""Many files read at once, each in a process that may die without harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Any, TypeVar

import generator
from generator.xlsx.reader import Workbook
from generator.xlsx.worksheet import Cell, Worksheet

TIMEOUT = 20.0  # seconds for one file; a markbook takes a few thousandths
TIMEOUT_CHECKS = 40  # times in it that somebody looks whether a file takes too long
FILES_PER_WORKER = 24  # fewer are read by one process: starting another costs more
READ_AHEAD = (
    24  # files a desk may be ahead of whoever asks: who asks takes many at once
)
SAVE_TIME_BATCH = 16  # files whose times are asked at once
_Request = TypeVar("_Asked")
_Result = TypeVar("_Told")
Answer = bytes | str  # the line that answers, or the code of why there is none
_ROOT = str(Path(generator.__file__).parents[1])
# No site packages: whatever the reader imports by mistake fails at once.
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.xlsx.worker import serve; serve()"
)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as it was read.

    Args:
        path: Where it lies.
        size: Its size in bytes.
        mtime_ns: The file system's time of last change.
        sha256: Of its content; empty where it was too large or unreadable.
        book: What it holds, or None where it was refused.
        refused: The code and detail of the refusal, or None.
    """

    path: Path
    size: int = 0
    mtime_ns: int = 0
    sha256: str = ""
    book: Workbook | None = None
    refused: tuple[str, str] | None = None


def read_files(
    paths: Sequence[Path], *, timeout: float = TIMEOUT, workers: int | None = None
) -> Iterator[ReadFile]:
    """Read files, in the order given, a few ahead of whoever asks for them.

    Args:
        paths: The files.
        timeout: Seconds after which a file is given up.
        desks: How many processes; None for as many as are worth it.
    """
    with WorkerPool(len(paths), timeout=timeout, workers=workers) as pool:
        yield from pool.read(paths)


class WorkerPool:
    """The processes that read the files of one run; they end with it.

    Args:
        files: How many files there are to read.
        timeout: Seconds after which a file is given up.
        desks: How many processes; None for as many as are worth it.
        boot: What each process runs, as Python; None for the reader alone.
    """

    def __init__(
        self,
        files: int,
        *,
        timeout: float = TIMEOUT,
        workers: int | None = None,
        bootstrap: str | None = None,
    ) -> None:
        count = workers or min(os.cpu_count() or 1, -(-files // FILES_PER_WORKER)) or 1
        self._ahead = READ_AHEAD * count
        self._workers = [_Worker(timeout, bootstrap or _BOOT) for _ in range(count)]
        self._free: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._executor = ThreadPoolExecutor(count)
        for worker in self._workers[:files]:  # they are ready when the first is asked
            worker.start()
        self._closed = threading.Event()
        threading.Thread(target=self._watch_timeouts, daemon=True).start()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._closed.set()
        for desk in self._workers:
            desk.close()

    def _watch_timeouts(self) -> None:
        every = min(desk.timeout for desk in self._workers) / TIMEOUT_CHECKS
        while not self._closed.wait(every):
            for desk in self._workers:
                desk.kill_if_late()

    def read(self, paths: Iterable[Path]) -> Iterator[ReadFile]:
        """Read files, in the order given, a few ahead of whoever asks for them."""
        waiting: deque[tuple[Path, Future[Answer]]] = deque()
        for path in paths:
            asked = self._executor.submit(self._with_worker, _Worker.read, path)
            waiting.append((path, asked))
            if len(waiting) >= self._ahead:
                path, asked = waiting.popleft()
                yield parse_answer(path, asked.result())
        for path, asked in waiting:
            yield parse_answer(path, asked.result())

    def read_save_times(self, paths: Sequence[Path]) -> list[tuple[str, int]]:
        """When files were saved, at a quick look.

        Args:
            paths: The files.

        Returns:
            For each the workbook's own time as written, and the file system's in
            nanoseconds; empty and 0 where a closer look is needed.
        """
        some = [
            paths[at : at + SAVE_TIME_BATCH]
            for at in range(0, len(paths), SAVE_TIME_BATCH)
        ]
        asked = [
            self._executor.submit(self._with_worker, _Worker.read_save_times, one)
            for one in some
        ]
        return [time for future in asked for time in future.result()]

    def submit(self, request: Mapping[str, Any]) -> Future[Any]:
        """Ask something else of a process whose `boot` knows how to answer.

        Returns:
            Its answer when it comes; None where the process died of it.
        """
        return self._executor.submit(self._with_worker, _Worker.run_task, request)

    def _with_worker(
        self, work: Callable[[_Worker, _Request], _Result], asked: _Request
    ) -> _Result:
        desk = self._free.get()
        try:
            return work(desk, asked)
        finally:
            self._free.put(desk)


class _Worker:
    """One process, started when it is first needed and again when it has died."""

    def __init__(self, timeout: float, boot: str) -> None:
        self.timeout = timeout
        self.bootstrap = boot
        self.process: subprocess.Popen[bytes] | None = None
        self.slow = False
        self._late_at: float | None = None
        self._late = threading.Lock()

    def read(self, path: Path) -> Answer:
        answer = self._ask(str(path))
        return answer or ("reader-slow" if self.slow else "reader-died")

    def read_save_times(self, paths: Sequence[Path]) -> list[tuple[str, int]]:
        answer = self._ask([str(one) for one in paths])
        if answer is None:
            return [("", 0)] * len(paths)
        return [(saved, mtime_ns) for saved, mtime_ns in json.loads(answer)]

    def run_task(self, asked: Mapping[str, Any]) -> Any:
        answer = self._ask(dict(asked))
        return None if answer is None else json.loads(answer)

    def close(self) -> None:
        if self.process is None:
            return
        process, self.process = self.process, None
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        process.kill()
        process.wait()

    def _ask(self, asked: str | list[str] | dict[str, Any]) -> bytes | None:
        """The line that answers; None where the process died of it."""
        line = self._line(json.dumps(asked).encode("ascii") + b"\n")
        whole = line.endswith(b"\n")
        if self.slow or not whole:
            self.close()
        return line if whole else None

    def _line(self, asked: bytes) -> bytes:
        process = self.process or self.start()
        assert process.stdin and process.stdout
        self.slow = False
        self._late_at = monotonic() + self.timeout
        try:
            process.stdin.write(asked)
            process.stdin.flush()
            return process.stdout.readline()
        except OSError:  # it died before it was asked
            return b""
        finally:
            with self._late:
                self._late_at = None

    def kill_if_late(self) -> None:
        """Kill the process if it has worked on one thing for too long."""
        with self._late:
            if self._late_at and monotonic() > self._late_at and self.process:
                self.slow = True
                self.process.kill()

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process."""
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", self.bootstrap, _ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self.process


def parse_answer(path: Path, answer_line: Answer) -> ReadFile:
    """What a process said of a file: taken apart by who wants it, not before."""
    if isinstance(answer_line, str):
        return ReadFile(path, refused=(answer_line, ""))
    answer: dict[str, Any] = json.loads(answer_line)
    refused = answer.get("refused")
    book = answer.get("book")
    return ReadFile(
        path,
        size=answer.get("size", 0),
        mtime_ns=answer.get("mtime_ns", 0),
        sha256=answer.get("sha256", ""),
        book=_workbook_from_json(book) if book else None,
        refused=(refused[0], refused[1]) if refused else None,
    )


def _workbook_from_json(plain: dict[str, Any]) -> Workbook:
    sheets = {}
    for name, state, protected, merges, columns in plain["sheets"]:
        rows, places, *values = columns
        sheets[name] = Worksheet(
            name,
            state,
            protected,
            dict(zip(zip(rows, places, strict=True), map(Cell, *values), strict=True)),
            [tuple(merge) for merge in merges],
        )
    return Workbook(
        sheet_states=plain["states"],
        sheets=sheets,
        names=plain["names"],
        properties=plain["properties"],
        modified=plain["modified"],
        application=plain["program"],
        uses_1904_dates=plain["mac_dates"],
        has_external_links=plain["linked"],
    )
