"""What a return put into the store, so that it can be taken out again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, union, update

from generator.store import schema
from generator.store.marks import Mark
from generator.store.returns import MERGED, UNDONE


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that was read, as it is known in the table of returns.

    Args:
        return_id: Its id.
        file: Its name then.
        sha256: Of its content.
        classes: The classes it was a return of.
        collection: Their collection.
        academic_year: Their year.
        status: What became of it.
        read_at: When.
        who: Who collected it.
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
class Step:
    """One value that a mark took.

    Args:
        return_id: The return it came from.
        class_code: Its class.
        old: The value before; empty for none.
        new: The value then; empty where it was cleared.
        source_file: The return's name.
        source_cell: The cell.
        who: Who merged it.
        merged_at: When.
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


def filed(connection: Connection) -> list[Filed]:
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
        Filed(*row[:3], tuple(filter(None, row[3].split(";"))), *row[4:])
        for row in connection.execute(query)
    ]


def markbook_of(connection: Connection, one: Filed) -> str:
    """Where the markbook that a return is of was issued to, or empty."""
    returns, issues = schema.returns.c, schema.issues.c
    ids = connection.execute(
        select(returns.issue_id).where(returns.return_id == one.return_id)
    ).scalar()
    first = (ids or "").partition(";")[0]
    found = connection.execute(select(issues.file).where(issues.issue_id == first))
    return found.scalar() or ""


def steps(connection: Connection, one: Filed) -> dict[Mark, list[Step]]:
    """Every value of the marks that a return answered, whoever set it, in order."""
    table, kept = schema.history.c, schema.accepted.c
    mark = (table.adno, table.subject, table.field)
    mine = union(
        select(*mark).where(
            table.return_id == one.return_id, table.collection == one.collection
        ),
        select(kept.adno, kept.subject, kept.field).where(
            kept.return_id == one.return_id, kept.collection == one.collection
        ),
    )
    wanted = {tuple(row) for row in connection.execute(mine)}
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
            table.collection == one.collection,
            table.adno.in_(select(mine.subquery().c.adno)),
        )
        .order_by(table.id)
    )
    found: dict[Mark, list[Step]] = defaultdict(list)
    for row in connection.execute(query):
        if tuple(row[:3]) in wanted:
            found[row[0], row[1], row[2]].append(Step(*tuple(row)[3:]))
    return dict(found)


def confirmed(connection: Connection, one: Filed) -> dict[Mark, list[tuple[str, ...]]]:
    """Values of a collection accepted from other returns that stand.

    Returns:
        Mark -> value, moment and file of each.
    """
    table, returned = schema.accepted.c, schema.returns.c
    query = (
        select(
            table.adno,
            table.subject,
            table.field,
            table.value,
            table.accepted_at,
            returned.file,
        )
        .join(schema.returns, returned.return_id == table.return_id)
        .where(
            table.collection == one.collection,
            table.return_id != one.return_id,
            returned.status.in_(MERGED),
        )
        .order_by(table.accepted_at, returned.file)
    )
    found: dict[Mark, list[tuple[str, ...]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row[0], row[1], row[2]].append(tuple(row[3:]))
    return dict(found)


def put_back(
    connection: Connection,
    one: Filed,
    marks: Iterable[tuple[Mark, str, Step | None]],
) -> None:
    """Give marks the values they had, with where those came from.

    Args:
        connection: A transaction of the store.
        one: The return that is taken back.
        marks: The mark, its value, and the step that gave it that value, where the
            history has one; an empty value takes the mark away.
    """
    table = schema.marks
    for (adno, subject, field), value, step in marks:
        key = {
            "collection": one.collection,
            "adno": adno,
            "subject": subject,
            "field": field,
        }
        connection.execute(
            delete(table).where(*(table.c[name] == key[name] for name in key))
        )
        if not value:
            continue
        row = {**key, "academic_year": one.academic_year, "value": value}
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


def tell(
    connection: Connection,
    one: Filed,
    rows: Sequence[Mapping[str, str]],
    *,
    who: str,
    moment: str,
) -> None:
    """Put what was taken back down in the history, and the return as taken back."""
    common = {
        "collection": one.collection,
        "academic_year": one.academic_year,
        "return_id": one.return_id,
        "source_file": one.file,
        "who": who,
        "merged_at": moment,
        "why": UNDONE,
    }
    if rows:
        connection.execute(insert(schema.history), [{**common, **row} for row in rows])
    table = schema.returns
    connection.execute(
        update(table).where(table.c.return_id == one.return_id).values(status=UNDONE)
    )
