"""How a markbook is known again after any spreadsheet program has saved it."""

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

# The copies: custom document properties `mb_identity_1`, `mb_identity_2` … and
# hidden defined names `_mb_identity_1` … hold the meta sheet's rows in pieces,
# since each of those places takes no more than 255 characters.
PROPERTY_PREFIX = "mb_"
IDENTITY_PROPERTY = "mb_identity"
IDENTITY_NAME = "_mb_identity"
PIECE_LENGTH = 240


@dataclass(frozen=True, slots=True)
class SheetIdentity:
    """Which class and subject an entry sheet is of, and whose rows it holds."""

    name: str
    class_code: str
    subject: str
    issue_id: str
    columns: tuple[str, ...]  # keys, in order as written
    tags: tuple[str, ...]  # one keyed hash of an admission number per row


@dataclass(frozen=True, slots=True)
class Identity:
    """What the meta sheet says: no name, admission number or mark is in it."""

    schema: str
    school_id: str
    academic_year: str
    collection: str
    issued_at: str
    sheets: tuple[SheetIdentity, ...] = field(default_factory=tuple)
    mac: str = ""

    def rows(self) -> list[tuple[str, str]]:
        """The meta sheet: two columns of text."""
        made = [
            ("schema", self.schema),
            ("school", self.school_id),
            ("academic_year", self.academic_year),
            ("collection", self.collection),
            ("issued_at", self.issued_at),
            ("sheets", str(len(self.sheets))),
        ]
        for number, sheet in enumerate(self.sheets, start=1):
            made += [
                (f"sheet.{number}.name", sheet.name),
                (f"sheet.{number}.class", sheet.class_code),
                (f"sheet.{number}.subject", sheet.subject),
                (f"sheet.{number}.issue", sheet.issue_id),
                (f"sheet.{number}.columns", "|".join(sheet.columns)),
                (f"sheet.{number}.tags", " ".join(sheet.tags)),
            ]
        made.append(("mac", self.mac))
        return made

    @classmethod
    def parse(cls, pairs: Mapping[str, str]) -> Identity | None:
        """Read the meta sheet back; None where it is not one of ours.

        Tolerant of order and of rows it does not know, never of missing ones.
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
        """The same rows as a few short texts of plain letters, for the copies."""
        text = json.dumps(self.rows(), ensure_ascii=False, separators=(",", ":"))
        packed = base64.urlsafe_b64encode(text.encode()).decode("ascii")
        return tuple(
            packed[at : at + PIECE_LENGTH] for at in range(0, len(packed), PIECE_LENGTH)
        )

    @classmethod
    def from_copies(cls, found: Mapping[str, str], name: str) -> Identity | None:
        """Read a copy back from the properties or the defined names of a file.

        Args:
            found: All properties, or all defined names, of the file with their
                texts; a name's text may still stand in quotes (`="eyJ…"`).
            name: `PROPERTY_COPY` or `HIDDEN_NAME`.

        Returns:
            The identity, or None where there is no whole copy. Whether it is ours
            and untouched is for `verifies` to say.
        """
        numbered = {}
        for key, text in found.items():
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
        """The same with its seal, made with the school's key."""
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
        """Whether the seal is this school's and nothing under it was changed."""
        return hmac.compare_digest(self._signature(key), self.mac)

    def _signature(self, key: bytes) -> str:
        text = json.dumps(
            [pair for pair in self.rows() if pair[0] != "mac"], ensure_ascii=False
        )
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def row_tag(key: bytes, issue_id: str, adno: str) -> str:
    """A row's tag: tells whether an admission number was issued, not which it is."""
    text = f"{issue_id}\n{adno}".encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:8]


def make_issue_id(parts: Iterable[object]) -> str:
    """The id of an issue: a hash of everything that stands in it and its moment."""
    text = json.dumps(list(parts), ensure_ascii=False, sort_keys=True, default=str)
    return "mb" + hashlib.sha256(text.encode()).hexdigest()[:16]


def markbook_identity(markbook: Markbook, key: bytes) -> Identity:
    """The signed identity of a markbook about to be written."""
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
