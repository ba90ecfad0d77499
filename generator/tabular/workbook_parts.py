"""Unpack and parse the parts of an Excel workbook within limits.

A part is unpacked up to a limit, whatever size the file claims. A document type, which
a "billion laughs" attack needs, is refused.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.parsers import expat

from generator.tabular.rows import tidy_text
from generator.xlsx.xml_parser import unescape

UNPACKED_LIMIT = 64 * 1024 * 1024  # bytes of all parts together
ELEMENT_LIMIT = 3_000_000

_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)}
_BUILT_IN_PERCENT = {9, 10}
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


class WorkbookRefused(Exception):
    """The reason why a workbook is not read."""


@dataclass
class NumberStyles:
    """The cell styles that change what a number means.

    Args:
        dates: Styles that show a number as a date or time.
        percents: Styles that show a share as a percentage.
        zeros: Style -> number of digits, where it pads with zeros.
        formats: Style -> id of its number format.
    """

    dates: set[int] = field(default_factory=set)
    percents: set[int] = field(default_factory=set)
    zeros: dict[int, int] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)


class WorkbookParts:
    """The parts of a workbook, unpacked within one budget."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = {name.lstrip("/").casefold(): name for name in archive.namelist()}
        self.bytes_left = UNPACKED_LIMIT
        self.elements_left = ELEMENT_LIMIT

    def has(self, name: str) -> bool:
        """Whether the workbook has a part of this name."""
        return name.casefold() in self.names

    def read(self, name: str) -> bytes:
        """One part, unpacked.

        Raises:
            Refused: If it is not there, or more than the budget allows.
        """
        try:
            with self.archive.open(self.names[name.casefold()]) as part:
                data = part.read(self.bytes_left + 1)
        except KeyError:
            raise WorkbookRefused(f"it has no part {name}") from None
        self.bytes_left -= len(data)
        if self.bytes_left < 0:
            raise WorkbookRefused(
                f"it unpacks to more than {UNPACKED_LIMIT // 1024 // 1024} MB"
            )
        return data

    def parse(
        self,
        name: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Parse a part; handlers receive element names without namespace."""
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def start_element(tag: str, attributes: dict[str, str]) -> None:
            self.elements_left -= 1
            if self.elements_left < 0:
                raise WorkbookRefused("it has more cells than any export")
            start(tag.rpartition(":")[2], attributes)

        def end_element(tag: str) -> None:
            if end is not None:
                end(tag.rpartition(":")[2])

        def document_type(*_: object) -> None:
            raise WorkbookRefused("it declares a document type, which no workbook does")

        parser.StartElementHandler = start_element
        parser.EndElementHandler = end_element
        parser.StartDoctypeDeclHandler = document_type
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            parser.Parse(self.read(name), True)
        except expat.ExpatError as error:
            raise WorkbookRefused(f"its part {name} is damaged ({error})") from None


def main_part(parts: WorkbookParts) -> str:
    """The part that lists the sheets.

    Raises:
        Refused: If there is none: it is a package of another kind.
    """
    if not parts.has("_rels/.rels"):
        raise WorkbookRefused("it is not a workbook")
    for kind, target in read_relations(parts, "").values():
        if kind.endswith("/officeDocument"):
            return target
    raise WorkbookRefused("it is not a workbook")


def read_relations(parts: WorkbookParts, part: str) -> dict[str, tuple[str, str]]:
    """Relation id -> (type, part) of every internal relation of a part."""
    path = PurePosixPath(part)
    folder = path.parent if part else PurePosixPath("")
    name = str(folder / "_rels" / f"{path.name if part else ''}.rels")
    relations: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            absolute = (
                PurePosixPath(target.lstrip("/"))
                if target.startswith("/")
                else folder / target
            )
            steps: list[str] = []
            for step in absolute.parts:
                if step == "..":
                    steps = steps[:-1]
                else:
                    steps.append(step)
            relations[attributes.get("Id", "")] = (
                attributes.get("Type", ""),
                "/".join(steps),
            )

    if parts.has(name):
        parts.parse(name, start)
    return relations


def read_styles(parts: WorkbookParts, part: str) -> NumberStyles:
    """Read the styles that change what a number means."""
    styles = NumberStyles()
    if not parts.has(part):
        return styles
    codes: dict[int, str] = {}
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        inside.append(tag)
        if tag == "numFmt":
            codes[whole_number(attributes.get("numFmtId"))] = attributes.get(
                "formatCode", ""
            )
        elif tag == "xf" and inside[-2:-1] == ["cellXfs"]:
            styles.formats.append(whole_number(attributes.get("numFmtId")))

    def end(_: str) -> None:
        inside.pop()

    parts.parse(part, start, end)
    for style, number in enumerate(styles.formats):
        code = _QUOTED.sub("", codes.get(number, "")).split(";")[0]
        if number in _BUILT_IN_DATES or re.search(r"[dmyhs]", code, re.I):
            if code.strip().casefold() != "general":
                styles.dates.add(style)
        elif number in _BUILT_IN_PERCENT or "%" in code:
            styles.percents.add(style)
        elif re.fullmatch(r"0{2,}", code):
            styles.zeros[style] = len(code)
    return styles


def whole_number(text: str | None) -> int:
    """Parse a whole number; 0 where the text is none."""
    return int(text) if text and text.isascii() and text.isdigit() else 0


def read_strings(parts: WorkbookParts, part: str) -> list[str]:
    """Read the shared texts that cells refer to by number."""
    strings: list[str] = []
    if not parts.has(part):
        return strings
    pieces: list[str] = []
    state = {"text": False, "phonetic": False}

    def start(tag: str, _: dict[str, str]) -> None:
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":
            state["phonetic"] = True
        elif tag == "t":
            state["text"] = not state["phonetic"]

    def end(tag: str) -> None:
        if tag == "t":
            state["text"] = False
        elif tag == "rPh":
            state["phonetic"] = False
        elif tag == "si":
            strings.append(tidy_text(unescape("".join(pieces))))

    def text(data: str) -> None:
        if state["text"]:
            pieces.append(data)

    parts.parse(part, start, end, text)
    return strings
