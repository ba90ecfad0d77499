"""Read the parts beside the sheets: relationships, shared texts, properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from zipfile import ZipFile

from generator.xlsx.refusals import FileRefused
from generator.xlsx.xml_parser import (
    LocalNameHandlers,
    ReadBudget,
    StruckRuns,
    parse_part,
    spreadsheet_handlers,
    unescape,
)

MAX_PROPERTIES = 5_000


class Relationship(NamedTuple):
    """A link from one part of a package to another."""

    kind: str  # the last word of its type: `worksheet`
    target: str  # as written
    external: bool  # whether the target is outside the file
    folder: str  # that the target is relative to

    @property
    def part(self) -> str:
        """The full name of the target.

        Raises:
            FileRefused: If it is outside the package.
        """
        target = self.target.replace("\\", "/")
        if target.startswith("/"):
            return target.lstrip("/")
        resolved: list[str] = []
        for step in [*self.folder.split("/"), *target.split("/")]:
            if step == "..":
                if not resolved:
                    raise FileRefused("part-name", target[:80])
                resolved.pop()
            elif step not in ("", "."):
                resolved.append(step)
        return "/".join(resolved)


class PackageParts:
    """The parts of a package, by name without case (Open Packaging Conventions)."""

    def __init__(self, package: ZipFile, budget: ReadBudget) -> None:
        self.package = package
        self.budget = budget
        self.names = {name.lstrip("/").casefold(): name for name in package.namelist()}

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return name.casefold() in self.names

    def find(self, name: str) -> str:
        """The name of a part as the package writes it.

        Raises:
            FileRefused: If it is missing.
        """
        part = self.names.get(name.casefold())
        if part is None:
            raise FileRefused("part-missing", name[:80])
        return part

    def relationships(self, source: str) -> dict[str, Relationship]:
        """The relationships of a part by id; those of the package for an empty name."""
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels".lstrip("/")
        relationships: dict[str, Relationship] = {}
        if not self.has(name):
            return relationships

        def start(attributes: dict[str, str]) -> None:
            relationships[attributes.get("Id", "")] = Relationship(
                attributes.get("Type", "").rpartition("/")[2],
                attributes.get("Target", ""),
                attributes.get("TargetMode", "") == "External",
                folder,
            )

        handlers = LocalNameHandlers(Relationship=start)
        parse_part(self.package, self.find(name), self.budget, handlers, {})
        return relationships

    def main_part(self) -> str:
        """The part that lists the sheets.

        Raises:
            FileRefused: If there is none, or it is outside the file.
        """
        for relationship in self.relationships("").values():
            if relationship.kind == "officeDocument":
                if relationship.external:
                    raise FileRefused("part-name", "the workbook lies outside the file")
                return self.find(relationship.part)
        raise FileRefused("part-missing", "xl/workbook.xml")


def read_element_text(
    package: ZipFile, part: str, element: str, budget: ReadBudget
) -> str:
    """Read the text of an element, a hundred characters at most.

    Args:
        package: The workbook's package.
        part: The part.
        element: The element's name: `modified`.
        budget: What the file has used of its limits.
    """
    pieces: list[str] = []
    inside = False

    def start(_: dict[str, str]) -> None:
        nonlocal inside
        inside = True

    def end() -> None:
        nonlocal inside
        inside = False

    def text(piece: str) -> None:
        if inside and len(pieces) < 100:
            pieces.append(piece[:100])

    parse_part(
        package,
        part,
        budget,
        LocalNameHandlers({element: start}),
        LocalNameHandlers({element: end}),
        text,
    )
    return "".join(pieces).strip()[:100]


def read_custom_properties(
    package: ZipFile, part: str, budget: ReadBudget
) -> dict[str, str]:
    """Read the custom document properties, by name."""
    properties: dict[str, str] = {}
    name = ""

    def start(a: dict[str, str]) -> None:
        nonlocal name
        name = a.get("name", "")
        if len(properties) >= MAX_PROPERTIES:
            raise FileRefused("too-much", "document properties")
        properties[name] = ""

    def end() -> None:
        nonlocal name
        name = ""

    def text(piece: str) -> None:
        # LibreOffice breaks lines between the elements.
        if name and (stripped := piece.strip()):
            if len(properties[name]) + len(stripped) > budget.limits.text:
                raise FileRefused("too-much", "a document property")
            properties[name] += stripped

    parse_part(
        package,
        part,
        budget,
        LocalNameHandlers(property=start),
        LocalNameHandlers(property=end),
        text,
    )
    return properties


def read_shared_strings(
    package: ZipFile,
    part: str,
    budget: ReadBudget,
    handlers: Callable[..., Mapping[str, Any]] = spreadsheet_handlers,
    unstruck: dict[int, str] | None = None,
) -> list[str]:
    """Read the texts that cells refer to by index, without phonetic guides.

    Args:
        package: The workbook's package.
        part: The part.
        budget: What the file has used of its limits.
        handlers: Makes handlers from those by element name.
        unstruck: Filled with what is not struck out of each text that is struck out
            in part: index -> text. None where that is of no interest.
    """
    parser = _StringsParser(budget)
    parse_part(
        package,
        part,
        budget,
        handlers(
            t=parser.open_text,
            rPh=parser.open_phonetic,
            si=parser.open_item,
            r=parser.runs.open_run,
            strike=parser.runs.open_strike,
        ),
        handlers(t=parser.close_text, rPh=parser.close_phonetic, si=parser.close_item),
        parser.text,
    )
    if unstruck is not None:
        unstruck.update(parser.unstruck)
    return parser.strings


class _StringsParser:
    """The handlers that parse the shared texts, and their state."""

    def __init__(self, budget: ReadBudget) -> None:
        self.limits = budget.limits
        self.strings: list[str] = []
        self.unstruck: dict[int, str] = {}
        self.pieces: list[str] = []
        self.runs = StruckRuns()
        self.size = 0
        self.reading = self.phonetic = False

    def open_text(self, _: dict[str, str]) -> None:
        self.reading = not self.phonetic

    def close_text(self) -> None:
        self.reading = False

    def open_phonetic(self, _: dict[str, str]) -> None:
        self.phonetic = True

    def close_phonetic(self) -> None:
        self.phonetic = False

    def open_item(self, _: dict[str, str]) -> None:
        self.pieces.clear()
        self.runs.clear()
        self.size = 0
        if len(self.strings) >= self.limits.strings:
            raise FileRefused("too-much", "texts")

    def close_item(self) -> None:
        if (rest := self.runs.unstruck(self.pieces)) is not None:
            self.unstruck[len(self.strings)] = rest
        self.strings.append(unescape("".join(self.pieces)))

    def text(self, piece: str) -> None:
        if self.reading:
            self.size += len(piece)
            if self.size > self.limits.text:
                raise FileRefused("too-much", "a text longer than a cell can hold")
            self.runs.add(len(self.pieces))
            self.pieces.append(piece)
