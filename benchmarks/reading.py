"""One returned markbook read, beside what openpyxl takes for the same file."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from benchmarks.sample import issued, markbook
from benchmarks.stopwatch import race
from generator.returns.reader import read


def run(rounds: int) -> None:
    """Time the strict reader on a markbook whose every mark is filled in."""
    data = filled()
    race(
        f"Reading one return of {len(data) // 1024} KB",
        {
            "reader (what collect reads with), all sheets": lambda: read(data),
            "reader, the entry sheet": lambda: read(data, lambda book: ["Markbook"]),
            "openpyxl": lambda: load_workbook(io.BytesIO(data)),
            "openpyxl, read_only, the entry sheet": lambda: read_only(data),
        },
        rounds=rounds,
    )


def filled() -> bytes:
    """The sample with working-at, prediction and effort in every row."""
    book = load_workbook(io.BytesIO(issued()))
    sheet = markbook().sheets[0]
    for row in range(sheet.first_row, sheet.last_row + 1):
        for key, value in (("working_at", "5"), ("prediction", "6"), ("effort", "2")):
            column = sheet.column(key)
            assert column is not None
            book["Markbook"].cell(row, column + 1, value)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read_only(data: bytes) -> list[tuple[object, ...]]:
    """Every value of the entry sheet in openpyxl's quicker way."""
    book = load_workbook(io.BytesIO(data), read_only=True)
    return list(book["Markbook"].iter_rows(values_only=True))
