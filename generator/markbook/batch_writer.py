"""Writing files of markbooks, in whatever process the work runs in.

What is imported here each worker has to import before it can begin: no pandas, no
store.
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
from generator.xlsx.encryption import sealed
from udfs.errors import MarkbookError
from udfs.tables import Tables

_MOST_STAMPS = 64  # kept at once in a process: some 200 KB each
_MOST_COPIES, _MOST_SEALED = 100, 10  # in a sheaf: who waits sees how far it is
# Seconds of a process: for an entry sheet, a stamp, a password.
_AUTHORING, _STAMPING, _CUTTING, _SEALING = 0.025, 0.002, 0.04, 0.11


@dataclass(frozen=True, slots=True)
class WriteJob:
    """One file to write.

    Args:
        path: Where it goes.
        markbook: What stands in it.
        again: Whether others of its shape are to be written too: a stamp is cut
            then, while one alone is authored sooner.
        password: What the file is encrypted with; empty for none.
    """

    path: Path
    markbook: Markbook
    shared_shape: bool = False
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of one copy: the file's SHA-256, or why there is none."""

    sha256: str = ""
    refused: str = ""


class BatchWriter:
    """Writes markbooks: those of a shape that comes again are stamped.

    Args:
        tables: The school's scales and codes.
        key: The school's own secret, which seals the identity.
    """

    def __init__(self, tables: Tables, key: bytes) -> None:
        self._tables = tables
        self._key = key
        self._stamps: dict[tuple[object, ...], CompiledMarkbook] = {}

    def write(self, markbook: Markbook, *, again: bool) -> bytes:
        """Write a markbook.

        Args:
            markbook: What stands in it.
            again: Whether others of its shape are to be written.

        Raises:
            UnknownScale: If a sheet's subject is on a scale that there is not.
            SheetRefused: If Excel cannot hold something in it.
        """
        if not again:
            return write_markbook(markbook, self._tables, self._key)
        shape = markbook_shape(markbook)
        if shape not in self._stamps:
            if len(self._stamps) >= _MOST_STAMPS:
                self._stamps.clear()
            self._stamps[shape] = CompiledMarkbook(markbook, self._tables, self._key)
        return self._stamps[shape].fill(markbook)


# The press of this process, and the run it was set up for: stamps outlive the batch
# of copies that they were cut for.
_standing: list[tuple[str, BatchWriter]] = []


def print_copy(copy: WriteJob, *, run: str, tables: Tables, key: bytes) -> WriteResult:
    """Write one file and put it in place.

    Args:
        copy: The file.
        run: What tells this run from any other that the process may work for.
        tables: The school's scales and codes.
        key: The school's own secret.
    """
    if not _standing or _standing[0][0] != run:
        _standing[:] = [(run, BatchWriter(tables, key))]
    try:
        data = _standing[0][1].write(copy.markbook, again=copy.shared_shape)
        if copy.password:
            data = sealed(data, copy.password)
        publish(copy.path, data)
    except MarkbookError as error:
        return WriteResult(refused=str(error))
    return WriteResult(sha256=hashlib.sha256(data).hexdigest())


def print_sheaf(
    sheaf: Sequence[WriteJob], *, run: str, tables: Tables, key: bytes
) -> list[WriteResult]:
    """Write the files of a sheaf, in order; as `print_copy`."""
    return [print_copy(copy, run=run, tables=tables, key=key) for copy in sheaf]


def sheaves(
    wanted: Iterable[tuple[Path, Markbook]],
    passwords: Mapping[Path, str] | None = None,
) -> list[tuple[WriteJob, ...]]:
    """Copies in sheaves of one shape, so that one process cuts its stamp; large first.

    Args:
        wanted: Each file with what stands in it.
        passwords: What to encrypt each with; None for no encryption.
    """
    shapes: dict[tuple[object, ...], list[tuple[Path, Markbook]]] = {}
    for path, markbook in wanted:
        shapes.setdefault(markbook_shape(markbook), []).append((path, markbook))
    sealing = passwords or {}
    most = _MOST_SEALED if sealing else _MOST_COPIES
    made: list[tuple[WriteJob, ...]] = []
    for alike in sorted(shapes.values(), key=len, reverse=True):
        pile = [
            WriteJob(path, book, len(alike) > 1, sealing.get(path, ""))
            for path, book in alike
        ]
        made += [tuple(pile[at : at + most]) for at in range(0, len(pile), most)]
    return made


def seconds(sheaf: Sequence[WriteJob]) -> float:
    """About how long a sheaf takes one process."""
    sheets = sum(len(copy.markbook.sheets) for copy in sheaf)
    sealing = _SEALING * sum(bool(copy.password) for copy in sheaf)
    if sheaf[0].shared_shape:
        return sealing + _CUTTING + _STAMPING * sheets
    return sealing + _AUTHORING * sheets
