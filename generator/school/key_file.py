"""The school's secret key: it signs what the school hands out, and stays in its folder.

The first line of the file is the key; lines below it are former keys, which are
accepted for nothing but the check of old entries of the audit.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from pathlib import Path

from generator.files import CannotWrite, make_private, publish
from udfs.errors import MarkbookError

KEY_FILE = ".markbooks-key"
_KEY = re.compile(r"[0-9a-f]{64}")


class KeyFileError(MarkbookError):
    """The key is missing, damaged, or the key of something else."""


def read_keys(folder: Path) -> tuple[bytes, ...]:
    """The key of a school folder, then its former ones; empty where there is none.

    Raises:
        KeyFileError: If the file is damaged or cannot be read.
    """
    path = folder / KEY_FILE
    try:
        lines = path.read_text(encoding="ascii").split()
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError:
        lines = []
    except OSError as error:
        raise KeyFileError(
            f"{path} cannot be read ({error.strerror or error}).",
            "Check that you may read it.",
        ) from None
    if not lines or not all(_KEY.fullmatch(line) for line in lines):
        raise KeyFileError(
            f"{path} is damaged.", "Put back the copy from your last backup."
        )
    make_private(path)
    return tuple(bytes.fromhex(line) for line in lines)


def create_key(folder: Path) -> bytes:
    """Create the key of a school folder; the one that is there stays.

    Raises:
        CannotWrite: If the file cannot be written.
    """
    path = folder / KEY_FILE
    try:
        with path.open("x", encoding="ascii") as file:
            make_private(path)
            file.write(secrets.token_hex(32) + "\n")
    except FileExistsError:  # another Markbooks was quicker
        pass
    except OSError as error:
        raise CannotWrite(
            f"{path} cannot be written ({error.strerror or error}).",
            "Check that the school folder is writable and has room.",
        ) from None
    return read_keys(folder)[0]


def replace_key(folder: Path) -> bytes:
    """Create a new key; the one before becomes a former one, if it is there.

    Raises:
        MarkbookError: If the file cannot be written.
    """
    try:
        former = read_keys(folder)
    except KeyFileError:  # damaged: nothing of it is of use
        former = ()
    keys = (secrets.token_bytes(32), *former)
    publish(folder / KEY_FILE, "".join(f"{key.hex()}\n" for key in keys).encode())
    make_private(folder / KEY_FILE)
    return keys[0]


def key_id(key: bytes) -> str:
    """A short name of a key, from which the key does not follow.

    >>> key_id(b"secret")
    '32426d37'
    """
    return hmac.new(key, b"key id", hashlib.sha256).hexdigest()[:8]
