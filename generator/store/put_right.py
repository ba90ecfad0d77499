"""Which problems no longer stand: a later return of the class has put them right."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, Table, select

from generator.store import schema


def put_right(connection: Connection) -> list[int]:
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
