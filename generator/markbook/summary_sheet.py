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
    book: Book, formats: Looks, markbook: Markbook, pages: Sequence[SheetContent]
) -> None:
    """Write the sheet `Summary`: a block of counts and two charts for each class."""
    writer = book.sheet(SUMMARY_SHEET)
    writer.sheet.hide_gridlines(2)
    words = template("markbook")["summary"]
    for column, width in enumerate(_WIDTHS):
        writer.width(column, width)
    title = formats.of("navy", "navy_ink", bold=True, font_size=16)
    writer.fill(0, 0, _LAST, title)
    writer.text(0, 0, words["title"], title)
    writer.height(0, 25)
    writer.text(1, 0, words["note"], formats.of(ink="quiet", font_size=9))
    row = 2
    breaks = []
    for page in pages:
        row = _write_block(book, writer, formats, page, row + 1)
        breaks.append(row)
    writer.sheet.protect()
    writer.sheet.set_landscape()
    writer.sheet.set_paper(9)
    writer.sheet.fit_to_pages(1, 0)
    writer.sheet.set_h_pagebreaks(breaks[:-1])
    writer.sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.5)
    set_footer(writer, footer_text(markbook, words["title"]))


def _write_block(
    book: Book, writer: Pen, formats: Looks, page: SheetContent, row: int
) -> int:
    words = template("markbook")["summary"]
    band = formats.of("band", "navy", bold=True, font_size=13)
    writer.fill(row, 0, _LAST, band)
    writer.text(row, 0, page.title, band)
    formula, value = page.progress(outside=True)
    writer.formula(row, _CHART_AT, formula, band, value)
    flags_at = row + 2
    last = _write_flags(writer, formats, page, flags_at)
    _chart_flags(book, writer, words, flags_at, last)
    if not page.summary_columns:
        return max(last + 2, flags_at + 13)
    grades_at = max(last + 2, flags_at + 3)
    last = _write_grades(writer, formats, page, grades_at)
    _chart_grades(book, writer, page, grades_at, last, flags_at + 10)
    return max(last + 2, flags_at + 25)


def _write_flags(writer: Pen, formats: Looks, page: SheetContent, row: int) -> int:
    words = template("markbook")["summary"]
    _headings(writer, formats, row, words["flags_columns"])
    for column, flag in enumerate((*_FLAGS, ""), start=2):
        paint = flag_paint(flag)
        style = formats.of(
            paint.fill,
            paint.ink,
            bold=True,
            font_size=10,
            align="center",
            **formats.line("locked_line"),
        )
        writer.text(row, column, words["flags_columns"][column], style)
    left, mid = _cells(formats)
    share = formats.of(
        "locked", align="center", num_format="0%", **formats.line("locked_line")
    )
    adno, flags = (
        page.column_range("adno", outside=True),
        page.column_range("flag", outside=True),
    )
    for group in (None, *page.groups):
        row += 1
        number = row + 1
        area = page.column_range(f"group:{group}", outside=True) if group else None
        writer.text(row, 0, group or words["all"], left)
        now = page.flag_counts(group)
        writer.formula(row, 1, formulas.count_pupils(adno, area), mid, now.pupils)
        for column, flag in enumerate(_FLAGS):
            counted = formulas.count_flag(flags, flag, area)
            writer.formula(row, column + 2, counted, mid, now.flags[column])
        writer.formula(row, 6, f"=B{number}-SUM(C{number}:F{number})", mid, now.none)
        writer.formula(
            row,
            7,
            f'=IF(SUM(C{number}:F{number})=0,"",(C{number}+D{number})'
            f"/SUM(C{number}:F{number}))",
            share,
            now.share,
        )
    return row


def _write_grades(writer: Pen, formats: Looks, page: SheetContent, row: int) -> int:
    words = template("markbook")["summary"]
    columns = page.summary_columns
    headings = {c.key: c.heading for c in page.sheet.columns}
    _headings(writer, formats, row, [words["grade"], *(headings[key] for key in columns)])
    left, mid = _cells(formats)
    counts = [page.grade_counts(key) for key in columns]
    for at, grade in enumerate(page.lists.choices(page.scale)[:-1]):
        row += 1
        writer.text(row, 0, grade, left)
        for column, key in enumerate(columns, start=1):
            counted = formulas.count_equal(
                page.column_range(key, outside=True), f"$A{row + 1}"
            )
            writer.formula(row, column, counted, mid, counts[column - 1][at])
    return row


def _headings(writer: Pen, formats: Looks, row: int, headings: Sequence[str]) -> None:
    line = formats.line("locked_line")
    for column, text in enumerate(headings):
        align = "center" if column else "left"
        style = formats.of("band", "navy", bold=True, font_size=10, align=align, **line)
        writer.text(row, column, text, style)


def _cells(formats: Looks) -> tuple[Format, Format]:
    line = formats.line("locked_line")
    left = formats.of(
        "locked", bold=True, num_format="@", align="left", shrink=True, **line
    )
    return left, formats.of("locked", align="center", **line)


def _chart_flags(
    book: Book, writer: Pen, words: dict[str, str], head: int, last: int
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
    _finish(writer, chart, words["chart_flags"], words["chart_flags_alt"], head, 9)


def _chart_grades(
    book: Book, writer: Pen, page: SheetContent, head: int, last: int, at_row: int
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
    _finish(writer, chart, words["chart_grades"], words["chart_grades_alt"], at_row, 14)


def _faint() -> dict[str, Any]:
    return {"visible": True, "line": {"color": colour("grid")}}


def _finish(
    writer: Pen, chart: Chart, title: str, description: str, row: int, rows: int
) -> None:
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 560, "height": rows * 20})
    writer.sheet.insert_chart(row, _CHART_AT, chart, {"description": description})
