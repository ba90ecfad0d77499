"""The returns there have been, and the cells of theirs that are not settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from generator.store import schema

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


def with_hash(connection: Connection, sha256: str) -> list[Past]:
    """The files read before that had the same content, byte for byte."""
    if not sha256:
        return []
    return _past(connection, schema.returns.c.sha256 == sha256)


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
    table = schema.returns.c
    # A class code can stand inside another's; those are sorted out below.
    found = [
        past
        for past in _past(
            connection,
            table.collection == collection,
            table.status.in_(MERGED),
            or_(
                table["class"] == class_code,
                table["class"].contains(class_code, autoescape=True),
            ),
        )
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


def enter(connection: Connection, row: Mapping[str, object]) -> None:
    """Put a return down, in place of what was said of the same file before."""
    table = schema.returns
    connection.execute(delete(table).where(table.c.return_id == row["return_id"]))
    connection.execute(insert(table), [dict(row)])


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
    table = schema.unsettled.c
    query = (
        select(
            table.return_id,
            table.sheet,
            table.cell,
            table["class"],
            table.subject,
            table.adno,
            table.field,
            table.kind,
            table.returned,
            table.stored,
        )
        .where(table.return_id.in_(list(return_ids)))
        .order_by(table.return_id, table.sheet, table.cell)
    )
    return [Unsettled(*tuple(row)) for row in connection.execute(query)]


def older_unsettled(
    connection: Connection, collection: str, classes: Iterable[str], modified: str
) -> list[Unsettled]:
    """Cells not settled in returns of some classes that are no newer than a time."""
    table, returned = schema.unsettled.c, schema.returns.c
    query = (
        select(table.return_id)
        .distinct()
        .join(schema.returns, returned.return_id == table.return_id)
        .where(
            returned.collection == collection,
            table["class"].in_(list(classes)),
            returned.modified <= modified,
        )
    )
    ids = [row[0] for row in connection.execute(query)]
    return unsettled(connection, ids) if ids else []


def settle(connection: Connection, cells: Iterable[Unsettled]) -> None:
    """Take cells off the list of those not settled."""
    table = schema.unsettled
    for cell in cells:
        connection.execute(
            delete(table).where(
                table.c.return_id == cell.return_id,
                table.c.sheet == cell.sheet,
                table.c.cell == cell.cell,
            )
        )


def leave_unsettled(
    connection: Connection, academic_year: str, cells: Iterable[Unsettled]
) -> None:
    """Put cells on the list of those not settled."""
    rows = [
        {
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
        for cell in cells
    ]
    if rows:
        connection.execute(insert(schema.unsettled), rows)


def _past(connection: Connection, *where: ColumnElement[bool]) -> list[Past]:
    table = schema.returns.c
    query = select(
        table.return_id, table.file, table["class"], table.status, table.modified
    ).order_by(table.read_at, table.return_id)
    for condition in where:
        query = query.where(condition)
    return [
        Past(row[0], row[1], tuple(row[2].split(";")), row[3], row[4])
        for row in connection.execute(query)
    ]
