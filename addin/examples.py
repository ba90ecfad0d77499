"""`Examples.xlsx` and `Functions.html`: every function with an answer, made here."""

from __future__ import annotations

from datetime import datetime
from html import escape
from io import BytesIO

import xlsxwriter

from udfs.excel import functions
from udfs.excel.functions import FUNCTIONS, NAMESPACE, Worksheet
from udfs.excel.ranges import Cell, Rows

DATA, ANSWERS = "Data", "Answers"
WIDE = 46  # of the columns with sentences, in letters
# A table to try the functions on; the pupils are made up.
TABLE: Rows = [
    [
        "Adno",
        "Surname",
        "Subject",
        "PP",
        "Target",
        "Working at",
        "Prediction",
        "Praise",
    ],
    ["000101", "Adeyemi", "Mathematics", "Y", "5", "3", "3", ""],
    ["000101", "Adeyemi", "History", "Y", "5", "4", "4", ""],
    ["000101", "Adeyemi", "Combined Science", "Y", "5-4", "4-4", "5-4", ""],
    ["000102", "Brown", "Mathematics", "N", "6", "6", "7", ""],
    ["000102", "Brown", "History", "N", "6", "5", "6", ""],
    ["000102", "Brown", "Combined Science", "N", "6-6", "5-5", "6-5", "Yes"],
    ["000103", "Khan", "Mathematics", "N", "4", "Abs", "Abs", ""],
    ["000103", "Khan", "History", "N", "4", "4", "5", ""],
    ["000103", "Khan", "Combined Science", "N", "4-4", "3-3", "", ""],
]
_LAST = len(TABLE)
_ALL = f"{DATA}!A1:H{_LAST}"


def _under(letter: str) -> str:
    return f"{DATA}!{letter}2:{letter}{_LAST}"


# What stands between the brackets of each example.
EXAMPLES: tuple[tuple[str, str], ...] = (
    ("POINTS", '"5"'),
    ("POINTS", '"5-4"'),
    ("POINTS", '"L2D*","level12"'),
    ("TARGET", '"Physics",97,97'),
    ("TARGET", '"Mathematics",101,101,0.8'),
    ("CHANCE", '"Mathematics",101,101,"5"'),
    ("FLAG", '"4","5"'),
    ("FLAG", '"6+","5"'),
    ("FLAG", f"{_under('G')},{_under('E')}"),
    ("GAP", f"{_under('G')},{_under('E')}"),
    ("WHY", '"4","6","3"'),
    ("GROUPS", f'{_ALL},"PP"'),
    ("UNDERACHIEVING", _ALL),
    ("PRAISE", f"{_ALL},2"),
    ("ATTAINMENT8", '{"English Language","Mathematics","History"},{"5","6","4"}'),
    ("PROGRESS8", "45,101,102"),
    ("ENGLISHMATHS", '{"English Language","Mathematics"},{"5","4"},4'),
    ("ACCURACY", '{"5","6","4"},{"5","5","5"}'),
)


def evaluate(name: str, inside: str) -> Cell:
    """What a function answers to an example."""
    return getattr(functions, name)(*(_value(part) for part in _parts(inside)))


def _parts(inside: str) -> list[str]:
    """The arguments, parted at commas outside quotes and curly brackets."""
    parts, depth, quoted = [""], 0, False
    for sign in inside:
        quoted ^= sign == '"'
        depth += 0 if quoted else {"{": 1, "}": -1}.get(sign, 0)
        if sign == "," and not quoted and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _value(part: str) -> Cell:
    if part.startswith("{"):
        return [[_value(one) for one in part.strip("{}").split(",")]]
    if part.startswith('"'):
        return part.strip('"')
    if part.startswith(DATA):
        first, last = part.partition("!")[2].split(":")
        left, right = ord(first[0]) - ord("A"), ord(last[0]) - ord("A")
        rows = TABLE[int(first[1:]) - 1 : int(last[1:])]
        return [row[left : right + 1] for row in rows]
    return float(part) if "." in part else int(part)


def examples_workbook() -> bytes:
    """The workbook; the answers are stored in it, so it reads well anywhere."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": "Markbook examples", "created": datetime(2026, 1, 1)})
    book.calc_on_load = False  # the stored answers stand until somebody recalculates
    head = book.add_format({"bold": True, "bg_color": "#1F3864", "font_color": "white"})
    text = book.add_format({"num_format": "@"})
    for name, live in (("Examples", True), (ANSWERS, False)):
        _list(book, book.add_worksheet(name), head, live=live)
    data = book.add_worksheet(DATA)
    data.ignore_errors({"number_stored_as_text": f"A1:H{_LAST}"})
    for number, cells in enumerate(TABLE):
        for place, cell in enumerate(cells):
            data.write_string(number, place, cell, text if number else head)
    book.close()
    return out.getvalue()


def _list(
    book: xlsxwriter.Workbook,
    sheet: xlsxwriter.worksheet.Worksheet,
    head: xlsxwriter.format.Format,
    *,
    live: bool,
) -> None:
    """Every example with its answer: as a formula, or as it was when this was made.

    Where the functions are not, a formula over ranges may show an error; what it
    answered stands on the other sheet, in the same cells.
    """
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    top = book.add_format({"valign": "top"})
    answered = "Answer (needs the add-in)" if live else "Answer when this was made"
    titles = ("Function", "What it answers", "In the other add-in", answered)
    for place, title in enumerate(titles):
        sheet.write_string(0, place, title, head)
    for place, width in enumerate((18, WIDE, WIDE, 24)):
        sheet.set_column(place, place, width, top)
    sheet.set_column(len(titles), 15, 14, top)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.ignore_errors({"number_stored_as_text": "A1:Z200"})
    row = 1
    for name, inside in EXAMPLES:
        told = f"={NAMESPACE}.{name}({inside})"
        says = FUNCTIONS[name].says
        lines = max(-(-len(text) // (WIDE - 4)) for text in (says, told))
        sheet.set_row(row, 15 * lines)
        sheet.write_string(row, 0, name, top)
        sheet.write_string(row, 1, says, wrap)
        sheet.write_string(row, 2, told, wrap)
        formula = f"={NAMESPACE}_{name}({inside})" if live else ""
        row += _answer(sheet, row, formula, evaluate(name, inside), top)


def _answer(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    formula: str,
    made: Cell,
    top: xlsxwriter.format.Format,
) -> int:
    """Write an answer, and the formula that gave it; how many rows that took."""
    rows = made if isinstance(made, list) else [[made]]
    alone = rows == [[made]]
    for down, cells in enumerate(rows):
        for across, cell in enumerate(cells):
            if down or across or not formula:
                sheet.write(row + down, 3 + across, cell, top)
    last = (row + len(rows) - 1, 3 + len(rows[0]) - 1)
    if formula and alone:
        sheet.write_formula(row, 3, formula, top, made)
    elif formula:
        sheet.write_dynamic_array_formula(row, 3, *last, formula, top, rows[0][0])
    return 1 if alone else len(rows) + 1


def help_page() -> bytes:
    """Every function with its arguments and examples, as one page."""
    parts = [_page(made) for made in FUNCTIONS.values()]
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        "<title>Markbook: worksheet functions</title>\n"
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem "
        "auto;padding:0 1rem;color:#1b1b1b}code{background:#eef1f6;padding:0 .2rem}"
        "dt{font-weight:600}</style>\n<h1>Worksheet functions</h1>\n"
        "<p>Written <code>MB.NAME</code> in the add-in for Windows, Mac and the web, "
        "<code>MB_NAME</code> in the classic one. A range in gives a range out; a "
        "blank, which Excel may hand over as 0, stays blank; a mistake answers "
        "<code>?</code> with what is wrong and what is allowed.</p>\n"
        + "".join(parts)
        + "</html>\n"
    ).encode()


def _page(made: Worksheet) -> str:
    arguments = "".join(
        f"<dt>{name}{' (may be left out)' if name in made.optional else ''}</dt>"
        f"<dd>{escape(says)}</dd>"
        for name, says in made.arguments.items()
    )
    tried = "".join(
        f"<p><code>={NAMESPACE}.{name}({escape(inside)})</code> → "
        f"{escape(_shown(evaluate(name, inside)))}</p>\n"
        for name, inside in EXAMPLES
        if name == made.name
    )
    return (
        f'<h2 id="{made.name}">{NAMESPACE}.{made.name}'
        f"({', '.join(made.arguments)})</h2>\n<p>{escape(made.says)}</p>\n"
        f"<dl>{arguments}</dl>\n{tried}"
    )


def _shown(made: Cell) -> str:
    if not isinstance(made, list):
        return str(made) if made != "" else "(blank)"
    return f"{len(made)} rows of {len(made[0])}"
