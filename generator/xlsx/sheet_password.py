"""The password under which a markbook's sheets are locked, as Excel keeps it.

It keeps honest people from an accident and nobody from a purpose: whoever can open a
file can take its locks away. What keeps others out is encryption: see `sealing`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

SPINS = 100_000  # as Excel does it: a guess costs so many hashes
_SALT = 16  # bytes


@dataclass(frozen=True, slots=True)
class Lock:
    """A password as a hash: what is written, and cannot be turned back."""

    hash: str
    salt: str
    spins: int

    @classmethod
    def of(cls, password: str, key: bytes) -> Lock | None:
        """The lock of a password; None where there is no password.

        Args:
            password: As `[issue] password` has it.
            key: The school's own secret: the salt comes from it, so that the same
                password makes the same file in one school and another in the next.
        """
        if not password:
            return None
        salt = hmac.new(key, b"sheet lock", hashlib.sha512).digest()[:_SALT]
        found = hashlib.sha512(salt + password.encode("utf-16-le")).digest()
        for spin in range(SPINS):
            found = hashlib.sha512(found + spin.to_bytes(4, "little")).digest()
        return cls(_text(found), _text(salt), SPINS)

    def attributes(self, prefix: str = "") -> list[tuple[str, str | int]]:
        """The lock as attributes; those of a workbook begin with `workbook`."""
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
