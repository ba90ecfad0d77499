"""The lists that exports hold: their kinds, columns and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.problems import Problem
from generator.tabular.rows import column_letters


@dataclass(eq=False, slots=True)
class ExportRow:
    """One row of an export below its headings.

    Args:
        table: Where it stands.
        number: Its row number as a spreadsheet shows it.
        cells: Column (the first is 0) -> text, blanks left out.
        refused: Whether it is left out.
        pupil: The admission number of the pupil it was found to name, or None.
        given: Fields that no cell of the row says: field -> text.
    """

    table: ExportTable
    number: int
    cells: dict[int, str]
    refused: bool = False
    pupil: str | None = None
    constants: Mapping[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        if self.constants is not None and name in self.constants:
            return self.constants[name]
        column = self.table.fields.get(name)
        return "" if column is None else self.cells.get(column, "")

    def place(self, name: str = "") -> str:
        """Where one of its fields stands: `row 14`, or `C14` in a workbook."""
        if not self.table.sheet:
            return f"row {self.number}"
        column = self.table.fields.get(name, self.table.indicators.get(name))
        return f"{column_letters(min(self.cells) if column is None else column)}{self.number}"

    def key(self) -> tuple[str, str, int]:
        """What tells it from every other row."""
        return self.table.file, self.table.sheet, self.number


@dataclass(eq=False, slots=True)
class ExportTable:
    """One list in an export: what its columns mean, and its rows.

    Args:
        file: The file's name for people.
        sheet: The sheet; empty in a CSV file.
        kind: `pupils`, `plain pupils` (names with scores and nothing more of the
            pupil), `class list`, `memberships`, `pupil data`, `classes`, `staff`,
            `roles` or `interventions`.
        fields: Field -> column.
        indicators: An indicator's name -> column.
        lines: The rows.
        headings: Column -> what heads it, as it stands there.
    """

    file: str
    sheet: str
    kind: str
    fields: dict[str, int]
    indicators: dict[str, int]
    rows: list[ExportRow] = field(default_factory=list)
    headings: dict[int, str] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Whether it has a column for any of these fields."""
        return any(name in self.fields for name in names)


@dataclass(frozen=True, slots=True)
class UnknownHeading:
    """A heading that nobody knows.

    Args:
        file: The file.
        sheet: The sheet; empty in a CSV file.
        cell: Where the heading stands.
        heading: As it stands there.
        near: The field it looks most like, or empty.
        kept: Whether its numbers are kept as an indicator all the same.
    """

    file: str
    sheet: str
    cell: str
    heading: str
    near: str
    is_indicator: bool

    def problem(self) -> Problem:
        """The same as something to look at."""
        nearest = f" Nearest: {self.near}." if self.near else ""
        kept = " It is kept as an indicator." if self.is_indicator else ""
        return Problem(
            file=self.file,
            sheet=self.sheet,
            cell=self.cell,
            severity="warning",
            code="heading-not-recognised",
            value=self.heading,
            what=f"The heading {self.heading!r} is not recognised.{nearest}{kept}",
            do="If it is needed, say what it is in [columns] in school.toml.",
        )


@dataclass(frozen=True, slots=True)
class Exports:
    """Everything that an import is given, as text.

    Args:
        files: The files, by the names that problems use.
        tables: The lists found in them.
        unrecognised: Headings that nobody knows.
        problems: What reading them found (sheets passed over, cells without value).
    """

    files: tuple[str, ...]
    tables: tuple[ExportTable, ...]
    unknown_headings: tuple[UnknownHeading, ...] = ()
    problems: tuple[Problem, ...] = ()

    def of_kind(self, *kinds: str) -> list[ExportTable]:
        """The lists of these kinds, in the order of the files."""
        return [table for table in self.tables if table.kind in kinds]


def joined_places(cells: Sequence[str], most: int = 20) -> str:
    """Cells in a row of words, the first twenty by name.

    >>> listed(["row 3", "row 7"])
    'row 3, row 7'
    """
    shown = ", ".join(cells[:most])
    return shown if len(cells) <= most else f"{shown} and {len(cells) - most} more"
