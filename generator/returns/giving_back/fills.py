"""Fills of the cells that are to be put right, which go as soon as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.returns.giving_back.patching import Node, Part, in_order
from generator.returns.giving_back.to_put_right import Looks
from generator.returns.reading.worksheet import Cell, reference

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


def _is_ours(part: Part, node: Node, looks: Looks) -> bool:
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


def unfill(part: Part, looks: Looks) -> None:
    """Take away the fills of an earlier time, corrected or not."""
    for node in part.root.all("conditionalFormatting"):
        if _is_ours(part, node, looks):
            part.replace(node.start, node.after, "")


def fill(
    part: Part,
    cells: Mapping[tuple[int, int], tuple[Cell | None, bool]],
    looks: Looks,
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
        where = reference(*at)
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
