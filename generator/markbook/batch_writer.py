"""Write batches of markbook files, in the main process or in a worker.

Each worker process imports this module, so it imports neither pandas nor the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.files import publish
from generator.markbook.compiled_markbook import CompiledMarkbook
from generator.markbook.layout import Markbook
from generator.markbook.placeholders import markbook_shape
from generator.markbook.write_markbook import write_markbook
from generator.xlsx.encryption import encrypt
from udfs.errors import MarkbookError
from udfs.tables import Tables

_MAX_COMPILED = 64  # shapes cached in a process, some 200 KB each
_MAX_FILES, _MAX_ENCRYPTED = 100, 10  # files in a batch, small enough for progress
# Seconds of a process to write a sheet, fill a sheet, compile a shape, encrypt a file.
_WRITE_TIME, _FILL_TIME, _COMPILE_TIME, _ENCRYPT_TIME = 0.025, 0.002, 0.04, 0.11


@dataclass(frozen=True, slots=True)
class WriteJob:
    """One file to write.

    Args:
        path: Path of the file.
        markbook: Content of the file.
        shared_shape: Whether other files have its shape: the shape is compiled then,
            which does not pay off for a single file.
        password: Password to encrypt the file with; empty for none.
    """

    path: Path
    markbook: Markbook
    shared_shape: bool = False
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The SHA-256 of a file, or the reason why it was not written."""

    sha256: str = ""
    refusal: str = ""


class BatchWriter:
    """Writes markbooks, compiling each shape that several of them share.

    Args:
        tables: The school's scales and codes.
        key: The school's secret key, which signs the identity.
    """

    def __init__(self, tables: Tables, key: bytes) -> None:
        self._tables = tables
        self._key = key
        self._compiled: dict[tuple[object, ...], CompiledMarkbook] = {}

    def write(self, markbook: Markbook, *, shared_shape: bool) -> bytes:
        """Write a markbook.

        Args:
            markbook: Content of the file.
            shared_shape: Whether other files have its shape.

        Raises:
            UnknownScale: If the tables do not have a sheet's scale.
            ExcelLimitError: If Excel cannot hold part of the content.
        """
        if not shared_shape:
            return write_markbook(markbook, self._tables, self._key)
        shape = markbook_shape(markbook)
        if shape not in self._compiled:
            if len(self._compiled) >= _MAX_COMPILED:
                self._compiled.clear()
            self._compiled[shape] = CompiledMarkbook(markbook, self._tables, self._key)
        return self._compiled[shape].fill(markbook)


# The writer of this process and the run it belongs to, shared by all batches of the
# run so that each shape is compiled once.
_current_writer: list[tuple[str, BatchWriter]] = []


def write_file(job: WriteJob, *, run: str, tables: Tables, key: bytes) -> WriteResult:
    """Write one file and publish it.

    Args:
        job: File to write.
        run: Id of the run that the process works for.
        tables: The school's scales and codes.
        key: The school's secret key.
    """
    if not _current_writer or _current_writer[0][0] != run:
        _current_writer[:] = [(run, BatchWriter(tables, key))]
    try:
        data = _current_writer[0][1].write(job.markbook, shared_shape=job.shared_shape)
        if job.password:
            data = encrypt(data, job.password)
        publish(job.path, data)
    except MarkbookError as error:
        return WriteResult(refusal=str(error))
    return WriteResult(sha256=hashlib.sha256(data).hexdigest())


def write_batch(
    batch: Sequence[WriteJob], *, run: str, tables: Tables, key: bytes
) -> list[WriteResult]:
    """Write the files of a batch in order, each as `write_file` does."""
    return [write_file(job, run=run, tables=tables, key=key) for job in batch]


def make_batches(
    files: Iterable[tuple[Path, Markbook]], passwords: Mapping[Path, str] | None = None
) -> list[tuple[WriteJob, ...]]:
    """Batches of files of one shape, so that one process compiles it; largest first.

    Args:
        files: Path and content of each file.
        passwords: Path -> password to encrypt the file with; None for no encryption.
    """
    shapes: dict[tuple[object, ...], list[tuple[Path, Markbook]]] = {}
    for path, markbook in files:
        shapes.setdefault(markbook_shape(markbook), []).append((path, markbook))
    passwords = passwords or {}
    size = _MAX_ENCRYPTED if passwords else _MAX_FILES
    batches: list[tuple[WriteJob, ...]] = []
    for group in sorted(shapes.values(), key=len, reverse=True):
        jobs = [
            WriteJob(path, markbook, len(group) > 1, passwords.get(path, ""))
            for path, markbook in group
        ]
        batches += [
            tuple(jobs[start : start + size]) for start in range(0, len(jobs), size)
        ]
    return batches


def estimate_seconds(batch: Sequence[WriteJob]) -> float:
    """The approximate time one process needs for a batch, in seconds."""
    sheets = sum(len(job.markbook.sheets) for job in batch)
    encryption = _ENCRYPT_TIME * sum(bool(job.password) for job in batch)
    if batch[0].shared_shape:
        return encryption + _COMPILE_TIME + _FILL_TIME * sheets
    return encryption + _WRITE_TIME * sheets
