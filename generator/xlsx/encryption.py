"""Encrypting a markbook with a password, and opening one that came back encrypted."""

from __future__ import annotations

import csv
import io
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

from generator.xlsx.worker_pool import ReadFile, read_files

# How every encrypted workbook begins, and the stream without which it is none.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAM = "EncryptedPackage".encode("utf-16-le")
LARGEST = 5_000_000  # bytes; a markbook has some forty thousand


PASSWORDS_FILE = "passwords.csv"
PASSWORD_COLUMNS = ("who", "name", "password", "files", "also_for")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def password_list(
    rows: Iterable[tuple[str, str, str, Iterable[str], Iterable[str]]],
) -> bytes:
    """The list of passwords: to be sent apart from the files, or told.

    Args:
        rows: Whose it is (code and name), the password, the files that it opens,
            and who else is to read one of them.
    """
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(PASSWORD_COLUMNS)
    for code, name, password, files, others in rows:
        row = (code, name, password, ";".join(files), ";".join(others))
        table.writerow([harmless(text) for text in row])
    # The mark at the start is what tells Excel that this is UTF-8.
    return written.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """A text that Excel does not take for a formula when it opens a CSV file.

    >>> harmless("=1+1"), harmless("Abara")
    ("'=1+1", 'Abara')
    """
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def sealed(data: bytes, password: str) -> bytes:
    """A workbook encrypted as Excel does it (AES-256); never twice the same bytes."""
    made = BytesIO()
    OOXMLFile(BytesIO(data)).encrypt(password, made)
    return made.getvalue()


def is_sealed(data: bytes) -> bool:
    """Whether a file is an encrypted workbook."""
    return data.startswith(COMPOUND) and _STREAM in data


def is_encrypted(path: Path) -> bool:
    """Whether a file that is there was written encrypted."""
    try:
        with path.open("rb") as file:
            return file.read(len(COMPOUND)) == COMPOUND
    except OSError:
        return False


def opened(data: bytes, passwords: Iterable[str]) -> bytes | None:
    """An encrypted workbook without its encryption; None where no password fits.

    Args:
        data: The file; one that is not encrypted, or is damaged, has no password
            that fits.
        passwords: What to try, the likeliest first: each try takes a tenth of a
            second.
    """
    if not is_sealed(data) or len(data) > LARGEST:
        return None
    for password in passwords:
        made = BytesIO()
        try:
            file = OOXMLFile(BytesIO(data))
            file.load_key(password=password, verify_password=True)
            file.decrypt(made)
        except InvalidKeyError:
            continue
        except _DAMAGED:
            return None
        return made.getvalue()
    return None


def likeliest(path: str, passwords: Mapping[str, str]) -> list[str]:
    """Passwords in the order in which to try them on a file.

    Args:
        path: Where the file lies: a folder or a name in it may be a teacher's code.
        passwords: Teacher -> password.

    >>> likeliest("returned/ABA/10x-Ma1.xlsx", {"COH": "one", "ABA": "two"})
    ['two', 'one']
    """
    words = {word.casefold() for word in re.split(r"[^0-9A-Za-z-]+", path)}
    first = [code for code in passwords if code.casefold() in words]
    rest = [code for code in passwords if code not in first]
    return list(dict.fromkeys(passwords[code] for code in (*first, *rest)))


# What the library lets out of a file that only looks encrypted: its own errors, and
# whatever its parsing of XML, base64 and fixed structures stumbles over.
_DAMAGED = (
    DecryptionError, FileFormatError, MalformedError, ExpatError, struct.error,
    ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, EOFError,
)  # fmt: skip


def unsealed(taken: ReadFile, passwords: Mapping[str, str]) -> ReadFile:
    """A file as it was read, or as it reads without its encryption.

    What comes out is read like any other file, in a process of its own. Its hash,
    size and time stay those of the file that came back.

    Args:
        taken: The file as it was read.
        passwords: Teacher -> password of the academic year.
    """
    if not passwords or taken.refused is None or taken.refused[0] != "encrypted":
        return taken
    data = plain(taken.path, passwords)
    if data is None:
        return taken
    with TemporaryDirectory(prefix="markbook-") as folder:
        path = Path(folder) / "opened.xlsx"
        path.write_bytes(data)
        (read,) = read_files([path])
    return replace(
        taken,
        book=read.book,
        refused=read.refused,
    )


def marked_as_it_came(
    data: bytes,
    path: Path,
    passwords: Mapping[str, str],
    mark: Callable[[bytes], bytes],
) -> bytes | None:
    """A marked-up copy: encrypted as the return was, with the same password.

    Args:
        data: The return.
        path: Where it lies, which tells the likeliest password.
        passwords: Teacher -> password of the academic year.
        mark: Marks up a workbook that is not encrypted.

    Returns:
        The copy; None where the return is encrypted and no password fits.
    """
    if not is_sealed(data):
        return mark(data)
    for password in likeliest(path.as_posix(), passwords):
        inside = opened(data, [password])
        if inside is not None:
            return sealed(mark(inside), password)
    return None


def plain(path: Path, passwords: Mapping[str, str]) -> bytes | None:
    """The workbook inside an encrypted file; None where no password fits."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return None
    return opened(data, likeliest(path.as_posix(), passwords))
