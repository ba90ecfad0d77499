"""Fill in a copy of a markbook, and save it as a spreadsheet program does."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from generator.markbook.identity import Identity
from generator.markbook.layout import (
    HEADING_ROW,
    META_SHEET,
    SPARE_ROWS,
    column_letters,
)

_STRINGS = "xl/sharedStrings.xml"
_CORE = "docProps/core.xml"
_CELL = re.compile(r'<c r="([A-Z]+)([0-9]+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_STYLE = re.compile(r' s="[0-9]+"')
_VALUE = re.compile(r"<v>(.*?)</v>", re.DOTALL)
_TEXT = re.compile(r"<t(?: [^>]*)?>(.*?)</t>", re.DOTALL)
_ITEM = re.compile(r"<si>(.*?)</si>", re.DOTALL)
_SHEET = re.compile(r'<sheet name="([^"]*)" sheetId="[0-9]+"[^>]* r:id="([^"]*)"')
_RELATION = re.compile(r'Target="([^"]*)"')
_RELATION_ID = re.compile(r'Id="([^"]*)"')
_MODIFIED = re.compile(r"(<dcterms:modified[^>]*>)[^<]*(<)")
_SAVED_BY = re.compile(r"(<cp:lastModifiedBy>)[^<]*(<)")


@dataclass(slots=True)
class SheetCopy:
    """An entry sheet in a teacher's copy.

    Args:
        name: The sheet's name.
        class_code: The class.
        subject: The subject.
        columns: The keys of its columns.
        rows: Row number -> key -> text, for each pupil.
        joiner_rows: The numbers of the rows for joiners.
        entries: Cell -> text or formula (with `=`) that the teacher types.
    """

    name: str
    class_code: str
    subject: str
    columns: tuple[str, ...]
    rows: dict[int, dict[str, str]]
    joiner_rows: tuple[int, ...]
    entries: dict[str, str] = field(default_factory=dict)

    def cell(self, key: str, row: int) -> str:
        """A cell's address, such as `F14`."""
        return f"{column_letters(self.columns.index(key))}{row}"

    def write(self, key: str, row: int, text: str) -> None:
        """Type a text into a column, if the sheet has it."""
        if key in self.columns:
            self.entries[self.cell(key, row)] = text


class TeacherCopy:
    """An issued markbook on a teacher's computer.

    Args:
        data: The issued file.
    """

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            self._parts = {name: package.read(name) for name in package.namelist()}
        self._strings = [
            unescape("".join(_TEXT.findall(item)))
            for item in _ITEM.findall(self._text(_STRINGS))
        ]
        self._parts_by_sheet = self._find_sheets()
        self.entry_sheets = self._find_entry_sheets()

    def save(self, moment: datetime, author: str) -> bytes:
        """Return the file as Excel saves it: texts shared, formulas unchanged.

        Args:
            moment: The workbook's time of last change.
            author: The name of the person who saves it.
        """
        parts = dict(self._parts)
        positions = {
            text: place for place, text in reversed([*enumerate(self._strings)])
        }
        new: list[str] = []
        for page in self.entry_sheets:
            part = self._parts_by_sheet[page.name]
            parts[part] = _type_entries(
                self._text(part),
                page.entries,
                _string_sharer(positions, new, len(self._strings)),
            ).encode()
        added = "".join(
            f'<si><t xml:space="preserve">{escape(t)}</t></si>' for t in new
        )
        parts[_STRINGS] = (
            self._text(_STRINGS).replace("</sst>", f"{added}</sst>").encode()
        )
        return _pack(parts, moment, author)

    def save_with_openpyxl(
        self,
        moment: datetime,
        author: str,
        change: Callable[[Worksheet, SheetCopy], None] = lambda sheet, page: None,
    ) -> bytes:
        """Return the file as another program saves it, written anew.

        Args:
            moment: The workbook's time of last change.
            author: The name of the person who saves it.
            change: Changes each entry sheet in that program.
        """
        book = openpyxl.load_workbook(io.BytesIO(self.save(moment, author)))
        for page in self.entry_sheets:
            change(book[page.name], page)
        buffer = io.BytesIO()
        book.save(buffer)
        book.close()
        with zipfile.ZipFile(buffer) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        return _pack(parts, moment, author)

    def _text(self, part: str) -> str:
        return self._parts[part].decode()

    def _find_sheets(self) -> dict[str, str]:
        targets = {}
        for relation in self._text("xl/_rels/workbook.xml.rels").split(
            "<Relationship "
        ):
            relation_id = _RELATION_ID.search(relation)
            target = _RELATION.search(relation)
            if relation_id and target:
                targets[relation_id.group(1)] = f"xl/{target.group(1)}"
        return {
            unescape(name): targets[link]
            for name, link in _SHEET.findall(self._text("xl/workbook.xml"))
        }

    def _find_entry_sheets(self) -> list[SheetCopy]:
        meta = self._values(META_SHEET)
        pairs = {
            row.get("A", ""): row.get("B", "") for row in meta.values() if row.get("A")
        }
        identity = Identity.parse(pairs)
        if identity is None:
            raise ValueError("this is not an issued markbook")
        return [self._sheet_copy(sheet.name, identity) for sheet in identity.sheets]

    def _sheet_copy(self, name: str, identity: Identity) -> SheetCopy:
        sheet = next(sheet for sheet in identity.sheets if sheet.name == name)
        places = {column_letters(n): key for n, key in enumerate(sheet.columns)}
        first = HEADING_ROW + 1
        last = HEADING_ROW + len(sheet.tags)
        values = self._values(name)
        return SheetCopy(
            name=name,
            class_code=sheet.class_code,
            subject=sheet.subject,
            columns=sheet.columns,
            rows={
                number: {
                    places[column]: text
                    for column, text in values.get(number, {}).items()
                    if column in places
                }
                for number in range(first, last + 1)
            },
            joiner_rows=tuple(range(last + 1, last + 1 + SPARE_ROWS)),
        )

    def _values(self, sheet: str) -> dict[int, dict[str, str]]:
        rows: dict[int, dict[str, str]] = {}
        for column, row, attributes, inside in _CELL.findall(
            self._text(self._parts_by_sheet[sheet])
        ):
            value = (_VALUE.search(inside) or _TEXT.search(inside)) if inside else None
            if value is None:
                continue
            text = unescape(value.group(1))
            if 't="s"' in attributes:
                text = self._strings[int(text)]
            rows.setdefault(int(row), {})[column] = text
        return rows


def unrelated_workbook(
    rows: Sequence[Sequence[str]], moment: datetime, author: str
) -> bytes:
    """Return a workbook that is no markbook."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    return _pack(parts, moment, author)


def _string_sharer(
    positions: dict[str, int], new: list[str], first: int
) -> Callable[[str], int]:
    # The table may hold a text twice, so `first` is not the length of `positions`.
    def share(text: str) -> int:
        if text not in positions:
            positions[text] = first + len(new)
            new.append(text)
        return positions[text]

    return share


def _type_entries(
    xml: str, entries: dict[str, str], share: Callable[[str], int]
) -> str:
    def type_entry(cell: re.Match[str]) -> str:
        reference = cell.group(1) + cell.group(2)
        text = entries.get(reference)
        if text is None:
            return cell.group(0)
        style = _STYLE.search(cell.group(3))
        head = f'<c r="{reference}"{style.group(0) if style else ""}'
        if not text:
            return f"{head}/>"
        if text.startswith("="):
            return f'{head} t="str"><f>{escape(text[1:])}</f><v></v></c>'
        return f'{head} t="s"><v>{share(text)}</v></c>'

    return _CELL.sub(type_entry, xml)


def _pack(parts: dict[str, bytes], moment: datetime, author: str) -> bytes:
    core = parts[_CORE].decode()
    core = _MODIFIED.sub(rf"\g<1>{moment:%Y-%m-%dT%H:%M:%SZ}\g<2>", core)
    core = _SAVED_BY.sub(lambda m: f"{m.group(1)}{escape(author)}{m.group(2)}", core)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, data in parts.items():
            # A fixed time, as Excel writes it: the content alone decides the bytes.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, core.encode() if name == _CORE else data)
    return buffer.getvalue()
