"""The process in which files from outside are read: little memory, no store.

Standard library only. One request a line (a path to read, or a list of paths of which
only the times of saving are asked), one answer a line, both JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from generator.returns.reading.envelope import MAX_FILE
from generator.returns.reading.reader import Workbook, last_saved, read
from generator.returns.reading.refusals import Refused
from generator.returns.reading.worksheet import Sheet

MEMORY = 400 << 20  # bytes of address space; a process of ours starts with a tenth
MAX_FORMULA = 200  # characters of one
_SHEET_NAME = re.compile(r"sheet\.\d{1,3}\.name\Z")


def serve(other: Callable[[dict[str, Any]], str] | None = None) -> None:
    """Answer requests until there are no more.

    Args:
        other: Answers requests of another kind, objects in JSON, on one line.
    """
    _limit_memory()
    _stand_back()
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if isinstance(asked, list):
            answer = times_of(asked)
        elif isinstance(asked, dict) and other:
            answer = other(asked)
        else:
            answer = answer_to(asked)
        sys.stdout.buffer.write(answer.encode("ascii") + b"\n")
        sys.stdout.buffer.flush()


def answer_to(path: str) -> str:
    """What a file holds, or why it is refused, as JSON on one line."""
    found: dict[str, Any] = {}
    try:
        data = _bytes(path, found)
        found["sha256"] = hashlib.sha256(data).hexdigest()
        found["book"] = _plain(read(data, entry_sheets))
        return json.dumps(found)
    except Refused as refused:
        found["refused"] = [refused.code, refused.detail]
    except MemoryError:
        found["refused"] = ["memory", ""]
    found.pop("book", None)
    return json.dumps(found)


def times_of(paths: Sequence[str]) -> str:
    """When each file was saved, as JSON on one line.

    Of each the workbook's own time as written and the file system's in nanoseconds;
    empty and 0 where the file is refused.
    """
    times = []
    for path in paths:
        found: dict[str, Any] = {}
        try:
            times.append([last_saved(_bytes(path, found)), found["mtime_ns"]])
        except (Refused, MemoryError):
            times.append(["", 0])
    return json.dumps(times)


def entry_sheets(book: Workbook) -> Iterable[str]:
    """The sheets that the meta sheet says are filled in; none where it is gone."""
    for sheet in book.sheets.values():
        for (row, column), cell in sheet.cells.items():
            if column == 0 and _SHEET_NAME.match(cell.text):
                name = sheet.cells.get((row, 1))
                if name:
                    yield name.text


def _bytes(path: str, found: dict[str, Any]) -> bytes:
    try:
        with open(path, "rb") as file:
            before = os.fstat(file.fileno())
            found["size"], found["mtime_ns"] = before.st_size, before.st_mtime_ns
            if not stat.S_ISREG(before.st_mode):
                raise Refused("not-a-workbook")
            if before.st_size > MAX_FILE:
                raise Refused("too-large", f"{before.st_size >> 20} MB")
            data = file.read(MAX_FILE + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise Refused("unreadable", error.strerror or str(error)) from None
    if len(data) != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise Refused("changing")
    return data


def _plain(book: Workbook) -> dict[str, Any]:
    return {
        "states": book.states,
        "names": book.names,
        "properties": book.properties,
        "modified": book.modified,
        "program": book.program,
        "mac_dates": book.mac_dates,
        "linked": book.linked,
        "sheets": [
            [
                sheet.name,
                sheet.state,
                sheet.protected,
                sheet.merges,
                _columns(sheet),
            ]
            for sheet in book.sheets.values()
        ],
    }


def _columns(sheet: Sheet) -> list[Any]:
    """A sheet's cells, one list for each thing told of them: they are quicker sent."""
    cells = sheet.cells.values()
    return [
        [row for row, _ in sheet.cells],
        [column for _, column in sheet.cells],
        [cell.kind for cell in cells],
        [cell.text for cell in cells],
        # Enough to show: what a formula says is never taken.
        [cell.formula and cell.formula[:MAX_FORMULA] for cell in cells],
        [cell.locked for cell in cells],
        [cell.dated for cell in cells],
    ]


def _stand_back() -> None:
    """Let whoever merges what has been read, and works at this machine, go first."""
    if hasattr(os, "nice"):  # Windows has none
        with contextlib.suppress(OSError):
            os.nice(10)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none: the reader's own limits remain
        return
    with contextlib.suppress(ValueError, OSError):  # nor has macOS this one
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
