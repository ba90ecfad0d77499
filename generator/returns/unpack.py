"""Unpack mails and archives among the files to collect."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from generator.names import UNPACKED, shown_path
from generator.returns.attachments import is_container
from generator.returns.find_files import absolute
from generator.xlsx.worker_pool import ReadFile, WorkerPool
from udfs.errors import MarkbookError

MAX_LABEL = 120  # characters of a folder's name that says where a file came from
STALE = 24 * 3600  # seconds after which the files of a killed run are removed
_BOOTSTRAP = (
    "import sys; sys.path.insert(0, sys.argv[1]); sys.path.append({packages!r}); "
    "from generator.returns.attachments import serve; serve()"
)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The files of a run, with what was inside mails and archives.

    Args:
        files: The files to read: those that are no mail and no archive, and what was
            unpacked.
        refused: Files inside, and whole mails and archives, that cannot be read.
        sources: Unpacked file -> the mail or archive it came from.
    """

    files: list[Path]
    refused: list[ReadFile] = field(default_factory=list)
    sources: dict[Path, Path] = field(default_factory=dict)

    def named(self, paths: Iterable[Path]) -> set[Path]:
        """The files that a user named one by one, with what their mails hold."""
        files = {absolute(path) for path in paths if path.is_file()}
        return files | {path for path, mail in self.sources.items() if mail in files}

    @property
    def unreadable(self) -> list[Path]:
        """The mails and archives that could not be read as a whole."""
        return [file.path for file in self.refused if file.path.exists()]


@contextmanager
def unpacked(files: Sequence[Path], school_folder: Path) -> Iterator[Unpacked]:
    """Unpack the mails and archives among files for the length of a `with` block.

    The unpacked files are in a folder of the school that only its user may read; it is
    deleted at the end. `shown_path` names such a file `returned/mail.eml › 10x.xlsx`.

    Args:
        files: Absolute paths.
        school_folder: The school's folder.

    Raises:
        MarkbookError: If nothing can be written into the school's folder.
    """
    containers = [path for path in files if is_container(path)]
    if not containers:
        yield Unpacked(list(files))
        return
    parent = school_folder / UNPACKED
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=parent))
    except OSError as error:
        raise MarkbookError(
            f"Mails cannot be unpacked: {error.strerror} ({parent}).",
            "Check that you may write into the school's folder.",
        ) from None
    _remove_stale(parent, folder)
    try:
        result = Unpacked([path for path in files if not is_container(path)])
        _unpack_all(containers, folder, school_folder, result)
        result.files.sort()
        yield result
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for empty in (parent, parent.parent):
            with suppress(OSError):
                empty.rmdir()


def _unpack_all(
    containers: Sequence[Path], folder: Path, school_folder: Path, result: Unpacked
) -> None:
    spec = find_spec("olefile")
    packages = str(Path(spec.origin).parents[1]) if spec and spec.origin else ""
    bootstrap = _BOOTSTRAP.format(packages=packages)
    with WorkerPool(len(containers), bootstrap=bootstrap) as pool:
        started: list[tuple[Path, Path, Future[Any]]] = []
        for number, path in enumerate(containers):
            target = folder / str(number) / _label(path, school_folder)
            target.mkdir(parents=True)
            request = {"path": str(path), "to": str(target)}
            started.append((path, target, pool.submit(request)))
        for path, target, future in started:
            _add_answer(path, target, future.result(), result)


def _add_answer(
    path: Path, target: Path, answer: dict[str, Any] | None, result: Unpacked
) -> None:
    answer = answer or {"files": [], "refused": [], "code": "reader-died"}
    try:
        modified = path.stat().st_mtime_ns
    except OSError:
        modified = 0
    for name in answer["files"]:
        file = target / name
        os.utime(file, ns=(modified, modified))  # a return's time is its mail's
        result.files.append(file)
        result.sources[file] = path
    for name, code, detail in answer["refused"]:
        result.refused.append(
            ReadFile(target / name, mtime_ns=modified, refused=(code, detail))
        )
    if code := answer.get("code"):
        refusal = code, answer.get("detail", "")
        sha256 = answer.get("sha256", "")
        result.refused.append(
            ReadFile(path, mtime_ns=modified, sha256=sha256, refused=refusal)
        )


def _label(path: Path, school_folder: Path) -> str:
    """The name of a folder that says which mail a file in it came from."""
    shown = quote(shown_path(path, school_folder), safe=" ")
    return shown if len(shown) <= MAX_LABEL else quote(path.name, safe=" ")[-MAX_LABEL:]


def _remove_stale(parent: Path, newest: Path) -> None:
    """Remove what a run that was killed has left."""
    with suppress(OSError):
        limit = newest.stat().st_mtime - STALE
        for folder in parent.iterdir():
            if folder.stat().st_mtime < limit:
                shutil.rmtree(folder, ignore_errors=True)
