"""Colours, fonts, widths and wording of a markbook, read from `workbook_templates`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a process that reads files uses the colours and has no such thing
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

# The flags as the worksheet says them, best first, and their keys in the theme.
FLAG_KEYS: Mapping[str, str] = {
    "Above": "above",
    "On": "on",
    "Below": "below",
    "Well below": "well_below",
}


@cache
def template(name: str) -> Mapping[str, Any]:
    """One of the TOML files that say what a workbook is, for example `theme`."""
    text = files("workbook_templates").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def colour(name: str) -> str:
    """A colour of the theme by its name, for example `navy`.

    >>> colour("navy")
    '#1F3864'
    """
    found: str = template("theme")["colours"][name]
    return found


@dataclass(frozen=True, slots=True)
class Paint:
    """A flag's or a state's colours and symbol."""

    word: str
    symbol: str
    fill: str
    ink: str
    chart: str

    @property
    def number_format(self) -> str:
        """A number format that sets the symbol before the word, in the cell only."""
        return f'"{self.symbol} "@'


def flag_paint(flag: str) -> Paint:
    """How a flag looks.

    Args:
        flag: `Above`, `On`, `Below`, `Well below`, or anything else for no data.

    >>> flag_paint("Above").symbol, flag_paint("").word
    ('▲', 'No data')
    """
    return Paint(**template("theme")["flags"][FLAG_KEYS.get(flag, "no_data")])


def state(name: str) -> Paint:
    """How a cell's state looks: `check`, `wrong` or `done`."""
    found = template("theme")["states"][name]
    return Paint(word=name, symbol="", fill=found["fill"], ink=found["ink"], chart="")


class Looks:
    """The cell formats of one workbook, each made once.

    Args:
        workbook: The workbook they belong to.

    Every format names its fill *and* its text's colour: a programme in dark mode
    turns what is left to chance.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def of(self, fill: str = "paper", ink: str = "ink", **more: Any) -> Format:
        """A format with a fill and a text colour of the theme.

        Args:
            fill: The fill: a colour's name, or `#rrggbb`.
            ink: The text's colour, likewise.
            more: Further XlsxWriter properties (`bold`, `align`, `locked` …).
        """
        font = template("theme")["font"]
        return self._make(
            {
                "font_name": font["name"],
                "font_size": font["size"],
                "font_color": _hex(ink),
                "bg_color": _hex(fill),
                "valign": "vcenter",
                **more,
            }
        )

    def change(self, fill: str, ink: str, **more: Any) -> Format:
        """What a conditional format changes: fill and text colour, and no more."""
        return self._make({"bg_color": _hex(fill), "font_color": _hex(ink), **more})

    def line(self, colour_name: str) -> dict[str, Any]:
        """A thin line round a cell, as format properties."""
        return {"border": 1, "border_color": colour(colour_name)}

    def _make(self, properties: dict[str, Any]) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]


def _hex(name: str) -> str:
    return name if name.startswith("#") else colour(name)
