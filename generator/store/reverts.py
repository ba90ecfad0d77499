"""The changes that a return made in the store, so that `undo` can revert them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, union, update

from generator.store import schema
from generator.store.marks import Mark
from generator.store.returns import MERGED, UNDONE, UnsettledCell


@dataclass(frozen=True, slots=True)
class FiledReturn:
    """A file that was read, as the table of returns has it.

    Args:
        return_id: Its id.
        file: Its name at that time.
        sha256: Of its content.
        classes: The classes it was a return of.
        collection: Their collection.
        academic_year: Their year.
        status: Its status.
        read_at: When it was read, as ISO text.
        who: The person who collected it.
    """

    return_id: str
    file: str
    sha256: str
    classes: tuple[str, ...]
    collection: str
    academic_year: str
    status: str
    read_at: str
    who: str


@dataclass(frozen=True, slots=True)
class MarkStep:
    """One value that a mark took.

    Args:
        return_id: The return it came from.
        class_code: Its class.
        old: The value before; empty for none.
        new: The value then; empty where it was cleared.
        source_file: The return's name.
        source_cell: The cell.
        who: The person who merged it.
        merged_at: When, as ISO text.
        why: `merged`, `taken` or `undone`.
    """

    return_id: str
    class_code: str
    old: str
    new: str
    source_file: str
    source_cell: str
    who: str
    merged_at: str
    why: str


def filed_returns(connection: Connection) -> list[FiledReturn]:
    """Every file that was ever read, oldest first."""
    table = schema.returns.c
    query = select(
        table.return_id,
        table.file,
        table.sha256,
        table["class"],
        table.collection,
        table.academic_year,
        table.status,
        table.read_at,
        table.who,
    ).order_by(table.read_at, table.return_id)
    return [
        FiledReturn(*row[:3], tuple(filter(None, row[3].split(";"))), *row[4:])
        for row in connection.execute(query)
    ]


def issued_file(connection: Connection, returned: FiledReturn) -> str:
    """The file that the markbook of a return was issued as, or empty."""
    returns, issues = schema.returns.c, schema.issues.c
    ids = connection.execute(
        select(returns.issue_id).where(returns.return_id == returned.return_id)
    ).scalar()
    first = (ids or "").partition(";")[0]
    query = select(issues.file).where(issues.issue_id == first)
    return connection.execute(query).scalar() or ""


def mark_steps(
    connection: Connection, returned: FiledReturn
) -> dict[Mark, list[MarkStep]]:
    """Every value of the marks that a return changed, from any return, in order."""
    table, accepted = schema.history.c, schema.accepted.c
    mark = (table.adno, table.subject, table.field)
    marks = union(
        select(*mark).where(
            table.return_id == returned.return_id,
            table.collection == returned.collection,
        ),
        select(accepted.adno, accepted.subject, accepted.field).where(
            accepted.return_id == returned.return_id,
            accepted.collection == returned.collection,
        ),
    )
    answered = {tuple(row) for row in connection.execute(marks)}
    query = (
        select(
            *mark,
            table.return_id,
            table["class"],
            table.old,
            table.new,
            table.source_file,
            table.source_cell,
            table.who,
            table.merged_at,
            table.why,
        )
        .where(
            table.collection == returned.collection,
            table.adno.in_(select(marks.subquery().c.adno)),
        )
        .order_by(table.id)
    )
    steps: dict[Mark, list[MarkStep]] = defaultdict(list)
    for row in connection.execute(query):
        if tuple(row[:3]) in answered:
            steps[row[0], row[1], row[2]].append(MarkStep(*tuple(row)[3:]))
    return dict(steps)


def confirmed_values(
    connection: Connection, returned: FiledReturn
) -> dict[Mark, list[tuple[str, ...]]]:
    """Values of a collection accepted from other merged returns.

    Returns:
        Mark -> value, moment and file of each.
    """
    table, returns = schema.accepted.c, schema.returns.c
    query = (
        select(
            table.adno,
            table.subject,
            table.field,
            table.value,
            table.accepted_at,
            returns.file,
        )
        .join(schema.returns, returns.return_id == table.return_id)
        .where(
            table.collection == returned.collection,
            table.return_id != returned.return_id,
            returns.status.in_(MERGED),
        )
        .order_by(table.accepted_at, returns.file)
    )
    values: dict[Mark, list[tuple[str, ...]]] = defaultdict(list)
    for row in connection.execute(query):
        values[row[0], row[1], row[2]].append(tuple(row[3:]))
    return dict(values)


def unsettled_cells_of(
    connection: Connection, collection: str, mark: tuple[str, str, str]
) -> list[UnsettledCell]:
    """The unsettled cells about one mark, from the oldest return to the newest.

    Args:
        connection: A transaction of the store.
        collection: The collection.
        mark: Admission number, subject and field.
    """
    adno, subject, field = mark
    cells, files = schema.unsettled.c, schema.returns.c
    query = (
        select(
            *(cells[name] for name in ("return_id", "sheet", "cell", "class")),
            *(cells[name] for name in ("subject", "adno", "field", "kind")),
            *(cells[name] for name in ("returned", "stored")),
        )
        .join_from(schema.unsettled, schema.returns, files.return_id == cells.return_id)
        .where(
            files.collection == collection,
            cells.adno == adno,
            cells.subject == subject,
            cells.field == field,
        )
        .order_by(files.modified, files.read_at, cells.return_id, cells.cell)
    )
    return [UnsettledCell(*tuple(row)) for row in connection.execute(query)]


def restore_marks(
    connection: Connection,
    returned: FiledReturn,
    marks: Iterable[tuple[Mark, str, MarkStep | None]],
) -> None:
    """Restore the values that marks had, with their sources.

    Args:
        connection: A transaction of the store.
        returned: The return that `undo` reverts.
        marks: The mark, its value, and the step that set the value, where the history
            has one; an empty value deletes the mark.
    """
    table = schema.marks
    for (adno, subject, field), value, step in marks:
        key = {
            "collection": returned.collection,
            "adno": adno,
            "subject": subject,
            "field": field,
        }
        connection.execute(
            delete(table).where(*(table.c[name] == key[name] for name in key))
        )
        if not value:
            continue
        row = {**key, "academic_year": returned.academic_year, "value": value}
        if step is not None:
            row |= {
                "class": step.class_code,
                "return_id": step.return_id,
                "source_file": step.source_file,
                "source_cell": step.source_cell,
                "who": step.who,
                "merged_at": step.merged_at,
            }
        connection.execute(insert(table), [row])


def record_revert(
    connection: Connection,
    returned: FiledReturn,
    rows: Sequence[Mapping[str, str]],
    *,
    who: str,
    moment: str,
) -> None:
    """Record a revert: the changed values in the history, the return as undone."""
    common = {
        "collection": returned.collection,
        "academic_year": returned.academic_year,
        "return_id": returned.return_id,
        "source_file": returned.file,
        "who": who,
        "merged_at": moment,
        "why": UNDONE,
    }
    if rows:
        connection.execute(insert(schema.history), [{**common, **row} for row in rows])
    table = schema.returns
    connection.execute(
        update(table)
        .where(table.c.return_id == returned.return_id)
        .values(status=UNDONE)
    )
