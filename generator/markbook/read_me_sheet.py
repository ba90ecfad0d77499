"""The sheet `Read me`: what to do, what the words mean, who may see the file."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.format import Format

from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import COMMENT_LENGTH, Markbook, column_letters
from generator.markbook.sheet_content import SheetContent, footer_text
from generator.markbook.sheet_header import long_date, set_footer
from generator.xlsx.theme import Looks, template
from generator.xlsx.writer import Book, Pen

README_SHEET = "Read me"
_WIDTHS = (3, 22, 16, 30, 10, 12, 12, 30)  # in characters
_LAST = len(_WIDTHS) - 1
_LINE = 146  # characters that fit on a line across the columns
_POINTS = 15.5  # of a line's height


def write_read_me(
    book: Book, formats: Looks, markbook: Markbook, pages: Sequence[SheetContent]
) -> None:
    """Write the sheet `Read me`, with the list of classes at its head."""
    writer = book.sheet(README_SHEET)
    writer.sheet.hide_gridlines(2)
    for column, width in enumerate(_WIDTHS):
        writer.width(column, width)
    writer = _ReadMeWriter(writer, formats)
    words = template("markbook")["read_me"]
    writer.title(words["title"], pages[0].class_line(markbook, *pages[1:]))
    writer.classes(words, pages)
    said = {
        "sheets": " and ".join(page.sheet.name for page in pages)
        if len(pages) < 4
        else f"{pages[0].sheet.name} and those after it",
        "codes": " or ".join(code.name for code in pages[0].lists.codes),
        "closes": long_date(markbook.closes),
        "contact": markbook.contact,
        "effort": ", ".join(markbook.effort),
        "length": COMMENT_LENGTH,
        "keep": _keep(words, markbook),
        "printed": template("markbook")["print"][
            "with" if markbook.print_groups else "without"
        ],
    }
    writer.heading(words["steps_title"])
    for number, step in enumerate(words["steps"], start=1):
        writer.line(str(number), step.format(**said))
    writer.heading(words["meaning_title"])
    judged = any(page.prediction_scale.judgement for page in pages)
    for key, meaning in words["meaning"].items():
        if key not in ("prediction", "judgement") or (key == "judgement") == judged:
            name, _, meant = meaning.partition(": ")
            writer.pair(name, meant[:1].upper() + meant[1:])
    writer.heading(words["columns_title"])
    for name, meant in _columns(words, pages):
        writer.pair(name, meant.format(**said))
    writer.heading(words["choices_title"])
    for name, choices in _choices(pages):
        writer.pair(name, choices)
    for heading, lines in (
        (words["private_title"], words["private"]),
        (words["tips_title"], words["tips"]),
    ):
        writer.heading(heading)
        for text in lines:
            writer.line("•", text.format(**said))
    writer.sheet.protect()
    writer.sheet.set_paper(9)
    writer.sheet.fit_to_pages(1, 1)
    writer.sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.5)
    set_footer(writer, footer_text(markbook, words["title"]))


class _ReadMeWriter:
    # Writes down the sheet, row after row.
    def __init__(self, writer: Pen, formats: Looks) -> None:
        self.pen = writer
        self.looks = formats
        self.row = 0
        self.plain = formats.of(text_wrap=True, valign="top")
        self.strong = formats.of(ink="navy", bold=True, valign="top")

    def title(self, title: str, about: str) -> None:
        for text, height, style in (
            (title, 25, self.looks.of("navy", "navy_ink", bold=True, font_size=16)),
            (about, 16, self.looks.of("navy", "navy_ink")),
        ):
            self.pen.fill(self.row, 0, _LAST, style)
            self.pen.text(self.row, 1, text, style)
            self.pen.height(self.row, height)
            self.row += 1

    def heading(self, text: str) -> None:
        self.pen.height(self.row, 6)
        self.row += 1
        style = self.looks.of("band", "navy", bold=True)
        self.pen.fill(self.row, 0, _LAST, style)
        self.pen.text(self.row, 1, text, style)
        self.pen.height(self.row, 16)
        self.row += 1

    def line(self, mark: str, text: str) -> None:
        style = self.looks.of(ink="navy", bold=True, valign="top", align="center")
        self.pen.text(self.row, 0, mark, style)
        self._across(1, text, _LINE + 26, self.plain)

    def pair(self, name: str, text: str) -> None:
        self.pen.text(self.row, 1, name, self.strong)
        self._across(2, text, _LINE, self.plain)

    def _across(self, first: int, text: str, fits: int, style: Format) -> None:
        self.pen.sheet.merge_range(self.row, first, self.row, _LAST, "", style)
        self.pen.text(self.row, first, text, style)
        lines = -(-len(text) // fits) or 1
        self.pen.height(self.row, _POINTS * lines)
        self.row += 1

    def classes(
        self, words: dict[str, list[str]], pages: Sequence[SheetContent]
    ) -> None:
        self.pen.height(self.row, 6)
        self.row += 1
        head = self.looks.of("band", "navy", bold=True, align="left")
        self.pen.fill(self.row, 0, _LAST, head)
        for column, text in enumerate(words["contents_columns"], start=1):
            self.pen.text(self.row, column, text, head)
        self.row += 1
        plain, link = (
            self.looks.of(align="left"),
            self.looks.of(ink="link", underline=1),
        )
        for page in pages:
            sheet = quote_sheet(page.sheet)
            first = next(i for i, c in enumerate(page.sheet.columns) if c.entry)
            to = f"{sheet}!{column_letters(first)}{page.sheet.first_row}"
            self.pen.link(self.row, 1, to, page.sheet.name, link)
            self.pen.text(self.row, 2, page.sheet.class_code, plain)
            self.pen.text(self.row, 3, page.sheet.subject, plain)
            for column, (formula, value) in enumerate(page.totals(), start=4):
                self.pen.formula(self.row, column, formula, plain, value)
            self.row += 1


def _columns(
    words: dict[str, dict[str, str]], pages: Sequence[SheetContent]
) -> list[tuple[str, str]]:
    # Every heading that any sheet has, once, groups and collections together.
    found: dict[str, tuple[list[str], str]] = {}
    for page in pages:
        for column in page.sheet.columns:
            kind = column.key.partition(":")[0]
            meant = words["columns"].get(kind, "")
            headings, _ = found.setdefault(kind, ([], meant))
            if column.heading not in headings:
                headings.append(column.heading)
    return [(", ".join(headings), meant) for headings, meant in found.values() if meant]


def _choices(pages: Sequence[SheetContent]) -> list[tuple[str, str]]:
    lists = pages[0].lists
    found = [(scale.title, ", ".join(reversed(scale.grades))) for scale in lists.scales]
    return [*found, *((code.name, f"{code.meaning}.") for code in lists.codes)]


def _keep(words: dict[str, str], markbook: Markbook) -> str:
    if markbook.keep_until:
        kept = words["keep_until"].format(keep_until=long_date(markbook.keep_until))
    else:
        kept = words["keep_default"]
    owner = markbook.owner or markbook.school
    return f"{words['owner'].format(owner=owner)} {kept}"
