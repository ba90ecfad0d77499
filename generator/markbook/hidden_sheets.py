"""The two hidden sheets: the lists behind the cells, and the identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.markbook.formulas import ScaleNames
from generator.markbook.identity import IDENTITY_NAME, IDENTITY_PROPERTY, Identity
from generator.markbook.layout import (
    LISTS_SHEET,
    META_SHEET,
    PRAISE,
    REASONS,
    EntrySheet,
    Markbook,
    column_letters,
)
from generator.xlsx.writer import WorkbookWriter
from udfs.scales.scale import CLEAR, Code, Scale

CODES = "Codes"
EFFORT = "Effort"
PRAISES = "Praise"
REASON = "Reasons"


@dataclass(frozen=True, slots=True)
class ChoiceLists:
    """The scales, codes and effort values behind a workbook's lists.

    Args:
        scales: Scales, each once, in order of first use.
        codes: Codes that may replace a grade.
        effort: Effort values, in the school's order.
        fine: Whether flags distinguish thirds of a grade.
    """

    scales: tuple[Scale, ...]
    codes: tuple[Code, ...]
    effort: tuple[str, ...]
    fine: bool

    def names(self, scale: Scale) -> ScaleNames:
        """The defined names of a scale."""
        index = [known.name for known in self.scales].index(scale.name)
        return ScaleNames(index + 1)

    def choices(self, scale: Scale) -> tuple[str, ...]:
        """The choices of a cell on a scale: grades, best first, codes, then `Clear`."""
        grades = tuple(reversed(scale.grades))
        return (*grades, *(code.name for code in self.codes), CLEAR)


def write_lists(book: WorkbookWriter, lists: ChoiceLists) -> None:
    """Write the lists sheet and the defined names of its lists."""
    formats = book.formats
    writer = book.add_sheet(LISTS_SHEET)
    text = formats.cell(num_format="@")
    column = 0

    def write_list(name: str, values: Sequence[str]) -> None:
        nonlocal column
        for row, value in enumerate(values):
            writer.text(row, column, value, text)
        define_list(book, name, column, len(values))
        column += 1

    for scale in lists.scales:
        names = lists.names(scale)
        write_list(names.choices, lists.choices(scale))
        spellings = _spellings(scale)
        others = _code_spellings(lists.codes, {spelling for spelling, _ in spellings})
        define_list(book, names.spellings, column, len(spellings))
        write_list(names.known, [*(spelling for spelling, _ in spellings), *others])
        for name, fine in ((names.levels, False), (names.flag_levels, lists.fine)):
            for row, (_, grade) in enumerate(spellings):
                writer.number(row, column, scale.level(grade, fine=fine), text)
            define_list(book, name, column, len(spellings))
            column += 1
    if lists.codes:
        write_list(CODES, [code.name for code in lists.codes])
    write_list(EFFORT, [*lists.effort, CLEAR])
    write_list(PRAISES, [*PRAISE, CLEAR])
    write_list(REASON, [*REASONS, CLEAR])
    writer.sheet.protect()
    writer.sheet.very_hidden()


def write_identity(book: WorkbookWriter, identity: Identity) -> None:
    """Write the meta sheet and its copies in properties and hidden names."""
    formats = book.formats
    writer = book.add_sheet(META_SHEET)
    text = formats.cell(num_format="@")
    for row, (name, value) in enumerate(identity.rows()):
        writer.text(row, 0, name, text)
        writer.text(row, 1, value, text)
    writer.sheet.protect()
    writer.sheet.very_hidden()
    for number, piece in enumerate(identity.pieces(), start=1):
        book.set_property(f"{IDENTITY_PROPERTY}_{number}", piece)
        book.define_name(f"{IDENTITY_NAME}_{number}", f'="{piece}"', hidden=True)


def markbook_lists(
    markbook: Markbook, scales: Sequence[Scale], codes: Sequence[Code]
) -> ChoiceLists:
    """The lists a markbook needs.

    Args:
        markbook: Markbook to be written.
        scales: Scales of its sheets in order, possibly repeated.
        codes: Codes that may replace a grade.
    """
    distinct = {scale.name: scale for scale in scales}
    return ChoiceLists(
        scales=tuple(distinct.values()),
        codes=tuple(codes),
        effort=markbook.effort,
        fine=markbook.fine,
    )


def quote_sheet(sheet: EntrySheet | str) -> str:
    """The name of a sheet, quoted for a formula.

    >>> quote_sheet("Children's Care")
    "'Children''s Care'"
    """
    name = sheet if isinstance(sheet, str) else sheet.name
    return "'" + name.replace("'", "''") + "'"


def define_list(book: WorkbookWriter, name: str, column: int, rows: int) -> None:
    """Define the name of a list in the first rows of a column of the lists sheet."""
    letters = column_letters(column)
    address = f"{quote_sheet(LISTS_SHEET)}!${letters}$1:${letters}${rows}"
    book.define_name(name, f"={address}")


def _spellings(scale: Scale) -> list[tuple[str, str]]:
    # Each spelling once, without spaces: a duplicate would be counted twice.
    spellings: dict[str, tuple[str, str]] = {}
    for step in reversed(scale.steps):
        for spelling in (step.name, *step.spellings):
            compact = "".join(spelling.split())
            spellings.setdefault(compact.casefold(), (compact, step.name))
    return list(spellings.values())


def _code_spellings(codes: Sequence[Code], grades: set[str]) -> list[str]:
    grade_keys = {spelling.casefold() for spelling in grades}
    spellings: dict[str, str] = {}
    for code in codes:
        for spelling in (code.name, *code.spellings):
            compact = "".join(spelling.split())
            if compact.casefold() not in grade_keys:
                spellings.setdefault(compact.casefold(), compact)
    spellings.setdefault(CLEAR.casefold(), CLEAR)
    return list(spellings.values())
