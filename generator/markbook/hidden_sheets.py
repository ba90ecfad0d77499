"""The two sheets nobody sees: the lists behind the cells, and the identity."""

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
from generator.xlsx.theme import Looks
from generator.xlsx.writer import Book
from udfs.scales.scale import CLEAR, Code, Scale

CODES = "Codes"
EFFORT = "Effort"
PRAISES = "Praise"
REASON = "Reasons"


@dataclass(frozen=True, slots=True)
class ChoiceLists:
    """Which scales a workbook's sheets use, and the number of each.

    Args:
        scales: The scales, each once, in order of first use.
        codes: What may stand in place of a grade.
        effort: The effort values, in the school's order.
        fine: Whether flags tell thirds of a grade apart.
    """

    scales: tuple[Scale, ...]
    codes: tuple[Code, ...]
    effort: tuple[str, ...]
    fine: bool

    def names(self, scale: Scale) -> ScaleNames:
        """The defined names of a scale."""
        found = [known.name for known in self.scales].index(scale.name)
        return ScaleNames(found + 1)

    def choices(self, scale: Scale) -> tuple[str, ...]:
        """What a cell on this scale may say: best first, codes, `Clear` last."""
        grades = tuple(reversed(scale.grades))
        return (*grades, *(code.name for code in self.codes), CLEAR)


def write_lists(book: Book, formats: Looks, lists: ChoiceLists) -> None:
    """Write the lists sheet and the names that point into it."""
    writer = book.sheet(LISTS_SHEET)
    text = formats.of(num_format="@")
    column = 0

    def listed(name: str, values: Sequence[str]) -> None:
        nonlocal column
        for row, value in enumerate(values):
            writer.text(row, column, value, text)
        _define(book, name, column, len(values))
        column += 1

    for scale in lists.scales:
        names = lists.names(scale)
        listed(names.choices, lists.choices(scale))
        spelt = _spellings(scale)
        others = _code_spellings(lists.codes, {spelling for spelling, _ in spelt})
        _define(book, names.spellings, column, len(spelt))
        listed(names.known, [*(spelling for spelling, _ in spelt), *others])
        for name, fine in ((names.levels, False), (names.flag_levels, lists.fine)):
            for row, (_, grade) in enumerate(spelt):
                writer.number(row, column, scale.level(grade, fine=fine), text)
            _define(book, name, column, len(spelt))
            column += 1
    if lists.codes:
        listed(CODES, [code.name for code in lists.codes])
    listed(EFFORT, [*lists.effort, CLEAR])
    listed(PRAISES, [*PRAISE, CLEAR])
    listed(REASON, [*REASONS, CLEAR])
    writer.sheet.protect()
    writer.sheet.very_hidden()


def write_identity(book: Book, formats: Looks, identity: Identity) -> None:
    """Write the meta sheet, and its copies in properties and hidden names."""
    writer = book.sheet(META_SHEET)
    text = formats.of(num_format="@")
    for row, (name, value) in enumerate(identity.rows()):
        writer.text(row, 0, name, text)
        writer.text(row, 1, value, text)
    writer.sheet.protect()
    writer.sheet.very_hidden()
    for number, piece in enumerate(identity.pieces(), start=1):
        book.property(f"{IDENTITY_PROPERTY}_{number}", piece)
        book.name(f"{IDENTITY_NAME}_{number}", f'="{piece}"', hidden=True)


def markbook_lists(
    markbook: Markbook, scales: Sequence[Scale], codes: Sequence[Code]
) -> ChoiceLists:
    """The lists a markbook needs.

    Args:
        markbook: The markbook about to be written.
        scales: The scales its sheets use, in order, repeats allowed.
        codes: What may stand in place of a grade.
    """
    each = {scale.name: scale for scale in scales}
    return ChoiceLists(
        scales=tuple(each.values()),
        codes=tuple(codes),
        effort=markbook.effort,
        fine=markbook.fine,
    )


def quote_sheet(sheet: EntrySheet | str) -> str:
    """A sheet's name as formulas write it.

    >>> quoted("Children's Care")
    "'Children''s Care'"
    """
    name = sheet if isinstance(sheet, str) else sheet.name
    return "'" + name.replace("'", "''") + "'"


def _define(book: Book, name: str, column: int, rows: int) -> None:
    at = column_letters(column)
    book.name(name, f"={quote_sheet(LISTS_SHEET)}!${at}$1:${at}${rows}")


def _spellings(scale: Scale) -> list[tuple[str, str]]:
    # Each spelling once, without spaces: two that a spreadsheet thinks alike would
    # be counted twice.
    found: dict[str, tuple[str, str]] = {}
    for step in reversed(scale.steps):
        for spelling in (step.name, *step.spellings):
            tight = "".join(spelling.split())
            found.setdefault(tight.casefold(), (tight, step.name))
    return list(found.values())


def _code_spellings(codes: Sequence[Code], grades: set[str]) -> list[str]:
    taken = {spelling.casefold() for spelling in grades}
    found: dict[str, str] = {}
    for code in codes:
        for spelling in (code.name, *code.spellings):
            tight = "".join(spelling.split())
            if tight.casefold() not in taken:
                found.setdefault(tight.casefold(), tight)
    found.setdefault(CLEAR.casefold(), CLEAR)
    return list(found.values())
