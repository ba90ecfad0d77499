"""A returned file with bytes changed by a fuzzer that watches what the reader does.

By hand, for as long as you like: python -m tests.generator.returns.fuzzed FILE SECONDS
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

with atheris.instrument_imports(include=["generator.returns"]):
    from generator.returns.check_cells import value_of
    from generator.xlsx.reader import Workbook, read_workbook
    from generator.xlsx.worker import entry_sheet_names

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook as Other

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
# What openpyxl says of a file that it cannot read.
CANNOT = (
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
COMPARED = 25  # one in so many files is opened with openpyxl, too, which is slow


class Invented(Exception):
    """A value was read that another reader does not find in the file."""


def changed(parts: dict[str, bytes], data: bytes) -> bytes:
    """A workbook with a part changed in up to eight places, as the bytes say."""
    given = atheris.FuzzedDataProvider(data)
    name = given.PickValueInList(list(PARTS))
    text = parts[name]
    for _ in range(given.ConsumeIntInRange(1, 8)):
        at = given.ConsumeIntInRange(0, len(text))
        gone = given.ConsumeIntInRange(0, 30)
        put = given.ConsumeBytes(given.ConsumeIntInRange(0, 40))
        if given.ConsumeBool():  # copied from elsewhere in the part: stays likely XML
            start = given.ConsumeIntInRange(0, len(text))
            put = text[start : start + 60]
        text = text[:at] + put + text[at + gone :]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for other, content in parts.items():
            package.writestr(other, text if other == name else content)
    return made.getvalue()


def look(data: bytes) -> Workbook | None:
    """Read a file; nothing but a refusal in known words may come out of it."""
    try:
        return read_workbook(data, entry_sheet_names)
    except FileRefused as refused:
        if refused.code not in REFUSALS:
            raise
        return None


def compare(book: Workbook, data: bytes) -> None:
    """Lay what was read beside what openpyxl finds, where it can read the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            other = load_workbook(io.BytesIO(data))
        except CANNOT:
            return
        _compare(book, other)


def _compare(book: Workbook, other: Other) -> None:
    for name, sheet in book.sheets.items():
        if name not in other.sheetnames or not hasattr(other[name], "cell"):
            continue
        for (row, column), cell in sheet.cells.items():
            if cell.formula is not None or cell.kind == "e":
                continue
            theirs = other[name].cell(row + 1, column + 1).value
            ours = value_of(cell, mac_dates=book.uses_1904_dates)
            if not same(ours, theirs, cell.kind):
                raise Invented(f"{name} {row} {column}: {cell} and {theirs!r}")


def same(ours: object, theirs: object, kind: str) -> bool:
    """Whether two readers say the same of a cell."""
    if isinstance(ours, datetime.date):
        return not isinstance(theirs, str)  # how dates are reckoned is told elsewhere
    if theirs is None:
        return tidy(ours) == "" or kind == "s"  # a text that is cut off
    if kind in "nb" and isinstance(theirs, (int, float)):
        try:
            return kind == "b" or float(str(ours)) == float(theirs)
        except ValueError:
            return False
    return tidy(ours) == tidy(theirs) or kind == "d"


def main(path: str, seconds: str, seed: str = "1") -> None:
    """Change a file for so many seconds; end at the first fault."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    dice = random.Random(int(seed))

    def one(data: bytes) -> None:
        made = changed(parts, data)
        book = look(made)
        if book is not None and dice.randrange(COMPARED) == 0:
            compare(book, made)

    options = [
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        "-max_len=400",
        "-len_control=0",
    ]
    atheris.Setup([sys.argv[0], *options, "-rss_limit_mb=1000", "-timeout=10"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
