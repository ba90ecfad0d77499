"""What earlier collections said of the pupils and subjects of this one."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Connection, select

from generator.records.marks import standing_marks
from generator.school import Collection
from generator.store import schema
from udfs.tables import Tables

EARLIER = 4  # how many earlier collections are looked at
KEYS = ["adno", "subject"]
BELOW = ("Below", "Well below")


def collections_before(
    connection: Connection, collection: Collection
) -> dict[str, str]:
    """The collections before one, oldest first, each with the day it opened."""
    c = schema.collections.c
    found = connection.execute(
        select(c.code, c.opens)
        .where(c.opens < collection.opens.isoformat(), c.code != collection.code)
        .order_by(c.opens, c.code)
    )
    return dict([(row.code, row.opens) for row in found][-EARLIER:])


def with_earlier(
    connection: Connection,
    tables: Tables,
    rows: pd.DataFrame,
    before: Iterable[str],
    fine: bool,
) -> tuple[pd.DataFrame, dict[int, str]]:
    """Rows of pupils and subjects with what was said of them before.

    Args:
        connection: A transaction of the store.
        tables: Scales and subjects as this school has them.
        rows: A row for each pupil, class and subject, with the flag and level of now.
        before: The earlier collections, oldest first.
        fine: Whether flags tell thirds of a grade apart.

    Returns:
        The rows, and each year group's last collection that asked for predictions.
    """
    rows = rows.assign(last=None, last_flag=None, last_level=None, last_gap=None, run=0)
    rows = rows.astype(
        {"last": "str", "last_flag": "str", "last_level": "Int64", "last_gap": "Int64"}
    )
    last: dict[int, str] = {}
    for code in before:
        then = standing_marks(connection, tables, collection=code, fine=fine)
        then = then[[*KEYS, "prediction", "flag", "level", "gap"]]
        then = rows[KEYS].merge(then, on=KEYS, how="left").set_index(rows.index)
        shown = then["prediction"].fillna("")
        flagged = shown + " (" + then["flag"] + ")"
        rows[f"earlier:{code}"] = flagged.where(then["flag"].notna(), shown)
        for name, of in (("was", "prediction"), ("flag", "flag"), ("gap", "gap")):
            rows[f"{name}:{code}"] = then[of]
        rows["run"] = (rows["run"] + 1).where(then["flag"].isin(BELOW), 0)
        # The collection before this one is, for each year group, the latest that
        # asked it for predictions.
        asked = rows.loc[then["prediction"].notna(), "year"].unique()
        last |= dict.fromkeys(asked.tolist(), code)
        mine = rows["year"].isin(asked)
        for name, of in (
            ("last", "prediction"),
            ("last_flag", "flag"),
            ("last_level", "level"),
            ("last_gap", "gap"),
        ):
            rows[name] = rows[name].mask(mine, then[of])
    rows["run"] = (rows["run"] + 1).where(rows["flag"].isin(BELOW), 0)
    rows["movement"] = rows["level"] - rows["last_level"]
    return rows.copy(), last  # in one piece, which is faster to cut up
