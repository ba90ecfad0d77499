"""The password of a markbook's locked sheets, as Excel stores it.

It prevents accidents, not attacks: anybody who can open a file can remove its locks.
What keeps others out is encryption: see `encryption`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

SPIN_COUNT = 100_000  # hashes for each guess, as in Excel
_SALT = 16  # bytes


@dataclass(frozen=True, slots=True)
class SheetPassword:
    """A password as a salted hash, which cannot be reversed."""

    hash: str
    salt: str
    spins: int

    @classmethod
    def from_password(cls, password: str, key: bytes) -> SheetPassword | None:
        """Hash a password; None where there is no password.

        Args:
            password: The setting `[issue] password`.
            key: The school's secret: the salt comes from it, so that the same
                password gives the same file in one school and another in the next.
        """
        if not password:
            return None
        salt = hmac.new(key, b"sheet lock", hashlib.sha512).digest()[:_SALT]
        digest = hashlib.sha512(salt + password.encode("utf-16-le")).digest()
        for spin in range(SPIN_COUNT):
            digest = hashlib.sha512(digest + spin.to_bytes(4, "little")).digest()
        return cls(_text(digest), _text(salt), SPIN_COUNT)

    def attributes(self, prefix: str = "") -> list[tuple[str, str | int]]:
        """The hash as XML attributes; a workbook's have the prefix `workbook`."""
        pairs: list[tuple[str, str | int]] = [
            ("AlgorithmName", "SHA-512"),
            ("HashValue", self.hash),
            ("SaltValue", self.salt),
            ("SpinCount", self.spins),
        ]
        return [
            (prefix + name if prefix else name[0].lower() + name[1:], value)
            for name, value in pairs
        ]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
