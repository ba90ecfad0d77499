"""What a store says of itself: whose it is, which key signs for it, its version."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from generator.store.schema import settings

LAST_SEEN = ".markbooks-seen"  # a file: the audit's last entry that a folder has seen
_PREFIX = "store."
SCHOOL_ID = "store.school"  # `School.id` of the school it belongs to
SCHOOL_NAME = "store.school_name"
FORMER_SCHOOL_IDS = "store.former_schools"  # ids it had before, as JSON
STORE_ID = "store.id"  # tells a store from another one of the same school
ISSUE_COUNT = "store.issues"  # how many issues it has numbered
KEY_ID = "store.key"  # of the key that signs, as `key_id` makes it
LAST_BACKUP = "store.backup"  # the moment of the last one, as ISO text
AUDIT_END = "store.audit"  # the number and chain of the audit's last entry, signed
VERSION = "store.version"  # of the program that created or migrated it


def read_facts(connection: Connection) -> dict[str, str]:
    """Everything that a store says of itself, by name."""
    query = select(settings.c.name, settings.c.value)
    rows = connection.execute(query.where(settings.c.name.startswith(_PREFIX)))
    return {str(name): str(value) for name, value in rows}


def write_facts(connection: Connection, facts: Mapping[str, str]) -> None:
    """Set some of the facts; the others stay."""
    if not facts:
        return
    connection.execute(settings.delete().where(settings.c.name.in_(list(facts))))
    connection.execute(
        settings.insert(), [{"name": n, "value": v} for n, v in facts.items()]
    )
