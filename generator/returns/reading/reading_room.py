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
from typing import Any, TypeVar

import generator
from generator.returns.reading.reader import Workbook
from generator.returns.reading.worksheet import Cell, Sheet

TIMEOUT = 20.0  # seconds for one file; a markbook takes a few thousandths
FILES_A_DESK = 24  # fewer are read by one process: starting another costs more
AHEAD = 24  # files a desk may be ahead of whoever asks: who asks takes many at once
TIMES = 16  # files whose times are asked at once
_Asked = TypeVar("_Asked")
_Told = TypeVar("_Told")
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
    with ReadingRoom(len(paths), timeout=timeout, desks=desks) as room:
        yield from room.read(paths)


class ReadingRoom:
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
        desks: int | None = None,
        boot: str | None = None,
    ) -> None:
        count = desks or min(os.cpu_count() or 1, -(-files // FILES_A_DESK)) or 1
        self._ahead = AHEAD * count
        self._desks = [_Desk(timeout, boot or _BOOT) for _ in range(count)]
        self._free: SimpleQueue[_Desk] = SimpleQueue()
        for desk in self._desks:
            self._free.put(desk)
        self._executor = ThreadPoolExecutor(count)

    def __enter__(self) -> ReadingRoom:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
        for desk in self._desks:
            desk.close()

    def read(self, paths: Iterable[Path]) -> Iterator[Taken]:
        """Read files, in the order given, a few ahead of whoever asks for them."""
        waiting: deque[Future[Taken]] = deque()
        for path in paths:
            waiting.append(self._executor.submit(self._at_a_desk, _Desk.read, path))
            if len(waiting) >= self._ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def times(self, paths: Sequence[Path]) -> list[tuple[str, int]]:
        """When files were saved, at a quick look.

        Args:
            paths: The files.

        Returns:
            For each the workbook's own time as written, and the file system's in
            nanoseconds; empty and 0 where a closer look is needed.
        """
        some = [paths[at : at + TIMES] for at in range(0, len(paths), TIMES)]
        asked = [
            self._executor.submit(self._at_a_desk, _Desk.times, one) for one in some
        ]
        return [time for future in asked for time in future.result()]

    def ask(self, asked: Mapping[str, Any]) -> Future[Any]:
        """Ask something else of a process whose `boot` knows how to answer.

        Returns:
            Its answer when it comes; None where the process died of it.
        """
        return self._executor.submit(self._at_a_desk, _Desk.other, asked)

    def _at_a_desk(
        self, work: Callable[[_Desk, _Asked], _Told], asked: _Asked
    ) -> _Told:
        desk = self._free.get()
        try:
            return work(desk, asked)
        finally:
            self._free.put(desk)


class _Desk:
    """One process, started when it is first needed and again when it has died."""

    def __init__(self, timeout: float, boot: str) -> None:
        self.timeout = timeout
        self.boot = boot
        self.process: subprocess.Popen[bytes] | None = None
        self.slow = False

    def read(self, path: Path) -> Taken:
        answer: dict[str, Any] | None = self._ask(str(path))
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

    def times(self, paths: Sequence[Path]) -> list[tuple[str, int]]:
        answer: list[tuple[str, int]] | None = self._ask([str(one) for one in paths])
        if answer is None:
            self.close()
            return [("", 0)] * len(paths)
        return [(saved, mtime_ns) for saved, mtime_ns in answer]

    def other(self, asked: Mapping[str, Any]) -> Any:
        answer = self._ask(dict(asked))
        if answer is None:
            self.close()
        return answer

    def close(self) -> None:
        if self.process is None:
            return
        process, self.process = self.process, None
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        process.kill()
        process.wait()

    def _ask(self, asked: str | list[str] | dict[str, Any]) -> Any:
        process = self.process or self._start()
        assert process.stdin and process.stdout
        self.slow = False
        timer = threading.Timer(self.timeout, self._give_up, [process])
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(json.dumps(asked).encode("ascii") + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:  # it died before it was asked
            return None
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            return None
        return json.loads(line)

    def _start(self) -> subprocess.Popen[bytes]:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", self.boot, _ROOT],
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
