"""Write one markbook, beside other ways to write the same sheets."""

from __future__ import annotations

import io
from collections.abc import Callable
from copy import copy
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.indexed_list import IndexedList
from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet

from benchmarks.sample import KEY, markbook
from benchmarks.timing import compare_times
from generator.files import publish
from generator.markbook.compiled_markbook import FILLED_LEVEL, CompiledMarkbook, deflate
from generator.markbook.layout import Markbook
from generator.markbook.write_markbook import write_markbook
from generator.xlsx.writer import _Worksheet
from udfs.tables import standard

FORMAT_PARTS = ("font", "fill", "border", "alignment", "number_format", "protection")


def run(rounds: int) -> None:
    """Time the writer and the publishing of a file."""
    book = markbook()
    tables = standard()
    data = write_markbook(book, tables, KEY)
    model = load_workbook(io.BytesIO(data))
    stamp = CompiledMarkbook(book, tables, KEY)
    stamped = stamp.fill(book)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "copied.xlsx"
        compare_times(
            f"Writing one markbook of {len(book.sheets[0].rows)} pupils",
            {
                "stamped (what issue writes of a shape again)": lambda: stamp.fill(
                    book
                ),
                "the same bytes joined, deflated and written": rewrite_parts(
                    stamped, path
                ),
                "authored (what issue writes of a shape first)": lambda: write_markbook(
                    book, tables, KEY
                ),
                "XlsxWriter as it comes": lambda: with_plain_xlsxwriter(book),
                "openpyxl, its looks set cell by cell": lambda: with_openpyxl(
                    model, shared=False
                ),
                "openpyxl, its looks shared beforehand": lambda: with_openpyxl(model),
                "XlsxWriter, its cells without looks or rules": without_formats(model),
                "cutting the stamp, once a shape": lambda: CompiledMarkbook(
                    book, tables, KEY
                ),
            },
            rounds=rounds,
        )
    with TemporaryDirectory() as folder:
        compare_times(
            f"Putting its {len(data) // 1024} KB in place",
            {
                "publish (temporary name, fsync, rename)": partial(
                    publish, Path(folder) / "published.xlsx", data
                ),
                "bare write": lambda: (Path(folder) / "bare.xlsx").write_bytes(data),
            },
            rounds=rounds,
        )


def rewrite_parts(data: bytes, path: Path) -> Callable[[], int]:
    """Join, deflate and write the parts: the least that filling a template does."""
    with ZipFile(io.BytesIO(data)) as package:
        parts = [package.read(name) for name in package.namelist()]
    pieces = [
        [part[at : at + 100] for at in range(0, len(part), 100)] for part in parts
    ]

    def write() -> int:
        packed = [deflate(b"".join(part), FILLED_LEVEL) for part in pieces]
        return path.write_bytes(b"".join(packed))

    return write


def with_plain_xlsxwriter(book: Markbook) -> bytes:
    """Write the same with XlsxWriter's own way to write a formula."""
    own_method = _Worksheet._prepare_formula
    _Worksheet._prepare_formula = Worksheet._prepare_formula
    try:
        return write_markbook(book, standard(), KEY)
    finally:
        _Worksheet._prepare_formula = own_method


def with_openpyxl(model: Workbook, *, shared: bool = True) -> bytes:
    """Build every cell, format, rule and lock of a workbook anew.

    Args:
        model: The workbook.
        shared: Whether the new workbook gets the formats once, beforehand, as in a
            very good script; a plain one sets font, fill and so on cell by cell.
    """
    book = Workbook()
    book.remove(book.active)
    kinds = (
        "_fonts", "_fills", "_borders", "_alignments", "_protections",
        "_number_formats", "_cell_styles",
    )  # fmt: skip
    for kind in kinds if shared else ():
        setattr(book, kind, IndexedList(getattr(model, kind)))
    for source in model.worksheets:
        sheet = book.create_sheet(source.title)
        for row in source.iter_rows():
            for cell in row:
                if cell.value is not None or cell.has_style:
                    copied = sheet.cell(cell.row, cell.column, cell.value)
                    if shared:
                        copied._style = copy(cell._style)
                        continue
                    for part in FORMAT_PARTS if cell.has_style else ():
                        setattr(copied, part, copy(getattr(cell, part)))
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
        book.defined_names[name] = copy(defined)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def without_formats(model: Workbook) -> Callable[[], bytes]:
    """Write the values and formulas alone: the least that XlsxWriter could do."""
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
