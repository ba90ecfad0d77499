"""The rows above the headings of an entry sheet; titles and footers of all sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from xlsxwriter.format import Format

from generator.markbook.layout import (
    BAND_ROW,
    FROZEN_COLUMNS,
    KEY_ROW,
    SECONDS_PER_CELL,
    STATUS_ROW,
    TITLE_ROW,
    Markbook,
    SheetColumn,
)
from generator.markbook.sheet_content import SheetContent
from generator.xlsx.theme import FLAG_KEYS, CellFormats, flag_style, template
from generator.xlsx.writer import SheetWriter

_TITLE, _CLASS_LINE = TITLE_ROW - 1, TITLE_ROW
_STATUS, _KEY, _BAND = STATUS_ROW - 1, KEY_ROW - 1, BAND_ROW - 1


def write_sheet_header(
    writer: SheetWriter, markbook: Markbook, content: SheetContent
) -> None:
    """Write the rows above the headings.

    Args:
        writer: Writer of the entry sheet.
        markbook: Content of the file.
        content: Content of the sheet.
    """
    formats = writer.formats
    words, heights = template("markbook")["entry"], template("markbook")["heights"]
    last = len(content.sheet.columns) - 1
    title = formats.cell("navy", "navy_ink", bold=True, font_size=16)
    class_line = formats.cell("navy", "navy_ink")
    for row, style in ((_TITLE, title), (_CLASS_LINE, class_line)):
        writer.fill_blank(row, 0, last, style)
    writer.text(_TITLE, 0, content.title, title)
    writer.text(_CLASS_LINE, 0, content.class_line(markbook), class_line)
    writer.row_height(_TITLE, heights["title"])
    writer.row_height(_CLASS_LINE, heights["line"])

    plain = formats.cell()
    writer.fill_blank(_STATUS, 0, last, plain)
    formula, value = content.progress()
    writer.formula(_STATUS, 0, formula, formats.cell(ink="navy", bold=True), value)
    writer.text(
        _STATUS,
        FROZEN_COLUMNS,
        words["return_line"].format(
            closes=long_date(markbook.closes),
            contact=markbook.contact,
            cells=count_text(content.cell_count, "cell"),
            minutes=count_text(entry_minutes(content.cell_count), "minute"),
        ),
        plain,
    )
    writer.row_height(_STATUS, heights["status"])
    _write_key(writer, content)
    _write_sections(writer, content)


def long_date(iso: str) -> str:
    """A date as in a letter; empty for an empty text.

    >>> long_date("2026-12-31")
    'Thursday 31 December 2026'
    """
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day:%A} {day.day} {day:%B %Y}"


def entry_minutes(cells: int) -> int:
    """The time to choose from that many lists, in minutes, rounded up.

    >>> entry_minutes(84)
    9
    """
    return -(-cells * SECONDS_PER_CELL // 60)


def count_text(number: int, noun: str) -> str:
    """A number with its noun in the singular or plural.

    >>> count_text(1, "minute"), count_text(84, "cell")
    ('1 minute', '84 cells')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def write_title(writer: SheetWriter, title: str, note: str, last: int) -> None:
    """Write a sheet's title and the note below it.

    Args:
        writer: Writer of the sheet.
        title: Title of the sheet.
        note: Note about the sheet.
        last: Zero-based last column of the title.
    """
    formats = writer.formats
    style = formats.cell("navy", "navy_ink", bold=True, font_size=16)
    writer.fill_blank(0, 0, last, style)
    writer.text(0, 0, title, style)
    writer.row_height(0, 25)
    writer.text(1, 0, note, formats.cell(ink="quiet", font_size=9))


def write_band(
    writer: SheetWriter, row: int, last: int, text: str, style: Format
) -> None:
    """Fill the cells of a row up to the last column, and write a text in the first."""
    writer.fill_blank(row, 0, last, style)
    writer.text(row, 0, text, style)


def flag_format(formats: CellFormats, flag: str) -> Format:
    """The conditional format of a flag, which shows its symbol before the text."""
    style = flag_style(flag)
    return formats.conditional(style.fill, style.ink, num_format=style.number_format)


def set_up_pages(
    writer: SheetWriter,
    footer: str,
    breaks: Sequence[int] = (),
    *,
    landscape: bool = False,
) -> None:
    """Set up printing on A4, as wide as the page.

    Args:
        writer: Writer of the sheet.
        footer: Text of the footer, as `footer_text` returns it.
        breaks: Zero-based rows that begin a page.
        landscape: Whether pages are printed in landscape.
    """
    if landscape:
        writer.sheet.set_landscape()
    writer.sheet.set_paper(9)
    writer.sheet.fit_to_pages(1, 0)
    writer.sheet.set_h_pagebreaks(breaks)
    writer.sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.5)
    set_footer(writer, footer)


def set_footer(writer: SheetWriter, left: str) -> None:
    """Set the footer: what the sheet is, that it is confidential, and page numbers.

    Args:
        writer: Writer of the sheet.
        left: Text on the left, as `footer_text` returns it.
    """
    # The space after &8 separates the font size from the digits of a class code.
    writer.sheet.set_footer(
        f"&L&8 {left}&C&8 Confidential: pupil data&R&8 Page &P of &N"
    )


def set_header(writer: SheetWriter, left: str, right: str) -> None:
    """Set the header of every printed page."""
    writer.sheet.set_header(f'&L&"Calibri,Bold" {left}&R&9 {right}')


def _write_key(writer: SheetWriter, content: SheetContent) -> None:
    formats = writer.formats
    words = template("markbook")["entry"]
    small: dict[str, Any] = {"font_size": 9}
    quiet: dict[str, Any] = {"ink": "quiet", **small}
    writer.fill_blank(_KEY, 0, len(content.sheet.columns) - 1, formats.cell(**small))
    writer.text(_KEY, 0, words["key_title"], formats.cell(bold=True, **quiet))
    for column, fill in ((1, "input"), (2, "locked")):
        border = formats.border(f"{fill}_line")
        style = formats.cell(fill, align="center", **small, **border)
        writer.text(_KEY, column, words[f"key_{fill}"], style)
    flag_column = content.sheet.column("flag")
    if flag_column is not None and flag_column > FROZEN_COLUMNS + len(FLAG_KEYS):
        first = flag_column - len(FLAG_KEYS) + 1
        heading = formats.cell(bold=True, align="right", **quiet)
        writer.text(_KEY, first - 1, words["key_flags"], heading)
        for column, flag in enumerate(FLAG_KEYS, start=first):
            colours = flag_style(flag)
            style = formats.cell(
                colours.fill, colours.ink, bold=True, align="center", **small
            )
            writer.text(_KEY, column, f"{colours.symbol} {colours.word}", style)
        codes = ",  ".join(
            f"{code.name} = {code.meaning}" for code in content.lists.codes
        )
        writer.text(_KEY, flag_column + 1, codes, formats.cell(indent=1, **quiet))
    writer.row_height(_KEY, template("markbook")["heights"]["key"])


def _write_sections(writer: SheetWriter, content: SheetContent) -> None:
    formats = writer.formats
    words = template("markbook")["entry"]
    small: dict[str, Any] = {"font_size": 8, "bold": True}
    locked = formats.cell("band", "navy", **small)
    entry = formats.cell("input_heading", "navy", **small)
    previous = ""
    for index, column in enumerate(content.sheet.columns):
        section = _section(column)
        text = words[f"{section}_band"] if section != previous else ""
        writer.text(_BAND, index, text, entry if column.entry else locked)
        previous = section
    writer.row_height(_BAND, template("markbook")["heights"]["band"])


def _section(column: SheetColumn) -> str:
    if column.key == "notes":
        return "notes"
    if column.entry:
        return "entry"
    return "auto" if column.key in ("flag", "check") else "locked"
