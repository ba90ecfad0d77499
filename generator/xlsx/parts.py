"""Read the parts beside the sheets: shared texts, styles, document properties."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from zipfile import ZipFile

from generator.xlsx.package import read_chunks
from generator.xlsx.refusals import FileRefused
from generator.xlsx.xml_parser import (
    LocalNameHandlers,
    ReadBudget,
    parse_bool,
    parse_chunks,
    parse_part,
    spreadsheet_handlers,
    unescape,
)

MAX_STYLES = 20_000
MAX_PROPERTIES = 5_000
MAX_FORMAT_CODE = 255  # characters
MAX_CACHED_STYLES = 16  # style lists
MAX_CACHED_SIZE = 1 << 17  # bytes of one

Styles = Sequence[tuple[bool, bool]]  # locked, dated
_style_cache: dict[bytes, Styles] = {}

_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
# Number formats that Excel keeps for dates and times, whatever they look like.
_DATE_FORMATS = frozenset(
    [*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)]
)


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
) -> list[str]:
    """Read the texts that cells refer to by index, without phonetic guides."""
    strings: list[str] = []
    pieces: list[str] = []
    size = 0
    reading = phonetic = False

    def open_text(_: dict[str, str]) -> None:
        nonlocal reading
        reading = not phonetic

    def close_text() -> None:
        nonlocal reading
        reading = False

    def open_phonetic(_: dict[str, str]) -> None:
        nonlocal phonetic
        phonetic = True

    def close_phonetic() -> None:
        nonlocal phonetic
        phonetic = False

    def open_item(_: dict[str, str]) -> None:
        nonlocal size
        pieces.clear()
        size = 0
        if len(strings) >= budget.limits.strings:
            raise FileRefused("too-much", "texts")

    def close_item() -> None:
        strings.append(unescape("".join(pieces)))

    def text(piece: str) -> None:
        nonlocal size
        if reading:
            size += len(piece)
            if size > budget.limits.text:
                raise FileRefused("too-much", "a text longer than a cell can hold")
            pieces.append(piece)

    parse_part(
        package,
        part,
        budget,
        handlers(t=open_text, rPh=open_phonetic, si=open_item),
        handlers(t=close_text, rPh=close_phonetic, si=close_item),
        text,
    )
    return strings


def read_cell_styles(package: ZipFile, part: str, budget: ReadBudget) -> Styles:
    """Read for each cell style whether it locks and whether it shows a date."""
    data = b"".join(read_chunks(package, part))
    # All markbooks of an issue have the same styles, as does every copy that one
    # program saves.
    if cached := _style_cache.get(data):
        budget.count_chunk(data)
        return cached
    styles = tuple(
        (style.locked, is_date_format(style.number, style.code))
        for style in parse_cell_formats([data], part, budget)
    )
    if len(data) <= MAX_CACHED_SIZE:
        if len(_style_cache) == MAX_CACHED_STYLES:
            _style_cache.clear()
        _style_cache[data] = styles
    return styles


class CellFormat(NamedTuple):
    """A cell style: the id and code of its number format, and whether it locks."""

    number: str
    code: str | None
    locked: bool


def parse_cell_formats(
    chunks: Iterable[bytes], part: str, budget: ReadBudget
) -> list[CellFormat]:
    """Parse the cell styles of a workbook, in the order in which cells refer to them.

    Args:
        chunks: The content of the part.
        part: The part.
        budget: What the file has used of its limits.
    """
    styles: list[CellFormat] = []
    codes: dict[str, str] = {}
    inside = False

    def number_format(a: dict[str, str]) -> None:
        if len(codes) >= MAX_STYLES:
            raise FileRefused("too-much", "number formats")
        codes[a.get("numFmtId", "")] = a.get("formatCode", "")[:MAX_FORMAT_CODE]

    def open_list(_: dict[str, str]) -> None:
        nonlocal inside
        inside = True

    def close_list() -> None:
        nonlocal inside
        inside = False

    def style(a: dict[str, str]) -> None:
        if not inside:
            return
        if len(styles) >= MAX_STYLES:
            raise FileRefused("too-much", "cell styles")
        number = a.get("numFmtId", "0")
        styles.append(CellFormat(number, codes.get(number), True))

    def protection(a: dict[str, str]) -> None:
        if inside and styles:
            locked = parse_bool(a.get("locked", "1"))
            styles[-1] = styles[-1]._replace(locked=locked)

    parse_chunks(
        chunks,
        part,
        budget,
        LocalNameHandlers(
            numFmt=number_format, cellXfs=open_list, xf=style, protection=protection
        ),
        LocalNameHandlers(cellXfs=close_list),
    )
    return styles


def is_date_format(number: str, code: str | None) -> bool:
    """Whether a number format shows a date or a time.

    Args:
        number: Its id; Excel reserves some for dates, whatever they look like.
        code: Its code, or None where the workbook defines none.

    >>> is_date_format("164", "d-mmm"), is_date_format("14", None)
    (True, True)
    >>> is_date_format("164", '0.0" days"'), is_date_format("164", "[Red]0;@")
    (False, False)
    """
    if code is None:
        return number.isdecimal() and int(number) in _DATE_FORMATS
    plain = _QUOTED.sub("", code).casefold()
    return "general" not in plain and any(letter in plain for letter in "dmyhs")
