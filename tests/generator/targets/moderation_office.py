"""A small school whose targets are drafted, moderated and applied in tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Connection, insert

from generator import targets
from generator.context import Context
from generator.school.school import School
from generator.school.school_tables import school_tables
from generator.store import schema
from generator.store import targets as stored
from generator.store.engine import Store
from generator.xlsx.worker_pool import read_files

HEADING_ROW = 6


class ModerationOffice:
    """A school that runs the commands about targets, each a minute after the last."""

    def __init__(self, store: Store, school: School, now: datetime) -> None:
        self.store, self.school, self.now = store, school, now

    def __enter__(self) -> ModerationOffice:
        return self

    @property
    def tables(self):
        return school_tables(self.school)

    def moment(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def context(self, who: str = "HAR") -> Context:
        return Context(self.school, self.tables, self.store, self.moment(), who)

    def draft(self, who: str = "HAR"):
        with self.store.begin() as connection:
            return targets.draft(connection, self.context(who))

    def issue(self) -> int:
        """Record targets as issuing a collection does."""
        now = self.moment()
        with self.store.begin() as connection:
            current = stored.current_targets(connection)
            _record_issue(connection, current, now)
            pairs = list(current[stored.KEY].itertuples(index=False, name=None))
            return stored.mark_targets_issued(connection, pairs, now, "HAR")

    def moderate(self):
        return targets.moderate(self.context())

    def review(self, *years: int):
        return targets.review(self.context(), years=years)

    def apply(self, path: Path, who: str = "HAR"):
        (file,) = read_files([path])
        assert file.book is not None, file.refused
        with self.store.begin() as connection:
            return targets.apply(
                connection,
                self.context(who),
                file.book,
                file=path.name,
                sha256=file.sha256,
            )

    def current(self) -> pd.DataFrame:
        with self.store.begin() as connection:
            return stored.current_targets(connection).set_index(stored.KEY)

    def versions(self) -> pd.DataFrame:
        with self.store.begin() as connection:
            return stored.target_versions(connection)

    def workbook(self, department: str) -> Path:
        return self.school.folder / "moderation" / f"{department}.xlsx"

    def target(self, adno: str, subject: str) -> tuple[str | None, str | None, str]:
        row = self.current().loc[(adno, subject)]
        return row["expected"], row["aspirational"], row["status"]


def _record_issue(connection: Connection, current: pd.DataFrame, now: datetime) -> None:
    number = now.strftime("%H%M")
    connection.execute(
        insert(schema.issues), [{"issue_id": number, "collection": f"C{number}"}]
    )
    connection.execute(
        insert(schema.issued_rows),
        [
            {"issue_id": number, "subject": subject, "adno": adno,
             "target": target, "aspirational": None}
            for adno, subject, target in current[
                [*stored.KEY, "expected"]
            ].itertuples(index=False, name=None)
        ],
    )  # fmt: skip


def put_marks(
    connection: Connection,
    collection: str,
    opens: str,
    marks: Sequence[tuple[str, str, Mapping[str, str]]],
    academic_year: str = "2026/27",
) -> None:
    """Put a collection with marks (pupil, subject, field -> value) into the store."""
    connection.execute(
        insert(schema.collections),
        [{"code": collection, "academic_year": academic_year, "opens": opens,
          "closes": opens}],
    )  # fmt: skip
    connection.execute(
        insert(schema.marks),
        [
            {"collection": collection, "adno": adno, "subject": subject,
             "field": field, "value": value, "academic_year": academic_year,
             "class": "", "merged_at": opens}
            for adno, subject, fields in marks
            for field, value in fields.items()
        ],
    )  # fmt: skip


def put_indicators(
    connection: Connection, name: str, values: Mapping[str, str], year: str = "2026/27"
) -> None:
    """Put an imported indicator into the store."""
    connection.execute(
        insert(schema.indicators),
        [
            {"academic_year": year, "adno": adno, "name": name, "value": value}
            for adno, value in values.items()
        ],
    )


def columns(sheet: Worksheet) -> dict[str, int]:
    """Heading -> column, from 1."""
    return {
        str(sheet.cell(HEADING_ROW, column).value): column
        for column in range(1, sheet.max_column + 1)
    }


def line_of(sheet: Worksheet, adno: str) -> int:
    """The row of a pupil."""
    return next(
        row
        for row in range(HEADING_ROW + 1, sheet.max_row + 1)
        if sheet.cell(row, 1).value == adno
    )


def fill(path: Path, sheet: str, cells: Mapping[str, Mapping[str, object]]) -> None:
    """Fill in a workbook: pupil -> heading -> value."""
    book = load_workbook(path)
    worksheet = book[sheet]
    places = columns(worksheet)
    for adno, values in cells.items():
        for heading, value in values.items():
            worksheet.cell(line_of(worksheet, adno), places[heading]).value = value
    book.save(path)


def pupil_row(path: Path, sheet: str, adno: str) -> dict[str, object]:
    """A pupil's row in a workbook: heading -> value."""
    worksheet = load_workbook(path)[sheet]
    line = line_of(worksheet, adno)
    return {
        heading: worksheet.cell(line, column).value
        for heading, column in columns(worksheet).items()
    }
