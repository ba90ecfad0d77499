"""Encrypting a markbook with a password, and opening one that came back encrypted."""

from __future__ import annotations

import csv
import io
import re
import struct
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from xml.parsers.expat import ExpatError

from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError
from msoffcrypto.exceptions import ParseError as MalformedError
from msoffcrypto.format.ooxml import OOXMLFile

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
