"""The sheet `Read me`: instructions, meanings, and who may see the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlsxwriter.format import Format

from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import COMMENT_LENGTH, Markbook, column_letters
from generator.markbook.sheet_content import SheetContent, footer_text
from generator.markbook.sheet_header import long_date, set_footer
from generator.xlsx.theme import template
from generator.xlsx.writer import SheetWriter, WorkbookWriter

README_SHEET = "Read me"
_WIDTHS = (3, 22, 16, 30, 10, 12, 12, 30)  # in characters
_LAST = len(_WIDTHS) - 1
_LINE_LENGTH = 146  # characters on a line across the columns
_LINE_HEIGHT = 15.5  # points


def write_read_me(
    book: WorkbookWriter, markbook: Markbook, contents: Sequence[SheetContent]
) -> None:
    """Write the sheet `Read me`, with a list of the classes at the top."""
    writer = book.add_sheet(README_SHEET)
    writer.sheet.hide_gridlines(2)
    for column, width in enumerate(_WIDTHS):
        writer.column_width(column, width)
    lines = _LineWriter(writer)
    words = template("markbook")["read_me"]
    lines.title(words["title"], contents[0].class_line(markbook, *contents[1:]))
    lines.classes(words["contents_columns"], contents)
    values = {
        "sheets": " and ".join(content.sheet.name for content in contents)
        if len(contents) < 4
        else f"{contents[0].sheet.name} and those after it",
        "codes": " or ".join(code.name for code in contents[0].lists.codes),
        "closes": long_date(markbook.closes),
        "contact": markbook.contact,
        "effort": ", ".join(markbook.effort),
        "length": COMMENT_LENGTH,
        "keep": _keep(words, markbook),
        "printed": template("markbook")["print"][
            "with" if markbook.print_groups else "without"
        ],
    }
    lines.heading(words["steps_title"])
    for number, step in enumerate(words["steps"], start=1):
        lines.item(str(number), step.format(**values))
    lines.heading(words["meaning_title"])
    judged = any(content.prediction_scale.judgement for content in contents)
    for key, meaning in words["meaning"].items():
        if key not in ("prediction", "judgement") or (key == "judgement") == judged:
            name, _, text = meaning.partition(": ")
            lines.pair(name, text[:1].upper() + text[1:])
    lines.heading(words["columns_title"])
    for name, meaning in _columns(words["columns"], contents):
        lines.pair(name, meaning.format(**values))
    lines.heading(words["choices_title"])
    for name, choices in _choices(contents):
        lines.pair(name, choices)
    for section in ("private", "tips"):
        lines.heading(words[f"{section}_title"])
        for text in words[section]:
            lines.item("•", text.format(**values))
    writer.sheet.protect()
    writer.sheet.set_paper(9)
    writer.sheet.fit_to_pages(1, 1)
    writer.sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.5)
    set_footer(writer, footer_text(markbook, words["title"]))


class _LineWriter:
    # Writes the sheet row by row.
    def __init__(self, writer: SheetWriter) -> None:
        self.writer = writer
        self.formats = formats = writer.formats
        self.row = 0
        self.plain = formats.cell(text_wrap=True, valign="top")
        self.strong = formats.cell(ink="navy", bold=True, valign="top")

    def title(self, title: str, class_line: str) -> None:
        cell = self.formats.cell
        title_style = cell("navy", "navy_ink", bold=True, font_size=16)
        self._band(title, title_style, 25)
        self._band(class_line, cell("navy", "navy_ink"), 16)

    def heading(self, text: str) -> None:
        self._space()
        self._band(text, self.formats.cell("band", "navy", bold=True), 16)

    def item(self, mark: str, text: str) -> None:
        style = self.formats.cell(ink="navy", bold=True, valign="top", align="center")
        self.writer.text(self.row, 0, mark, style)
        self._paragraph(1, text, _LINE_LENGTH + 26)

    def pair(self, name: str, text: str) -> None:
        self.writer.text(self.row, 1, name, self.strong)
        self._paragraph(2, text, _LINE_LENGTH)

    def classes(
        self, headings: Sequence[str], contents: Sequence[SheetContent]
    ) -> None:
        writer, cell = self.writer, self.formats.cell
        self._space()
        heading = cell("band", "navy", bold=True, align="left")
        writer.fill_blank(self.row, 0, _LAST, heading)
        for column, text in enumerate(headings, start=1):
            writer.text(self.row, column, text, heading)
        self.row += 1
        plain, link = cell(align="left"), cell(ink="link", underline=1)
        for content in contents:
            sheet = content.sheet
            first = next(i for i, column in enumerate(sheet.columns) if column.entry)
            address = f"{quote_sheet(sheet)}!{column_letters(first)}{sheet.first_row}"
            writer.link(self.row, 1, address, sheet.name, link)
            writer.text(self.row, 2, sheet.class_code, plain)
            writer.text(self.row, 3, sheet.subject, plain)
            for index, (formula, value) in enumerate(content.totals(), start=4):
                writer.formula(self.row, index, formula, plain, value)
            self.row += 1

    def _space(self) -> None:
        self.writer.row_height(self.row, 6)
        self.row += 1

    def _band(self, text: str, style: Format, height: float) -> None:
        self.writer.fill_blank(self.row, 0, _LAST, style)
        self.writer.text(self.row, 1, text, style)
        self.writer.row_height(self.row, height)
        self.row += 1

    def _paragraph(self, first: int, text: str, line_length: int) -> None:
        writer, row = self.writer, self.row
        writer.sheet.merge_range(row, first, row, _LAST, "", self.plain)
        writer.text(row, first, text, self.plain)
        lines = -(-len(text) // line_length) or 1
        writer.row_height(row, _LINE_HEIGHT * lines)
        self.row += 1


def _columns(
    meanings: Mapping[str, str], contents: Sequence[SheetContent]
) -> list[tuple[str, str]]:
    # The headings of all sheets with their meanings; groups and collections together.
    headings: dict[str, dict[str, None]] = {}
    for content in contents:
        for column in content.sheet.columns:
            kind = column.key.partition(":")[0]
            headings.setdefault(kind, {})[column.heading] = None
    return [
        (", ".join(names), meanings[kind])
        for kind, names in headings.items()
        if meanings.get(kind)
    ]


def _choices(contents: Sequence[SheetContent]) -> list[tuple[str, str]]:
    lists = contents[0].lists
    grades = [(s.title, ", ".join(reversed(s.grades))) for s in lists.scales]
    return [*grades, *((code.name, f"{code.meaning}.") for code in lists.codes)]


def _keep(words: Mapping[str, str], markbook: Markbook) -> str:
    if markbook.keep_until:
        until = long_date(markbook.keep_until)
        rule = words["keep_until"].format(keep_until=until)
    else:
        rule = words["keep_default"]
    owner = markbook.owner or markbook.school
    return f"{words['owner'].format(owner=owner)} {rule}"
