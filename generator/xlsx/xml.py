"""One part of a workbook through the XML parser, within limits it cannot pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from xml.parsers import expat
from zipfile import ZipFile

from generator.xlsx.package import read_chunks
from generator.xlsx.refusals import FileRefused

MAX_ELEMENTS = 600_000  # of XML, over the whole file
MAX_CELLS = 60_000  # with something in them, over the whole file
MAX_CHARACTERS = 4_000_000  # in them
MAX_DEPTH = 40
MAX_TEXT = 32_767  # what a cell can hold in Excel

_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # saved as Strict Open XML
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Start = Callable[[dict[str, str]], None]  # given the attributes
End = Callable[[], None]
Text = Callable[[str], None]
H = TypeVar("H")


@dataclass(slots=True)
class ReadBudget:
    """How much of its limits a file has used up so far."""

    elements: int = 0
    cells: int = 0
    characters: int = 0

    def count_elements(self, piece: bytes) -> None:
        """Count the elements that begin in some bytes, before they are parsed.

        Raises:
            Refused: If there are more than any markbook has.
        """
        # In every encoding that the parser knows, this byte begins each tag.
        self.elements += piece.count(b"<") - piece.count(b"</")
        if self.elements > MAX_ELEMENTS:
            raise FileRefused("too-much", f"over {MAX_ELEMENTS} elements")

    def count_cell(self, characters: int) -> None:
        """Count one filled cell with a text of so many letters.

        A text may be written once and stand in many cells: what is small in the
        file need not be when it is sent on.

        Raises:
            Refused: If there are more than any markbook has.
        """
        self.cells += 1
        self.characters += characters
        if self.characters > MAX_CHARACTERS:
            raise FileRefused("too-much", f"over {MAX_CHARACTERS} letters in cells")
        if self.cells > MAX_CELLS:
            raise FileRefused("too-much", f"over {MAX_CELLS} filled cells")


def parse_part(
    package: ZipFile,
    name: str,
    budget: ReadBudget,
    starts: Mapping[str, Start],
    ends: Mapping[str, End],
    text: Text | None = None,
) -> None:
    """Send a part's elements and texts to their handlers.

    Args:
        package: The workbook's package.
        name: The part.
        spent: What the file has used up of its limits.
        starts: Element -> what is told of its start: see `named` and `Local`.
        ends: The same, of its end.
        text: What is told of texts, piece by piece.

    Raises:
        Refused: If it is no XML, defines entities, or is larger or deeper than any
            markbook.
    """
    parse_chunks(read_chunks(package, name), name, budget, starts, ends, text)


def parse_chunks(
    pieces: Iterable[bytes],
    name: str,
    budget: ReadBudget,
    starts: Mapping[str, Start],
    ends: Mapping[str, End],
    text: Text | None = None,
) -> None:
    """The same of a part that has been unpacked."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = 0
    start_of = starts.get
    end_of = ends.get

    def refuse_entities(*_: Any) -> Any:
        raise FileRefused("entities", name[:80])

    # Called for every element there is: whatever is not needed here costs time.
    def open_element(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise FileRefused("too-much", f"{name[:80]} is nested too deeply")
        if handler := start_of(tag):
            handler(attributes)

    def close_element(tag: str) -> None:
        nonlocal depth
        depth -= 1
        if handler := end_of(tag):
            handler()

    parser.StartDoctypeDeclHandler = refuse_entities
    parser.EntityDeclHandler = refuse_entities
    parser.ExternalEntityRefHandler = refuse_entities
    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    if text:
        parser.CharacterDataHandler = text
    try:
        for piece in pieces:
            budget.count_elements(piece)
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError):
        # An unknown encoding is a LookupError, one of several bytes a ValueError,
        # everything else that is not XML an ExpatError.
        raise FileRefused("damaged", name[:80]) from None


def spreadsheet_handlers(**handlers: H) -> dict[str, H]:
    """Handlers of elements by their full names, in both spreadsheet namespaces.

    >>> sorted(name.rpartition("/")[2] for name in named(row=print))
    ['main}row', 'main}row']
    """
    return {
        f"{space}}}{name}": how for space in _MAIN for name, how in handlers.items()
    }


class LocalNameHandlers(dict[str, H]):
    """Handlers of elements by their names alone, whatever their namespace."""

    def get(self, tag: str, default: Any = None, /) -> Any:
        """The handler of an element, by its full name."""
        return super().get(tag.rpartition("}")[2], default)


def parse_bool(text: str) -> bool:
    """An XML truth value.

    >>> truth("1"), truth("false")
    (True, False)
    """
    return text.strip().casefold() in ("1", "true", "on")


def unescape(text: str) -> str:
    r"""A text without the `_x000D_` by which Excel writes what XML cannot hold.

    >>> unescaped("one_x000A_two") == "one\ntwo"
    True
    """
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_unescape_character, text)


def _unescape_character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    # Half of a pair is no character: it could be stored nowhere.
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else chr(number)
