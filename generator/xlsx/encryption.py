"""Encrypt a workbook with a password, and decrypt one that came back encrypted."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.parsers.expat import ExpatError

from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError
from msoffcrypto.exceptions import ParseError as MalformedError
from msoffcrypto.format.ooxml import OOXMLFile
from olefile import OleFileIO

from generator.xlsx.worker_pool import ReadFile, read_files

# An encrypted workbook is a compound file with this stream in it.
COMPOUND_FILE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAM = "EncryptedPackage".encode("utf-16-le")
MAX_ENCRYPTED_SIZE = 5_000_000  # bytes; a markbook has some forty thousand
# Excel encrypts with this password where only the structure is locked, and opens such
# a file without asking ([MS-OFFCRYPTO] 2.4.2.3).
EXCEL_DEFAULT_PASSWORD = "VelvetSweatshop"
MAX_SPINS = 100_000  # rounds of hashing that Office writes; more only take time
MAX_ENCRYPTION_INFO = 16 << 10  # bytes; Office writes one or two thousand
_SPIN_COUNT = re.compile(rb"""spinCount\s*=\s*["']\s*\+?0*(\d*)""")


def encrypt(data: bytes, password: str) -> bytes:
    """Encrypt a workbook as Excel does (AES-256); never the same bytes twice."""
    output = BytesIO()
    OOXMLFile(BytesIO(data)).encrypt(password, output)
    return output.getvalue()


def is_encrypted_workbook(data: bytes) -> bool:
    """Whether a file is an encrypted workbook."""
    return data.startswith(COMPOUND_FILE_MAGIC) and _STREAM in data


def is_encrypted_file(path: Path) -> bool:
    """Whether a file exists and is encrypted."""
    try:
        with path.open("rb") as file:
            return file.read(len(COMPOUND_FILE_MAGIC)) == COMPOUND_FILE_MAGIC
    except OSError:
        return False


def decrypt(data: bytes, passwords: Iterable[str]) -> bytes | None:
    """Decrypt a workbook; None where no password fits.

    Args:
        data: The file; no password fits one that is not encrypted or is damaged.
        passwords: The passwords to try, the likeliest first: each takes a tenth of
            a second.
    """
    if not is_encrypted_workbook(data) or len(data) > MAX_ENCRYPTED_SIZE:
        return None
    if not _is_bounded(data):
        return None
    for password in passwords:
        output = BytesIO()
        try:
            file = OOXMLFile(BytesIO(data))
            file.load_key(password=password, verify_password=True)
            file.decrypt(output)
        except InvalidKeyError:
            continue
        except _DAMAGED:
            return None
        return output.getvalue()
    return None


def _is_bounded(data: bytes) -> bool:
    """Whether a password can be tried on an encrypted file in a tenth of a second."""
    try:
        with OleFileIO(BytesIO(data)) as container:
            stream = container.openstream("EncryptionInfo")
            info = stream.read(MAX_ENCRYPTION_INFO + 1)
    except _DAMAGED:
        return False
    if len(info) > MAX_ENCRYPTION_INFO or b"<!" in info:
        return False
    spins = _SPIN_COUNT.findall(info)
    return len(spins) == info.count(b"spinCount") and all(
        int(count[:9] or 0) <= MAX_SPINS for count in spins
    )


def rank_passwords(path: str, passwords: Mapping[str, str]) -> list[str]:
    """Order passwords by how likely they open a file.

    Args:
        path: The file's path: a folder or a name in it may be a teacher's code.
        passwords: Teacher -> password.

    >>> rank_passwords("returned/ABA/10x-Ma1.xlsx", {"COH": "one", "ABA": "two"})
    ['VelvetSweatshop', 'two', 'one']
    """
    words = {word.casefold() for word in re.split(r"[^0-9A-Za-z-]+", path)}
    first = [code for code in passwords if code.casefold() in words]
    rest = [code for code in passwords if code not in first]
    ranked = (passwords[code] for code in (*first, *rest))
    return list(dict.fromkeys((EXCEL_DEFAULT_PASSWORD, *ranked)))


# What the library raises on a file that only looks encrypted: its own errors, and
# those of its parsing of XML, base64 and fixed structures.
_DAMAGED = (
    DecryptionError, FileFormatError, MalformedError, ExpatError, struct.error,
    ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, EOFError,
)  # fmt: skip


def read_decrypted(file: ReadFile, passwords: Mapping[str, str]) -> ReadFile:
    """Read a file again without its encryption, where a password fits.

    The decrypted content is read like any other file, in a worker process. Hash,
    size and time stay those of the file that came back.

    Args:
        file: The file as it was read.
        passwords: Teacher -> password of the academic year.

    Returns:
        The decrypted file; the same file where it is not encrypted or no password
        fits.
    """
    if file.refused is None or file.refused[0] != "encrypted":
        return file
    data = decrypt_path(file.path, passwords)
    if data is None:
        return file
    with TemporaryDirectory(prefix="markbook-") as folder:
        path = Path(folder) / "decrypted.xlsx"
        path.write_bytes(data)
        (decrypted,) = read_files([path])
    return replace(file, book=decrypted.book, refused=decrypted.refused)


def change_encrypted(
    data: bytes,
    path: Path,
    passwords: Mapping[str, str],
    change: Callable[[bytes], bytes],
) -> bytes | None:
    """Change a workbook and encrypt it again with the password it had.

    Args:
        data: The workbook, encrypted or not.
        path: Its path, which tells the likeliest password.
        passwords: Teacher -> password of the academic year.
        change: Changes a workbook that is not encrypted.

    Returns:
        The changed workbook; None where it is encrypted and no password fits.
    """
    if not is_encrypted_workbook(data):
        return change(data)
    for password in rank_passwords(path.as_posix(), passwords):
        content = decrypt(data, [password])
        if content is not None:
            return encrypt(change(content), password)
    return None


def decrypt_path(path: Path, passwords: Mapping[str, str]) -> bytes | None:
    """Decrypt a file; None where no password fits or it cannot be opened."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_ENCRYPTED_SIZE + 1)
    except OSError:
        return None
    return decrypt(data, rank_passwords(path.as_posix(), passwords))
