"""Where an entry sheet's cells are now, whatever was sorted, moved or renamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.markbook.identity import SheetIdentity, row_tag
from generator.markbook.layout import ENTRY_HEADINGS, NOTES_HEADING
from generator.returns.issued_context import Issue
from generator.xlsx.refusals import FILL_IN
from generator.xlsx.worksheet import Cell, Worksheet, cell_reference
from udfs.text import tidy

FIXED_HEADINGS: Mapping[str, str] = {
    "adno": "Adno",
    "surname": "Surname",
    "forename": "Forename",
}
OTHER_HEADINGS: Mapping[str, str] = {
    "reg": "Reg",
    "prior": "Prior",
    "target": "Target",
    "aspirational": "Aspirational",
    "flag": "Flag",
    "check": "Check",
    "notes": NOTES_HEADING,
}
HEADINGS_WITHIN = 60  # rows from the top
MAX_PUPILS = 1_000  # rows below the headings; no class has a tenth of them
BLANK = Cell("s", "")


class NotOurs(Exception):
    """A workbook that cannot be taken as a return here and now.

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
class FoundSheet:
    """An entry sheet of a return, with its columns where they now stand.

    Args:
        sheet: The sheet as read.
        identity: What it was issued as.
        issue: The issue it belongs to.
        heading_row: The zero-based row of the headings.
        columns: Key -> zero-based column, for Adno, names and every field known.
        headings: Heading -> zero-based column, for everything in that row.
    """

    sheet: Worksheet
    identity: SheetIdentity
    issue: Issue
    heading_row: int
    columns: Mapping[str, int]
    headings: Mapping[str, int]

    def cell(self, row: int, key: str) -> Cell:
        """A cell of a row; a blank one where the column or the cell is not there."""
        column = self.columns.get(key)
        if column is None:
            return BLANK
        return self.sheet.cells.get((row, column), BLANK)

    def where(self, row: int, key: str) -> str:
        """A cell's address, as `K9`."""
        return cell_reference(row, self.columns.get(key, 0))

    def rows(self) -> list[int]:
        """The rows below the headings in which anything stands, in order."""
        return sorted({row for row, _ in self.sheet.cells if row > self.heading_row})


def renamed(sheet: SheetIdentity, free: Sequence[Worksheet], key: bytes) -> Worksheet:
    """The sheet that holds an entry sheet's pupils under another name.

    Args:
        sheet: The entry sheet that is not there under its own name.
        free: The sheets that are no other entry sheet.
        key: The school's key, with which rows are recognised.

    Raises:
        NotOurs: If no sheet could be it, or several could equally well.
    """
    ranked = sorted(
        ((_own_rows(sheet, other, key), other) for other in free if _is_entry(other)),
        key=lambda pair: (-pair[0], pair[1].name),
    )
    if not ranked or (sheet.tags and not ranked[0][0]):
        raise NotOurs(
            "sheet-missing",
            f"The sheet {sheet.name!r} is not there, nor any sheet with its pupils.",
            f"{FILL_IN}. A deleted sheet cannot be made up for.",
        )
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        raise NotOurs(
            "sheets-alike",
            f"The sheet {sheet.name!r} was renamed, and more than one could be it.",
            f"Name it {sheet.name!r} again.",
        )
    return ranked[0][1]


def find(identity: SheetIdentity, issue: Issue, sheet: Worksheet) -> FoundSheet:
    """An entry sheet's columns, by their headings, wherever they have been moved.

    Raises:
        NotOurs: If the headings are gone, or one that was asked for is.
    """
    row = _heading_row(sheet)
    if row is None:
        raise NotOurs(
            "headings-missing",
            f"The sheet {sheet.name!r} has no row of headings with Adno in it.",
            f"{FILL_IN}, with its headings as they were.",
        )
    headings = _headings(sheet, row)
    known = {**FIXED_HEADINGS, **ENTRY_HEADINGS}
    columns = {key: headings[said] for key, said in known.items() if said in headings}
    missing = [
        ENTRY_HEADINGS[key]
        for key in identity.columns
        if key in ENTRY_HEADINGS and key not in columns
    ]
    if missing:
        issued = {heading_of(key) for key in identity.columns}
        strange = [
            f"{cell_reference(row, column)} reads {said!r}"
            for said, column in headings.items()
            if said and said not in issued
        ]
        hint = f" ({', '.join(strange[:3])})" if strange else ""
        do = f"Give the columns back their headings in row {row + 1}."
        if not strange:
            do = (
                f"Put the columns back, with their headings in row {row + 1}, or copy "
                f"the marks into the markbook as it was sent out."
            )
        raise NotOurs(
            "heading-changed",
            f"The sheet {sheet.name!r} has no column "
            f"{' and no column '.join(missing)}{hint}.",
            do,
        )
    found = FoundSheet(sheet, identity, issue, row, columns, headings)
    if len(found.rows()) > MAX_PUPILS:
        raise NotOurs(
            "too-many-rows",
            f"The sheet {sheet.name!r} has over {MAX_PUPILS} rows filled in.",
            "Delete what was added below the class.",
        )
    return found


def heading_of(key: str) -> str:
    """The heading of a column's key.

    >>> heading_of("target_query"), heading_of("group:PP"), heading_of("prior")
    ('Target query', 'PP', 'Prior')
    """
    named = {**FIXED_HEADINGS, **OTHER_HEADINGS, **ENTRY_HEADINGS}
    return named.get(key) or key.partition(":")[2] or key


def _own_rows(sheet: SheetIdentity, other: Worksheet, key: bytes) -> int:
    row = _heading_row(other)
    if row is None:
        return 0
    column = _headings(other, row)["Adno"]
    found = {
        row_tag(key, sheet.issue_id, plain(cell))
        for (at, where), cell in other.cells.items()
        if where == column and at > row
    }
    return len(found & set(sheet.tags))


def _is_entry(sheet: Worksheet) -> bool:
    return _heading_row(sheet) is not None


def _heading_row(sheet: Worksheet) -> int | None:
    rows = sorted(
        row
        for (row, _), cell in sheet.cells.items()
        if row < HEADINGS_WITHIN and "Adno" in cell.text and tidy(cell.text) == "Adno"
    )
    for row in rows:
        texts = {tidy(cell.text) for (at, _), cell in sheet.cells.items() if at == row}
        if texts & set(ENTRY_HEADINGS.values()):
            return row
    return None


def _headings(sheet: Worksheet, row: int) -> dict[str, int]:
    found: dict[str, int] = {}
    here = sorted(column for at, column in sheet.cells if at == row)
    for column in here:
        said = tidy(sheet.cells[row, column].text)
        if said in found and (said == "Adno" or said in ENTRY_HEADINGS.values()):
            raise NotOurs(
                "heading-twice",
                f"The sheet {sheet.name!r} has two columns {said!r} "
                f"({cell_reference(row, found[said])} and {cell_reference(row, column)}).",
                "Delete the one that was added.",
            )
        found.setdefault(said, column)
    return found


def plain(cell: Cell) -> str:
    """A cell's value as tidied text, a whole number without its decimals.

    >>> plain(Cell("n", "4001.0")), plain(Cell("s", " 004001 "))
    ('4001', '004001')
    """
    if cell.kind == "n":
        try:
            return tidy(float(cell.text)) if "." in cell.text else tidy(cell.text)
        except ValueError:
            return tidy(cell.text)
    return tidy(cell.text)
