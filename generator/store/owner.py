"""The school and the key that a store belongs to: one store, one school."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from generator.school.key_file import (
    KEY_FILE,
    KeyFileError,
    create_key,
    key_id,
    read_keys,
)
from generator.school.school import School, school_title
from generator.store import schema
from generator.store.store_errors import StoreError
from generator.store.store_facts import (
    FORMER_SCHOOL_IDS,
    KEY_ID,
    SCHOOL_ID,
    SCHOOL_NAME,
    STORE_ID,
    read_facts,
    write_facts,
)


class OtherSchool(StoreError):
    """The store belongs to another school."""


def check_school(connection: Connection, school: School, store_name: str) -> None:
    """Check that a store belongs to a school; one that holds nothing is claimed.

    Args:
        connection: A transaction of the store.
        school: The school whose folder names the store.
        store_name: The store's address without its password.

    Raises:
        OtherSchool: If it holds the marks of another school.
    """
    facts = read_facts(connection)
    owner = facts.get(SCHOOL_ID)
    if owner is not None and owner != school.id and not _is_empty(connection):
        name = facts.get(SCHOOL_NAME, owner)
        raise OtherSchool(
            f"The store {store_name} holds the marks of {school_title(name, owner)}, "
            f"not of {school.title}.",
            "Give each school a database of its own: "
            f"{_own_database(store_name)}. If it is the same school under a new name "
            f'or number: markbook adopt --from "{name}".',
        )
    claim = {SCHOOL_ID: school.id, SCHOOL_NAME: school.settings.school.name}
    write_facts(
        connection, {n: text for n, text in claim.items() if facts.get(n) != text}
    )


def _own_database(store_name: str) -> str:
    if store_name.startswith("sqlite"):
        return 'in school.toml, database = "sqlite:///markbooks.sqlite"'
    return (
        "createdb --template=template0 --locale=C --encoding=UTF8 NAME, then name it "
        "in school.toml"
    )


def _is_empty(connection: Connection) -> bool:
    """Whether a store holds neither a pupil nor anything that was issued."""
    tables = (schema.pupils, schema.issues, schema.staff, schema.classes)
    return not any(
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables
    )


def adopt_school(connection: Connection, school: School, former: str) -> str:
    """Give a store to the school that its own school has become.

    What was issued under the former number or name is still collected.

    Args:
        connection: A transaction of the store.
        school: The school under its new name or number.
        former: The name or number that the store has.

    Returns:
        The store's former owner in words; empty if it is the school's already.

    Raises:
        OtherSchool: If the store has another name and number than `former`.
    """
    facts = read_facts(connection)
    owner = facts.get(SCHOOL_ID, school.id)
    name = facts.get(SCHOOL_NAME, owner)
    if owner == school.id:
        return ""
    if former.strip().casefold() not in (owner.casefold(), name.casefold()):
        raise OtherSchool(
            f"The store holds the marks of {school_title(name, owner)}, not of "
            f"{former!r}.",
            f'If that school is now {school.title}: markbook adopt --from "{name}".',
        )
    ids = [*former_school_ids(facts), owner]
    write_facts(
        connection,
        {
            SCHOOL_ID: school.id,
            SCHOOL_NAME: school.settings.school.name,
            FORMER_SCHOOL_IDS: json.dumps([each for each in ids if each != school.id]),
        },
    )
    return school_title(name, owner)


def former_school_ids(facts: Mapping[str, str]) -> list[str]:
    """The ids that the school of a store had before, oldest first."""
    return [str(each) for each in json.loads(facts.get(FORMER_SCHOOL_IDS, "[]"))]


def is_own_school(connection: Connection, school: School, school_id: str) -> bool:
    """Whether an id is the school's, or one that it had before.

    Args:
        connection: A transaction of the store.
        school: The school.
        school_id: The id in a file that the school's key has signed.
    """
    return school_id == school.id or school_id in former_school_ids(
        read_facts(connection)
    )


def check_key(connection: Connection, school: School) -> None:
    """Check that the folder has the key of the store; create the first one.

    Args:
        connection: A transaction of the store.
        school: The school.

    Raises:
        KeyFileError: If the key is missing, though it has signed something, or is
            another one.
    """
    facts = read_facts(connection)
    expected = facts.get(KEY_ID)
    keys = read_keys(school.folder)
    signed = _signed(connection)
    if not keys:
        if signed or (expected and not _is_empty(connection)):
            raise _missing_key(school, signed)
        keys = (create_key(school.folder),)
    current = key_id(keys[0])
    if expected is not None and expected != current and not _is_empty(connection):
        raise KeyFileError(
            f"The key {school.folder / KEY_FILE} is not the one of this store: it is "
            f"{current}, and the store goes with {expected}.",
            f"Put the file of the folder that issued into this one: {KEY_FILE}, whose "
            f"name begins with a dot. {_LOST}",
        )
    if expected != current:
        write_facts(connection, {KEY_ID: current})


def accept_key(connection: Connection, key: bytes) -> tuple[str, int]:
    """Let a store go with a new key; what others signed is to be issued again.

    Args:
        connection: A transaction of the store.
        key: The new key.

    Returns:
        The id of the key before, or empty, and how many markbooks keys before signed.
    """
    former = read_facts(connection).get(KEY_ID, "")
    issues = schema.issues
    # Without a digest a markbook differs from what it should be, so `issue` writes it.
    connection.execute(issues.update().values(digest=""))
    write_facts(connection, {KEY_ID: key_id(key)})
    count = select(func.count()).select_from(issues)
    return former, int(connection.execute(count).scalar_one())


_LOST = (
    "Only if it is lost for good: markbook key renew --why TEXT, then markbook issue."
)


def _missing_key(school: School, signed: str) -> KeyFileError:
    backups = sorted((school.folder / "backups").glob("*.markbooks*"))
    where = f" The newest backup here is backups/{backups[-1].name}." if backups else ""
    what = f", and the store holds {signed}" if signed else ""
    return KeyFileError(
        f"The school's key is missing: there is no {KEY_FILE} in "
        f"{school.folder.resolve()}{what}.",
        "Without it no return can be proved. Copy it from the folder that this one "
        f"was copied from, or that shares this store ({KEY_FILE}: its name begins "
        f"with a dot), or from a backup: markbook restore ARCHIVE.{where} {_LOST}",
    )


def _signed(connection: Connection) -> str:
    """What a school's key has signed, in words; empty if nothing yet."""
    kinds = (("markbooks", schema.issues), ("moderation workbooks", schema.moderations))
    counts = [
        (connection.execute(select(func.count()).select_from(table)).scalar_one(), what)
        for what, table in kinds
    ]
    texts = [f"{count:,} {what}" for count, what in counts if count]
    return f"{' and '.join(texts)} that it signed" if texts else ""


def ensure_store_id(connection: Connection, school: School, now: datetime) -> None:
    """Give a store an id of its own, which its copies share.

    Args:
        connection: A transaction of the store.
        school: The school.
        now: The moment.
    """
    if STORE_ID in read_facts(connection):
        return
    text = f"store\n{school.id}\n{now.isoformat()}".encode()
    made_by_key = hmac.new(school.key(), text, hashlib.sha256).hexdigest()[:8]
    write_facts(connection, {STORE_ID: made_by_key})
