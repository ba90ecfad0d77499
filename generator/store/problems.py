"""The problems of each file's last reading, and those that a later return settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, bindparam, delete, insert, select

from generator.problems import Problem
from generator.store import schema
from generator.store.frames import read_frame

if TYPE_CHECKING:
    import pandas as pd

_NAMES = tuple(field.name for field in fields(Problem))

_OF_A_FILE = (
    select(*(schema.problems.c[name] for name in _NAMES))
    .where(schema.problems.c.file == bindparam("named"))
    .order_by(schema.problems.c.id)
)


def replace_problems(
    connection: Connection,
    file: str,
    problems: Iterable[Problem],
    *,
    academic_year: str,
    collection: str = "",
    now: datetime,
) -> None:
    """Store the problems of a file, in place of those of the reading before.

    Args:
        connection: A transaction of the store.
        file: The file's name, as the problems name it.
        problems: All its problems; none if it is in order now.
        academic_year: The year of the reading.
        collection: The collection it is a return of, or empty.
        now: The moment of the reading; where nothing changed, the earlier moment
            stays.
    """
    table = schema.problems
    rows = [problem.row() for problem in problems]
    before = connection.execute(_OF_A_FILE, {"named": file}).all()
    if [tuple(row) for row in before] == [
        tuple(row[name] for name in _NAMES) for row in rows
    ]:
        return
    connection.execute(delete(table).where(table.c.file == file))
    if rows:
        common = {
            "academic_year": academic_year,
            "collection": collection,
            "found_at": now.isoformat(timespec="seconds"),
        }
        connection.execute(insert(table), [{**common, **row} for row in rows])


def replace_problems_of_files(
    connection: Connection,
    files: Iterable[str],
    problems: Sequence[Problem],
    *,
    academic_year: str,
    now: datetime,
) -> None:
    """The same for several files of no collection, each with its own problems."""
    for file in files:
        replace_problems(
            connection,
            file,
            [problem for problem in problems if problem.file == file],
            academic_year=academic_year,
            now=now,
        )


def open_problems(
    connection: Connection,
    *,
    academic_year: str | None = None,
    collection: str | None = None,
) -> pd.DataFrame:
    """Every problem that nothing has settled, oldest first.

    Args:
        connection: A transaction of the store.
        academic_year: Only those found in this year; None for all.
        collection: Only those in returns of this collection; None for all.
    """
    table = schema.problems
    query = select(table).order_by(table.c.id)
    if academic_year is not None:
        query = query.where(table.c.academic_year == academic_year)
    if collection is not None:
        query = query.where(table.c.collection == collection)
    if settled := settled_problem_ids(connection):
        query = query.where(table.c.id.not_in(settled))
    return read_frame(connection, query)


def settled_problem_ids(connection: Connection) -> list[int]:
    """The ids of problems whose cells a later return has all settled.

    The file with the problem is unchanged, but these cells of it are not merged again
    unless `undo` reverts what settled them.

    Args:
        connection: A transaction of the store.
    """
    settled = _cells(connection, schema.settled)
    if not settled:
        return []
    unsettled = _cells(connection, schema.unsettled)
    p = schema.problems.c
    query = select(p.id, p.file, p.sheet, p.cell).where(
        p.severity == "error", p.cell != "", p.file.in_(sorted(settled))
    )
    ids = []
    for number, file, sheet, cell in connection.execute(query).all():
        cells = {(sheet, name) for name in cell.split(", ")}
        if cells <= settled[file] - unsettled[file]:
            ids.append(number)
    return ids


def _cells(connection: Connection, table: Table) -> dict[str, set[tuple[str, str]]]:
    """The sheet and cell of every row of a table of cells, by the file's name."""
    r, c = schema.returns.c, table.c
    query = select(r.file, c.sheet, c.cell).join_from(
        table, schema.returns, c.return_id == r.return_id
    )
    cells: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for file, sheet, cell in connection.execute(query).all():
        cells[file].add((sheet, cell))
    return cells
