"""How a pack is known again when it comes back with something written in it."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass

from generator.packs.phrases import words
from generator.packs.sheets import Page

SHEET = "Pack record"  # constant: a file is known by it
GRID = (24.0, 80.0)
FIELDS = ("pack", "collection", "academic_year")


@dataclass(frozen=True, slots=True)
class Record:
    """Which pack a file is; nothing of any pupil.

    Args:
        pack: The file's name without its ending: `pastoral-7A`.
        collection: The collection's code.
        academic_year: The collection's academic year.
    """

    pack: str
    collection: str
    academic_year: str

    def seal(self, key: bytes) -> str:
        """What only somebody with the school's key can write."""
        text = json.dumps(["pack", self.pack, self.collection, self.academic_year])
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def verifies(self, seal: str, key: bytes) -> bool:
        """Whether a seal is this record's."""
        return hmac.compare_digest(self.seal(key).encode(), seal.encode())


def record_page(page: Page, record: Record, key: bytes) -> None:
    """Write the page: a sentence for people, and four lines for `collect`."""
    page.band(words("sheets", "record"))
    page.say(words("notes", "record"))
    lines = [(name, getattr(record, name)) for name in FIELDS]
    page.facts([*lines, ("seal", record.seal(key))])
    page.protect()
