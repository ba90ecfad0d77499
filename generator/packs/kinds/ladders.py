"""The printable version of a progress ladder, for pupils' books: no name is in it."""

from __future__ import annotations

from datetime import datetime

from generator.markbook.ladder_sheet import write_bands
from generator.markbook.ladders import read_ladders
from generator.markbook.layout import Ladder
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.problems import Problem
from generator.school.school import School
from generator.xlsx.theme import Looks, template
from generator.xlsx.writer import Book
from udfs.errors import MarkbookError
from udfs.tables import Tables

KIND = "ladders"
_WIDTHS = (26, 20, 16, 46)  # in characters


def on_file(school: School) -> list[str]:
    """The ladders that the school folder has, each as `Mathematics 8`."""
    return sorted(_named(school))


def scopes(standing: CollectionSnapshot) -> list[str]:
    """None that could be told from marks: see `on_file`."""
    return []


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """None: a ladder is for everybody."""
    return None


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
) -> bytes:
    """One ladder on a page of its own.

    Raises:
        MarkbookError: If the ladder has gone since it was listed.
    """
    ladder = _named(school).get(scope)
    if ladder is None:
        raise MarkbookError(f"There is no ladder {scope}.", "Put it into ladders/.")
    words = template("markbook")["ladder"]
    book = Book(now)
    looks = Looks(book.workbook)
    pen = book.sheet(words["title"])
    pen.sheet.hide_gridlines(2)
    for column, width in enumerate(_WIDTHS):
        pen.width(column, width)
    title = looks.of("navy", "navy_ink", bold=True, font_size=16)
    pen.fill(0, 0, len(_WIDTHS) - 1, title)
    pen.text(0, 0, f"{ladder.subject}, Year {ladder.year}", title)
    pen.height(0, 25)
    write_bands(pen, looks, _for_pupils(ladder), 2)
    pen.sheet.protect()
    pen.sheet.set_paper(9)
    pen.sheet.fit_to_pages(1, 1)
    pen.sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.5)
    name = school.settings.school.name
    book.about(title=f"{ladder.subject}, Year {ladder.year}", company=name)
    return book.close()


def _named(school: School) -> dict[str, Ladder]:
    found = read_ladders(school.folder).by_subject_year.values()
    return {f"{one.subject} {one.year}": one for one in found}


def _for_pupils(ladder: Ladder) -> Ladder:
    # Which target expects which band is for the teacher to say.
    bands = tuple(type(band)(band.name, (), band.statements) for band in ladder.bands)
    return Ladder(ladder.subject, ladder.year, bands, ladder.note)
