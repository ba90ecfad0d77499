"""Moderation workbooks: which were written, and what was applied from each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from generator.store import schema

Pair = tuple[str, str]  # admission number, subject


@dataclass(frozen=True, slots=True)
class ModerationRecord:
    """One moderation workbook that was written.

    Args:
        issue_id: Its id, which the file carries.
        academic_year: As `2026/27`.
        kind: `moderation`, or `review` for a round of proposals.
        department: The department whose subjects are in it.
        file: Its path below the school folder, with `/`.
        rows: How many pupils and subjects are in it.
        written_at: When, as ISO text.
        written_by: The person who wrote it.
        sha256: The hash of the file as written.
        settled_sha256: The hash of the file last applied completely, or empty.
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
class AppliedRow:
    """What was last applied from a workbook for one pupil and subject.

    Args:
        version: The version of the target that was set or agreed, or 0.
        answer: The version of the answer to a query, or 0.
    """

    version: int
    answer: int


def record_moderations(
    connection: Connection, records: Iterable[ModerationRecord]
) -> None:
    """Record workbooks, after their files are in place; the same id is replaced."""
    for record in records:
        row = {name: getattr(record, name) for name in ModerationRecord.__slots__}
        connection.execute(
            delete(schema.moderations).where(
                schema.moderations.c.issue_id == record.issue_id
            )
        )
        connection.execute(schema.moderations.insert(), [row])


def find_moderation(connection: Connection, issue_id: str) -> ModerationRecord | None:
    """A workbook by its id, or None."""
    m = schema.moderations
    row = connection.execute(select(m).where(m.c.issue_id == issue_id)).one_or_none()
    return None if row is None else ModerationRecord(**row._mapping)


def replaceable_hashes(connection: Connection, file: str) -> set[str]:
    """The hashes of a file's contents that may be overwritten without a loss.

    Those of every workbook ever written to it, and of every one applied completely.
    """
    m = schema.moderations.c
    query = select(m.sha256, m.settled_sha256).where(m.file == file)
    return {sha for row in connection.execute(query) for sha in row if sha}


def mark_settled(connection: Connection, issue_id: str, sha256: str) -> None:
    """Record that a file was applied completely."""
    m = schema.moderations
    connection.execute(
        update(m).where(m.c.issue_id == issue_id).values(settled_sha256=sha256)
    )


def applied_rows(connection: Connection, issue_id: str) -> dict[Pair, AppliedRow]:
    """What was applied from a workbook before, by pupil and subject."""
    t = schema.moderated
    query = select(t.c.adno, t.c.subject, t.c.version, t.c.answer).where(
        t.c.issue_id == issue_id
    )
    return {
        (row[0], row[1]): AppliedRow(row[2], row[3])
        for row in connection.execute(query)
    }


def record_applied(
    connection: Connection,
    issue_id: str,
    rows: Mapping[Pair, AppliedRow],
    *,
    before: Mapping[Pair, AppliedRow],
    common: Mapping[str, str],
    places: Mapping[Pair, str],
) -> None:
    """Record what was applied from a workbook.

    Args:
        connection: A transaction of the store.
        issue_id: The workbook.
        rows: What was applied now.
        before: What was applied from it before.
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
            same_row = (
                t.c.issue_id == issue_id,
                t.c.adno == pair[0],
                t.c.subject == pair[1],
            )
            connection.execute(update(t).where(*same_row).values(**values))
        else:
            keys = {"issue_id": issue_id, "adno": pair[0], "subject": pair[1]}
            connection.execute(t.insert(), [{**keys, **values}])
