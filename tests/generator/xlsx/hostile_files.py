"""Files that no teacher should send, each with the code of its refusal."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from tests.generator.classroom import packed, unpacked

Parts = dict[str, bytes]
SHEET, STRINGS, STYLES = "sheet2", "sharedStrings", "styles"
_XML = re.compile(rb"(<\?xml[^>]*\?>)")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
_LOL = (
    b'<!DOCTYPE l [<!ENTITY a "lollollollol">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(9)
    )
    + b"]>"
)


@dataclass(frozen=True)
class HostileFile:
    """One file: a name, its bytes and the code of the refusal."""

    name: str
    data: bytes
    code: str


def foreign_files() -> Iterator[HostileFile]:
    """Files that are not workbooks."""

    def utf16(text: str) -> bytes:
        return text.encode("utf-16-le")

    yield HostileFile("zero.xlsx", b"", "empty")
    yield HostileFile("zeros.xlsx", bytes(4096), "truncated")
    yield HostileFile("marks.csv", b"Adno,Prediction\r\n004001,6\r\n", "csv")
    yield HostileFile("utf16.xlsx", "Adno\tPrediction\n1\t6\n".encode("utf-16"), "csv")
    yield HostileFile("page.xlsx", b"<!DOCTYPE html><html>Log in", "html")
    yield HostileFile("table.xls", b"<table><tr><td>1</td></tr></table>", "html")
    yield HostileFile("2003.xml", b'<?xml version="1.0"?><Workbook/>', "xml")
    yield HostileFile("print.pdf", b"%PDF-1.7\n%\xe2\xe3", "pdf")
    yield HostileFile("photo.xlsx", b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture")
    yield HostileFile("screen.xlsx", b"\x89PNG\r\n\x1a\n", "picture")
    yield HostileFile("phone.xlsx", b"\x00\x00\x00\x18ftypheic", "picture")
    yield HostileFile("web.xlsx", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "picture")
    yield HostileFile("scan.xlsx", b"II*\x00\x08", "picture")
    yield HostileFile("old.xlsx", _OLE + utf16("Workbook"), "xls")
    yield HostileFile("older.xls", _OLE + utf16("Book"), "xls")
    yield HostileFile("locked.xlsx", _OLE + utf16("EncryptedPackage"), "encrypted")
    yield HostileFile("msg.xlsx", _OLE + utf16("__substg1.0_0037001F"), "email")
    yield HostileFile("letter.doc", _OLE + utf16("WordDocument"), "not-a-workbook")
    yield HostileFile("eml.xlsx", b"Received: from x\r\nSubject: marks\r\n", "email")
    yield HostileFile("note.rtf", b"{\\rtf1\\ansi marks}", "document")
    yield HostileFile("all.rar", b"Rar!\x1a\x07", "archive")
    yield HostileFile("all.7z", b"7z\xbc\xaf\x27\x1c", "archive")
    yield HostileFile("setup.xlsx", b"MZ\x90\x00", "program")
    yield HostileFile("noise.xlsx", bytes(range(256)) * 4, "not-a-workbook")
    link = {"url": "https://docs.google.com/open?id=1", "doc_id": "1"}
    yield HostileFile("marks.gsheet", json.dumps(link).encode(), "google-link")
    yield HostileFile("plain.xlsx", packed({"a.xlsx": b"x"}), "zip")
    ods = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}
    yield HostileFile("marks.ods", packed({**ods, "content.xml": b"<a/>"}), "ods")
    odt = {"mimetype": b"application/vnd.oasis.opendocument.text"}
    yield HostileFile("letter.odt", packed(odt), "document")
    yield HostileFile("mac.numbers", packed({"Index/Document.iwa": b"x"}), "numbers")
    office = {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<r/>"}
    yield HostileFile(
        "a.docx", packed({**office, "word/document.xml": b"<a/>"}), "document"
    )
    yield HostileFile(
        "a.pptx", packed({**office, "ppt/presentation.xml": b""}), "document"
    )
    yield HostileFile("a.xlsb", packed({**office, "xl/workbook.bin": b"x"}), "xlsb")
    yield HostileFile("hollow.xlsx", packed(office), "part-missing")
    yield HostileFile("big.xlsx", b"PK\x03\x04" + bytes(9 << 20), "too-large")


def damaged_markbooks(good: bytes) -> Iterator[HostileFile]:
    """A real markbook, each time with one fault."""
    for name, code, part, old, new in _EDITS:
        parts = unpacked(good)
        full = next(n for n in parts if n.endswith(f"/{part}.xml"))
        before = parts[full]
        if isinstance(old, bytes):
            parts[full] = before.replace(old, new, 1)
        else:
            parts[full] = old.sub(
                lambda match, template=new: match.expand(template), before, 1
            )
        assert parts[full] != before, name
        yield HostileFile(name, packed(parts), code)
    for name, code, added in _ADDED:
        yield HostileFile(name, packed({**unpacked(good), added: _OLE}), code)
    for name, part in _DROPPED:
        parts = unpacked(good)
        del parts[part]
        yield HostileFile(name, packed(parts), "part-missing")
    parts = unpacked(good) | {f"x/{n}": b"" for n in range(1200)}
    yield HostileFile("parts.xlsx", packed(parts), "too-much")
    yield HostileFile("external.xlsx", packed(_external(unpacked(good))), "connection")
    yield HostileFile("echo.xlsx", packed(_expanding(unpacked(good))), "too-much")
    yield HostileFile("half.xlsx", good[: len(good) // 2], "truncated")
    yield HostileFile("tail.xlsx", good[:-30], "truncated")
    yield HostileFile("rot.xlsx", _corrupted(good), "damaged")
    yield HostileFile("dup.xlsx", _duplicate_part(good), "part-twice")
    yield HostileFile("bzip.xlsx", _bzip_compressed(good), "damaged")


def _cell(address: str) -> bytes:
    row = re.sub("[A-Z]", "", address)
    return f'<row r="{row}"><c r="{address}"><v>1</v></c></row></sheetData>'.encode()


def _cells() -> bytes:
    letters = "ABCDEFGHIJKLMNOPQRST"
    return b"".join(
        b'<row r="%d">' % n
        + b"".join(b'<c r="%b%d"><v>1</v></c>' % (a.encode(), n) for a in letters)
        + b"</row>"
        for n in range(100, 3500)
    )


def _repeat_cell(cell: bytes) -> bytes:
    letters = "ABCDEFGHIJKLMNOPQRST"
    return b"".join(
        b'<row r="%d">' % n
        + b"".join(b'<c r="%b%d"%b</c>' % (a.encode(), n, cell) for a in letters)
        + b"</row>"
        for n in range(100, 2900)
    )


_END = b"</sheetData>"
_BEGIN = b"<sheetData>"
_TEXT = re.compile(rb't="s"><v>\d+</v>')
_FILE = rb'\1<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
_WEB = rb'\1<!DOCTYPE l SYSTEM "http://127.0.0.1/x">'
_KLINGON = b'<?xml version="1.0" encoding="klingon"?>'
_MERGES = b"<mergeCells>" + b'<mergeCell ref="A1:B2"/>' * 3000 + b"</mergeCells>"
_MANY_STYLES = b'<xf numFmtId="0"/>' * 30_000 + b"</cellXfs>"
_EDITS: list[tuple[str, str, str, bytes | re.Pattern[bytes], bytes]] = [
    ("far.xlsx", "beyond", SHEET, _END, _cell("XFD1048576")),
    ("low.xlsx", "beyond", SHEET, _END, _cell("A1048576")),
    ("wide.xlsx", "beyond", SHEET, _END, _cell("XFD30")),
    ("row0.xlsx", "damaged", SHEET, _END, _cell("A0")),
    ("ref.xlsx", "damaged", SHEET, _END, _cell("AAAAA1")),
    ("words.xlsx", "damaged", SHEET, b'<c r="A1"', b'<c r="here"'),
    ("twice.xlsx", "cell-twice", SHEET, _END, _cell("A1")),
    ("cells.xlsx", "too-much", SHEET, _END, _cells() + _END),
    ("elements.xlsx", "too-much", SHEET, _END, b"<row/>" * 700_000 + _END),
    ("spaces.xlsx", "too-large", SHEET, _BEGIN, _BEGIN + b" " * (9 << 20)),
    ("deep.xlsx", "too-much", SHEET, _BEGIN, b"<a>" * 99 + b"</a>" * 99 + _BEGIN),
    ("merges.xlsx", "too-much", SHEET, _END, _END + _MERGES),
    ("style.xlsx", "damaged", SHEET, b'<c r="A1" s="', b'<c r="A1" s="99'),
    ("styles.xlsx", "too-much", STYLES, b"</cellXfs>", _MANY_STYLES),
    ("long.xlsx", "too-much", STRINGS, b"<si><t>", b"<si><t>" + b"x" * 40_000),
    ("strings.xlsx", "too-much", STRINGS, b"</sst>", b"<si/>" * 70_000 + b"</sst>"),
    ("index.xlsx", "damaged", SHEET, _TEXT, rb't="s"><v>999999</v>'),
    ("index-text.xlsx", "damaged", SHEET, _TEXT, rb't="s"><v>one</v>'),
    ("kind.xlsx", "damaged", SHEET, b' t="s"', b' t="zz"'),
    ("laughs.xlsx", "entities", STRINGS, _XML, rb"\1" + _LOL),
    ("laughs-sheet.xlsx", "entities", SHEET, _XML, rb"\1" + _LOL),
    ("outside.xlsx", "entities", STRINGS, _XML, _FILE),
    ("doctype.xlsx", "entities", "workbook", _XML, _WEB),
    ("unclosed.xlsx", "damaged", SHEET, _END, b""),
    ("encoding.xlsx", "damaged", SHEET, _XML, _KLINGON),
]
_ADDED = [
    ("macro.xlsx", "macros", "xl/vbaProject.bin"),
    ("macro4.xlsx", "macros", "xl/macrosheets/sheet1.xml"),
    ("ole.xlsx", "embedded", "xl/embeddings/oleObject1.bin"),
    ("activex.xlsx", "embedded", "xl/activeX/activeX1.xml"),
    ("query.xlsx", "connection", "xl/connections.xml"),
    ("up.xlsx", "part-name", "../../evil.txt"),
    ("root.xlsx", "part-name", "/etc/passwd"),
    ("drive.xlsx", "part-name", "C:\\evil.txt"),
]
_DROPPED = [
    ("no-sheet.xlsx", "xl/worksheets/sheet2.xml"),
    ("no-book.xlsx", "xl/workbook.xml"),
    ("no-strings.xlsx", "xl/sharedStrings.xml"),
    ("no-rels.xlsx", "xl/_rels/workbook.xml.rels"),
]


def _external(parts: Parts) -> Parts:
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = parts[name].replace(
        b'Target="worksheets/sheet2.xml"',
        b'Target="http://127.0.0.1:1/x.xml" TargetMode="External"',
    )
    return parts


def _expanding(parts: Parts) -> Parts:
    """One long text, and fifty thousand cells that refer to it."""
    strings, sheet = f"xl/{STRINGS}.xml", f"xl/worksheets/{SHEET}.xml"
    long = b"<si><t>" + b"x" * 30_000
    parts[strings] = parts[strings].replace(b"<si><t>", long, 1)
    parts[sheet] = parts[sheet].replace(_END, _repeat_cell(b' t="s"><v>0</v>') + _END)
    return parts


def largest(good: bytes) -> bytes:
    """A markbook that is read, with nearly as much in it as the limits allow."""
    parts = unpacked(good)
    sheet = f"xl/worksheets/{SHEET}.xml"
    formula = b'<row r="99"><c r="A99"><f t="shared" si="0">%b</f></c></row>'
    parts[sheet] = parts[sheet].replace(
        _END,
        formula % (b"A1+" * 10_000 + b"1")
        + _repeat_cell(b'><f t="shared" si="0"/><v>123456</v>')
        + _END,
    )
    return packed(parts)


def _corrupted(good: bytes) -> bytes:
    at = good.find(b"xl/worksheets/sheet2.xml") + 200
    return good[:at] + bytes(60) + good[at + 60 :]


def _duplicate_part(good: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as package:
        for name, data in unpacked(good).items():
            package.writestr(name, data)
        package.writestr("XL/worksheets/SHEET2.xml", b"<worksheet/>")
    return output.getvalue()


def _bzip_compressed(good: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_BZIP2) as package:
        for name, data in unpacked(good).items():
            package.writestr(name, data)
    return output.getvalue()
