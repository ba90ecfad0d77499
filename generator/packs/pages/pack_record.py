"""The record that identifies a pack when it comes back with something written in."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass

from generator.packs.layout.workbook import PackWorkbook
from generator.packs.wording import wording
from generator.xlsx.writer import checked_call

RECORD_SHEET = "Pack record"  # constant: a file is known by it
RECORD_WIDTHS = (24.0, 80.0)
RECORD_FIELDS = ("pack", "collection", "academic_year", "pupils")
PUPIL_CODE_LENGTH = 8  # hexadecimal digits: one in four thousand million by chance


@dataclass(frozen=True, slots=True)
class PackRecord:
    """Which pack a file is; it reveals nothing about any pupil.

    Args:
        pack: The file's name without its ending: `pastoral-7A`.
        collection: The collection's code.
        academic_year: The collection's academic year.
        pupils: The pupils its reader may write about: a code for each, which only
            the school's key can make or check.
    """

    pack: str
    collection: str
    academic_year: str
    pupils: str = ""

    @classmethod
    def for_pupils(
        cls,
        pack: str,
        collection: str,
        academic_year: str,
        pupils: Iterable[str],
        key: bytes,
    ) -> PackRecord:
        """The record of a pack whose reader may write about these pupils."""
        bare = cls(pack, collection, academic_year)
        codes = sorted(bare.pupil_code(adno, key) for adno in set(pupils))
        return cls(pack, collection, academic_year, " ".join(codes))

    def pupil_code(self, adno: str, key: bytes) -> str:
        """The code of a pupil in this pack; it differs from pack to pack."""
        text = json.dumps(
            ["pupil", self.pack, self.collection, self.academic_year, adno]
        )
        code = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return code[:PUPIL_CODE_LENGTH]

    def seal(self, key: bytes) -> str:
        """The seal, which only the school's key can make."""
        text = json.dumps(["pack", *(getattr(self, name) for name in RECORD_FIELDS)])
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def verifies(self, seal: str, key: bytes) -> bool:
        """Whether a seal is this record's."""
        return hmac.compare_digest(self.seal(key).encode(), seal.encode())


def record_page(pack: PackWorkbook, record: PackRecord, key: bytes) -> None:
    """Add the page: a sentence for people, and five lines for `collect`."""
    page = pack.page(RECORD_SHEET, RECORD_WIDTHS, landscape=False)
    page.title_band(wording("sheets", "record"))
    page.sentence(wording("notes", "record"))
    # The lines are for `collect`: in print they tell nobody anything.
    sheet = page.sheet.sheet
    checked_call(sheet.print_area, 0, 0, page.row - 1, page.last_column)
    lines = [(name, getattr(record, name)) for name in RECORD_FIELDS]
    page.facts([*lines, ("seal", record.seal(key))])
    page.protect()
