"""Notes at cells of a workbook that is already written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from generator.returns.feedback.corrections_sheet import CorrectionStyles
from generator.xlsx.patch import (
    XML,
    CannotPatch,
    Node,
    Package,
    Part,
    in_order,
    text_of,
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


def add_comments(
    package: Package,
    sheet: str,
    said: Mapping[tuple[int, int], str],
    *,
    space: str,
    relations: Mapping[str, tuple[str, str]],
    kind: Callable[[str], str],
    place: Callable[[str], None],
) -> None:
    """Put notes at cells of a sheet; ours of an earlier time are taken away.

    Args:
        package: The workbook.
        sheet: The part of the sheet.
        said: Zero-based row and column -> the note.
        space: The spreadsheet namespace of the file.
        relations: The sheet's relationships: id -> the end of its type, its target.
        kind: Completes the end of a relationship's type.
        place: Told the id of the drawing where the sheet has none yet.

    Raises:
        CannotPatch: If the notes that are there are written in an unknown way.
    """
    by_kind = {ending: target for ending, target in relations.values()}
    drawing = by_kind.get("vmlDrawing")
    comments = by_kind.get("comments")
    if comments is None:
        comments = package.free_name("xl/commentsMb{}.xml")
        empty = f'<comments xmlns="{space}"><authors/><commentList/></comments>'
        package.write(comments, (XML + empty).encode())
        package.declare(comments, _COMMENTS)
        package.relate(sheet, kind("comments"), comments)
    if drawing is None:
        drawing = package.free_name("xl/drawings/vmlDrawingMb{}.vml")
        package.write(drawing, _VML.encode())
        package.declare(drawing, _DRAWING, extension="vml")
        place(package.relate(sheet, kind("vmlDrawing"), drawing))
    gone = _write_comments(package, comments, said)
    _write_shapes(package, drawing, set(said), gone)


def _write_comments(
    package: Package, name: str, said: Mapping[tuple[int, int], str]
) -> set[str]:
    part = Part(package.read(name), 3)
    authors, listed = part.root.child("authors"), part.root.child("commentList")
    if authors is None or listed is None or not part.plain:
        raise CannotPatch("notes in an unknown form")
    known = [_inner_text(part, node) for node in authors.children]
    ours = known.index(AUTHOR) if AUTHOR in known else None
    if ours is None:
        ours = len(known)
        part.append(authors, f"<author>{AUTHOR}</author>")
    fresh = {cell_reference(*at): text for at, text in said.items()}
    gone = set()
    for node in listed.children:
        at = node.attributes.get("ref", "")
        if node.attributes.get("authorId") == str(ours) and at not in fresh:
            gone.add(at)
        if at in gone or at in fresh:
            part.replace(node.start, node.after, "")
    part.append(
        listed,
        "".join(
            f'<comment ref="{at}" authorId="{ours}"><text><r><t xml:space="preserve">'
            f"{text_of(text)}</t></r></text></comment>"
            for at, text in fresh.items()
        ),
    )
    package.write(name, part.done())
    return gone


def _write_shapes(
    package: Package, name: str, wanted: set[tuple[int, int]], gone: set[str]
) -> None:
    part = Part(package.read(name), 4)
    there = set()
    for shape in part.root.all("shape"):
        at = _place_of(part, shape)
        if at is None:
            continue
        if cell_reference(*at) in gone:
            part.replace(shape.start, shape.after, "")
        else:
            there.add(at)
    number = len(part.root.children)
    made = [
        _shape(number + offset, row, column)
        for offset, (row, column) in enumerate(sorted(wanted - there), start=1)
    ]
    part.append(part.root, "".join(made))
    package.write(name, part.done())


def _place_of(part: Part, shape: Node) -> tuple[int, int] | None:
    data = shape.child("ClientData")
    if data is None:
        return None
    row, column = data.child("Row"), data.child("Column")
    if row is None or column is None:
        return None
    try:
        return int(_inner_text(part, row)), int(_inner_text(part, column))
    except ValueError:
        return None


def _inner_text(part: Part, node: Node) -> str:
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


_LONG = 200  # characters that a text within a formula may have, and some more
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


def _is_ours(part: Part, node: Node, looks: CorrectionStyles) -> bool:
    """Whether a rule is one that marked a cell at an earlier time."""
    looked = (str(looks.wrong), str(looks.check))
    rules = node.all("cfRule")
    where = re.escape(node.attributes.get("sqref", "").encode())
    asks = re.search(
        rb"<formula>(?:(?:LEN|ISERROR)\(" + where + rb"\)|" + where + rb"&amp;)",
        part.data[node.start : node.after],
    )
    return (
        asks is not None
        and len(rules) == 1
        and rules[0].attributes.get("dxfId") in looked
    )


def clear_highlights(part: Part, looks: CorrectionStyles) -> None:
    """Take away the fills of an earlier time, corrected or not."""
    for node in part.root.all("conditionalFormatting"):
        if _is_ours(part, node, looks):
            part.replace(node.start, node.after, "")


def highlight_cells(
    part: Part,
    cells: Mapping[tuple[int, int], tuple[Cell | None, bool]],
    looks: CorrectionStyles,
) -> None:
    """Fill cells until they say something else than what was wrong with them.

    Args:
        part: The sheet.
        cells: Row and column -> the cell, if anything stands in it, and whether it
            could not be taken; else it is to be checked.
        looks: The looks of both.
    """
    others = [
        (rule, int(rule.attributes["priority"]))
        for node in part.root.all("conditionalFormatting")
        if not _is_ours(part, node, looks)
        for rule in node.all("cfRule")
        if rule.attributes.get("priority", "").isdecimal()
    ]
    # Ours come first; where room was made for them once, there is room.
    room = max(len(cells) + 1 - min((at for _, at in others), default=0), 0)
    for rule, was in others if room else ():
        part.set(rule, "priority", str(was + room))
    texts = []
    for number, (at, (cell, bad)) in enumerate(sorted(cells.items()), start=1):
        where = cell_reference(*at)
        look = looks.wrong if bad else looks.check
        texts.append(
            f'<conditionalFormatting sqref="{where}"><cfRule type="expression" '
            f'dxfId="{look}" priority="{number}" stopIfTrue="1">'
            f"<formula>{_still(where, cell)}</formula></cfRule></conditionalFormatting>"
        )
    part.insert(in_order(part, "phoneticPr", SHEET_ORDER), "".join(texts))


def _still(where: str, cell: Cell | None) -> str:
    """A formula: whether the cell still says what was wrong with it."""
    if cell is None:
        return f"LEN({where})=0"
    if cell.kind == "e":
        return f"ISERROR({where})"
    text = cell.text
    if cell.formula is not None and not text:
        return f"LEN({where})&gt;0"
    if cell.kind == "b":
        text = "TRUE" if text in ("1", "true") else "FALSE"
    if not text or len(text) > _LONG or not text.isprintable():
        return f"LEN({where})={len(text)}"
    quoted = text.replace('"', '""').replace("&", "&amp;").replace("<", "&lt;")
    return f'{where}&amp;""="{quoted}"'.replace(">", "&gt;")
