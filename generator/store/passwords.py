"""The password of each teacher's encrypted markbooks, one per academic year."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from generator.store.schema import settings

# Without those that look alike: people read a password from a list and type it.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 3, 4


def passwords(connection: Connection, academic_year: str) -> Mapping[str, str]:
    """Teacher -> the password of that teacher's markbooks in an academic year."""
    prefix = _name(academic_year, "")
    query = select(settings.c.name, settings.c.value).order_by(settings.c.name)
    return {
        name.removeprefix(prefix): value
        for name, value in connection.execute(query)
        if name.startswith(prefix)
    }


def ensure_passwords(
    connection: Connection, academic_year: str, teachers: Iterable[str], key: bytes
) -> Mapping[str, str]:
    """The same, with a new one for each of these teachers who has none yet.

    Args:
        connection: A transaction of the store.
        academic_year: As `2026/27`.
        teachers: The codes of those who lead a class.
        key: The school's secret key, from which passwords are derived.
    """
    existing = dict(passwords(connection, academic_year))
    new = {
        code: derive_password(key, academic_year, code)
        for code in sorted(set(teachers) - set(existing))
    }
    if new:
        rows = [
            {"name": _name(academic_year, code), "value": text}
            for code, text in new.items()
        ]
        connection.execute(settings.insert(), rows)
    return existing | new


def derive_password(key: bytes, academic_year: str, teacher: str) -> str:
    """Derive a password of twelve characters: some sixty bits, none that look alike.

    >>> derive_password(b"secret", "2026/27", "ABA")
    'de7c-3hum-6txc'
    """
    message = f"password\n{academic_year}\n{teacher}".encode()
    number = int.from_bytes(hmac.new(key, message, hashlib.sha512).digest(), "big")
    characters = []
    for _ in range(_GROUPS * _GROUP):
        number, index = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[index])
    text = "".join(characters)
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def _name(academic_year: str, teacher: str) -> str:
    return f"password {academic_year} {teacher}"
