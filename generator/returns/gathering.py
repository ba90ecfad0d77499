"""Which files are returns to look at, and which are passed over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from udfs.errors import MarkbookError

# What `issue` writes beside the markbooks: not returns, and not strangers either.
OWN_LISTS = ("send.csv", "passwords.csv")


class NoSuchPath(MarkbookError):
    """A path to collect from that is not there."""


def find_files(
    paths: Sequence[Path], *, inbox_folder: Path
) -> tuple[list[Path], list[Path]]:
    """Every file under some paths, and those that are passed over, in order.

    Args:
        paths: Files and folders.
        inbox_folder: The school's inbox, which need not be there yet.

    Raises:
        NoSuchPath: If another path is not there.
    """
    found: dict[Path, Path] = {}
    skipped: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            for file in _walk(path, skipped):
                found.setdefault(absolute(file), file)
        elif path.exists() or path.is_symlink():
            found.setdefault(absolute(path), path)
        elif absolute(path) != absolute(inbox_folder):
            raise NoSuchPath(
                f"There is nothing at {path}.",
                "Name a file or a folder that is there, or nothing for returned/.",
            )
    files = []
    for key, file in found.items():
        if is_skipped(file.name):
            skipped.setdefault(key, file)
        else:
            files.append(file)
    return sorted(files), sorted(skipped.values())


def is_skipped(name: str) -> bool:
    """Whether a file of this name is never a return (rule 10).

    >>> is_skipped("~$10x-Ma1.xlsx"), is_skipped("send.csv"), is_skipped("a.xlsx")
    (True, True, False)
    """
    return name.startswith(("~$", ".")) or name.endswith(".tmp") or name in OWN_LISTS


def shown_path(path: Path, folder: Path) -> str:
    """A file's name for a reader: below the school folder where it lies there."""
    whole = absolute(path)
    try:
        shown = whole.relative_to(absolute(folder)).as_posix()
    except ValueError:
        shown = whole.as_posix()
    # A name in no encoding at all, or one that steers a terminal, must not spread.
    return "".join(sign if sign.isprintable() else "?" for sign in shown)


def _walk(folder: Path, skipped: dict[Path, Path]) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        for name in sorted(folders):
            if is_skipped(name):
                hidden = Path(place, name)
                skipped.setdefault(absolute(hidden), hidden)
        folders[:] = sorted(name for name in folders if not is_skipped(name))
        for name in sorted(files):
            yield Path(place, name)


def absolute(path: Path) -> Path:
    """A path that tells two ways of naming the same file to be one."""
    return Path(os.path.abspath(path))
