"""The process that has read the files marks them up, too: their bytes stay there."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import Any

from generator.problems import Problem
from generator.returns.feedback.corrections_sheet import Correction
from generator.xlsx import worker
from generator.xlsx.patch import CannotPatch
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worker_pool import WorkerPool

# As the reader's own, without site packages.
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.returns.feedback.marking_desk import serve; serve()"
)
CHANGED = "changed"


def serve() -> None:
    """Read and mark files until there are no more."""
    worker.serve(answer_to)


def ask(
    room: WorkerPool, path: Path, sha256: str, found: Sequence[Correction], title: str
) -> Future[Any]:
    """Have a file marked up.

    Args:
        room: A room that was opened with `BOOT`.
        path: The file, not encrypted.
        sha256: Of its content as it was read.
        found: What to put right.
        title: Whose markbook this is.

    Returns:
        What `copy_of` makes the marked copy of.
    """
    asked = {
        "path": str(path),
        "sha256": sha256,
        "title": title,
        "items": [asdict(item) for item in found],
    }
    return room.submit(asked)


def copy_of(answer: Future[Any]) -> bytes:
    """The marked copy, when it is made.

    Raises:
        CannotPatch: If the file could not be marked, or has changed (`CHANGED`).
    """
    said = answer.result()
    if said is None:
        raise CannotPatch("marking it took too long")
    if "cannot" in said:
        raise CannotPatch(said["cannot"])
    return base64.b64decode(said["copy"])


def answer_to(asked: dict[str, Any]) -> str:
    """A marked copy, or why there is none, as JSON on one line."""
    # A process that only reads has no need of it.
    from generator.returns.feedback.annotate import annotate

    items = [
        Correction(**{**item, "problem": Problem(**item["problem"])})
        for item in asked["items"]
    ]
    try:
        data = Path(asked["path"]).read_bytes()
        if hashlib.sha256(data).hexdigest() != asked["sha256"]:
            raise CannotPatch(CHANGED)
        copy = annotate(data, items, title=asked["title"])
    except (CannotPatch, FileRefused) as error:
        return json.dumps({"cannot": str(error.args[0])})
    except OSError as error:
        return json.dumps({"cannot": error.strerror or "it cannot be read"})
    except MemoryError:
        return json.dumps({"cannot": "it takes too much memory"})
    return json.dumps({"copy": base64.b64encode(copy).decode("ascii")})
