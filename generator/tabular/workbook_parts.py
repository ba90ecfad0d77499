"""The parts of an Excel workbook, unpacked and parsed within bounds.

Every part is unpacked up to a limit whatever the file claims, and a document type
(the way to "billion laughs") is refused.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.parsers import expat

from generator.tabular.rows import tidy_text

UNPACKED_LIMIT = 64 * 1024 * 1024  # bytes, all parts that are read together
ELEMENT_LIMIT = 3_000_000

_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)}
_BUILT_IN_PERCENT = {9, 10}
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


class WorkbookRefused(Exception):
    """Why a workbook is not read on; turned into one line naming the file."""


@dataclass
class NumberStyles:
    """Which cell styles make a number something else.

    Args:
        dates: Styles that show a number as a day or a time.
        percents: Styles that show a share as per cent.
        zeros: Style -> how many digits it pads with zeros to.
        formats: Style -> number format.
    """

    dates: set[int] = field(default_factory=set)
    percents: set[int] = field(default_factory=set)
    zeros: dict[int, int] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)


class WorkbookParts:
    """The parts of a workbook, unpacked one by one within a common budget."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = {name.lstrip("/").casefold(): name for name in archive.namelist()}
        self.left = UNPACKED_LIMIT
        self.elements = ELEMENT_LIMIT

    def has(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return name.casefold() in self.names

    def read(self, name: str) -> bytes:
        """One part, unpacked.

        Raises:
            Refused: If it is not there, or more than the budget allows.
        """
        try:
            with self.archive.open(self.names[name.casefold()]) as part:
                data = part.read(self.left + 1)
        except KeyError:
            raise WorkbookRefused(f"it has no part {name}") from None
        self.left -= len(data)
        if self.left < 0:
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
        """Walk through one part; element names come without their namespaces."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        budget = self

        def opened(tag: str, attributes: dict[str, str]) -> None:
            budget.elements -= 1
            if budget.elements < 0:
                raise WorkbookRefused("it has more cells than any export")
            start(tag.rpartition(":")[2], attributes)

        def closed(tag: str) -> None:
            if end is not None:
                end(tag.rpartition(":")[2])

        def document_type(*_: object) -> None:
            raise WorkbookRefused("it declares a document type, which no workbook does")

        parser.StartElementHandler = opened
        parser.EndElementHandler = closed
        parser.StartDoctypeDeclHandler = document_type
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            parser.Parse(self.read(name), True)
        except expat.ExpatError as error:
            raise WorkbookRefused(f"its part {name} is damaged ({error})") from None


def main_part(package: WorkbookParts) -> str:
    """The part that lists the sheets.

    Raises:
        Refused: If there is none: it is a package of another kind.
    """
    if not package.has("_rels/.rels"):
        raise WorkbookRefused("it is not a workbook")
    for kind, target in relations(package, "").values():
        if kind.endswith("/officeDocument"):
            return target
    raise WorkbookRefused("it is not a workbook")


def relations(package: WorkbookParts, part: str) -> dict[str, tuple[str, str]]:
    """Link -> (kind, part) of everything that a part points to."""
    place = PurePosixPath(part)
    folder = place.parent if part else PurePosixPath("")
    name = str(folder / "_rels" / f"{place.name if part else ''}.rels")
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            whole = (
                PurePosixPath(target.lstrip("/"))
                if target.startswith("/")
                else folder / target
            )
            steps: list[str] = []
            for step in whole.parts:
                if step == "..":
                    steps = steps[:-1]
                else:
                    steps.append(step)
            found[attributes.get("Id", "")] = (
                attributes.get("Type", ""),
                "/".join(steps),
            )

    if package.has(name):
        package.parse(name, start)
    return found


def read_styles(package: WorkbookParts, part: str) -> NumberStyles:
    """The styles of a workbook that change what a number means."""
    styles = NumberStyles()
    if not package.has(part):
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

    package.parse(part, start, end)
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
    """A whole number as a part writes it; 0 where it is not one."""
    return int(text) if text and text.isascii() and text.isdigit() else 0


def read_strings(package: WorkbookParts, part: str) -> list[str]:
    """The texts that cells point to by number."""
    strings: list[str] = []
    if not package.has(part):
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
            strings.append(tidy_text(unescaped("".join(pieces))))

    def text(data: str) -> None:
        if state["text"]:
            pieces.append(data)

    package.parse(part, start, end, text)
    return strings


def unescaped(text: str) -> str:
    """A text with characters such as `_x000D_` put back."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
