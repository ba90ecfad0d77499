"""The classes as a funnel plot, with the numbers beside it."""

from __future__ import annotations

from itertools import zip_longest

import pandas as pd

from generator.markbook.pen import put
from generator.markbook.theme import colour, template
from generator.packs.columns import Placed, columns
from generator.packs.phrases import words
from generator.packs.sheets import Page

TABLE = ("class", "subject", "teacher", "residual_n", "residual", "note")
LINES = ("limit_n", "inner_low", "inner_high", "outer_low", "outer_high")
CHART_WIDTH = 80.0  # characters
WIDTH, HEIGHT = 7 * CHART_WIDTH, 420  # pixels


def funnel_grid() -> list[float]:
    """The page's columns: the table's, a little air, and room for the chart."""
    table = [column.width for column in columns(TABLE)]
    lines = [column.width for column in columns(LINES)]
    wide = [max(a, b) for a, b in zip_longest(table, lines, fillvalue=0.0)]
    return [*wide, 2.0, CHART_WIDTH]


def funnel_page(page: Page, classes: pd.DataFrame, lines: pd.DataFrame) -> None:
    """Write the chart, the lines it is drawn with, and the classes.

    Args:
        page: An empty page of `funnel_grid`, its band written.
        classes: From `patterns`, of classes.
        lines: From `limits`.
    """
    page.say(words("notes", "funnel"), ink="quiet")
    drawn = page.table(lines, columns(LINES))
    page.gap()
    there = classes.loc[classes["residual_n"] > 0].reset_index(drop=True)
    placed = page.table(
        there,
        columns(TABLE),
        quiet=there["residual_n"].lt(11),
        painted={"note": there["side"].tolist()},
    )
    _chart(page, drawn, placed)


def _chart(page: Page, drawn: Placed, placed: Placed) -> None:
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
    for key in LINES[1:]:
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
    chart.set_size({"width": WIDTH, "height": HEIGHT})
    put(
        page.pen.sheet.insert_chart,
        drawn.heading_row,
        len(funnel_grid()) - 1,
        chart,
        {"object_position": 2, "x_offset": 4,
         "description": words("charts", "described", title=title)},
    )  # fmt: skip
