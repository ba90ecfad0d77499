"""Read a filled-in moderation workbook: its identity, its rows and their cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.markbook.identity import (
    IDENTITY_NAME,
    IDENTITY_PROPERTY,
    Identity,
    SheetIdentity,
    row_tag,
)
from generator.markbook.layout import column_letters
from generator.problems import Problem
from generator.targets.form import ENTRY, SCHEMA, headings
from generator.xlsx.cell_values import BLANK_VALUE, CellValue, read_cell_value
from generator.xlsx.reader import Workbook
from generator.xlsx.worksheet import Worksheet
from udfs.errors import MarkbookError
from udfs.text import tidy

MARKBOOK_LAYOUTS = "markbook-"  # prefix of the layouts of markbooks
MAX_HEADING_ROW = 60  # rows from the top in which headings are searched
SEND_AGAIN = "Fill in the workbook that was sent out, and send that file"
CONTEXT_KEYS = ("adno", "surname", "forename", "expected", "aspirational", "query")
REQUIRED_KEYS = ("adno", *ENTRY)


class FormRefused(MarkbookError):
    """A workbook that cannot be applied to this school; nothing of it is stored."""


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row of a filled-in sheet.

    Args:
        sheet: Current name of the sheet.
        subject: Subject of the sheet.
        line: Excel's row number.
        adno: Admission number in the row.
        cells: Key -> value, of the entry cells and of `CONTEXT_KEYS`.
        columns: Key -> letters of the column.
    """

    sheet: str
    subject: str
    line: int
    adno: str
    cells: Mapping[str, CellValue]
    columns: Mapping[str, str]

    def address(self, key: str) -> str:
        """The address of a cell: `T9`."""
        return f"{self.columns.get(key, 'A')}{self.line}"

    @property
    def entry_keys(self) -> tuple[str, ...]:
        """The keys of the entry cells that are filled in."""
        return tuple(key for key in ENTRY if not self.cells[key].is_blank)


@dataclass(frozen=True)
class SheetTags:
    """The pupils a sheet was written for.

    Args:
        key: The school's secret key.
        issue_id: Id of the workbook.
        by_tag: Tag of a row -> versions of target and answer in the row as written.
    """

    key: bytes
    issue_id: str
    by_tag: Mapping[str, tuple[int, int]]

    def versions(self, adno: str) -> tuple[int, int] | None:
        """A pupil's versions of target and answer as written; None if not listed."""
        return self.by_tag.get(row_tag(self.key, self.issue_id, adno))


def identify_form(workbook: Workbook, key: bytes) -> Identity:
    """The verified identity of a workbook, from any of its copies.

    Raises:
        FormRefused: If it is no moderation workbook of this school folder.
    """
    identities = list(_identities(workbook))
    if not identities:
        raise FormRefused(
            "This is not a moderation workbook: it has no identity.",
            f"{SEND_AGAIN}. A copy made by hand cannot be read.",
        )
    verified = next((i for i in identities if i.verify(key)), None)
    if verified is None:
        raise FormRefused(
            "This workbook was not written from this school folder, or its identity "
            "was changed.",
            f"{SEND_AGAIN}. If the school folder was moved, its key file moves with "
            "it.",
        )
    if verified.schema.startswith(MARKBOOK_LAYOUTS):
        raise FormRefused(
            "This is a markbook, not a moderation workbook.",
            "Put it into returned/ and run `markbook collect`.",
        )
    if verified.schema != SCHEMA:
        raise FormRefused(
            f"This workbook has the layout {verified.schema}; this version of "
            f"Markbooks reads {SCHEMA}.",
            "Write it again with this version and copy over what was filled in.",
        )
    return verified


def _identities(workbook: Workbook) -> Iterator[Identity]:
    for sheet in workbook.sheets.values():
        pairs = {}
        for (row, column), cell in sheet.cells.items():
            if column == 0:
                value = sheet.cells.get((row, 1))
                pairs[cell.text] = value.text if value else ""
        if identity := Identity.parse(pairs):
            yield identity
    copies = ((IDENTITY_PROPERTY, workbook.properties), (IDENTITY_NAME, workbook.names))
    for name, texts in copies:
        if identity := Identity.from_copies(texts, name):
            yield identity


def read_tags(sheet: SheetIdentity, key: bytes) -> SheetTags:
    """The pupils a sheet was written for.

    Raises:
        FormRefused: If a tag is malformed.
    """
    by_tag = {}
    for tag in sheet.tags:
        try:
            name, version, answer = tag.split(".")
            by_tag[name] = (int(version), int(answer))
        except ValueError:
            raise FormRefused(
                "The identity of this workbook is damaged.", f"{SEND_AGAIN}."
            ) from None
    return SheetTags(key, sheet.issue_id, by_tag)


def read_rows(
    workbook: Workbook,
    sheet: SheetIdentity,
    tags: SheetTags,
    other_sheets: Sequence[str],
) -> tuple[list[FormRow], list[Problem]]:
    """The rows of one entry sheet, wherever its columns are now.

    Args:
        workbook: Workbook to read.
        sheet: Identity of the sheet as written.
        tags: Pupils of the sheet.
        other_sheets: Names of the other entry sheets.

    Returns:
        The rows that are not empty and no problem, or no rows and a problem of the
        sheet.
    """
    worksheet = workbook.sheets.get(sheet.name)
    worksheet = worksheet or _renamed_sheet(workbook, tags, other_sheets)
    if worksheet is None:
        what = f"The sheet {sheet.name!r} is not there, nor any with its pupils."
        return [], [_sheet_problem(sheet.name, "sheet-missing", what, f"{SEND_AGAIN}.")]
    heading_row = _heading_row(worksheet)
    if heading_row is None:
        what = "There is no row of headings with Adno in it."
        do = f"{SEND_AGAIN}, with its headings as they were."
        return [], [_sheet_problem(worksheet.name, "headings-missing", what, do)]
    positions = _column_positions(worksheet, heading_row)
    if fault := _heading_fault(positions):
        what = f"The sheet has {fault}."
        do = f"Give the columns their headings in row {heading_row + 1}, each once."
        return [], [_sheet_problem(worksheet.name, "heading-changed", what, do)]
    columns = {key: indices[0] for key, indices in positions.items()}
    letters = {key: column_letters(index) for key, index in columns.items()}
    blank = dict.fromkeys((*CONTEXT_KEYS, *ENTRY), BLANK_VALUE)
    form_rows = []
    for row in sorted({row for row, _ in worksheet.cells if row > heading_row}):
        cells = blank | {
            key: read_cell_value(
                worksheet.cells.get((row, index)),
                uses_1904_dates=workbook.uses_1904_dates,
            )
            for key, index in columns.items()
        }
        form_rows.append(
            FormRow(
                sheet=worksheet.name,
                subject=sheet.subject,
                line=row + 1,
                adno=cells["adno"].text,
                cells=cells,
                columns=letters,
            )
        )
    return form_rows, []


def _sheet_problem(name: str, code: str, what: str, do: str) -> Problem:
    return Problem(sheet=name, code=code, what=what, do=do)


def _heading_fault(positions: Mapping[str, Sequence[int]]) -> str:
    """The headings that are missing, or else those that occur twice, in words."""
    names = headings([*CONTEXT_KEYS, *ENTRY])
    missing = [
        f"no column {names[key]}" for key in REQUIRED_KEYS if key not in positions
    ]
    twice = [
        f"two columns {names[key]}"
        for key, indices in positions.items()
        if len(indices) > 1
    ]
    return " and ".join(missing or twice)


def _heading_row(sheet: Worksheet) -> int | None:
    names = headings(REQUIRED_KEYS)
    entry_headings = {names[key] for key in ENTRY}
    texts: dict[int, set[str]] = {}
    for (row, _), cell in sheet.cells.items():
        if row < MAX_HEADING_ROW and cell.kind == "s":
            texts.setdefault(row, set()).add(tidy(cell.text))
    for row, row_texts in sorted(texts.items()):
        if names["adno"] in row_texts and row_texts & entry_headings:
            return row
    return None


def _column_positions(sheet: Worksheet, heading_row: int) -> dict[str, list[int]]:
    keys = {text: key for key, text in headings([*CONTEXT_KEYS, *ENTRY]).items()}
    positions: dict[str, list[int]] = {}
    for (row, column), cell in sorted(sheet.cells.items(), key=lambda item: item[0]):
        if row == heading_row and (key := keys.get(tidy(cell.text))):
            positions.setdefault(key, []).append(column)
    return positions


def _renamed_sheet(
    workbook: Workbook, tags: SheetTags, other_sheets: Sequence[str]
) -> Worksheet | None:
    """The sheet with most of the pupils, under another name."""
    best: tuple[int, Worksheet] | None = None
    for sheet in workbook.sheets.values():
        heading_row = _heading_row(sheet)
        if sheet.name in other_sheets or heading_row is None:
            continue
        adno_column = _column_positions(sheet, heading_row).get("adno", [0])[0]
        pupils = sum(
            tags.versions(tidy(cell.text)) is not None
            for (row, column), cell in sheet.cells.items()
            if column == adno_column and row > heading_row
        )
        if pupils and (best is None or pupils > best[0]):
            best = pupils, sheet
    return best[1] if best else None
