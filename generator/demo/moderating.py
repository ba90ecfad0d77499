"""A head of department who goes through the targets that were drafted."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from udfs.tables import Tables

WHY = "agreed in the department"
RAISED = 4  # of so many pupils with a target, one is to have a grade more
NO_TARGET = 5  # pupils without a target who are given one


def smallest(folder: Path) -> Path | None:
    """The moderation workbook that is gone through first; None where there is none."""
    return min(
        folder.glob("*.xlsx"), key=lambda p: (p.stat().st_size, p.name), default=None
    )


def gone_through(path: Path, tables: Tables, by: str) -> bytes:
    """A moderation workbook with what its head of department agreed.

    Args:
        path: The workbook as it was written.
        tables: Subjects and scales.
        by: Who it is.
    """
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        _agree(sheet, tables, by)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _agree(sheet: Worksheet, tables: Tables, by: str) -> None:
    for row in range(1, 12):
        if sheet.cell(row, 1).value == "Adno":
            break
    else:
        return
    column = {
        " ".join(str(cell.value).split()): cell.column
        for cell in sheet[row]
        if cell.value
    }
    subject = tables.subject(sheet.title.split(" ", 1)[1])
    scale = tables.scale(subject.scale)
    given = seen = 0
    for line in range(row + 1, sheet.max_row + 1):
        if not sheet.cell(line, 1).value:
            break
        stands = scale.find(sheet.cell(line, column["Expected"]).value)
        agreed = None
        if stands is None and given < NO_TARGET:
            given += 1
            agreed = scale.grades[len(scale.grades) // 2]
        elif stands is not None:
            seen += 1
            if seen % RAISED == 0:
                agreed = scale.up_whole(stands, 1)
        if agreed is not None:
            for heading, value in (
                ("Agreed expected", agreed), ("Reason", WHY), ("By", by),
            ):  # fmt: skip
                sheet.cell(line, column[heading]).value = value
