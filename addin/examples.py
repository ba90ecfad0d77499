"""`Examples.xlsx` and `Functions.html`: each function with examples and answers."""

from __future__ import annotations

from datetime import datetime
from html import escape
from io import BytesIO

import xlsxwriter

from udfs.excel import functions
from udfs.excel.functions import FUNCTIONS, NAMESPACE, WorksheetFunction
from udfs.excel.ranges import Cell, Rows

DATA, ANSWERS = "Data", "Answers"
TEXT_WIDTH = 46  # letters, of the columns with sentences
# A table to try the functions on; the pupils are fictitious.
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


def _column(letter: str) -> str:
    return f"{DATA}!{letter}2:{letter}{_LAST}"


# Function and arguments of each example.
EXAMPLES: tuple[tuple[str, str], ...] = (
    ("POINTS", '"5"'),
    ("POINTS", '"5-4"'),
    ("POINTS", '"L2D*","level12"'),
    ("TARGET", '"Physics",97,97'),
    ("TARGET", '"Mathematics",101,101,0.8'),
    ("CHANCE", '"Mathematics",101,101,"5"'),
    ("FLAG", '"4","5"'),
    ("FLAG", '"6+","5"'),
    ("FLAG", f"{_column('G')},{_column('E')}"),
    ("GAP", f"{_column('G')},{_column('E')}"),
    ("WHY", '"4","6","3"'),
    ("GROUPS", f'{_ALL},"PP"'),
    ("UNDERACHIEVING", _ALL),
    ("PRAISE", f"{_ALL},2"),
    ("ATTAINMENT8", '{"English Language","Mathematics","History"},{"5","6","4"}'),
    ("PROGRESS8", "45,101,102"),
    ("ENGLISHMATHS", '{"English Language","Mathematics"},{"5","4"},4'),
    ("ACCURACY", '{"5","6","4"},{"5","5","5"}'),
    ("ERRORS", '{"Below","? 6+ is not a grade","On"}'),
)


def evaluate(name: str, arguments: str) -> Cell:
    """The answer of a function to the arguments of an example."""
    return getattr(functions, name)(*example_arguments(arguments))


def example_arguments(arguments: str) -> list[Cell]:
    """The arguments of an example as values: cells, and ranges of rows.

    >>> example_arguments('"Physics",97,0.8,{"5","4"}')
    ['Physics', 97, 0.8, [['5', '4']]]
    """
    return [_value(part) for part in _split(arguments)]


def _split(arguments: str) -> list[str]:
    """Split at commas outside quotes and curly brackets."""
    parts, depth, quoted = [""], 0, False
    for sign in arguments:
        quoted ^= sign == '"'
        depth += 0 if quoted else {"{": 1, "}": -1}.get(sign, 0)
        if sign == "," and not quoted and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _value(part: str) -> Cell:
    if part.startswith("{"):
        return [[_value(cell) for cell in part.strip("{}").split(",")]]
    if part.startswith('"'):
        return part.strip('"')
    if part.startswith(DATA):
        first, last = part.partition("!")[2].split(":")
        left, right = ord(first[0]) - ord("A"), ord(last[0]) - ord("A")
        rows = TABLE[int(first[1:]) - 1 : int(last[1:])]
        return [row[left : right + 1] for row in rows]
    return float(part) if "." in part else int(part)


def examples_workbook() -> bytes:
    """The workbook of examples, with answers that show without the add-in."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": "Markbook examples", "created": datetime(2026, 1, 1)})
    book.calc_on_load = False  # the stored answers stand until somebody recalculates
    head = book.add_format({"bold": True, "bg_color": "#1F3864", "font_color": "white"})
    text = book.add_format({"num_format": "@"})
    for name, live in (("Examples", True), (ANSWERS, False)):
        _write_examples(book, book.add_worksheet(name), head, live=live)
    data = book.add_worksheet(DATA)
    data.ignore_errors({"number_stored_as_text": f"A1:H{_LAST}"})
    for row, cells in enumerate(TABLE):
        for column, cell in enumerate(cells):
            data.write_string(row, column, cell, text if row else head)
    book.close()
    return out.getvalue()


def _write_examples(
    book: xlsxwriter.Workbook,
    sheet: xlsxwriter.worksheet.Worksheet,
    head: xlsxwriter.format.Format,
    *,
    live: bool,
) -> None:
    """Write every example with its answer: as a formula, or as a value.

    Without the add-in, a formula over ranges may show an error; its answer is in the
    same cells of the other sheet.
    """
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    top = book.add_format({"valign": "top"})
    last_title = "Answer (needs the add-in)" if live else "Answer when this was made"
    titles = ("Function", "What it answers", "In the other add-in", last_title)
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, head)
    for column, width in enumerate((18, TEXT_WIDTH, TEXT_WIDTH, 24)):
        sheet.set_column(column, column, width, top)
    sheet.set_column(len(titles), 15, 14, top)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.ignore_errors({"number_stored_as_text": "A1:Z200"})
    row = 1
    for name, arguments in EXAMPLES:
        call = f"={NAMESPACE}.{name}({arguments})"
        purpose = FUNCTIONS[name].summary
        lines = max(-(-len(text) // (TEXT_WIDTH - 4)) for text in (purpose, call))
        sheet.set_row(row, 15 * lines)
        sheet.write_string(row, 0, name, top)
        sheet.write_string(row, 1, purpose, wrap)
        sheet.write_string(row, 2, call, wrap)
        formula = f"={NAMESPACE}_{name}({arguments})" if live else ""
        row += _write_answer(sheet, row, formula, evaluate(name, arguments), top)


def _write_answer(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    formula: str,
    answer: Cell,
    top: xlsxwriter.format.Format,
) -> int:
    """Write an answer and its formula, if any; return how many rows they take."""
    rows = answer if isinstance(answer, list) else [[answer]]
    single = rows == [[answer]]
    for down, cells in enumerate(rows):
        for right, cell in enumerate(cells):
            if down or right or not formula:
                sheet.write(row + down, 3 + right, cell, top)
    last = (row + len(rows) - 1, 3 + len(rows[0]) - 1)
    if formula and single:
        sheet.write_formula(row, 3, formula, top, answer)
    elif formula:
        sheet.write_dynamic_array_formula(row, 3, *last, formula, top, rows[0][0])
    return 1 if single else len(rows) + 1


def help_page() -> bytes:
    """Every function with its arguments and examples, as an HTML page."""
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
        + "".join(map(_function_section, FUNCTIONS.values()))
        + "</html>\n"
    ).encode()


def _function_section(function: WorksheetFunction) -> str:
    arguments = "".join(
        f"<dt>{name}{' (may be left out)' if name in function.optional else ''}</dt>"
        f"<dd>{escape(text)}</dd>"
        for name, text in function.arguments.items()
    )
    examples = "".join(
        f"<p><code>={NAMESPACE}.{name}({escape(arguments)})</code> → "
        f"{escape(_summary(evaluate(name, arguments)))}</p>\n"
        for name, arguments in EXAMPLES
        if name == function.name
    )
    return (
        f'<h2 id="{function.name}">{NAMESPACE}.{function.name}'
        f"({', '.join(function.arguments)})</h2>\n<p>{escape(function.summary)}</p>\n"
        f"<dl>{arguments}</dl>\n{examples}"
    )


def _summary(answer: Cell) -> str:
    if not isinstance(answer, list):
        return str(answer) if answer != "" else "(blank)"
    return f"{len(answer)} rows of {len(answer[0])}"
