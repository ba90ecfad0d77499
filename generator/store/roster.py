"""Who is here: pupils, classes, memberships, staff, roles and indicators.

Every answer is a table of text with a stable order; a blank is an empty text
(`left` too: empty means on roll), `year` a whole number or missing.
"""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, Select, Table, select

from generator.store import schema


def pupils(connection: Connection, academic_year: str | None = None) -> pd.DataFrame:
    """Every pupil the store knows, those who left included, by admission number.

    Args:
        connection: A transaction of the store.
        academic_year: Only pupils whom an import of this year named last; None
            for everybody there ever was.
    """
    query = select(schema.pupils).order_by(schema.pupils.c.adno)
    if academic_year is not None:
        query = query.where(schema.pupils.c.academic_year == academic_year)
    return _frame(connection, query, schema.pupils)


def classes(connection: Connection, academic_year: str) -> pd.DataFrame:
    """The classes of an academic year, by class code."""
    table = schema.classes
    query = (
        select(table)
        .where(table.c.academic_year == academic_year)
        .order_by(table.c["class"])
    )
    return _frame(connection, query, table)


def memberships(connection: Connection, academic_year: str) -> pd.DataFrame:
    """Who is in which class now (ended memberships left out), by class and pupil.

    Pupils who have left the school keep their memberships, so they are here.
    """
    table = schema.memberships
    query = (
        select(table)
        .where(table.c.academic_year == academic_year, table.c.until == "")
        .order_by(table.c["class"], table.c.adno)
    )
    return _frame(connection, query, table)


def staff(connection: Connection, academic_year: str) -> pd.DataFrame:
    """The staff of an academic year, by code."""
    table = schema.staff
    query = (
        select(table)
        .where(table.c.academic_year == academic_year)
        .order_by(table.c.code)
    )
    return _frame(connection, query, table)


def roles(connection: Connection, academic_year: str) -> pd.DataFrame:
    """Who leads what (staff, role, scope), by role, scope and staff."""
    table = schema.roles
    query = (
        select(table)
        .where(table.c.academic_year == academic_year)
        .order_by(table.c.role, table.c.scope, table.c.staff)
    )
    return _frame(connection, query, table)


def indicators(connection: Connection, academic_year: str) -> pd.DataFrame:
    """What else was imported of each pupil (adno, name, value), by pupil and name."""
    table = schema.indicators
    query = (
        select(table)
        .where(table.c.academic_year == academic_year)
        .order_by(table.c.adno, table.c.name)
    )
    return _frame(connection, query, table)


def _frame(
    connection: Connection, query: Select[tuple[object, ...]], table: Table
) -> pd.DataFrame:
    columns = [column.name for column in table.columns]
    rows = connection.execute(query).all()
    # Built as objects first: pandas must not guess that `004001`, `NA` or `True`
    # is anything but text.
    frame = pd.DataFrame(
        [tuple(row) for row in rows], columns=pd.Index(columns), dtype=object
    )
    for column in columns:
        if column == "year":
            frame[column] = frame[column].astype("Int64")
        else:
            frame[column] = frame[column].fillna("").astype("str")
    return frame
