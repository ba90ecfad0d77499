"""Write the cells of a table: headings, values, and the format of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from xlsxwriter.format import Format

from generator.packs.layout.columns import (
    NUMBER_FORMATS,
    ZERO_LIMIT,
    ColumnKind,
    PackColumn,
    cell_text,
    is_present,
    line_count,
)
from generator.xlsx.theme import CellFormats, colour, flag_style, template
from generator.xlsx.writer import SheetWriter, checked_call, writable_text

LINE_HEIGHT = 15.0  # points, of a line of text
ROTATED_LETTER_HEIGHT = 5.6  # points, of a letter of a heading that reads upwards
FEW_PUPILS = "few"  # in `painted`, of a column of measures: grey, too few to conclude


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How a cell differs from a plain one.

    Args:
        flag: The flag or the state of the theme whose colours it takes; or empty.
        grey: Whether it is grey: too few pupils to conclude.
        bold: Whether it is bold: a total.
        lined: Whether it has a line above it.
        zero: Whether its number rounds to 0, and so has no sign.
    """

    flag: str = ""
    grey: bool = False
    bold: bool = False
    lined: bool = False
    zero: bool = False


@dataclass(frozen=True, slots=True)
class RowStyles:
    """For each row of a table, whether it is grey, bold, and has a line above it."""

    grey: Sequence[bool]
    bold: Sequence[bool]
    lined: Sequence[bool]

    @classmethod
    def of_table(
        cls,
        rows: pd.DataFrame,
        quiet: pd.Series[bool] | None,
        strong: pd.Series[bool] | None,
        parted: str,
    ) -> RowStyles:
        """The styles of a table's rows; see `PackPage.table`."""
        none = [False] * len(rows)
        lined = none
        if parted:  # the first row has none above it to differ from
            lined = [False, *rows[parted].ne(rows[parted].shift()).tolist()[1:]]
        return cls(
            grey=none if quiet is None else [bool(few) for few in quiet],
            bold=none if strong is None else [bool(total) for total in strong],
            lined=lined,
        )


class TableCells:
    """The cells of one sheet's tables."""

    def __init__(self, sheet: SheetWriter, formats: CellFormats) -> None:
        self.sheet, self.formats = sheet, formats

    def write_headings(self, row: int, columns: Sequence[PackColumn]) -> float:
        """Write the headings of a table; the height that their row needs, in points."""
        lines = 1
        for at, column in enumerate(columns):
            fill, ink = "band", "navy"
            if column.paint:
                fill, ink = (paint := flag_style(column.paint)).fill, paint.ink
            if column.entry:
                fill = "input_heading"
            cell_format = self.formats.cell(
                fill, ink, bold=True, text_wrap=not column.rotated,
                align="left" if column.kind in ("text", "flag") else "center",
                **({"rotation": 90, "valign": "bottom"} if column.rotated else {}),
                **self.formats.border("locked_line"),
            )  # fmt: skip
            self.sheet.text(row, at, column.heading, cell_format)
            if not column.rotated:
                lines = max(lines, line_count(column.heading, column.width - 1.5))
        rotated = [len(column.heading) for column in columns if column.rotated]
        letters = max(rotated, default=0)
        return max(lines * LINE_HEIGHT, letters * ROTATED_LETTER_HEIGHT) + 6

    def write_column(
        self,
        row: int,
        at: int,
        column: PackColumn,
        values: pd.Series[Any],
        styles: RowStyles,
        painted: Sequence[str] | None,
    ) -> None:
        """Write one column of a table.

        Args:
            row: The zero-based row of the first value.
            at: The zero-based column of the sheet.
            column: What the column shows.
            values: Its values.
            styles: The style of each row.
            painted: For each row the flag or the state whose colours it takes; None
                for no colours.
        """
        number = column.kind in NUMBER_FORMATS
        formats: dict[tuple[str, bool, bool, bool, bool], Format] = {}
        texts: dict[object, str] = {}  # most values of a column come often
        sheet = self.sheet.sheet
        rows = zip(styles.grey, styles.bold, styles.lined, strict=True)
        for line, (value, (grey, bold, lined)) in enumerate(
            zip(values.tolist(), rows, strict=True)
        ):
            present = is_present(value)
            flag = painted[line] if painted else ""
            if column.kind in ("flag", "light"):
                flag = str(value) if present else ""
            zero = (
                column.kind == "grades" and present and abs(float(value)) < ZERO_LIMIT
            )
            style = (flag, grey, bold, lined, zero)
            cell_format = formats.get(style)
            if cell_format is None:
                cell_format = formats[style] = self._format(column, CellStyle(*style))
            if number and present:
                self.sheet.number(row + line, at, float(value), cell_format)
                continue
            text = texts.get(value) if present else ""
            if text is None:
                text = texts[value] = writable_text(cell_text(value))
            if not text:
                code = sheet.write_blank(row + line, at, None, cell_format)
            else:
                code = sheet.write_string(row + line, at, text, cell_format)
            if code:  # as `checked_call`, which half a million calls are too many of
                checked_call(sheet.write_string, row + line, at, text, cell_format)

    def write_measures(
        self,
        row: int,
        at: int,
        column: PackColumn,
        values: pd.Series[Any],
        grey: Sequence[bool],
        kinds: Sequence[ColumnKind],
    ) -> None:
        """Write a column in which each row is another measure.

        Args:
            row: The zero-based row of the first value.
            at: The zero-based column of the sheet.
            column: What the column shows.
            values: Its values; a text is shown in grey.
            grey: For each row, whether it is grey.
            kinds: For each row, the kind of its measure.
        """
        for line, (value, kind) in enumerate(zip(values.tolist(), kinds, strict=True)):
            number = is_present(value) and not isinstance(value, str)
            style = CellStyle(
                grey=grey[line] or isinstance(value, str),
                zero=kind == "grades" and number and abs(float(value)) < ZERO_LIMIT,
            )
            cell_format = self._format(replace(column, kind=kind), style)
            if number:
                self.sheet.number(row + line, at, float(value), cell_format)
            else:
                self.sheet.text(row + line, at, cell_text(value), cell_format)

    def _format(self, column: PackColumn, style: CellStyle) -> Format:
        more: dict[str, object] = dict(self.formats.border("locked_line"))
        if style.lined:
            more |= {"top": 2, "top_color": colour("navy")}
        fill, ink = "paper", "ink"
        if column.kind in NUMBER_FORMATS:
            # What rounds to 0 has no sign: "-0.0" says nothing.
            number_format = "0.0;0.0" if style.zero else NUMBER_FORMATS[column.kind]
            more |= {"num_format": number_format, "align": "center"}
        if column.kind in ("grade", "light"):
            more |= {"align": "center"}
        if column.entry:
            fill = "input_optional"
            more |= {"locked": False, **self.formats.border("input_line")}
        if column.wrap:
            more |= {"text_wrap": True}
        if style.bold:
            more |= {"bold": True}
            fill = "locked"
        if style.grey:
            ink = "quiet"
            more |= {"italic": True}
        if style.flag in template("theme")["states"]:
            state = template("theme")["states"][style.flag]
            fill, ink = state["fill"], state["ink"]
        elif style.flag:
            paint = flag_style(style.flag)
            fill, ink = paint.fill, paint.ink
            if column.kind == "flag":
                more |= {"num_format": paint.number_format}
            if column.kind == "light":
                more |= {"num_format": f';;;"{paint.symbol}"'}
        return self.formats.cell(fill, ink, **more)
