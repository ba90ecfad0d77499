"""Read a returned workbook in one bounded pass, trusting nothing in it.

Standard library only: it runs in a worker process with little memory (see
`worker_pool`). Every limit is inside the parser, where nothing can bypass it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from zipfile import ZipFile

from generator.xlsx.cell_styles import Styles, read_cell_styles
from generator.xlsx.package import open_package
from generator.xlsx.parts import (
    PackageParts,
    Relationship,
    read_custom_properties,
    read_element_text,
    read_shared_strings,
)
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worksheet import Worksheet, read_sheet
from generator.xlsx.xml_parser import (
    ReadBudget,
    parse_bool,
    parse_part,
    spreadsheet_handlers,
)

MAX_SHEETS = 120
MAX_NAMES = 5_000
_CORE = ("core-properties", "coreProperties")  # the second in Strict Open XML

_RELATION_IDS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)


@dataclass(slots=True)
class Workbook:
    """The content of a workbook.

    Args:
        sheet_states: Every sheet's name and whether it is visible, hidden or
            veryHidden.
        sheets: The sheets that were read, by name.
        names: Defined names of the whole workbook, with their text.
        properties: Custom document properties.
        modified: The workbook's own time of last change, as written, or empty.
        application: The program that saved it last, by its own name.
        uses_1904_dates: Whether days are counted from 1904.
        has_external_links: Whether it refers to other workbooks.
    """

    sheet_states: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, Worksheet] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    modified: str = ""
    application: str = ""
    uses_1904_dates: bool = False
    has_external_links: bool = False


def read_workbook(
    data: bytes, choose_sheets: Callable[[Workbook], Iterable[str]] | None = None
) -> Workbook:
    """Read a workbook.

    Args:
        data: The whole file.
        choose_sheets: Names the sheets to read, from what is known once the meta
            sheet (where there is one) is read; None, or an answer with a name that
            does not exist, reads all.

    Raises:
        FileRefused: If it is not a workbook, is damaged or is beyond the limits.
    """
    with open_package(data) as package:
        return _WorkbookReader(package).read(choose_sheets)


def read_last_saved(data: bytes) -> str:
    """Read only a workbook's own time of last change, as written, or empty.

    Args:
        data: The whole file.

    Raises:
        FileRefused: If it is not a workbook, or its properties cannot be read.
    """
    with open_package(data) as package:
        return _WorkbookReader(package).last_saved()


class _WorkbookReader:
    """One file being read, with what it has used of the limits."""

    def __init__(self, package: ZipFile) -> None:
        self.package = package
        self.budget = ReadBudget()
        self.parts = PackageParts(package, self.budget)
        self.strings: list[str] = []
        self.unstruck: dict[int, str] = {}  # of texts that are struck out in part
        self.styles: Styles = ()
        self.content = Workbook()
        self.sheet_parts: dict[str, str] = {}  # sheet name -> part

    def read(
        self, choose_sheets: Callable[[Workbook], Iterable[str]] | None
    ) -> Workbook:
        main = self.parts.main_part()
        relationships = self.parts.relationships(main)
        self._read_workbook_part(main, relationships)
        self._read_properties()
        for relationship in relationships.values():
            if relationship.external or relationship.kind not in (
                "sharedStrings",
                "styles",
            ):
                continue
            part = self.parts.find(relationship.part)
            if relationship.kind == "styles":
                self.styles = read_cell_styles(self.package, part, self.budget)
            else:
                self.strings = read_shared_strings(
                    self.package, part, self.budget, unstruck=self.unstruck
                )
        meta = next((n for n in self.sheet_parts if n.casefold() == "_meta"), None)
        if meta:
            self._read_sheet(meta)
        names = list(choose_sheets(self.content)) if choose_sheets else []
        if not names or any(name not in self.sheet_parts for name in names):
            names = list(self.sheet_parts)
        for name in names:
            if name not in self.content.sheets:
                self._read_sheet(name)
        return self.content

    def last_saved(self) -> str:
        for kind, part in self._document_property_parts():
            if kind in _CORE:
                return self._element_text(part, "modified")
        return ""

    def _read_workbook_part(
        self, main: str, relationships: dict[str, Relationship]
    ) -> None:
        name = ""
        buffer: list[str] = []
        size = 0

        def add_sheet(a: dict[str, str]) -> None:
            self._add_sheet(a, relationships)

        def open_name(a: dict[str, str]) -> None:
            nonlocal name, size
            # A markbook's own names are never local to a sheet.
            name = "" if "localSheetId" in a else a.get("name", "")
            buffer.clear()
            size = 0
            if len(self.content.names) >= MAX_NAMES:
                raise FileRefused("too-much", "defined names")

        def close_name() -> None:
            nonlocal name
            if name:
                self.content.names[name] = "".join(buffer)
                name = ""

        def settings(a: dict[str, str]) -> None:
            self.content.uses_1904_dates = parse_bool(a.get("date1904", ""))

        def link(_: dict[str, str]) -> None:
            self.content.has_external_links = True

        def text(piece: str) -> None:
            nonlocal size
            if name:
                size += len(piece)
                if size > self.budget.limits.text:
                    raise FileRefused("too-much", "a defined name")
                buffer.append(piece)

        parse_part(
            self.package,
            main,
            self.budget,
            spreadsheet_handlers(
                sheet=add_sheet,
                definedName=open_name,
                workbookPr=settings,
                externalReference=link,
            ),
            spreadsheet_handlers(definedName=close_name),
            text,
        )
        if not self.sheet_parts:
            raise FileRefused("part-missing", "every worksheet")

    def _add_sheet(
        self,
        attributes: dict[str, str],
        relationships: dict[str, Relationship],
    ) -> None:
        name = attributes.get("name", "")
        link = next((attributes[i] for i in _RELATION_IDS if i in attributes), "")
        relationship = relationships.get(link)
        if relationship and relationship.external:
            raise FileRefused("connection", f"the sheet {name[:40]!r} lies outside")
        if len(self.content.sheet_states) >= MAX_SHEETS:
            raise FileRefused("too-much", "sheets")
        if name in self.content.sheet_states:
            raise FileRefused("part-twice", f"the sheet {name[:40]!r}")
        if not relationship or not relationship.kind:
            raise FileRefused("part-missing", f"the sheet {name[:40]!r}")
        self.content.sheet_states[name] = attributes.get("state", "visible")
        if relationship.kind == "worksheet":
            self.sheet_parts[name] = self.parts.find(relationship.part)
        elif relationship.kind == "xlMacrosheet":
            raise FileRefused("macros", f"the sheet {name[:40]!r}")

    def _read_properties(self) -> None:
        for kind, part in self._document_property_parts():
            if kind == "custom-properties" or kind == "customProperties":
                self.content.properties = read_custom_properties(
                    self.package, part, self.budget
                )
            elif kind in _CORE:
                self.content.modified = self._element_text(part, "modified")
            elif kind in ("extended-properties", "extendedProperties"):
                self.content.application = self._element_text(part, "Application")

    def _document_property_parts(self) -> Iterator[tuple[str, str]]:
        for relationship in self.parts.relationships("").values():
            if not relationship.external and self.parts.has(relationship.part):
                yield relationship.kind, self.parts.find(relationship.part)

    def _element_text(self, part: str, element: str) -> str:
        return read_element_text(self.package, part, element, self.budget)

    def _read_sheet(self, name: str) -> None:
        sheet = Worksheet(name, self.content.sheet_states[name])
        read_sheet(
            self.package,
            self.sheet_parts[name],
            sheet,
            strings=(self.strings, self.unstruck),
            styles=self.styles,
            budget=self.budget,
        )
        self.content.sheets[name] = sheet
