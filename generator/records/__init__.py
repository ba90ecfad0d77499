"""What the school knows, one table each: what `export` writes and packs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.records import ledger, marks, results, roster
from generator.school import School
from generator.store.schema import collections
from udfs.errors import MarkbookError
from udfs.tables import Tables


class NoSuchTable(MarkbookError):
    """A table or a collection that there is not; the text lists those there are."""


@dataclass(frozen=True, slots=True)
class Asked:
    """From what a table is made.

    Args:
        connection: The store, within one transaction.
        school: The school and its settings.
        tables: Scales, subjects and codes as this school has them.
        collection: A collection's code, or None for all; tables that belong to no
            collection (pupils, classes …) are whole either way.
        today: The day it is asked.
    """

    connection: Connection
    school: School
    tables: Tables
    collection: str | None
    today: date


TABLES: Mapping[str, Callable[[Asked], pd.DataFrame]] = {
    "pupils": lambda asked: roster.pupils(asked.connection),
    "classes": lambda asked: roster.classes(asked.connection),
    "memberships": lambda asked: roster.memberships(asked.connection),
    "staff": lambda asked: roster.staff(asked.connection),
    "indicators": lambda asked: roster.indicators(asked.connection),
    "targets": lambda asked: ledger.targets(asked.connection),
    "marks": lambda asked: marks.marks(
        asked.connection,
        asked.tables,
        collection=asked.collection,
        fine=asked.school.settings.flags.fine,
    ),
    "history": lambda asked: marks.history(
        asked.connection,
        asked.tables,
        collection=asked.collection,
        fine=asked.school.settings.flags.fine,
    ),
    "issues": lambda asked: ledger.issues(asked.connection, asked.collection),
    "returns": lambda asked: ledger.returns(asked.connection, asked.collection),
    "problems": lambda asked: ledger.problems(asked.connection, asked.collection),
    "interventions": lambda asked: ledger.interventions(asked.connection),
    "results": lambda asked: results.table(asked.connection, asked.collection),
    "result_history": lambda asked: results.history(asked.connection),
    "actions": lambda asked: ledger.actions(asked.connection, asked.collection),
}


def table(
    asked: Asked,
    name: str,
    tables: Mapping[str, Callable[[Asked], pd.DataFrame]] = TABLES,
) -> pd.DataFrame:
    """One table by its name, rows in a stable order.

    Args:
        asked: From what it is made.
        name: Its name.
        tables: The tables there are, by name.

    Raises:
        NoSuchTable: If there is no such table, or no such collection in the settings
            or the store; the message lists those there are.
    """
    if name not in tables:
        raise NoSuchTable(
            f"There is no table {name!r}.", f"There are: {', '.join(tables)}."
        )
    known = codes(asked)
    if asked.collection is not None and asked.collection not in known:
        raise NoSuchTable(
            f"There is no collection {asked.collection!r}.",
            f"There are: {', '.join(known) or 'none yet'}.",
        )
    return tables[name](asked)


def codes(asked: Asked) -> list[str]:
    """Every collection of the settings, then those that only the store still has."""
    mine = [collection.code for collection in asked.school.settings.collections]
    stored = asked.connection.execute(
        collections.select().order_by(collections.c.opens, collections.c.code)
    )
    return mine + [row.code for row in stored if row.code not in mine]
