"""The sheets `Over time` and `For the board`."""

from __future__ import annotations

from collections.abc import Sequence

from generator.markbook import formulas
from generator.markbook.grid import LONG_NAME_SIZE
from generator.markbook.hidden_sheets import quote_sheet
from generator.markbook.layout import Markbook, column_letters
from generator.markbook.sheet_content import SheetContent, footer_text
from generator.markbook.sheet_header import set_footer
from generator.xlsx.theme import FLAG_KEYS, Looks, flag_paint, template
from generator.xlsx.writer import Book, Pen

OVER_TIME_SHEET = "Over time"
BOARD_SHEET = "For the board"
_EARLIER_AT = 4  # after Surname, Forename, Target, Aspirational


def write_over_time(
    book: Book, formats: Looks, markbook: Markbook, pages: Sequence[SheetContent]
) -> None:
    """Write the sheet `Over time`: every collection's prediction, pupil by pupil."""
    writer = book.sheet(OVER_TIME_SHEET)
    writer.sheet.hide_gridlines(2)
    words = template("markbook")["over_time"]
    widest = max(len(page.earlier) for page in pages)
    last = _EARLIER_AT + widest + 2
    for column in range(last + 1):
        writer.width(column, (17, 14, 9, 12)[column] if column < _EARLIER_AT else 16)
    most = max(len(page.sheet.extras) for page in pages)
    for column in range(last + 1, last + 1 + most):
        writer.width(column, 42)
    last += most
    _title(writer, formats, words["title"], words["note"], last)
    row = 3
    breaks = []
    for page in pages:
        row = _write_history(writer, formats, markbook, page, row) + 2
        breaks.append(row)
    writer.sheet.ignore_errors(
        {"number_stored_as_text": f"A1:{column_letters(last)}{row + 1}"}
    )
    writer.sheet.protect("", {"format_columns": True})
    writer.sheet.set_h_pagebreaks(breaks[:-1])
    writer.sheet.set_paper(9)
    if last > 8:
        writer.sheet.set_landscape()
    writer.sheet.fit_to_pages(1, 0)
    writer.sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.5)
    set_footer(writer, footer_text(markbook, words["title"]))


def _write_history(
    writer: Pen, formats: Looks, markbook: Markbook, page: SheetContent, row: int
) -> int:
    words = template("markbook")["over_time"]
    band = formats.of("band", "navy", bold=True, font_size=13)
    now_at = _EARLIER_AT + len(page.earlier)
    told_at = now_at + 3
    writer.fill(row, 0, now_at + 2 + len(page.sheet.extras), band)
    writer.text(row, 0, page.title, band)
    row += 1
    if not page.earlier:
        writer.text(row, 0, words["none"], formats.of(ink="quiet", font_size=9))
        row += 1
    line = formats.line("locked_line")
    headings = [
        "Surname",
        "Forename",
        "Target",
        "Aspirational",
        *page.earlier,
        words["now"].format(code=markbook.collection),
        words["flag"],
        words["movement"],
        *(words[key] for key in page.sheet.extras),
    ]
    for column, text in enumerate(headings):
        align = "left" if column < 2 or column >= told_at else "center"
        style = formats.of(
            "band",
            "navy",
            bold=True,
            font_size=10,
            align=align,
            indent=int(align == "left"),
            text_wrap=True,
            **line,
        )
        writer.text(row, column, text, style)
    left = formats.of(
        "locked", num_format="@", align="left", indent=1, shrink=True, **line
    )
    small = formats.of(
        "locked",
        num_format="@",
        align="left",
        indent=1,
        font_size=LONG_NAME_SIZE,
        text_wrap=True,
        **line,
    )
    mid = formats.of("locked", num_format="@", align="center", **line)
    long = formats.of(
        "locked", num_format="@", align="left", font_size=9, text_wrap=True, **line
    )
    live = formats.of("locked", align="center", **line)
    moved = formats.of(
        "locked",
        align="center",
        num_format='"▲ "General;"▼ "General;"same";@',
        **line,
    )
    first = row + 1
    sheet = quote_sheet(page.sheet)
    for at, (pupil, said) in enumerate(
        zip(page.sheet.rows, page.row_values, strict=True)
    ):
        row += 1
        number = page.sheet.first_row + at
        names = (("surname", pupil.surname), ("forename", pupil.forename))
        for column, (key, text) in enumerate(names):
            writer.text(
                row, column, text, small if page.long_names.wraps(at, key) else left
            )
        if (high := page.long_names.row_height(at, 0)) and not page.sheet.extras:
            writer.height(row, high)
        writer.text(row, 2, pupil.target or "", mid)
        writer.text(row, 3, pupil.aspirational or "", mid)
        for column, code in enumerate(page.earlier, start=_EARLIER_AT):
            writer.text(row, column, pupil.earlier.get(code, ""), mid)
        for column, key in enumerate(page.sheet.extras, start=told_at):
            writer.text(row, column, pupil.extras.get(key, ""), long)
        if not page.has("prediction"):
            continue
        prediction = f"{sheet}!{page.cell('prediction', number)}"
        flag = f"{sheet}!{page.cell('flag', number)}"
        entered = pupil.entries.get("prediction", "")
        writer.formula(row, now_at, f'={prediction}&""', live, entered)
        writer.formula(row, now_at + 1, f'={flag}&""', live, said.flag)
        if page.earlier and not page.prediction_scale.judgement:
            before = f"{column_letters(now_at - 1)}{row + 1}"
            moving = formulas.movement(
                f"{column_letters(now_at)}{row + 1}", before, page.names
            )
            movement = page.movement(pupil)
            writer.formula(
                row, now_at + 2, moving, moved, "" if movement is None else movement
            )
        else:
            writer.text(row, now_at + 2, "", live)
    for flag in FLAG_KEYS if page.sheet.rows else ():
        paint = flag_paint(flag)
        for column in range(_EARLIER_AT, now_at):
            cell = f"{column_letters(column)}{first + 1}"
            ends = f'=OR({cell}="{flag}",RIGHT({cell},{len(flag) + 2})="({flag})")'
            # The sign before the grade; what is in the cell stays as it was.
            style = formats.change(paint.fill, paint.ink, num_format=paint.number_format)
            writer.when(first, row, column, ends, style)
        writer.when(
            first,
            row,
            now_at + 1,
            f'={column_letters(now_at + 1)}{first + 1}="{flag}"',
            formats.change(paint.fill, paint.ink, num_format=paint.number_format),
        )
    return row


def write_board(
    book: Book, formats: Looks, markbook: Markbook, pages: Sequence[SheetContent]
) -> None:
    """Write the sheet `For the board`: names in large type, nothing else by default."""
    writer = book.sheet(BOARD_SHEET)
    writer.sheet.hide_gridlines(2)
    words = template("markbook")["board"]
    shown = markbook.targets_on_board
    for column, width in enumerate((34, 12, 4, 34, 12)):
        writer.width(column, width if shown or column in (0, 2, 3) else 4)
    _title(writer, formats, words["title"], words["note"], 4)
    row = 3
    done: set[str] = set()
    breaks: list[int] = []
    for page in pages:
        if page.sheet.class_code in done and not shown:
            continue
        done.add(page.sheet.class_code)
        if len(done) > 1:
            breaks.append(row)
        row = _write_names(writer, formats, page, row, shown=shown) + 2
    writer.sheet.protect()
    writer.sheet.set_h_pagebreaks(breaks)
    writer.sheet.set_paper(9)
    writer.sheet.fit_to_pages(1, 0)
    set_footer(writer, footer_text(markbook, words["title"]))


def _write_names(
    writer: Pen, formats: Looks, page: SheetContent, row: int, *, shown: bool
) -> int:
    band = formats.of("band", "navy", bold=True, font_size=16)
    name = formats.of(font_size=18, num_format="@", align="left", indent=1, shrink=True)
    target = formats.of(ink="navy", font_size=18, bold=True, align="center")
    writer.fill(row, 0, 4, band)
    writer.text(row, 0, page.title, band)
    if shown:
        for column in (1, 4):
            writer.text(row, column, template("markbook")["board"]["target"], band)
    writer.height(row, 24)
    half = -(-len(page.sheet.rows) // 2)
    for at, pupil in enumerate(page.sheet.rows):
        column, down = divmod(at, half)
        writer.height(row + 1 + down, 26)
        writer.text(row + 1 + down, column * 3, f"{pupil.forename} {pupil.surname}", name)
        if shown:
            writer.text(row + 1 + down, column * 3 + 1, pupil.target or "", target)
    return row + half


def _title(writer: Pen, formats: Looks, title: str, note: str, last: int) -> None:
    style = formats.of("navy", "navy_ink", bold=True, font_size=16)
    writer.fill(0, 0, last, style)
    writer.text(0, 0, title, style)
    writer.height(0, 25)
    writer.text(1, 0, note, formats.of(ink="quiet", font_size=9))
