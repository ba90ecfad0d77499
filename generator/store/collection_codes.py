"""The academic year that owns each collection code, for good."""

from __future__ import annotations

from sqlalchemy import Connection, select

from generator.school.school import Collection
from generator.store.schema import collections
from udfs.errors import MarkbookError


class CodeInUse(MarkbookError):
    """Another academic year has used a collection code."""


def claim_code(
    connection: Connection, collection: Collection, academic_year: str
) -> None:
    """Claim a collection's code for an academic year on its first use.

    Raises:
        CodeTaken: If another year has used it; a free code is offered.
    """
    claimed = academic_year_of_code(connection, collection.code)
    if claimed is None:
        connection.execute(
            collections.insert().values(
                code=collection.code,
                academic_year=academic_year,
                name=collection.title,
                opens=collection.opens.isoformat(),
                closes=collection.closes.isoformat(),
            )
        )
    elif claimed != academic_year:
        raise CodeInUse(
            f"The collection code {collection.code!r} was used in {claimed}.",
            f"Give this year's collection another code in school.toml, for example "
            f"{free_code(connection, collection.code, academic_year)!r}.",
        )
    else:
        connection.execute(
            collections.update()
            .where(collections.c.code == collection.code)
            .values(
                name=collection.title,
                opens=collection.opens.isoformat(),
                closes=collection.closes.isoformat(),
            )
        )


def academic_year_of_code(connection: Connection, code: str) -> str | None:
    """The academic year that uses a collection code, or None."""
    return connection.execute(
        select(collections.c.academic_year).where(collections.c.code == code)
    ).scalar_one_or_none()


def free_code(connection: Connection, code: str, academic_year: str) -> str:
    """A similar code that no year has used (`AUT` in 2027/28: `AUT27`)."""
    free = f"{code}{academic_year[2:4]}"
    number = 2
    while academic_year_of_code(connection, free) is not None:
        free = f"{code}{academic_year[2:4]}-{number}"
        number += 1
    return free
