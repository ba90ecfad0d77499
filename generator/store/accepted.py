"""The values accepted from each class's returns, and those accepted before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, select, update

from generator.store import schema
from generator.store.engine import insert_rows
from generator.store.marks import Mark

_NOW, _BEFORE, _RETURNS = schema.accepted.c, schema.accepted_before.c, schema.returns.c
_KEY = ("collection", "class", "adno", "subject", "field")
_SAME_MARK = tuple(_NOW[name] == bindparam(f"k_{name}") for name in _KEY)


@dataclass(frozen=True, slots=True)
class AcceptedValue:
    """The last value accepted from a class's returns for one mark.

    Args:
        value: The value; empty where a mark was cleared.
        accepted_at: When, as ISO text.
        issues: The ids of the issues that the return is of.
        return_id: The return.
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
_CHANGE = (
    update(schema.accepted)
    .where(*_SAME_MARK)
    .values(
        value=bindparam("value"),
        accepted_at=bindparam("accepted_at"),
        return_id=bindparam("return_id"),
    )
)


def accepted_values(
    connection: Connection, collection: str, class_code: str
) -> dict[Mark, AcceptedValue]:
    """The values accepted from a class in a collection, by pupil, subject and field."""
    rows = connection.execute(
        _OF_A_CLASS, {"collection": collection, "code": class_code}
    )
    return {
        (adno, subject, field): AcceptedValue(
            value, accepted_at, tuple((issues or "").split(";")), return_id
        )
        for adno, subject, field, value, accepted_at, issues, return_id in rows.all()
    }


def accept_values(
    connection: Connection,
    *,
    common: Mapping[str, str],
    class_code: str,
    known: Mapping[Mark, AcceptedValue],
    values: Mapping[Mark, str],
) -> None:
    """Record the values accepted from a class's return.

    The values accepted from another return before are kept: `undo` of this return
    brings them back.

    Args:
        connection: A transaction of the store.
        common: collection, academic_year, return_id, accepted_at.
        class_code: The class.
        known: The values accepted from the class before.
        values: Mark -> the value accepted now; empty for `Clear`.
    """
    new, changes, before = [], [], []
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
            new.append(row)
            continue
        changes.append({f"k_{name}": row[name] for name in _KEY} | row)
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
    if changes:
        names = (*(f"k_{name}" for name in _KEY), "value", "accepted_at", "return_id")
        connection.execute(_CHANGE, [{n: row[n] for n in names} for row in changes])
    insert_rows(connection, schema.accepted, new)


def revert_accepted(connection: Connection, return_id: str, collection: str) -> None:
    """Restore the values accepted from classes to what they are without a return.

    Args:
        connection: A transaction of the store.
        return_id: The return that `undo` reverts.
        collection: Its collection.
    """
    marks = connection.execute(
        select(*(_NOW[name] for name in _KEY)).where(
            _NOW.return_id == return_id, _NOW.collection == collection
        )
    ).all()
    connection.execute(
        delete(schema.accepted_before).where(
            _BEFORE.return_id == return_id, _BEFORE.collection == collection
        )
    )
    for mark in marks:
        key = {f"k_{name}": value for name, value in zip(_KEY, mark, strict=True)}
        last = connection.execute(_LAST_BEFORE, key).first()
        if last is None:
            connection.execute(delete(schema.accepted).where(*_SAME_MARK), key)
            continue
        number, value, accepted_at, source = last
        values = {"value": value, "accepted_at": accepted_at, "return_id": source}
        connection.execute(_CHANGE, key | values)
        connection.execute(delete(schema.accepted_before).where(_BEFORE.id == number))


_SAME_MARK_BEFORE = tuple(_BEFORE[name] == bindparam(f"k_{name}") for name in _KEY)
_LAST_BEFORE = select(
    _BEFORE.id, _BEFORE.value, _BEFORE.accepted_at, _BEFORE.return_id
).where(
    _BEFORE.id
    == select(func.max(_BEFORE.id))
    .where(*_SAME_MARK_BEFORE)
    .correlate(None)
    .scalar_subquery()
)
