"""The sheet `Summary`: the class at a glance, counted by the sheet itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format

from generator.markbook import formulas
from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import Markbook
from generator.markbook.sheet_content import SheetContent, footer_text
from generator.markbook.sheet_header import set_footer
from generator.xlsx.theme import FLAG_KEYS, Looks, colour, flag_paint, template
from generator.xlsx.writer import Book, Pen

SUMMARY_SHEET = "Summary"
_WIDTHS = (16, *[10.5] * 7, 3, *[10] * 8)
_CHART_AT = 9  # the column that charts start in
_LAST = len(_WIDTHS) - 1
_FLAGS = tuple(FLAG_KEYS)
_LETTERS = "ABCDEFGH"


def write_summary(
    book: Book, looks: Looks, markbook: Markbook, pages: Sequence[SheetContent]
) -> None:
    """Write the sheet `Summary`: a block of counts and two charts for each class."""
    pen = book.sheet(SUMMARY_SHEET)
    pen.sheet.hide_gridlines(2)
    words = template("markbook")["summary"]
    for column, width in enumerate(_WIDTHS):
        pen.width(column, width)
    title = looks.of("navy", "navy_ink", bold=True, font_size=16)
    pen.fill(0, 0, _LAST, title)
    pen.text(0, 0, words["title"], title)
    pen.height(0, 25)
    pen.text(1, 0, words["note"], looks.of(ink="quiet", font_size=9))
    row = 2
    breaks = []
    for page in pages:
        row = _write_block(book, pen, looks, page, row + 1)
        breaks.append(row)
    pen.sheet.protect()
    pen.sheet.set_landscape()
    pen.sheet.set_paper(9)
    pen.sheet.fit_to_pages(1, 0)
    pen.sheet.set_h_pagebreaks(breaks[:-1])
    pen.sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.5)
    set_footer(pen, footer_text(markbook, words["title"]))


def _write_block(
    book: Book, pen: Pen, looks: Looks, page: SheetContent, row: int
) -> int:
    words = template("markbook")["summary"]
    band = looks.of("band", "navy", bold=True, font_size=13)
    pen.fill(row, 0, _LAST, band)
    pen.text(row, 0, page.title, band)
    formula, value = page.progress(outside=True)
    pen.formula(row, _CHART_AT, formula, band, value)
    flags_at = row + 2
    last = _write_flags(pen, looks, page, flags_at)
    _chart_flags(book, pen, words, flags_at, last)
    if not page.summary_columns:
        return max(last + 2, flags_at + 13)
    grades_at = max(last + 2, flags_at + 3)
    last = _write_grades(pen, looks, page, grades_at)
    _chart_grades(book, pen, page, grades_at, last, flags_at + 10)
    return max(last + 2, flags_at + 25)


def _write_flags(pen: Pen, looks: Looks, page: SheetContent, row: int) -> int:
    words = template("markbook")["summary"]
    _headings(pen, looks, row, words["flags_columns"])
    for column, flag in enumerate((*_FLAGS, ""), start=2):
        paint = flag_paint(flag)
        look = looks.of(
            paint.fill,
            paint.ink,
            bold=True,
            font_size=10,
            align="center",
            **looks.line("locked_line"),
        )
        pen.text(row, column, words["flags_columns"][column], look)
    left, mid = _cells(looks)
    share = looks.of(
        "locked", align="center", num_format="0%", **looks.line("locked_line")
    )
    adno, flags = (
        page.column_range("adno", outside=True),
        page.column_range("flag", outside=True),
    )
    for group in (None, *page.groups):
        row += 1
        number = row + 1
        area = page.column_range(f"group:{group}", outside=True) if group else None
        pen.text(row, 0, group or words["all"], left)
        now = page.flag_counts(group)
        pen.formula(row, 1, formulas.count_pupils(adno, area), mid, now.pupils)
        for column, flag in enumerate(_FLAGS):
            counted = formulas.count_flag(flags, flag, area)
            pen.formula(row, column + 2, counted, mid, now.flags[column])
        pen.formula(row, 6, f"=B{number}-SUM(C{number}:F{number})", mid, now.none)
        pen.formula(
            row,
            7,
            f'=IF(SUM(C{number}:F{number})=0,"",(C{number}+D{number})'
            f"/SUM(C{number}:F{number}))",
            share,
            now.share,
        )
    return row


def _write_grades(pen: Pen, looks: Looks, page: SheetContent, row: int) -> int:
    words = template("markbook")["summary"]
    columns = page.summary_columns
    headings = {c.key: c.heading for c in page.sheet.columns}
    _headings(pen, looks, row, [words["grade"], *(headings[key] for key in columns)])
    left, mid = _cells(looks)
    counts = [page.grade_counts(key) for key in columns]
    for at, grade in enumerate(page.lists.choices(page.scale)[:-1]):
        row += 1
        pen.text(row, 0, grade, left)
        for column, key in enumerate(columns, start=1):
            counted = formulas.count_equal(
                page.column_range(key, outside=True), f"$A{row + 1}"
            )
            pen.formula(row, column, counted, mid, counts[column - 1][at])
    return row


def _headings(pen: Pen, looks: Looks, row: int, headings: Sequence[str]) -> None:
    line = looks.line("locked_line")
    for column, text in enumerate(headings):
        align = "center" if column else "left"
        look = looks.of("band", "navy", bold=True, font_size=10, align=align, **line)
        pen.text(row, column, text, look)


def _cells(looks: Looks) -> tuple[Format, Format]:
    line = looks.line("locked_line")
    left = looks.of(
        "locked", bold=True, num_format="@", align="left", shrink=True, **line
    )
    return left, looks.of("locked", align="center", **line)


def _chart_flags(
    book: Book, pen: Pen, words: dict[str, str], head: int, last: int
) -> None:
    chart = book.chart({"type": "bar", "subtype": "percent_stacked"})
    sheet = quote_sheet(SUMMARY_SHEET)
    for column, flag in enumerate((*_FLAGS, ""), start=2):
        at = _LETTERS[column]
        chart.add_series(
            {
                "name": f"={sheet}!${at}${head + 1}",
                "categories": f"={sheet}!$A${head + 2}:$A${last + 1}",
                "values": f"={sheet}!${at}${head + 2}:${at}${last + 1}",
                "fill": {"color": flag_paint(flag).chart},
                "gap": 40,
            }
        )
    # Excel draws bars from the bottom up; the table's first row stands at the top.
    chart.set_y_axis({"reverse": True, "crossing": "max"})
    chart.set_x_axis({"num_format": "0%", "major_gridlines": _faint()})
    _finish(pen, chart, words["chart_flags"], words["chart_flags_alt"], head, 9)


def _chart_grades(
    book: Book, pen: Pen, page: SheetContent, head: int, last: int, at_row: int
) -> None:
    words = template("markbook")["summary"]
    colours = template("theme")["charts"]
    chart = book.chart({"type": "column"})
    sheet = quote_sheet(SUMMARY_SHEET)
    grades_last = head + len(page.scale.grades) + 1
    for column, key in enumerate(page.summary_columns, start=1):
        if key == "working_at":
            continue
        at = _LETTERS[column]
        chart.add_series(
            {
                "name": f"={sheet}!${at}${head + 1}",
                "categories": f"={sheet}!$A${head + 2}:$A${grades_last}",
                "values": f"={sheet}!${at}${head + 2}:${at}${grades_last}",
                "fill": {"color": colours[key]},
                "gap": 60,
                "overlap": -5,
            }
        )
    chart.set_y_axis({"min": 0, "major_gridlines": _faint(), "num_format": "0"})
    _finish(pen, chart, words["chart_grades"], words["chart_grades_alt"], at_row, 14)


def _faint() -> dict[str, Any]:
    return {"visible": True, "line": {"color": colour("grid")}}


def _finish(
    pen: Pen, chart: Chart, title: str, description: str, row: int, rows: int
) -> None:
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 560, "height": rows * 20})
    pen.sheet.insert_chart(row, _CHART_AT, chart, {"description": description})
