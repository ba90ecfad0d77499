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
    pen: Pen, looks: Looks, markbook: Markbook, page: SheetContent
) -> None:
    """Write the rows above the headings.

    Args:
        pen: The entry sheet.
        looks: The workbook's formats.
        markbook: What the whole file is about.
        page: The sheet's content.
    """
    words, heights = template("markbook")["entry"], template("markbook")["heights"]
    last = len(page.sheet.columns) - 1
    title = looks.of("navy", "navy_ink", bold=True, font_size=16)
    about = looks.of("navy", "navy_ink")
    for row, look in ((_TITLE, title), (_ABOUT, about)):
        pen.fill(row, 0, last, look)
    pen.text(_TITLE, 0, page.title, title)
    pen.text(_ABOUT, 0, page.class_line(markbook), about)
    pen.height(_TITLE, heights["title"])
    pen.height(_ABOUT, heights["line"])

    paper = looks.of()
    pen.fill(_STATUS, 0, last, paper)
    formula, value = page.progress()
    pen.formula(_STATUS, 0, formula, looks.of(ink="navy", bold=True), value)
    pen.text(
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
    pen.height(_STATUS, heights["status"])
    _write_key(pen, looks, page)
    _write_sections(pen, looks, page)


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


def set_footer(pen: Pen, left: str) -> None:
    """The small print under every page: what it is, and that it is confidential.

    Args:
        pen: The sheet.
        left: What it is, as `footer` made it.
    """
    # The space after &8 keeps a class code's digits out of the font size.
    pen.sheet.set_footer(f"&L&8 {left}&C&8 Confidential: pupil data&R&8 Page &P of &N")


def set_header(pen: Pen, left: str, right: str) -> None:
    """What stands over every page: which class it is, and where there is more."""
    pen.sheet.set_header(f'&L&"Calibri,Bold" {left}&R&9 {right}')


def _write_key(pen: Pen, looks: Looks, page: SheetContent) -> None:
    words = template("markbook")["entry"]
    last = len(page.sheet.columns) - 1
    small: dict[str, Any] = {"font_size": 9}
    pen.fill(_KEY, 0, last, looks.of(**small))
    pen.text(_KEY, 0, words["key_title"], looks.of(ink="quiet", bold=True, **small))
    pen.text(
        _KEY,
        1,
        words["key_input"],
        looks.of("input", align="center", **small, **looks.line("input_line")),
    )
    pen.text(
        _KEY,
        2,
        words["key_locked"],
        looks.of("locked", align="center", **small, **looks.line("locked_line")),
    )
    flag_at = page.sheet.column("flag")
    chips = list(FLAG_KEYS)
    if flag_at is not None and flag_at > FROZEN_COLUMNS + len(chips):
        first = flag_at - len(chips) + 1
        pen.text(
            _KEY,
            first - 1,
            words["key_flags"],
            looks.of(ink="quiet", bold=True, align="right", **small),
        )
        for column, flag in enumerate(chips, start=first):
            paint = flag_paint(flag)
            look = looks.of(paint.fill, paint.ink, bold=True, align="center", **small)
            pen.text(_KEY, column, f"{paint.symbol} {paint.word}", look)
        pen.text(
            _KEY,
            flag_at + 1,
            codes_line(page),
            looks.of(ink="quiet", indent=1, **small),
        )
    pen.height(_KEY, template("markbook")["heights"]["key"])


def _write_sections(pen: Pen, looks: Looks, page: SheetContent) -> None:
    words = template("markbook")["entry"]
    small: dict[str, Any] = {"font_size": 8, "bold": True}
    locked = looks.of("band", "navy", **small)
    entry = looks.of("input_heading", "navy", **small)
    before = ""
    for index, column in enumerate(page.sheet.columns):
        kind = _section(column)
        said = words[f"{kind}_band"] if kind != before else ""
        pen.text(_BAND, index, said, entry if column.entry else locked)
        before = kind
    pen.height(_BAND, template("markbook")["heights"]["band"])


def _section(column: SheetColumn) -> str:
    if column.key == "notes":
        return "notes"
    if column.entry:
        return "entry"
    return "auto" if column.key in ("flag", "check") else "locked"
