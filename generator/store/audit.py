"""The audit: entries that can be added, and neither changed nor taken out unseen.

An entry's `chain` is an HMAC of its values and of the `chain` before, under the
school's key. The number and chain of the last entry stand in the settings with an HMAC
of their own, so that an end cut off shows as well, and in a file of the school folder,
so that an older or another copy of the store is noticed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from generator.files import CannotWrite, publish
from generator.school.key_file import key_id
from generator.school.school import SETTINGS_FILE, School
from generator.store.schema import audit
from generator.store.store_errors import StoreError
from generator.store.store_facts import AUDIT_END, LAST_SEEN, write_facts

BEGUN, DONE, STOPPED = "begun", "done", "stopped"
COLUMNS = (
    "number", "academic_year", "at", "who", "command", "what", "count", "file",
    "sha256", "key_id",
)  # fmt: skip
SHOWN = (COLUMNS[0], *COLUMNS[2:-1], "academic_year")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry.

    Args:
        command: The command, as its job is named.
        what: `begun`, `done`, `stopped`, or what was done, in words.
        count: How many things; None if there is nothing to count.
        file: The file handed out or changed; empty for none.
        sha256: The hash of that file.
    """

    command: str
    what: str
    count: int | None = None
    file: str = ""
    sha256: str = ""


def append_entries(
    connection: Connection,
    school: School,
    entries: Sequence[AuditEntry],
    *,
    at: str,
    who: str,
) -> tuple[int, str]:
    """Append entries in the open transaction.

    Args:
        connection: A transaction of the store.
        school: The school, whose key signs.
        entries: The entries.
        at: The moment, as ISO text.
        who: The person.

    Returns:
        The number and chain of the last entry.
    """
    key = school.key()
    number, chain = last_entry(connection)
    for entry in entries:
        number += 1
        row: dict[str, Any] = {
            "number": number,
            "academic_year": school.academic_year,
            "at": at,
            "who": who,
            "command": entry.command,
            "what": entry.what,
            "count": entry.count,
            "file": entry.file,
            "sha256": entry.sha256,
            "key_id": key_id(key),
        }
        chain = entry_chain(key, chain, row)
        connection.execute(audit.insert().values(**row, chain=chain))
    write_facts(connection, {AUDIT_END: end_fact(key, number, chain)})
    return number, chain


def last_entry(connection: Connection) -> tuple[int, str]:
    """The number and chain of the last entry; 0 and empty before the first."""
    query = select(audit.c.number, audit.c.chain).order_by(audit.c.number.desc())
    row = connection.execute(query.limit(1)).one_or_none()
    return (row.number, row.chain) if row else (0, "")


def entry_chain(key: bytes, before: str, row: Mapping[str, Any]) -> str:
    """The chain of an entry.

    Args:
        key: The key that signs it.
        before: The chain of the entry before; empty for the first.
        row: Its values.
    """
    text = json.dumps([before, *(row[name] for name in COLUMNS)], ensure_ascii=False)
    return hmac.new(key, f"audit\n{text}".encode(), hashlib.sha256).hexdigest()


def end_fact(key: bytes, number: int, chain: str) -> str:
    """What the settings say of the last entry: number, chain, and an HMAC of both."""
    text = f"{number} {chain}"
    signature = hmac.new(key, f"audit end\n{text}".encode(), hashlib.sha256).hexdigest()
    return f"{text} {signature}"


def settings_entry(connection: Connection, school: School) -> list[AuditEntry]:
    """An entry of changed settings; none if they are as they last were."""
    try:
        data = (school.folder / SETTINGS_FILE).read_bytes()
    except OSError:
        return []
    sha256 = hashlib.sha256(data).hexdigest()
    query = select(audit.c.sha256).where(audit.c.command == "settings")
    last = connection.execute(query.order_by(audit.c.number.desc()).limit(1)).scalar()
    if last == sha256:
        return []
    what = "first seen" if last is None else "changed"
    return [AuditEntry("settings", what, file=SETTINGS_FILE, sha256=sha256)]


def remember_entry(folder: Path, number: int, chain: str) -> None:
    """Note in a school folder the last entry that it has seen."""
    with suppress(CannotWrite):  # it is then checked against an earlier one
        publish(folder / LAST_SEEN, f"{number} {chain}\n".encode("ascii"))


def check_last_seen(connection: Connection, folder: Path, store_name: str) -> None:
    """Check that the store still has the last entry that a folder has seen.

    Args:
        connection: A transaction of the store.
        folder: The school folder.
        store_name: The store's address without its password.

    Raises:
        StoreError: If the store is an older copy, or one that went its own way.
    """
    try:
        number_text, chain = (folder / LAST_SEEN).read_text(encoding="ascii").split()
        number = int(number_text)
    except (OSError, ValueError):
        return  # never opened here, or of no use
    query = select(audit.c.chain).where(audit.c.number == number)
    stored = connection.execute(query).scalar()
    if stored == chain:
        return
    last, _ = last_entry(connection)
    if stored is None:
        what = (
            f"is an older copy: this folder has seen it up to entry {number} of the "
            f"audit, and now it ends at {last}"
        )
    else:
        what = (
            "is another copy of the school's, which went its own way: entry "
            f"{number} of the audit is not the one that this folder has seen"
        )
    raise StoreError(
        f"The store {store_name} {what}.",
        "What was collected into one copy is not in the other. Put the newer store "
        "back, and collect in it again what only the other had. To go on with this "
        f"one, delete {LAST_SEEN} in {folder.resolve()} (its name begins with a dot).",
    )


def audit_table(connection: Connection) -> pd.DataFrame:
    """The entries, oldest first."""
    columns = [audit.c[name] for name in SHOWN]
    rows = connection.execute(select(*columns).order_by(audit.c.number)).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(SHOWN))
    return frame.astype({"count": "Int64"})
