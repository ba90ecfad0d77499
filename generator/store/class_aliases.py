"""Earlier codes of classes that were renamed or merged."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from generator.store import schema


def class_aliases(connection: Connection, academic_year: str) -> dict[str, str]:
    """Earlier code -> the present code of the class, in an academic year."""
    table = schema.class_aliases.c
    query = select(table.alias, table["class"]).where(
        table.academic_year == academic_year
    )
    return {row[0]: row[1] for row in connection.execute(query).all()}


def aliases_of_collection(connection: Connection, collection: str) -> dict[str, str]:
    """Earlier code -> present code, in the academic year of a collection."""
    codes = schema.collections.c
    query = select(codes.academic_year).where(codes.code == collection)
    year = connection.execute(query).scalar_one_or_none()
    return class_aliases(connection, year) if year else {}


def move_marks(
    connection: Connection,
    academic_year: str,
    old: str,
    new: str,
    pupils: Iterable[str],
) -> None:
    """Put the marks of some pupils from one class code under another."""
    table = schema.marks
    for adno in sorted(set(pupils)):
        connection.execute(
            update(table)
            .where(
                table.c.academic_year == academic_year,
                table.c["class"] == old,
                table.c.adno == adno,
            )
            .values({"class": new})
        )
