"""Open a file as a ZIP package of a workbook, if it is one and safe to unpack."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from generator.xlsx.refusals import FileRefused

# A returned markbook is 20 to 60 KB and unpacks to a few hundred KB; a file with a
# dozen classes to perhaps ten times that. The limits leave room for it.
MAX_FILE = 8 << 20
MAX_PARTS = 1_000
MAX_DIRECTORY = 256 << 10
MAX_PART = 8 << 20
MAX_TOTAL = 32 << 20
CHUNK = 1 << 16

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ZIP64_RECORD, _ZIP64_LOCATOR = b"PK\x06\x06", b"PK\x06\x07"
_MACROS = re.compile(r"vbaproject|vbadata|/macrosheets/|/dialogsheets/", re.I)
_EMBEDDED = re.compile(r"/embeddings/|/activex/|/ctrlprops/.*\.bin$|oleobject", re.I)
_CONNECTION = re.compile(r"/connections\.(xml|bin)$|/querytables/", re.I)
_PICTURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"BM", "BMP"),
)
_ARCHIVES = ((b"Rar!", "RAR"), (b"7z\xbc\xaf", "7-Zip"), (b"\x1f\x8b", "gzip"))


def check_file_type(data: bytes) -> None:
    """Refuse a file that is not a ZIP package, with a message for each file type.

    Raises:
        FileRefused: If the bytes are not those of an Office package.
    """
    if not data:
        raise FileRefused("empty")
    if data.startswith(_OLE):
        raise FileRefused(_ole_file_type(data))
    if not data.startswith(_ZIP):
        if not data.strip(b"\x00"):
            # A sync client leaves this while the content is still to come.
            raise FileRefused("truncated")
        raise _other_file_type(data)


def open_package(data: bytes) -> zipfile.ZipFile:
    """Open the package of a workbook after checking that it is safe.

    Raises:
        FileRefused: If it is damaged, of another type, or contains what a markbook
            never does.
    """
    check_file_type(data)
    check_directory(data)
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise FileRefused("damaged", str(error) or "its directory") from None
    _check_parts(package.infolist())
    for part in package.infolist():  # some writers separate folders as Windows does
        part.filename = part.filename.replace("\\", "/")
    package.NameToInfo = {part.filename: part for part in package.infolist()}
    _check_part_names(package)
    return package


def read_chunks(
    package: zipfile.ZipFile, part_name: str | zipfile.ZipInfo, limit: int = MAX_PART
) -> Iterator[bytes]:
    """Unpack a part chunk by chunk; its checksum is verified at the end.

    Raises:
        FileRefused: If it is missing, damaged or too large.
    """
    size = 0
    name = part_name if isinstance(part_name, str) else part_name.filename
    try:
        with package.open(part_name) as part:
            while piece := part.read(CHUNK):
                size += len(piece)
                if size > limit:
                    raise FileRefused("too-large", f"{name} unpacked")
                yield piece
    except KeyError:
        raise FileRefused("part-missing", name) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
    ):
        raise FileRefused("damaged", name) from None
    except RuntimeError:  # zipfile raises it for a part with a password
        raise FileRefused("encrypted", name) from None


def check_directory(data: bytes, most: int = MAX_PARTS) -> None:
    """Refuse a ZIP archive with a directory of more entries than allowed.

    Raises:
        FileRefused: If it has, or its end is missing.
    """
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or len(data) - end < 22:
        raise FileRefused("truncated")
    count = int.from_bytes(data[end + 10 : end + 12], "little")
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    if data[max(end - 20, 0) : end - 16] == _ZIP64_LOCATOR:
        # The ZIP64 record before it has the true figures, where it is a valid one.
        record = data[max(end - 76, 0) : end - 20]
        if record.startswith(_ZIP64_RECORD):
            count = int.from_bytes(record[32:40], "little")
            size = int.from_bytes(record[40:48], "little")
    if count > most or size > MAX_DIRECTORY:
        raise FileRefused("too-much", f"{count} parts")


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS:
        raise FileRefused("too-much", f"{len(parts)} parts")
    seen: set[str] = set()
    for part in parts:
        name = part.filename.replace("\\", "/")
        if name.casefold() in seen:
            raise FileRefused("part-twice", name[:80])
        seen.add(name.casefold())
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise FileRefused("part-name", name[:80])
        if part.flag_bits & 1:
            raise FileRefused("encrypted")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileRefused("damaged", f"{name[:80]} is packed in an unknown way")
        # Python reads no more of a part than its declared size, so the declared
        # size is a limit.
        if part.file_size > MAX_PART:
            raise FileRefused("too-large", f"{name[:80]} unpacked")
    total = sum(part.file_size for part in parts)
    if total > MAX_TOTAL:
        raise FileRefused("too-large", f"{total >> 20} MB unpacked")


def _check_part_names(package: zipfile.ZipFile) -> None:
    names = set(package.namelist())
    if "[Content_Types].xml" not in names or "_rels/.rels" not in names:
        raise FileRefused(*_other_package_type(package, names))
    if any(name.startswith("word/") for name in names):
        raise FileRefused("document", "Word")
    if any(name.startswith("ppt/") for name in names):
        raise FileRefused("document", "PowerPoint")
    if "xl/workbook.bin" in names:
        raise FileRefused("xlsb")
    for name in sorted(names):
        for pattern, code in (
            (_MACROS, "macros"),
            (_EMBEDDED, "embedded"),
            (_CONNECTION, "connection"),
        ):
            if pattern.search(name):
                raise FileRefused(code, name[:80])


def _other_package_type(package: zipfile.ZipFile, names: set[str]) -> tuple[str, str]:
    if "mimetype" in names:
        mimetype = b"".join(read_chunks(package, "mimetype"))[:100]
        if b"opendocument.spreadsheet" in mimetype:
            return "ods", ""
        if b"opendocument" in mimetype:
            return "document", "OpenDocument"
    if any(name.startswith("Index/") or name.endswith(".iwa") for name in names):
        return "numbers", ""
    return "zip", ""


def _ole_file_type(data: bytes) -> str:
    def has_stream(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if has_stream("DRMEncryptedDataSpace") or has_stream("DRMEncryptedTransform"):
        return "sensitivity-label"
    if has_stream("EncryptedPackage") or has_stream("EncryptionInfo"):
        return "encrypted"
    if has_stream("__substg1.0_"):
        return "email"
    if has_stream("Workbook") or has_stream("Book"):
        return "xls"
    return "not-a-workbook"


def _other_file_type(data: bytes) -> FileRefused:
    head = data[:2048]
    for start, name in _PICTURES:
        if head.startswith(start):
            return FileRefused("picture", name)
    if head[4:8] == b"ftyp":
        return FileRefused("picture", "HEIC or video")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileRefused("picture", "WEBP")
    for start, name in _ARCHIVES:
        if head.startswith(start):
            return FileRefused("archive", name)
    if head.startswith((b"MZ", b"\x7fELF")):
        return FileRefused("program")
    if b"%PDF-" in head[:1024]:
        return FileRefused("pdf")
    return _text_file_type(head)


def _text_file_type(head: bytes) -> FileRefused:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "replace")
    elif b"\x00" in head:
        return FileRefused("not-a-workbook")
    else:
        text = head.decode("utf-8-sig", "replace")
    start = text.lstrip().casefold()
    if start.startswith("{\\rtf"):
        return FileRefused("document", "RTF")
    if "docs.google.com" in start or '"doc_id"' in start:
        return FileRefused("google-link")
    if start.startswith(("<!doctype html", "<html")) or "<table" in start:
        return FileRefused("html")
    if start.startswith("<"):
        return FileRefused("xml")
    if re.match(r"(received|return-path|from|delivered-to|mime-version|date): ", start):
        return FileRefused("email")
    if text.count("�") > len(text) // 20:
        return FileRefused("not-a-workbook")
    return FileRefused("csv")
