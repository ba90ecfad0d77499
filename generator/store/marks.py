"""The marks as they stand, every value they ever had, and what classes answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import (
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from generator.store import schema

FIELDS = (
    "working_at",
    "prediction",
    "reason",
    "effort",
    "praise",
    "comment",
    "target_query",
)
_AT_ONCE = 500  # values in one question to the database

Mark = tuple[str, str, str]  # adno, subject, field
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """One mark as it stands.

    Args:
        value: The value.
        class_code: The class whose return it came from.
        source_file: That return.
        who: Who merged it.
        merged_at: When.
    """

    value: str
    class_code: str
    source_file: str
    who: str
    merged_at: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The last value that was accepted from a class's returns, for one mark.

    Args:
        value: The value; empty where a mark was cleared.
        accepted_at: When.
        issues: The ids of the issues that the return was of.
    """

    value: str
    accepted_at: str
    issues: tuple[str, ...]


def marks(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """Every mark that stands, one row per pupil, subject and field.

    Args:
        connection: A transaction of the store.
        collection: Only this collection's; None for all.
    """
    table = schema.marks
    query = select(table).order_by(
        table.c.collection, table.c.adno, table.c.subject, table.c.field
    )
    if collection is not None:
        query = query.where(table.c.collection == collection)
    return _frame(connection, query, table)


def wide(connection: Connection, collection: str) -> pd.DataFrame:
    """A collection's marks, one row per pupil and subject.

    Returns:
        adno, subject, each field (empty where there is no mark), and the class,
        source_file, source_cell and merged_at of the prediction, or, where there is
        none, of the mark merged last.
    """
    long = marks(connection, collection)
    index = ["adno", "subject"]
    beside = ["class", "source_file", "source_cell", "merged_at"]
    if long.empty:
        return pd.DataFrame(columns=pd.Index([*index, *FIELDS, *beside]), dtype="str")
    values = long.pivot(index=index, columns="field", values="value")
    values = values.reindex(columns=list(FIELDS)).astype("str").fillna("")
    weight = (long["field"] == "prediction").astype("int8")
    last = (
        long.assign(weight=weight)
        .sort_values([*index, "weight", "merged_at", "field"], kind="stable")
        .drop_duplicates(index, keep="last")
        .set_index(index)[beside]
    )
    return values.join(last).reset_index().rename_axis(columns=None)


def history(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """Every value ever merged, oldest first.

    Args:
        connection: A transaction of the store.
        collection: Only this collection's; None for all.
    """
    table = schema.history
    query = select(table).order_by(table.c.id)
    if collection is not None:
        query = query.where(table.c.collection == collection)
    return _frame(connection, query, table)


def stored(
    connection: Connection,
    collection: str,
    *,
    pupils: Iterable[str],
    subjects: Iterable[str],
) -> dict[Mark, Stored]:
    """Marks of a collection, by pupil, subject and field.

    Args:
        connection: A transaction of the store.
        collection: The collection's code.
        pupils: Whose.
        subjects: In which subjects.
    """
    wanted = list(subjects)
    table = schema.marks.c
    found = {}
    for some in _chunks(sorted(set(pupils))):
        query = select(
            table.adno,
            table.subject,
            table.field,
            table.value,
            table["class"],
            table.source_file,
            table.who,
            table.merged_at,
        ).where(
            table.collection == collection,
            table.adno.in_(some),
            table.subject.in_(wanted),
        )
        for row in connection.execute(query).all():
            found[(row[0], row[1], row[2])] = Stored(*row[3:])
    return found


def accepted(
    connection: Connection, collection: str, class_code: str
) -> dict[Mark, Accepted]:
    """What a class has answered in a collection, by pupil, subject and field."""
    table, returned = schema.accepted.c, schema.returns.c
    query = (
        select(
            table.adno,
            table.subject,
            table.field,
            table.value,
            table.accepted_at,
            returned.issue_id,
        )
        .select_from(schema.accepted)
        .join(schema.returns, returned.return_id == table.return_id, isouter=True)
        .where(table.collection == collection, table["class"] == class_code)
    )
    return {
        (row[0], row[1], row[2]): Accepted(
            row[3], row[4], tuple((row[5] or "").split(";"))
        )
        for row in connection.execute(query).all()
    }


def write(
    connection: Connection,
    *,
    common: Mapping[str, str],
    before: Mapping[Mark, Stored],
    after: Mapping[Mark, Mapping[str, str]],
    changes: Sequence[Mapping[str, str]],
) -> None:
    """Put new values in place, and down in the history.

    Args:
        connection: A transaction of the store.
        common: collection, academic_year, return_id, source_file, who, merged_at.
        before: The marks as they stood, for all that are in `after`.
        after: The mark -> its value, class and source_cell; an empty value takes
            the mark away.
        changes: One row of the history each, in order: class, adno, subject,
            field, old, new, source_cell, why.
    """
    gone, fresh, changed = [], [], []
    for mark, row in after.items():
        key = {"k_adno": mark[0], "k_subject": mark[1], "k_field": mark[2]}
        if not row["value"]:
            gone.append(key)
        elif mark in before:
            changed.append({**key, **row, **common})
        else:
            keyed = dict(zip(("adno", "subject", "field"), mark, strict=True))
            fresh.append({**keyed, **row, **common})
    here = (
        schema.marks.c.collection == common["collection"],
        schema.marks.c.adno == bindparam("k_adno"),
        schema.marks.c.subject == bindparam("k_subject"),
        schema.marks.c.field == bindparam("k_field"),
    )
    if gone:
        connection.execute(delete(schema.marks).where(*here), gone)
    if changed:
        connection.execute(update(schema.marks).where(*here), changed)
    if fresh:
        connection.execute(insert(schema.marks), fresh)
    if changes:
        connection.execute(
            insert(schema.history), [{**common, **row} for row in changes]
        )


def accept(
    connection: Connection,
    *,
    common: Mapping[str, str],
    class_code: str,
    known: Mapping[Mark, Accepted],
    values: Mapping[Mark, str],
) -> None:
    """Remember what was accepted from a class's return.

    Args:
        connection: A transaction of the store.
        common: collection, academic_year, return_id, accepted_at.
        class_code: The class.
        known: What was accepted from the class before.
        values: The mark -> the value accepted now; empty for `Clear`.
    """
    fresh, again = [], []
    for (adno, subject, field), value in values.items():
        if (adno, subject, field) in known:
            again.append(
                {
                    "k_adno": adno,
                    "k_subject": subject,
                    "k_field": field,
                    "value": value,
                    "accepted_at": common["accepted_at"],
                    "return_id": common["return_id"],
                }
            )
        else:
            fresh.append(
                {
                    **common,
                    "class": class_code,
                    "adno": adno,
                    "subject": subject,
                    "field": field,
                    "value": value,
                }
            )
    table = schema.accepted
    if again:
        connection.execute(
            update(table).where(
                table.c.collection == common["collection"],
                table.c["class"] == class_code,
                table.c.adno == bindparam("k_adno"),
                table.c.subject == bindparam("k_subject"),
                table.c.field == bindparam("k_field"),
            ),
            again,
        )
    if fresh:
        connection.execute(insert(table), fresh)


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _frame(connection: Connection, query: Select[Any], table: Table) -> pd.DataFrame:
    columns = [column.name for column in table.columns]
    rows = [tuple(row) for row in connection.execute(query)]
    frame = pd.DataFrame(rows, columns=pd.Index(columns), dtype=object)
    for column in columns:
        if column != "id":
            frame[column] = frame[column].fillna("").astype("str")
    return frame
