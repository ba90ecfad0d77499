"""What each pupil's target, prediction and teacher have been, year by year."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, select

from generator.store import schema

KEYS = ["adno", "subject", "academic_year"]


def past(connection: Connection, *, until: str) -> pd.DataFrame:
    """One row per pupil, subject and academic year up to a year.

    Args:
        connection: The store.
        until: The last academic year wanted, as `2026/27`.

    Returns:
        `target` (the last version set in that year), `prediction` (of the year's last
        collection that has one) and `teacher` (names, of the class it was given in);
        missing where there is none.
    """
    t = schema.targets.c
    targets = _frame(
        connection,
        select(t.adno, t.subject, t.academic_year, t.expected.label("target"))
        .where(t.academic_year <= until)
        .order_by(t.adno, t.subject, t.version),
    ).drop_duplicates(KEYS, keep="last")
    m, c = schema.marks.c, schema.collections.c
    given = _frame(
        connection,
        select(
            m.adno, m.subject, m.academic_year, m.value.label("prediction"), m["class"]
        )
        .join_from(schema.marks, schema.collections, m.collection == c.code)
        .where(m.field == "prediction", m.value != "", m.academic_year <= until)
        .order_by(c.opens, m.collection, m.adno, m.subject),
    ).drop_duplicates(KEYS, keep="last")
    k, s = schema.classes.c, schema.staff.c
    taught = _frame(connection, select(k.academic_year, k["class"], k.teachers))
    staff = _frame(connection, select(s.academic_year, s.code, s.name))
    names = {
        (year, code): name for year, code, name in staff.to_numpy().tolist() if name
    }
    taught["teacher"] = [
        ", ".join(names.get((year, code), code) for code in codes.split(";") if code)
        for year, codes in zip(taught["academic_year"], taught["teachers"], strict=True)
    ]
    given = given.merge(
        taught.drop(columns="teachers"), on=["academic_year", "class"], how="left"
    )
    return targets.merge(given.drop(columns="class"), on=KEYS, how="outer")


def _frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    found = connection.execute(query)
    return pd.DataFrame(
        [tuple(row) for row in found.all()],
        columns=pd.Index(list(found.keys())),
        dtype="str",
    )
