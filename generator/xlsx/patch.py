"""Change a few places of a workbook and leave every other byte as it was.

A teacher's own file goes back with notes in it: charts, formats, values and anything
else in it must survive, so nothing is parsed and written anew.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from generator.xlsx.package import read_chunks
from generator.xlsx.parts import Relationship

_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"']([^\"']+)[\"']")
_TAG = re.compile(rb"[^>\"']*+(?:(?:\"[^\"]*\"|'[^']*')[^>\"']*+)*+>")
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EPOCH = (1980, 1, 1, 0, 0, 0)


class PatchError(Exception):
    """A part that is written in a way that is not safe to change."""


@dataclass(slots=True)
class XmlElement:
    """An element of a part: its byte positions and its children."""

    name: str  # without namespace
    attributes: dict[str, str]  # by name without namespace
    start: int  # the byte at which its start tag begins
    inner: int = 0  # the byte after its start tag
    end: int = 0  # the byte at which its end tag begins; `inner` where it has none
    after: int = 0  # the byte after it
    empty: bool = False  # whether it is one tag (`<dxfs/>`)
    children: list[XmlElement] = field(default_factory=list)  # to the requested depth

    def first_child(self, name: str) -> XmlElement | None:
        """The first child of that name, or None."""
        return next((node for node in self.children if node.name == name), None)

    def children_named(self, name: str) -> list[XmlElement]:
        """The children of that name."""
        return [node for node in self.children if node.name == name]


class PartPatch:
    """A part of a package and the changes to make to it."""

    def __init__(self, data: bytes, depth: int) -> None:
        encoding = _ENCODING.match(data[:200])
        if encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
            raise PatchError(f"written in {encoding[1]!r}")
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise PatchError("written in UTF-16")
        self.data = data
        self.root, self.unprefixed = _outline(data, depth)
        self.edits: list[tuple[int, int, bytes]] = []

    def replace(self, start: int, end: int, text: str) -> None:
        """Replace some bytes by a text."""
        self.edits.append((start, end, text.encode()))

    def insert(self, at: int, text: str) -> None:
        """Insert a text before a byte."""
        self.replace(at, at, text)

    def append(self, node: XmlElement, text: str) -> None:
        """Insert a text after the last child of an element."""
        if node.empty:
            tag = self.data[node.start : node.after].decode()
            opened = tag.rstrip()[:-2].rstrip() + ">"
            name = re.match(r"<([^\s/>]+)", tag)
            assert name
            self.replace(node.start, node.after, f"{opened}{text}</{name[1]}>")
        else:
            self.insert(node.end, text)

    def set_attribute(self, node: XmlElement, name: str, value: str | None) -> None:
        """Set an attribute of an element; None removes it.

        Never together with `append` on an element that is one empty tag.
        """
        tag = self.data[node.start : node.inner].decode()
        pattern = re.compile(rf"\s{re.escape(name)}\s*=\s*(\"[^\"]*\"|'[^']*')")
        stripped = pattern.sub("", tag)
        if value is not None:
            close = len(stripped) - (2 if stripped.endswith("/>") else 1)
            start, end = stripped[:close].rstrip(), stripped[close:]
            stripped = f"{start} {name}={quoteattr(value)}{end}"
        self.replace(node.start, node.inner, stripped)

    def patched(self) -> bytes:
        """The part with its changes."""
        pieces, at = [], 0
        for start, end, text in sorted(self.edits, key=lambda edit: edit[:2]):
            if start < at:
                raise PatchError("two changes in one place")
            pieces += [self.data[at:start], text]
            at = end
        return b"".join([*pieces, self.data[at:]])


class WorkbookPatch:
    """A workbook's parts, to change, add to and write again."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.names = {name.casefold(): name for name in package.namelist()}
        self.changed: dict[str, bytes] = {}

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return name.casefold() in self.names or name in self.changed

    def read(self, name: str) -> bytes:
        """The current content of a part.

        Raises:
            FileRefused: If it is damaged or missing.
        """
        real = self.names.get(name.casefold(), name)
        if real in self.changed:
            return self.changed[real]
        return b"".join(read_chunks(self.package, real))

    def write(self, name: str, data: bytes) -> None:
        """Set a part."""
        self.changed[self.names.get(name.casefold(), name)] = data

    def change(self, name: str, depth: int, edit: Callable[[PartPatch], None]) -> None:
        """Edit a part in place.

        Raises:
            PatchError: If that is not safe.
        """
        part = PartPatch(self.read(name), depth)
        edit(part)
        self.write(name, part.patched())

    def unused_name(self, pattern: str) -> str:
        """An unused part name, from a pattern such as `xl/comments{}.xml`."""
        names = map(pattern.format, count(1))
        return next(name for name in names if not self.has(name))

    def add_relationship(self, source: str, kind: str, target: str) -> str:
        """Add a relationship from one part to another; answers its id.

        Args:
            source: The part it belongs to.
            kind: The relationship's type.
            target: The other part's full name.
        """
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels"
        if not self.has(name):
            space = "http://schemas.openxmlformats.org/package/2006/relationships"
            self.write(name, f'{XML}<Relationships xmlns="{space}"/>'.encode())
        part = PartPatch(self.read(name), 2)
        used_ids = {node.attributes.get("Id", "") for node in part.root.children}
        ids = (f"rIdMb{number}" for number in count(1))
        relationship_id = next(new for new in ids if new not in used_ids)
        part.append(
            part.root,
            f'<Relationship Id="{relationship_id}" Type={quoteattr(kind)} '
            f"Target={quoteattr('/' + target)}/>",
        )
        self.write(name, part.patched())
        return relationship_id

    def relationships(self, source: str) -> dict[str, Relationship]:
        """The relationships of a part to others in the package, by id.

        Args:
            source: The part; empty for the package itself.
        """
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels".lstrip("/")
        if not self.has(name):
            return {}
        relationships = {}
        for node in PartPatch(self.read(name), 2).root.children:
            if node.attributes.get("TargetMode") != "External":
                kind = node.attributes.get("Type", "").rpartition("/")[2]
                target = node.attributes.get("Target", "")
                relationship = Relationship(kind, target, False, folder)
                relationships[node.attributes.get("Id", "")] = relationship
        return relationships

    def related_part(self, source: str, kind: str) -> str:
        """The part that the first relationship of a type leads to.

        Raises:
            PatchError: If there is none.
        """
        for relationship in self.relationships(source).values():
            if relationship.kind == kind:
                return relationship.part
        raise PatchError(f"there is no {kind}")

    def sheet_parts(self) -> dict[str, str]:
        """The part of each worksheet, by the sheet's name.

        Raises:
            PatchError: If the list of sheets is in an unknown form.
        """
        main = self.related_part("", "officeDocument")
        part = PartPatch(self.read(main), 3)
        sheets = part.root.first_child("sheets")
        if sheets is None or not part.unprefixed:
            raise PatchError("the list of sheets is in an unknown form")
        relationships = self.relationships(main)
        parts = {}
        for node in sheets.children:
            relationship = relationships.get(node.attributes.get("id", ""))
            if relationship and relationship.kind == "worksheet":
                parts[node.attributes.get("name", "")] = relationship.part
        return parts

    def add_content_type(
        self, name: str, content_type: str, *, extension: str = ""
    ) -> None:
        """Declare the content type of a new part."""

        def add(part: PartPatch) -> None:
            if extension:
                declared = {
                    node.attributes.get("Extension", "").casefold()
                    for node in part.root.children_named("Default")
                }
                if extension not in declared:
                    part.insert(
                        part.root.inner,
                        f'<Default Extension="{extension}" '
                        f"ContentType={quoteattr(content_type)}/>",
                    )
                return
            part.append(
                part.root,
                f"<Override PartName={quoteattr('/' + name)} "
                f"ContentType={quoteattr(content_type)}/>",
            )

        self.change("[Content_Types].xml", 2, add)

    def to_bytes(self) -> bytes:
        """The workbook, the same bytes for the same parts."""
        output = io.BytesIO()
        order = [i.filename for i in self.package.infolist() if not i.is_dir()]
        order += [name for name in self.changed if name not in set(order)]
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as out:
            for name in order:
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                out.writestr(info, self.read(name))
        return output.getvalue()


def escape_text(value: str) -> str:
    """Escape a text for XML, without the characters that XML cannot hold.

    >>> escape_text("Smith & Co")
    'Smith &amp; Co'
    """
    writable = "".join(
        character
        for character in value
        if character in "\n\t"
        or (character >= " " and not "\ud800" <= character <= "\udfff")
    )
    return escape(writable.replace("\ufffe", "").replace("\uffff", ""))


def child_position(part: PartPatch, name: str, order: Iterable[str]) -> int:
    """The byte position of a new child of the root, by the schema's order.

    Args:
        part: The part.
        name: The child's name.
        order: All possible names, in the schema's order.
    """
    rank = {child: number for number, child in enumerate(order)}
    own_rank = rank[name]
    for node in part.root.children:
        if rank.get(node.name, len(rank)) > own_rank:
            return node.start
    return part.root.end


def _outline(data: bytes, depth: int) -> tuple[XmlElement, bool]:
    parser = expat.ParserCreate(namespace_separator="}")
    stack: list[XmlElement | None] = []
    root: list[XmlElement] = []
    unprefixed = True

    def refuse(*_: object) -> None:
        raise PatchError("it defines entities")

    def open_element(tag: str, attributes: dict[str, str]) -> None:
        nonlocal unprefixed
        if len(stack) >= depth:
            stack.append(None)
            return
        start = parser.CurrentByteIndex
        node = XmlElement(
            tag.rpartition("}")[2],
            {key.rpartition("}")[2]: value for key, value in attributes.items()},
            start,
            _tag_end(data, start),
        )
        if not stack:
            root.append(node)
            # Added elements have no prefix, so the namespace must need none.
            unprefixed = b":" not in data[start : node.inner].split(None, 1)[0]
        elif (parent := stack[-1]) is not None:
            parent.children.append(node)
        stack.append(node)

    def close_element(_: str) -> None:
        node = stack.pop()
        if node is None:
            return
        at = parser.CurrentByteIndex
        node.empty = data[node.inner - 2 : node.inner] == b"/>"
        node.end = node.inner if node.empty else at
        node.after = node.inner if node.empty else _tag_end(data, at)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise PatchError("it is not XML") from None
    return root[0], unprefixed


def _tag_end(data: bytes, start: int) -> int:
    match = _TAG.match(data, start)
    if match is None:
        raise PatchError("it is not XML")
    return match.end()
