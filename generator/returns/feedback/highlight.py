"""Highlight and explain faulty cells in the XML of a worksheet."""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.returns.feedback.corrections_sheet import CorrectionStyles
from generator.xlsx.patch import (
    XML,
    PartPatch,
    PatchError,
    WorkbookPatch,
    XmlElement,
    child_position,
    escape_text,
)
from generator.xlsx.worksheet import Cell, cell_reference

AUTHOR = "Markbooks"
_COMMENTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
_HIGHLIGHT = re.compile(
    rb"<formula>(?:(?:LEN|ISERROR)\(([A-Z]+[0-9]+)\)|([A-Z]+[0-9]+)&amp;)"
)
_Position = tuple[int, int]  # zero-based row and column
_MAX_FORMULA_TEXT = 200  # characters; Excel allows a text in a formula a few more
SHEET_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData",
    "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter",
    "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr",
    "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions",
    "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
    "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing",
    "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects",
    "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip


def add_comments(
    package: WorkbookPatch,
    sheet: str,
    comments: Mapping[_Position, str],
    *,
    namespace: str,
    types: str,
) -> str | None:
    """Add comments to cells of a sheet, and remove those of an earlier annotation.

    Args:
        package: The workbook.
        sheet: The part of the sheet.
        comments: Cell -> its comment.
        namespace: The spreadsheet namespace of the file.
        types: What the file's relationship types begin with.

    Returns:
        The relationship id of the drawing, if the sheet had none before; else None.

    Raises:
        PatchError: If the existing comments are written in an unknown way.
    """
    by_kind = {
        relationship.kind: relationship.part
        for relationship in package.relationships(sheet).values()
    }
    comments_part, drawing = by_kind.get("comments"), by_kind.get("vmlDrawing")
    drawing_id = None
    if comments_part is None:
        comments_part = package.unused_name("xl/commentsMb{}.xml")
        empty = f'<comments xmlns="{namespace}"><authors/><commentList/></comments>'
        package.write(comments_part, (XML + empty).encode())
        package.add_content_type(comments_part, _COMMENTS)
        package.add_relationship(sheet, f"{types}/comments", comments_part)
    if drawing is None:
        drawing = package.unused_name("xl/drawings/vmlDrawingMb{}.vml")
        package.write(drawing, _VML.encode())
        package.add_content_type(drawing, _DRAWING, extension="vml")
        drawing_id = package.add_relationship(sheet, f"{types}/vmlDrawing", drawing)
    removed = _write_comments(package, comments_part, comments)
    _write_shapes(package, drawing, set(comments), removed)
    return drawing_id


def _write_comments(
    package: WorkbookPatch, name: str, comments: Mapping[_Position, str]
) -> set[str]:
    """Write the comments; the cells of our earlier ones that are removed."""
    part = PartPatch(package.read(name), 3)
    authors = part.root.first_child("authors")
    comment_list = part.root.first_child("commentList")
    if authors is None or comment_list is None or not part.unprefixed:
        raise PatchError("notes in an unknown form")
    names = [_inner_text(part, node) for node in authors.children]
    if AUTHOR in names:
        author = names.index(AUTHOR)
    else:
        author = len(names)
        part.append(authors, f"<author>{AUTHOR}</author>")
    new = {cell_reference(*position): text for position, text in comments.items()}
    removed = set()
    for node in comment_list.children:
        cell = node.attributes.get("ref", "")
        if node.attributes.get("authorId") != str(author):
            # A cell has one note, and what a thread begins with may not change: the
            # teacher's own stays, and the fault is on the list of corrections.
            new.pop(cell, None)
            continue
        if cell not in new:
            removed.add(cell)
        if cell in removed or cell in new:
            part.replace(node.start, node.after, "")
    part.append(
        comment_list,
        "".join(
            f'<comment ref="{cell}" authorId="{author}"><text><r>'
            f'<t xml:space="preserve">{escape_text(text)}</t></r></text></comment>'
            for cell, text in new.items()
        ),
    )
    package.write(name, part.patched())
    return removed


def _write_shapes(
    package: WorkbookPatch, name: str, cells: set[_Position], removed: set[str]
) -> None:
    part = PartPatch(package.read(name), 4)
    existing = set()
    for shape in part.root.children_named("shape"):
        position = _shape_position(part, shape)
        if position is None:
            continue
        if cell_reference(*position) in removed:
            part.replace(shape.start, shape.after, "")
        else:
            existing.add(position)
    first = len(part.root.children) + 1
    shapes = [
        _shape(number, row, column)
        for number, (row, column) in enumerate(sorted(cells - existing), start=first)
    ]
    part.append(part.root, "".join(shapes))
    package.write(name, part.patched())


def _shape_position(part: PartPatch, shape: XmlElement) -> _Position | None:
    data = shape.first_child("ClientData")
    if data is None:
        return None
    row, column = data.first_child("Row"), data.first_child("Column")
    if row is None or column is None:
        return None
    try:
        return int(_inner_text(part, row)), int(_inner_text(part, column))
    except ValueError:
        return None


def _inner_text(part: PartPatch, node: XmlElement) -> str:
    return part.data[node.inner : node.end].decode().strip()


def _shape(number: int, row: int, column: int) -> str:
    return (
        f'<v:shape xmlns:v="urn:schemas-microsoft-com:vml" '
        f'xmlns:o="urn:schemas-microsoft-com:office:office" '
        f'xmlns:x="urn:schemas-microsoft-com:office:excel" '
        f'id="_x0000_s{9000 + number}" type="#_x0000_t202" '
        'style="position:absolute;margin-left:60pt;margin-top:2pt;width:240pt;'
        f'height:70pt;z-index:{number};visibility:hidden" fillcolor="#ffffe1" '
        'o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" '
        'obscured="t"/><v:path o:connecttype="none"/><v:textbox '
        'style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{column + 1}, 15, {max(row - 1, 0)}, 4, {column + 5}, 30, "
        f"{row + 4}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row>"
        f"<x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def highlight_cells(
    part: PartPatch,
    cells: Mapping[_Position, tuple[Cell | None, bool]],
    styles: CorrectionStyles,
) -> None:
    """Highlight cells for as long as they hold the same value.

    Args:
        part: The sheet.
        cells: Cell -> its content, None if blank, and whether it was rejected (True)
            or is to be checked.
        styles: The formats of both.
    """
    others = [
        (rule, int(rule.attributes["priority"]))
        for node in part.root.children_named("conditionalFormatting")
        if not _is_highlight(part, node, styles)
        for rule in node.children_named("cfRule")
        if rule.attributes.get("priority", "").isdecimal()
    ]
    # Highlights come first. An earlier annotation may have shifted the others.
    shift = max(len(cells) + 1 - min((n for _, n in others), default=0), 0)
    for rule, priority in others if shift else ():
        part.set_attribute(rule, "priority", str(priority + shift))
    rules = []
    for number, (position, (cell, is_rejected)) in enumerate(
        sorted(cells.items()), start=1
    ):
        address = cell_reference(*position)
        style = styles.wrong if is_rejected else styles.check
        rules.append(
            f'<conditionalFormatting sqref="{address}"><cfRule type="expression" '
            f'dxfId="{style}" priority="{number}" stopIfTrue="1">'
            f"<formula>{_unchanged_formula(address, cell)}</formula>"
            "</cfRule></conditionalFormatting>"
        )
    part.insert(child_position(part, "phoneticPr", SHEET_ORDER), "".join(rules))


def clear_highlights(part: PartPatch, styles: CorrectionStyles) -> None:
    """Remove the highlights of an earlier annotation, corrected or not."""
    for node in part.root.children_named("conditionalFormatting"):
        if _is_highlight(part, node, styles):
            part.replace(node.start, node.after, "")


def _is_highlight(part: PartPatch, node: XmlElement, styles: CorrectionStyles) -> bool:
    """Whether a conditional format is a highlight of an earlier annotation."""
    rules = node.children_named("cfRule")
    if len(rules) != 1 or rules[0].attributes.get("dxfId") not in (
        str(styles.wrong),
        str(styles.check),
    ):
        return False
    formula = _HIGHLIGHT.search(part.data, node.start, node.after)
    address = node.attributes.get("sqref", "").encode()
    return formula is not None and address in formula.groups()


def _unchanged_formula(address: str, cell: Cell | None) -> str:
    """A formula that is true while a cell holds the value it was returned with."""
    if cell is None:
        return f"LEN({address})=0"
    if cell.kind == "e":
        return f"ISERROR({address})"
    text = cell.text
    if cell.formula is not None and not text:
        return f"LEN({address})&gt;0"
    if cell.kind == "b":
        text = "TRUE" if text in ("1", "true") else "FALSE"
    if not text or len(text) > _MAX_FORMULA_TEXT or not text.isprintable():
        return f"LEN({address})={len(text)}"
    quoted = text.replace('"', '""').replace("&", "&amp;").replace("<", "&lt;")
    return f'{address}&amp;""="{quoted}"'.replace(">", "&gt;")
