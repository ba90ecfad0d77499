"""No return makes reading, checking and marking up work long, whatever is in it."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape

import pytest

from generator.xlsx.reader import read_workbook
from generator.xlsx.refusals import FileRefused
from tests.generator.classroom import Classroom

SECONDS = 2.0  # of CPU, for the whole run
COLUMNS = "ABCDEFGHIJKLMNOPQRST"
ROWS = range(20, 405)  # below the class: as many rows as are read
SHEET, STRINGS = "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"
Parts = dict[str, bytes]
Change = Callable[[Parts], None]
_END = b"</sheetData>"


def cells(texts: Iterable[str], rows: Iterable[int] = ROWS) -> Change:
    """Rows below the class, each cell with the next text."""
    source = iter(texts)
    xml = "".join(
        f'<row r="{row}">'
        + "".join(
            f'<c r="{column}{row}" t="inlineStr"><is><t xml:space="preserve">'
            f"{escape(next(source))}</t></is></c>"
            for column in COLUMNS
        )
        + "</row>"
        for row in rows
    ).encode()

    def change(parts: Parts) -> None:
        parts[SHEET] = parts[SHEET].replace(_END, xml + _END)

    return change


def references(text: str) -> Change:
    """Sixty thousand cells that all refer to one text."""
    letters = [*COLUMNS, "U"]

    def change(parts: Parts) -> None:
        number = parts[STRINGS].count(b"<si>")
        item = f'<si><t xml:space="preserve">{text}</t></si></sst>'.encode()
        parts[STRINGS] = parts[STRINGS].replace(b"</sst>", item)
        rows = "".join(
            f'<row r="{row}">'
            + "".join(
                f'<c r="{letter}{row}" t="s"><v>{number}</v></c>' for letter in letters
            )
            + "</row>"
            for row in range(20, 2870)
        )
        parts[SHEET] = parts[SHEET].replace(_END, rows.encode() + _END)

    return change


def merged_cells(parts: Parts) -> None:
    cells(itertools.repeat("Z"))(parts)
    merges = b"".join(b'<mergeCell ref="Z%d:AA%d"/>' % (n, n) for n in range(900, 2890))
    sheet = parts[SHEET].replace(b"</mergeCells>", b"")
    before, found, after = sheet.partition(b"<mergeCells")
    if found:
        tag, _, rest = after.partition(b">")
        parts[SHEET] = before + found + tag + b">" + merges + b"</mergeCells>" + rest
    else:
        parts[SHEET] = sheet.replace(
            _END, _END + b"<mergeCells>" + merges + b"</mergeCells>"
        )


def conditional_formats(parts: Parts) -> None:
    rules = b"".join(
        b'<conditionalFormatting sqref="A%d"><cfRule type="expression" dxfId="%d" '
        b'priority="%d"><formula>%b</formula></cfRule></conditionalFormatting>'
        % (n + 1, n % 9, n + 99, b"LEN(" * 700)
        for n in range(1500)
    )
    marker = b"<conditionalFormatting"
    parts[SHEET] = parts[SHEET].replace(marker, rules + marker, 1)


def number_formats(parts: Parts) -> None:
    """Formats whose quotes and brackets never close."""
    codes = "".join(
        f'<numFmt numFmtId="{n + 200}" formatCode="{"[&quot;" * 40}{n}"/>'
        for n in range(19_000)
    )
    styles = parts["xl/styles.xml"].decode()
    head, _, rest = styles.partition("<numFmts")
    tag, _, rest = rest.partition(">")
    parts["xl/styles.xml"] = f"{head}<numFmts{tag}>{codes}{rest}".encode()


def one_pupil(parts: Parts) -> None:
    """One pupil in every row, each time with other marks."""
    grades = itertools.cycle("123456789")
    row = itertools.cycle(["000101", *[None] * (len(COLUMNS) - 1)])
    cells(each or next(grades) for each in row)(parts)


def numbered(template: str) -> Iterable[str]:
    return (template.format(n) for n in itertools.count())


COSTLY: dict[str, Change] = {
    "a short text": references("x" * 16),
    "a long text": references("x" * 300),
    "spaces": references("  x  " * 4),
    "wide letters": references("ｘ" * 16),
    "one sign for eighteen letters": references("\ufdfa"),
    "one grade": references("5"),
    "headings": cells(itertools.repeat("Adno "), range(20, 59)),
    "headings far down": cells(itertools.repeat("Adno"), range(20, 2900)),
    "texts": cells(numbered("abc -/{:020}")),
    "texts of other alphabets": cells(numbered("éèüößａｂｃ１２３ {0}" * 3)),
    "admission numbers": cells(numbered("{:06}")),
    "zeros": cells("0" * (n % 30 + 1) for n in itertools.count()),
    "names": cells(numbered("Adeyemi{}")),
    "long comments": cells(numbered("abcé \n{0}" * 90), range(20, 60)),
    "accents": cells(itertools.repeat("a" + "\u0301\u0327\u0300" * 3000), [20, 21]),
    "merged cells": merged_cells,
    "conditional formats": conditional_formats,
    "number formats": number_formats,
    "one pupil in every row": one_pupil,
}


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.mark.skipif(os.name == "nt", reason="Windows does not count child processes")
@pytest.mark.parametrize("name", COSTLY)
def test_no_return_takes_long(classroom: Classroom, name: str) -> None:
    classroom.send("good.xlsx", filled={("000101", "prediction"): "6"})
    before = _cpu()
    classroom.collect()
    usual = _cpu() - before
    path = classroom.send(
        "a.xlsx", filled={("000102", "prediction"): "Z"}, change=COSTLY[name]
    )
    before = _cpu()
    report = classroom.collect(path)
    assert _cpu() - before - usual < SECONDS
    assert report.problems
    assert classroom.maths("000101") == "6"


def test_sixty_thousand_references_to_one_text_are_refused_at_once(
    classroom: Classroom,
) -> None:
    path = classroom.send("a.xlsx", change=references("x" * 300))
    assert path.stat().st_size < 200_000
    start = time.process_time()
    with pytest.raises(FileRefused, match="letters in cells"):
        read_workbook(path.read_bytes())
    assert time.process_time() - start < SECONDS


def test_a_text_of_many_cells_is_read_where_it_is_short(classroom: Classroom) -> None:
    """What the bound allows: a class in which all have the same long comment."""
    text = "Works well and asks good questions in every lesson. " * 3
    rows = {(row, "comment"): text for row in range(7, 19)}
    classroom.send("a.xlsx", filled=rows)
    assert classroom.collect().files["merged"] == 1
