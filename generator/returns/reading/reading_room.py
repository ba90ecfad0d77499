"""Many files read at once, each in a process that may die without harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import generator
from generator.returns.reading.reader import Workbook
from generator.returns.reading.worksheet import Cell, Sheet

TIMEOUT = 20.0  # seconds for one file; a markbook takes a few thousandths
FILES_A_DESK = 24  # fewer are read by one process: starting another costs more
_ROOT = str(Path(generator.__file__).parents[1])
# No site packages: whatever the reader imports by mistake fails at once.
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.returns.reading.reading_desk import serve; serve()"
)


@dataclass(frozen=True, slots=True)
class Taken:
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


def read_all(
    paths: Sequence[Path], *, timeout: float = TIMEOUT, desks: int | None = None
) -> Iterator[Taken]:
    """Read files, in the order given, a few ahead of whoever asks for them.

    Args:
        paths: The files.
        timeout: Seconds after which a file is given up.
        desks: How many processes; None for as many as are worth it.
    """
    if not paths:
        return
    count = desks or min(os.cpu_count() or 1, -(-len(paths) // FILES_A_DESK))
    free: SimpleQueue[_Desk] = SimpleQueue()
    all_desks = [_Desk(timeout) for _ in range(count)]
    for desk in all_desks:
        free.put(desk)

    def take(path: Path) -> Taken:
        desk = free.get()
        try:
            return desk.read(path)
        finally:
            free.put(desk)

    waiting: deque[Future[Taken]] = deque()
    rest = iter(paths)
    executor = ThreadPoolExecutor(count)
    try:
        for path in rest:
            waiting.append(executor.submit(take, path))
            if len(waiting) >= 4 * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        executor.shutdown(wait=True)
        for desk in all_desks:
            desk.close()


class _Desk:
    """One process, started when it is first needed and again when it has died."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.process: subprocess.Popen[bytes] | None = None
        self.slow = False

    def read(self, path: Path) -> Taken:
        answer = self._ask(str(path))
        if answer is None:
            self.close()
            code = "reader-slow" if self.slow else "reader-died"
            return Taken(path, refused=(code, ""))
        refused = answer.get("refused")
        book = answer.get("book")
        return Taken(
            path,
            size=answer.get("size", 0),
            mtime_ns=answer.get("mtime_ns", 0),
            sha256=answer.get("sha256", ""),
            book=_book(book) if book else None,
            refused=(refused[0], refused[1]) if refused else None,
        )

    def close(self) -> None:
        if self.process is None:
            return
        process, self.process = self.process, None
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        process.kill()
        process.wait()

    def _ask(self, path: str) -> dict[str, Any] | None:
        process = self.process or self._start()
        assert process.stdin and process.stdout
        self.slow = False
        timer = threading.Timer(self.timeout, self._give_up, [process])
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(json.dumps(path).encode("ascii") + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:  # it died before it was asked
            return None
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            return None
        found: dict[str, Any] = json.loads(line)
        return found

    def _start(self) -> subprocess.Popen[bytes]:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _BOOT, _ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self.process

    def _give_up(self, process: subprocess.Popen[bytes]) -> None:
        self.slow = True
        process.kill()


def _book(plain: dict[str, Any]) -> Workbook:
    sheets = {}
    for name, state, protected, merges, columns in plain["sheets"]:
        rows, places, *values = columns
        sheets[name] = Sheet(
            name,
            state,
            protected,
            dict(zip(zip(rows, places, strict=True), map(Cell, *values), strict=True)),
            [tuple(merge) for merge in merges],
        )
    return Workbook(
        states=plain["states"],
        sheets=sheets,
        names=plain["names"],
        properties=plain["properties"],
        modified=plain["modified"],
        program=plain["program"],
        mac_dates=plain["mac_dates"],
        linked=plain["linked"],
    )
