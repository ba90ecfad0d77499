"""Locate an entry sheet and its columns, whatever was sorted, moved or renamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.markbook.identity import SheetIdentity, row_tag
from generator.markbook.layout import ENTRY_HEADINGS
from generator.returns.issued_context import IssueRecord, SheetLayout
from generator.xlsx.cell_values import read_cell_value
from generator.xlsx.refusals import FILL_IN
from generator.xlsx.worksheet import Cell, Worksheet, cell_reference
from udfs.text import tidy

NAME_KEYS = ("adno", "surname", "forename")
MAX_HEADING_ROW = 60
MAX_PUPILS = 400  # rows below the headings; a whole year group fits
BLANK_CELL = Cell("s", "")


class ReturnRefused(Exception):
    """A workbook that cannot be accepted as a return here and now.

    Args:
        code: A short stable name.
        what: What is wrong.
        do: What to do.
    """

    def __init__(self, code: str, what: str, do: str) -> None:
        super().__init__(code)
        self.code = code
        self.what = what
        self.do = do


@dataclass(frozen=True, slots=True)
class LocatedSheet:
    """An entry sheet of a return, with the present positions of its columns.

    Args:
        sheet: The sheet as read.
        identity: The sheet that was issued.
        issue: The issue it belongs to.
        layout: The layout that it was issued with.
        heading_row: The zero-based row of the headings.
        columns: Key -> zero-based column, for Adno, names and every known field.
        headings: Heading -> zero-based column, for every heading in that row.
    """

    sheet: Worksheet
    identity: SheetIdentity
    issue: IssueRecord
    layout: SheetLayout
    heading_row: int
    columns: Mapping[str, int]
    headings: Mapping[str, int]

    def cell(self, row: int, key: str) -> Cell:
        """A cell of a row; a blank one where the column or the cell is missing."""
        column = self.columns.get(key)
        if column is None:
            return BLANK_CELL
        return self.sheet.cells.get((row, column), BLANK_CELL)

    def address(self, row: int, key: str) -> str:
        """A cell's address, such as `K9`."""
        return cell_reference(row, self.columns.get(key, 0))

    def rows(self) -> list[int]:
        """The rows below the headings that are not blank, in order."""
        return sorted({row for row, _ in self.sheet.cells if row > self.heading_row})


def find_renamed_sheet(
    sheet: SheetIdentity,
    layout: SheetLayout,
    candidates: Sequence[Worksheet],
    key: bytes,
) -> Worksheet:
    """Find an entry sheet that was renamed, by its pupils.

    Args:
        sheet: The entry sheet that is missing under its own name.
        layout: The layout that it was issued with.
        candidates: The sheets that are not another entry sheet.
        key: The school's key, which identifies rows.

    Raises:
        ReturnRefused: If no sheet could be it, or several could equally well.
    """
    ranked = sorted(
        (
            (_matching_rows(sheet, layout, candidate, row, key), candidate)
            for candidate in candidates
            if (row := _heading_row(candidate, layout)) is not None
        ),
        key=lambda pair: (-pair[0], pair[1].name),
    )
    if not ranked or (sheet.tags and not ranked[0][0]):
        raise ReturnRefused(
            "sheet-missing",
            f"The sheet {sheet.name!r} and any sheet with its pupils are missing.",
            f"{FILL_IN}. A deleted sheet cannot be restored here.",
        )
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        raise ReturnRefused(
            "sheets-alike",
            f"The sheet {sheet.name!r} was renamed, and more than one could be it.",
            f"Name it {sheet.name!r} again.",
        )
    return ranked[0][1]


def locate_columns(
    identity: SheetIdentity, issue: IssueRecord, layout: SheetLayout, sheet: Worksheet
) -> LocatedSheet:
    """Locate an entry sheet's columns by their headings, wherever they were moved.

    Raises:
        ReturnRefused: If the headings, or a requested one of them, are missing.
    """
    row = _heading_row(sheet, layout)
    if row is None:
        raise ReturnRefused(
            "headings-missing",
            f"The sheet {sheet.name!r} has no row of headings with "
            f"{layout.heading('adno')} in it.",
            f"{FILL_IN}, with its headings as they were.",
        )
    headings = _read_headings(sheet, layout, row)
    columns = {
        key: headings[heading]
        for key in (*NAME_KEYS, *ENTRY_HEADINGS)
        if (heading := layout.heading(key)) in headings
    }
    entry_sheet = LocatedSheet(sheet, identity, issue, layout, row, columns, headings)
    missing = [
        layout.heading(key)
        for key in identity.columns
        if key in ENTRY_HEADINGS and key not in columns
    ]
    if missing:
        raise _missing_headings(entry_sheet, missing)
    if len(entry_sheet.rows()) > MAX_PUPILS:
        raise ReturnRefused(
            "too-many-rows",
            f"The sheet {sheet.name!r} has over {MAX_PUPILS} rows filled in.",
            "Delete the rows that were added below the class.",
        )
    return entry_sheet


def _missing_headings(
    entry_sheet: LocatedSheet, missing: Sequence[str]
) -> ReturnRefused:
    number = entry_sheet.heading_row + 1
    issued = {entry_sheet.layout.heading(key) for key in entry_sheet.identity.columns}
    unexpected = [
        f"{cell_reference(entry_sheet.heading_row, column)} reads {heading!r}"
        for heading, column in entry_sheet.headings.items()
        if heading and heading not in issued
    ]
    hint = f" ({', '.join(unexpected[:3])})" if unexpected else ""
    do = f"Give the columns back their headings in row {number}."
    if not unexpected:
        do = (
            f"Put the columns back, with their headings in row {number}, or copy the "
            f"marks into the markbook as it was sent out."
        )
    return ReturnRefused(
        "heading-changed",
        f"The sheet {entry_sheet.sheet.name!r} has no column "
        f"{' and no column '.join(missing)}{hint}.",
        do,
    )


def _matching_rows(
    sheet: SheetIdentity,
    layout: SheetLayout,
    candidate: Worksheet,
    row: int,
    key: bytes,
) -> int:
    column = _read_headings(candidate, layout, row)[layout.heading("adno")]
    adnos = {
        read_cell_value(cell).text
        for (cell_row, cell_column), cell in candidate.cells.items()
        if cell_column == column and row < cell_row <= row + MAX_PUPILS
    }
    tags = {row_tag(key, sheet.issue_id, adno) for adno in adnos}
    return len(tags & set(sheet.tags))


def _heading_row(sheet: Worksheet, layout: SheetLayout) -> int | None:
    adno = layout.heading("adno")
    rows = {
        row
        for (row, _), cell in sheet.cells.items()
        if row < MAX_HEADING_ROW and adno in cell.text and tidy(cell.text) == adno
    }
    entry_headings = set(layout.entry_headings().values())
    return min(
        (
            row
            for (row, _), cell in sheet.cells.items()
            if row in rows and tidy(cell.text) in entry_headings
        ),
        default=None,
    )


def _read_headings(sheet: Worksheet, layout: SheetLayout, row: int) -> dict[str, int]:
    headings: dict[str, int] = {}
    unique = {layout.heading("adno"), *layout.entry_headings().values()}
    for column in sorted(column for cell_row, column in sheet.cells if cell_row == row):
        heading = tidy(sheet.cells[row, column].text)
        if heading in headings and heading in unique:
            first = cell_reference(row, headings[heading])
            raise ReturnRefused(
                "heading-twice",
                f"The sheet {sheet.name!r} has two columns {heading!r} "
                f"({first} and {cell_reference(row, column)}).",
                "Delete the one that was added.",
            )
        headings.setdefault(heading, column)
    return headings
