"""Opening an export, whatever the MIS made of it: CSV in any dialect, or XLSX."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from generator.tabular.rows import (
    TableRow,
    TableSheet,
    TooManyCells,
    Unreadable,
    table_rows,
)
from generator.tabular.workbook import read_workbook

SIZE_LIMIT = 20 * 1024 * 1024  # bytes of a file; a school's largest list is 2 MB
DELIMITERS = (",", ";", "\t", "|")
LOOK_AHEAD = 60  # rows in which a heading row may stand
START = 100_000  # letters of a text file in which they stand
TEXT_FILES = (".csv", ".txt", ".tsv", ".tab", ".dat", "")

RowScore = Callable[[tuple[TableRow, ...]], int]


def read_table_file(path: Path, file: str, score_rows: RowScore) -> list[TableSheet]:
    """The sheets of an export as text.

    Args:
        path: Where it lies.
        file: Its name, for messages.
        liking: How much the first rows look like an export of ours; of several
            ways to cut a text file into columns, the most liked is taken.

    Raises:
        Unreadable: If it is missing, damaged, protected, or not a table at all.
    """
    data = _bytes(path, file)
    if data[:4] == b"PK\x03\x04":
        return _workbook(data, file)
    _refuse_other_kinds(data, path, file)
    return [_text_file(_decoded(data, file), file, score_rows)]


def _bytes(path: Path, file: str) -> bytes:
    try:
        if path.is_dir():
            raise Unreadable(f"{file} is a folder.", "Name the files in it.")
        with path.open("rb") as opened:
            data = opened.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise Unreadable(f"There is no file {file}.", "Check its name.") from None
    except OSError as error:
        raise Unreadable(
            f"{file} cannot be opened ({error.strerror or error}).",
            "Close it if it is open elsewhere, and check that you may read it.",
        ) from None
    if len(data) > SIZE_LIMIT:
        raise Unreadable(
            f"{file} is larger than {SIZE_LIMIT // 1024 // 1024} MB.",
            "Export one list at a time.",
        )
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable(f"{file} is empty.", "Export it again.")
    return data


def _workbook(data: bytes, file: str) -> list[TableSheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and "content.xml" in names:
                raise Unreadable(
                    f"{file} is an OpenDocument file, not an Excel workbook.",
                    "Save it as .xlsx or .csv.",
                )
            if any(name.endswith("workbook.bin") for name in names):
                raise Unreadable(
                    f"{file} is a binary Excel workbook (.xlsb).", "Save it as .xlsx."
                )
            return read_workbook(archive, file)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError):
        raise Unreadable(
            f"{file} is damaged: it cannot be unpacked.", "Export it again."
        ) from None


def _refuse_other_kinds(data: bytes, path: Path, file: str) -> None:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(
                f"{file} is protected with a password.",
                "Save a copy without the password.",
            )
        raise Unreadable(
            f"{file} is in the old Excel format (.xls).", "Save it as .xlsx or .csv."
        )
    if start.startswith(b"%pdf"):
        raise Unreadable(f"{file} is a PDF.", "Export it as .csv or .xlsx.")
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<")):
        raise Unreadable(
            f"{file} is a web page or XML, not a table.", "Save it as .xlsx or .csv."
        )
    if path.suffix.casefold() in (".xlsx", ".xlsm"):
        raise Unreadable(
            f"{file} is not an Excel workbook, although it is named like one.",
            "Export it again.",
        )


def _decoded(data: bytes, file: str) -> str:
    """The text of a CSV file: UTF-8, UTF-16 or Windows-1252, by what it holds."""
    encodings = ["utf-8-sig", "cp1252"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif data[1:200:2].count(0) > 40 and not data[:200:2].count(0):
        encodings = ["utf-16-le"]
    elif row := _damaged_row(data):
        raise Unreadable(
            f"{file} row {row} has a letter that is damaged.",
            "Export it again, as CSV (UTF-8) or as .xlsx.",
        )
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable(
        f"{file} is not a text file that can be read.",
        "Save it as CSV (UTF-8) or as .xlsx.",
    )


def _damaged_row(data: bytes) -> int:
    """The first row that spoils a file in UTF-8; 0 where it is whole, or another's.

    Read as Windows-1252, such a file would turn every other name into nonsense.
    """
    text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    kept = sum(not letter.isascii() for letter in text) - lost if lost else 0
    return text[: text.index("\ufffd")].count("\n") + 1 if kept > lost else 0


def _text_file(text: str, file: str, liking: RowScore) -> TableSheet:
    first, _, rest = text.partition("\n")
    if first.strip().casefold().startswith("sep=") and len(first.strip()) == 5:
        delimiters: tuple[str, ...] = (first.strip()[4],)
        text = "\n" + rest  # so that rows keep the numbers a spreadsheet shows
    else:
        delimiters = DELIMITERS
    start = text[:START]
    best = max(
        delimiters,
        key=lambda delimiter: (_liking(start, delimiter, liking), -ord(delimiter)),
    )
    return TableSheet("", _rows(text, best, file))


def _liking(start: str, delimiter: str, liking: RowScore) -> tuple[int, int]:
    try:
        rows = tuple(table_rows(_reader(start, delimiter, strict=False)))
    except (csv.Error, TooManyCells):
        return 0, 0
    return liking(rows), sum(len(row.cells) for row in rows)


def _rows(text: str, delimiter: str, file: str) -> tuple[TableRow, ...]:
    try:
        return tuple(table_rows(_reader(text, delimiter, strict=True)))
    except csv.Error:
        pass
    except TooManyCells:
        raise Unreadable(
            f"{file} has more cells than any export.", "Export one list at a time."
        ) from None
    # A stray quotation mark. Without one that opens a field and closes rows later,
    # nothing is lost by reading on; with one, rows would vanish into a cell.
    number = 1
    records: list[list[str]] = []
    try:
        for record in _reader(text, delimiter, strict=False):
            number = len(records) + 1
            records.append(record)
            if any("\n" in cell or "\r" in cell for cell in record):
                raise csv.Error
        return tuple(table_rows(iter(records)))
    except (csv.Error, TooManyCells):
        raise Unreadable(
            f"{file} row {number} has a quotation mark that is never closed, or a cell "
            "that is far too long.",
            "Take the quotation mark out, or save the list as .xlsx.",
        ) from None


def _reader(text: str, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
