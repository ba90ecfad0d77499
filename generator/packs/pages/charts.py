"""Charts of a pack, each drawn from a table that stands beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from xlsxwriter.chart import Chart
from xlsxwriter.utility import quote_sheetname, xl_range_abs

from generator.packs.facts.class_summary import ClassSummary
from generator.packs.facts.value_added import LIMIT_COLUMNS
from generator.packs.layout.columns import TablePosition, pack_columns, widest
from generator.packs.layout.table_cells import LINE_HEIGHT
from generator.packs.layout.workbook import PackPage, PackWorkbook
from generator.packs.pages.class_tables import class_labels
from generator.packs.wording import wording, year_name
from generator.xlsx.theme import colour, flag_style, template
from generator.xlsx.writer import checked_call
from udfs.statistics.inference import FEW

ROW_HEIGHT = LINE_HEIGHT + 3  # points, of a row of a table
MIN_ROWS = 7  # the least height of a chart, however few the classes
FLAG_COLUMNS = (
    "class", "with_data", "share_above", "share_on", "share_below", "share_well_below",
)  # fmt: skip
GAP_COLUMNS = ("class", "gap_n", "gap", "gap_low", "gap_high", "reach")
CLASSES_PER_PAGE = 17  # of two charts that fit on one printed page
CHART_WIDTH = 66.0  # characters
WIDTH_PIXELS = 7 * CHART_WIDTH
PIXELS_PER_POINT = 96 / 72


def class_charts(pack: PackWorkbook, title: str, summary: ClassSummary) -> None:
    """Add the page of each year group's classes: two charts, with their numbers.

    Args:
        pack: The workbook.
        title: The page's title.
        summary: The classes.
    """
    page = pack.page(wording("sheets", "charts"), chart_widths(), fitted=False)
    page.title_band(title)
    breaks = []
    reach = _axis_reach(summary.classes)
    years = summary.classes.groupby("year", sort=True)
    for number, (year, classes) in enumerate(years):
        if number:
            breaks.append(page.row)
        classes = classes.assign(**{"class": class_labels(classes)})
        name = year_name(year)
        page.heading(name)
        with_data = classes.loc[classes["with_data"] > 0]
        if with_data.empty:
            page.sentence(wording("phrases", "no_flags"))
            continue
        page.sentence(wording("notes", "charts_flags"), ink="quiet")
        table = _chart_table(page, with_data, FLAG_COLUMNS)
        _insert_stacked(page, table, wording("charts", "flags", year=name))
        with_gap = classes.loc[classes["gap_n"] > 0]
        if not with_gap.empty:
            if len(with_data) + len(with_gap) > CLASSES_PER_PAGE:
                breaks.append(page.row)
            page.sentence(wording("notes", "charts_gap"), ink="quiet")
            table = _chart_table(page, with_gap, GAP_COLUMNS)
            gap_title = wording("charts", "gap", year=name)
            _insert_intervals(page, table, with_gap, gap_title, reach)
    if breaks:
        checked_call(page.sheet.sheet.set_h_pagebreaks, breaks)


def interval_chart(
    page: PackPage, rows: pd.DataFrame, *, title: str, headings: Mapping[str, str]
) -> None:
    """Write a table of means with their intervals, and a chart of them beside it.

    Args:
        page: A page of `chart_widths`.
        rows: `class` (what is compared), `gap_n`, `gap`, `gap_low`, `gap_high`,
            `reach`, `few`, and `side`, the flag whose colour a bar takes.
        title: The chart's title.
        headings: Column key -> its heading, where it differs from packs.toml.
    """
    table = _chart_table(page, rows, GAP_COLUMNS, headings)
    _insert_intervals(page, table, rows, title, _axis_reach(rows))


def chart_widths() -> list[float]:
    """The widths of a page of charts: the tables, a space, and the chart."""
    tables = widest(pack_columns(FLAG_COLUMNS), pack_columns(GAP_COLUMNS))
    return [14.0, *tables[1:], 2.0, CHART_WIDTH]


def _axis_reach(classes: pd.DataFrame) -> float:
    """The end of the axis of every gap chart, so that years can be compared.

    It holds every mean, and every interval except those of a few pupils.
    """
    means = classes["gap"].abs().max()
    ends = classes.loc[~classes["few"], ["gap_low", "gap_high"]].abs().max().max()
    reach = np.nanmax([means, ends, 0.5])
    return float(math.ceil(reach * 2) / 2)


def _chart_table(
    page: PackPage,
    rows: pd.DataFrame,
    keys: tuple[str, ...],
    headings: Mapping[str, str] = {},
) -> TablePosition:
    """Write the table of a chart, and leave as many rows as the chart needs."""
    columns = pack_columns(keys, headings=headings)
    table = page.table(rows, columns, quiet=rows["few"].astype(bool))
    for _ in range(MIN_ROWS - len(rows)):
        page.gap(ROW_HEIGHT)
    page.gap()
    return table


def _insert_stacked(page: PackPage, table: TablePosition, title: str) -> None:
    chart = page.pack.book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for flag in ("Above", "On", "Below", "Well below"):
        key = "share_" + flag.lower().replace(" ", "_")
        style = flag_style(flag)
        chart.add_series(
            {
                "name": table.heading(key),
                "categories": table.cells("class"),
                "values": table.cells(key),
                "fill": {"color": style.chart},
                "border": {"color": colour("paper"), "width": 0.75},
                "gap": 40,
            }
        )
    chart.set_x_axis(_value_axis("0%"))
    _insert_chart(page, chart, table, title, legend=True)


def _insert_intervals(
    page: PackPage, table: TablePosition, rows: pd.DataFrame, title: str, reach: float
) -> None:
    chart = page.pack.book.add_chart({"type": "bar"})
    plain = template("theme")["charts"]["target"]
    points = [
        {"fill": {"color": flag_style(side).chart if side else plain}}
        for side in rows["side"].fillna("")
    ]
    sheet, *corners = table.cells("reach")
    cells = f"={quote_sheetname(sheet)}!{xl_range_abs(*corners)}"
    chart.add_series(
        {
            "name": table.heading("gap"),
            "categories": table.cells("class"),
            "values": table.cells("gap"),
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
    ends = {"min": -reach, "max": reach, "major_unit": 0.5}
    chart.set_x_axis({**_value_axis("+0.0;-0.0;0.0"), **ends})
    _insert_chart(page, chart, table, title, legend=False)


def _value_axis(number_format: str) -> dict[str, object]:
    return {
        "num_format": number_format,
        "num_font": {"color": colour("ink"), "size": 9},
        "major_gridlines": {"visible": True, "line": {"color": colour("grid")}},
        "line": {"color": colour("grid")},
    }


def _insert_chart(
    page: PackPage, chart: Chart, table: TablePosition, title: str, *, legend: bool
) -> None:
    """Finish a bar chart and insert it beside its table."""
    ink, grid = colour("ink"), colour("grid")
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
    chart.set_plotarea({"fill": {"color": "#FFFFFF"}})
    rows = max(table.last_row - table.first_row + 1, MIN_ROWS)
    height = (rows * ROW_HEIGHT + 2.5 * LINE_HEIGHT) * PIXELS_PER_POINT
    place = (table.heading_row, len(table.columns) + 1)
    _place_chart(page, chart, place, title, (WIDTH_PIXELS, height))


def _place_chart(
    page: PackPage,
    chart: Chart,
    place: tuple[int, int],
    title: str,
    size: tuple[float, float],
) -> None:
    """Insert a chart with its title into a page.

    Args:
        page: The page.
        chart: The chart.
        place: The row and the column of its corner, zero-based.
        title: The chart's title.
        size: Its width and height in pixels.
    """
    font = {"color": colour("navy"), "size": 11, "bold": True}
    chart.set_title({"name": title, "overlay": False, "name_font": font})
    border = {"color": colour("grid")}
    chart.set_chartarea({"border": border, "fill": {"color": "#FFFFFF"}})
    width, height = size
    chart.set_size({"width": width, "height": height})
    options = {
        "object_position": 2,
        "x_offset": 4,
        "description": wording("charts", "described", title=title),
    }
    checked_call(page.sheet.sheet.insert_chart, *place, chart, options)


FUNNEL_COLUMNS = ("class", "subject", "teacher", "residual_n", "residual", "note")
FUNNEL_CHART_WIDTH = 80.0  # characters
FUNNEL_WIDTH, FUNNEL_HEIGHT = 7 * FUNNEL_CHART_WIDTH, 420  # pixels


def funnel_widths() -> list[float]:
    """The widths of the funnel's page: the tables, a space, and the chart."""
    tables = widest(pack_columns(FUNNEL_COLUMNS), pack_columns(LIMIT_COLUMNS))
    return [*tables, 2.0, FUNNEL_CHART_WIDTH]


def funnel_chart(page: PackPage, classes: pd.DataFrame, limits: pd.DataFrame) -> None:
    """Write the limits of the funnel, the classes, and the chart of both.

    Args:
        page: A page of `funnel_widths` with its title.
        classes: From `value_added`, by class.
        limits: From `funnel_limits`.
    """
    page.sentence(wording("notes", "funnel"), ink="quiet")
    limit_table = page.table(limits, pack_columns(LIMIT_COLUMNS))
    page.gap()
    measured = classes.loc[classes["residual_n"] > 0].reset_index(drop=True)
    class_table = page.table(
        measured,
        pack_columns(FUNNEL_COLUMNS),
        quiet=measured["residual_n"].lt(FEW),
        painted={"note": measured["side"].tolist()},
    )
    _insert_funnel(page, limit_table, class_table)


def _insert_funnel(
    page: PackPage, limit_table: TablePosition, class_table: TablePosition
) -> None:
    chart = page.pack.book.add_chart({"type": "scatter", "subtype": "straight"})
    dot = template("theme")["charts"]["target"]
    chart.add_series(
        {
            "name": wording("sheets", "classes"),
            "categories": class_table.cells("residual_n"),
            "values": class_table.cells("residual"),
            "line": {"none": True},
            "marker": {"type": "circle", "size": 5, "fill": {"color": dot},
                       "border": {"color": colour("paper")}},
        }
    )  # fmt: skip
    for key in LIMIT_COLUMNS[1:]:
        dash = "solid" if key.startswith("inner") else "dash"
        chart.add_series(
            {
                "name": limit_table.heading(key),
                "categories": limit_table.cells("limit_n"),
                "values": limit_table.cells(key),
                "marker": {"type": "none"},
                "line": {"color": colour("ink"), "width": 1, "dash_type": dash},
            }
        )
    ink, grid = colour("ink"), colour("grid")
    axis = {
        "num_font": {"color": ink, "size": 9},
        "line": {"color": grid},
        "label_position": "low",
    }
    lines = {"visible": True, "line": {"color": grid}}
    chart.set_x_axis(
        {**axis, "name": wording("charts", "funnel_n"), "min": 0,
         "num_format": "0", "major_gridlines": {"visible": False}}
    )  # fmt: skip
    chart.set_y_axis({**axis, "num_format": "+0.0;-0.0;0.0", "major_gridlines": lines})
    chart.set_legend({"position": "bottom"})
    place = (limit_table.heading_row, len(funnel_widths()) - 1)
    title = wording("charts", "funnel")
    _place_chart(page, chart, place, title, (FUNNEL_WIDTH, FUNNEL_HEIGHT))
