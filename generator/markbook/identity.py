"""The signed identity of a markbook, which survives any spreadsheet program."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from generator.markbook.layout import SCHEMA, Markbook

# The copies of the meta sheet: custom document properties `mb_identity_1`,
# `mb_identity_2` … and hidden defined names `_mb_identity_1` … hold its rows in pieces,
# because each holds at most 255 characters.
PROPERTY_PREFIX = "mb_"
IDENTITY_PROPERTY = "mb_identity"
IDENTITY_NAME = "_mb_identity"
PIECE_LENGTH = 240


@dataclass(frozen=True, slots=True)
class SheetIdentity:
    """The class, subject, columns and pupils of one entry sheet."""

    name: str
    class_code: str
    subject: str
    issue_id: str
    columns: tuple[str, ...]  # keys, in the order written
    tags: tuple[str, ...]  # keyed hash of the admission number, per row


@dataclass(frozen=True, slots=True)
class Identity:
    """The content of the meta sheet, without names, admission numbers or marks."""

    schema: str
    school_id: str
    academic_year: str
    collection: str
    issued_at: str
    sheets: tuple[SheetIdentity, ...] = field(default_factory=tuple)
    mac: str = ""

    def rows(self) -> list[tuple[str, str]]:
        """The rows of the meta sheet: name and value."""
        rows = [
            ("schema", self.schema),
            ("school", self.school_id),
            ("academic_year", self.academic_year),
            ("collection", self.collection),
            ("issued_at", self.issued_at),
            ("sheets", str(len(self.sheets))),
        ]
        for number, sheet in enumerate(self.sheets, start=1):
            rows += [
                (f"sheet.{number}.name", sheet.name),
                (f"sheet.{number}.class", sheet.class_code),
                (f"sheet.{number}.subject", sheet.subject),
                (f"sheet.{number}.issue", sheet.issue_id),
                (f"sheet.{number}.columns", "|".join(sheet.columns)),
                (f"sheet.{number}.tags", " ".join(sheet.tags)),
            ]
        rows.append(("mac", self.mac))
        return rows

    @classmethod
    def parse(cls, pairs: Mapping[str, str]) -> Identity | None:
        """Read the rows of a meta sheet; None if a row is missing or malformed.

        Their order does not matter, and further rows are ignored.
        """
        try:
            count = int(pairs["sheets"])
            if not 0 < count <= 200:
                return None
            sheets = tuple(
                SheetIdentity(
                    name=pairs[f"sheet.{number}.name"],
                    class_code=pairs[f"sheet.{number}.class"],
                    subject=pairs[f"sheet.{number}.subject"],
                    issue_id=pairs[f"sheet.{number}.issue"],
                    columns=tuple(pairs[f"sheet.{number}.columns"].split("|")),
                    tags=tuple(pairs[f"sheet.{number}.tags"].split()),
                )
                for number in range(1, count + 1)
            )
            return cls(
                schema=pairs["schema"],
                school_id=pairs["school"],
                academic_year=pairs["academic_year"],
                collection=pairs["collection"],
                issued_at=pairs["issued_at"],
                sheets=sheets,
                mac=pairs["mac"],
            )
        except (KeyError, ValueError):
            return None

    def pieces(self) -> tuple[str, ...]:
        """The rows encoded as short ASCII texts, for the copies."""
        text = json.dumps(self.rows(), ensure_ascii=False, separators=(",", ":"))
        packed = base64.urlsafe_b64encode(text.encode()).decode("ascii")
        return tuple(
            packed[at : at + PIECE_LENGTH] for at in range(0, len(packed), PIECE_LENGTH)
        )

    @classmethod
    def from_copies(cls, texts: Mapping[str, str], name: str) -> Identity | None:
        """Read a copy from the properties or the defined names of a file.

        Args:
            texts: All properties, or all defined names, of the file; the text of a
                name may be quoted (`="eyJ…"`).
            name: `IDENTITY_PROPERTY` or `IDENTITY_NAME`.

        Returns:
            The identity, not verified yet; None without a complete copy.
        """
        numbered = {}
        for key, text in texts.items():
            match = re.fullmatch(rf"{re.escape(name)}_(\d{{1,4}})", key)
            if match:
                numbered[int(match[1])] = text.strip().lstrip("=").strip('"')
        packed = "".join(text for _, text in sorted(numbered.items()))
        try:
            rows = json.loads(base64.urlsafe_b64decode(packed.encode("ascii")))
            return cls.parse({str(key): str(value) for key, value in rows})
        except (binascii.Error, ValueError, TypeError):
            return None

    def sign(self, key: bytes) -> Identity:
        """The identity with the signature of a school's key."""
        return Identity(
            schema=self.schema,
            school_id=self.school_id,
            academic_year=self.academic_year,
            collection=self.collection,
            issued_at=self.issued_at,
            sheets=self.sheets,
            mac=self._signature(key),
        )

    def verify(self, key: bytes) -> bool:
        """Whether the key signed this identity and nothing has changed since."""
        return hmac.compare_digest(self._signature(key), self.mac)

    def _signature(self, key: bytes) -> str:
        text = json.dumps(
            [pair for pair in self.rows() if pair[0] != "mac"], ensure_ascii=False
        )
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def row_tag(key: bytes, issue_id: str, adno: str) -> str:
    """The tag of a row: a keyed hash that shows whether a pupil was issued."""
    text = f"{issue_id}\n{adno}".encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:8]


def make_issue_id(parts: Iterable[object]) -> str:
    """The id of an issue: a hash of its content and its moment."""
    text = json.dumps(list(parts), ensure_ascii=False, sort_keys=True, default=str)
    return "mb" + hashlib.sha256(text.encode()).hexdigest()[:16]


def markbook_identity(markbook: Markbook, key: bytes) -> Identity:
    """The signed identity of a markbook."""
    return Identity(
        schema=SCHEMA,
        school_id=markbook.school_id,
        academic_year=markbook.academic_year,
        collection=markbook.collection,
        issued_at=markbook.issued_at,
        sheets=tuple(
            SheetIdentity(
                name=sheet.name,
                class_code=sheet.class_code,
                subject=sheet.subject,
                issue_id=markbook.issue_ids[sheet.class_code],
                columns=tuple(column.key for column in sheet.columns),
                tags=tuple(
                    row_tag(key, markbook.issue_ids[sheet.class_code], row.adno)
                    for row in sheet.rows
                ),
            )
            for sheet in markbook.sheets
        ),
    ).sign(key)
