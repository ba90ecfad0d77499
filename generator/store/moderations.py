"""Moderation workbooks: which were written, and what was taken from each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from generator.store import schema

Pair = tuple[str, str]  # admission number, subject


@dataclass(frozen=True, slots=True)
class Written:
    """One moderation workbook as it was written.

    Args:
        issue_id: Its id, which the file carries.
        academic_year: As `2026/27`.
        kind: `moderation`, or `review` for a round of proposals.
        department: Whose subjects are in it.
        file: Where it was put, below the school folder, with `/`.
        rows: How many pupils and subjects are in it.
        written_at: When, as ISO text.
        written_by: Who wrote it.
        sha256: Of the file as it was written.
        settled_sha256: Of the file last applied with nothing left over, or empty.
    """

    issue_id: str
    academic_year: str
    kind: str
    department: str
    file: str
    rows: int
    written_at: str
    written_by: str
    sha256: str
    settled_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was last taken from a workbook for one pupil and subject.

    Args:
        version: The version of the target that was made or agreed to, or 0.
        answer: The version of the answer to a query that was made, or 0.
    """

    version: int
    answer: int


def record(connection: Connection, written: Iterable[Written]) -> None:
    """Put workbooks down, after their files are in place; one again replaces it."""
    for one in written:
        row = {name: getattr(one, name) for name in Written.__slots__}
        connection.execute(
            delete(schema.moderations).where(
                schema.moderations.c.issue_id == one.issue_id
            )
        )
        connection.execute(schema.moderations.insert(), [row])


def find(connection: Connection, issue_id: str) -> Written | None:
    """A workbook by its id, or None where none of that id was written."""
    m = schema.moderations
    row = connection.execute(select(m).where(m.c.issue_id == issue_id)).one_or_none()
    return None if row is None else Written(**row._mapping)


def hashes_of(connection: Connection, file: str) -> set[str]:
    """The hashes a file may have with nothing in it lost if it is written again.

    Those of every workbook that was ever written to it, and of every one that was
    applied with nothing left over.
    """
    m = schema.moderations.c
    query = select(m.sha256, m.settled_sha256).where(m.file == file)
    return {sha for row in connection.execute(query) for sha in row if sha}


def settle(connection: Connection, issue_id: str, sha256: str) -> None:
    """Remember that a file was applied and nothing of it was left over."""
    m = schema.moderations
    connection.execute(
        update(m).where(m.c.issue_id == issue_id).values(settled_sha256=sha256)
    )


def taken(connection: Connection, issue_id: str) -> dict[Pair, Taken]:
    """What was taken from a workbook before, by pupil and subject."""
    t = schema.moderated
    query = select(t.c.adno, t.c.subject, t.c.version, t.c.answer).where(
        t.c.issue_id == issue_id
    )
    return {
        (row[0], row[1]): Taken(row[2], row[3]) for row in connection.execute(query)
    }


def take(
    connection: Connection,
    issue_id: str,
    rows: Mapping[Pair, Taken],
    *,
    before: Mapping[Pair, Taken],
    common: Mapping[str, str],
    places: Mapping[Pair, str],
) -> None:
    """Remember what was taken from a workbook.

    Args:
        connection: A transaction of the store.
        issue_id: The workbook.
        rows: What was taken now.
        before: What was taken from it before.
        common: academic_year, file, applied_at and who.
        places: The sheet and cell of each, as `Y11 Maths!T9`.
    """
    t = schema.moderated
    for pair, now in rows.items():
        values = {
            **common,
            "version": now.version,
            "answer": now.answer,
            "place": places[pair],
        }
        if pair in before:
            here = (
                t.c.issue_id == issue_id,
                t.c.adno == pair[0],
                t.c.subject == pair[1],
            )
            connection.execute(update(t).where(*here).values(**values))
        else:
            keys = {"issue_id": issue_id, "adno": pair[0], "subject": pair[1]}
            connection.execute(t.insert(), [{**keys, **values}])
