"""The problems found in files: the last reading of each file, and nothing older."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, Table, bindparam, delete, insert, select

from generator.problems import Problem
from generator.store import schema

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
    """Keep what this reading of a file found, in place of the reading before.

    Args:
        connection: A transaction of the store.
        file: The file's name, as the problems name it.
        problems: All that was found in it; none where it is now in order.
        academic_year: The year it was read in.
        collection: The collection it is a return of, or empty.
        now: The moment of reading. Where nothing changed, the moment at which it
            was first found stays.
    """
    table = schema.problems
    found = [problem.row() for problem in problems]
    before = connection.execute(_OF_A_FILE, {"named": file}).all()
    if [tuple(row) for row in before] == [
        tuple(row[name] for name in _NAMES) for row in found
    ]:
        return
    connection.execute(delete(table).where(table.c.file == file))
    if found:
        common = {
            "academic_year": academic_year,
            "collection": collection,
            "found_at": now.isoformat(timespec="seconds"),
        }
        connection.execute(insert(table), [{**common, **row} for row in found])


def open_problems(
    connection: Connection,
    *,
    academic_year: str | None = None,
    collection: str | None = None,
) -> pd.DataFrame:
    """Every problem that stands, oldest first.

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
    if done := settled_problem_ids(connection):
        query = query.where(table.c.id.not_in(done))
    columns = [column.name for column in table.columns]
    rows = [tuple(row) for row in connection.execute(query).all()]
    return pd.DataFrame(rows, columns=pd.Index(columns), dtype=object)


def settled_problem_ids(connection: Connection) -> list[int]:
    """The ids of problems whose cells were all settled by a later return.

    The file in which they were found says still what it said; but it is not read
    again for these cells, unless what settled them is taken back.

    Args:
        connection: A transaction of the store.
    """
    settled = _cells(connection, schema.settled)
    if not settled:
        return []
    left = _cells(connection, schema.unsettled)
    p = schema.problems.c
    query = select(p.id, p.file, p.sheet, p.cell).where(
        p.severity == "error", p.cell != "", p.file.in_(sorted(settled))
    )
    found = []
    for number, file, sheet, cell in connection.execute(query).all():
        cells = {(sheet, one) for one in cell.split(", ")}
        if cells <= settled[file] - left[file]:
            found.append(number)
    return found


def _cells(connection: Connection, table: Table) -> dict[str, set[tuple[str, str]]]:
    """Sheet and cell of everything on a list, by the name of the file."""
    r, c = schema.returns.c, table.c
    query = select(r.file, c.sheet, c.cell).join_from(
        table, schema.returns, c.return_id == r.return_id
    )
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for file, sheet, cell in connection.execute(query).all():
        found[file].add((sheet, cell))
    return found
