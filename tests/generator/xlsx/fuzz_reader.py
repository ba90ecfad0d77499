"""Change a returned file with a coverage-guided fuzzer and read it.

By hand: python -m tests.generator.xlsx.fuzz_reader FILE SECONDS
"""

from __future__ import annotations

import datetime
import io
import random
import sys
import warnings
import zipfile
from xml.parsers.expat import ExpatError

import atheris

with atheris.instrument_imports(include=["generator.xlsx"]):
    from generator.xlsx.cell_values import read_cell_value
    from generator.xlsx.reader import Workbook, read_workbook
    from generator.xlsx.worker import entry_sheet_names

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook as OpenpyxlWorkbook

from generator.xlsx.refusals import REFUSALS, FileRefused
from udfs.text import tidy

PARTS = (
    "xl/worksheets/sheet2.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "docProps/core.xml",
    "docProps/custom.xml",
    "[Content_Types].xml",
)
# What openpyxl raises on a file that it cannot read.
OPENPYXL_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ExpatError,
    InvalidFileException,
    LookupError,
    SyntaxError,
    TypeError,
    ValueError,
    OSError,
    zipfile.BadZipFile,
)
COMPARED = 25  # one file in this many is also opened with openpyxl, which is slow


class InventedValue(Exception):
    """A value that another reader does not find in the file."""


def mutated(parts: dict[str, bytes], data: bytes) -> bytes:
    """A workbook with a part changed in up to eight places, chosen by the data."""
    provider = atheris.FuzzedDataProvider(data)
    name = provider.PickValueInList(list(PARTS))
    text = parts[name]
    for _ in range(provider.ConsumeIntInRange(1, 8)):
        at = provider.ConsumeIntInRange(0, len(text))
        deleted = provider.ConsumeIntInRange(0, 30)
        inserted = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 40))
        if (
            provider.ConsumeBool()
        ):  # copied from elsewhere in the part: stays likely XML
            start = provider.ConsumeIntInRange(0, len(text))
            inserted = text[start : start + 60]
        text = text[:at] + inserted + text[at + deleted :]
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as package:
        for other, content in parts.items():
            package.writestr(other, text if other == name else content)
    return output.getvalue()


def read_or_refuse(data: bytes) -> Workbook | None:
    """Read a file; the only error it may raise is a refusal with a known code."""
    try:
        return read_workbook(data, entry_sheet_names)
    except FileRefused as refused:
        if refused.code not in REFUSALS:
            raise
        return None


def compare(book: Workbook, data: bytes) -> None:
    """Compare the values with those that openpyxl reads, where it can."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            other = load_workbook(io.BytesIO(data))
        except OPENPYXL_ERRORS:
            return
        _compare(book, other)


def _compare(book: Workbook, other: OpenpyxlWorkbook) -> None:
    for name, sheet in book.sheets.items():
        if name not in other.sheetnames or not hasattr(other[name], "cell"):
            continue
        for (row, column), cell in sheet.cells.items():
            if cell.formula is not None or cell.kind == "e":
                continue
            theirs = other[name].cell(row + 1, column + 1).value
            value = read_cell_value(cell, uses_1904_dates=book.uses_1904_dates)
            if not same(value.day or value.text, theirs, cell.kind):
                raise InventedValue(f"{name} {row} {column}: {cell} and {theirs!r}")


def same(ours: object, theirs: object, kind: str) -> bool:
    """Whether two readers read the same value."""
    if isinstance(ours, datetime.date):
        return not isinstance(theirs, str)  # the day itself is tested elsewhere
    if theirs is None:
        return tidy(ours) == "" or kind == "s"  # a text that is cut off
    if kind in "nb" and isinstance(theirs, (int, float)):
        try:
            return kind == "b" or float(str(ours)) == float(theirs)
        except ValueError:
            return False
    return tidy(ours) == tidy(theirs) or kind == "d"


def main(path: str, seconds: str, seed: str = "1") -> None:
    """Change a file for some seconds; stop at the first fault."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    rng = random.Random(int(seed))

    def run_once(data: bytes) -> None:
        file = mutated(parts, data)
        book = read_or_refuse(file)
        if book is not None and rng.randrange(COMPARED) == 0:
            compare(book, file)

    options = [
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        "-max_len=400",
        "-len_control=0",
    ]
    atheris.Setup(
        [sys.argv[0], *options, "-rss_limit_mb=1000", "-timeout=10"], run_once
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
