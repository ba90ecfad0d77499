"""The national figures behind every chance, on a sheet of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import column_letters
from generator.targets.form import ModerationForm
from generator.xlsx.theme import CellFormats, colour, template
from generator.xlsx.writer import SheetWriter, WorkbookWriter, checked_call
from udfs.scales.transition_matrix import TransitionMatrix

NOTE_ROWS = 3  # title, note, air
BAND_WIDTH = 24.0
WIDTH = 7.0
FULL = "#9DC3E6"  # the shade of a certainty


@dataclass(frozen=True, slots=True)
class ChanceBlock:
    """Where one subject's figures stand on the sheet.

    Args:
        figures: The figures.
        top: The zero-based row of its heading; the grades stand two below.
    """

    figures: TransitionMatrix
    top: int

    @property
    def grades_row(self) -> int:
        """The zero-based row of the grades."""
        return self.top + 2

    @property
    def grades(self) -> tuple[str, ...]:
        """The grades shown: all but the lowest, which everybody reaches."""
        return self.figures.grades[1:]

    @property
    def rows(self) -> int:
        """How many rows it takes, the air below it included."""
        return 4 + len(self.figures.bands.names)

    def row_of(self, band: int) -> int:
        """The zero-based row of a band."""
        return self.grades_row + 1 + band

    def chance_term(self, cell: str, band: int) -> str:
        """A formula's term: the share of a band at or above the grade in a cell."""
        last = column_letters(len(self.grades))
        sheet = quote_sheet(template("moderation")["sheets"]["chances"])
        heads = f"{sheet}!$B${self.grades_row + 1}:${last}${self.grades_row + 1}"
        row = self.row_of(band) + 1
        return f"SUMPRODUCT(({heads}={cell})*{sheet}!$B${row}:${last}${row})"


def chance_blocks(form: ModerationForm) -> dict[str, ChanceBlock]:
    """Where each subject's figures stand."""
    made: dict[str, ChanceBlock] = {}
    top = NOTE_ROWS
    for sheet in form.sheets:
        if sheet.figures is not None and sheet.subject not in made:
            made[sheet.subject] = ChanceBlock(sheet.figures, top)
            top += made[sheet.subject].rows
    return made


def write_chances(
    book: WorkbookWriter, formats: CellFormats, placed: Mapping[str, ChanceBlock]
) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        formats: Its formats.
        placed: Where each subject's figures stand.
    """
    words = template("moderation")["chances"]
    writer = book.add_sheet(template("moderation")["sheets"]["chances"])
    writer.sheet.hide_gridlines(2)
    most = max((len(block.grades) for block in placed.values()), default=9)
    last = 2 * most + 1
    writer.column_width(0, BAND_WIDTH)
    for column in range(1, last + 1):
        writer.column_width(column, 3.0 if column == most + 1 else WIDTH)
    title = formats.cell("navy", "navy_ink", bold=True, font_size=16, indent=1)
    writer.fill_blank(0, 0, last, title)
    writer.text(0, 0, words["title"], title)
    writer.row_height(0, 27)
    note = formats.cell("paper", "quiet", text_wrap=True, valign="top", indent=1)
    checked_call(writer.sheet.merge_range, 1, 0, 1, last, "", note)
    writer.text(1, 0, words["note"] if placed else words["none"], note)
    writer.row_height(1, 62)
    head = formats.cell("paper", "navy", bold=True, font_size=13)
    small = formats.cell("band", "navy", bold=True, font_size=8)
    grade = formats.cell("band", "navy", bold=True, align="center")
    line = formats.border("locked_line")
    share = formats.cell("paper", "ink", num_format="0%", align="center", **line)
    count = formats.cell("paper", "quiet", num_format="#,##0", align="center", **line)
    band = formats.cell("locked", "ink", **line)
    for subject, block in placed.items():
        figures, wide = block.figures, len(block.grades)
        writer.text(
            block.top,
            0,
            words["subject"].format(
                subject=subject,
                table=figures.subject,
                years=" and ".join(figures.years),
            ),
            head,
        )
        writer.row_height(block.top, 22)
        writer.fill_blank(block.top + 1, 0, wide, small)
        writer.fill_blank(block.top + 1, most + 2, most + 1 + wide, small)
        writer.text(block.top + 1, 1, words["share"], small)
        writer.text(block.top + 1, most + 2, words["pupils"], small)
        writer.text(block.grades_row, 0, words["band"], grade)
        for at, name in enumerate(block.grades):
            writer.text(block.grades_row, 1 + at, name, grade)
            writer.text(block.grades_row, most + 2 + at, name, grade)
        for number, name in enumerate(figures.bands.names):
            row = block.row_of(number)
            writer.text(row, 0, name, band)
            for at, found in enumerate(figures.shares[number][1:]):
                writer.number(row, 1 + at, found.reached / found.pupils, share)
                writer.number(row, most + 2 + at, found.pupils, count)
        first = block.row_of(0)
        end = block.row_of(len(figures.bands.names) - 1)
        shade_shares(writer, (first, 1, end, wide))
    checked_call(writer.sheet.set_landscape)
    checked_call(writer.sheet.set_paper, 9)
    checked_call(writer.sheet.fit_to_pages, 1, 0)
    checked_call(writer.sheet.ignore_errors, {"number_stored_as_text": "A1:XFD1048576"})
    writer.sheet.protect()


def shade_shares(writer: SheetWriter, area: tuple[int, int, int, int]) -> None:
    """Shade shares from nothing to all; the numbers stay readable.

    Args:
        writer: The sheet's pen.
        area: First row and column, last row and column, zero-based.
    """
    checked_call(
        writer.sheet.conditional_format,
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
