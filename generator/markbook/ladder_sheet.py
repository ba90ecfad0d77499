"""The sheet `Ladder`: what is expected by now, band by band, and of whom."""

from __future__ import annotations

from collections.abc import Sequence

from generator.markbook.layout import Ladder, Markbook
from generator.markbook.sheet_content import SheetContent, footer_text
from generator.markbook.sheet_header import set_footer
from generator.xlsx.theme import Looks, template
from generator.xlsx.writer import Book, Pen

LADDER_SHEET = "Ladder"
_WIDTHS = (26, 20, 16, 58)  # in characters
_LAST = len(_WIDTHS) - 1
_FITS = 88  # characters of a statement on a line
_POINTS = 15.0  # of a line's height


def write_ladder(
    book: Book, formats: Looks, markbook: Markbook, pages: Sequence[SheetContent]
) -> None:
    """Write the sheet `Ladder`, if any class has a ladder."""
    shown = [page for page in pages if page.sheet.ladder is not None]
    if not shown:
        return
    words = template("markbook")["ladder"]
    writer = book.sheet(LADDER_SHEET)
    writer.sheet.hide_gridlines(2)
    for column, width in enumerate(_WIDTHS):
        writer.width(column, width)
    title = formats.of("navy", "navy_ink", bold=True, font_size=16)
    writer.fill(0, 0, _LAST, title)
    writer.text(0, 0, words["title"], title)
    writer.height(0, 25)
    writer.text(1, 0, words["note"], formats.of(ink="quiet", font_size=9))
    row, breaks = 3, []
    for page in shown:
        ladder = page.sheet.ladder
        assert ladder is not None
        band = formats.of("band", "navy", bold=True, font_size=13)
        writer.fill(row, 0, _LAST, band)
        writer.text(row, 0, page.title, band)
        row = write_bands(writer, formats, ladder, row + 1)
        row = _write_pupils(writer, formats, page, row + 1) + 2
        breaks.append(row)
    writer.sheet.protect()
    writer.sheet.set_h_pagebreaks(breaks[:-1])
    writer.sheet.set_paper(9)
    writer.sheet.fit_to_pages(1, 0)
    writer.sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.5)
    set_footer(writer, footer_text(markbook, words["title"]))


def write_bands(writer: Pen, formats: Looks, ladder: Ladder, row: int) -> int:
    """Write a ladder's bands with their statements, highest first.

    Returns:
        The row below.
    """
    words = template("markbook")["ladder"]
    plain = formats.of(text_wrap=True, valign="top")
    if ladder.note:
        writer.text(row, 0, ladder.note, formats.of(ink="quiet", font_size=9))
        row += 1
    head = formats.of("band", "navy", bold=True)
    for band in reversed(ladder.bands):
        writer.fill(row, 0, _LAST, head)
        writer.text(row, 0, band.name, head)
        if band.targets:
            expected = words["expected_of"].format(targets=", ".join(band.targets))
            writer.text(row, 1, expected, head)
        writer.height(row, 17)
        row += 1
        for statement in band.statements:
            writer.sheet.merge_range(row, 0, row, _LAST, "", plain)
            writer.text(row, 0, f"•  {statement}", plain)
            writer.height(row, _POINTS * (-(-len(statement) // _FITS) or 1))
            row += 1
    return row


def _write_pupils(writer: Pen, formats: Looks, page: SheetContent, row: int) -> int:
    words = template("markbook")["ladder"]
    line = formats.line("locked_line")
    for column, text in enumerate(words["columns"]):
        style = formats.of("band", "navy", bold=True, font_size=10, indent=1, **line)
        writer.text(row, column, text, style)
    cell = formats.of(
        "locked", num_format="@", align="left", indent=1, shrink=True, **line
    )
    for pupil in page.sheet.rows:
        row += 1
        said = (
            pupil.surname,
            pupil.forename,
            pupil.target or "",
            page.expected_band(pupil),
        )
        for column, text in enumerate(said):
            writer.text(row, column, text, cell)
    return row
