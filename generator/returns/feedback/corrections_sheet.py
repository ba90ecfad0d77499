"""The sheet `To put right`: what a teacher is to correct, each with its link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from generator.problems import Problem
from generator.xlsx.patch import XML, Part, in_order, text_of
from generator.xlsx.theme import colour, state, template
from generator.xlsx.worksheet import cell_reference

SHEET = "To put right"
_WIDTHS = (5, 13, 14, 26, 16, 62, 62)
_HEADINGS = ("", "Cell", "Column", "Pupil", "It says", "What is wrong", "What to do")
CONFLICT = "conflict"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LINE = 15.0  # points of height
_WIDE = 68  # letters in a line of the wide columns, which are measured in figures


@dataclass(frozen=True, slots=True)
class Correction:
    """One line of the sheet.

    Args:
        problem: What is wrong.
        sheet: The sheet of the cell, or empty for the file as a whole.
        cell: One cell, or empty.
        pupil: The pupil's name and number, or empty.
        column: The heading that the cell stands under, or empty.
    """

    problem: Problem
    sheet: str
    cell: str
    pupil: str
    column: str = ""

    @property
    def cause(self) -> tuple[Problem, str, str, str]:
        """What it has in common with the other cells of a row that is wrong."""
        return self.problem, self.sheet, self.cell.lstrip(_LETTERS), self.pupil


def corrections(
    problems: Sequence[Problem], names: dict[str, str], *, contact: str
) -> list[Correction]:
    """One line for every cell of every problem, errors first, in the sheets' order.

    Args:
        problems: The problems of one return.
        names: Admission number -> the pupil's name.
        contact: Whom a teacher may ask, `the data office` say.
    """
    made = []
    for problem in problems:
        if problem.code == CONFLICT:  # the office settles it, with a command
            do = (
                f"The mark in the store stands until you tell {contact} which is right."
            )
            problem = replace(problem, do=do)
        cells = problem.cell.split(", ") if problem.cell else [""]
        pupils = problem.adno.split(", ") if problem.adno else []
        for number, cell in enumerate(cells):
            # A pupil for each cell, or one for all, or a list of them and no cell.
            if len(pupils) == len(cells):
                meant = pupils[number : number + 1]
            else:
                meant = pupils
            shown = ", ".join(f"{names.get(p, '')} ({p})".strip() for p in meant)
            made.append(Correction(problem, problem.sheet, cell, shown))
    made.sort(key=lambda item: (item.problem.severity != "error", not item.cell))
    return made


def sheet_xml(
    found: Sequence[Correction], *, title: str, space: str, looks: CorrectionStyles
) -> str:
    """The sheet as XML.

    Args:
        found: Its lines.
        title: Whose markbook this is.
        space: The spreadsheet namespace of the file.
        looks: The numbers of its cell styles.
    """
    errors = sum(item.problem.severity == "error" for item in found)
    checks = len(found) - errors
    rows = [
        _row(1, [(0, f"To put right: {title}", looks.title)], 24, fill=looks.title),
        _row(2, [(0, _summary(errors, checks), looks.plain)], 20),
        _row(
            3,
            [
                (
                    0,
                    "Click a cell's name to go there, correct it, save, and return "
                    "this file as before. Red was not taken; yellow was, please check.",
                    looks.plain,
                )
            ],
            20,
        ),
        _row(5, [(n, text, looks.head) for n, text in enumerate(_HEADINGS)], 20),
    ]
    links = []
    several = len({item.sheet for item in found if item.cell}) > 1

    # A row that is wrong as a whole is one thing to put right, in all its cells.
    for number, (_, together) in enumerate(groupby(found, lambda i: i.cause), start=1):
        alike = list(together)
        item = alike[0]
        at = 5 + number
        problem = item.problem
        named = ", ".join(one.cell for one in alike)
        if several and item.cell:
            named = f"{item.sheet}!{named}"
        look = looks.error if problem.severity == "error" else looks.warning
        cells = [
            (0, str(number), look),
            (1, named, looks.link if item.cell else looks.text),
            (2, ", ".join(filter(None, (i.column for i in alike))), looks.text),
            (3, item.pupil, looks.text),
            (4, problem.value, looks.text),
            (5, problem.what, looks.text),
            (6, problem.do, looks.text),
        ]
        lines = max(
            -(-len(problem.what) // _WIDE),
            -(-len(problem.do) // _WIDE),
            *(-(-len(text) // (_WIDTHS[n] - 1)) for n, text, _ in cells[1:5]),
            1,
        )
        rows.append(_row(at, cells, min(lines, 12) * _LINE + 5))
        if item.cell:
            place = "'" + item.sheet.replace("'", "''") + f"'!{item.cell}"
            links.append(
                f'<hyperlink ref="B{at}" location="{_attribute(place)}" '
                f'display="{_attribute(named)}"/>'
            )
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(_WIDTHS, start=1)
    )
    made = (
        f'{XML}<worksheet xmlns="{space}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
        '<pane ySplit="5" topLeftCell="A6" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft" activeCell="B6" sqref="B6"/>'
        "</sheetView></sheetViews>"
        f"<cols>{columns}</cols><sheetData>{''.join(rows)}</sheetData>"
    )
    if links:
        made += f"<hyperlinks>{''.join(links)}</hyperlinks>"
    return (
        made + '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" '
        'header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        "</worksheet>"
    )


@dataclass(frozen=True, slots=True)
class CorrectionStyles:
    """The numbers of the styles that this sheet uses, and of two changes of look."""

    title: int
    plain: int
    head: int
    text: int
    link: int
    error: int
    warning: int
    wrong: int  # a differential format: a cell that was not taken
    check: int  # a differential format: a cell to look at


def add_styles(part: Part) -> CorrectionStyles:
    """Add the styles that the sheet needs to a workbook's styles."""
    wrong, check = state("wrong"), state("check")
    font = template("theme")["font"]["name"]

    def ink(name: str, more: str = "", size: int = 11) -> str:
        return (
            f'<font>{more}<sz val="{size}"/><color rgb="{_rgb(name)}"/>'
            f'<name val="{font}"/><family val="2"/></font>'
        )

    def solid(name: str) -> str:
        return (
            '<fill><patternFill patternType="solid">'
            f'<fgColor rgb="{_rgb(name)}"/><bgColor indexed="64"/></patternFill></fill>'
        )

    bold = "<b/>"
    fonts = [
        ink("navy_ink", bold, 14),
        ink("ink"),
        ink("navy", bold),
        ink("link", "<u/>"),
        ink(wrong.ink, bold),
        ink(check.ink, bold),
    ]
    fills = [solid(n) for n in ("navy", "paper", "band", wrong.fill, check.fill)]
    f = _add(part, "fonts", fonts)
    p = _add(part, "fills", fills)
    wrap = '<alignment vertical="top" wrapText="1"/>'
    middle = '<alignment vertical="center"/>'

    def style(font: int, fill: int, align: str) -> str:
        return (
            f'<xf numFmtId="49" fontId="{f + font}" fillId="{p + fill}" borderId="0" '
            'xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" '
            f'applyAlignment="1">{align}</xf>'
        )

    x = _add(
        part,
        "cellXfs",
        [
            style(0, 0, middle),
            style(1, 1, middle),
            style(2, 2, middle),
            style(1, 1, wrap),
            style(3, 1, wrap),
            style(4, 3, wrap),
            style(5, 4, wrap),
        ],
    )

    def change(paint_fill: str, paint_ink: str) -> str:
        return (
            f'<dxf><font><color rgb="{_rgb(paint_ink)}"/></font><fill>'
            f'<patternFill patternType="solid"><fgColor rgb="{_rgb(paint_fill)}"/>'
            f'<bgColor rgb="{_rgb(paint_fill)}"/></patternFill></fill></dxf>'
        )

    d = _add(
        part, "dxfs", [change(wrong.fill, wrong.ink), change(check.fill, check.ink)]
    )
    return CorrectionStyles(x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, d, d + 1)


_STYLES_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles",
    "dxfs", "tableStyles", "colors", "extLst",
)  # fmt: skip


def _add(part: Part, name: str, texts: Sequence[str]) -> int:
    """Add children to a list of the styles unless they are there.

    Returns:
        The number of the first.
    """
    node = part.root.child(name)
    if node is None:
        part.insert(
            in_order(part, name, _STYLES_ORDER),
            f'<{name} count="{len(texts)}">{"".join(texts)}</{name}>',
        )
        return 0
    there = [part.data[child.start : child.after] for child in node.children]
    wanted = [text.encode() for text in texts]
    for first in range(len(there) - len(wanted) + 1):
        if there[first : first + len(wanted)] == wanted:
            return first  # of an earlier time
    first = len(node.children)
    if node.empty:
        part.replace(
            node.start,
            node.after,
            f'<{name} count="{len(texts)}">{"".join(texts)}</{name}>',
        )
    else:
        part.set(node, "count", str(first + len(texts)))
        part.append(node, "".join(texts))
    return first


def _summary(errors: int, checks: int) -> str:
    parts = []
    if errors:
        parts.append(
            "1 cell could not be taken"
            if errors == 1
            else f"{errors} cells could not be taken"
        )
    if checks:
        parts.append(
            "1 thing is to be checked"
            if checks == 1
            else f"{checks} things are to be checked"
        )
    return f"{', '.join(parts)}. Everything else has arrived: thank you."


def _row(
    number: int, cells: Sequence[tuple[int, str, int]], height: float, *, fill: int = -1
) -> str:
    made = {column: (text, look) for column, text, look in cells}
    if fill >= 0:
        for column in range(len(_WIDTHS)):
            made.setdefault(column, ("", fill))
    texts = []
    for column, (text, look) in sorted(made.items()):
        at = cell_reference(number - 1, column)
        if text:
            texts.append(
                f'<c r="{at}" s="{look}" t="inlineStr"><is>'
                f'<t xml:space="preserve">{text_of(text)}</t></is></c>'
            )
        else:
            texts.append(f'<c r="{at}" s="{look}"/>')
    return f'<row r="{number}" ht="{height:g}" customHeight="1">{"".join(texts)}</row>'


def _attribute(text: str) -> str:
    return text_of(text).replace('"', "&quot;")


def _rgb(name: str) -> str:
    found = name if name.startswith("#") else colour(name)
    return f"FF{found[1:].upper()}"
