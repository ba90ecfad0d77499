"""Parse one part of a workbook as XML, within limits it cannot pass."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from xml.parsers import expat
from zipfile import ZipFile

from generator.xlsx.package import MAX_PART, MAX_TOTAL, read_chunks
from generator.xlsx.refusals import FileRefused

MAX_DEPTH = 40
MAX_MARKS = 30  # accents on one letter, as in Unicode's stream-safe text

_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # saved as Strict Open XML
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Start = Callable[[dict[str, str]], None]  # called with the attributes
End = Callable[[], None]
Text = Callable[[str], None]
H = TypeVar("H")


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much a whole file may hold; the defaults are those of a return."""

    elements: int = 600_000
    cells: int = 60_000  # that are filled
    characters: int = 1_000_000  # in cells, compatibility signs written out
    strings: int = 60_000  # shared texts
    text: int = 32_767  # characters of one text: what a cell can hold in Excel
    part: int = MAX_PART  # bytes of one part, unpacked
    unpacked: int = MAX_TOTAL  # bytes of all parts that are read


@dataclass(slots=True)
class ReadBudget:
    """What a file has used of its limits so far."""

    limits: ReadLimits = field(default_factory=ReadLimits)
    elements: int = 0
    cells: int = 0
    characters: int = 0
    unpacked: int = 0

    def count_chunk(self, chunk: bytes) -> None:
        """Count a chunk's bytes, and the elements that begin in it, before parsing.

        Raises:
            FileRefused: If there are more than the limits allow.
        """
        self.unpacked += len(chunk)
        if self.unpacked > self.limits.unpacked:
            raise FileRefused("too-large", f"over {self.limits.unpacked >> 20} MB")
        # In every encoding that the parser knows, this byte begins each tag.
        self.elements += chunk.count(b"<") - chunk.count(b"</")
        if self.elements > self.limits.elements:
            raise FileRefused("too-much", f"over {self.limits.elements} elements")

    def count_cell(self, text: str) -> None:
        """Count one filled cell and the characters in it.

        A shared text may be written once and be in many cells: a small file can
        expand to a large answer.

        Args:
            text: The text of the cell.

        Raises:
            FileRefused: If there are more than the limits allow.
        """
        self.cells += 1
        self.characters += len(text) if text.isascii() else _expanded_length(text)
        limits = self.limits
        if self.characters > limits.characters:
            raise FileRefused("too-much", f"over {limits.characters} letters in cells")
        if self.cells > limits.cells:
            raise FileRefused("too-much", f"over {limits.cells} filled cells")


@lru_cache(maxsize=1 << 10)
def _expanded_length(text: str) -> int:
    """The length of a text as it is compared: one sign may stand for eighteen.

    Raises:
        FileRefused: If more marks follow a letter than any language puts there:
            the time to put them in order grows with their square.
    """
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks > MAX_MARKS:
            raise FileRefused("too-much", f"over {MAX_MARKS} accents on a letter")
    return max(len(text), len(unicodedata.normalize("NFKC", text)))


def parse_part(
    package: ZipFile,
    name: str,
    budget: ReadBudget,
    starts: Mapping[str, Start],
    ends: Mapping[str, End],
    text: Text | None = None,
) -> None:
    """Parse a part, calling handlers for its elements and texts.

    Args:
        package: The workbook's package.
        name: The part.
        budget: What the file has used of its limits.
        starts: Element -> handler of its start: see `spreadsheet_handlers` and
            `LocalNameHandlers`.
        ends: Element -> handler of its end.
        text: Handler of text, piece by piece; None to skip it.

    Raises:
        FileRefused: If it is not XML, defines entities, or is larger or more deeply
            nested than any markbook.
    """
    parse_chunks(
        read_chunks(package, name, budget.limits.part), name, budget, starts, ends, text
    )


def parse_chunks(
    pieces: Iterable[bytes],
    name: str,
    budget: ReadBudget,
    starts: Mapping[str, Start],
    ends: Mapping[str, End],
    text: Text | None = None,
) -> None:
    """As `parse_part`, for a part that is already unpacked."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = 0
    start_of = starts.get
    end_of = ends.get

    def refuse_entities(*_: Any) -> Any:
        raise FileRefused("entities", name[:80])

    # Called for every element: anything not needed here costs time.
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
            budget.count_chunk(piece)
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError):
        # An unknown encoding is a LookupError, one of several bytes a ValueError,
        # everything else that is not XML an ExpatError.
        raise FileRefused("damaged", name[:80]) from None


def spreadsheet_handlers(**handlers: H) -> dict[str, H]:
    """Handlers by full element name, in both spreadsheet namespaces.

    >>> sorted(name.rpartition("/")[2] for name in spreadsheet_handlers(row=print))
    ['main}row', 'main}row']
    """
    return {
        f"{space}}}{name}": handler
        for space in _MAIN
        for name, handler in handlers.items()
    }


class LocalNameHandlers(dict[str, H]):
    """Handlers by local element name, in any namespace."""

    def get(self, tag: str, default: Any = None, /) -> Any:
        """The handler of an element, looked up by its full name."""
        return super().get(tag.rpartition("}")[2], default)


def parse_bool(text: str) -> bool:
    """Parse an XML boolean.

    >>> parse_bool("1"), parse_bool("false")
    (True, False)
    """
    return text.strip().casefold() in ("1", "true", "on")


class StruckRuns:
    """Which pieces of a text with formats in it are struck out."""

    def __init__(self) -> None:
        self._struck = False
        self._pieces: set[int] = set()

    def clear(self) -> None:
        """Begin another text."""
        self._struck = False
        if self._pieces:
            self._pieces.clear()

    def open_run(self, _: dict[str, str]) -> None:
        """Handle the start of a run of one format."""
        self._struck = False

    def open_strike(self, attributes: dict[str, str]) -> None:
        """Handle the element that strikes a run out."""
        self._struck = parse_bool(attributes.get("val", "1"))

    def add(self, piece: int) -> None:
        """Add a piece of text to the run, by its index."""
        if self._struck:
            self._pieces.add(piece)

    def unstruck(self, pieces: Sequence[str]) -> str | None:
        """What is not struck out; None where nothing is that shows."""
        if not any(pieces[number].strip() for number in self._pieces):
            return None
        return unescape(
            "".join(
                piece
                for number, piece in enumerate(pieces)
                if number not in self._pieces
            )
        )


def unescape(text: str) -> str:
    r"""Replace the escapes (`_x000D_`) by which Excel writes what XML cannot hold.

    >>> unescape("one_x000A_two") == "one\ntwo"
    True
    """
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_unescape_character, text)


def _unescape_character(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    # Half of a surrogate pair is no character and cannot be stored.
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else chr(number)
