"""The process that has read a file keeps it, too: its bytes need not travel."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from stat import S_IREAD, S_IRGRP, S_IROTH
from typing import Any

from generator.files import CannotWrite, publish
from generator.returns.feedback import marking_desk
from generator.xlsx import worker
from generator.xlsx.patch import CannotPatch
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worker_pool import WorkerPool

# As the reader's own, without site packages.
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.returns.worker_tasks import serve; serve()"
)
CHANGED = "has changed since it was read, and was not kept"
SEALED = "is encrypted"
_SEALED = b"\xd0\xcf\x11\xe0"
_READ_ONLY = S_IREAD | S_IRGRP | S_IROTH
Notes = Mapping[str, Sequence[str]]  # sheet -> the cells


def serve() -> None:
    """Read, keep and mark files until there are no more."""
    worker.serve(answer_to)


def answer_to(asked: dict[str, Any]) -> str:
    """Why a file is not kept, or empty, as JSON; or what the marking desk says."""
    if "keep" not in asked:
        return marking_desk.answer_to(asked)
    to = Path(asked["to"])
    if to.exists():
        return json.dumps("")
    try:
        data = Path(asked["keep"]).read_bytes()
    except OSError as error:
        return json.dumps(f"could not be kept ({error.strerror})")
    if hashlib.sha256(data).hexdigest() != asked["sha256"]:
        return json.dumps(CHANGED)
    if data.startswith(_SEALED):
        return json.dumps(SEALED)
    return json.dumps(keep(data, to, asked["notes"]))


def ask(
    room: WorkerPool, path: Path, sha256: str, notes: Notes, to: Path
) -> Future[Any]:
    """Have a file kept.

    Args:
        room: A room that was opened with `BOOT`.
        path: The file.
        sha256: Of its content as it was read.
        notes: What to take out first.
        to: Where it is kept.

    Returns:
        Why it could not be, or empty; `SEALED` where it is encrypted; None where
        the process died of it.
    """
    return room.submit(
        {
            "keep": str(path),
            "sha256": sha256,
            "notes": {sheet: list(cells) for sheet, cells in notes.items()},
            "to": str(to),
        }
    )


def keep(data: bytes, to: Path, notes: Notes) -> str:
    """Keep a workbook's bytes, its teacher's notes taken out.

    Args:
        data: The workbook, not encrypted.
        to: Where it is kept.
        notes: The cells to empty.

    Returns:
        Why it could not be, or empty.
    """
    try:
        if notes:
            # Few files have any.
            from generator.returns.stripping import without_notes

            data = without_notes(data, notes)
        publish(to, data)
    except (CannotPatch, FileRefused) as error:
        return f"could not be kept without its notes ({error.args[0]})"
    except CannotWrite as error:
        return f"could not be kept: {error}".removesuffix(".")
    except MemoryError:
        return "could not be kept (it takes too much memory)"
    with suppress(OSError):  # some network drives have no such bit
        to.chmod(_READ_ONLY)
    return ""
