"""A return without what its teacher wrote under `Your notes`: those are theirs.

Standard library only, for it runs in a process of its own (`keeping_desk`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from generator.returns.feedback.annotate import sheet_parts
from generator.xlsx.package import open_package
from generator.xlsx.patch import CannotPatch, Package, Part
from generator.xlsx.reader import Workbook, read_workbook
from generator.xlsx.worksheet import Cell, cell_reference
from udfs.text import tidy

SHARED = "xl/sharedStrings.xml"
_NUMBER = re.compile(rb"<(?:\w+:)?v[^>]*>\s*(\d+)\s*<")


def without_notes(data: bytes, notes: Mapping[str, Sequence[str]]) -> bytes:
    """A workbook with some cells emptied, everything else as it was.

    Args:
        data: The workbook.
        notes: Sheet -> the cells.

    Raises:
        CannotPatch: If it is written in a way that is not safe to change.
        Refused: If it cannot be read.
    """
    book = read_workbook(data)
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
    again = read_workbook(made)
    if _cells(again, notes) != _cells(book, notes) or _texts(again, notes):
        raise CannotPatch("something else would have changed")
    return made


def _elsewhere(
    package: Package,
    parts: Mapping[str, str],
    notes: Mapping[str, Sequence[str]],
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


def is_filled(cell: Cell) -> bool:
    """Whether something stands in a cell."""
    return cell.formula is not None or bool(tidy(cell.text))


def _at(notes: Mapping[str, Sequence[str]], sheet: str, row: int, column: int) -> bool:
    return sheet in notes and cell_reference(row, column) in notes[sheet]


def _cells(
    book: Workbook, notes: Mapping[str, Sequence[str]]
) -> list[tuple[tuple[str, int, int], Cell]]:
    return [
        ((name, row, column), cell)
        for name, sheet in book.sheets.items()
        for (row, column), cell in sheet.cells.items()
        if not _at(notes, name, row, column)
    ]


def _texts(book: Workbook, notes: Mapping[str, Sequence[str]]) -> set[str]:
    return {
        cell.text
        for name, sheet in book.sheets.items()
        for (row, column), cell in sheet.cells.items()
        if _at(notes, name, row, column) and is_filled(cell)
    }
