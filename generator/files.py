"""Putting a file in place whole, or not at all."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from udfs.errors import MarkbookError

RENAME_TRIES = 5


class CannotWrite(MarkbookError):
    """A file could not be put in its place."""


def publish(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside it, then move it into place.

    Raises:
        CannotWrite: If the folder is read-only or full, or somebody has the file
            open; the file that was there is then untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _move(temporary, path)
    except OSError as error:
        with suppress(OSError):  # there may be no such folder
            temporary.unlink(missing_ok=True)
        raise CannotWrite(
            f"{path} cannot be written ({error.strerror or error}).",
            "Close it if it is open, check the folder and its room, and try again.",
        ) from error


def _move(temporary: Path, path: Path) -> None:
    # A network drive or a virus scanner can hold a name for a moment.
    for attempt in range(RENAME_TRIES):
        try:
            os.replace(temporary, path)
            return
        except OSError:
            if attempt == RENAME_TRIES - 1:
                raise
            time.sleep(0.05 * 2**attempt)
