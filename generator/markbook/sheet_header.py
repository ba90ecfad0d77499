"""The head of an entry sheet: what it is, how far it has come, and the key."""

from __future__ import annotations

from datetime import date
from typing import Any

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
from generator.xlsx.theme import FLAG_KEYS, Looks, flag_paint, template
from generator.xlsx.writer import Pen

_TITLE, _ABOUT = TITLE_ROW - 1, TITLE_ROW
_STATUS, _KEY, _BAND = STATUS_ROW - 1, KEY_ROW - 1, BAND_ROW - 1


def write_sheet_header(
    writer: Pen, formats: Looks, markbook: Markbook, page: SheetContent
) -> None:
    """Write the rows above the headings.

    Args:
        writer: The entry sheet.
        formats: The workbook's formats.
        markbook: What the whole file is about.
        page: The sheet's content.
    """
    words, heights = template("markbook")["entry"], template("markbook")["heights"]
    last = len(page.sheet.columns) - 1
    title = formats.of("navy", "navy_ink", bold=True, font_size=16)
    about = formats.of("navy", "navy_ink")
    for row, style in ((_TITLE, title), (_ABOUT, about)):
        writer.fill(row, 0, last, style)
    writer.text(_TITLE, 0, page.title, title)
    writer.text(_ABOUT, 0, page.class_line(markbook), about)
    writer.height(_TITLE, heights["title"])
    writer.height(_ABOUT, heights["line"])

    paper = formats.of()
    writer.fill(_STATUS, 0, last, paper)
    formula, value = page.progress()
    writer.formula(_STATUS, 0, formula, formats.of(ink="navy", bold=True), value)
    writer.text(
        _STATUS,
        FROZEN_COLUMNS,
        words["return_line"].format(
            closes=long_date(markbook.closes),
            contact=markbook.contact,
            cells=count_text(page.cell_count, "cell"),
            minutes=count_text(entry_minutes(page.cell_count), "minute"),
        ),
        paper,
    )
    writer.height(_STATUS, heights["status"])
    _write_key(writer, formats, page)
    _write_sections(writer, formats, page)


def long_date(iso: str) -> str:
    """A day as a letter to staff writes it.

    >>> shown_date("2026-12-31")
    'Thursday 31 December 2026'
    """
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day:%A} {day.day} {day:%B %Y}"


def entry_minutes(cells: int) -> int:
    """How long that many choices from a list take, in whole minutes, rounded up.

    >>> minutes(84)
    9
    """
    return -(-cells * SECONDS_PER_CELL // 60)


def count_text(number: int, thing: str) -> str:
    """So many of a thing, in words that agree.

    >>> counted(1, "minute"), counted(84, "cell")
    ('1 minute', '84 cells')
    """
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def codes_line(page: SheetContent) -> str:
    """The codes and what they say, in one line."""
    return ",  ".join(f"{code.name} = {code.meaning}" for code in page.lists.codes)


def set_footer(writer: Pen, left: str) -> None:
    """The small print under every page: what it is, and that it is confidential.

    Args:
        writer: The sheet.
        left: What it is, as `footer` made it.
    """
    # The space after &8 keeps a class code's digits out of the font size.
    writer.sheet.set_footer(f"&L&8 {left}&C&8 Confidential: pupil data&R&8 Page &P of &N")


def set_header(writer: Pen, left: str, right: str) -> None:
    """What stands over every page: which class it is, and where there is more."""
    writer.sheet.set_header(f'&L&"Calibri,Bold" {left}&R&9 {right}')


def _write_key(writer: Pen, formats: Looks, page: SheetContent) -> None:
    words = template("markbook")["entry"]
    last = len(page.sheet.columns) - 1
    small: dict[str, Any] = {"font_size": 9}
    writer.fill(_KEY, 0, last, formats.of(**small))
    writer.text(_KEY, 0, words["key_title"], formats.of(ink="quiet", bold=True, **small))
    writer.text(
        _KEY,
        1,
        words["key_input"],
        formats.of("input", align="center", **small, **formats.line("input_line")),
    )
    writer.text(
        _KEY,
        2,
        words["key_locked"],
        formats.of("locked", align="center", **small, **formats.line("locked_line")),
    )
    flag_at = page.sheet.column("flag")
    chips = list(FLAG_KEYS)
    if flag_at is not None and flag_at > FROZEN_COLUMNS + len(chips):
        first = flag_at - len(chips) + 1
        writer.text(
            _KEY,
            first - 1,
            words["key_flags"],
            formats.of(ink="quiet", bold=True, align="right", **small),
        )
        for column, flag in enumerate(chips, start=first):
            paint = flag_paint(flag)
            style = formats.of(paint.fill, paint.ink, bold=True, align="center", **small)
            writer.text(_KEY, column, f"{paint.symbol} {paint.word}", style)
        writer.text(
            _KEY,
            flag_at + 1,
            codes_line(page),
            formats.of(ink="quiet", indent=1, **small),
        )
    writer.height(_KEY, template("markbook")["heights"]["key"])


def _write_sections(writer: Pen, formats: Looks, page: SheetContent) -> None:
    words = template("markbook")["entry"]
    small: dict[str, Any] = {"font_size": 8, "bold": True}
    locked = formats.of("band", "navy", **small)
    entry = formats.of("input_heading", "navy", **small)
    before = ""
    for index, column in enumerate(page.sheet.columns):
        kind = _section(column)
        said = words[f"{kind}_band"] if kind != before else ""
        writer.text(_BAND, index, said, entry if column.entry else locked)
        before = kind
    writer.height(_BAND, template("markbook")["heights"]["band"])


def _section(column: SheetColumn) -> str:
    if column.key == "notes":
        return "notes"
    if column.entry:
        return "entry"
    return "auto" if column.key in ("flag", "check") else "locked"
