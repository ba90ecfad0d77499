"""The password of each teacher's encrypted markbooks: one for an academic year."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from generator.store.schema import settings

# Without those that look alike: a password is read from a list and typed.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
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


def ensure(
    connection: Connection, academic_year: str, teachers: Iterable[str], key: bytes
) -> Mapping[str, str]:
    """The same, with one made for each of these teachers who has none yet.

    Args:
        connection: A transaction of the store.
        academic_year: As `2026/27`.
        teachers: The codes of those who lead a class.
        key: The school's own secret: whoever has it not cannot tell a password.
    """
    known = dict(passwords(connection, academic_year))
    made = {
        code: password(key, academic_year, code)
        for code in sorted(set(teachers) - set(known))
    }
    if made:
        rows = [
            {"name": _name(academic_year, code), "value": text}
            for code, text in made.items()
        ]
        connection.execute(settings.insert(), rows)
    return known | made


def password(key: bytes, academic_year: str, teacher: str) -> str:
    """A password of twelve signs: some sixty bits, and no two that look alike.

    >>> password(b"secret", "2026/27", "ABA")
    'de7c-3hum-6txc'
    """
    said = f"password\n{academic_year}\n{teacher}".encode()
    number = int.from_bytes(hmac.new(key, said, hashlib.sha512).digest(), "big")
    signs = []
    for _ in range(_GROUPS * _GROUP):
        number, sign = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[sign])
    text = "".join(signs)
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def _name(academic_year: str, teacher: str) -> str:
    return f"password {academic_year} {teacher}"
