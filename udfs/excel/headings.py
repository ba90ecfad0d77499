"""A table that somebody selected, read by its headings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from udfs.errors import MarkbookError
from udfs.excel.ranges import Cell, Rows, blank, sound
from udfs.text import quote, tidy

# The field -> headings that mean it, compared without case, spaces and signs.
HEADINGS = {
    "adno": ("adno", "admission number", "admission no"),
    "surname": ("surname", "last name"),
    "forename": ("forename", "first name"),
    "name": ("name", "pupil", "pupil name"),
    "subject": ("subject",),
    "class": ("class",),
    "target": ("target", "expected", "expected target"),
    "prediction": ("prediction", "predicted", "predicted grade"),
    "working_at": ("working at", "working at grade"),
    "flag": ("flag",),
    "praise": ("praise", "special praise"),
    "scale": ("scale", "scale name"),
}


def plain(heading: object) -> str:
    """A heading as headings are compared.

    >>> plain("Working-at"), plain("working_at")
    ('workingat', 'workingat')
    """
    return "".join(sign for sign in tidy(heading).casefold() if sign.isalnum())


_FIELDS = {plain(way): field for field, ways in HEADINGS.items() for way in ways}


def field_of(heading: object) -> str:
    """The field a heading means, or empty.

    >>> field_of("Admission Number"), field_of("Shoe size")
    ('adno', '')
    """
    return _FIELDS.get(plain(heading), "")


def frame_of(rows: Rows) -> pd.DataFrame:
    """A selection with a heading row as a table, under its own headings.

    Rows with nothing in them are left out.

    Raises:
        MarkbookError: If there is no heading row, or a heading is there twice.
    """
    headings = [tidy(cell) for cell in rows[0]]
    named = [plain(one) for one in headings if one]
    if len(rows) < 2 or not any(field_of(one) for one in headings):
        raise MarkbookError(
            "The selection has no headings that are known.",
            "Select the table with its heading row: Adno, Subject, Target, Prediction.",
        )
    for name in named:
        if named.count(name) > 1:
            twice = next(one for one in headings if plain(one) == name)
            raise MarkbookError(
                f"The heading {quote(twice)} is there twice.", "Select one table."
            )
    there = [place for place, heading in enumerate(headings) if heading]
    columns = []
    wrong: list[tuple[int, int, MarkbookError]] = []
    for place in there:
        cells = [row[place] for row in rows[1:]]
        nothing, errors = _odd(cells)
        if nothing:
            cells = [None if cell in nothing else cell for cell in cells]
        wrong += ((cells.index(cell), place, error) for cell, error in errors)
        columns.append(cells)
    if wrong:
        first, place, error = min(wrong, key=lambda one: one[:2])
        raise MarkbookError(
            f"{rows[1 + first][place]} stands under {quote(headings[place])} in row "
            f"{first + 2} of the table.",
            error.do,
        )
    named = [headings[place] for place in there]
    frame = pd.DataFrame(dict(zip(named, columns, strict=True)), dtype=object)
    if all(None in cells for cells in columns):
        frame = frame.dropna(how="all").reset_index(drop=True)
    return frame


def _odd(cells: Sequence[Cell]) -> tuple[set[Cell], list[tuple[Cell, MarkbookError]]]:
    """What is blank among cells, and the errors of Excel's own."""
    nothing, errors = set(), []
    for cell in set(cells):
        if blank(cell):
            nothing.add(cell)
        elif isinstance(cell, str) and cell[0] == "#":
            try:
                sound(cell)
            except MarkbookError as error:
                errors.append((cell, error))
    return nothing, errors


def column(frame: pd.DataFrame, wanted: str) -> str:
    """The heading of a column, by its field or by what it is called.

    Raises:
        MarkbookError: If there is none; the message lists those there are.
    """
    for heading in frame.columns:
        if plain(heading) == plain(wanted):
            return str(heading)
    for heading in frame.columns:
        if field_of(heading) == wanted:
            return str(heading)
    raise MarkbookError(
        f"The table has no column {quote(wanted)}.",
        f"It has: {', '.join(map(str, frame.columns))}.",
    )


def has(frame: pd.DataFrame, field: str) -> bool:
    """Whether there is a column for a field."""
    return any(field_of(heading) == field for heading in frame.columns)
