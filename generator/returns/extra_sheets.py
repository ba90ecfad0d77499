"""Sheets in a return that are not its own: copies, and those of other classes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.problems import Problem
from generator.returns.issued_context import IssuedContext
from generator.returns.locate_sheets import LocatedSheet
from generator.xlsx.reader import Workbook
from generator.xlsx.worker import copied_name
from generator.xlsx.worksheet import Worksheet

TITLE_ROWS = 6  # above the headings: the class is named there


def extra_sheets(
    book: Workbook, sheets: Sequence[LocatedSheet], issued: IssuedContext
) -> Iterator[Problem]:
    """A problem for each sheet that looks like an entry sheet and is not read.

    Args:
        book: The workbook.
        sheets: Its entry sheets.
        issued: The classes.
    """
    by_name = {sheet.sheet.name: sheet for sheet in sheets}
    for copy in book.sheet_states:
        original = by_name.get(copied_name(copy))
        if original is None or copy in by_name:
            continue
        own = original.issue.class_code
        title = _title(book.sheets.get(copy))
        other = "" if _names(title, own) else _named_class(title, issued)
        if other:
            yield Problem(
                code="sheet-of-other-class",
                value=other,
                what=f"The sheet {copy!r} is of {other}, not of {own}, and was not "
                "read.",
                do=f"Return the markbook of {other} itself, with these marks in it.",
            )
        else:
            name = original.sheet.name
            yield Problem(
                severity="warning",
                code="sheet-copied",
                what=f"The sheet {copy!r} is a copy of {name!r}, and was not read.",
                do=f"Check that all the marks are on {name!r}.",
            )


def _title(sheet: Worksheet | None) -> str:
    """What stands above the headings of a sheet."""
    if sheet is None:
        return ""
    return " ".join(
        cell.text for (row, _), cell in sheet.cells.items() if row < TITLE_ROWS
    )


def _named_class(title: str, issued: IssuedContext) -> str:
    """The class that a title names; the longest, as `10x/Ma1` is in `10x/Ma1b`."""
    codes = {issue.class_code for issue in issued.issues.values()}
    named = [code for code in codes if _names(title, code)]
    return max(named, key=lambda code: (len(code), code), default="")


def _names(title: str, code: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(code)}(?!\w)", title))
