"""The vocabulary of a pack: band, sentence, key, table and page set-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd
from xlsxwriter.format import Format

from generator.names import sheet_name
from generator.packs.layout import page_breaks
from generator.packs.layout.columns import (
    NOUGHT,
    NUMBERS,
    Column,
    Kind,
    Placed,
    cut,
    lines_of,
    text_of,
    there,
)
from generator.xlsx.theme import Looks, colour, flag_paint, template
from generator.xlsx.writer import Book, Pen, clean, put

A4 = 9
LINE = 15.0  # points of height for a line of text
FEW_HERE = "few"  # in `painted`, of a column of measures: grey, too few to conclude
LETTER = 5.6  # points of height for a letter of a heading that reads upwards


class Pack:
    """One reader's workbook in the making.

    Args:
        title: What it is, for the title bar and every page's head.
        school: The school's name.
        foot: What every page's foot says of who may read it.
        made_at: The moment written into it.
    """

    def __init__(self, title: str, school: str, foot: str, made_at: datetime) -> None:
        self.book = Book(made_at)
        self.looks = Looks(self.book.workbook)
        self.title, self.school, self.foot = title, school, foot
        self._pages: list[Page] = []
        self.book.about(title=title, company=school, comments=foot)

    def page(
        self,
        name: str,
        grid: Sequence[float],
        *,
        landscape: bool = True,
        fitted: bool = True,
    ) -> Page:
        """Add a sheet whose columns have these widths (in characters).

        Args:
            name: Its name.
            grid: The widths.
            landscape: Whether it prints on its side.
            fitted: Whether it is shrunk to the width of the paper, and its pages end
                between its parts.
        """
        page = Page(self, sheet_name(name), grid, landscape=landscape, fitted=fitted)
        self._pages.append(page)
        return page

    def close(self) -> bytes:
        """Finish, and answer the file."""
        for page in self._pages:
            page.end_pages()
        return self.book.close()


class Page:
    """A sheet written from the top downwards; `row` is the next free row."""

    def __init__(
        self,
        pack: Pack,
        name: str,
        grid: Sequence[float],
        *,
        landscape: bool,
        fitted: bool,
    ) -> None:
        self.pack, self.name, self.grid = pack, name, list(grid)
        self.looks = pack.looks
        self.pen: Pen = pack.book.sheet(name)
        self.row = 0
        self._landscape, self._fitted = landscape, fitted
        self._tall: dict[int, float] = {}
        self._parts: list[page_breaks.Part] = []
        self._headed: int | None = None  # the row of a heading without a table yet
        self._repeated: int | None = None
        self._set_up(landscape, fitted)

    @property
    def last_column(self) -> int:
        """The zero-based last column of the grid."""
        return len(self.grid) - 1

    def protect(self) -> None:
        """Lock everything but the cells to write in; widths and filters stay free."""
        free = ("format_columns", "format_rows", "autofilter", "sort")
        put(self.pen.sheet.protect, "", dict.fromkeys(free, True))

    def end_pages(self) -> None:
        """End printed pages between the parts of this one, if it needs several."""
        if not self._fitted:
            return
        shrunk = page_breaks.scale(self.grid, landscape=self._landscape)
        fits = page_breaks.room(shrunk, landscape=self._landscape)
        total = sum(self._tall.get(row, page_breaks.ROW) for row in range(self.row))
        if page_breaks.shrinks_to_one(total, fits, shrunk):
            put(self.pen.sheet.fit_to_pages, 1, 1)
            return
        if self._repeated is None and self._parts and total > fits:
            # No other table comes after it that its headings could be taken for.
            self._repeated = self._parts[-1].heading
            put(self.pen.sheet.repeat_rows, self._repeated)
        found = page_breaks.breaks(
            self._parts, self._tall, self.row - 1, fits, repeated=self._repeated
        )
        if found:
            # Where a sheet is fitted to pages, Excel passes over breaks between them.
            put(self.pen.sheet.set_print_scale, shrunk)
            put(self.pen.sheet.set_h_pagebreaks, found)

    def open_here(self) -> None:
        """Let the workbook open on this sheet."""
        put(self.pen.sheet.activate)

    def band(self, title: str, note: str = "") -> None:
        """The title band across the page."""
        for text, size, height in ((title, 16, 27.0), (note, 10, 18.0)):
            if not text:
                continue
            look = self.looks.of(
                "navy", "navy_ink", bold=size > 11, font_size=size, indent=1
            )
            self.pen.fill(self.row, 0, self.last_column, look)
            self.pen.text(self.row, 0, text, look)
            self._height(self.row, height)
            self.row += 1
        self.gap()

    def say(self, text: str, *, answer: bool = False, ink: str = "ink") -> None:
        """A sentence across the page.

        Args:
            text: The sentence.
            answer: Whether it is what the page has to say.
            ink: Its colour, or a state of the theme (`check`).
        """
        size = 13 if answer else 11
        more: dict[str, Any] = {"text_wrap": True, "font_size": size}
        fill = "paper"
        if ink in (states := template("theme")["states"]):
            fill, ink = states[ink]["fill"], states[ink]["ink"]
        look = self.looks.of(fill, ink, bold=answer, indent=1, **more)
        lines = lines_of(text, sum(self.grid) * 11 / size - 2)
        self._across(text, look, lines * LINE * size / 11 + 6)

    def heading(self, text: str) -> None:
        """A heading above a part of the page."""
        look = self.looks.of("paper", "navy", bold=True, font_size=13, indent=1)
        if self._headed is None or self.row > self._headed + 1:  # none just above it
            self._headed = self.row
        self._across(text, look, 24.0)

    def key(self) -> None:
        """What the flags' colours and signs mean, one line."""
        words = template("packs")["key"]
        text = "   ".join(
            f"{flag_paint(flag).symbol} {flag_paint(flag).word}: {words[key]}"
            for key, flag in (
                ("above", "Above"),
                ("on", "On"),
                ("below", "Below"),
                ("well_below", "Well below"),
                ("no_data", ""),
            )
        )
        self.say(text, ink="quiet")

    def gap(self, height: float = 8.0) -> None:
        """A little air."""
        self._height(self.row, height)
        self.row += 1

    def links(self, targets: Mapping[str, str]) -> None:
        """Links to other sheets, one a line: sheet -> what it holds."""
        for name, what in targets.items():
            look = self.looks.of("paper", "link", underline=1, indent=1)
            self.pen.link(
                self.row, 0, f"'{name.replace(chr(39), chr(39) * 2)}'!A1", name, look
            )
            plain = self.looks.of("paper", "ink")
            self.pen.text(self.row, 1, what, plain)
            self._height(self.row, 18.0)
            self.row += 1

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """What is said of something, one a line: label, then text."""
        label = self.looks.of("band", "navy", bold=True, indent=1, valign="top")
        plain = self.looks.of("paper", "ink", text_wrap=True, indent=1, valign="top")
        room = sum(self.grid[1:]) - 2
        for name, text in rows:
            self.pen.text(self.row, 0, name, label)
            self._across(text, plain, lines_of(text, room) * LINE + 4, first=1)

    def table(
        self,
        rows: pd.DataFrame,
        shown: Sequence[Column],
        *,
        quiet: pd.Series[bool] | None = None,
        strong: pd.Series[bool] | None = None,
        painted: Mapping[str, Sequence[str]] | None = None,
        kinds: Sequence[Kind] | None = None,
        parted: str = "",
        filtered: bool = False,
        frozen: int | None = None,
    ) -> Placed:
        """A table with a heading row; what is missing is left blank.

        Args:
            rows: One row each; the columns of `shown` are written.
            shown: The columns, from the left edge of the page.
            quiet: Rows shown grey: too few to conclude.
            strong: Rows shown bold: totals.
            painted: Column key -> for each row the flag or the state of the theme
                (`check`) whose colours it takes, or empty.
            kinds: For each row, what a column of the kind `measure` holds in it.
            parted: The key of a column: where it changes, a line is drawn.
            filtered: Whether the headings offer Excel's filter, and print on
                every page.
            frozen: Keep the headings, and so many columns, in view.
        """
        self._headings(shown)
        heading_row = self.row
        self.row += 1
        lined = _changes(rows[parted]) if parted else [False] * len(rows)
        grey = _mask(quiet, len(rows))
        bold = _mask(strong, len(rows))
        for at, column in enumerate(shown):
            paint = (painted or {}).get(column.key)
            if column.kind == "measure" and kinds is not None:
                dim = grey
                if paint:
                    dim = [g or p == FEW_HERE for g, p in zip(grey, paint, strict=True)]
                self._measures(at, column, rows[column.key], dim, kinds)
                continue
            self._column(at, column, rows[column.key], (grey, bold, lined), paint)
        self._heights(rows, [column for column in shown if column.wrap])
        placed = Placed(
            self.name,
            heading_row,
            heading_row + 1,
            heading_row + len(rows),
            tuple(shown),
        )
        first = heading_row if self._headed is None else self._headed
        self._parts.append(page_breaks.Part(first, heading_row, placed.last_row))
        self._headed = None
        if filtered:
            self._repeated = heading_row
            put(
                self.pen.sheet.autofilter,
                heading_row,
                0,
                placed.last_row,
                len(shown) - 1,
            )
            put(self.pen.sheet.repeat_rows, heading_row)
        if frozen is not None:
            put(self.pen.sheet.freeze_panes, heading_row + 1, frozen)
        self.row += len(rows)
        return placed

    def _heights(self, rows: pd.DataFrame, tall: Sequence[Column]) -> None:
        lines = [1] * len(rows)
        for column in tall:
            for at, value in enumerate(rows[column.key].tolist()):
                lines[at] = max(lines[at], lines_of(text_of(value), column.width))
        for at, count in enumerate(lines):
            self._height(self.row + at, count * LINE + 3)

    def _headings(self, shown: Sequence[Column]) -> None:
        lines = 1
        for at, column in enumerate(shown):
            fill, ink = "band", "navy"
            if column.paint:
                fill, ink = (paint := flag_paint(column.paint)).fill, paint.ink
            if column.entry:
                fill = "input_heading"
            look = self.looks.of(
                fill, ink, bold=True, text_wrap=not column.turned,
                align="left" if column.kind in ("text", "flag") else "center",
                **({"rotation": 90, "valign": "bottom"} if column.turned else {}),
                **self.looks.line("locked_line"),
            )  # fmt: skip
            self.pen.text(self.row, at, column.heading, look)
            if not column.turned:
                lines = max(lines, lines_of(column.heading, column.width - 1.5))
        turned = [len(column.heading) for column in shown if column.turned]
        tall = max(turned, default=0) * LETTER
        self._height(self.row, max(lines * LINE, tall) + 6)

    def _column(
        self,
        at: int,
        column: Column,
        values: pd.Series[Any],
        masks: tuple[Sequence[bool], Sequence[bool], Sequence[bool]],
        paint: Sequence[str] | None,
    ) -> None:
        number = column.kind in NUMBERS
        looks: dict[tuple[str, bool, bool, bool, bool], Format] = {}
        texts: dict[object, str] = {}  # most values of a column come often
        sheet = self.pen.sheet
        for line, value in enumerate(values.tolist()):
            here = there(value)
            flag = paint[line] if paint else ""
            if column.kind in ("flag", "light"):
                flag = str(value) if here else ""
            small = column.kind == "grades" and here and abs(float(value)) < NOUGHT
            grey, bold, lined = (mask[line] for mask in masks)
            key = (flag, grey, bold, lined, small)
            if key not in looks:
                looks[key] = self._look(
                    column, flag, grey=grey, bold=bold, lined=lined, small=small
                )
            look = looks[key]
            row = self.row + line
            if number and here:
                self.pen.number(row, at, float(value), look)
                continue
            text = texts.get(value) if here else ""
            if text is None:
                text = texts[value] = clean(text_of(value))
            if not text:
                code = sheet.write_blank(row, at, None, look)
            else:
                code = sheet.write_string(row, at, text, look)
            if code:  # as in `put`, which half a million calls are too many of
                put(sheet.write_string, row, at, text, look)

    def _measures(
        self,
        at: int,
        column: Column,
        values: pd.Series[Any],
        grey: Sequence[bool],
        kinds: Sequence[Kind],
    ) -> None:
        """A column in which each row is another measure."""
        for line, (value, kind) in enumerate(zip(values.tolist(), kinds, strict=True)):
            one = replace(column, kind=kind)
            here = there(value) and not isinstance(value, str)
            small = kind == "grades" and here and abs(float(value)) < NOUGHT
            look = self._look(
                one, "", grey=grey[line] or isinstance(value, str), bold=False,
                lined=False, small=small,
            )  # fmt: skip
            if here:
                self.pen.number(self.row + line, at, float(value), look)
            else:
                self.pen.text(self.row + line, at, text_of(value), look)

    def _look(
        self,
        column: Column,
        flag: str,
        *,
        grey: bool,
        bold: bool,
        lined: bool,
        small: bool,
    ) -> Format:
        more: dict[str, object] = dict(self.looks.line("locked_line"))
        if lined:
            more |= {"top": 2, "top_color": colour("navy")}
        fill, ink = "paper", "ink"
        if column.kind in NUMBERS:
            # What rounds to nought has no sign: "-0.0" says nothing.
            shown = "0.0;0.0" if small else NUMBERS[column.kind]
            more |= {"num_format": shown, "align": "center"}
        if column.kind in ("grade", "light"):
            more |= {"align": "center"}
        if column.entry:
            fill = "input_optional"
            more |= {"locked": False, **self.looks.line("input_line")}
        if column.wrap:
            more |= {"text_wrap": True}
        if bold:
            more |= {"bold": True}
            fill = "locked"
        if grey:
            ink = "quiet"
            more |= {"italic": True}
        if flag in template("theme")["states"]:
            state = template("theme")["states"][flag]
            fill, ink = state["fill"], state["ink"]
        elif flag:
            paint = flag_paint(flag)
            fill, ink = paint.fill, paint.ink
            if column.kind == "flag":
                more |= {"num_format": paint.number_format}
            if column.kind == "light":
                more |= {"num_format": f';;;"{paint.symbol}"'}
        return self.looks.of(fill, ink, **more)

    def _across(self, text: str, look: Format, height: float, first: int = 0) -> None:
        if self.last_column > first:
            put(
                self.pen.sheet.merge_range,
                self.row, first, self.row, self.last_column, "", look,
            )  # fmt: skip
        self.pen.text(self.row, first, cut(text), look)
        self._height(self.row, height)
        self.row += 1

    def _height(self, row: int, points: float) -> None:
        self._tall[row] = points
        self.pen.height(row, points)

    def _set_up(self, landscape: bool, fitted: bool) -> None:
        sheet = self.pen.sheet
        sheet.hide_gridlines(2)
        plain = self.looks.of("paper", "ink")
        for at, width in enumerate(self.grid):
            self.pen.width(at, width, plain)
        put(sheet.set_paper, A4)
        if landscape:
            put(sheet.set_landscape)
        side, end = page_breaks.SIDE, page_breaks.END
        put(sheet.set_margins, side, side, end, end)
        if fitted:
            put(sheet.fit_to_pages, 1, 0)
        head = _plain(f"{self.pack.title} · {self.name}")
        # The space after &8 keeps the digits of "7A" out of the size of the letters.
        put(sheet.set_header, f"&L&8 {_plain(self.pack.school)}&R&8 {head}")
        put(sheet.set_footer, f"&L&8 {_plain(self.pack.foot)}&R&8 Page &P of &N")
        # Grades are text that looks like numbers, on purpose.
        put(sheet.ignore_errors, {"number_stored_as_text": "A1:XFD1048576"})


def _mask(wanted: pd.Series[bool] | None, length: int) -> list[bool]:
    return [False] * length if wanted is None else [bool(w) for w in wanted]


def _changes(values: pd.Series[Any]) -> list[bool]:
    """Where a value differs from the one above it; the first does not."""
    changed = values.ne(values.shift()).tolist()
    return [False, *changed[1:]]


def _plain(text: str) -> str:
    """A text for a page's head or foot, where & begins an instruction."""
    return text.replace("&", "&&")
