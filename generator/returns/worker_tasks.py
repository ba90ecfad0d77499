"""Tasks of the worker processes that have read a file: archive it, annotate it.

The file's bytes stay in the worker. Standard library only: the workers run without
site packages.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_IREAD, S_IRGRP, S_IROTH
from typing import Any

from generator.files import CannotWrite, publish
from generator.xlsx import worker
from generator.xlsx.package import open_package
from generator.xlsx.patch import PartPatch, PatchError, WorkbookPatch, XmlElement
from generator.xlsx.reader import Workbook, read_workbook
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worksheet import Cell, cell_reference
from udfs.text import tidy

BOOTSTRAP = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.returns.worker_tasks import serve; serve()"
)
CHANGED = "it has changed since it was read"
ENCRYPTED = "it is encrypted"
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0"
_READ_ONLY = S_IREAD | S_IRGRP | S_IROTH
_SHARED_STRINGS = "xl/sharedStrings.xml"
_STRING_NUMBER = re.compile(rb"<(?:\w+:)?v[^>]*>\s*(\d+)\s*<")
Notes = Mapping[str, Sequence[str]]  # sheet -> the cells of its teacher's own notes


def serve() -> None:
    """Read, archive and annotate files until there are no more requests."""
    worker.serve(run_task)


def run_task(request: Mapping[str, Any]) -> str:
    """Do a task with a file.

    Args:
        request: `task` (`archive` or `annotate`), `path`, `sha256` (the file's hash
            when it was read) and what the task needs.

    Returns:
        The answer as JSON on one line; `error` is the reason if the task failed.
    """
    is_archive = request["task"] == "archive"
    if is_archive and Path(request["to"]).exists():
        return json.dumps({"error": ""})
    try:
        data = Path(request["path"]).read_bytes()
    except OSError as error:
        return json.dumps({"error": error.strerror or "it cannot be read"})
    if hashlib.sha256(data).hexdigest() != request["sha256"]:
        return json.dumps({"error": CHANGED})
    if not is_archive:
        # Imported here, because most files need no copy.
        from generator.returns.feedback.annotate import annotate_task

        return json.dumps(annotate_task(data, request))
    if data.startswith(_OLE_SIGNATURE):
        return json.dumps({"error": ENCRYPTED})
    return json.dumps(
        {"error": archive_bytes(data, Path(request["to"]), request["notes"])}
    )


def archive_bytes(data: bytes, to: Path, notes: Notes) -> str:
    """Archive a workbook without its teacher's notes.

    Args:
        data: The workbook, not encrypted.
        to: The path in the archive.
        notes: The cells to empty.

    Returns:
        The reason if it could not be archived, else an empty text.
    """
    try:
        publish(to, remove_notes(data, notes) if notes else data)
    except (PatchError, FileRefused) as error:
        return f"its notes could not be removed ({error.args[0]})"
    except CannotWrite as error:
        return str(error).removesuffix(".")
    except MemoryError:
        return "it takes too much memory"
    with suppress(OSError):  # some network drives have no permissions
        to.chmod(_READ_ONLY)
    return ""


def remove_notes(data: bytes, notes: Notes) -> bytes:
    """A workbook with some cells emptied, and everything else unchanged.

    Args:
        data: The workbook.
        notes: The cells to empty.

    Raises:
        PatchError: If it is written in a way that is not safe to change.
        FileRefused: If it cannot be read.
    """
    book = read_workbook(data)
    with open_package(data) as package:
        patch = WorkbookPatch(package)
        parts = patch.sheet_parts()
        removed: set[int] = set()
        used_elsewhere: set[int] = set()  # shared strings that other cells use
        for name, part_name in parts.items():
            cells = set(notes.get(name, ()))

            def empty(part: PartPatch, cells: set[str] = cells) -> None:
                for node in _cell_nodes(part):
                    numbers = _shared_strings(part, node)
                    if node.attributes.get("r") not in cells:
                        used_elsewhere.update(numbers)
                    elif not node.empty:
                        removed.update(numbers)
                        part.set_attribute(node, "t", None)
                        part.replace(node.inner, node.end, "")

            if cells:
                patch.change(part_name, 4, empty)
            else:
                empty(PartPatch(patch.read(part_name), 4))

        def remove_strings(part: PartPatch) -> None:
            strings = part.root.children_named("si")
            for number in sorted(removed - used_elsewhere):
                if not strings[number].empty:
                    part.replace(strings[number].inner, strings[number].end, "")

        if removed:
            patch.change(_SHARED_STRINGS, 2, remove_strings)
        stripped = patch.to_bytes()
    result = read_workbook(stripped)
    before, _ = _split_cells(book, notes)
    after, note_cells = _split_cells(result, notes)
    if before != after or any(
        c.formula is not None or tidy(c.text) for c in note_cells
    ):
        raise PatchError("something else would have changed")
    return stripped


def _cell_nodes(part: PartPatch) -> list[XmlElement]:
    rows = part.root.first_child("sheetData")
    return [
        cell
        for row in (rows.children if rows else ())
        for cell in row.children_named("c")
    ]


def _shared_strings(part: PartPatch, node: XmlElement) -> set[int]:
    """The number of the shared string that a cell shows, if it shows one."""
    if node.attributes.get("t") != "s":
        return set()
    numbers = _STRING_NUMBER.findall(part.data[node.inner : node.end])
    return {int(number) for number in numbers}


def _split_cells(
    book: Workbook, notes: Notes
) -> tuple[dict[tuple[str, int, int], Cell], list[Cell]]:
    """All cells but the notes, by sheet, row and column; and the cells of notes."""
    others, note_cells = {}, []
    for name, sheet in book.sheets.items():
        own_notes = set(notes.get(name, ()))
        for (row, column), cell in sheet.cells.items():
            if cell_reference(row, column) in own_notes:
                note_cells.append(cell)
            else:
                others[name, row, column] = cell
    return others, note_cells
