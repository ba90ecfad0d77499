"""One returned markbook read, checked and merged, beside openpyxl opening it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import load_workbook

from benchmarks.stopwatch import race
from generator import workflow
from generator.demo.write_exports import write_exports
from generator.names import safe_name
from generator.returns.issued_context import Register
from generator.returns.merge import merge
from generator.returns.merge_rules import Return
from generator.returns.prepare import ReturnPreparer
from generator.school.reference import reference
from generator.school.school import School
from generator.store.engine import Store
from generator.xlsx.reader import read_workbook
from generator.xlsx.worker import read_file
from generator.xlsx.worker_pool import ReadFile, _workbook_from_json

NOW = datetime(2026, 10, 14, 9, 30)
WHO = "HAR"
PUPILS = 60  # of each year: enough for a class of thirty
MARKS = (("Working at", "5"), ("Prediction", "6"), ("Effort", "2"))
Prepare = Callable[[], Return]


def run(rounds: int) -> None:
    """Time what `collect` does to a file whose every mark is filled in."""
    with TemporaryDirectory() as temporary:
        school = _school(Path(temporary) / "school")
        store = Store.open(school.folder, school.settings.school.database)
        path = _returned(school)
        data = path.read_bytes()
        with store.begin() as connection:
            register = Register.load(connection, school.academic_year)
        desk = ReturnPreparer(
            store, school, reference(school), register, None, NOW, set()
        )

        def prepare() -> Return:
            said = json.loads(read_file(str(path)))
            book = _workbook_from_json(said["book"])
            ready = desk.prepare(ReadFile(path, sha256=said["sha256"], book=book))
            assert isinstance(ready, Return)
            return ready

        ready = prepare()
        race(
            f"One return of {len(data) // 1024} KB with {len(ready.answers)} marks",
            {
                "read and check": prepare,
                "read, check and merge: its transaction": _merging(store, prepare),
                "read alone": lambda: read_workbook(data, lambda _: ["Markbook"]),
                "openpyxl.load_workbook alone": lambda: load_workbook(io.BytesIO(data)),
                "openpyxl, read_only, the entry sheet": lambda: read_only(data),
            },
            rounds=rounds,
        )
        store.close()


def _school(folder: Path) -> School:
    workflow.new(folder, today=NOW.date())
    write_exports(folder / "exports", today=NOW.date(), pupils_per_year=PUPILS)
    school = School.load(folder)
    workflow.import_exports(school, now=NOW, who=WHO)
    workflow.draft_targets(school, now=NOW, who=WHO)
    return school


def _returned(school: School) -> Path:
    """A class of about thirty, filled in."""
    with workflow._opened(school) as store, store.begin() as connection:
        register = Register.load(connection, school.academic_year)
    maths = [
        code for code, name in register.subjects.items() if name.startswith("Math")
    ]
    code = min(maths, key=lambda code: (abs(len(register.members[code]) - 30), code))
    workflow.issue(school, "AUT", classes=[code], now=NOW, who=WHO)
    path = next(school.issued("AUT").rglob(f"{safe_name(code)}.xlsx"))
    book = load_workbook(path)
    sheet = book["Markbook"]
    at = next(n for n, row in enumerate(sheet.values, start=1) if "Adno" in row)
    columns = {cell.value: cell.column for cell in sheet[at]}
    for row in range(at + 1, at + 1 + len(register.members[code])):
        for heading, value in MARKS:
            sheet.cell(row, int(columns[heading] or 0), value)
    path = school.returned / path.name
    book.save(path)
    return path


def _merging(store: Store, prepare: Prepare) -> Callable[[], None]:
    """Merge the return as one of another collection each time, so that all is new."""
    numbers = count()

    def once() -> None:
        ready = prepare()
        number = next(numbers)
        other = replace(ready, collection=f"C{number}", sha256=str(number))
        with store.begin() as connection:
            merge(connection, other, who=WHO, now=NOW)

    return once


def read_only(data: bytes) -> list[tuple[object, ...]]:
    """Every value of the entry sheet in openpyxl's quicker way."""
    book = load_workbook(io.BytesIO(data), read_only=True)
    return list(book["Markbook"].iter_rows(values_only=True))
