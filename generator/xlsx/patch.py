"""Changing a few places of a workbook and leaving every other byte as it was.

A teacher's own file is given back with marks in it: charts, formats, values and
whatever else is there must survive, so nothing is read in and written out anew.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from generator.xlsx.package import read_chunks

_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"']([^\"']+)[\"']")
_TAG = re.compile(rb"[^>\"']*+(?:(?:\"[^\"]*\"|'[^']*')[^>\"']*+)*+>")
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EPOCH = (1980, 1, 1, 0, 0, 0)


class CannotPatch(Exception):
    """A part is written in a way that is not safe to change."""


@dataclass(slots=True)
class Node:
    """An element of a part: where it stands and how many children it has.

    Args:
        name: Its name without namespace.
        attributes: Its attributes, by name without namespace.
        start: The byte at which its start tag begins.
        inner: The byte after its start tag.
        end: The byte at which its end tag begins; `inner` where it has none.
        after: The byte after it.
        empty: Whether it is one tag (`<dxfs/>`).
        children: Its children, down to the depth asked for.
    """

    name: str
    attributes: dict[str, str]
    start: int
    inner: int = 0
    end: int = 0
    after: int = 0
    empty: bool = False
    children: list[Node] = field(default_factory=list)

    def child(self, name: str) -> Node | None:
        """The first child of a name, or None."""
        return next((node for node in self.children if node.name == name), None)

    def all(self, name: str) -> list[Node]:
        """The children of a name."""
        return [node for node in self.children if node.name == name]


class Part:
    """A part of a package and the changes to be made to it."""

    def __init__(self, data: bytes, depth: int) -> None:
        declared = _ENCODING.match(data[:200])
        if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
            raise CannotPatch(f"written in {declared[1]!r}")
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise CannotPatch("written in UTF-16")
        self.data = data
        self.root, self.plain = _outline(data, depth)
        self.edits: list[tuple[int, int, bytes]] = []

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in place of some bytes."""
        self.edits.append((start, end, text.encode()))

    def insert(self, at: int, text: str) -> None:
        """Put a text before a byte."""
        self.replace(at, at, text)

    def append(self, node: Node, text: str) -> None:
        """Put a text behind the last child of an element."""
        if node.empty:
            tag = self.data[node.start : node.after].decode()
            opened = tag.rstrip()[:-2].rstrip() + ">"
            name = re.match(r"<([^\s/>]+)", tag)
            assert name
            self.replace(node.start, node.after, f"{opened}{text}</{name[1]}>")
        else:
            self.insert(node.end, text)

    def set(self, node: Node, name: str, value: str | None) -> None:
        """Set an attribute of an element, or with None take it away.

        Never together with `append` on an element that is one empty tag.
        """
        tag = self.data[node.start : node.inner].decode()
        pattern = re.compile(rf"\s{re.escape(name)}\s*=\s*(\"[^\"]*\"|'[^']*')")
        bare = pattern.sub("", tag)
        if value is not None:
            close = len(bare) - (2 if bare.endswith("/>") else 1)
            bare = f"{bare[:close].rstrip()} {name}={quoteattr(value)}{bare[close:]}"
        self.replace(node.start, node.inner, bare)

    def done(self) -> bytes:
        """The part with its changes."""
        made, at = [], 0
        for start, end, text in sorted(self.edits, key=lambda edit: edit[:2]):
            if start < at:
                raise CannotPatch("two changes in one place")
            made += [self.data[at:start], text]
            at = end
        return b"".join([*made, self.data[at:]])


class Package:
    """A workbook's parts, to be changed, added to and written again."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.names = {name.casefold(): name for name in package.namelist()}
        self.new: dict[str, bytes] = {}

    def has(self, name: str) -> bool:
        """Whether there is a part of a name."""
        return name.casefold() in self.names or name in self.new

    def read(self, name: str) -> bytes:
        """A part as it now is.

        Raises:
            Refused: If it is damaged or not there.
        """
        real = self.names.get(name.casefold(), name)
        if real in self.new:
            return self.new[real]
        return b"".join(read_chunks(self.package, real))

    def write(self, name: str, data: bytes) -> None:
        """Set a part."""
        self.new[self.names.get(name.casefold(), name)] = data

    def change(self, name: str, depth: int, how: Callable[[Part], None]) -> None:
        """Change a part in place.

        Raises:
            CannotPatch: If that is not safe.
        """
        part = Part(self.read(name), depth)
        how(part)
        self.write(name, part.done())

    def free_name(self, pattern: str) -> str:
        """A part name that is not there yet: `xl/comments{}.xml`, filled in."""
        number = 1
        while self.has(pattern.format(number)):
            number += 1
        return pattern.format(number)

    def relate(self, source: str, kind: str, target: str) -> str:
        """Add a relationship from a part to another; answers its id.

        Args:
            source: The part it starts from.
            kind: The relationship's type.
            target: The other part's full name.
        """
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels"
        if not self.has(name):
            space = "http://schemas.openxmlformats.org/package/2006/relationships"
            self.write(name, f'{XML}<Relationships xmlns="{space}"/>'.encode())
        part = Part(self.read(name), 2)
        taken = {node.attributes.get("Id", "") for node in part.root.children}
        number = 1
        while f"rIdMb{number}" in taken:
            number += 1
        identity = f"rIdMb{number}"
        part.append(
            part.root,
            f'<Relationship Id="{identity}" Type={quoteattr(kind)} '
            f"Target={quoteattr('/' + target)}/>",
        )
        self.write(name, part.done())
        return identity

    def declare(self, name: str, content_type: str, *, extension: str = "") -> None:
        """Say of what kind a new part is."""

        def add(part: Part) -> None:
            if extension:
                known = {
                    node.attributes.get("Extension", "").casefold()
                    for node in part.root.all("Default")
                }
                if extension not in known:
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

    def bytes(self) -> bytes:
        """The workbook, the same bytes for the same parts."""
        made = io.BytesIO()
        order = [i.filename for i in self.package.infolist() if not i.is_dir()]
        order += [name for name in self.new if name not in set(order)]
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
            for name in order:
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                out.writestr(info, self.read(name))
        return made.getvalue()


def text_of(value: str) -> str:
    """A text as XML writes it, without what XML cannot hold.

    >>> text_of("Smith & Co")
    'Smith &amp; Co'
    """
    kept = "".join(
        sign
        for sign in value
        if sign in "\n\t" or (sign >= " " and not "\ud800" <= sign <= "\udfff")
    )
    return escape(kept.replace("\ufffe", "").replace("\uffff", ""))


def in_order(part: Part, name: str, order: Iterable[str]) -> int:
    """Where a new child of the root belongs, by the schema's order.

    Args:
        part: The part.
        name: The child's name.
        order: All names there can be, in order.
    """
    rank: Mapping[str, int] = {known: at for at, known in enumerate(order)}
    mine = rank[name]
    for node in part.root.children:
        if rank.get(node.name, len(rank)) > mine:
            return node.start
    return part.root.end


def _outline(data: bytes, depth: int) -> tuple[Node, bool]:
    parser = expat.ParserCreate(namespace_separator="}")
    stack: list[Node | None] = []
    root: list[Node] = []
    plain = True

    def refuse(*_: object) -> None:
        raise CannotPatch("it defines entities")

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal plain
        if len(stack) >= depth:
            stack.append(None)
            return
        start = parser.CurrentByteIndex
        node = Node(
            tag.rpartition("}")[2],
            {key.rpartition("}")[2]: value for key, value in attributes.items()},
            start,
            _tag_end(data, start),
        )
        if not stack:
            root.append(node)
            # Elements we add carry no prefix, so the namespace must need none.
            plain = b":" not in data[start : node.inner].split(None, 1)[0]
        elif (parent := stack[-1]) is not None:
            parent.children.append(node)
        stack.append(node)

    def closed(_: str) -> None:
        node = stack.pop()
        if node is None:
            return
        at = parser.CurrentByteIndex
        node.empty = data[node.inner - 2 : node.inner] == b"/>"
        node.end = node.inner if node.empty else at
        node.after = node.inner if node.empty else _tag_end(data, at)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise CannotPatch("it is not XML") from None
    return root[0], plain


def _tag_end(data: bytes, start: int) -> int:
    found = _TAG.match(data, start)
    if found is None:
        raise CannotPatch("it is not XML")
    return found.end()
