"""Convert between Excel's ranges and cells, with errors as text.

A cell arrives as a value, a range as rows of cells. Answers have the shape of the
arguments, and an error appears in its own cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice, repeat, takewhile, zip_longest
from typing import Any

from udfs.errors import MarkbookError
from udfs.text import AnswerCache, distinct_keys, quote, tidy

Cell = Any  # text, number, date, truth value, None, or Excel's own error as text
Rows = list[list[Cell]]

ERROR_PREFIX = "? "  # begins every error text
MAX_CELLS = 200_000  # cells of a range that a function looks at
_ERRORS = (
    "#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!",
    "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#BUSY!", "#CONNECT!",
)  # fmt: skip


def error_text(error: MarkbookError) -> str:
    """Return an error as its cell shows it.

    >>> error_text(MarkbookError("'6+' is not a grade.", "Use one of: U, 1, 2."))
    "? '6+' is not a grade. Use one of: U, 1, 2."
    """
    return f"{ERROR_PREFIX}{error}"


def count_errors(rows: Rows) -> int:
    """Return how many cells hold an error text.

    >>> count_errors([["? '6+' is not a grade."], ["Below"], [None]])
    1
    """
    cells = chain.from_iterable(rows)
    return sum(
        isinstance(cell, str) and cell.startswith(ERROR_PREFIX) for cell in cells
    )


def range_rows(value: object) -> Rows:
    """Return a value, a row or a range as rows of cells.

    Raises:
        MarkbookError: If the rows differ in length, or there are too many cells.

    >>> range_rows("5"), range_rows(["5", "6"]), range_rows([["5", "6"]])
    ([['5']], [['5'], ['6']], [['5', '6']])
    """
    if not isinstance(value, list | tuple):
        return [[value]]
    if set(map(type, value)) == {list}:  # as Excel sends a range
        rows = list(value)
    elif not any(isinstance(row, list | tuple) for row in value):
        return [[cell] for cell in value] or [[None]]
    else:
        rows = [list(row) if isinstance(row, list | tuple) else [row] for row in value]
    width = len(rows[0])
    if set(map(len, rows)) != {width}:
        raise MarkbookError(
            "The rows of the range are not equally long.", "Select one rectangle."
        )
    if len(rows) * width > MAX_CELLS:
        raise MarkbookError(
            f"The range has {len(rows) * width:,} cells.",
            f"Select only those with marks, at most {MAX_CELLS:,}.",
        )
    return rows if width else [[None]]


def cut_to_used(arguments: Sequence[object]) -> list[object]:
    """Return arguments with long ranges, such as whole columns, cut to what is used.

    The unused part is the blank rows below the last filled cell and the blank columns
    right of it. Long ranges are cut to one size, so that their rows still stand side
    by side; ranges of at most `MAX_CELLS` cells stay as they are.

    Raises:
        MarkbookError: If two long ranges are not of one length.

    >>> column = [["5"], ["6"], *[[None]] * 1_048_574]
    >>> cut_to_used([column, "5"])
    [[['5'], ['6']], '5']
    """
    long_ranges = {
        index: argument
        for index, argument in enumerate(arguments)
        if isinstance(argument, list | tuple)
        and len(argument) * _width(argument) > MAX_CELLS
    }
    cut = list(arguments)
    if not long_ranges:
        return cut
    _size([len(rows) for rows in long_ranges.values()])
    sizes = [_used_size(rows) for rows in long_ranges.values()]
    height, width = (max(lengths) for lengths in zip(*sizes, strict=True))
    for index, rows in long_ranges.items():
        nested = isinstance(rows[0], list | tuple)
        cut[index] = [row[:width] if nested else row for row in rows[:height]]
    return cut


def _width(rows: Sequence[object]) -> int:
    first = rows[0] if rows else None
    return len(first) if isinstance(first, list | tuple) else 1


def _used_size(rows: Sequence[Any]) -> tuple[int, int]:
    """Return how many rows, and how many columns, of a long range are used.

    A cell is unused if it is empty, or 0, as which Excel may hand over a blank.
    """
    nested = isinstance(rows[0], list | tuple)
    is_used = any if nested else bool
    unused = sum(1 for _ in takewhile(lambda row: not is_used(row), reversed(rows)))
    height = max(len(rows) - unused, 1)
    if not nested:
        return height, 1
    columns = [*zip_longest(*rows[:height])]
    while len(columns) > 1 and not any(columns[-1]):
        columns.pop()
    return height, len(columns)


def is_blank(cell: Cell) -> bool:
    """Whether a cell is empty.

    >>> is_blank(None), is_blank(" "), is_blank(float("nan")), is_blank(0)
    (True, True, True, False)
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return True
    if not isinstance(cell, str):
        return False
    return not cell.strip() if cell.isascii() else not tidy(cell)


def is_zero(cell: Cell) -> bool:
    """Whether a cell holds the number 0, which may be Excel's way to pass a blank."""
    return isinstance(cell, int | float) and not isinstance(cell, bool) and cell == 0


def check_cell(cell: Cell) -> Cell:
    """Return the cell, unless it holds one of Excel's own errors.

    Raises:
        MarkbookError: If it does.
    """
    if isinstance(cell, str) and cell.startswith("#") and cell.upper() in _ERRORS:
        raise MarkbookError(
            f"The cell holds the error {cell}.", "Put that right first."
        )
    return cell


def read_number(cell: Cell, what: str, lowest: float, highest: float) -> float | None:
    """Return a number within bounds, or None for a blank.

    Args:
        cell: The cell.
        what: The number's name, for the message: "The ambition".
        lowest: The lowest allowed number.
        highest: The highest allowed number.

    Raises:
        MarkbookError: If it is anything else.
    """
    text = tidy(check_cell(cell))
    if not text:
        return None
    allowed = f"Use a number from {lowest:g} to {highest:g}."
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if isinstance(cell, bool) or not lowest <= value <= highest:
        raise MarkbookError(f"{what} {quote(text)} cannot be used.", allowed)
    return value


def spill(answer: Callable[..., Cell], *arguments: object) -> Cell:
    """Call a function for every cell, in the shape of the argument ranges.

    A single cell is repeated beside a range, and a row with a column makes a rectangle,
    as in Excel's own formulas. The function is called once for equal arguments.

    Args:
        answer: The function from one cell of each range to an answer; a
            `MarkbookError` becomes the answer of that cell.
        *arguments: Values and ranges.

    Returns:
        One value where all arguments are values, else rows of them; a blank answer is
        an empty text.

    >>> spill(lambda a, b: a * b, 3, [[1], [2]])
    [[3], [6]]
    """
    try:
        ranges = [range_rows(argument) for argument in arguments]
        height = _size([len(rows) for rows in ranges])
        width = _size([len(rows[0]) for rows in ranges])
    except MarkbookError as error:
        return error_text(error)

    def answer_text(*cells: Cell) -> Cell:
        try:
            result = answer(*map(check_cell, cells))
        except MarkbookError as error:
            result = error_text(error)
        return "" if result is None else result

    answers = AnswerCache(answer_text)
    questions = zip(
        *(_side_by_side(rows, height, width) for rows in ranges), strict=False
    )
    values = list(map(answers.__getitem__, islice(questions, height * width)))
    if width == 1:
        return shape_answer([[argument] for argument in values], arguments)
    return shape_answer(
        [values[at : at + width] for at in range(0, len(values), width)], arguments
    )


def _side_by_side(rows: Rows, height: int, width: int) -> Iterable[Cell]:
    """Yield the cells of a stretched range in order; endless for a single cell."""
    if len(rows) == len(rows[0]) == 1:
        return repeat(rows[0][0])
    cells = list(chain.from_iterable(_stretched(rows, height, width)))
    return distinct_keys(cells)


def shape_answer(rows: Rows, arguments: Sequence[object]) -> Cell:
    """Return rows of answers in the shape of the arguments."""
    ranges = [argument for argument in arguments if isinstance(argument, list | tuple)]
    if not ranges:
        return rows[0][0]
    if any(isinstance(row, list | tuple) for argument in ranges for row in argument):
        return rows
    return [row[0] for row in rows]


def _size(sizes: Sequence[int]) -> int:
    large_sizes = {size for size in sizes if size > 1}
    if len(large_sizes) > 1:
        sizes_text = " and ".join(str(size) for size in sorted(large_sizes))
        raise MarkbookError(
            f"The ranges are not of one size ({sizes_text}).",
            "Select as many rows and columns in each.",
        )
    return large_sizes.pop() if large_sizes else 1


def _stretched(rows: Rows, height: int, width: int) -> Rows:
    if len(rows[0]) < width:
        rows = [row * width for row in rows]
    return rows if len(rows) == height else rows * height


def spill_by_pupil(
    answer: Callable[[list[str], list[Cell]], Cell], subjects: Cell, grades: Cell
) -> Cell:
    """Call a function for each pupil, along the side without subjects.

    Args:
        answer: The function from the subjects and a pupil's grades to an answer; a
            `MarkbookError` becomes the pupil's answer.
        subjects: The subjects, in one row or column.
        grades: One grade for each subject and pupil.

    Raises:
        MarkbookError: If subjects and grades do not match.
    """
    headings, pupils, upright = _by_subject(range_rows(subjects), range_rows(grades))
    indices = [index for index, name in enumerate(headings) if not is_blank(name)]
    subject_names = [tidy(headings[index]) for index in indices]

    def pupil_answer(pupil_grades: list[Cell]) -> Cell:
        if all(is_blank(cell) or is_zero(cell) for cell in pupil_grades):
            return ""
        try:
            result = answer(subject_names, pupil_grades)
        except MarkbookError as error:
            return error_text(error)
        return "" if result is None else result

    answers = [pupil_answer([pupil[index] for index in indices]) for pupil in pupils]
    if len(answers) == 1:
        return answers[0]
    return [answers] if upright else [[value] for value in answers]


def _by_subject(names: Rows, cells: Rows) -> tuple[list[Cell], Rows, bool]:
    """Return the subjects, each pupil's grades, and whether subjects are a column."""
    if len(names) > 1 and len(names[0]) > 1:
        raise MarkbookError("The subjects are not in one row or column.", "Select one.")
    upright = len(names) > 1 or (len(names[0]) == 1 and len(cells) == 1)
    headings = [row[0] for row in names] if upright else names[0]
    pupils = [list(column) for column in zip(*cells, strict=True)] if upright else cells
    if len(headings) != len(pupils[0]):
        raise MarkbookError(
            f"There are {len(headings)} subjects and {len(pupils[0])} grades.",
            "Select one grade for each subject.",
        )
    return headings, pupils, upright
