"""Write a file whole, or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import stat
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from udfs.errors import MarkbookError

RENAME_TRIES = 5
PASSWORDS_FILE = "passwords.csv"
PASSWORD_COLUMNS = ("who", "name", "password", "files", "also_for")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]\d+(?:\.\d+)?")


class CannotWrite(MarkbookError):
    """A file cannot be written."""


def publish(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside it, then move it into place.

    Raises:
        CannotWrite: If the folder is read-only or full, or somebody has the file
            open; an existing file is then untouched.
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


def excel_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file that Excel opens as UTF-8, with no text taken for a formula.

    >>> excel_csv(["name"], [["=1+1"], ["Abara"]]).decode("utf-8-sig").split()
    ['name', "'=1+1", 'Abara']
    """
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(header)
    for row in rows:
        table.writerow(
            [
                f"'{cell}"
                if cell.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell)
                else cell
                for cell in row
            ]
        )
    # The byte order mark tells Excel that this is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def publish_password_list(
    folder: Path, rows: Iterable[tuple[str, str, str, Iterable[str], Iterable[str]]]
) -> None:
    """Write `passwords.csv`, which must not travel with the files it opens.

    Args:
        folder: The folder to write it into.
        rows: Code, name and password of a reader, the files that the password
            opens, and the codes of the other readers of these files.
    """
    path = folder / PASSWORDS_FILE
    table = [
        (code, name, password, ";".join(files), ";".join(others))
        for code, name, password, files, others in rows
    ]
    publish(path, excel_csv(PASSWORD_COLUMNS, table))
    path.chmod(0o600)


def free_path(path: Path) -> Path:
    """The path, or one beside it with a number where there is such a file already."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def make_private(path: Path) -> None:
    """Let only the owner read and write a file, or enter a folder.

    Where the folder it lies in was opened to a group, which data managers who share a
    school do, that group may too. Systems without such modes are left as they are.
    """
    mode = 0o700 if path.is_dir() else 0o600
    with suppress(OSError):
        if path.parent.stat().st_mode & stat.S_IWGRP:
            mode |= mode >> 3 & 0o070
        if stat.S_IMODE(path.stat().st_mode) & 0o777 != mode:
            path.chmod(mode)


def private_folder(path: Path) -> Path:
    """A folder that only its owner may enter, created where it does not exist.

    Raises:
        OSError: If it cannot be created.
    """
    path.mkdir(parents=True, exist_ok=True)
    make_private(path)
    return path


def file_sha256(path: Path) -> str:
    """The hash of a file's content; empty if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
