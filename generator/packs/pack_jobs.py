"""Writing packs, in whatever process the work runs in, and sealing them if asked."""

from __future__ import annotations

import gc
import hashlib
import pickle
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from generator.files import publish
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.school.school import School
from generator.xlsx.encryption import PASSWORDS_FILE, password_list, sealed
from generator.xlsx.writer import strictly
from udfs.errors import MarkbookError
from udfs.tables import Tables

AT_ONCE = 3  # packs sent to a process at once: they differ much in size


@dataclass(frozen=True, slots=True)
class Order:
    """One pack to write.

    Args:
        write: What writes it: the `write` of a kind.
        kind: The kind of pack.
        scope: Of what it is.
        path: Where it goes.
        readers: The staff codes of those it is for.
        password: What it is encrypted with; empty for none.
    """

    write: Callable[..., bytes]
    kind: str
    scope: str
    path: Path
    readers: tuple[str, ...] = ()
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a pack could not be written: what is wrong, and what to do."""

    what: str
    do: str


@dataclass(frozen=True, slots=True)
class Material:
    """What packs are made from, wrapped up once for every process it is sent to.

    Args:
        digest: The same for the same content.
        data: The content, compressed.
    """

    digest: str
    data: bytes = field(repr=False, compare=False)

    @classmethod
    def of(
        cls, standing: CollectionSnapshot, school: School, tables: Tables
    ) -> Material:
        """Wrap it up."""
        packed = pickle.dumps((standing, school, tables), pickle.HIGHEST_PROTOCOL)
        data = zlib.compress(packed, 1)
        return cls(hashlib.sha256(data).hexdigest(), data)


@lru_cache(maxsize=1)
def _unwrapped(material: Material) -> tuple[CollectionSnapshot, School, Tables]:
    made: tuple[CollectionSnapshot, School, Tables] = pickle.loads(
        zlib.decompress(material.data)
    )
    # What is kept for every pack need not be searched for rubbish after each.
    gc.freeze()
    return made


def ready() -> None:
    """What a process does before the first pack: nothing but load what it needs."""


def write_from(order: Order, *, material: Material, now: datetime) -> Refused | None:
    """Write one pack in a process of its own, as `write_pack` does.

    Args:
        order: The pack.
        material: What it is made from.
        now: The moment written into it.
    """
    standing, school, tables = _unwrapped(material)
    # A workbook is a great many cells that live until it is finished: to search them
    # for rubbish again and again is a tenth of all the time.
    gc.disable()
    try:
        return write_pack(
            order, standing=standing, school=school, tables=tables, now=now
        )
    finally:
        gc.enable()


def write_pack(
    order: Order,
    *,
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    now: datetime,
) -> Refused | None:
    """Write one pack and put it in place; None where that went well.

    Args:
        order: The pack.
        standing: The collection as it stands.
        school: The school.
        tables: Scales and subjects as this school has them.
        now: The moment written into it.
    """
    try:
        with strictly():
            data = order.write(standing, school, tables, order.scope, now=now)
        if order.password:
            data = sealed(data, order.password)
        publish(order.path, data)
    except MarkbookError as error:  # one pack never stops the others
        return Refused(error.what, error.do)
    return None


def publish_passwords(
    folder: Path, orders: Iterable[Order], names: Mapping[str, str], nobody: str
) -> None:
    """Write `passwords.csv` beside the packs: to be sent apart from them, or told.

    A line for each password: `files` are in the same folder, `also_for` are further
    readers of one of them.

    Args:
        folder: Where the packs are.
        orders: Those that are encrypted.
        names: Staff code -> name.
        nobody: What stands for the reader of a pack that nobody is named for.
    """
    lines: dict[str, dict[str, Any]] = {}
    for order in orders:
        first, *others = order.readers or (nobody,)
        empty = {"password": order.password, "files": {}, "also": {}}
        line = lines.setdefault(first, empty)
        line["files"][order.path.name] = None
        line["also"].update(dict.fromkeys(others))
    rows = [
        (code, names.get(code, ""), line["password"], line["files"], line["also"])
        for code, line in sorted(lines.items())
    ]
    path = folder / PASSWORDS_FILE
    publish(path, password_list(rows))
    path.chmod(0o600)
