"""Rows of the store as data frames."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, Integer, Select


def read_frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """Read a query as a data frame; whole numbers stay whole where some are missing.

    Args:
        connection: A transaction of the store.
        query: Columns of tables of the store.
    """
    result = connection.execute(query)
    # As objects first: pandas must not guess that `004001`, `NA` or `True` is
    # anything but text.
    frame = pd.DataFrame(
        [tuple(row) for row in result],
        columns=pd.Index(list(result.keys())),
        dtype=object,
    )
    types = {
        column.name: "Int64" if isinstance(column.type, Integer) else "str"
        for column in query.selected_columns
    }
    return frame.astype(types)
