"""Write packs, in this process or in a worker process, and encrypt them."""

from __future__ import annotations

import gc
import hashlib
import pickle
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.files import publish, publish_password_list
from generator.names import file_names
from generator.packs.facts.readers import PackReaders
from generator.packs.pack_kind import PackContext, PackKind
from generator.school.school import School
from generator.store.passwords import ensure_passwords
from generator.xlsx.encryption import encrypt, is_encrypted_file
from generator.xlsx.writer import strict_writing
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.context import Context

PACKS_PER_TASK = 3  # packs sent to a process at once: they differ much in size
NO_READER = "no-reader"  # the owner of the password of packs that have no reader


@dataclass(frozen=True, slots=True)
class PackJob:
    """One pack to write.

    Args:
        write: The `write` of its kind.
        kind: The name of its kind.
        scope: The part of the school it is about.
        path: The file to write.
        readers: The people it is for; None if it is for everybody.
        password: The password it is encrypted with; empty for none.
    """

    write: Callable[..., bytes]
    kind: str
    scope: str
    path: Path
    readers: PackReaders | None = None
    password: str = field(default="", repr=False)

    @property
    def owner(self) -> str:
        """The staff code whose password opens the pack."""
        codes = self.readers.codes if self.readers else ()
        return codes[0] if codes else NO_READER


@dataclass(frozen=True, slots=True)
class PackRefusal:
    """Why a pack could not be written: what is wrong, and what to do."""

    what: str
    do: str


@dataclass(frozen=True, slots=True)
class PackedFacts:
    """The facts and the context of packs, pickled once for all worker processes.

    Args:
        digest: A hash of the content.
        data: The content, compressed.
    """

    digest: str
    data: bytes = field(repr=False, compare=False)

    @classmethod
    def pack(cls, facts: object, context: PackContext) -> PackedFacts:
        """Pickle and compress them."""
        pickled = pickle.dumps((facts, context), pickle.HIGHEST_PROTOCOL)
        data = zlib.compress(pickled, 1)
        return cls(hashlib.sha256(data).hexdigest(), data)


@lru_cache(maxsize=1)
def _unpack(packed: PackedFacts) -> tuple[Any, PackContext]:
    content: tuple[Any, PackContext] = pickle.loads(zlib.decompress(packed.data))
    # What stays for every pack need not be searched for garbage after each.
    gc.freeze()
    return content


def write_in_worker(job: PackJob, *, packed: PackedFacts) -> PackRefusal | None:
    """Write one pack in a worker process, as `write_pack` does.

    Args:
        job: The pack.
        packed: What it is written from.
    """
    facts, context = _unpack(packed)
    # A workbook is a great many cells that live until it is finished: collecting
    # garbage meanwhile takes a tenth of the time and finds nothing.
    gc.disable()
    try:
        return write_pack(job, facts=facts, context=context)
    finally:
        gc.enable()


def write_pack(
    job: PackJob, *, facts: object, context: PackContext
) -> PackRefusal | None:
    """Write one pack to its file; None if that succeeds.

    Args:
        job: The pack.
        facts: What it is written from.
        context: The school, its tables and the moment.
    """
    try:
        with strict_writing():
            data = job.write(facts, context, job.scope)
        if job.password:
            data = encrypt(data, job.password)
        publish(job.path, data)
    except MarkbookError as error:  # one pack never stops the others
        return PackRefusal(error.what, error.do)
    return None


def plan_jobs(
    school: School, facts: object, kinds: Iterable[PackKind[Any]], folder: str
) -> list[PackJob]:
    """A job for each scope of each kind.

    Args:
        school: The school.
        facts: What the packs are written from.
        kinds: The kinds of pack.
        folder: The name of the folder in `packs/`.
    """
    packs = [(kind, scope) for kind in kinds for scope in kind.scopes(facts, school)]
    names = file_names(kind.file_stem(scope) for kind, scope in packs)
    return [
        PackJob(
            kind.write, kind.name, scope,
            school.packs(folder) / f"{names[kind.file_stem(scope)]}.xlsx",
            kind.readers(facts, scope) if kind.readers else None,
        )
        for kind, scope in packs
    ]  # fmt: skip


def add_passwords(
    context: Context, jobs: list[PackJob], academic_year: str, *, encrypt: bool
) -> list[PackJob]:
    """The jobs, with the reader's password if the pack is to be encrypted.

    Args:
        context: The school and its store.
        jobs: The packs.
        academic_year: The year that passwords are for.
        encrypt: Whether to encrypt every pack that has readers; an existing pack
            that is encrypted stays encrypted in any case.
    """
    owners = {
        job.path: job.owner
        for job in jobs
        if job.readers and (encrypt or is_encrypted_file(job.path))
    }
    if not owners:
        return jobs
    with context.store.begin() as connection:
        passwords = ensure_passwords(
            connection, academic_year, owners.values(), context.school.key()
        )
    return [
        replace(job, password=passwords[owners[job.path]])
        if job.path in owners
        else job
        for job in jobs
    ]


def publish_passwords(
    folder: Path, jobs: Iterable[PackJob], names: Mapping[str, str]
) -> None:
    """Write `passwords.csv` beside the packs, one line for each password.

    `files` are in the same folder; `also_for` are the other readers of one of them.

    Args:
        folder: The folder of the packs.
        jobs: The encrypted packs.
        names: Staff code -> name.
    """
    lines: dict[str, dict[str, Any]] = {}
    for job in jobs:
        empty = {"password": job.password, "files": {}, "also": {}}
        line = lines.setdefault(job.owner, empty)
        line["files"][job.path.name] = None
        others = job.readers.codes[1:] if job.readers else ()
        line["also"].update(dict.fromkeys(others))
    rows = [
        (code, names.get(code, ""), line["password"], line["files"], line["also"])
        for code, line in sorted(lines.items())
    ]
    publish_password_list(folder, rows)
