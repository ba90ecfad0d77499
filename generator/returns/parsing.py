"""One part of a workbook through the XML parser, within limits it cannot pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

from generator.returns.envelope import chunks
from generator.returns.refusals import Refused

MAX_ELEMENTS = 600_000  # of XML, over the whole file
MAX_CELLS = 60_000  # with something in them, over the whole file
MAX_DEPTH = 40
MAX_TEXT = 32_767  # what a cell can hold in Excel

_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # saved as Strict Open XML
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


@dataclass(slots=True)
class Spent:
    """How much of its limits a file has used up so far."""

    elements: int = 0
    cells: int = 0

    def cell(self) -> None:
        """Count one filled cell.

        Raises:
            Refused: If there are more than any markbook has.
        """
        self.cells += 1
        if self.cells > MAX_CELLS:
            raise Refused("too-much", f"over {MAX_CELLS} filled cells")


def parse(
    package: ZipFile,
    name: str,
    spent: Spent,
    start: Start,
    end: End | None = None,
    text: Text | None = None,
) -> None:
    """Send a part's elements and texts to their handlers.

    Raises:
        Refused: If it is no XML, defines entities, or is larger or deeper than any
            markbook.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = 0

    def refuse_entities(*_: Any) -> Any:
        raise Refused("entities", name[:80])

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        spent.elements += 1
        if depth > MAX_DEPTH:
            raise Refused("too-much", f"{name[:80]} is nested too deeply")
        if spent.elements > MAX_ELEMENTS:
            raise Refused("too-much", f"over {MAX_ELEMENTS} elements")
        start(tag, attributes)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        if end:
            end(tag)

    parser.StartDoctypeDeclHandler = refuse_entities
    parser.EntityDeclHandler = refuse_entities
    parser.ExternalEntityRefHandler = refuse_entities
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    if text:
        parser.CharacterDataHandler = text
    try:
        for piece in chunks(package, name):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError):
        # An unknown encoding is a LookupError, one of several bytes a ValueError,
        # everything else that is not XML an ExpatError.
        raise Refused("damaged", name[:80]) from None


def tags(*names: str) -> dict[str, str]:
    """Full element names of both spreadsheet namespaces, with their bare ones."""
    return {f"{space}}}{name}": name for space in _MAIN for name in names}


def truth(text: str) -> bool:
    """An XML truth value.

    >>> truth("1"), truth("false")
    (True, False)
    """
    return text.strip().casefold() in ("1", "true", "on")


def unescaped(text: str) -> str:
    r"""A text without the `_x000D_` by which Excel writes what XML cannot hold.

    >>> unescaped("one_x000A_two") == "one\ntwo"
    True
    """
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    # Half of a pair is no character: it could be stored nowhere.
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else chr(number)
