"""Read many files at once, each in a worker process that may die without harm."""

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
TIMEOUT_CHECKS = 40  # times within a timeout that the clock is checked
FILES_PER_WORKER = 24  # fewer are read by one process: starting another costs more
READ_AHEAD = 24  # files a worker may be ahead of the caller, who takes many at once
SAVE_TIME_BATCH = 16  # files in one request for save times
_Request = TypeVar("_Request")
_Result = TypeVar("_Result")
Answer = bytes | str  # the line a worker answers, or the code of why there is none
_ROOT = str(Path(generator.__file__).parents[1])
# No site packages: whatever the reader imports by mistake fails at once.
_BOOTSTRAP = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.xlsx.worker import serve; serve()"
)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as a worker has read it.

    Args:
        path: Its path.
        size: Its size in bytes.
        mtime_ns: The file system's time of last change.
        sha256: The hash of its content; empty where it is too large or unreadable.
        book: Its content, or None where it is refused.
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
    """Read files in the order given, a few ahead of the caller.

    Args:
        paths: The files.
        timeout: Seconds after which a file is given up.
        workers: Number of processes; None for as many as are worth it.
    """
    with WorkerPool(len(paths), timeout=timeout, workers=workers) as pool:
        yield from pool.read(paths)


class WorkerPool:
    """The processes that read the files of one run; they end with it.

    Args:
        files: Number of files to read.
        timeout: Seconds after which a file is given up.
        workers: Number of processes; None for as many as are worth it.
        bootstrap: Python that each process runs; None for the reader alone.
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
        self._workers = [
            _Worker(timeout, bootstrap or _BOOTSTRAP) for _ in range(count)
        ]
        self._free: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._executor = ThreadPoolExecutor(count)
        for worker in self._workers[:files]:  # ready before the first request
            worker.start()
        self._closed = threading.Event()
        threading.Thread(target=self._watch_timeouts, daemon=True).start()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._closed.set()
        for worker in self._workers:
            worker.close()

    def _watch_timeouts(self) -> None:
        every = min(worker.timeout for worker in self._workers) / TIMEOUT_CHECKS
        while not self._closed.wait(every):
            for worker in self._workers:
                worker.kill_if_late()

    def read(self, paths: Iterable[Path]) -> Iterator[ReadFile]:
        """Read files in the order given, a few ahead of the caller."""
        waiting: deque[tuple[Path, Future[Answer]]] = deque()
        for path in paths:
            future = self._executor.submit(self._with_worker, _Worker.read, path)
            waiting.append((path, future))
            if len(waiting) >= self._ahead:
                path, future = waiting.popleft()
                yield parse_answer(path, future.result())
        for path, future in waiting:
            yield parse_answer(path, future.result())

    def read_save_times(self, paths: Sequence[Path]) -> list[tuple[str, int]]:
        """Read when files were saved, without reading their content.

        Args:
            paths: The files.

        Returns:
            For each the workbook's own time as written, and the file system's in
            nanoseconds; empty and 0 where the file is refused.
        """
        batches = [
            paths[start : start + SAVE_TIME_BATCH]
            for start in range(0, len(paths), SAVE_TIME_BATCH)
        ]
        futures = [
            self._executor.submit(self._with_worker, _Worker.read_save_times, batch)
            for batch in batches
        ]
        return [time for future in futures for time in future.result()]

    def submit(self, request: Mapping[str, Any]) -> Future[Any]:
        """Send a request of another kind, which the pool's `bootstrap` handles.

        Returns:
            The answer to come; None where the process died of the request.
        """
        return self._executor.submit(self._with_worker, _Worker.run_task, request)

    def _with_worker(
        self, work: Callable[[_Worker, _Request], _Result], request: _Request
    ) -> _Result:
        worker = self._free.get()
        try:
            return work(worker, request)
        finally:
            self._free.put(worker)


class _Worker:
    """One process, started when it is first needed and again after it has died."""

    def __init__(self, timeout: float, bootstrap: str) -> None:
        self.timeout = timeout
        self.bootstrap = bootstrap
        self.process: subprocess.Popen[bytes] | None = None
        self.slow = False
        self._deadline: float | None = None
        self._deadline_lock = threading.Lock()

    def read(self, path: Path) -> Answer:
        answer = self._request(str(path))
        return answer or ("reader-slow" if self.slow else "reader-died")

    def read_save_times(self, paths: Sequence[Path]) -> list[tuple[str, int]]:
        answer = self._request([str(path) for path in paths])
        if answer is None:
            return [("", 0)] * len(paths)
        return [(saved, mtime_ns) for saved, mtime_ns in json.loads(answer)]

    def run_task(self, request: Mapping[str, Any]) -> Any:
        answer = self._request(dict(request))
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

    def _request(self, request: str | list[str] | dict[str, Any]) -> bytes | None:
        """Send a request; answers a line, or None where the process died of it."""
        line = self._exchange(json.dumps(request).encode("ascii") + b"\n")
        complete = line.endswith(b"\n")
        if self.slow or not complete:
            self.close()
        return line if complete else None

    def _exchange(self, line: bytes) -> bytes:
        process = self.process or self.start()
        assert process.stdin and process.stdout
        self.slow = False
        self._deadline = monotonic() + self.timeout
        try:
            process.stdin.write(line)
            process.stdin.flush()
            return process.stdout.readline()
        except OSError:  # it died before the request
            return b""
        finally:
            with self._deadline_lock:
                self._deadline = None

    def kill_if_late(self) -> None:
        """Kill the process if one request takes it longer than the timeout."""
        with self._deadline_lock:
            if self._deadline and monotonic() > self._deadline and self.process:
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
    """Parse what a worker answered about a file, in the process that uses it."""
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
    for name, state, protected, merges, values in plain.pop("sheets"):
        rows, columns, *fields = values
        sheets[name] = Worksheet(
            name,
            state,
            protected,
            dict(zip(zip(rows, columns, strict=True), map(Cell, *fields), strict=True)),
            [tuple(merge) for merge in merges],
        )
    return Workbook(sheets=sheets, **plain)
