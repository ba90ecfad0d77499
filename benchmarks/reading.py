"""Read, check and merge one returned markbook, beside openpyxl opening it."""

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

from benchmarks.timing import compare_times
from generator import workflow
from generator.context import Context
from generator.demo.write_exports import write_exports
from generator.names import safe_name
from generator.returns.issued_context import IssuedContext
from generator.returns.merge import merge
from generator.returns.merge_rules import Return
from generator.returns.prepare import ReturnPreparer
from generator.school.school import School
from generator.school.school_tables import school_tables
from generator.store.engine import Store
from generator.workflow.open_school import open_store
from generator.xlsx.reader import read_workbook
from generator.xlsx.worker import read_file
from generator.xlsx.worker_pool import ReadFile, _workbook_from_json

NOW = datetime(2026, 10, 14, 9, 30)
WHO = "HAR"
PUPILS = 60  # of each year: enough for a class of thirty
MARKS = (("Working at", "5"), ("Prediction", "6"), ("Effort", "2"))
Prepare = Callable[[], Return]


def run(rounds: int) -> None:
    """Time what `collect` does to a file with every mark filled in."""
    with TemporaryDirectory() as temporary:
        school = _school(Path(temporary) / "school")
        store = Store.open(school.folder, school.settings.school.database)
        context = Context(school, school_tables(school), store, NOW, WHO)
        path = _returned_markbook(school)
        data = path.read_bytes()
        with store.begin() as connection:
            issued = IssuedContext.load(connection, school.academic_year)
        preparer = ReturnPreparer(context, issued, None, set())

        def prepare() -> Return:
            answer = json.loads(read_file(str(path)))
            book = _workbook_from_json(answer["book"])
            file = ReadFile(path, sha256=answer["sha256"], book=book)
            (ready,) = preparer.prepare_all([file])
            assert isinstance(ready, Return)
            return ready

        ready = prepare()
        compare_times(
            f"One return of {len(data) // 1024} KB with {len(ready.entries)} marks",
            {
                "read and check": prepare,
                "read, check and merge: its transaction": _merge_as_new(store, prepare),
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


def _returned_markbook(school: School) -> Path:
    """Issue a class of about thirty, and fill in its markbook."""
    with open_store(school, now=NOW) as store, store.begin() as connection:
        context = IssuedContext.load(connection, school.academic_year)
    maths = [code for code, name in context.subjects.items() if name.startswith("Math")]
    code = min(maths, key=lambda code: (abs(len(context.members[code]) - 30), code))
    workflow.issue(school, "AUT", classes=[code], now=NOW, who=WHO)
    path = next(school.issued("AUT").rglob(f"{safe_name(code)}.xlsx"))
    book = load_workbook(path)
    sheet = book["Markbook"]
    at = next(n for n, row in enumerate(sheet.values, start=1) if "Adno" in row)
    columns = {cell.value: cell.column for cell in sheet[at]}
    for row in range(at + 1, at + 1 + len(context.members[code])):
        for heading, value in MARKS:
            sheet.cell(row, int(columns[heading] or 0), value)
    path = school.returned / path.name
    book.save(path)
    return path


def _merge_as_new(store: Store, prepare: Prepare) -> Callable[[], None]:
    """Merge the return into another collection each time, so that every mark is new."""
    numbers = count()

    def merge_once() -> None:
        ready = prepare()
        number = next(numbers)
        other = replace(ready, collection=f"C{number}", sha256=str(number))
        with store.begin() as connection:
            merge(connection, other, who=WHO, now=NOW)

    return merge_once


def read_only(data: bytes) -> list[tuple[object, ...]]:
    """Every value of the entry sheet in openpyxl's read-only mode."""
    book = load_workbook(io.BytesIO(data), read_only=True)
    return list(book["Markbook"].iter_rows(values_only=True))
