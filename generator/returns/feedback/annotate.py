"""Annotate a teacher's own file: highlight its faults, explain them, list them."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator.problems import Problem
from generator.returns.feedback.corrections_sheet import (
    SHEET,
    Correction,
    CorrectionStyles,
    add_styles,
    sheet_xml,
)
from generator.returns.feedback.highlight import (
    SHEET_ORDER,
    add_comments,
    clear_highlights,
    highlight_cells,
)
from generator.xlsx.package import open_package
from generator.xlsx.patch import (
    PartPatch,
    PatchError,
    WorkbookPatch,
    XmlElement,
    child_position,
)
from generator.xlsx.reader import Workbook, read_workbook
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worksheet import Worksheet, column_index
from udfs.text import tidy

_WORKSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_TRANSITIONAL = "http://schemas.openxmlformats.org"
_STRICT = "http://purl.oclc.org/ooxml"
# What an earlier annotation may have left in a sheet without corrections.
_TO_CLEAR = re.compile(
    rb"tabSelected|<conditionalFormatting[^>]*><cfRule[^>]*stopIfTrue"
)
HEADINGS_WITHIN = 60  # rows from the top
_Position = tuple[int, int]  # zero-based row and column


def annotate_task(data: bytes, request: Mapping[str, Any]) -> dict[str, str]:
    """Annotate a file as a task of a worker process.

    Args:
        data: The file.
        request: The task as `feedback.write` submits it.

    Returns:
        The annotated file in base64 as `copy`, or the reason for none as `error`.
    """
    corrections = [
        Correction(**{**row, "problem": Problem(**row["problem"])})
        for row in request["corrections"]
    ]
    try:
        copy = annotate(data, corrections, title=request["title"])
    except (PatchError, FileRefused) as error:
        return {"error": str(error.args[0])}
    except MemoryError:
        return {"error": "it takes too much memory"}
    return {"copy": base64.b64encode(copy).decode("ascii")}


def annotate(data: bytes, corrections: Sequence[Correction], *, title: str) -> bytes:
    """A returned file with its faults marked, and everything else unchanged.

    The highlight of a cell disappears when somebody types something else into it.
    The file keeps its own time of change, so that the copy, returned uncorrected,
    counts as the same version.

    Args:
        data: The returned file.
        corrections: The corrections to mark and list.
        title: The title of the list: the file's classes.

    Raises:
        PatchError: If the file is written in a way that is not safe to change.
        FileRefused: If it cannot be read.
    """
    names = {correction.sheet for correction in corrections if correction.sheet}
    book = read_workbook(data, lambda _: names)
    with open_package(data) as package:
        annotated = _Annotator(WorkbookPatch(package), book).run(corrections, title)
    try:
        result = read_workbook(annotated, lambda _: names)
    except FileRefused as refused:
        raise PatchError(refused.code) from None
    for name, sheet in book.sheets.items():
        if name != SHEET and result.sheets[name].cells != sheet.cells:
            raise PatchError(f"the sheet {name!r} would have changed")
    return annotated


class _Annotator:
    """Annotates one file."""

    def __init__(self, package: WorkbookPatch, book: Workbook) -> None:
        self.package = package
        self.book = book
        self.heading_rows: dict[str, list[int]] = {}  # sheet -> rows with `Adno`
        self.main = package.related_part("", "officeDocument")
        data = package.read(self.main)
        root = PartPatch(data, 1).root
        is_strict = b"purl.oclc.org" in data[root.start : root.inner]
        if is_strict:
            self.namespace = f"{_STRICT}/spreadsheetml/main"
            self.types = f"{_STRICT}/officeDocument/relationships"
        else:
            self.namespace = f"{_TRANSITIONAL}/spreadsheetml/2006/main"
            self.types = f"{_TRANSITIONAL}/officeDocument/2006/relationships"

    def run(self, corrections: Sequence[Correction], title: str) -> bytes:
        added: list[CorrectionStyles] = []
        self.package.change(
            self.package.related_part(self.main, "styles"),
            3,
            lambda part: added.append(add_styles(part)),
        )
        styles = added[0]
        parts = self.package.sheet_parts()
        corrections = [self._with_heading(correction) for correction in corrections]
        for name, part in parts.items():
            in_sheet = [c for c in corrections if c.sheet == name and c.cell]
            self._annotate_sheet(name, part, in_sheet, styles)
        text = sheet_xml(
            corrections, title=title, namespace=self.namespace, styles=styles
        )
        self._put_corrections_sheet(parts.get(SHEET), text.encode())
        return self.package.to_bytes()

    def _with_heading(self, correction: Correction) -> Correction:
        """A correction with the heading of its column."""
        sheet = self.book.sheets.get(correction.sheet)
        if sheet is None or not correction.cell:
            return correction
        row, column = _position(correction.cell)
        above = [number for number in self._heading_rows(sheet) if number < row]
        heading = sheet.cells.get((above[-1], column)) if above else None
        if heading is None:
            return correction
        return replace(correction, column=tidy(heading.text))

    def _heading_rows(self, sheet: Worksheet) -> list[int]:
        """The rows that may be the headings, looked for once in each sheet."""
        if sheet.name not in self.heading_rows:
            self.heading_rows[sheet.name] = sorted(
                {
                    row
                    for (row, _), cell in sheet.cells.items()
                    if row < HEADINGS_WITHIN and tidy(cell.text) == "Adno"
                }
            )
        return self.heading_rows[sheet.name]

    def _annotate_sheet(
        self,
        name: str,
        sheet_part: str,
        corrections: Sequence[Correction],
        styles: CorrectionStyles,
    ) -> None:
        comments: dict[_Position, list[str]] = {}
        is_error: dict[_Position, bool] = {}
        for correction in corrections:
            position, problem = _position(correction.cell), correction.problem
            comments.setdefault(position, []).append(f"{problem.what} {problem.do}")
            is_error[position] = (
                is_error.get(position, False) or problem.severity == "error"
            )
        relationships = self.package.relationships(sheet_part)
        has_comments = any(
            relationship.kind == "comments" for relationship in relationships.values()
        )
        has_leftovers = _TO_CLEAR.search(self.package.read(sheet_part))
        if not comments and not has_comments and not has_leftovers:
            return
        drawing = None
        if comments or has_comments:
            drawing = add_comments(
                self.package,
                sheet_part,
                {position: "\n".join(texts) for position, texts in comments.items()},
                namespace=self.namespace,
                types=self.types,
            )
        cells = self.book.sheets[name].cells if name in self.book.sheets else {}

        def change(part: PartPatch) -> None:
            if not part.unprefixed:
                raise PatchError("a sheet in an unknown form")
            _deselect(part)
            clear_highlights(part, styles)
            if is_error:
                faults = {at: (cells.get(at), error) for at, error in is_error.items()}
                highlight_cells(part, faults, styles)
            if drawing:
                part.insert(
                    child_position(part, "legacyDrawing", SHEET_ORDER),
                    f'<legacyDrawing xmlns:r="{self.types}" r:id="{drawing}"/>',
                )

        self.package.change(sheet_part, 3, change)

    def _put_corrections_sheet(self, existing: str | None, text: bytes) -> None:
        """Replace the sheet of corrections, or add it as the first, and select it."""
        if existing is not None:
            self.package.write(existing, text)
            self.package.change(self.main, 3, _select_corrections_sheet)
            return
        target = self.package.unused_name("xl/worksheets/sheetMb{}.xml")
        self.package.write(target, text)
        self.package.add_content_type(target, _WORKSHEET)
        relationship_id = self.package.add_relationship(
            self.main, f"{self.types}/worksheet", target
        )

        def change(part: PartPatch) -> None:
            sheets = part.root.first_child("sheets")
            assert sheets is not None
            ids = [int(node.attributes.get("sheetId", "0")) for node in sheets.children]
            part.insert(
                sheets.inner,
                f'<sheet xmlns:r="{self.types}" name="{SHEET}" '
                f'sheetId="{max(ids, default=0) + 1}" r:id="{relationship_id}"/>',
            )
            _select_tab(part, 0)
            names = part.root.first_child("definedNames")
            for node in names.children if names else []:
                # A name of one sheet holds the sheet's number, which is one higher now.
                if (local := node.attributes.get("localSheetId", "")).isdecimal():
                    part.set_attribute(node, "localSheetId", str(int(local) + 1))

        self.package.change(self.main, 3, change)


def _select_corrections_sheet(part: PartPatch) -> None:
    sheets = part.root.first_child("sheets")
    names = [node.attributes.get("name") for node in sheets.children] if sheets else []
    _select_tab(part, names.index(SHEET))


def _select_tab(part: PartPatch, number: int) -> None:
    views = part.root.first_child("bookViews")
    for view in views.children if views else []:
        _show_tab(part, view, number)


def _show_tab(part: PartPatch, view: XmlElement, number: int) -> None:
    tag = part.data[view.start : view.inner].decode()
    for name, value in (("activeTab", number), ("firstSheet", 0)):
        if name in view.attributes:
            attribute = re.compile(rf"{name}\s*=\s*[\"'][^\"']*[\"']")
            tag = attribute.sub(f'{name}="{value}"', tag)
        elif value:
            close = len(tag) - (2 if tag.endswith("/>") else 1)
            tag = f'{tag[:close]} {name}="{value}"{tag[close:]}'
    part.replace(view.start, view.inner, tag)


def _deselect(part: PartPatch) -> None:
    # What is typed goes into all selected sheets at once.
    views = part.root.first_child("sheetViews")
    for view in views.children if views else []:
        if "tabSelected" in view.attributes:
            part.set_attribute(view, "tabSelected", "0")


def _position(cell: str) -> _Position:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]) - 1, column_index(letters)
