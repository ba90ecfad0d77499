from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import select

from generator.mis.import_exports import ImportOptions, ImportReport, store_exports
from generator.mis.read_exports import read_exports
from generator.store import schema
from generator.store.engine import Store

DAY = date(2026, 11, 22)


class ImportOffice:
    """A store, and the ways in which a test imports exports into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store.open(folder, "sqlite:///markbooks.sqlite")

    def import_files(
        self,
        *files: Path,
        columns: Mapping[str, str] | None = None,
        today: date = DAY,
        academic_year: str = "2026/27",
        options: ImportOptions | None = None,
    ) -> ImportReport:
        exports = read_exports(files, columns, root=self.folder)
        with self.store.begin() as connection:
            return store_exports(
                connection,
                exports,
                academic_year=academic_year,
                today=today,
                now=datetime.combine(today, time(9, 30)),
                who="D Manager",
                options=options,
            )

    def text(self, name: str, content: str, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode(encoding))
        return path

    def import_texts(self, **files: str) -> ImportReport:
        """Import texts, one for each file name."""
        return self.import_files(
            *(self.text(f"{n}.csv", text) for n, text in files.items())
        )

    def rows(self, name: str) -> list[dict[str, object]]:
        table = schema.metadata.tables[name]
        query = select(table).order_by(*table.primary_key.columns)
        with self.store.begin() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def content(self, names: Sequence[str]) -> dict[str, list[dict[str, object]]]:
        return {name: self.rows(name) for name in names}

    def pupil(self, adno: str) -> dict[str, object]:
        (row,) = (row for row in self.rows("pupils") if row["adno"] == adno)
        return row


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Callable[[str], ImportOffice]]:
    opened: list[ImportOffice] = []

    def open_office(name: str) -> ImportOffice:
        folder = tmp_path / name
        folder.mkdir()
        opened.append(ImportOffice(folder))
        return opened[-1]

    yield open_office
    for office in opened:
        office.store.close()


@pytest.fixture
def office(offices: Callable[[str], ImportOffice]) -> ImportOffice:
    return offices("school")
