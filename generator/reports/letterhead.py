"""The school's picture at the head of its reports."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from udfs.errors import BadTable

LARGEST = 1_000_000  # bytes
PNG = b"\x89PNG\r\n\x1a\n"
REFUSED_ELEMENTS = frozenset({"script", "foreignobject", "iframe"})
_SVG_OF_PNG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    '<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/>'
    "</svg>"
)


def read_letterhead(folder: Path, name: str) -> str:
    """The letterhead as SVG; empty if the school has none.

    Args:
        folder: The school folder.
        name: The file's name in `tables/`; empty for none.

    Raises:
        BadTable: If it is missing, too large, neither SVG nor PNG, or holds a script
            or a link to something outside.
    """
    if not name:
        return ""
    file = f"tables/{name}"
    path = folder / "tables" / name
    if Path(name).name != name or not path.is_file():
        raise _refused(file, "does not exist", "Put an SVG or PNG file into tables/.")
    if path.stat().st_size > LARGEST:
        raise _refused(file, "is larger than 1 MB", "Save a smaller picture.")
    data = path.read_bytes()
    if data.startswith(PNG) and len(data) > 24:
        width, height = struct.unpack(">II", data[16:24])
        return _SVG_OF_PNG.format(
            width=width, height=height, data=base64.b64encode(data).decode()
        )
    return _checked_svg(file, data)


def _checked_svg(file: str, data: bytes) -> str:
    not_svg = _refused(file, "is neither SVG nor PNG", "Save it as one of the two.")
    try:
        text = data.decode("utf-8-sig")
        root = fromstring(text, forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, DefusedXmlException, ValueError):
        raise not_svg from None
    if root.tag.rpartition("}")[2] != "svg":
        raise not_svg
    if any(_is_active(element) for element in root.iter()):
        raise _refused(
            file,
            "holds a script or a link to something outside",
            "Save it as plain SVG with everything inside, or as PNG.",
        )
    return text


def _is_active(element: Element) -> bool:
    """Whether an element runs something, or links to something outside."""
    tag = str(element.tag).rpartition("}")[2].casefold()
    texts = " ".join([*element.attrib.values(), element.text or ""])
    links = [
        value.strip()
        for key, value in element.attrib.items()
        if key.rpartition("}")[2].casefold() in ("href", "src")
    ]
    return (
        tag in REFUSED_ELEMENTS
        or any(key.casefold().startswith("on") for key in element.attrib)
        or any(not link.startswith(("#", "data:image/")) for link in links)
        or "url(" in texts.replace("url(#", "")
        or "@import" in texts
    )


def _refused(file: str, what: str, do: str) -> BadTable:
    return BadTable(f"The letterhead {file} {what}.", do)
