"""Colours, fonts, widths and wording of a markbook, read from `workbook_templates`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # worker processes use the colours and have no site packages
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

# The flags as a worksheet shows them, best first, and their keys in the theme.
FLAG_KEYS: Mapping[str, str] = {
    "Above": "above",
    "On": "on",
    "Below": "below",
    "Well below": "well_below",
}


@cache
def template(name: str) -> Mapping[str, Any]:
    """Read a TOML file of `workbook_templates`, for example `theme`."""
    text = files("workbook_templates").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def colour(name: str) -> str:
    """A colour of the theme, by its name.

    >>> colour("navy")
    '#1F3864'
    """
    value: str = template("theme")["colours"][name]
    return value


@dataclass(frozen=True, slots=True)
class FlagStyle:
    """The colours and the symbol of a flag or of a cell's state."""

    word: str
    symbol: str
    fill: str
    ink: str
    chart: str

    @property
    def number_format(self) -> str:
        """A number format that shows the symbol before the word, in the cell only."""
        return f'"{self.symbol} "@'


def flag_style(flag: str) -> FlagStyle:
    """The colours and the symbol of a flag.

    Args:
        flag: `Above`, `On`, `Below`, `Well below`, or anything else for no data.

    >>> flag_style("Above").symbol, flag_style("").word
    ('▲', 'No data')
    """
    return FlagStyle(**template("theme")["flags"][FLAG_KEYS.get(flag, "no_data")])


def state_style(name: str) -> FlagStyle:
    """The colours of a cell's state: `check`, `wrong` or `done`."""
    style = template("theme")["states"][name]
    return FlagStyle(
        word=name, symbol="", fill=style["fill"], ink=style["ink"], chart=""
    )


class CellFormats:
    """The cell formats of one workbook, each added once.

    Args:
        workbook: The workbook they belong to.

    Every format sets its fill *and* its text colour: a program in dark mode inverts
    whatever is not set.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}

    def cell(self, fill: str = "paper", ink: str = "ink", **properties: Any) -> Format:
        """A format with a fill and a text colour of the theme.

        Args:
            fill: The fill: a colour's name, or `#rrggbb`.
            ink: The text colour, likewise.
            properties: Further XlsxWriter properties (`bold`, `align`, `locked` …).
        """
        font = template("theme")["font"]
        return self._add(
            {
                "font_name": font["name"],
                "font_size": font["size"],
                "font_color": _hex(ink),
                "bg_color": _hex(fill),
                "valign": "vcenter",
                **properties,
            }
        )

    def conditional(self, fill: str, ink: str, **properties: Any) -> Format:
        """A conditional format: it changes the fill and the text colour only."""
        return self._add(
            {"bg_color": _hex(fill), "font_color": _hex(ink), **properties}
        )

    def border(self, colour_name: str) -> dict[str, Any]:
        """A thin border round a cell, as format properties."""
        return {"border": 1, "border_color": colour(colour_name)}

    def _add(self, properties: dict[str, Any]) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._workbook.add_format(properties)
        return self._formats[key]


def _hex(name: str) -> str:
    return name if name.startswith("#") else colour(name)
