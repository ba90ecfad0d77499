"""Rows of the store as data frames."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Integer, Select

if TYPE_CHECKING:
    import pandas as pd


def read_frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """Read a query as a data frame; whole numbers stay whole where some are missing.

    Args:
        connection: A transaction of the store.
        query: Columns of tables of the store.
    """
    frame = _objects(connection, query)
    types = {name: "Int64" if whole else "str" for name, whole in _columns(query)}
    return frame.astype(types)


def read_text_frame(
    connection: Connection, query: Select[Any], *, nullable: Collection[str] = ()
) -> pd.DataFrame:
    """Read a query as a data frame in which a blank is an empty text.

    Args:
        connection: A transaction of the store.
        query: Columns of tables of the store.
        nullable: Columns of text that stay None where they are missing.
    """
    frame = _objects(connection, query)
    for name, whole in _columns(query):
        if whole:
            frame[name] = frame[name].astype("Int64")
        elif name not in nullable:
            frame[name] = frame[name].fillna("").astype("str")
    return frame


def _objects(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    import pandas as pd  # here, for commands that read no frame

    result = connection.execute(query)
    # As objects first: pandas must not guess that `004001`, `NA` or `True` is
    # anything but text.
    return pd.DataFrame(
        [tuple(row) for row in result],
        columns=pd.Index(list(result.keys())),
        dtype=object,
    )


def _columns(query: Select[Any]) -> list[tuple[str, bool]]:
    """Each column's name, and whether it holds whole numbers."""
    columns = query.selected_columns
    return [(column.name, isinstance(column.type, Integer)) for column in columns]
