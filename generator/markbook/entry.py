"""The entry sheet: the class, its targets, and the cells a teacher fills in."""

from __future__ import annotations

from datetime import date
from typing import Any

from xlsxwriter.format import Format

from generator.markbook.layout import (
    COMMENT_LENGTH,
    HEADING_ROW,
    JOINER_KEYS,
    SECONDS_A_CELL,
    Column,
    Markbook,
    PupilRow,
    letter,
)
from generator.markbook.page import FREE_TEXT, Page
from generator.markbook.pen import Book, Pen
from generator.markbook.theme import FLAG_KEYS, Looks, flag_paint, state, template

# Zero-based rows above the headings.
_TITLE, _ABOUT, _STATUS, _KEY, _BAND, _HEADING = range(HEADING_ROW)
_LEFT = ("surname", "forename", "comment", "target_query", "check", "notes")
_SMALL = ("check", "comment", "target_query", "notes", "reason")
_OPTIONAL = ("reason", "praise", "comment", "target_query", "notes")
FROZEN = 3  # columns that stay in sight: Adno, Surname, Forename


def write_entry(book: Book, looks: Looks, markbook: Markbook, page: Page) -> None:
    """Write one entry sheet.

    Args:
        book: The workbook.
        looks: Its formats.
        markbook: What the whole file is about.
        page: The sheet.
    """
    pen = book.sheet(page.sheet.name)
    pen.sheet.hide_gridlines(2)
    last = len(page.sheet.columns) - 1
    for index, column in enumerate(page.sheet.columns):
        pen.width(index, width_of(column))
    _write_bands(pen, looks, markbook, page)
    for index, column in enumerate(page.sheet.columns):
        pen.text(_HEADING, index, column.heading, _heading_look(looks, column))
    pen.height(_HEADING, template("markbook")["heights"]["heading"])
    for number in range(page.sheet.first_row, page.sheet.last_spare_row + 1):
        pen.height(number - 1, template("markbook")["heights"]["pupil"])
        at = number - page.sheet.first_row
        row = page.sheet.rows[at] if at < len(page.sheet.rows) else None
        for index, column in enumerate(page.sheet.columns):
            _write_cell(pen, looks, page, number, index, column, row)
    _write_choices(pen, page)
    _write_changes(pen, looks, page)
    pen.sheet.autofilter(_HEADING, 0, page.sheet.last_spare_row - 1, last)
    pen.sheet.freeze_panes(HEADING_ROW, FROZEN)
    everything = f"A1:{letter(last)}{page.sheet.last_spare_row}"
    pen.sheet.ignore_errors(
        {
            "number_stored_as_text": everything,
            "formula_differs": everything,
            "formula_unlocked": everything,
            "two_digit_text_year": everything,
        }
    )
    pen.sheet.protect(
        "", {"autofilter": True, "format_columns": True, "format_rows": True}
    )
    _set_up_print(pen, markbook, page)
    first = next(i for i, c in enumerate(page.sheet.columns) if c.entry)
    top = page.sheet.first_row - 1
    pen.sheet.set_selection(top, first, top, first)
    pen.sheet.set_zoom(template("markbook")["entry"]["zoom"])


def width_of(column: Column) -> float:
    """A column's width in characters."""
    width: float = template("markbook")["widths"][column.key.partition(":")[0]]
    return width


def shown_date(iso: str) -> str:
    """A day as a letter to staff writes it.

    >>> shown_date("2026-12-31")
    'Thursday 31 December 2026'
    """
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day:%A} {day.day} {day:%B %Y}"


def minutes(cells: int) -> int:
    """How long that many choices from a list take, in whole minutes, rounded up.

    >>> minutes(84)
    9
    """
    return -(-cells * SECONDS_A_CELL // 60)


def _write_bands(pen: Pen, looks: Looks, markbook: Markbook, page: Page) -> None:
    words, heights = template("markbook")["entry"], template("markbook")["heights"]
    last = len(page.sheet.columns) - 1
    title = looks.of("navy", "navy_ink", bold=True, font_size=16)
    about = looks.of("navy", "navy_ink")
    for row, look in ((_TITLE, title), (_ABOUT, about)):
        pen.fill(row, 0, last, look)
    pen.text(_TITLE, 0, page.title, title)
    pen.text(_ABOUT, 0, class_line(markbook, page), about)
    pen.height(_TITLE, heights["title"])
    pen.height(_ABOUT, heights["line"])

    paper = looks.of()
    pen.fill(_STATUS, 0, last, paper)
    formula, value = page.progress()
    pen.formula(_STATUS, 0, formula, looks.of(ink="navy", bold=True), value)
    pen.text(
        _STATUS,
        FROZEN,
        words["return_line"].format(
            closes=shown_date(markbook.closes),
            contact=markbook.contact,
            cells=page.cells,
            minutes=minutes(page.cells),
        ),
        paper,
    )
    pen.height(_STATUS, heights["status"])
    _write_key(pen, looks, page)
    _write_sections(pen, looks, page)


def class_line(markbook: Markbook, *pages: Page) -> str:
    """Whose classes these are, and which collection: one line under the title."""
    words = template("markbook")["entry"]
    years = {page.sheet.year for page in pages}
    one = years.pop() if len(years) == 1 else None
    year = "" if one is None else f"Year {one}  ·  "
    teachers = dict.fromkeys(name for page in pages for name in page.sheet.teachers)
    line: str = words["class_line"].format(
        school=markbook.school,
        year=year,
        collection=markbook.collection_name or markbook.collection,
        academic_year=markbook.academic_year,
        teachers=", ".join(teachers) or words["no_teacher"],
    )
    return line


def _write_key(pen: Pen, looks: Looks, page: Page) -> None:
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
    if flag_at is not None and flag_at > FROZEN + len(chips):
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
        pen.text(_KEY, flag_at + 1, codes_line(page), looks.of(ink="quiet", **small))
    pen.height(_KEY, template("markbook")["heights"]["key"])


def codes_line(page: Page) -> str:
    """The codes and what they say, in one line."""
    return ",  ".join(f"{code.name} = {code.meaning}" for code in page.lists.codes)


def _write_sections(pen: Pen, looks: Looks, page: Page) -> None:
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


def _section(column: Column) -> str:
    if column.key == "notes":
        return "notes"
    if column.entry:
        return "entry"
    return "auto" if column.key in ("flag", "check") else "locked"


def _heading_look(looks: Looks, column: Column) -> Format:
    left = column.key in _LEFT
    return looks.of(
        "input_heading" if column.entry else "band",
        "navy",
        bold=True,
        font_size=10,
        text_wrap=True,
        align="left" if left else "center",
        indent=1 if left and column.key not in ("check", "comment") else 0,
        **looks.line("input_line" if column.entry else "locked_line"),
    )


def _write_cell(
    pen: Pen,
    looks: Looks,
    page: Page,
    number: int,
    index: int,
    column: Column,
    row: PupilRow | None,
) -> None:
    said = page.said[number - page.sheet.first_row] if row else None
    if column.key == "flag":
        look = _locked_look(looks, column)
        pen.formula(
            number - 1,
            index,
            page.flag_formula(number),
            look,
            said.flag if said else "",
        )
    elif column.key == "check":
        look = _locked_look(looks, column)
        pen.formula(
            number - 1,
            index,
            page.check_formula(number),
            look,
            said.check if said else "",
        )
    elif column.entry or (row is None and column.key in JOINER_KEYS):
        entered = row.entered.get(column.key, "") if row else ""
        pen.text(number - 1, index, entered, _entry_look(looks, column, row))
    else:
        shown = locked_text(column, row) if row else ""
        pen.text(number - 1, index, shown, _locked_look(looks, column))


def locked_text(column: Column, row: PupilRow) -> str:
    """What a locked column shows of a pupil.

    >>> locked_text(Column("group:PP", "PP"), PupilRow("4", "Li", "Ed"))
    ''
    """
    kind, _, name = column.key.partition(":")
    if kind == "group":
        return row.groups.get(name, "")
    if kind == "earlier":
        return row.earlier.get(name, "")
    value: str | None = getattr(row, kind)
    return value or ""


def _locked_look(looks: Looks, column: Column) -> Format:
    more: dict[str, Any] = {"num_format": "@"}
    if column.key in ("flag", "check"):
        more = {}
    if column.key in ("target", "flag"):
        more["bold"] = True
    return looks.of("locked", **_shape(column), **more, **looks.line("locked_line"))


def _entry_look(looks: Looks, column: Column, row: PupilRow | None) -> Format:
    optional = row is None or column.key in _OPTIONAL
    return looks.of(
        "input_optional" if optional else "input",
        num_format="@",
        locked=False,
        **_shape(column),
        **looks.line("input_line"),
    )


def _shape(column: Column) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "align": "left" if column.key in _LEFT else "center",
    }
    if column.key in _LEFT:
        shape["indent"] = 1
    if column.key in ("surname", "forename"):
        shape["shrink"] = True
    if column.key in _SMALL:
        shape |= {"font_size": 9, "text_wrap": True}
    if column.key in ("check", "comment"):
        # What does not fit is cut at the end, not at both.
        shape |= {"font_size": 8, "valign": "top", "indent": 0}
    return shape


def _write_choices(pen: Pen, page: Page) -> None:
    words = template("markbook")["entry"]
    first, last = page.sheet.first_row - 1, page.sheet.last_spare_row - 1
    for index, column in enumerate(page.sheet.columns):
        if not column.entry or column.key == "notes":
            continue
        if column.key in FREE_TEXT:
            pen.choices(
                first,
                last,
                index,
                {
                    "validate": "length",
                    "criteria": "<=",
                    "value": COMMENT_LENGTH,
                    "error_title": words["too_long_title"],
                    "error_message": words["too_long"].format(length=COMMENT_LENGTH),
                },
            )
            continue
        choices = ", ".join(page.choices(column.key))
        rule: dict[str, Any] = {
            "validate": "list",
            "source": f"={page.list_name(column.key)}",
            "error_title": words["not_listed_title"],
            "error_message": _cut(words["not_listed"].format(choices=choices), 225),
        }
        if column.key in ("working_at", "prediction"):
            judged = column.key == "prediction" and page.prediction_scale.judgement
            key = "judgement" if judged else column.key
            codes = ", ".join(code.name for code in page.lists.codes)
            help_ = words[f"{key}_help"] + " " + words["grade_help"].format(codes=codes)
            rule |= {"input_title": column.heading, "input_message": _cut(help_, 255)}
        pen.choices(first, last, index, rule)


def _cut(text: str, length: int) -> str:
    # Excel refuses a whole sheet for one message that is too long.
    return text if len(text) <= length else text[: length - 1].rstrip(", ") + "…"


def _write_changes(pen: Pen, looks: Looks, page: Page) -> None:
    first, last = page.sheet.first_row - 1, page.sheet.last_spare_row - 1
    number = page.sheet.first_row
    wrong, check = state("wrong"), state("check")
    for index, column in enumerate(page.sheet.columns):
        cell = f"${letter(index)}{number}"
        if column.key == "flag":
            for flag in FLAG_KEYS:
                paint = flag_paint(flag)
                look = looks.change(
                    paint.fill, paint.ink, num_format=paint.number_format
                )
                pen.when(first, last, index, f'={cell}="{flag}"', look)
        elif column.key == "check":
            look = looks.change(check.fill, check.ink)
            pen.when(first, last, index, f"=LEN({cell})>0", look)
        elif column.key in ("working_at", "prediction"):
            known = page.lists.names(
                page.prediction_scale if column.key == "prediction" else page.scale
            ).known
            said = f'SUBSTITUTE({cell}," ","")'
            pen.when(
                first,
                last,
                index,
                f"=AND(LEN(TRIM({cell}))>0,SUMPRODUCT(--({known}={said}))=0)",
                looks.change(wrong.fill, wrong.ink),
            )
        if column.key == "reason":
            asked = f"${letter(page.sheet.column('check') or 0)}{number}"
            pen.when(
                first,
                last,
                index,
                f"=AND(LEN({asked})>0,LEN(TRIM({cell}))=0)",
                looks.change(check.fill, check.ink),
            )
        elif column.entry and column.key != "notes":
            pen.when(
                first,
                last,
                index,
                f"=LEN(TRIM({cell}))>0",
                looks.change("input_done", "ink"),
            )


def _set_up_print(pen: Pen, markbook: Markbook, page: Page) -> None:
    last = max(i for i, c in enumerate(page.sheet.columns) if c.key != "notes")
    pen.sheet.set_landscape()
    pen.sheet.set_paper(9)
    pen.sheet.fit_to_pages(1, 0)
    pen.sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
    pen.sheet.print_area(0, 0, page.sheet.last_spare_row - 1, last)
    pen.sheet.repeat_rows(_HEADING)
    set_footer(pen, markbook, page.title)


def set_footer(pen: Pen, markbook: Markbook, title: str) -> None:
    """The small print under every page: what it is, and that it is confidential."""
    left = _cut(f"{title}  {markbook.collection}".replace("&", "&&"), 90)
    # The space after &8 keeps a class code's digits out of the font size.
    pen.sheet.set_footer(f"&L&8 {left}&C&8 Confidential: pupil data&R&8 Page &P of &N")
