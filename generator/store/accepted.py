"""What classes have answered: the values accepted from them, and those before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, select, update

from generator.store import schema
from generator.store.engine import insert_rows
from generator.store.marks import Mark

_NOW, _BEFORE, _RETURNS = schema.accepted.c, schema.accepted_before.c, schema.returns.c
_KEY = ("collection", "class", "adno", "subject", "field")
_HERE = tuple(_NOW[name] == bindparam(f"k_{name}") for name in _KEY)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The last value that was accepted from a class's returns, for one mark.

    Args:
        value: The value; empty where a mark was cleared.
        accepted_at: When.
        issues: The ids of the issues that the return was of.
        return_id: That return.
    """

    value: str
    accepted_at: str
    issues: tuple[str, ...]
    return_id: str = ""


_OF_A_CLASS = (
    select(
        _NOW.adno,
        _NOW.subject,
        _NOW.field,
        _NOW.value,
        _NOW.accepted_at,
        _RETURNS.issue_id,
        _NOW.return_id,
    )
    .select_from(schema.accepted)
    .join(schema.returns, _RETURNS.return_id == _NOW.return_id, isouter=True)
    .where(
        _NOW.collection == bindparam("collection"), _NOW["class"] == bindparam("code")
    )
)
_AGAIN = (
    update(schema.accepted)
    .where(*_HERE)
    .values(
        value=bindparam("value"),
        accepted_at=bindparam("accepted_at"),
        return_id=bindparam("return_id"),
    )
)


def accepted(
    connection: Connection, collection: str, class_code: str
) -> dict[Mark, Accepted]:
    """What a class has answered in a collection, by pupil, subject and field."""
    found = connection.execute(
        _OF_A_CLASS, {"collection": collection, "code": class_code}
    )
    return {
        (adno, subject, field): Accepted(
            value, accepted_at, tuple((issues or "").split(";")), return_id
        )
        for adno, subject, field, value, accepted_at, issues, return_id in found.all()
    }


def accept(
    connection: Connection,
    *,
    common: Mapping[str, str],
    class_code: str,
    known: Mapping[Mark, Accepted],
    values: Mapping[Mark, str],
) -> None:
    """Remember what was accepted from a class's return.

    What another return was accepted for before is kept, for when this one is taken
    back.

    Args:
        connection: A transaction of the store.
        common: collection, academic_year, return_id, accepted_at.
        class_code: The class.
        known: What was accepted from the class before.
        values: The mark -> the value accepted now; empty for `Clear`.
    """
    fresh, again, before = [], [], []
    year, collection = common["academic_year"], common["collection"]
    for (adno, subject, field), value in values.items():
        row = {
            "academic_year": year,
            "collection": collection,
            "class": class_code,
            "adno": adno,
            "subject": subject,
            "field": field,
            "value": value,
            "accepted_at": common["accepted_at"],
            "return_id": common["return_id"],
        }
        last = known.get((adno, subject, field))
        if last is None:
            fresh.append(row)
            continue
        again.append({f"k_{name}": row[name] for name in _KEY} | row)
        if last.return_id != common["return_id"]:
            before.append(
                row
                | {
                    "value": last.value,
                    "accepted_at": last.accepted_at,
                    "return_id": last.return_id,
                }
            )
    insert_rows(connection, schema.accepted_before, before)
    if again:
        names = (*(f"k_{name}" for name in _KEY), "value", "accepted_at", "return_id")
        connection.execute(_AGAIN, [{n: row[n] for n in names} for row in again])
    insert_rows(connection, schema.accepted, fresh)


def take_back(connection: Connection, return_id: str, collection: str) -> None:
    """Make what classes have answered what it would be without a return.

    Args:
        connection: A transaction of the store.
        return_id: The return that is taken back.
        collection: Its collection.
    """
    mine = connection.execute(
        select(*(_NOW[name] for name in _KEY)).where(
            _NOW.return_id == return_id, _NOW.collection == collection
        )
    ).all()
    connection.execute(
        delete(schema.accepted_before).where(
            _BEFORE.return_id == return_id, _BEFORE.collection == collection
        )
    )
    for key in mine:
        here = {f"k_{name}": value for name, value in zip(_KEY, key, strict=True)}
        last = connection.execute(_LAST_BEFORE, here).first()
        if last is None:
            connection.execute(delete(schema.accepted).where(*_HERE), here)
            continue
        number, value, accepted_at, source = last
        given = {"value": value, "accepted_at": accepted_at, "return_id": source}
        connection.execute(_AGAIN, here | given)
        connection.execute(delete(schema.accepted_before).where(_BEFORE.id == number))


_SAME = tuple(_BEFORE[name] == bindparam(f"k_{name}") for name in _KEY)
_LAST_BEFORE = select(
    _BEFORE.id, _BEFORE.value, _BEFORE.accepted_at, _BEFORE.return_id
).where(
    _BEFORE.id
    == select(func.max(_BEFORE.id)).where(*_SAME).correlate(None).scalar_subquery()
)
