"""Every file read as a return, and the cells of returns that are not settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from generator.store import schema
from generator.store.class_aliases import aliases_of_collection
from generator.store.engine import insert_rows

COUNTS = ("read", "new", "changed", "same", "rejected", "conflict", "blank")
MERGED = ("merged", "superseded")
UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class PastReturn:
    """A file that was read before.

    Args:
        return_id: Its id.
        file: Its name at that time.
        classes: The classes it was a return of.
        status: Its status in the table of returns.
        modified: The workbook's own time of last change.
    """

    return_id: str
    file: str
    classes: tuple[str, ...]
    status: str
    modified: str


@dataclass(frozen=True, slots=True)
class UnsettledCell:
    """A cell of a return that was not merged."""

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
# Built once: to build such a query takes longer than to run it.
_PAST = select(_T.return_id, _T.file, _T["class"], _T.status, _T.modified).order_by(
    _T.read_at, _T.return_id
)
_WITH_HASH = _PAST.where(_T.sha256 == bindparam("sha256"))
_OF_A_CLASS = _PAST.where(
    _T.collection == bindparam("collection"),
    # A file of several classes has their codes joined: see `latest_return`.
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
_INSERT = insert(schema.returns)
_DELETE = delete(schema.returns).where(_T.return_id == bindparam("k_return_id"))
_CELL = ("return_id", "sheet", "cell")


def returns_with_hash(connection: Connection, sha256: str) -> list[PastReturn]:
    """The files read before that had the same content, byte for byte."""
    if not sha256:
        return []
    return _past_returns(connection, _WITH_HASH, {"sha256": sha256})


def latest_return(
    connection: Connection, collection: str, class_code: str, *, other_than: str
) -> PastReturn | None:
    """The latest return merged for a class, by the workbooks' own times.

    Args:
        connection: A transaction of the store.
        collection: The collection.
        class_code: The class.
        other_than: The id of a return to leave out.
    """
    values = {"collection": collection, "code": class_code}
    merged = [
        past
        for past in _past_returns(connection, _OF_A_CLASS, values)
        if class_code in past.classes and past.return_id != other_than
    ]
    return max(merged, key=lambda past: (past.modified, past.return_id), default=None)


def returned_classes(connection: Connection, collection: str) -> dict[str, str]:
    """Class -> when its first merged return came.

    That is when its sender changed it last, as far as the file system knows, but
    never later than when it was read.
    """
    table = schema.returns.c
    query = select(table["class"], table.returned_at, table.read_at).where(
        table.collection == collection, table.status.in_(MERGED)
    )
    first: dict[str, str] = {}
    for classes, returned_at, read_at in connection.execute(query):
        at = min(returned_at or read_at, read_at)
        for code in classes.split(";"):
            first[code] = min(first.get(code, at), at)
    aliases = aliases_of_collection(connection, collection)
    issued = _issued_codes(connection, collection) if aliases else set()
    for alias, code in aliases.items():
        if alias in first and code not in issued:
            first.setdefault(code, first[alias])
    return first


def record_return(
    connection: Connection, row: Mapping[str, object], *, known: bool
) -> None:
    """Record a return, in place of the record of a file with the same content.

    Args:
        connection: A transaction of the store.
        row: The return.
        known: Whether there may be such a record.
    """
    if known:
        connection.execute(_DELETE, {"k_return_id": row["return_id"]})
    connection.execute(_INSERT, [dict(row)])


def mark_superseded(connection: Connection, return_ids: Sequence[str]) -> None:
    """Record that later returns of the same run replace these."""
    if return_ids:
        table = schema.returns
        connection.execute(
            update(table)
            .where(table.c.return_id.in_(return_ids))
            .values(status="superseded")
        )


def record_rejected(
    connection: Connection, rows: Sequence[Mapping[str, object]]
) -> None:
    """Record rejected files, unless the same file has a record already."""
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
    """The classes that were issued a markbook with at least one pupil.

    A class that was renamed or merged since is here under its present code.
    """
    aliases = aliases_of_collection(connection, collection)
    codes = _issued_codes(connection, collection)
    return {aliases.get(code, code) for code in codes}


def _issued_codes(connection: Connection, collection: str) -> set[str]:
    table = schema.issues.c
    query = select(table["class"]).where(
        table.collection == collection, table.pupils > 0
    )
    return {row[0] for row in connection.execute(query)}


def move_counts(
    connection: Connection, return_id: str, counts: Mapping[str, int]
) -> None:
    """Add to the counts of a return; the changes add up to 0."""
    table = schema.returns
    sums = {name: table.c[name] + change for name, change in counts.items() if change}
    if sums:
        connection.execute(
            update(table).where(table.c.return_id == return_id).values(sums)
        )


def unsettled_cells(
    connection: Connection, return_ids: Iterable[str]
) -> list[UnsettledCell]:
    """The cells of some returns that are not settled, in order."""
    rows = connection.execute(_UNSETTLED, {"ids": list(return_ids)})
    return [UnsettledCell(*tuple(row)) for row in rows]


def older_unsettled_cells(
    connection: Connection, collection: str, classes: Iterable[str], modified: str
) -> list[UnsettledCell]:
    """Cells not settled in returns of some classes that are no newer than a time."""
    return [
        UnsettledCell(*tuple(row))
        for code in sorted(classes)
        for row in connection.execute(
            _OLDER, {"collection": collection, "code": code, "modified": modified}
        )
    ]


def settle_cells(
    connection: Connection, academic_year: str, cells: Iterable[UnsettledCell], by: str
) -> None:
    """Move cells from the table of unsettled cells to that of settled ones.

    Args:
        connection: A transaction of the store.
        academic_year: The year of their returns.
        cells: The cells.
        by: The id of the return that settles them: `undo` of it unsettles them again.
    """
    settled_cells = list(cells)
    if not settled_cells:
        return
    unsettled, settled = schema.unsettled, schema.settled
    keys = [
        {"k_return_id": cell.return_id, "k_sheet": cell.sheet, "k_cell": cell.cell}
        for cell in settled_cells
    ]
    connection.execute(delete(unsettled).where(*_same_cell(unsettled)), keys)
    connection.execute(
        delete(settled).where(settled.c.settled_by == by, *_same_cell(settled)), keys
    )
    insert_rows(
        connection,
        settled,
        [{"settled_by": by, **_row(cell, academic_year)} for cell in settled_cells],
    )


def _same_cell(table: Table) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"k_{name}") for name in _CELL]


def revert_settlements(connection: Connection, return_id: str) -> None:
    """Unsettle the cells that a return settled, and remove those that it left.

    Args:
        connection: A transaction of the store.
        return_id: The return that `undo` reverts.
    """
    settled, table = schema.settled.c, schema.unsettled
    names = [column.name for column in table.columns]
    cells = connection.execute(
        select(*(settled[name] for name in names))
        .join(schema.returns, _T.return_id == settled.return_id)
        .where(
            settled.settled_by == return_id,
            settled.return_id != return_id,
            _T.status.in_(MERGED),
        )
    )
    rows = [dict(zip(names, row, strict=True)) for row in cells.all()]
    connection.execute(
        delete(schema.settled).where(
            or_(settled.settled_by == return_id, settled.return_id == return_id)
        )
    )
    connection.execute(delete(table).where(table.c.return_id == return_id))
    insert_rows(connection, table, rows)


def record_unsettled(
    connection: Connection, academic_year: str, cells: Iterable[UnsettledCell]
) -> None:
    """Record cells that are not settled."""
    insert_rows(connection, schema.unsettled, [_row(c, academic_year) for c in cells])


def _row(cell: UnsettledCell, academic_year: str) -> dict[str, str]:
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


def _past_returns(
    connection: Connection, query: Select[Any], values: Mapping[str, str]
) -> list[PastReturn]:
    return [
        PastReturn(row[0], row[1], tuple(row[2].split(";")), row[3], row[4])
        for row in connection.execute(query, values)
    ]
