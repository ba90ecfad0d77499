"""The worker process that reads files from outside: little memory, no store.

Standard library only. It reads one request a line (a path to read, or a list of
paths whose save times are wanted) and answers one line, both JSON.
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

from generator.xlsx.package import MAX_FILE
from generator.xlsx.reader import Workbook, read_last_saved, read_workbook
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worksheet import Worksheet

MEMORY_LIMIT = 400 << 20  # bytes of address space; a worker starts with a tenth
MAX_FORMULA_LENGTH = 200  # characters
_SHEET_NAME = re.compile(r"sheet\.\d{1,3}\.name\Z")
# Excel and LibreOffice name a copied sheet `Markbook (2)`, `Markbook_2`.
_COPY = re.compile(r"(?: \(\d+\)|_\d+)\Z")


def serve(handle_task: Callable[[dict[str, Any]], str] | None = None) -> None:
    """Answer requests until there are no more.

    Args:
        handle_task: Answers requests that are JSON objects, on one line; None where
            there are none of these.
    """
    _limit_memory()
    _lower_priority()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if isinstance(request, list):
            answer = read_save_times(request)
        elif isinstance(request, dict) and handle_task:
            answer = handle_task(request)
        else:
            answer = read_file(request)
        sys.stdout.buffer.write(answer.encode("ascii") + b"\n")
        sys.stdout.buffer.flush()


def read_file(path: str) -> str:
    """Read a file; answers its content, or why it is refused, as one line of JSON."""
    answer: dict[str, Any] = {}
    try:
        data = read_bytes(path, answer)
        answer["sha256"] = hashlib.sha256(data).hexdigest()
        answer["book"] = _workbook_to_json(read_workbook(data, entry_sheet_names))
        return json.dumps(answer)
    except FileRefused as refused:
        answer["refused"] = [refused.code, refused.detail]
    except MemoryError:
        answer["refused"] = ["memory", ""]
    answer.pop("book", None)
    return json.dumps(answer)


def read_save_times(paths: Sequence[str]) -> str:
    """Read when each file was saved; answers one line of JSON.

    For each file the workbook's own time as written and the file system's in
    nanoseconds; empty and 0 where the file is refused.
    """
    times = []
    for path in paths:
        status: dict[str, Any] = {}
        try:
            times.append(
                [read_last_saved(read_bytes(path, status)), status["mtime_ns"]]
            )
        except (FileRefused, MemoryError):
            times.append(["", 0])
    return json.dumps(times)


def entry_sheet_names(book: Workbook) -> Iterable[str]:
    """The entry sheets that the meta sheet lists, and copies; none where it is gone."""
    names = [
        sheet.cells[row, 1].text
        for sheet in book.sheets.values()
        for (row, column), cell in sheet.cells.items()
        if column == 0 and _SHEET_NAME.match(cell.text) and (row, 1) in sheet.cells
    ]
    yield from names
    for copy in book.sheet_states if names else ():
        if copy not in names and copied_name(copy) in names:
            yield copy


def copied_name(name: str) -> str:
    """The name of the sheet that a sheet is named as a copy of, else its own name.

    >>> copied_name("Markbook (2)"), copied_name("Markbook_2"), copied_name("Marks")
    ('Markbook', 'Markbook', 'Marks')
    """
    return _COPY.sub("", name)


def read_bytes(path: str, answer: dict[str, Any], limit: int = MAX_FILE) -> bytes:
    """Read a file whole, and add its size and time to an answer.

    Raises:
        FileRefused: If it cannot be read, is larger than the limit, or changes.
    """
    try:
        with open(path, "rb") as file:
            before = os.fstat(file.fileno())
            answer["size"], answer["mtime_ns"] = before.st_size, before.st_mtime_ns
            if not stat.S_ISREG(before.st_mode):
                raise FileRefused("not-a-workbook")
            if before.st_size > limit:
                raise FileRefused("too-large", f"{before.st_size >> 20} MB")
            data = file.read(limit + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise FileRefused("unreadable", error.strerror or str(error)) from None
    if len(data) != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise FileRefused("changing")
    return data


def _workbook_to_json(book: Workbook) -> dict[str, Any]:
    fields = {name: getattr(book, name) for name in Workbook.__slots__}
    fields["sheets"] = [
        [sheet.name, sheet.state, sheet.protected, sheet.merges, _cells_to_json(sheet)]
        for sheet in book.sheets.values()
    ]
    return fields


def _cells_to_json(sheet: Worksheet) -> list[Any]:
    """A sheet's cells, one list for each property: smaller and faster to send."""
    cells = sheet.cells.values()
    return [
        [row for row, _ in sheet.cells],
        [column for _, column in sheet.cells],
        [cell.kind for cell in cells],
        [cell.text for cell in cells],
        # Enough to show: the formula itself is never used.
        [cell.formula and cell.formula[:MAX_FORMULA_LENGTH] for cell in cells],
        [cell.locked for cell in cells],
        [cell.has_date_format for cell in cells],
        [cell.unstruck for cell in cells],
    ]


def _lower_priority() -> None:
    """Let the process that merges, and the person at this machine, go first."""
    if hasattr(os, "nice"):  # Windows has none
        with contextlib.suppress(OSError):
            os.nice(10)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none: the reader's own limits remain
        return
    with contextlib.suppress(ValueError, OSError):  # nor has macOS this one
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
