"""Read a table that a person made: CSV in any dialect, or XLSX."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from generator.problems import Problem
from generator.tabular.encoding import likelier_encoding, repaired
from generator.tabular.rows import (
    TableRow,
    TableSheet,
    TooManyCells,
    Unreadable,
    column_letters,
    table_rows,
)
from generator.tabular.workbook import read_workbook

SIZE_LIMIT = 20 * 1024 * 1024  # bytes; a school's largest list has 2 MB
DELIMITERS = (",", ";", "\t", "|")
LOOK_AHEAD = 60  # rows among which the heading row is
SAMPLE_LENGTH = 100_000  # characters of a text file that hold those rows

RowScore = Callable[[tuple[TableRow, ...]], int]


def read_table_file(
    path: Path, file: str, score_rows: RowScore, *, only_unicode: bool = False
) -> list[TableSheet]:
    """Return the sheets of a CSV or XLSX file as text.

    Args:
        path: The file.
        file: Its name in messages.
        score_rows: How well the first rows fit what is expected. The delimiter of a
            text file is the one whose rows score highest.
        only_unicode: Whether a text file in Windows-1252 is refused.

    Raises:
        Unreadable: If the file is missing, damaged, protected or no table.
    """
    data = _read_bytes(path, file)
    if data[:4] == b"PK\x03\x04":
        return [_with_letters(sheet) for sheet in _read_workbook(data, file)]
    _refuse_other_types(data, path, file)
    text = _decode(data, file, only_unicode)
    return [_with_letters(_read_text(text, file, score_rows))]


def read_as_csv(path: Path, file: str) -> str:
    """Return the first sheet as comma-separated text, row for row.

    Args:
        path: The file, with any delimiter, or XLSX.
        file: Its name in messages.

    Raises:
        Unreadable: If the file cannot be read.
    """
    rows = {
        row.number: row.cells
        for sheet in read_table_file(path, file, _heading_length, only_unicode=True)[:1]
        for row in sheet.rows
    }
    text = io.StringIO()
    writer = csv.writer(text)
    for number in range(1, max(rows, default=0) + 1):
        cells = rows.get(number, {})
        writer.writerow(cells.get(n, "") for n in range(max(cells, default=-1) + 1))
    return text.getvalue()


def raise_unreadable(errors: Sequence[Unreadable]) -> None:
    """Raise one error for all unreadable files, a line each; nothing if none."""
    if errors:
        *first, last = errors
        raise Unreadable("\n".join([*map(str, first), last.what]), last.do)


def raise_missing_files(paths: Sequence[Path], files: Sequence[str]) -> None:
    """Refuse names of files that do not exist or are folders, all at once.

    Raises:
        Unreadable: If there is any such name: a mistyped name stops the whole job.
    """
    errors = []
    for path, file in zip(paths, files, strict=True):
        if path.is_dir():
            errors.append(Unreadable(f"{file} is a folder.", "Name the files in it."))
        elif not path.exists():
            errors.append(Unreadable(f"There is no file {file}.", "Check its name."))
    raise_unreadable(errors)


def unreadable_problem(file: str, error: Unreadable) -> Problem:
    """The problem of a file that is left out while others are read."""
    what = error.what
    if what.startswith(file):  # the problem itself names the file
        what = f"The file{what[len(file) :]}"
    return Problem(file=file, code="file-left-out", value=file, what=what, do=error.do)


def _heading_length(rows: tuple[TableRow, ...]) -> int:
    """The number of cells in the first row that is no comment."""
    for row in rows:
        if not row.cells[min(row.cells)].startswith("#"):
            return len(row.cells)
    return 0


def _read_bytes(path: Path, file: str) -> bytes:
    try:
        if path.is_dir():
            raise Unreadable(f"{file} is a folder.", "Name the files in it.")
        with path.open("rb") as stream:
            data = stream.read(SIZE_LIMIT + 1)
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


def _read_workbook(data: bytes, file: str) -> list[TableSheet]:
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


def _refuse_other_types(data: bytes, path: Path, file: str) -> None:
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


def _decode(data: bytes, file: str, only_unicode: bool) -> str:
    """Decode a text file: UTF-8, UTF-16 or Windows-1252, by its content."""
    encodings = ["utf-8-sig"]
    if not only_unicode:
        encodings += [likelier_encoding(data), "cp1252"]
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


def _with_letters(sheet: TableSheet) -> TableSheet:
    """A sheet with the letters right that were garbled on the way."""
    changes: list[tuple[str, str, str]] = []
    for row in sheet.rows:
        for column, text in row.cells.items():
            if not text.isascii() and (fixed := repaired(text)) != text:
                name = f"{column_letters(column)}{row.number}"
                changes.append(
                    (name if sheet.name else f"row {row.number}", text, fixed)
                )
                row.cells[column] = fixed
    return replace(sheet, repaired=tuple(changes)) if changes else sheet


def _damaged_row(data: bytes) -> int:
    """The first row with a damaged letter in a UTF-8 file; 0 where there is none.

    Such a file is not decoded as Windows-1252, which would garble its other names.
    """
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    intact = sum(not letter.isascii() for letter in text) - damaged if damaged else 0
    return text[: text.index("\ufffd")].count("\n") + 1 if intact > damaged else 0


def _read_text(text: str, file: str, score_rows: RowScore) -> TableSheet:
    first, _, rest = text.partition("\n")
    delimiters: tuple[str, ...] = DELIMITERS
    if first.strip().casefold().startswith("sep=") and len(first.strip()) == 5:
        delimiters = (first.strip()[4],)
        text = "\n" + rest  # rows keep the numbers that a spreadsheet shows
    sample = text[:SAMPLE_LENGTH]
    best = max(
        delimiters,
        key=lambda delimiter: (_score(sample, delimiter, score_rows), -ord(delimiter)),
    )
    return TableSheet("", _parse_rows(text, best, file))


def _score(sample: str, delimiter: str, score_rows: RowScore) -> tuple[int, int]:
    try:
        rows = tuple(table_rows(_csv_records(sample, delimiter, strict=False)))
    except (csv.Error, TooManyCells):
        return 0, 0
    return score_rows(rows), sum(len(row.cells) for row in rows)


def _parse_rows(text: str, delimiter: str, file: str) -> tuple[TableRow, ...]:
    try:
        return tuple(table_rows(_csv_records(text, delimiter, strict=True)))
    except csv.Error:
        pass
    except TooManyCells:
        raise Unreadable(
            f"{file} has more cells than any export.", "Export one list at a time."
        ) from None
    # A stray quotation mark is harmless unless it opens a field that swallows rows.
    number = 1
    records: list[list[str]] = []
    try:
        for record in _csv_records(text, delimiter, strict=False):
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


def _csv_records(text: str, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
