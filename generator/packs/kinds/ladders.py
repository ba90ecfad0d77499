"""The printable progress ladder, for pupils' books: it names nobody."""

from __future__ import annotations

from generator.markbook.ladder_sheet import write_bands
from generator.markbook.ladders import read_ladders
from generator.markbook.layout import Ladder
from generator.packs.pack_kind import PackContext, PackKind
from generator.school.school import School
from generator.xlsx.theme import template
from generator.xlsx.writer import WorkbookWriter
from udfs.errors import MarkbookError

NAME = "ladders"
WIDTHS = (26, 20, 16, 46)  # characters


def scopes(snapshot: object, school: School) -> list[str]:
    """The ladders in the school folder, each as `Mathematics 8`."""
    return sorted(_ladders(school))


def write(snapshot: object, context: PackContext, scope: str) -> bytes:
    """The workbook of one ladder, on a page of its own.

    Raises:
        MarkbookError: If the ladder has been removed since it was listed.
    """
    ladder = _ladders(context.school).get(scope)
    if ladder is None:
        raise MarkbookError(f"There is no ladder {scope}.", "Put it into ladders/.")
    words = template("markbook")["ladder"]
    book = WorkbookWriter(context.now)
    writer = book.add_sheet(words["title"])
    writer.sheet.hide_gridlines(2)
    for column, width in enumerate(WIDTHS):
        writer.column_width(column, width)
    title = f"{ladder.subject}, Year {ladder.year}"
    band = book.formats.cell("navy", "navy_ink", bold=True, font_size=16)
    writer.fill_blank(0, 0, len(WIDTHS) - 1, band)
    writer.text(0, 0, title, band)
    writer.row_height(0, 25)
    write_bands(writer, _without_targets(ladder), 2)
    writer.sheet.protect()
    writer.sheet.set_paper(9)
    writer.sheet.fit_to_pages(1, 1)
    writer.sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.5)
    school = context.school.settings.school.name
    book.set_document_properties(title=title, company=school)
    return book.close()


KIND = PackKind(NAME, scopes, None, write)


def _ladders(school: School) -> dict[str, Ladder]:
    ladders = read_ladders(school.folder).by_subject_year.values()
    return {f"{ladder.subject} {ladder.year}": ladder for ladder in ladders}


def _without_targets(ladder: Ladder) -> Ladder:
    # Which target expects which band is for the teacher to say.
    bands = tuple(type(band)(band.name, (), band.statements) for band in ladder.bands)
    return Ladder(ladder.subject, ladder.year, bands, ladder.note)
