"""The national figures behind every chance, on a sheet of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import column_letters
from generator.targets.form import ModerationForm
from generator.xlsx.theme import Looks, colour, template
from generator.xlsx.writer import Book, Pen, put
from udfs.scales.transition_matrix import Transition

NOTE_ROWS = 3  # title, note, air
BAND_WIDTH = 24.0
WIDTH = 7.0
FULL = "#9DC3E6"  # the shade of a certainty


@dataclass(frozen=True, slots=True)
class Block:
    """Where one subject's figures stand on the sheet.

    Args:
        figures: The figures.
        top: The zero-based row of its heading; the grades stand two below.
    """

    figures: Transition
    top: int

    @property
    def grades_row(self) -> int:
        """The zero-based row of the grades."""
        return self.top + 2

    @property
    def shown(self) -> tuple[str, ...]:
        """The grades shown: all but the lowest, which everybody reaches."""
        return self.figures.grades[1:]

    @property
    def rows(self) -> int:
        """How many rows it takes, the air below it included."""
        return 4 + len(self.figures.bands.names)

    def row_of(self, band: int) -> int:
        """The zero-based row of a band."""
        return self.grades_row + 1 + band

    def chance_of(self, cell: str, band: int) -> str:
        """A formula's term: the share of a band at or above the grade in a cell."""
        last = column_letters(len(self.shown))
        sheet = quote_sheet(template("moderation")["sheets"]["chances"])
        heads = f"{sheet}!$B${self.grades_row + 1}:${last}${self.grades_row + 1}"
        row = self.row_of(band) + 1
        return f"SUMPRODUCT(({heads}={cell})*{sheet}!$B${row}:${last}${row})"


def blocks(form: ModerationForm) -> dict[str, Block]:
    """Where each subject's figures stand."""
    made: dict[str, Block] = {}
    top = NOTE_ROWS
    for sheet in form.sheets:
        if sheet.figures is not None and sheet.subject not in made:
            made[sheet.subject] = Block(sheet.figures, top)
            top += made[sheet.subject].rows
    return made


def write_chances(book: Book, looks: Looks, placed: Mapping[str, Block]) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        looks: Its formats.
        placed: Where each subject's figures stand.
    """
    words = template("moderation")["chances"]
    pen = book.sheet(template("moderation")["sheets"]["chances"])
    pen.sheet.hide_gridlines(2)
    most = max((len(block.shown) for block in placed.values()), default=9)
    last = 2 * most + 1
    pen.width(0, BAND_WIDTH)
    for column in range(1, last + 1):
        pen.width(column, 3.0 if column == most + 1 else WIDTH)
    title = looks.of("navy", "navy_ink", bold=True, font_size=16, indent=1)
    pen.fill(0, 0, last, title)
    pen.text(0, 0, words["title"], title)
    pen.height(0, 27)
    note = looks.of("paper", "quiet", text_wrap=True, valign="top", indent=1)
    put(pen.sheet.merge_range, 1, 0, 1, last, "", note)
    pen.text(1, 0, words["note"] if placed else words["none"], note)
    pen.height(1, 62)
    head = looks.of("paper", "navy", bold=True, font_size=13)
    small = looks.of("band", "navy", bold=True, font_size=8)
    grade = looks.of("band", "navy", bold=True, align="center")
    line = looks.line("locked_line")
    share = looks.of("paper", "ink", num_format="0%", align="center", **line)
    count = looks.of("paper", "quiet", num_format="#,##0", align="center", **line)
    band = looks.of("locked", "ink", **line)
    for subject, block in placed.items():
        figures, wide = block.figures, len(block.shown)
        pen.text(
            block.top,
            0,
            words["subject"].format(
                subject=subject,
                table=figures.subject,
                years=" and ".join(figures.years),
            ),
            head,
        )
        pen.height(block.top, 22)
        pen.fill(block.top + 1, 0, wide, small)
        pen.fill(block.top + 1, most + 2, most + 1 + wide, small)
        pen.text(block.top + 1, 1, words["share"], small)
        pen.text(block.top + 1, most + 2, words["pupils"], small)
        pen.text(block.grades_row, 0, words["band"], grade)
        for at, name in enumerate(block.shown):
            pen.text(block.grades_row, 1 + at, name, grade)
            pen.text(block.grades_row, most + 2 + at, name, grade)
        for number, name in enumerate(figures.bands.names):
            row = block.row_of(number)
            pen.text(row, 0, name, band)
            for at, found in enumerate(figures.shares[number][1:]):
                pen.number(row, 1 + at, found.reached / found.pupils, share)
                pen.number(row, most + 2 + at, found.pupils, count)
        first = block.row_of(0)
        end = block.row_of(len(figures.bands.names) - 1)
        shade(pen, (first, 1, end, wide))
    put(pen.sheet.set_landscape)
    put(pen.sheet.set_paper, 9)
    put(pen.sheet.fit_to_pages, 1, 0)
    put(pen.sheet.ignore_errors, {"number_stored_as_text": "A1:XFD1048576"})
    pen.sheet.protect()


def shade(pen: Pen, area: tuple[int, int, int, int]) -> None:
    """Shade shares from nothing to all; the numbers stay readable.

    Args:
        pen: The sheet's pen.
        area: First row and column, last row and column, zero-based.
    """
    put(
        pen.sheet.conditional_format,
        *area,
        {
            "type": "2_color_scale",
            "min_type": "num",
            "min_value": 0,
            "min_color": colour("paper"),
            "max_type": "num",
            "max_value": 1,
            "max_color": FULL,
        },
    )
