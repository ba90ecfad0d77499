"""What is doubtful about a list as a whole, though every row of it can be read."""

from __future__ import annotations

from collections.abc import Iterator

from generator.mis.kinds import ABOUT_PUPILS
from generator.mis.lists import Table
from generator.mis.sheets import letters
from generator.mis.values import plain
from generator.problems import Problem

_GRADES = {"grade", "result", "exam grade", "final grade", "gcse grade", "exam result"}


def doubts(table: Table, row: int) -> Iterator[Problem]:
    """What a person should look at in a list.

    Args:
        table: The list.
        row: The row of its headings.
    """
    yield from _headed_twice(table, row)
    grades = result_columns(table)
    if grades:
        heading = table.headings[grades[0]]
        yield Problem(
            file=table.file,
            sheet=table.sheet,
            cell=_cell(table, grades[0], row),
            severity="warning",
            code="looks-like-results",
            value=heading,
            what=f"The list has a subject and a {heading!r} in each row, as results of "
            "examinations have; the grades were not read.",
            do="Read results with `markbook results FILE`, and take the file out of "
            "exports/.",
        )


def result_columns(table: Table) -> list[int]:
    """The columns of grades, where each row of a list is a pupil's in a subject."""
    if table.kind not in ABOUT_PUPILS or not table.has("subject", "subject_code"):
        return []
    return [c for c, text in table.headings.items() if plain(text) in _GRADES]


def _headed_twice(table: Table, row: int) -> Iterator[Problem]:
    """Columns under one heading that say different things; the first was read.

    Further columns of classes are read, in `generator.mis.matrix`.
    """
    for field, first in table.fields.items():
        heading = table.headings.get(first, "")
        for column, text in table.headings.items():
            if column == first or field == "class" or plain(text) != plain(heading):
                continue
            if any(
                column in line.cells and line.cells[column] != line.cells.get(first)
                for line in table.lines
            ):
                yield Problem(
                    file=table.file,
                    sheet=table.sheet,
                    cell=_cell(table, column, row),
                    severity="warning",
                    code="heading-twice",
                    value=text,
                    what=f"The heading {text!r} stands in the columns "
                    f"{letters(first)} and {letters(column)}, which differ; "
                    f"{letters(first)} was read.",
                    do="Give the columns headings of their own, or take one out.",
                )


def _cell(table: Table, column: int, row: int) -> str:
    return f"{letters(column)}{row}" if table.sheet else f"row {row}"
