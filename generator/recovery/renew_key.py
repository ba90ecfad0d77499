"""Give a school a new key, where the one before is lost or was seen by others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.report import Report
from generator.school.key_file import KEY_FILE, key_id, replace_key
from generator.school.school import School
from generator.store.engine import Store
from generator.store.owner import accept_key
from udfs.errors import MarkbookError


@dataclass(frozen=True, slots=True)
class KeyReport(Report):
    """The school's new key.

    Args:
        key: Its id, from which the key does not follow.
        former: The id of the key before; empty if the store never had one.
        markbooks: How many markbooks the keys before have signed.
        why: The reason, as it was given.
    """

    key: str
    former: str
    markbooks: int
    why: str

    def json(self) -> dict[str, Any]:
        """The ids of both keys, and what must be issued again."""
        return {
            "key": self.key,
            "former": self.former,
            "markbooks": self.markbooks,
            "why": self.why,
        }

    def lines(self) -> list[str]:
        """The same in words, and what to do next."""
        lines = [f"The school has a new key ({self.key}), in {KEY_FILE}."]
        if self.markbooks:
            lines.append(
                f"{self.markbooks:,} markbooks were signed by the key before "
                f"({self.former or 'unknown'}) and are no longer taken back: `markbook "
                "issue` writes them again. So do `targets moderate` and `pack` with "
                "theirs. Passwords of encrypted files are new as well."
            )
        lines.append(
            f"Copy {KEY_FILE} to the folder of everybody who shares the store, and "
            "make a backup."
        )
        return lines


def renew_key(store: Store, school: School, why: str) -> KeyReport:
    """Create a new key and let the store go with it.

    Args:
        store: The store.
        school: The school.
        why: The reason.

    Raises:
        MarkbookError: If there is no reason, or the key cannot be written.
    """
    if not why.strip():
        raise MarkbookError(
            "A new key needs a reason: what was signed before is no longer taken back.",
            'Write it: markbook key renew --why "the key was lost with the laptop".',
        )
    with store.begin() as connection:
        key = replace_key(school.folder)
        former, markbooks = accept_key(connection, key)
    return KeyReport(key_id(key), former, markbooks, why.strip())
