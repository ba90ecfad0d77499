"""The tables in exports: their kind, columns and rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.mis.identifiers import clean_class_code, clean_identifier, clean_upn
from generator.problems import Problem
from generator.tabular.rows import TableSheet, column_letters

# Identifiers get one spelling here and nowhere else.
_IDENTIFIERS: Mapping[str, Callable[[str], str]] = {
    "upn": clean_upn,
    "class": clean_class_code,
    **dict.fromkeys(("adno", "candidate", "staff"), clean_identifier),
}


@dataclass(eq=False, slots=True)
class ExportRow:
    """A row of an export below its headings.

    Args:
        table: The table of the row.
        number: The row number that a spreadsheet shows.
        cells: Column, from 0 -> text; without blank cells.
        is_refused: Whether the import leaves the row out.
        pupil: The admission number of the pupil whom the row names, or None.
        constants: Field -> value, for fields that have no column.
    """

    table: ExportTable
    number: int
    cells: dict[int, str]
    is_refused: bool = False
    pupil: str | None = None
    constants: Mapping[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        """A field's value: an identifier in its one spelling, a blank as empty."""
        text = self.raw(name)
        clean = _IDENTIFIERS.get(name)
        return clean(text) if clean and text else text

    def raw(self, name: str) -> str:
        """A field's text as in the file."""
        if self.constants is not None and name in self.constants:
            return self.constants[name]
        column = self.table.fields.get(name)
        return "" if column is None else self.cells.get(column, "")

    def place(self, name: str = "") -> str:
        """The position of a field: `row 14`, or `C14` in a workbook."""
        if not self.table.sheet:
            return f"row {self.number}"
        column = self.table.fields.get(name, self.table.indicators.get(name))
        column = min(self.cells) if column is None else column
        return f"{column_letters(column)}{self.number}"

    def key(self) -> tuple[str, str, int]:
        """A key that no other row has."""
        return self.table.file, self.table.sheet, self.number


@dataclass(eq=False, slots=True)
class ExportTable:
    """A table of an export.

    Args:
        file: The file's name in messages.
        sheet: The sheet; empty for a CSV file.
        kind: `pupils`, `plain pupils` (names and scores only), `class list`,
            `memberships`, `pupil data`, `ks2` (scores of Year 6), `classes`, `staff`,
            `roles`, `interventions`, `attendance` or `results`.
        fields: Field -> column.
        indicators: Name of an indicator -> column.
        rows: The rows.
        headings: Column -> heading.
    """

    file: str
    sheet: str
    kind: str
    fields: dict[str, int]
    indicators: dict[str, int]
    rows: list[ExportRow] = field(default_factory=list)
    headings: dict[int, str] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Whether the table has a column for any of these fields."""
        return any(name in self.fields for name in names)


@dataclass(frozen=True, slots=True)
class UnknownHeading:
    """A heading without a known meaning.

    Args:
        file: The file.
        sheet: The sheet; empty for a CSV file.
        cell: The cell of the heading.
        heading: Its text.
        near: The field with the most similar name, or empty.
        is_indicator: Whether the column is imported as an indicator.
    """

    file: str
    sheet: str
    cell: str
    heading: str
    near: str
    is_indicator: bool

    def problem(self) -> Problem:
        """The heading as a warning."""
        nearest = f" Nearest: {self.near}." if self.near else ""
        indicator = " It is kept as an indicator." if self.is_indicator else ""
        return Problem(
            file=self.file,
            sheet=self.sheet,
            cell=self.cell,
            severity="warning",
            code="heading-not-recognised",
            value=self.heading,
            what=f"The heading {self.heading!r} is not recognised.{nearest}{indicator}",
            do="If it is needed, say what it is in [columns] in school.toml.",
        )


@dataclass(frozen=True, slots=True)
class Exports:
    """Everything that one import reads.

    Args:
        files: The names of the files in messages.
        tables: Their tables.
        unknown_headings: The headings without a known meaning.
        problems: Sheets that were skipped, and cells without a value.
    """

    files: tuple[str, ...]
    tables: tuple[ExportTable, ...]
    unknown_headings: tuple[UnknownHeading, ...] = ()
    problems: tuple[Problem, ...] = ()

    def of_kind(self, *kinds: str) -> list[ExportTable]:
        """The tables of these kinds, in the order of the files."""
        return [table for table in self.tables if table.kind in kinds]

    def rows_of_kind(self, *kinds: str) -> list[ExportRow]:
        """The rows of the tables of these kinds."""
        return [row for table in self.of_kind(*kinds) for row in table.rows]


def joined_places(cells: Sequence[str], limit: int = 20) -> str:
    """A list of cells in words, shortened after a limit.

    >>> joined_places(["row 3", "row 7"])
    'row 3, row 7'
    """
    text = ", ".join(cells[:limit])
    return text if len(cells) <= limit else f"{text} and {len(cells) - limit} more"


def missing_value_warnings(file: str, sheet: TableSheet) -> Iterator[Problem]:
    """Yield a warning for each reason why cells have no value, or other letters."""
    for reason in dict.fromkeys(reason for _, reason in sheet.missing_values):
        cells = [cell for cell, other in sheet.missing_values if other == reason]
        yield Problem(
            file=file,
            sheet=sheet.name,
            cell=joined_places(cells),
            severity="warning",
            code="cell-without-value",
            what=f"The cell holds {reason}; it is read as blank.",
            do="Open the file in Excel, put it right and save it.",
        )
    if sheet.repaired:
        _, before, after = sheet.repaired[0]
        places = dict.fromkeys(cell for cell, *_ in sheet.repaired)
        yield Problem(
            file=file,
            sheet=sheet.name,
            cell=joined_places(list(places)),
            severity="warning",
            code="letters-repaired",
            value=before,
            what=f"The letters of {before!r} were garbled; it was read as {after!r}.",
            do="Check it; export as CSV (UTF-8) or as .xlsx to be sure.",
        )


def sheet_skipped_warning(
    file: str, sheet: TableSheet, content: str, do: str
) -> Problem:
    """A warning about a sheet without the expected content."""
    return Problem(
        file=file,
        sheet=sheet.name,
        cell="A1",
        severity="warning",
        code="sheet-passed-over",
        what=f"The sheet {sheet.name} holds no {content}.",
        do=do,
    )
