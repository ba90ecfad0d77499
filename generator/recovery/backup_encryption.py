"""Encrypt a backup with a password, a piece at a time, so that no cut goes unnoticed.

The file: `MAGIC`, a salt, the start of the nonces, then pieces of `PIECE` bytes, each
with a tag of its own. The last piece is marked as the last.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from udfs.errors import MarkbookError

MAGIC = b"MARKBOOKS-BACKUP-1\n"
_SALT, _NONCE_START, _TAG = 16, 7, 16  # bytes
PIECE = 1 << 20  # bytes
SHORTEST_PASSWORD = 12  # characters
_COST = 1 << 16  # of scrypt: 64 MiB, and a tenth of a second or two


class WrongPassword(MarkbookError):
    """The password does not open a backup, or the backup is damaged."""


def is_encrypted_backup(path: Path) -> bool:
    """Whether a file begins as an encrypted backup does."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_password(path: Path | None) -> str:
    """The first line of a file, without blanks around it; empty where None.

    Raises:
        MarkbookError: If the file cannot be read or its first line is too short.
    """
    if path is None:
        return ""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise MarkbookError(
            f"The password file {path} cannot be read.",
            "Write the password on the first line of a text file.",
        ) from None
    password = lines[0].strip() if lines else ""
    if len(password) < SHORTEST_PASSWORD:
        raise MarkbookError(
            f"The password in {path} has fewer than {SHORTEST_PASSWORD} characters.",
            "Write a longer one: four words at random are easy to type.",
        )
    return password


def encrypt_file(source: Path, target: Path, password: str) -> None:
    """Write a file encrypted.

    Args:
        source: The file.
        target: The file to write.
        password: The password.

    Raises:
        OSError: If a file cannot be read or written.
    """
    salt, start = os.urandom(_SALT), os.urandom(_NONCE_START)
    cipher = _cipher(password, salt)
    with source.open("rb") as plain, target.open("wb") as encrypted:
        encrypted.write(MAGIC + salt + start)
        for number, piece, is_last in _pieces(plain, PIECE):
            nonce = _nonce(start, number, is_last=is_last)
            encrypted.write(cipher.encrypt(nonce, piece, MAGIC))


def decrypt_file(source: Path, target: Path, password: str) -> None:
    """Write an encrypted file decrypted.

    Args:
        source: The encrypted file.
        target: The file to write.
        password: The password.

    Raises:
        WrongPassword: If the password is another one, or the file is damaged.
        OSError: If a file cannot be read or written.
    """
    with source.open("rb") as encrypted, target.open("wb") as plain:
        encrypted.seek(len(MAGIC))
        salt, start = encrypted.read(_SALT), encrypted.read(_NONCE_START)
        cipher = _cipher(password, salt)
        for number, piece, is_last in _pieces(encrypted, PIECE + _TAG):
            nonce = _nonce(start, number, is_last=is_last)
            try:
                plain.write(cipher.decrypt(nonce, piece, MAGIC))
            except InvalidTag:
                cause = (
                    "is damaged or cut short"
                    if number
                    else ("does not open with this password, or is damaged")
                )
                raise WrongPassword(
                    f"{source} {cause}.",
                    "Check the password (the first line of its file), or take another "
                    "backup.",
                ) from None


def _cipher(password: str, salt: bytes) -> AESGCM:
    kdf = Scrypt(salt=salt, length=32, n=_COST, r=8, p=1)
    return AESGCM(kdf.derive(password.encode()))


def _nonce(start: bytes, number: int, *, is_last: bool) -> bytes:
    return start + number.to_bytes(4, "big") + bytes([is_last])


def _pieces(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes, bool]]:
    """The number of each piece from 0, the piece, and whether it is the last."""
    number, piece = 0, file.read(size)
    while True:
        following = file.read(size)
        yield number, piece, not following
        if not following:
            return
        number, piece = number + 1, following
