"""The returns there have been, and the cells of theirs that are not settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from generator.store import schema
from generator.store.engine import insert_rows

COUNTS = ("read", "new", "changed", "same", "rejected", "conflict", "blank")
MERGED = ("merged", "superseded")
UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Past:
    """A file that has been read before.

    Args:
        return_id: Its id.
        file: Its name then.
        classes: The classes it was a return of.
        status: What became of it.
        modified: The workbook's own time of last change.
    """

    return_id: str
    file: str
    classes: tuple[str, ...]
    status: str
    modified: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A cell of a return that was not taken."""

    return_id: str
    sheet: str
    cell: str
    class_code: str
    subject: str
    adno: str
    field: str
    kind: str  # rejected, conflict
    returned: str
    stored: str


_T, _LEFT = schema.returns.c, schema.unsettled.c
# Made once: to make a question anew takes longer than to answer it.
_PAST = select(_T.return_id, _T.file, _T["class"], _T.status, _T.modified).order_by(
    _T.read_at, _T.return_id
)
_WITH_HASH = _PAST.where(_T.sha256 == bindparam("sha256"))
_OF_A_CLASS = _PAST.where(
    _T.collection == bindparam("collection"),
    # A file of several classes has their codes joined: those are looked at below.
    or_(_T["class"] == bindparam("code"), _T["class"].contains(";")),
    _T.status.in_(MERGED),
)
_UNSETTLED = (
    select(
        _LEFT.return_id,
        _LEFT.sheet,
        _LEFT.cell,
        _LEFT["class"],
        _LEFT.subject,
        _LEFT.adno,
        _LEFT.field,
        _LEFT.kind,
        _LEFT.returned,
        _LEFT.stored,
    )
    .where(_LEFT.return_id.in_(bindparam("ids", expanding=True)))
    .order_by(_LEFT.return_id, _LEFT.sheet, _LEFT.cell)
)
_OLDER = (
    select(schema.unsettled)
    .join(schema.returns, _T.return_id == _LEFT.return_id)
    .where(
        _T.collection == bindparam("collection"),
        _LEFT["class"] == bindparam("code"),
        _T.modified <= bindparam("modified"),
    )
    .order_by(_LEFT.return_id, _LEFT.sheet, _LEFT.cell)
    .with_only_columns(*_UNSETTLED.selected_columns)
)
_ENTER = insert(schema.returns)
_FORGET = delete(schema.returns).where(_T.return_id == bindparam("k_return_id"))
_CELL = ("return_id", "sheet", "cell")


def with_hash(connection: Connection, sha256: str) -> list[Past]:
    """The files read before that had the same content, byte for byte."""
    if not sha256:
        return []
    return _past(connection, _WITH_HASH, {"sha256": sha256})


def latest_of(
    connection: Connection, collection: str, class_code: str, *, other_than: str
) -> Past | None:
    """The latest return merged for a class, by the workbooks' own times.

    Args:
        connection: A transaction of the store.
        collection: The collection.
        class_code: The class.
        other_than: The id of a return that is left out.
    """
    asked = {"collection": collection, "code": class_code}
    found = [
        past
        for past in _past(connection, _OF_A_CLASS, asked)
        if class_code in past.classes and past.return_id != other_than
    ]
    return max(found, key=lambda past: (past.modified, past.return_id), default=None)


def returned_classes(connection: Connection, collection: str) -> dict[str, str]:
    """Class -> when its first merged return came.

    That is when its sender changed it last, as far as the file system knows, but
    never later than when it was read.
    """
    table = schema.returns.c
    query = select(table["class"], table.returned_at, table.read_at).where(
        table.collection == collection, table.status.in_(MERGED)
    )
    found: dict[str, str] = {}
    for classes, returned_at, read_at in connection.execute(query):
        came = min(returned_at or read_at, read_at)
        for code in classes.split(";"):
            found[code] = min(found.get(code, came), came)
    return found


def enter(connection: Connection, row: Mapping[str, object], *, known: bool) -> None:
    """Put a return down, in place of what was said of the same file before.

    Args:
        connection: A transaction of the store.
        row: The return.
        known: Whether anything was said of a file with its content before.
    """
    if known:
        connection.execute(_FORGET, {"k_return_id": row["return_id"]})
    connection.execute(_ENTER, [dict(row)])


def supersede(connection: Connection, return_ids: Sequence[str]) -> None:
    """Put down that later returns of the same run stand in for these."""
    if return_ids:
        table = schema.returns
        connection.execute(
            update(table)
            .where(table.c.return_id.in_(return_ids))
            .values(status="superseded")
        )


def enter_rejected(
    connection: Connection, rows: Sequence[Mapping[str, object]]
) -> None:
    """Put rejected files down, unless something is known of the same file already."""
    table = schema.returns
    ids = [str(row["return_id"]) for row in rows]
    known: set[str] = set()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        query = select(table.c.return_id).where(table.c.return_id.in_(some))
        known |= {row[0] for row in connection.execute(query)}
    fresh = [dict(row) for row in rows if row["return_id"] not in known]
    if fresh:
        connection.execute(insert(table), fresh)


def issued_classes(connection: Connection, collection: str) -> set[str]:
    """The classes that were issued a markbook with anybody in it."""
    table = schema.issues.c
    query = select(table["class"]).where(
        table.collection == collection, table.pupils > 0
    )
    return {row[0] for row in connection.execute(query)}


def recount(connection: Connection, return_id: str, counts: Mapping[str, int]) -> None:
    """Move cells of a return from one count to another; the counts add up after."""
    table = schema.returns
    moved = {name: table.c[name] + more for name, more in counts.items() if more}
    if moved:
        connection.execute(
            update(table).where(table.c.return_id == return_id).values(moved)
        )


def unsettled(connection: Connection, return_ids: Iterable[str]) -> list[Unsettled]:
    """The cells of some returns that are not settled, in order."""
    found = connection.execute(_UNSETTLED, {"ids": list(return_ids)})
    return [Unsettled(*tuple(row)) for row in found]


def older_unsettled(
    connection: Connection, collection: str, classes: Iterable[str], modified: str
) -> list[Unsettled]:
    """Cells not settled in returns of some classes that are no newer than a time."""
    return [
        Unsettled(*tuple(row))
        for code in sorted(classes)
        for row in connection.execute(
            _OLDER, {"collection": collection, "code": code, "modified": modified}
        )
    ]


def settle(
    connection: Connection, academic_year: str, cells: Iterable[Unsettled], by: str
) -> None:
    """Take cells off the list of those not settled.

    Args:
        connection: A transaction of the store.
        academic_year: The year of their returns.
        cells: The cells.
        by: The id of the return that settles them: if that is taken back, they are
            to be settled again.
    """
    gone = list(cells)
    if not gone:
        return
    table, kept = schema.unsettled, schema.settled
    here = tuple(table.c[n] == bindparam(f"k_{n}") for n in _CELL)
    keys = [
        {"k_return_id": one.return_id, "k_sheet": one.sheet, "k_cell": one.cell}
        for one in gone
    ]
    connection.execute(delete(table).where(*here), keys)
    there = tuple(kept.c[n] == bindparam(f"k_{n}") for n in _CELL)
    connection.execute(delete(kept).where(kept.c.settled_by == by, *there), keys)
    insert_rows(
        connection,
        kept,
        [{"settled_by": by, **_row(one, academic_year)} for one in gone],
    )


def unsettle(connection: Connection, return_id: str) -> None:
    """Put back on the list what a return had settled, and take off what it left.

    Args:
        connection: A transaction of the store.
        return_id: The return that is taken back.
    """
    kept, table = schema.settled.c, schema.unsettled
    names = [column.name for column in table.columns]
    back = connection.execute(
        select(*(kept[name] for name in names))
        .join(schema.returns, _T.return_id == kept.return_id)
        .where(
            kept.settled_by == return_id,
            kept.return_id != return_id,
            _T.status.in_(MERGED),
        )
    )
    rows = [dict(zip(names, row, strict=True)) for row in back.all()]
    connection.execute(
        delete(schema.settled).where(
            or_(kept.settled_by == return_id, kept.return_id == return_id)
        )
    )
    connection.execute(delete(table).where(table.c.return_id == return_id))
    insert_rows(connection, table, rows)


def leave_unsettled(
    connection: Connection, academic_year: str, cells: Iterable[Unsettled]
) -> None:
    """Put cells on the list of those not settled."""
    insert_rows(
        connection, schema.unsettled, [_row(cell, academic_year) for cell in cells]
    )


def _row(cell: Unsettled, academic_year: str) -> dict[str, str]:
    return {
        "return_id": cell.return_id,
        "sheet": cell.sheet,
        "cell": cell.cell,
        "academic_year": academic_year,
        "class": cell.class_code,
        "subject": cell.subject,
        "adno": cell.adno,
        "field": cell.field,
        "kind": cell.kind,
        "returned": cell.returned,
        "stored": cell.stored,
    }


def _past(
    connection: Connection, question: Select[Any], asked: Mapping[str, str]
) -> list[Past]:
    return [
        Past(row[0], row[1], tuple(row[2].split(";")), row[3], row[4])
        for row in connection.execute(question, asked)
    ]
