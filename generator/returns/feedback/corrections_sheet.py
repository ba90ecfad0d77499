"""The sheet `To put right`: what a teacher must correct, with links to the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from generator.problems import Problem
from generator.xlsx.patch import XML, PartPatch, child_position, escape_text
from generator.xlsx.theme import colour, state_style, template
from generator.xlsx.worksheet import cell_reference

SHEET = "To put right"
CONFLICT = "conflict"
_WIDTHS = (5, 13, 14, 26, 16, 62, 62)
_HEADINGS = ("", "Cell", "Column", "Pupil", "It says", "What is wrong", "What to do")
_HEADING_ROW = 5  # as Excel counts
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LINE = 15.0  # points of height
_MOST_LINES = 12
_WIDE = 68  # letters in a line of the wide columns, whose width is measured in digits


@dataclass(frozen=True, slots=True)
class Correction:
    """One cell to correct or check.

    Args:
        problem: What is wrong.
        sheet: The sheet of the cell, or empty for the file as a whole.
        cell: One cell, or empty.
        pupil: The pupil's name and number, or empty.
        column: The heading above the cell, or empty.
    """

    problem: Problem
    sheet: str
    cell: str
    pupil: str
    column: str = ""

    @property
    def cause(self) -> tuple[Problem, str, str, str]:
        """What it shares with the other cells of a row that is wrong as a whole."""
        return self.problem, self.sheet, self.cell.lstrip(_LETTERS), self.pupil


def corrections(
    problems: Sequence[Problem], names: Mapping[str, str], *, contact: str
) -> list[Correction]:
    """A correction for every cell of every problem, errors first.

    Args:
        problems: The problems of one return.
        names: Admission number -> the pupil's name.
        contact: Whom a teacher may ask, such as `the data office`.
    """
    rows = []
    for problem in problems:
        if problem.code == CONFLICT:  # the office settles it, with a command
            do = (
                f"The mark in the store stands until you tell {contact} which is right."
            )
            problem = replace(problem, do=do)
        cells = problem.cell.split(", ") if problem.cell else [""]
        adnos = problem.adno.split(", ") if problem.adno else []
        for number, cell in enumerate(cells):
            # A pupil for each cell, or one for all, or a list of them and no cell.
            own = adnos[number : number + 1] if len(adnos) == len(cells) else adnos
            pupil = ", ".join(f"{names.get(a, '')} ({a})".strip() for a in own)
            rows.append(Correction(problem, problem.sheet, cell, pupil))
    rows.sort(key=lambda row: (row.problem.severity != "error", not row.cell))
    return rows


@dataclass(frozen=True, slots=True)
class CorrectionStyles:
    """The numbers of the workbook styles for corrections.

    The last two are differential formats, of a cell that was not accepted and of one
    to check.
    """

    title: int
    plain: int
    head: int
    text: int
    link: int
    error: int
    warning: int
    wrong: int
    check: int


def sheet_xml(
    rows: Sequence[Correction], *, title: str, namespace: str, styles: CorrectionStyles
) -> str:
    """The sheet as XML.

    Args:
        rows: The corrections.
        title: The title: the file's classes.
        namespace: The spreadsheet namespace of the file.
        styles: The numbers of its cell styles.
    """
    errors = sum(row.problem.severity == "error" for row in rows)
    explanation = (
        "Click a cell's name to go there, correct it, save, and return "
        "this file as before. Red was not taken; yellow was, please check."
    )
    xml_rows = [
        _row(1, [(0, f"To put right: {title}", styles.title)], 24, fill=styles.title),
        _row(2, [(0, _summary(errors, len(rows) - errors), styles.plain)], 20),
        _row(3, [(0, explanation, styles.plain)], 20),
        _row(
            _HEADING_ROW,
            [(number, text, styles.head) for number, text in enumerate(_HEADINGS)],
            20,
        ),
    ]
    links = []
    has_several = len({row.sheet for row in rows if row.cell}) > 1
    # A row that is wrong as a whole is one correction, with all its cells.
    for number, (_, group) in enumerate(groupby(rows, lambda row: row.cause), start=1):
        alike = list(group)
        first = alike[0]
        cells = ", ".join(row.cell for row in alike)
        if has_several and first.cell:
            cells = f"{first.sheet}!{cells}"
        xml_rows.append(_correction_row(number, alike, cells, styles))
        if first.cell:
            location = "'" + first.sheet.replace("'", "''") + f"'!{first.cell}"
            links.append(
                f'<hyperlink ref="B{_HEADING_ROW + number}" '
                f'location="{_attribute(location)}" display="{_attribute(cells)}"/>'
            )
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(_WIDTHS, start=1)
    )
    return (
        f'{XML}<worksheet xmlns="{namespace}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
        '<pane ySplit="5" topLeftCell="A6" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft" activeCell="B6" sqref="B6"/>'
        "</sheetView></sheetViews>"
        f"<cols>{columns}</cols><sheetData>{''.join(xml_rows)}</sheetData>"
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" '
        'header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        "</worksheet>"
    )


def _summary(errors: int, checks: int) -> str:
    parts = []
    if errors:
        cells = "1 cell" if errors == 1 else f"{errors} cells"
        parts.append(f"{cells} could not be taken")
    if checks:
        things = "1 thing is" if checks == 1 else f"{checks} things are"
        parts.append(f"{things} to be checked")
    return f"{', '.join(parts)}. Everything else has arrived: thank you."


def _correction_row(
    number: int, alike: Sequence[Correction], cells: str, styles: CorrectionStyles
) -> str:
    first, problem = alike[0], alike[0].problem
    values = [
        (
            0,
            str(number),
            styles.error if problem.severity == "error" else styles.warning,
        ),
        (1, cells, styles.link if first.cell else styles.text),
        (2, ", ".join(row.column for row in alike if row.column), styles.text),
        (3, first.pupil, styles.text),
        (4, problem.value, styles.text),
        (5, problem.what, styles.text),
        (6, problem.do, styles.text),
    ]
    lines = max(
        -(-len(problem.what) // _WIDE),
        -(-len(problem.do) // _WIDE),
        *(-(-len(text) // (_WIDTHS[n] - 1)) for n, text, _ in values[1:5]),
        1,
    )
    height = min(lines, _MOST_LINES) * _LINE + 5
    return _row(_HEADING_ROW + number, values, height)


def _row(
    number: int, cells: Sequence[tuple[int, str, int]], height: float, *, fill: int = -1
) -> str:
    columns = {column: (text, style) for column, text, style in cells}
    if fill >= 0:
        for column in range(len(_WIDTHS)):
            columns.setdefault(column, ("", fill))
    xml_cells = []
    for column, (text, style) in sorted(columns.items()):
        cell = f'<c r="{cell_reference(number - 1, column)}" s="{style}"'
        if text:
            xml_cells.append(
                f'{cell} t="inlineStr"><is>'
                f'<t xml:space="preserve">{escape_text(text)}</t></is></c>'
            )
        else:
            xml_cells.append(f"{cell}/>")
    return (
        f'<row r="{number}" ht="{height:g}" customHeight="1">{"".join(xml_cells)}</row>'
    )


def _attribute(text: str) -> str:
    return escape_text(text).replace('"', "&quot;")


def add_styles(part: PartPatch) -> CorrectionStyles:
    """Add the styles of corrections to a workbook's styles.

    Args:
        part: The part `styles.xml`.
    """
    wrong, check = state_style("wrong"), state_style("check")
    fonts = [
        _font("navy_ink", "<b/>", 14),
        _font("ink"),
        _font("navy", "<b/>"),
        _font("link", "<u/>"),
        _font(wrong.ink, "<b/>"),
        _font(check.ink, "<b/>"),
    ]
    fills = [_fill(n) for n in ("navy", "paper", "band", wrong.fill, check.fill)]
    font = _add(part, "fonts", fonts)
    fill = _add(part, "fills", fills)
    wrapped = '<alignment vertical="top" wrapText="1"/>'
    centred = '<alignment vertical="center"/>'

    def style(font_number: int, fill_number: int, alignment: str) -> str:
        return (
            f'<xf numFmtId="49" fontId="{font + font_number}" '
            f'fillId="{fill + fill_number}" borderId="0" '
            'xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" '
            f'applyAlignment="1">{alignment}</xf>'
        )

    first = _add(
        part,
        "cellXfs",
        [
            style(0, 0, centred),
            style(1, 1, centred),
            style(2, 2, centred),
            style(1, 1, wrapped),
            style(3, 1, wrapped),
            style(4, 3, wrapped),
            style(5, 4, wrapped),
        ],
    )
    formats = [_differential(state.fill, state.ink) for state in (wrong, check)]
    change = _add(part, "dxfs", formats)
    return CorrectionStyles(
        title=first,
        plain=first + 1,
        head=first + 2,
        text=first + 3,
        link=first + 4,
        error=first + 5,
        warning=first + 6,
        wrong=change,
        check=change + 1,
    )


def _font(ink: str, properties: str = "", size: int = 11) -> str:
    return (
        f'<font>{properties}<sz val="{size}"/><color rgb="{_rgb(ink)}"/>'
        f'<name val="{template("theme")["font"]["name"]}"/><family val="2"/></font>'
    )


def _fill(paint: str) -> str:
    return (
        '<fill><patternFill patternType="solid">'
        f'<fgColor rgb="{_rgb(paint)}"/><bgColor indexed="64"/></patternFill></fill>'
    )


def _differential(fill: str, ink: str) -> str:
    return (
        f'<dxf><font><color rgb="{_rgb(ink)}"/></font><fill>'
        f'<patternFill patternType="solid"><fgColor rgb="{_rgb(fill)}"/>'
        f'<bgColor rgb="{_rgb(fill)}"/></patternFill></fill></dxf>'
    )


def _rgb(name: str) -> str:
    hex_code = name if name.startswith("#") else colour(name)
    return f"FF{hex_code[1:].upper()}"


_STYLES_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles",
    "dxfs", "tableStyles", "colors", "extLst",
)  # fmt: skip


def _add(part: PartPatch, name: str, elements: Sequence[str]) -> int:
    """Add elements to a list of the styles unless they are in it.

    Returns:
        The number of the first.
    """
    node = part.root.first_child(name)
    complete = f'<{name} count="{len(elements)}">{"".join(elements)}</{name}>'
    if node is None:
        part.insert(child_position(part, name, _STYLES_ORDER), complete)
        return 0
    existing = [part.data[child.start : child.after] for child in node.children]
    encoded = [text.encode() for text in elements]
    for first in range(len(existing) - len(encoded) + 1):
        if existing[first : first + len(encoded)] == encoded:
            return first  # added by an earlier annotation
    first = len(node.children)
    if node.empty:
        part.replace(node.start, node.after, complete)
    else:
        part.set_attribute(node, "count", str(first + len(elements)))
        part.append(node, "".join(elements))
    return first
