"""A filled-in moderation workbook: whose it is, and where its rows and cells are."""

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

HEADINGS_WITHIN = 60  # rows from the top
MARKBOOK_LAYOUTS = "markbook-"  # prefix of the layouts of markbooks
SEND_AGAIN = "Fill in the workbook that was sent out, and send that file"
CONTEXT_KEYS = ("adno", "surname", "forename", "expected", "aspirational", "query")


class FormRefused(MarkbookError):
    """A workbook that cannot be applied here: nothing of it is stored."""


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row of a filled-in sheet.

    Args:
        sheet: The sheet's name as it is now.
        subject: The subject.
        line: Excel's number of the row.
        adno: The admission number as it stands there.
        cells: Key -> what the cell says, of the entry cells and of `NAMED`.
        columns: Key -> the column's letters.
    """

    sheet: str
    subject: str
    line: int
    adno: str
    cells: Mapping[str, CellValue]
    columns: Mapping[str, str]

    def address(self, key: str) -> str:
        """A cell's address: `T9`."""
        return f"{self.columns.get(key, 'A')}{self.line}"

    @property
    def entry_keys(self) -> tuple[str, ...]:
        """The entry cells in which something stands."""
        return tuple(key for key in ENTRY if not self.cells[key].is_blank)


@dataclass(frozen=True)
class SheetTags:
    """Which pupils a sheet was written for, and what stood then.

    Args:
        key: The school's own secret.
        issue_id: The workbook's id.
        known: A row's tag -> the versions of target and answer that it shows.
    """

    key: bytes
    issue_id: str
    by_tag: Mapping[str, tuple[int, int]]

    def versions(self, adno: str) -> tuple[int, int] | None:
        """The versions that were shown of a pupil; None: not in this sheet."""
        return self.by_tag.get(row_tag(self.key, self.issue_id, adno))


def identify_form(paper: Workbook, key: bytes) -> Identity:
    """Who a workbook says it is, from whichever copy can be proved.

    Raises:
        NotOurs: If it is no moderation workbook of this school folder.
    """
    found = list(_identities(paper))
    if not found:
        raise FormRefused(
            "This is not a moderation workbook: it does not say whose it is.",
            f"{SEND_AGAIN}. A copy made by hand cannot be read.",
        )
    proved = next((one for one in found if one.verify(key)), None)
    if proved is None:
        raise FormRefused(
            "This workbook was not written from this school folder, or what it says "
            "of itself was changed.",
            f"{SEND_AGAIN}. If the school folder was moved, its key file moves with "
            "it.",
        )
    if proved.schema.startswith(MARKBOOK_LAYOUTS):
        raise FormRefused(
            "This is a markbook, not a moderation workbook.",
            "Put it into returned/ and run `markbook collect`.",
        )
    if proved.schema != SCHEMA:
        raise FormRefused(
            f"This workbook has the layout {proved.schema}; this version of Markbooks "
            f"reads {SCHEMA}.",
            "Write it again with this version and copy over what was filled in.",
        )
    return proved


def _identities(paper: Workbook) -> Iterator[Identity]:
    for sheet in paper.sheets.values():
        pairs = {}
        for (row, column), cell in sheet.cells.items():
            if column == 0:
                other = sheet.cells.get((row, 1))
                pairs[cell.text] = other.text if other else ""
        if found := Identity.parse(pairs):
            yield found
    for name, texts in (
        (IDENTITY_PROPERTY, paper.properties),
        (IDENTITY_NAME, paper.names),
    ):
        if found := Identity.from_copies(texts, name):
            yield found


def read_tags(sheet: SheetIdentity, key: bytes) -> SheetTags:
    """Which pupils a sheet was written for.

    Raises:
        NotOurs: If what the sheet says of itself is not as it was written.
    """
    known = {}
    for tag in sheet.tags:
        try:
            name, version, answer = tag.split(".")
            known[name] = (int(version), int(answer))
        except ValueError:
            raise FormRefused(
                "What this workbook says of itself is damaged.", f"{SEND_AGAIN}."
            ) from None
    return SheetTags(key, sheet.issue_id, known)


def read_rows(
    paper: Workbook, sheet: SheetIdentity, tags: SheetTags, taken: Sequence[str]
) -> tuple[list[FormRow], list[Problem]]:
    """The rows of one entry sheet, wherever its columns now stand.

    Args:
        paper: The workbook.
        sheet: What the sheet was written as.
        tags: Its pupils.
        taken: The names of the other entry sheets, which it cannot be.

    Returns:
        The rows in which anything stands, and what is wrong with the sheet itself;
        a sheet that cannot be read has no rows.
    """
    found = paper.sheets.get(sheet.name) or _renamed(paper, tags, taken)
    if found is None:
        return [], [
            Problem(
                sheet=sheet.name,
                code="sheet-missing",
                what=f"The sheet {sheet.name!r} is not there, nor any with its pupils.",
                do=f"{SEND_AGAIN}.",
            )
        ]
    top = _heading_row(found)
    if top is None:
        return [], [
            Problem(
                sheet=found.name,
                code="headings-missing",
                what="There is no row of headings with Adno in it.",
                do=f"{SEND_AGAIN}, with its headings as they were.",
            )
        ]
    places = _places(found, top)
    wanted = headings([*CONTEXT_KEYS, *ENTRY])
    missing = [wanted[key] for key in ("adno", *ENTRY) if key not in places]
    twice = [wanted[key] for key, columns in places.items() if len(columns) > 1]
    if missing or twice:
        what = f"no column {' and no column '.join(missing)}" if missing else ""
        what = what or f"two columns {' and two columns '.join(twice)}"
        return [], [
            Problem(
                sheet=found.name,
                code="heading-changed",
                what=f"The sheet has {what}.",
                do=f"Give the columns their headings in row {top + 1}, each once.",
            )
        ]
    columns = {key: at[0] for key, at in places.items()}
    letters = {key: column_letters(at) for key, at in columns.items()}
    lines = sorted({row for row, _ in found.cells if row > top})
    rows = []
    for line in lines:
        cells = {
            key: read_cell_value(
                found.cells.get((line, at)), uses_1904_dates=paper.uses_1904_dates
            )
            for key, at in columns.items()
        }
        cells = {key: cells.get(key, BLANK_VALUE) for key in (*CONTEXT_KEYS, *ENTRY)}
        rows.append(
            FormRow(
                found.name, sheet.subject, line + 1, cells["adno"].text, cells, letters
            )
        )
    return rows, []


def _heading_row(sheet: Worksheet) -> int | None:
    wanted = headings(["adno", *ENTRY])
    entry = {wanted[key] for key in ENTRY}
    texts: dict[int, set[str]] = {}
    for (row, _), cell in sheet.cells.items():
        if row < HEADINGS_WITHIN and cell.kind == "s":
            texts.setdefault(row, set()).add(tidy(cell.text))
    for row, there in sorted(texts.items()):
        if wanted["adno"] in there and there & entry:
            return row
    return None


def _places(sheet: Worksheet, top: int) -> dict[str, list[int]]:
    keys = {text: key for key, text in headings([*CONTEXT_KEYS, *ENTRY]).items()}
    found: dict[str, list[int]] = {}
    for (row, column), cell in sorted(sheet.cells.items(), key=lambda item: item[0]):
        if row == top and (key := keys.get(tidy(cell.text))):
            found.setdefault(key, []).append(column)
    return found


def _renamed(
    paper: Workbook, tags: SheetTags, taken: Sequence[str]
) -> Worksheet | None:
    """The sheet that holds the pupils under another name."""
    best: tuple[int, Worksheet] | None = None
    for sheet in paper.sheets.values():
        top = _heading_row(sheet)
        if sheet.name in taken or top is None:
            continue
        at = _places(sheet, top).get("adno", [0])[0]
        own = sum(
            tags.versions(tidy(cell.text)) is not None
            for (row, column), cell in sheet.cells.items()
            if column == at and row > top
        )
        if own and (best is None or own > best[0]):
            best = own, sheet
    return best[1] if best else None
