"""Find the files to collect, and those to skip."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from udfs.errors import MarkbookError

# Lists that `issue` writes beside the markbooks.
OWN_LISTS = ("send.csv", "passwords.csv")


class NoSuchPath(MarkbookError):
    """A path to collect from does not exist."""


def find_files(
    paths: Sequence[Path], *, inbox_folder: Path
) -> tuple[list[Path], list[Path]]:
    """Every file under some paths, and those that are skipped, in order.

    Both are absolute paths.

    Args:
        paths: Files and folders.
        inbox_folder: The school's inbox, which need not exist yet.

    Raises:
        NoSuchPath: If another path does not exist.
    """
    files: set[Path] = set()
    skipped: set[Path] = set()
    for path in map(absolute, paths):
        if path.is_dir():
            files.update(_walk(path, skipped))
        elif path.exists() or path.is_symlink():
            files.add(path)
        elif path != absolute(inbox_folder):
            raise NoSuchPath(
                f"There is nothing at {path}.",
                "Name a file or a folder that exists, or nothing for returned/.",
            )
    ignored = {path for path in files if is_skipped(path.name)}
    return sorted(files - ignored), sorted(skipped | ignored)


def is_skipped(name: str) -> bool:
    """Whether a file of this name is never a return (rule 10).

    >>> is_skipped("~$10x-Ma1.xlsx"), is_skipped("send.csv"), is_skipped("a.xlsx")
    (True, True, False)
    """
    return name.startswith(("~$", ".")) or name.endswith(".tmp") or name in OWN_LISTS


def _walk(folder: Path, skipped: set[Path]) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        skipped.update(Path(parent, name) for name in folders if is_skipped(name))
        folders[:] = [name for name in folders if not is_skipped(name)]
        for name in files:
            yield Path(parent, name)


def absolute(path: Path) -> Path:
    """The absolute path without `..`: equal for two spellings of the same path."""
    return Path(os.path.abspath(path))
