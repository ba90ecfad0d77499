"""The current marks, and every value that they ever had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    select,
    update,
)

from generator.store import schema
from generator.store.engine import insert_rows
from generator.store.frames import read_text_frame

if TYPE_CHECKING:
    import pandas as pd

FIELDS = (
    "working_at",
    "prediction",
    "reason",
    "effort",
    "praise",
    "comment",
    "target_query",
)
_CHUNK = 500  # values in one query

Mark = tuple[str, str, str]  # adno, subject, field
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StoredMark:
    """One current mark.

    Args:
        value: The value.
        class_code: The class whose return set it.
        source_file: The file of that return.
        who: The person who merged it.
        merged_at: When, as ISO text.
    """

    value: str
    class_code: str
    source_file: str
    who: str
    merged_at: str


_T = schema.marks.c
_SAME_MARK = tuple(
    _T[name] == bindparam(f"k_{name}")
    for name in ("collection", "adno", "subject", "field")
)
_DELETE = delete(schema.marks).where(*_SAME_MARK)
_CHANGE = update(schema.marks).where(*_SAME_MARK)
# Built once: to build it takes longer than to run it.
_STORED = select(
    _T.adno,
    _T.subject,
    _T.field,
    _T.value,
    _T["class"],
    _T.source_file,
    _T.who,
    _T.merged_at,
).where(
    _T.collection == bindparam("collection"),
    _T.adno.in_(bindparam("pupils", expanding=True)),
    _T.subject.in_(bindparam("subjects", expanding=True)),
)


def marks(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """Every current mark, one row per pupil, subject and field.

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
    return read_text_frame(connection, query)


def wide_marks(connection: Connection, collection: str) -> pd.DataFrame:
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
        return long.reindex(columns=[*index, *FIELDS, *beside]).astype("str")
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
    return read_text_frame(connection, query)


def stored_marks(
    connection: Connection,
    collection: str,
    *,
    pupils: Iterable[str],
    subjects: Iterable[str],
) -> dict[Mark, StoredMark]:
    """The current marks of a collection, by pupil, subject and field.

    Args:
        connection: A transaction of the store.
        collection: The collection's code.
        pupils: Admission numbers.
        subjects: Their subjects.
    """
    names = list(subjects)
    marks = {}
    for some in _chunks(sorted(set(pupils))):
        values = {"collection": collection, "pupils": some, "subjects": names}
        for row in connection.execute(_STORED, values).all():
            marks[(row[0], row[1], row[2])] = StoredMark(*row[3:])
    return marks


def write_marks(
    connection: Connection,
    *,
    common: Mapping[str, str],
    before: Mapping[Mark, StoredMark],
    after: Mapping[Mark, Mapping[str, str]],
    changes: Sequence[Mapping[str, str]],
) -> None:
    """Write new values, and their changes into the history.

    Args:
        connection: A transaction of the store.
        common: collection, academic_year, return_id, source_file, who, merged_at.
        before: The current marks, for all that are in `after`.
        after: Mark -> its value, class and source_cell; an empty value deletes it.
        changes: One row of the history each, in order: class, adno, subject,
            field, old, new, source_cell, why.
    """
    deleted, new, changed = [], [], []
    for mark, row in after.items():
        key = {"k_adno": mark[0], "k_subject": mark[1], "k_field": mark[2]}
        if not row["value"]:
            deleted.append({**key, "k_collection": common["collection"]})
        elif mark in before:
            changed.append(
                {**key, "k_collection": common["collection"], **row, **common}
            )
        else:
            keyed = {"adno": mark[0], "subject": mark[1], "field": mark[2]}
            new.append({**keyed, **row, **common})
    if deleted:
        connection.execute(_DELETE, deleted)
    if changed:
        connection.execute(_CHANGE, changed)
    insert_rows(connection, schema.marks, new)
    insert_rows(connection, schema.history, [{**common, **row} for row in changes])


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
