"""Every return that was merged, kept as it came: by its hash, never changed again.

What a teacher wrote under `Your notes` is theirs, and is taken out first.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from stat import S_IREAD, S_IRGRP, S_IROTH

from generator.files import CannotWrite, publish
from generator.markbook.layout import NOTES_HEADING
from generator.returns.checking.finding import BLANK, FoundSheet
from generator.returns.giving_back.markup import sheet_parts
from generator.returns.giving_back.patching import CannotPatch, Package, Part
from generator.returns.merging.verdicts import Return
from generator.returns.reading.envelope import open_package
from generator.returns.reading.reader import Workbook, read
from generator.returns.reading.refusals import Refused
from generator.returns.reading.unsealing import plain
from generator.returns.reading.worksheet import Cell, reference
from generator.school import School
from udfs.cells import tidy

FOLDER = "kept"
AHEAD = 4
SHARED = "xl/sharedStrings.xml"
_OLE = b"\xd0\xcf\x11\xe0"
_NUMBER = re.compile(rb"<(?:\w+:)?v[^>]*>\s*(\d+)\s*<")
_READ_ONLY = S_IREAD | S_IRGRP | S_IROTH


def kept_path(school: School, sha256: str) -> Path:
    """Where a return of a hash is kept, if it was merged."""
    return school.folder / FOLDER / f"{sha256}.xlsx"


def notes_of(found: FoundSheet) -> tuple[str, ...]:
    """The cells under `Your notes` in which something stands."""
    column = found.headings.get(NOTES_HEADING)
    if column is None:
        return ()
    return tuple(
        reference(row, column)
        for row in found.rows()
        if _is_filled(found.sheet.cells.get((row, column), BLANK))
    )


def keep_ahead(
    school: School, returned: Iterable[Return], passwords: Mapping[str, str]
) -> Generator[tuple[Return, str]]:
    """Keep returns in order, a few ahead of whoever asks whether the next is kept.

    Args:
        school: The school.
        returned: The returns, in the order of merging; those in which nobody has
            written anything are not kept.
        passwords: As for `keep_original`.

    Yields:
        Each when it lies on the disk, with what `keep_original` says of it.
    """
    # A disk makes one wait for each file, and has room for several who wait.
    executor = ThreadPoolExecutor(AHEAD)
    waiting: deque[tuple[Return, Future[str] | None]] = deque()
    begun: set[str] = set()
    rest = iter(returned)

    def begin() -> None:
        for one in islice(rest, 1):
            if not one.touched or one.sha256 in begun:
                waiting.append((one, None))
                continue
            begun.add(one.sha256)
            kept = executor.submit(keep_original, school, one, passwords)
            waiting.append((one, kept))

    try:
        for _ in range(2 * AHEAD):
            begin()
        while waiting:
            one, kept = waiting.popleft()
            yield one, kept.result() if kept else ""
            begin()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def keep_original(school: School, one: Return, passwords: Mapping[str, str]) -> str:
    """Keep a return, once.

    Args:
        school: The school.
        one: The return, about to be merged.
        passwords: Teacher -> password, for one that came back encrypted; what is
            kept of that is what was inside.

    Returns:
        A line of why it could not be kept, or empty.
    """
    path = kept_path(school, one.sha256)
    if path.exists():
        return ""
    try:
        data = one.path.read_bytes()
        if hashlib.sha256(data).hexdigest() != one.sha256:
            return f"{one.file} has changed since it was read, and was not kept."
        if data.startswith(_OLE):
            data = plain(one.path, passwords) or b""
        if one.notes:
            data = without_notes(data, one.notes)
        publish(path, data)
    except (CannotPatch, Refused) as error:
        return f"{one.file} could not be kept without its notes ({error.args[0]})."
    except OSError as error:
        return f"{one.file} could not be kept ({error.strerror})."
    except CannotWrite as error:
        return str(error)
    with suppress(OSError):  # some network drives have no such bit
        path.chmod(_READ_ONLY)
    return ""


def without_notes(data: bytes, notes: Mapping[str, tuple[str, ...]]) -> bytes:
    """A workbook with some cells emptied, everything else as it was.

    Args:
        data: The workbook.
        notes: Sheet -> the cells.

    Raises:
        CannotPatch: If it is written in a way that is not safe to change.
        Refused: If it cannot be read.
    """
    book = read(data)
    strings: set[int] = set()
    with open_package(data) as zipped:
        package = Package(zipped)
        parts = sheet_parts(package, book)
        others = _elsewhere(package, parts, notes)
        for name, cells in notes.items():
            wanted = set(cells)

            def empty(part: Part, wanted: set[str] = wanted) -> None:
                rows = part.root.child("sheetData")
                for row in rows.children if rows else ():
                    for cell in row.all("c"):
                        if cell.attributes.get("r") in wanted and not cell.empty:
                            text = part.data[cell.inner : cell.end]
                            if cell.attributes.get("t") == "s":
                                strings.update(int(n) for n in _NUMBER.findall(text))
                            part.set(cell, "t", None)
                            part.replace(cell.inner, cell.end, "")

            package.change(parts[name], 4, empty)

        def forget(part: Part) -> None:
            texts = part.root.all("si")
            for number in sorted(strings):
                text = texts[number]
                # What stands in another cell as well is left where it is.
                if not text.empty and number not in others:
                    part.replace(text.inner, text.end, "")

        if strings:
            package.change(SHARED, 2, forget)
        made = package.bytes()
    again = read(made)
    if _cells(again, notes) != _cells(book, notes) or _texts(again, notes):
        raise CannotPatch("something else would have changed")
    return made


def _elsewhere(
    package: Package,
    parts: Mapping[str, str],
    notes: Mapping[str, tuple[str, ...]],
) -> set[int]:
    """The shared texts, by number, that other cells than those refer to."""
    found: set[int] = set()

    for name, target in parts.items():
        wanted = set(notes.get(name, ()))
        part = Part(package.read(target), 4)
        rows = part.root.child("sheetData")
        for row in rows.children if rows else ():
            for cell in row.all("c"):
                if cell.attributes.get("t") == "s":
                    if cell.attributes.get("r") not in wanted:
                        text = part.data[cell.inner : cell.end]
                        found.update(int(n) for n in _NUMBER.findall(text))
    return found


def _is_filled(cell: Cell) -> bool:
    return cell.formula is not None or bool(tidy(cell.text))


def _at(
    notes: Mapping[str, tuple[str, ...]], sheet: str, row: int, column: int
) -> bool:
    return sheet in notes and reference(row, column) in notes[sheet]


def _cells(
    book: Workbook, notes: Mapping[str, tuple[str, ...]]
) -> list[tuple[tuple[str, int, int], Cell]]:
    return [
        ((name, row, column), cell)
        for name, sheet in book.sheets.items()
        for (row, column), cell in sheet.cells.items()
        if not _at(notes, name, row, column)
    ]


def _texts(book: Workbook, notes: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {
        cell.text
        for name, sheet in book.sheets.items()
        for (row, column), cell in sheet.cells.items()
        if _at(notes, name, row, column) and _is_filled(cell)
    }
