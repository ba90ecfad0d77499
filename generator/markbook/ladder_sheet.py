"""The sheet `Ladder`: the bands of a progress ladder, and each pupil's band."""

from __future__ import annotations

from collections.abc import Sequence

from generator.markbook.layout import Ladder, Markbook
from generator.markbook.sheet_content import SheetContent, footer_text
from generator.markbook.sheet_header import set_up_pages, write_band, write_title
from generator.xlsx.theme import template
from generator.xlsx.writer import SheetWriter, WorkbookWriter

LADDER_SHEET = "Ladder"
_WIDTHS = (26, 20, 16, 58)  # in characters
_LAST = len(_WIDTHS) - 1
_LINE_LENGTH = 88  # characters of a statement
_LINE_HEIGHT = 15.0  # points


def write_ladder(
    book: WorkbookWriter, markbook: Markbook, contents: Sequence[SheetContent]
) -> None:
    """Write the sheet `Ladder`, if any class has a ladder."""
    formats = book.formats
    judged = [content for content in contents if content.sheet.ladder is not None]
    if not judged:
        return
    words = template("markbook")["ladder"]
    writer = book.add_sheet(LADDER_SHEET)
    writer.sheet.hide_gridlines(2)
    for column, width in enumerate(_WIDTHS):
        writer.column_width(column, width)
    write_title(writer, words["title"], words["note"], _LAST)
    row, breaks = 3, []
    for content in judged:
        ladder = content.sheet.ladder
        assert ladder is not None
        band = formats.cell("band", "navy", bold=True, font_size=13)
        write_band(writer, row, _LAST, content.title, band)
        row = write_bands(writer, ladder, row + 1)
        row = _write_pupils(writer, content, row + 1) + 2
        breaks.append(row)
    writer.sheet.protect()
    set_up_pages(writer, footer_text(markbook, words["title"]), breaks[:-1])


def write_bands(writer: SheetWriter, ladder: Ladder, row: int) -> int:
    """Write a ladder's bands with their statements, highest first.

    Returns:
        The row below them.
    """
    formats = writer.formats
    words = template("markbook")["ladder"]
    plain = formats.cell(text_wrap=True, valign="top")
    if ladder.note:
        writer.text(row, 0, ladder.note, formats.cell(ink="quiet", font_size=9))
        row += 1
    head = formats.cell("band", "navy", bold=True)
    for band in reversed(ladder.bands):
        write_band(writer, row, _LAST, band.name, head)
        if band.targets:
            expected = words["expected_of"].format(targets=", ".join(band.targets))
            writer.text(row, 1, expected, head)
        writer.row_height(row, 17)
        row += 1
        for statement in band.statements:
            writer.sheet.merge_range(row, 0, row, _LAST, "", plain)
            writer.text(row, 0, f"•  {statement}", plain)
            writer.row_height(
                row, _LINE_HEIGHT * (-(-len(statement) // _LINE_LENGTH) or 1)
            )
            row += 1
    return row


def _write_pupils(writer: SheetWriter, content: SheetContent, row: int) -> int:
    formats = writer.formats
    words = template("markbook")["ladder"]
    line = formats.border("locked_line")
    for column, text in enumerate(words["columns"]):
        style = formats.cell("band", "navy", bold=True, font_size=10, indent=1, **line)
        writer.text(row, column, text, style)
    cell = formats.cell(
        "locked", num_format="@", align="left", indent=1, shrink=True, **line
    )
    for pupil in content.sheet.rows:
        row += 1
        texts = (
            pupil.surname,
            pupil.forename,
            pupil.target or "",
            content.expected_band(pupil),
        )
        for column, text in enumerate(texts):
            writer.text(row, column, text, cell)
    return row
