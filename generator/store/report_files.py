"""The ledger of report files: what was written, and from what content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, select

from generator.store import roster, schema


@dataclass(frozen=True, slots=True)
class ReportFile:
    """One file that `reports` wrote.

    Args:
        collection: The collection's code.
        file: Its path below the school folder, with `/`.
        academic_year: The collection's academic year.
        kind: The kind of document.
        adno: The pupil's admission number; empty for a file about several.
        reg: The tutor group.
        digest: The digest of the content without the date.
        sha256: The digest of the file itself.
        written_at: When, as ISO text.
        written_by: The person who wrote it.
    """

    collection: str
    file: str
    academic_year: str
    kind: str
    adno: str
    reg: str
    digest: str
    sha256: str
    written_at: str
    written_by: str


def report_files(connection: Connection, collection: str) -> dict[str, ReportFile]:
    """The files of a collection by path, in the order of their paths."""
    table = schema.report_files
    query = (
        select(table)
        .where(table.c.collection == collection)
        .order_by(table.c.file)
    )  # fmt: skip
    rows = connection.execute(query).mappings()
    return {row["file"]: ReportFile(**row) for row in rows}


def save_report_files(connection: Connection, files: Iterable[ReportFile]) -> None:
    """Store files in the place of those with the same path."""
    roster.replace_rows(
        connection, schema.report_files, [asdict(file) for file in files]
    )


def forget_report_files(connection: Connection, files: Iterable[ReportFile]) -> None:
    """Remove files from the ledger."""
    table = schema.report_files
    for file in files:
        connection.execute(
            delete(table).where(
                table.c.collection == file.collection, table.c.file == file.file
            )
        )
