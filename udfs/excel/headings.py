"""Read a selected table by its headings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from udfs.errors import MarkbookError
from udfs.excel.ranges import Cell, Rows, check_cell, is_blank, is_zero
from udfs.text import quote, tidy

# Field -> its headings, compared without case, spaces and punctuation.
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


GRADE_FIELDS = ("target", "prediction", "working_at")  # where 0 may be a grade


def heading_key(heading: object) -> str:
    """Return a heading without case, spaces and punctuation, for comparison.

    >>> heading_key("Working-at"), heading_key("working_at")
    ('workingat', 'workingat')
    """
    return "".join(sign for sign in tidy(heading).casefold() if sign.isalnum())


_FIELDS = {heading_key(way): field for field, ways in HEADINGS.items() for way in ways}


def heading_field(heading: object) -> str:
    """Return the field that a heading means, or empty.

    >>> heading_field("Admission Number"), heading_field("Shoe size")
    ('adno', '')
    """
    return _FIELDS.get(heading_key(heading), "")


def read_table(rows: Rows) -> pd.DataFrame:
    """Return a selection with a heading row as a table under its own headings.

    Empty rows are left out, and the index says which rows of the selection are there:
    0 for the one below the headings. Excel may hand over a blank as the number 0: where
    0 cannot be meant (anywhere but under a grade), it is a blank.

    Raises:
        MarkbookError: If there is no heading row, or a heading occurs twice.
    """
    headings = [tidy(cell) for cell in rows[0]]
    keys = [heading_key(heading) for heading in headings if heading]
    if len(rows) < 2 or not any(heading_field(heading) for heading in headings):
        raise MarkbookError(
            "The selection has no headings that are known.",
            "Select the table with its heading row: Adno, Subject, Target, Prediction.",
        )
    for heading in headings:
        if heading and keys.count(heading_key(heading)) > 1:
            raise MarkbookError(
                f"The heading {quote(heading)} is there twice.", "Select one table."
            )
    columns = _columns(headings, rows[1:])
    frame = pd.DataFrame(columns, dtype=object)
    filled = frame.notna()
    for heading in frame.columns:
        if heading_field(heading) in GRADE_FIELDS:
            filled[heading] &= ~frame[heading].map(is_zero).astype(bool)
    if not filled.any(axis=1).all():
        frame = frame[filled.any(axis=1)]
    return frame


def _columns(headings: Sequence[str], rows: Rows) -> dict[str, list[Cell]]:
    """Return the cells under each heading; the first of Excel's errors is refused."""
    columns = {}
    problems: list[tuple[int, int, MarkbookError]] = []
    for index, heading in enumerate(headings):
        if not heading:
            continue
        cells = [row[index] for row in rows]
        blanks, errors = _blanks_and_errors(cells)
        if heading_field(heading) not in GRADE_FIELDS:
            cells = [None if is_zero(cell) else cell for cell in cells]
        if blanks:
            cells = [None if cell in blanks else cell for cell in cells]
        problems += ((cells.index(cell), index, error) for cell, error in errors)
        columns[heading] = cells
    if problems:
        first, index, error = min(problems, key=lambda problem: problem[:2])
        raise MarkbookError(
            f"{rows[first][index]} stands under {quote(headings[index])} in row "
            f"{first + 2} of the table.",
            error.do,
        )
    return columns


def _blanks_and_errors(
    cells: Sequence[Cell],
) -> tuple[set[Cell], list[tuple[Cell, MarkbookError]]]:
    """Return the blank values among cells, and Excel's own errors."""
    blanks, errors = set(), []
    for cell in set(cells):
        if is_blank(cell):
            blanks.add(cell)
        elif isinstance(cell, str) and cell[0] == "#":
            try:
                check_cell(cell)
            except MarkbookError as error:
                errors.append((cell, error))
    return blanks, errors


def find_column(frame: pd.DataFrame, name: str) -> str:
    """Return the heading of a column, from its heading or its field.

    Raises:
        MarkbookError: If there is none; the message lists the columns.
    """
    for heading in frame.columns:
        if heading_key(heading) == heading_key(name):
            return str(heading)
    for heading in frame.columns:
        if heading_field(heading) == name:
            return str(heading)
    raise MarkbookError(
        f"The table has no column {quote(name)}.",
        f"It has: {', '.join(map(str, frame.columns))}.",
    )


def has_column(frame: pd.DataFrame, field: str) -> bool:
    """Whether there is a column for a field."""
    return any(heading_field(heading) == field for heading in frame.columns)
