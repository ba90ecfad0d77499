"""Reads a returned workbook in one bounded pass, trusting nothing that it holds.

Standard library only, for it runs in a process of its own (`reading_room`) with
little memory; every limit lies inside the parser, where nothing gets round it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from zipfile import ZipFile

from generator.returns.reading.contents import (
    Styles,
    cell_styles,
    custom_properties,
    one_text,
    shared_strings,
)
from generator.returns.reading.envelope import open_package
from generator.returns.reading.parsing import (
    MAX_TEXT,
    Local,
    Spent,
    named,
    parse,
    truth,
)
from generator.returns.reading.refusals import Refused
from generator.returns.reading.worksheet import Sheet, read_sheet

MAX_SHEETS = 120
MAX_NAMES = 5_000
_CORE = ("core-properties", "coreProperties")  # the second as strict files say it

_RELATION_IDS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)


@dataclass(slots=True)
class Workbook:
    """What a returned file holds.

    Args:
        states: Every sheet's name and whether it is visible, hidden or veryHidden.
        sheets: The sheets that were read, by name.
        names: Defined names of the whole workbook, with their texts.
        properties: Custom document properties.
        modified: The workbook's own time of last change, as written, or empty.
        program: The program that saved it last, as it calls itself.
        mac_dates: Whether days are counted from 1904.
        linked: Whether it refers to other workbooks.
    """

    states: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    modified: str = ""
    program: str = ""
    mac_dates: bool = False
    linked: bool = False


def read(
    data: bytes, wanted: Callable[[Workbook], Iterable[str]] | None = None
) -> Workbook:
    """Read a workbook's bytes.

    Args:
        data: The whole file.
        wanted: Given what is known before the last sheets are read (the meta sheet
            included, where there is one), names the sheets to read; None, or an
            answer with a name that is not there, reads all.

    Raises:
        Refused: If it is not a workbook, or anything in it is not as it may be.
    """
    with open_package(data) as package:
        return _Reading(package).workbook(wanted)


def last_saved(data: bytes) -> str:
    """The workbook's own time of last change, as written, or empty: a quick look.

    Args:
        data: The whole file.

    Raises:
        Refused: If it is not a workbook, or its properties cannot be read.
    """
    with open_package(data) as package:
        return _Reading(package).last_saved()


class _Reading:
    """One file being read, with what it has used up of its limits."""

    def __init__(self, package: ZipFile) -> None:
        self.package = package
        self.parts = {name.casefold(): name for name in package.namelist()}
        self.spent = Spent()
        self.strings: list[str] = []
        self.styles: Styles = ()
        self.book = Workbook()
        self.places: dict[str, str] = {}  # sheet name -> part

    def workbook(self, wanted: Callable[[Workbook], Iterable[str]] | None) -> Workbook:
        main = self._main_part()
        relations = self._relations(main)
        self._contents(main, relations)
        self._properties()
        folder = main.rpartition("/")[0]
        for kind, target, outside in relations.values():
            if outside or kind not in ("sharedStrings", "styles"):
                continue
            part = self._part(_joined(folder, target))
            if kind == "styles":
                self.styles = cell_styles(self.package, part, self.spent)
            else:
                self.strings = shared_strings(self.package, part, self.spent)
        meta = next((n for n in self.places if n.casefold() == "_meta"), None)
        if meta:
            self._sheet(meta)
        names = list(wanted(self.book)) if wanted else []
        if not names or any(name not in self.places for name in names):
            names = list(self.places)
        for name in names:
            if name not in self.book.sheets:
                self._sheet(name)
        return self.book

    def last_saved(self) -> str:
        for kind, part in self._about():
            if kind in _CORE:
                return self._text(part, "modified")
        return ""

    def _part(self, name: str) -> str:
        # Part names are compared without case (Open Packaging Conventions).
        found = self.parts.get(name.casefold())
        if found is None:
            raise Refused("part-missing", name[:80])
        return found

    def _relations(self, part: str) -> dict[str, tuple[str, str, bool]]:
        folder, _, file = part.rpartition("/")
        name = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
        found: dict[str, tuple[str, str, bool]] = {}
        if name.casefold() not in self.parts:
            return found

        def start(a: dict[str, str]) -> None:
            kind = a.get("Type", "").rpartition("/")[2]
            outside = a.get("TargetMode", "") == "External"
            found[a.get("Id", "")] = (kind, a.get("Target", ""), outside)

        part_name = self._part(name)
        parse(self.package, part_name, self.spent, Local(Relationship=start), {})
        return found

    def _main_part(self) -> str:
        for kind, target, outside in self._relations("").values():
            if kind == "officeDocument":
                if outside:
                    raise Refused("part-name", "the workbook lies outside the file")
                return self._part(_joined("", target))
        raise Refused("part-missing", "xl/workbook.xml")

    def _contents(self, main: str, relations: dict[str, tuple[str, str, bool]]) -> None:
        folder = main.rpartition("/")[0]
        name = ""
        buffer: list[str] = []
        size = 0

        def sheet(a: dict[str, str]) -> None:
            self._add_sheet(a, folder, relations)

        def open_name(a: dict[str, str]) -> None:
            nonlocal name, size
            # A name of one sheet only is not one of ours.
            name = "" if "localSheetId" in a else a.get("name", "")
            buffer.clear()
            size = 0
            if len(self.book.names) >= MAX_NAMES:
                raise Refused("too-much", "defined names")

        def close_name() -> None:
            nonlocal name
            if name:
                self.book.names[name] = "".join(buffer)
                name = ""

        def settings(a: dict[str, str]) -> None:
            self.book.mac_dates = truth(a.get("date1904", ""))

        def link(_: dict[str, str]) -> None:
            self.book.linked = True

        def text(piece: str) -> None:
            nonlocal size
            if name:
                size += len(piece)
                if size > MAX_TEXT:
                    raise Refused("too-much", "a defined name")
                buffer.append(piece)

        parse(
            self.package,
            main,
            self.spent,
            named(
                sheet=sheet,
                definedName=open_name,
                workbookPr=settings,
                externalReference=link,
            ),
            named(definedName=close_name),
            text,
        )
        if not self.places:
            raise Refused("part-missing", "every worksheet")

    def _add_sheet(
        self,
        attributes: dict[str, str],
        folder: str,
        relations: dict[str, tuple[str, str, bool]],
    ) -> None:
        name = attributes.get("name", "")
        link = next((attributes[i] for i in _RELATION_IDS if i in attributes), "")
        kind, target, outside = relations.get(link, ("", "", False))
        if outside:
            raise Refused("connection", f"the sheet {name[:40]!r} lies outside")
        if len(self.book.states) >= MAX_SHEETS:
            raise Refused("too-much", "sheets")
        if name in self.book.states:
            raise Refused("part-twice", f"the sheet {name[:40]!r}")
        if not kind:
            raise Refused("part-missing", f"the sheet {name[:40]!r}")
        self.book.states[name] = attributes.get("state", "visible")
        if kind == "worksheet":
            self.places[name] = self._part(_joined(folder, target))
        elif kind == "xlMacrosheet":
            raise Refused("macros", f"the sheet {name[:40]!r}")

    def _properties(self) -> None:
        for kind, part in self._about():
            if kind == "custom-properties" or kind == "customProperties":
                self.book.properties = custom_properties(self.package, part, self.spent)
            elif kind in _CORE:
                self.book.modified = self._text(part, "modified")
            elif kind in ("extended-properties", "extendedProperties"):
                self.book.program = self._text(part, "Application")

    def _about(self) -> Iterator[tuple[str, str]]:
        for kind, target, outside in self._relations("").values():
            if not outside and _joined("", target).casefold() in self.parts:
                yield kind, self._part(_joined("", target))

    def _text(self, part: str, wanted: str) -> str:
        return one_text(self.package, part, wanted, self.spent)

    def _sheet(self, name: str) -> None:
        sheet = Sheet(name, self.book.states[name])
        read_sheet(
            self.package,
            self.places[name],
            sheet,
            strings=self.strings,
            styles=self.styles,
            spent=self.spent,
        )
        self.book.sheets[name] = sheet


def _joined(folder: str, target: str) -> str:
    target = target.replace("\\", "/")
    if target.startswith("/"):
        return target.lstrip("/")
    steps = [*folder.split("/"), *target.split("/")] if folder else target.split("/")
    made: list[str] = []
    for step in steps:
        if step == "..":
            if not made:
                raise Refused("part-name", target[:80])
            made.pop()
        elif step not in ("", "."):
            made.append(step)
    return "/".join(made)
