"""The sheet with the national figures behind every chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import column_letters
from generator.targets.form import ModerationForm
from generator.xlsx.theme import colour, template
from generator.xlsx.writer import SheetWriter, WorkbookWriter, checked_call
from udfs.scales.transition_matrix import TransitionMatrix

TOP_ROWS = 3  # title, note, blank row
BAND_WIDTH = 24.0
WIDTH = 7.0
CERTAIN = "#9DC3E6"  # colour of a share of 100%


@dataclass(frozen=True, slots=True)
class ChanceBlock:
    """The position of one subject's figures on the sheet.

    Args:
        figures: National figures.
        top: Zero-based row of the heading; the grades are two rows below.
    """

    figures: TransitionMatrix
    top: int

    @property
    def grades_row(self) -> int:
        """The zero-based row of the grades."""
        return self.top + 2

    @property
    def grades(self) -> tuple[str, ...]:
        """The grades in the table: all but the lowest, which everybody reaches."""
        return self.figures.grades[1:]

    @property
    def rows(self) -> int:
        """The number of rows, including the blank row below."""
        return 4 + len(self.figures.bands.names)

    def row_of(self, band: int) -> int:
        """The zero-based row of a band."""
        return self.grades_row + 1 + band

    def chance_term(self, cell: str, band: int) -> str:
        """A formula term: the share of a band at or above the grade in a cell."""
        last = column_letters(len(self.grades))
        sheet = quote_sheet(template("moderation")["sheets"]["chances"])
        grades = f"{sheet}!$B${self.grades_row + 1}:${last}${self.grades_row + 1}"
        row = self.row_of(band) + 1
        return f"SUMPRODUCT(({grades}={cell})*{sheet}!$B${row}:${last}${row})"


def chance_blocks(form: ModerationForm) -> dict[str, ChanceBlock]:
    """Subject -> position of its figures."""
    positions: dict[str, ChanceBlock] = {}
    top = TOP_ROWS
    for sheet in form.sheets:
        if sheet.figures is not None and sheet.subject not in positions:
            block = positions[sheet.subject] = ChanceBlock(sheet.figures, top)
            top += block.rows
    return positions


def write_chances(book: WorkbookWriter, blocks: Mapping[str, ChanceBlock]) -> None:
    """Write the sheet.

    Args:
        book: Workbook to write to.
        blocks: Subject -> position of its figures.
    """
    words = template("moderation")["chances"]
    width = max((len(block.grades) for block in blocks.values()), default=9)
    last = 2 * width + 1
    note = words["note"] if blocks else words["none"]
    writer = begin_sheet(book, "chances", last, note, note_height=62)
    writer.column_width(0, BAND_WIDTH)
    for column in range(1, last + 1):
        writer.column_width(column, 3.0 if column == width + 1 else WIDTH)
    for subject, block in blocks.items():
        _write_block(writer, subject, block, counts_column=width + 2)
    finish_sheet(writer)


def _write_block(
    writer: SheetWriter, subject: str, block: ChanceBlock, *, counts_column: int
) -> None:
    formats = writer.formats
    words = template("moderation")["chances"]
    heading = formats.cell("paper", "navy", bold=True, font_size=13)
    small = formats.cell("band", "navy", bold=True, font_size=8)
    grade = formats.cell("band", "navy", bold=True, align="center")
    border = formats.border("locked_line")
    share = formats.cell("paper", "ink", num_format="0%", align="center", **border)
    count = formats.cell("paper", "quiet", num_format="#,##0", align="center", **border)
    band = formats.cell("locked", "ink", **border)
    figures, width = block.figures, len(block.grades)
    title = words["subject"].format(
        subject=subject, table=figures.subject, years=" and ".join(figures.years)
    )
    writer.text(block.top, 0, title, heading)
    writer.row_height(block.top, 22)
    row = block.top + 1
    writer.fill_blank(row, 0, width, small)
    writer.fill_blank(row, counts_column, counts_column + width - 1, small)
    writer.text(row, 1, words["share"], small)
    writer.text(row, counts_column, words["pupils"], small)
    writer.text(block.grades_row, 0, words["band"], grade)
    for index, name in enumerate(block.grades):
        writer.text(block.grades_row, 1 + index, name, grade)
        writer.text(block.grades_row, counts_column + index, name, grade)
    for number, name in enumerate(figures.bands.names):
        row = block.row_of(number)
        writer.text(row, 0, name, band)
        for index, cell in enumerate(figures.shares[number][1:]):
            writer.number(row, 1 + index, cell.at_or_above / cell.pupils, share)
            writer.number(row, counts_column + index, cell.pupils, count)
    last = block.row_of(len(figures.bands.names) - 1)
    shade_shares(writer, (block.row_of(0), 1, last, width))


def begin_sheet(
    book: WorkbookWriter, name: str, last: int, note: str, *, note_height: float
) -> SheetWriter:
    """Add a sheet with its title and note.

    Args:
        book: Workbook to write to.
        name: Key of the sheet in the template.
        last: Zero-based last column of the title.
        note: Text of the note.
        note_height: Height of the note's row, in points.
    """
    formats = book.formats
    words = template("moderation")
    writer = book.add_sheet(words["sheets"][name])
    writer.sheet.hide_gridlines(2)
    title = formats.cell("navy", "navy_ink", bold=True, font_size=16, indent=1)
    writer.fill_blank(0, 0, last, title)
    writer.text(0, 0, words[name]["title"], title)
    writer.row_height(0, 27)
    style = formats.cell("paper", "quiet", text_wrap=True, valign="top", indent=1)
    checked_call(writer.sheet.merge_range, 1, 0, 1, last, "", style)
    writer.text(1, 0, note, style)
    writer.row_height(1, note_height)
    return writer


def finish_sheet(writer: SheetWriter) -> None:
    """Set up printing on A4 in landscape, and protect the sheet."""
    checked_call(writer.sheet.set_landscape)
    checked_call(writer.sheet.set_paper, 9)
    checked_call(writer.sheet.fit_to_pages, 1, 0)
    checked_call(writer.sheet.ignore_errors, {"number_stored_as_text": "A1:XFD1048576"})
    writer.sheet.protect()


def shade_shares(writer: SheetWriter, area: tuple[int, int, int, int]) -> None:
    """Shade shares from 0 to 100%.

    Args:
        writer: Writer of the sheet.
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
            "max_color": CERTAIN,
        },
    )
