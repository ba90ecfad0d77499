"""Charts of a pack, each drawn from a table that stands beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest

import numpy as np
import pandas as pd
from xlsxwriter.chart import Chart
from xlsxwriter.utility import quote_sheetname, xl_range_abs

from generator.packs.facts.class_summary import SideBySide
from generator.packs.layout.columns import Placed, columns
from generator.packs.layout.workbook import LINE, Page
from generator.packs.pages.class_tables import labels
from generator.packs.wording import words, year_name
from generator.xlsx.theme import colour, flag_paint, template
from generator.xlsx.writer import put

ROW = LINE + 3  # points: the height of a line of a table
LEAST_ROWS = 7  # a chart needs so much height, however few the classes
TABLE_FLAGS = (
    "class", "with_data", "share_above", "share_on", "share_below", "share_well_below",
)  # fmt: skip
TABLE_GAPS = ("class", "gap_n", "gap", "gap_low", "gap_high", "reach")
TOGETHER = 17  # classes of two charts that fit on one sheet of paper
CHART_WIDTH = 66.0  # characters of the grid that a chart takes
WIDTH_PIXELS = 7 * CHART_WIDTH
PIXELS = 96 / 72  # of a point


def charts_page(page: Page, sums: SideBySide) -> None:
    """Each year group's classes as two charts with the numbers beside them."""
    breaks = []
    widest = _widest(sums.classes)
    for number, (year, classes) in enumerate(sums.classes.groupby("year", sort=True)):
        if number:
            breaks.append(page.row)
        shown = classes.assign(**{"class": labels(classes)})
        name = year_name(year)
        page.heading(name)
        there = shown.loc[shown["with_data"] > 0]
        if there.empty:
            page.say(words("phrases", "no_flags"))
            continue
        page.say(words("notes", "charts_flags"), ink="quiet")
        placed = _table(page, there, TABLE_FLAGS)
        _stacked(page, placed, title=words("charts", "flags", year=name))
        with_gap = shown.loc[shown["gap_n"] > 0]
        if not with_gap.empty:
            if len(there) + len(with_gap) > TOGETHER:
                breaks.append(page.row)
            page.say(words("notes", "charts_gap"), ink="quiet")
            placed = _table(page, with_gap, TABLE_GAPS)
            title = words("charts", "gap", year=name)
            _intervals(page, placed, with_gap, title, widest)
    if breaks:
        put(page.pen.sheet.set_h_pagebreaks, breaks)


def intervals(
    page: Page, rows: pd.DataFrame, *, title: str, headings: Mapping[str, str]
) -> None:
    """One chart of means with their intervals, the numbers beside it.

    Args:
        page: A page of `chart_grid`.
        rows: `class` (what is compared), `gap_n`, `gap`, `gap_low`, `gap_high`,
            `reach`, `few`, and `side`, the flag whose colour a bar takes.
        title: The chart's title.
        headings: Other headings of the table's columns.
    """
    placed = _table(page, rows, TABLE_GAPS, **headings)
    _intervals(page, placed, rows, title, _widest(rows))


def chart_grid() -> list[float]:
    """The page's columns: the table's, a little air, and room for a chart."""
    widths = [column.width for column in columns(TABLE_FLAGS)]
    gaps = [column.width for column in columns(TABLE_GAPS)]
    table = [max(pair) for pair in zip(widths, gaps, strict=True)]
    return [14.0, *table[1:], 2.0, CHART_WIDTH]


def _widest(classes: pd.DataFrame) -> float:
    """How far the axis of every gap chart reaches, so that years can be compared.

    It holds every mean and, but for those of a few pupils, every interval.
    """
    means = classes["gap"].abs().max()
    ends = classes.loc[~classes["few"], ["gap_low", "gap_high"]].abs().max().max()
    reach = np.nanmax([means, ends, 0.5])
    return float(math.ceil(reach * 2) / 2)


def _table(
    page: Page, rows: pd.DataFrame, keys: tuple[str, ...], **headings: str
) -> Placed:
    shown = [
        replace(one, heading=headings.get(one.key, one.heading))
        for one in columns(keys)
    ]
    quiet = rows["few"].astype(bool)
    placed = page.table(rows, shown, quiet=quiet)
    for _ in range(LEAST_ROWS - len(rows)):
        page.gap(ROW)
    page.gap()
    return placed


def _height(placed: Placed) -> float:
    rows = max(placed.last_row - placed.first_row + 1, LEAST_ROWS)
    return (rows * ROW + 2.5 * LINE) * PIXELS


def _stacked(page: Page, placed: Placed, title: str) -> None:
    chart = page.pack.book.chart({"type": "bar", "subtype": "percent_stacked"})
    for flag in ("Above", "On", "Below", "Well below"):
        key = "share_" + flag.lower().replace(" ", "_")
        paint = flag_paint(flag)
        chart.add_series(
            {
                "name": placed.heading(key),
                "categories": placed.cells("class"),
                "values": placed.cells(key),
                "fill": {"color": paint.chart},
                "border": {"color": colour("paper"), "width": 0.75},
                "gap": 40,
            }
        )
    chart.set_x_axis(_values("0%"))
    _finish(page, chart, placed, title, legend=True)


def _intervals(
    page: Page, placed: Placed, rows: pd.DataFrame, title: str, widest: float
) -> None:
    chart = page.pack.book.chart({"type": "bar"})
    plain = template("theme")["charts"]["target"]
    points = [
        {"fill": {"color": flag_paint(side).chart if side else plain}}
        for side in rows["side"].fillna("")
    ]
    sheet, *corners = placed.cells("reach")
    cells = f"={quote_sheetname(sheet)}!{xl_range_abs(*corners)}"
    chart.add_series(
        {
            "name": placed.heading("gap"),
            "categories": placed.cells("class"),
            "values": placed.cells("gap"),
            "points": points,
            "gap": 60,
            "y_error_bars": {
                "type": "custom",
                "plus_values": cells,
                "minus_values": cells,
                "line": {"color": colour("ink"), "width": 1.25},
            },
        }
    )
    ends = {"min": -widest, "max": widest, "major_unit": 0.5}
    chart.set_x_axis({**_values("+0.0;-0.0;0.0"), **ends})
    _finish(page, chart, placed, title, legend=False)


def _values(shown_as: str) -> dict[str, object]:
    return {
        "num_format": shown_as,
        "num_font": {"color": colour("ink"), "size": 9},
        "major_gridlines": {"visible": True, "line": {"color": colour("grid")}},
        "line": {"color": colour("grid")},
    }


def _finish(
    page: Page, chart: Chart, placed: Placed, title: str, *, legend: bool
) -> None:
    """Everything the charts have alike; then put it beside its table."""
    ink, grid = colour("ink"), colour("grid")
    chart.set_title(
        {
            "name": title,
            "overlay": False,
            "name_font": {"color": colour("navy"), "size": 11, "bold": True},
        }
    )
    chart.set_y_axis(
        {
            "reverse": True,  # the first class of the table on top
            "crossing": "max",
            "label_position": "low",
            "num_font": {"color": ink, "size": 9},
            "major_gridlines": {"visible": False},
            "line": {"color": grid},
        }
    )
    chart.set_legend({"position": "bottom"} if legend else {"none": True})
    chart.set_chartarea({"border": {"color": grid}, "fill": {"color": "#FFFFFF"}})
    chart.set_plotarea({"fill": {"color": "#FFFFFF"}})
    chart.set_size({"width": WIDTH_PIXELS, "height": _height(placed)})
    put(
        page.pen.sheet.insert_chart,
        placed.heading_row,
        len(placed.columns) + 1,
        chart,
        {
            "object_position": 2,
            "x_offset": 4,
            "description": words("charts", "described", title=title),
        },
    )


FUNNEL_COLUMNS = ("class", "subject", "teacher", "residual_n", "residual", "note")
LIMIT_COLUMNS = ("limit_n", "inner_low", "inner_high", "outer_low", "outer_high")
FUNNEL_CHART_WIDTH = 80.0  # characters
FUNNEL_WIDTH, FUNNEL_HEIGHT = 7 * FUNNEL_CHART_WIDTH, 420  # pixels


def funnel_grid() -> list[float]:
    """The page's columns: the table's, a little air, and room for the chart."""
    table = [column.width for column in columns(FUNNEL_COLUMNS)]
    lines = [column.width for column in columns(LIMIT_COLUMNS)]
    wide = [max(a, b) for a, b in zip_longest(table, lines, fillvalue=0.0)]
    return [*wide, 2.0, FUNNEL_CHART_WIDTH]


def funnel_page(page: Page, classes: pd.DataFrame, lines: pd.DataFrame) -> None:
    """Write the chart, the lines it is drawn with, and the classes.

    Args:
        page: An empty page of `funnel_grid`, its band written.
        classes: From `patterns`, of classes.
        lines: From `limits`.
    """
    page.say(words("notes", "funnel"), ink="quiet")
    drawn = page.table(lines, columns(LIMIT_COLUMNS))
    page.gap()
    there = classes.loc[classes["residual_n"] > 0].reset_index(drop=True)
    placed = page.table(
        there,
        columns(FUNNEL_COLUMNS),
        quiet=there["residual_n"].lt(11),
        painted={"note": there["side"].tolist()},
    )
    _insert_funnel(page, drawn, placed)


def _insert_funnel(page: Page, drawn: Placed, placed: Placed) -> None:
    chart = page.pack.book.chart({"type": "scatter", "subtype": "straight"})
    dot = template("theme")["charts"]["target"]
    chart.add_series(
        {
            "name": words("sheets", "classes"),
            "categories": placed.cells("residual_n"),
            "values": placed.cells("residual"),
            "line": {"none": True},
            "marker": {"type": "circle", "size": 5, "fill": {"color": dot},
                       "border": {"color": colour("paper")}},
        }
    )  # fmt: skip
    for key in LIMIT_COLUMNS[1:]:
        dash = "solid" if key.startswith("inner") else "dash"
        chart.add_series(
            {
                "name": drawn.heading(key),
                "categories": drawn.cells("limit_n"),
                "values": drawn.cells(key),
                "marker": {"type": "none"},
                "line": {"color": colour("ink"), "width": 1, "dash_type": dash},
            }
        )
    title = words("charts", "funnel")
    ink, grid = colour("ink"), colour("grid")
    chart.set_title(
        {"name": title, "overlay": False,
         "name_font": {"color": colour("navy"), "size": 11, "bold": True}}
    )  # fmt: skip
    plain = {
        "num_font": {"color": ink, "size": 9},
        "line": {"color": grid},
        "label_position": "low",
    }
    lines = {"visible": True, "line": {"color": grid}}
    chart.set_x_axis(
        {**plain, "name": words("charts", "funnel_n"), "min": 0,
         "num_format": "0", "major_gridlines": {"visible": False}}
    )  # fmt: skip
    chart.set_y_axis({**plain, "num_format": "+0.0;-0.0;0.0", "major_gridlines": lines})
    chart.set_legend({"position": "bottom"})
    chart.set_chartarea({"border": {"color": grid}, "fill": {"color": "#FFFFFF"}})
    chart.set_size({"width": FUNNEL_WIDTH, "height": FUNNEL_HEIGHT})
    put(
        page.pen.sheet.insert_chart,
        drawn.heading_row,
        len(funnel_grid()) - 1,
        chart,
        {"object_position": 2, "x_offset": 4,
         "description": words("charts", "described", title=title)},
    )  # fmt: skip
