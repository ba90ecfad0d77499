"""The sheet `Summary`: counts of flags and grades, calculated by the sheet itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format

from generator.markbook import formulas
from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import Markbook
from generator.markbook.sheet_content import SheetContent, footer_text
from generator.markbook.sheet_header import set_up_pages, write_band, write_title
from generator.xlsx.theme import FLAG_KEYS, CellFormats, colour, flag_style, template
from generator.xlsx.writer import SheetWriter, WorkbookWriter

SUMMARY_SHEET = "Summary"
_WIDTHS = (16, *[10.5] * 7, 3, *[10] * 8)
_CHART_COLUMN = 9  # first column of the charts
_LAST = len(_WIDTHS) - 1
_FLAGS = tuple(FLAG_KEYS)
_LETTERS = "ABCDEFGH"


def write_summary(
    book: WorkbookWriter, markbook: Markbook, contents: Sequence[SheetContent]
) -> None:
    """Write the sheet `Summary`: a block of counts and two charts for each class."""
    writer = book.add_sheet(SUMMARY_SHEET)
    writer.sheet.hide_gridlines(2)
    words = template("markbook")["summary"]
    for column, width in enumerate(_WIDTHS):
        writer.column_width(column, width)
    write_title(writer, words["title"], words["note"], _LAST)
    row = 2
    breaks = []
    for content in contents:
        row = _write_block(book, writer, content, row + 1)
        breaks.append(row)
    writer.sheet.protect()
    footer = footer_text(markbook, words["title"])
    set_up_pages(writer, footer, breaks[:-1], landscape=True)


def _write_block(
    book: WorkbookWriter, writer: SheetWriter, content: SheetContent, row: int
) -> int:
    formats = writer.formats
    band = formats.cell("band", "navy", bold=True, font_size=13)
    write_band(writer, row, _LAST, content.title, band)
    formula, value = content.progress(outside=True)
    writer.formula(row, _CHART_COLUMN, formula, band, value)
    flags_row = row + 2
    last = _write_flags(writer, content, flags_row)
    _chart_flags(book, writer, flags_row, last)
    if not content.summary_columns:
        return max(last + 2, flags_row + 13)
    grades_row = max(last + 2, flags_row + 3)
    last = _write_grades(writer, content, grades_row)
    _chart_grades(book, writer, content, grades_row, flags_row + 10)
    return max(last + 2, flags_row + 25)


def _write_flags(writer: SheetWriter, content: SheetContent, row: int) -> int:
    formats = writer.formats
    words = template("markbook")["summary"]
    _headings(writer, row, words["flags_columns"])
    border = formats.border("locked_line")
    for column, flag in enumerate((*_FLAGS, ""), start=2):
        colours = flag_style(flag)
        style = formats.cell(
            colours.fill, colours.ink, bold=True, font_size=10, align="center", **border
        )
        writer.text(row, column, words["flags_columns"][column], style)
    label, count = _cell_styles(formats)
    share = formats.cell("locked", align="center", num_format="0%", **border)
    adno = content.column_range("adno", outside=True)
    flags = content.column_range("flag", outside=True)
    for group in (None, *content.groups):
        row += 1
        number = row + 1
        members = (
            content.column_range(f"group:{group}", outside=True) if group else None
        )
        counts = content.flag_counts(group)
        writer.text(row, 0, group or words["all"], label)
        formula = formulas.count_pupils(adno, members)
        writer.formula(row, 1, formula, count, counts.pupils)
        for index, flag in enumerate(_FLAGS):
            formula = formulas.count_flag(flags, flag, members)
            writer.formula(row, index + 2, formula, count, counts.flags[index])
        total = f"SUM(C{number}:F{number})"
        writer.formula(row, 6, f"=B{number}-{total}", count, counts.none)
        formula = f'=IF({total}=0,"",(C{number}+D{number})/{total})'
        writer.formula(row, 7, formula, share, counts.share)
    return row


def _write_grades(writer: SheetWriter, content: SheetContent, row: int) -> int:
    formats = writer.formats
    words = template("markbook")["summary"]
    columns = content.summary_columns
    headings = {c.key: c.heading for c in content.sheet.columns}
    _headings(writer, row, [words["grade"], *(headings[key] for key in columns)])
    label, count = _cell_styles(formats)
    counts = [content.grade_counts(key) for key in columns]
    for index, grade in enumerate(content.lists.choices(content.scale)[:-1]):
        row += 1
        writer.text(row, 0, grade, label)
        for column, key in enumerate(columns, start=1):
            grades = content.column_range(key, outside=True)
            formula = formulas.count_equal(grades, f"$A{row + 1}")
            writer.formula(row, column, formula, count, counts[column - 1][index])
    return row


def _headings(writer: SheetWriter, row: int, headings: Sequence[str]) -> None:
    formats = writer.formats
    line = formats.border("locked_line")
    for column, text in enumerate(headings):
        align = "center" if column else "left"
        style = formats.cell(
            "band", "navy", bold=True, font_size=10, align=align, **line
        )
        writer.text(row, column, text, style)


def _cell_styles(formats: CellFormats) -> tuple[Format, Format]:
    line = formats.border("locked_line")
    label = formats.cell(
        "locked", bold=True, num_format="@", align="left", shrink=True, **line
    )
    return label, formats.cell("locked", align="center", **line)


def _chart_flags(
    book: WorkbookWriter, writer: SheetWriter, heading_row: int, last: int
) -> None:
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for column, flag in enumerate((*_FLAGS, ""), start=2):
        series = _series(column, heading_row, last)
        fill = {"color": flag_style(flag).chart}
        chart.add_series({**series, "fill": fill, "gap": 40})
    # Excel draws bars from the bottom up; reversed, they follow the table.
    chart.set_y_axis({"reverse": True, "crossing": "max"})
    chart.set_x_axis({"num_format": "0%", "major_gridlines": _gridlines()})
    _insert_chart(writer, chart, "chart_flags", heading_row, 9)


def _chart_grades(
    book: WorkbookWriter,
    writer: SheetWriter,
    content: SheetContent,
    heading_row: int,
    chart_row: int,
) -> None:
    colours = template("theme")["charts"]
    chart = book.add_chart({"type": "column"})
    last = heading_row + len(content.scale.grades)
    for column, key in enumerate(content.summary_columns, start=1):
        if key != "working_at":
            series = _series(column, heading_row, last)
            fill = {"color": colours[key]}
            chart.add_series({**series, "fill": fill, "gap": 60, "overlap": -5})
    chart.set_y_axis({"min": 0, "major_gridlines": _gridlines(), "num_format": "0"})
    _insert_chart(writer, chart, "chart_grades", chart_row, 14)


def _series(column: int, heading_row: int, last: int) -> dict[str, str]:
    # The references of a chart's series; rows are zero-based.
    sheet, letter = quote_sheet(SUMMARY_SHEET), _LETTERS[column]
    rows = (heading_row + 2, last + 1)
    return {
        "name": f"={sheet}!${letter}${heading_row + 1}",
        "categories": f"={sheet}!$A${rows[0]}:$A${rows[1]}",
        "values": f"={sheet}!${letter}${rows[0]}:${letter}${rows[1]}",
    }


def _gridlines() -> dict[str, Any]:
    return {"visible": True, "line": {"color": colour("grid")}}


def _insert_chart(
    writer: SheetWriter, chart: Chart, name: str, row: int, rows: int
) -> None:
    words = template("markbook")["summary"]
    title = {"name": words[name], "name_font": {"size": 11, "bold": True}}
    chart.set_title(title)
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 560, "height": rows * 20})
    options = {"description": words[f"{name}_alt"]}
    writer.sheet.insert_chart(row, _CHART_COLUMN, chart, options)
