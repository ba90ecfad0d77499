"""Pupils, classes, memberships, staff and indicators as tables."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, Integer, Select, select

from generator.store import schema

PUPILS = (
    "adno", "upn", "surname", "forename", "sex", "year", "reg", "pp",
    "disadvantaged", "fsm", "sen", "eal", "ethnicity", "lac", "ks2_reading",
    "ks2_maths", "status", "left",
)  # fmt: skip


def read(connection: Connection, query: Select[tuple[object, ...]]) -> pd.DataFrame:
    """The answer of a query; whole numbers stay whole where some are missing."""
    found = connection.execute(query)
    # Built as objects first: pandas must not guess that `004001`, `NA` or `True` is
    # anything but text.
    frame = pd.DataFrame(
        [tuple(row) for row in found],
        columns=pd.Index(list(found.keys())),
        dtype=object,
    )
    types = {
        column.name: "Int64" if isinstance(column.type, Integer) else "str"
        for column in query.selected_columns
    }
    return frame.astype(types)


def pupils(connection: Connection) -> pd.DataFrame:
    """Every pupil there ever was, by admission number; nobody is deleted."""
    p = schema.pupils.c
    return read(connection, select(*(p[name] for name in PUPILS)).order_by(p.adno))


def classes(connection: Connection) -> pd.DataFrame:
    """Every class of every academic year, with how many pupils are in it."""
    c = schema.classes.c
    found = read(
        connection,
        select(
            c["class"], c.subject, c.year, c.teachers.label("teacher"), c.academic_year
        ).order_by(c.academic_year, c["class"]),
    )
    keys = ["academic_year", "class"]
    counted = memberships(connection).groupby(keys).size().rename("pupils")
    made = found.merge(counted.reset_index(), on=keys, how="left")
    made["pupils"] = made["pupils"].fillna(0).astype("Int64")
    return made[["class", "subject", "year", "teacher", "pupils", "academic_year"]]


def memberships(connection: Connection) -> pd.DataFrame:
    """Who is in which class now, or was to the end of an earlier academic year."""
    m = schema.memberships.c
    return read(
        connection,
        select(m["class"], m.adno, m.since, m.academic_year)
        .where(m.until == "")
        .order_by(m.academic_year, m["class"], m.adno),
    )


def staff(connection: Connection) -> pd.DataFrame:
    """Each member of staff once, as the latest academic year has them, with roles.

    `roles` reads `head of department Music; tutor 7A`.
    """
    s, r = schema.staff.c, schema.roles.c
    found = read(
        connection,
        select(s.code, s.name, s.email, s.academic_year).order_by(
            s.code, s.academic_year
        ),
    ).drop_duplicates("code", keep="last")
    held = read(
        connection,
        select(r.staff.label("code"), r.role, r.scope, r.academic_year).order_by(
            r.staff, r.role, r.scope
        ),
    )
    held["roles"] = (held["role"] + " " + held["scope"]).str.strip()
    keys = ["code", "academic_year"]
    joined = held.groupby(keys)["roles"].agg("; ".join).reset_index()
    made = found.merge(joined, on=keys, how="left")
    return made[["code", "name", "email", "roles"]]


def indicators(connection: Connection) -> pd.DataFrame:
    """CAT4, attendance, behaviour and whatever else was imported, by pupil."""
    i = schema.indicators.c
    return read(
        connection,
        select(i.adno, i.name, i.value, i.academic_year).order_by(
            i.academic_year, i.adno, i.name
        ),
    )
