"""A teacher's own file given back: faults filled and noted, and a list of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

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
from generator.xlsx.patch import CannotPatch, Node, Package, Part, in_order
from generator.xlsx.reader import Workbook, read_workbook
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worksheet import column_index
from udfs.text import tidy

_WORKSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
# What may have to be undone in a sheet in which nothing is to be put right.
_TO_CHANGE = re.compile(
    rb"tabSelected|<conditionalFormatting[^>]*><cfRule[^>]*stopIfTrue"
)
HEADINGS_WITHIN = 60  # rows from the top


def annotate(data: bytes, found: Sequence[Correction], *, title: str) -> bytes:
    """A returned file with its faults marked, everything else as it was.

    The fill of a cell goes away by itself as soon as something else is typed. The
    file's own time of change stays: until somebody corrects it, it says no more
    than the file that came back.

    Args:
        data: The file as it came back.
        found: What to put right.
        title: Whose markbook this is.

    Raises:
        CannotPatch: If the file is written in a way that is not safe to change.
        Refused: If it cannot be read.
    """
    names = {item.sheet for item in found if item.sheet}
    book = read_workbook(data, lambda _: names)
    with open_package(data) as zipped:
        marked = _Annotator(Package(zipped), book).run(found, title)
    try:
        again = read_workbook(marked, lambda _: names)
    except FileRefused as refused:
        raise CannotPatch(refused.code) from None
    for name, sheet in book.sheets.items():
        if name != SHEET and again.sheets[name].cells != sheet.cells:
            raise CannotPatch(f"the sheet {name!r} would have changed")
    return marked


def sheet_parts(package: Package, book: Workbook) -> dict[str, str]:
    """The part that each worksheet lies in, by the sheet's name.

    Raises:
        CannotPatch: If the list of sheets is in an unknown form.
    """
    return _Annotator(package, book).sheet_parts()


class _Annotator:
    """One file being marked."""

    def __init__(self, package: Package, book: Workbook) -> None:
        self.package = package
        self.book = book
        self.main = self._target(self._relations(""), "officeDocument")
        self.relations = self._relations(self.main)
        root = Part(package.read(self.main), 1).root
        start = package.read(self.main)[root.start : root.inner]
        strict = b"purl.oclc.org" in start
        self.space = (
            "http://purl.oclc.org/ooxml/spreadsheetml/main"
            if strict
            else "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        )
        self.types = (
            "http://purl.oclc.org/ooxml/officeDocument/relationships"
            if strict
            else "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        )

    def run(self, found: Sequence[Correction], title: str) -> bytes:
        looks: list[CorrectionStyles] = []
        styles = self._target(self.relations, "styles")
        self.package.change(styles, 3, lambda part: looks.append(add_styles(part)))
        places = self.sheet_parts()
        found = [self._headed(item) for item in found]
        for name in places:
            mine = [item for item in found if item.sheet == name and item.cell]
            self._mark_sheet(name, places[name], mine, looks[0])
        text = sheet_xml(found, title=title, space=self.space, looks=looks[0])
        self._add_sheet(places.get(SHEET), text.encode())
        return self.package.bytes()

    def _headed(self, item: Correction) -> Correction:
        """The same with the heading of its column, by which a teacher knows a cell."""
        sheet = self.book.sheets.get(item.sheet)
        if sheet is None or not item.cell:
            return item
        row, column = _place(item.cell)
        rows = [
            at
            for (at, _), cell in sheet.cells.items()
            if at < min(row, HEADINGS_WITHIN) and tidy(cell.text) == "Adno"
        ]
        heading = sheet.cells.get((max(rows, default=row), column))
        return replace(item, column=tidy(heading.text)) if rows and heading else item

    def _kind(self, ending: str) -> str:
        return f"{self.types}/{ending}"

    def _relations(self, source: str) -> dict[str, tuple[str, str]]:
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
        if not self.package.has(name):
            return {}
        part = Part(self.package.read(name), 2)
        made = {}
        for node in part.root.children:
            kind = node.attributes.get("Type", "").rpartition("/")[2]
            target = node.attributes.get("Target", "")
            if node.attributes.get("TargetMode") == "External":
                continue
            whole = target if target.startswith("/") else f"{folder}/{target}"
            made[node.attributes.get("Id", "")] = (kind, _tidied(whole))
        return made

    @staticmethod
    def _target(relations: Mapping[str, tuple[str, str]], kind: str) -> str:
        for ending, target in relations.values():
            if ending == kind:
                return target
        raise CannotPatch(f"there is no {kind}")

    def sheet_parts(self) -> dict[str, str]:
        """The part of each worksheet."""
        part = Part(self.package.read(self.main), 3)
        sheets = part.root.child("sheets")
        if sheets is None or not part.plain:
            raise CannotPatch("the list of sheets is in an unknown form")
        made = {}
        for node in sheets.children:
            kind, target = self.relations.get(node.attributes.get("id", ""), ("", ""))
            if kind == "worksheet":
                made[node.attributes.get("name", "")] = target
        return made

    def _mark_sheet(
        self,
        name: str,
        target: str,
        found: Sequence[Correction],
        looks: CorrectionStyles,
    ) -> None:
        said: dict[tuple[int, int], list[str]] = {}
        wrong: dict[tuple[int, int], bool] = {}
        for item in found:
            at = _place(item.cell)
            said.setdefault(at, []).append(f"{item.problem.what} {item.problem.do}")
            wrong[at] = wrong.get(at, False) or item.problem.severity == "error"
        drawing: list[str] = []
        relations = self._relations(target)
        has_notes = any(kind == "comments" for kind, _ in relations.values())
        before = self.package.read(target)
        if not said and not has_notes and not _TO_CHANGE.search(before):
            return
        if said or has_notes:
            add_comments(
                self.package,
                target,
                {at: "\n".join(texts) for at, texts in said.items()},
                space=self.space,
                relations=relations,
                kind=self._kind,
                place=drawing.append,
            )
        cells = self.book.sheets[name].cells if name in self.book.sheets else {}

        def change(part: Part) -> None:
            if not part.plain:
                raise CannotPatch("a sheet in an unknown form")
            _deselect(part)
            clear_highlights(part, looks)
            if wrong:
                highlight_cells(
                    part, {at: (cells.get(at), bad) for at, bad in wrong.items()}, looks
                )
            if drawing:
                part.insert(
                    in_order(part, "legacyDrawing", SHEET_ORDER),
                    f'<legacyDrawing xmlns:r="{self.types}" r:id="{drawing[0]}"/>',
                )

        self.package.change(target, 3, change)

    def _show_again(self, part: Part) -> None:
        sheets, views = part.root.child("sheets"), part.root.child("bookViews")
        names = [n.attributes.get("name") for n in sheets.children] if sheets else []
        for view in views.children if views else []:
            _show_tab(part, view, names.index(SHEET))

    def _add_sheet(self, there: str | None, text: bytes) -> None:
        if there is not None:
            self.package.write(there, text)
            self.package.change(self.main, 3, self._show_again)
            return
        target = self.package.free_name("xl/worksheets/sheetMb{}.xml")
        self.package.write(target, text)
        self.package.declare(target, _WORKSHEET)
        identity = self.package.relate(self.main, self._kind("worksheet"), target)

        def change(part: Part) -> None:
            sheets = part.root.child("sheets")
            assert sheets is not None
            numbers = [int(n.attributes.get("sheetId", "0")) for n in sheets.children]
            part.insert(
                sheets.inner,
                f'<sheet xmlns:r="{self.types}" name="{SHEET}" '
                f'sheetId="{max(numbers, default=0) + 1}" r:id="{identity}"/>',
            )
            views = part.root.child("bookViews")
            for view in views.children if views else []:
                _show_tab(part, view, 0)
            names = part.root.child("definedNames")
            for node in names.children if names else []:
                # Names of one sheet count the sheets, and there is one more now.
                if (local := node.attributes.get("localSheetId", "")).isdecimal():
                    part.set(node, "localSheetId", str(int(local) + 1))

        self.package.change(self.main, 3, change)


def _show_tab(part: Part, view: Node, number: int) -> None:
    tag = part.data[view.start : view.inner].decode()
    for name, value in (("activeTab", number), ("firstSheet", 0)):
        if name in view.attributes:
            old = re.compile(rf"{name}\s*=\s*[\"'][^\"']*[\"']")
            tag = old.sub(f'{name}="{value}"', tag)
        elif value:
            close = len(tag) - (2 if tag.endswith("/>") else 1)
            tag = f'{tag[:close]} {name}="{value}"{tag[close:]}'
    part.replace(view.start, view.inner, tag)


def _deselect(part: Part) -> None:
    # Two sheets selected at once would be typed into at once.
    views = part.root.child("sheetViews")
    for view in views.children if views else []:
        if "tabSelected" in view.attributes:
            part.set(view, "tabSelected", "0")


def _place(cell: str) -> tuple[int, int]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]) - 1, column_index(letters)


def _tidied(path: str) -> str:
    made: list[str] = []
    for step in path.split("/"):
        if step == ".." and made:
            made.pop()
        elif step not in ("", ".", ".."):
            made.append(step)
    return "/".join(made)
