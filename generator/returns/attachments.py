"""Read the files in an e-mail or a ZIP archive, in a worker process.

Teachers return markbooks by mail, and several at once in an archive. What is attached
comes out as files; the mail's text, pictures of signatures and everything else of the
mail stay behind. One level only: a mail or an archive inside another is named.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from generator.names import safe_name
from generator.returns.find_files import OWN_LISTS
from generator.xlsx import worker
from generator.xlsx.package import MAX_FILE, check_directory, read_chunks
from generator.xlsx.refusals import FileRefused

if TYPE_CHECKING:
    from olefile import OleFileIO

CONTAINERS = (".eml", ".msg", ".zip")
MAX_MAIL = 64 << 20  # bytes; mail servers pass on half of it
MAX_ARCHIVE = 200 << 20
MAX_UNPACKED = 300 << 20
MAX_ATTACHMENTS = 1_000  # a large school has six hundred markbooks
MAX_MAIL_PARTS = 5_000
MAX_MAIL_DEPTH = 100  # parts within parts; each costs time for all that is in it
# What mail programs add, beside any other picture: passed over without a word.
_ADDED = {
    ".txt", ".htm", ".html", ".rtf", ".ics", ".vcf", ".p7s", ".asc", ".sig", ".png",
    ".jpg", ".jpeg", ".gif", ".bmp", ".svg", ".webp", ".emz", ".wmz",
}  # fmt: skip
_FOLDER_FILES = (".DS_Store", "Thumbs.db", "desktop.ini")
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NOT_ZIP = (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError)
# What the reader of compound files raises on one that is damaged.
_NOT_OUTLOOK = (
    OSError, ValueError, struct.error, LookupError, TypeError, AttributeError,
    ArithmeticError, RecursionError, AssertionError,
)  # fmt: skip
# Properties of an attachment in an Outlook message ([MS-OXPROPS]): its data, and its
# name, the long one before the short one, in Unicode and in eight bits.
_MSG_DATA = "__substg1.0_37010102"
_MSG_EMBEDDED = "__substg1.0_3701000D"
_MSG_NAMES = (
    ("__substg1.0_3707001F", "utf-16-le"), ("__substg1.0_3704001F", "utf-16-le"),
    ("__substg1.0_3707001E", "cp1252"), ("__substg1.0_3704001E", "cp1252"),
)  # fmt: skip
_MAX_NAME = 2_000  # bytes
MAX_STEM = 50  # characters of a name before, and of its ending

# The name of a file, and its content or the reason why it stays inside.
Attached = tuple[str, "bytes | FileRefused"]


def serve() -> None:
    """Unpack files until there are no more requests."""
    worker.serve(unpack_task)


def is_container(path: Path) -> bool:
    """Whether a file may hold returns inside, by the ending of its name.

    >>> is_container(Path("Fwd 10x.EML")), is_container(Path("10x-Ma1.xlsx"))
    (True, False)
    """
    return path.suffix.lower() in CONTAINERS


def unpack_task(request: Mapping[str, Any]) -> str:
    """Unpack one file into a folder.

    Args:
        request: `path` of the file and `to`, the folder, which exists.

    Returns:
        JSON on one line: the names of the `files` written; for each that stays inside,
        its name, code and detail under `refused`; and a `code` and `detail` if the
        file as a whole could not be read or holds nothing.
    """
    path, folder = Path(request["path"]), Path(request["to"])
    files: list[str] = []
    refused: list[tuple[str, str, str]] = []
    answer: dict[str, Any] = {"files": files, "refused": refused}
    try:
        size = 0
        suffix = path.suffix.lower()
        limit = MAX_ARCHIVE if suffix == ".zip" else MAX_MAIL
        data = worker.read_bytes(str(path), {}, limit)
        answer["sha256"] = hashlib.sha256(data).hexdigest()
        if not data:
            raise FileRefused("empty")
        for name, content in _READERS.get(suffix, archive_files)(data):
            unique = _unique_name(name, files, refused)
            if isinstance(content, FileRefused):
                refused.append((unique, content.code, content.detail))
                continue
            size += len(content)
            if size > MAX_UNPACKED:
                raise FileRefused("too-large", f"over {MAX_UNPACKED >> 20} MB unpacked")
            (folder / unique).write_bytes(content)
            files.append(unique)
            if len(files) + len(refused) > MAX_ATTACHMENTS:
                raise FileRefused("too-many-files", f"over {MAX_ATTACHMENTS:,}")
        if not files and not refused:
            raise FileRefused("nothing-attached")
    except FileRefused as refusal:
        answer |= {"code": refusal.code, "detail": refusal.detail}
    except (MemoryError, RecursionError):
        answer |= {"code": "memory", "detail": ""}
    except OSError as error:
        answer |= {"code": "unreadable", "detail": error.strerror or "disk"}
    return json.dumps(answer)


def mail_attachments(data: bytes) -> Iterator[Attached]:
    """Yield what is attached to an e-mail (RFC 5322 and MIME)."""
    head = data.lower()
    if head.count(b"multipart/") + head.count(b"message/") > MAX_MAIL_DEPTH:
        raise FileRefused("too-many-files", f"over {MAX_MAIL_DEPTH} mails in it")
    if data.count(b"\n--") > MAX_MAIL_PARTS:
        raise FileRefused("too-many-files", f"over {MAX_MAIL_PARTS:,} parts")
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise FileRefused("damaged", str(error)[:80]) from None
    if not message.keys():
        raise FileRefused("damaged", "it has no head of an e-mail")
    waiting: list[Message] = [message]
    for _ in range(MAX_MAIL_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        kind, inside = part.get_content_type(), part.get_payload()
        if part is not message and kind == "message/rfc822":
            yield _mail_name(part) or "attached e-mail.eml", FileRefused("nested")
        elif isinstance(inside, list):
            waiting += [each for each in reversed(inside) if isinstance(each, Message)]
        elif name := _mail_name(part):
            if not _is_added(name, kind):
                yield name, _nested(name) or _mail_content(part)
    raise FileRefused("too-many-files", f"over {MAX_MAIL_PARTS:,} parts")


def _mail_name(part: Message) -> str:
    """The name of an attached file; empty for a part of the mail's own text."""
    try:
        name = part.get_filename() or ""
        name = str(make_header(decode_header(name)))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        name = "attachment"
    kind = part.get_content_type()
    if not name and kind == _WORKBOOK:
        name = "attachment.xlsx"
    return name


def _mail_content(part: Message) -> bytes | FileRefused:
    try:
        content = part.get_payload(decode=True)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        content = None
    return content if isinstance(content, bytes) else FileRefused("damaged", "its code")


def outlook_attachments(data: bytes) -> Iterator[Attached]:
    """Yield what is attached to a message saved by Outlook (`.msg`)."""
    from olefile import OleFileIO  # the only package from outside, and only here

    try:
        message = OleFileIO(BytesIO(data))
        folders = sorted(
            {
                entry[0]
                for entry in message.listdir(streams=True, storages=True)
                if entry[0].startswith("__attach_version1.0_")
            }
        )
    except _NOT_OUTLOOK as error:
        raise FileRefused("damaged", str(error)[:80]) from None
    if not message.exists("__properties_version1.0"):
        raise FileRefused("not-a-workbook")
    for folder in folders:
        try:
            attached = _outlook_file(message, folder)
        except _NOT_OUTLOOK:
            attached = "attachment", FileRefused("damaged", folder[-8:])
        if attached is not None:
            yield attached


def _outlook_file(message: OleFileIO, folder: str) -> Attached | None:
    name = ""
    for stream, encoding in _MSG_NAMES:
        if not name and message.exists([folder, stream]):
            raw = message.openstream([folder, stream]).read(_MAX_NAME)
            name = raw.decode(encoding, "replace").strip("\x00 ")
    if message.exists([folder, _MSG_EMBEDDED]):
        return name or "attached e-mail.msg", FileRefused("nested")
    if not message.exists([folder, _MSG_DATA]) or _is_added(name):
        return None
    name = name or "attachment.xlsx"
    if message.get_size([folder, _MSG_DATA]) > MAX_MAIL:
        return name, FileRefused("too-large", "attached")
    content = _nested(name) or message.openstream([folder, _MSG_DATA]).read(MAX_MAIL)
    return name, content


def archive_files(data: bytes) -> Iterator[Attached]:
    """Yield the files in a ZIP archive, whatever folders they are in."""
    if not data.startswith(b"PK"):
        raise FileRefused("damaged", "it is no ZIP archive")
    check_directory(data, MAX_ATTACHMENTS * 4)
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        entries = archive.infolist()
    except _NOT_ZIP as error:
        raise FileRefused("damaged", str(error)[:80] or "its directory") from None
    if any(entry.filename == "[Content_Types].xml" for entry in entries):
        yield "workbook.xlsx", data  # a workbook whose name lost its ending
        return
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        # Folders, and what the Mac adds beside each file.
        if entry.is_dir() or "__MACOSX" in path.parts or path.name.startswith("._"):
            continue
        if not _is_added(path.name):
            yield path.name, _nested(path.name) or _archive_content(archive, entry)


def _archive_content(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo
) -> bytes | FileRefused:
    if entry.flag_bits & 1:
        return FileRefused("locked-archive")
    try:
        return b"".join(read_chunks(archive, entry, MAX_FILE))
    except FileRefused as refusal:
        return FileRefused(refusal.code, "it is cut short or too large")


_READERS = {".eml": mail_attachments, ".msg": outlook_attachments}


def _is_added(name: str, kind: str = "") -> bool:
    """Whether a mail program has added a file, it is a picture, or never a return."""
    if kind.startswith("image/") and not name.lower().endswith(".xlsx"):
        return True
    own = name in OWN_LISTS or name.startswith(("~$", "._")) or name in _FOLDER_FILES
    return own or Path(name).suffix.lower() in _ADDED


def _nested(name: str) -> FileRefused | None:
    return FileRefused("nested") if is_container(Path(name)) else None


def _unique_name(
    name: str, files: list[str], refused: list[tuple[str, str, str]]
) -> str:
    """A safe name for a file that no other file of the mail or archive has."""
    path = PurePosixPath(PurePosixPath(name.replace("\\", "/")).name or "attachment")
    stem, suffix = safe_name(path.stem)[:MAX_STEM], path.suffix[:MAX_STEM]
    safe = safe_name(f"{stem}{suffix}")
    taken = {each.casefold() for each in [*files, *(entry[0] for entry in refused)]}
    unique, number = safe, 2
    while unique.casefold() in taken:
        unique, number = f"{stem} ({number}){suffix}", number + 1
    return unique
