"""The sheets `Over time` and `For the board`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.markbook import formulas
from generator.markbook.grid import LONG_NAME_SIZE
from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import Markbook, PupilRow, column_letters
from generator.markbook.sheet_content import RowValues, SheetContent, footer_text
from generator.markbook.sheet_header import (
    flag_format,
    set_footer,
    set_up_pages,
    write_band,
    write_title,
)
from generator.xlsx.theme import FLAG_KEYS, template
from generator.xlsx.writer import SheetWriter, WorkbookWriter

OVER_TIME_SHEET = "Over time"
BOARD_SHEET = "For the board"
_FIRST_WIDTHS = (17, 14, 9, 12)  # Surname, Forename, Target, Aspirational
_FIRST_EARLIER = len(_FIRST_WIDTHS)
_EXTRA_WIDTH = 42


def write_over_time(
    book: WorkbookWriter, markbook: Markbook, contents: Sequence[SheetContent]
) -> None:
    """Write the sheet `Over time`: every collection's prediction, pupil by pupil."""
    writer = book.add_sheet(OVER_TIME_SHEET)
    writer.sheet.hide_gridlines(2)
    words = template("markbook")["over_time"]
    marks = max(len(content.earlier) for content in contents) + 3
    extras = max(len(content.sheet.extras) for content in contents)
    widths = (*_FIRST_WIDTHS, *[16] * marks, *[_EXTRA_WIDTH] * extras)
    for column, width in enumerate(widths):
        writer.column_width(column, width)
    last = len(widths) - 1
    write_title(writer, words["title"], words["note"], last)
    row = 3
    breaks = []
    for content in contents:
        row = _HistoryTable(writer, markbook, content).write(row) + 2
        breaks.append(row)
    writer.sheet.ignore_errors(
        {"number_stored_as_text": f"A1:{column_letters(last)}{row + 1}"}
    )
    writer.sheet.protect("", {"format_columns": True})
    footer = footer_text(markbook, words["title"])
    set_up_pages(writer, footer, breaks[:-1], landscape=last > 8)


class _HistoryTable:
    # The table of one class and subject on `Over time`.
    def __init__(
        self, writer: SheetWriter, markbook: Markbook, content: SheetContent
    ) -> None:
        self.writer = writer
        self.formats = formats = writer.formats
        self.markbook = markbook
        self.content = content
        self.current = _FIRST_EARLIER + len(content.earlier)  # this collection
        self.first_extra = self.current + 3  # after prediction, flag and movement
        border = formats.border("locked_line")
        text: dict[str, Any] = {"num_format": "@", **border}
        left: dict[str, Any] = {"align": "left", **text}
        self.name = formats.cell("locked", indent=1, shrink=True, **left)
        self.long_name = formats.cell(
            "locked", indent=1, font_size=LONG_NAME_SIZE, text_wrap=True, **left
        )
        self.mark = formats.cell("locked", align="center", **text)
        self.extra = formats.cell("locked", font_size=9, text_wrap=True, **left)
        self.formula = formats.cell("locked", align="center", **border)
        self.movement = formats.cell(
            "locked",
            align="center",
            num_format='"▲ "General;"▼ "General;"same";@',
            **border,
        )

    def write(self, row: int) -> int:
        """Write the table; returns its last row."""
        words = template("markbook")["over_time"]
        content = self.content
        band = self.formats.cell("band", "navy", bold=True, font_size=13)
        last = self.first_extra + len(content.sheet.extras) - 1
        write_band(self.writer, row, last, content.title, band)
        row += 1
        if not content.earlier:
            quiet = self.formats.cell(ink="quiet", font_size=9)
            self.writer.text(row, 0, words["none"], quiet)
            row += 1
        self._write_headings(row)
        first = row + 1
        for place, (pupil, current) in enumerate(
            zip(content.sheet.rows, content.row_values, strict=True)
        ):
            row += 1
            self._write_pupil(row, place, pupil)
            if content.has("prediction"):
                self._write_current(row, place, pupil, current)
        if content.sheet.rows:
            self._colour_flags(first, row)
        return row

    def _write_headings(self, row: int) -> None:
        words = template("markbook")["over_time"]
        headings = [
            "Surname",
            "Forename",
            "Target",
            "Aspirational",
            *self.content.earlier,
            words["now"].format(code=self.markbook.collection),
            words["flag"],
            words["movement"],
            *(words[key] for key in self.content.sheet.extras),
        ]
        for column, text in enumerate(headings):
            left = column < 2 or column >= self.first_extra
            style = self.formats.cell(
                "band",
                "navy",
                bold=True,
                font_size=10,
                align="left" if left else "center",
                indent=int(left),
                text_wrap=True,
                **self.formats.border("locked_line"),
            )
            self.writer.text(row, column, text, style)

    def _write_pupil(self, row: int, place: int, pupil: PupilRow) -> None:
        writer, sheet = self.writer, self.content.sheet
        long_names = self.content.long_names
        for column, key in enumerate(("surname", "forename")):
            style = self.long_name if long_names.wraps(place, key) else self.name
            writer.text(row, column, getattr(pupil, key), style)
        if (height := long_names.row_height(place, 0)) and not sheet.extras:
            writer.row_height(row, height)
        writer.text(row, 2, pupil.target or "", self.mark)
        writer.text(row, 3, pupil.aspirational or "", self.mark)
        for column, code in enumerate(self.content.earlier, start=_FIRST_EARLIER):
            writer.text(row, column, pupil.earlier.get(code, ""), self.mark)
        for column, key in enumerate(sheet.extras, start=self.first_extra):
            writer.text(row, column, pupil.extras.get(key, ""), self.extra)

    def _write_current(
        self, row: int, place: int, pupil: PupilRow, current: RowValues
    ) -> None:
        writer, content, column = self.writer, self.content, self.current
        number = content.sheet.first_row + place
        values = (
            ("prediction", pupil.entries.get("prediction", "")),
            ("flag", current.flag),
        )
        for offset, (key, value) in enumerate(values):
            formula = f'={quote_sheet(content.sheet)}!{content.cell(key, number)}&""'
            writer.formula(row, column + offset, formula, self.formula, value)
        if content.earlier and not content.prediction_scale.judgement:
            formula = formulas.movement(
                f"{column_letters(column)}{row + 1}",
                f"{column_letters(column - 1)}{row + 1}",
                content.names,
            )
            movement = content.movement(pupil)
            writer.formula(
                row,
                column + 2,
                formula,
                self.movement,
                "" if movement is None else movement,
            )
        else:
            writer.text(row, column + 2, "", self.formula)

    def _colour_flags(self, first: int, last: int) -> None:
        for flag in FLAG_KEYS:
            style = flag_format(self.formats, flag)
            for column in range(_FIRST_EARLIER, self.current):
                cell = f"{column_letters(column)}{first + 1}"
                formula = (
                    f'=OR({cell}="{flag}",RIGHT({cell},{len(flag) + 2})="({flag})")'
                )
                self.writer.conditional_format(first, last, column, formula, style)
            column = self.current + 1
            formula = f'={column_letters(column)}{first + 1}="{flag}"'
            self.writer.conditional_format(first, last, column, formula, style)


def write_board(
    book: WorkbookWriter, markbook: Markbook, contents: Sequence[SheetContent]
) -> None:
    """Write the sheet `For the board`: names in large type, and targets if allowed."""
    writer = book.add_sheet(BOARD_SHEET)
    writer.sheet.hide_gridlines(2)
    words = template("markbook")["board"]
    targets = markbook.targets_on_board
    for column, width in enumerate((34, 12, 4, 34, 12)):
        writer.column_width(column, width if targets or column in (0, 2, 3) else 4)
    write_title(writer, words["title"], words["note"], 4)
    row = 3
    codes: set[str] = set()
    breaks: list[int] = []
    for content in contents:
        if content.sheet.class_code in codes and not targets:
            continue
        codes.add(content.sheet.class_code)
        if len(codes) > 1:
            breaks.append(row)
        row = _write_names(writer, content, row, targets=targets) + 2
    writer.sheet.protect()
    writer.sheet.set_h_pagebreaks(breaks)
    writer.sheet.set_paper(9)
    writer.sheet.fit_to_pages(1, 0)
    set_footer(writer, footer_text(markbook, words["title"]))


def _write_names(
    writer: SheetWriter, content: SheetContent, row: int, *, targets: bool
) -> int:
    formats = writer.formats
    band = formats.cell("band", "navy", bold=True, font_size=16)
    name = formats.cell(
        font_size=18, num_format="@", align="left", indent=1, shrink=True
    )
    target = formats.cell(ink="navy", font_size=18, bold=True, align="center")
    write_band(writer, row, 4, content.title, band)
    if targets:
        for column in (1, 4):
            writer.text(row, column, template("markbook")["board"]["target"], band)
    writer.row_height(row, 24)
    half = -(-len(content.sheet.rows) // 2)
    for place, pupil in enumerate(content.sheet.rows):
        column, offset = divmod(place, half)
        pupil_row = row + 1 + offset
        writer.row_height(pupil_row, 26)
        writer.text(pupil_row, column * 3, f"{pupil.forename} {pupil.surname}", name)
        if targets:
            writer.text(pupil_row, column * 3 + 1, pupil.target or "", target)
    return row + half
