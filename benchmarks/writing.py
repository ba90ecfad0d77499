"""One class's markbook, beside the same sheets built in other ways."""

from __future__ import annotations

import io
from collections.abc import Callable
from copy import copy
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook, load_workbook
from openpyxl.utils.indexed_list import IndexedList
from xlsxwriter import Workbook as XlsxWorkbook

from benchmarks.sample import KEY, markbook
from benchmarks.stopwatch import race
from generator.files import publish
from generator.markbook.author import author
from udfs.tables import standard


def run(rounds: int) -> None:
    """Time the writer, and putting a file in its place."""
    book = markbook()
    data = author(book, standard(), KEY)
    model = load_workbook(io.BytesIO(data))
    race(
        f"Writing one markbook of {len(book.sheets[0].rows)} pupils",
        {
            "author (what issue writes)": lambda: author(book, standard(), KEY),
            "openpyxl, all of the same sheets": lambda: with_openpyxl(model),
            "XlsxWriter, its cells without looks or rules": plainly(model),
        },
        rounds=rounds,
    )
    with TemporaryDirectory() as folder:
        race(
            f"Putting its {len(data) // 1024} KB in place",
            {
                "publish (temporary name, fsync, rename)": partial(
                    publish, Path(folder) / "published.xlsx", data
                ),
                "bare write": lambda: (Path(folder) / "bare.xlsx").write_bytes(data),
            },
            rounds=rounds,
        )


def with_openpyxl(model: Workbook) -> bytes:
    """Build every cell, look, rule and lock of a workbook again."""
    made = Workbook()
    made.remove(made.active)
    # One list of styles for the whole book, as a good script would keep it.
    for kept in (
        "_fonts", "_fills", "_borders", "_alignments", "_protections",
        "_number_formats", "_cell_styles",
    ):  # fmt: skip
        setattr(made, kept, IndexedList(getattr(model, kept)))
    for source in model.worksheets:
        sheet = made.create_sheet(source.title)
        for row in source.iter_rows():
            for cell in row:
                if cell.value is not None or cell.has_style:
                    twin = sheet.cell(cell.row, cell.column, cell.value)
                    twin._style = copy(cell._style)
        for name, width in source.column_dimensions.items():
            sheet.column_dimensions[name].width = width.width
        for merged in source.merged_cells.ranges:
            sheet.merge_cells(str(merged))
        for rule in source.data_validations.dataValidation:
            sheet.add_data_validation(copy(rule))
        for area in source.conditional_formatting:
            for rule in area.rules:
                sheet.conditional_formatting.add(str(area.sqref), copy(rule))
        sheet.protection = copy(source.protection)
        sheet.freeze_panes = source.freeze_panes
        sheet.sheet_state = source.sheet_state
    for name, defined in model.defined_names.items():
        made.defined_names[name] = copy(defined)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def plainly(model: Workbook) -> Callable[[], bytes]:
    """The least that XlsxWriter could do: the same values and formulas, no more."""
    cells = [
        (sheet.title, cell.row - 1, cell.column - 1, cell.value)
        for sheet in model.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    titles = [sheet.title for sheet in model.worksheets]

    def write() -> bytes:
        file = io.BytesIO()
        book = XlsxWorkbook(file, {"in_memory": True})
        sheets = {title: book.add_worksheet(title) for title in titles}
        for title, row, column, value in cells:
            sheets[title].write(row, column, value)
        book.close()
        return file.getvalue()

    return write
