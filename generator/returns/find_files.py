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

    They are named from the root of the file system on.

    Args:
        paths: Files and folders.
        inbox_folder: The school's inbox, which need not be there yet.

    Raises:
        NoSuchPath: If another path is not there.
    """
    found: set[Path] = set()
    skipped: set[Path] = set()
    for path in map(absolute, paths):
        if path.is_dir():
            found.update(_walk(path, skipped))
        elif path.exists() or path.is_symlink():
            found.add(path)
        elif path != absolute(inbox_folder):
            raise NoSuchPath(
                f"There is nothing at {path}.",
                "Name a file or a folder that is there, or nothing for returned/.",
            )
    passed = {path for path in found if is_skipped(path.name)}
    return sorted(found - passed), sorted(skipped | passed)


def is_skipped(name: str) -> bool:
    """Whether a file of this name is never a return (rule 10).

    >>> is_skipped("~$10x-Ma1.xlsx"), is_skipped("send.csv"), is_skipped("a.xlsx")
    (True, True, False)
    """
    return name.startswith(("~$", ".")) or name.endswith(".tmp") or name in OWN_LISTS


def _walk(folder: Path, skipped: set[Path]) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        skipped.update(Path(place, name) for name in folders if is_skipped(name))
        folders[:] = [name for name in folders if not is_skipped(name)]
        for name in files:
            yield Path(place, name)


def absolute(path: Path) -> Path:
    """A path that tells two ways of naming the same file to be one."""
    return Path(os.path.abspath(path))
