"""What each pupil's target, prediction and teacher have been, year by year."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, select

from generator.store import schema
from udfs.tables import Tables

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


def carried_over(
    known: pd.DataFrame, here: pd.DataFrame, tables: Tables
) -> pd.DataFrame:
    """The same, with a Key Stage 3 subject under the subject that follows it.

    A subject that a pupil still takes stands for itself; what a subject has of its own
    in a year goes before what is carried over.

    Args:
        known: From `past`.
        here: What each pupil takes now: `adno` and `subject`.
        tables: Which subject follows which.
    """
    names = known["subject"].unique()
    pairs = [
        (subject, name)
        for subject in here["subject"].unique()
        if (follows := tables.subject(subject).follows)
        for name in names
        if tables.same(name, follows)
    ]
    taken = pd.MultiIndex.from_frame(here[KEYS[:2]])
    then = pd.DataFrame(pairs, columns=pd.Index(["leads_to", "subject"]), dtype="str")
    then = here[KEYS[:2]].rename(columns={"subject": "leads_to"}).merge(then)
    then = then.loc[~pd.MultiIndex.from_frame(then[KEYS[:2]]).isin(taken)]
    if then.empty:
        return known
    gone = pd.MultiIndex.from_frame(known[KEYS[:2]]).isin(
        pd.MultiIndex.from_frame(then[KEYS[:2]])
    )
    moved = known.loc[gone].merge(then, on=KEYS[:2])
    moved = moved.drop(columns="subject").rename(columns={"leads_to": "subject"})
    every = pd.concat([known.loc[~gone], moved], ignore_index=True)
    return every.groupby(KEYS, as_index=False).first()


def _frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    found = connection.execute(query)
    return pd.DataFrame(
        [tuple(row) for row in found.all()],
        columns=pd.Index(list(found.keys())),
        dtype="str",
    )
