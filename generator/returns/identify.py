"""Identify a returned markbook: its school, collection, class and issue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from generator.context import Context
from generator.markbook.identity import (
    IDENTITY_NAME,
    IDENTITY_PROPERTY,
    Identity,
    SheetIdentity,
)
from generator.markbook.layout import META_SHEET, SCHEMA
from generator.problems import Problem
from generator.returns.extra_sheets import extra_sheets
from generator.returns.issued_context import IssuedContext, IssueRecord
from generator.returns.locate_sheets import (
    BLANK_CELL,
    LocatedSheet,
    ReturnRefused,
    find_renamed_sheet,
    locate_columns,
)
from generator.school.school import Collection, School
from generator.xlsx.reader import Workbook
from generator.xlsx.refusals import FILL_IN, SEND_AGAIN

MAX_QUOTED = 40  # characters of a value quoted from a file
_LAYOUT = re.compile(r"markbook-([1-9]\d{0,3})", re.ASCII)
MODERATION = "moderation-"  # prefix of the layouts of moderation workbooks


def _warning(code: str, what: str, do: str) -> Problem:
    return Problem(severity="warning", code=code, what=what, do=do)


_IDENTITY_REPAIRED = _warning(
    "identity-repaired",
    "The hidden sheet that says which markbook this is was lost or changed; a copy of "
    "it was used.",
    "Nothing to do; check that the class is right.",
)
_LINKED = _warning(
    "linked",
    "The workbook has links to other workbooks, which were not followed.",
    "Check that its marks are typed and not taken from other workbooks.",
)


class Proof(NamedTuple):
    """A workbook's identity, proved by the school's key."""

    identity: Identity
    from_copy: bool  # the meta sheet, which comes first, does not prove it


@dataclass(frozen=True, slots=True)
class IdentifiedReturn:
    """A workbook that is proved to be a return of this school.

    Args:
        identity: Its identity, proved.
        collection: The collection's settings.
        sheets: Its entry sheets.
        modified: The workbook's own time of last change in UTC, or the time of its
            issue where it has none; sorts as text.
        problems: Warnings about the file as a whole.
    """

    identity: Identity
    collection: Collection
    sheets: tuple[LocatedSheet, ...]
    modified: str
    problems: tuple[Problem, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """Its classes, in the order of its sheets."""
        return tuple(dict.fromkeys(sheet.issue.class_code for sheet in self.sheets))


def prove_identity(book: Workbook, key: bytes) -> Proof:
    """Read a workbook's identity from the first copy that can be proved.

    Args:
        book: The workbook.
        key: The school's own key.

    Raises:
        ReturnRefused: If there is no copy, or none can be proved.
    """
    copies = list(read_identities(book))
    if not copies:
        raise ReturnRefused(
            "not-ours",
            "This workbook is not a markbook: it does not say which class it is for.",
            f"{FILL_IN}. Copies made by hand and packs without yellow cells stay out.",
        )
    for place, identity in copies:
        if identity.verify(key):
            return Proof(identity, place != META_SHEET)
    claimed = copies[0][1]
    classes = dict.fromkeys(_shorten(sheet.class_code) for sheet in claimed.sheets)
    raise ReturnRefused(
        "not-proved",
        f"This markbook was not issued from this school folder, or what it says of "
        f"itself was changed: {', '.join(classes)}, {_shorten(claimed.collection)}, "
        f"{_shorten(claimed.school_id)}.",
        f"{FILL_IN}. If the school folder was moved, its key file must move with it.",
    )


def identify_return(
    book: Workbook,
    proof: Proof,
    context: Context,
    issued: IssuedContext,
    *,
    key: bytes,
    collection_code: str | None = None,
) -> IdentifiedReturn:
    """Check that a proved markbook may be collected now, and locate its cells.

    Args:
        book: The workbook.
        proof: Its identity, proved by `prove_identity`.
        context: The run.
        issued: The issues and the pupils, with this file's rows loaded.
        key: The school's key.
        collection_code: The only collection of this run, or None for any.

    Raises:
        ReturnRefused: If it is of another school, collection, layout or issue, or its
            sheets cannot be read as they were issued.
    """
    identity, from_copy = proof
    _check_school(identity, context.school, issued)
    collection = _check_collection(
        identity, context.school, collection_code, context.today
    )
    sheets = _locate_sheets(book, identity, issued, key)
    problems = []
    if from_copy:
        problems.append(_IDENTITY_REPAIRED)
    if context.today > collection.closes:
        problems.append(
            _warning(
                "late",
                f"Collected after {collection.title} closed on "
                f"{_day(collection.closes)}.",
                "It counts anyway. Publish the packs again if they are out.",
            )
        )
    if book.has_external_links:
        problems.append(_LINKED)
    problems += extra_sheets(book, sheets, issued)
    issued_at = min(sheet.issue.issued_at for sheet in sheets)
    return IdentifiedReturn(
        identity=identity,
        collection=collection,
        sheets=sheets,
        modified=utc_text(book.modified) or utc_text(issued_at),
        problems=tuple(problems),
    )


def _shorten(text: str) -> str:
    """A value from a file, short and without terminal control characters."""
    flat = "".join(c if c.isprintable() else "?" for c in text)
    return flat if len(flat) <= MAX_QUOTED else f"{flat[: MAX_QUOTED - 1]}…"


def utc_text(text: str) -> str:
    """A time in UTC to the second, as text that sorts.

    Args:
        text: An ISO time; local time where it has no zone.

    Returns:
        The time, or empty where the text is no time.

    >>> utc_text("2026-10-14T10:30:00+01:00"), utc_text("yesterday")
    ('2026-10-14T09:30:00Z', '')
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        # Before 1970 some systems do not know their zone.
        if moment.tzinfo is None and moment.year < 1971:
            return ""
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return utc.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def read_identities(book: Workbook) -> Iterator[tuple[str, Identity]]:
    """Each place of an identity with what it claims, proved or not."""
    for sheet in book.sheets.values():
        pairs = {
            cell.text: sheet.cells.get((row, 1), BLANK_CELL).text
            for (row, column), cell in sheet.cells.items()
            if column == 0
        }
        if identity := Identity.parse(pairs):
            yield META_SHEET, identity
    for name, texts in (
        (IDENTITY_PROPERTY, book.properties),
        (IDENTITY_NAME, book.names),
    ):
        if identity := Identity.from_copies(texts, name):
            yield name, identity


def _layout_number(schema: str) -> int:
    """The number of a markbook's layout; 0 for anything else.

    >>> _layout_number("markbook-1"), _layout_number("moderation-1")
    (1, 0)
    """
    match = _LAYOUT.fullmatch(schema)
    return int(match[1]) if match else 0


def _check_school(identity: Identity, school: School, issued: IssuedContext) -> None:
    if identity.school_id not in (school.id, *issued.former_school_ids):
        raise ReturnRefused(
            "other-school",
            f"This markbook is of another school ({identity.school_id}).",
            "Send it to the school it belongs to, and delete it here.",
        )


def _check_collection(
    identity: Identity, school: School, collection_code: str | None, today: date
) -> Collection:
    code = identity.collection
    if identity.schema.startswith(MODERATION):
        raise ReturnRefused(
            "moderation-workbook",
            "This is a moderation workbook, not a return.",
            "Apply it with: markbook targets apply FILE.",
        )
    if collection_code is not None and code != collection_code:
        raise ReturnRefused(
            "other-collection",
            f"This markbook is of the collection {code}, not {collection_code}.",
            f"Collect it with: markbook collect {code}.",
        )
    if not 0 < _layout_number(identity.schema) <= _layout_number(SCHEMA):
        raise ReturnRefused(
            "other-layout",
            f"This markbook has the layout {identity.schema}; this version of "
            f"Markbooks reads layouts up to {SCHEMA}.",
            "Use the version that issued it, or issue the class again and copy the "
            "marks over.",
        )
    if not school.has_collection(code):
        raise ReturnRefused(
            "no-such-collection",
            f"school.toml has no collection {code}, of which this markbook is.",
            "Put the collection back into school.toml.",
        )
    collection = school.collection(code)
    if today < collection.opens:
        raise ReturnRefused(
            "not-open",
            f"{collection.title} opens on {_day(collection.opens)}.",
            "Collect it again from that day on; keep the file until then.",
        )
    return collection


def _locate_sheets(
    book: Workbook, identity: Identity, issued: IssuedContext, key: bytes
) -> tuple[LocatedSheet, ...]:
    layouts = [
        _issue(sheet, identity, issued).sheet_layout(sheet.subject)
        for sheet in identity.sheets
    ]
    names = {sheet.name for sheet in identity.sheets}
    candidates = [s for name, s in book.sheets.items() if name not in names]
    worksheets = [
        book.sheets.get(sheet.name)
        or find_renamed_sheet(sheet, layout, candidates, key)
        for sheet, layout in zip(identity.sheets, layouts, strict=True)
    ]
    if len({id(worksheet) for worksheet in worksheets}) < len(worksheets):
        raise ReturnRefused(
            "sheets-alike",
            "Sheets of this markbook were renamed so that they cannot be told apart.",
            f"Give them back their names: "
            f"{', '.join(sheet.name for sheet in identity.sheets)}.",
        )
    return tuple(
        locate_columns(sheet, issued.issues[sheet.issue_id], layout, worksheet)
        for sheet, layout, worksheet in zip(
            identity.sheets, layouts, worksheets, strict=True
        )
    )


def _issue(
    sheet: SheetIdentity, identity: Identity, issued: IssuedContext
) -> IssueRecord:
    issue = issued.issues.get(sheet.issue_id)
    if issue is None:
        raise ReturnRefused(
            "not-issued",
            f"The store knows of no issue {sheet.issue_id} of the class "
            f"{sheet.class_code}.",
            "It was issued from another copy of the school folder, or the store was "
            "replaced by an older one. Collect it there, put back the newer store, or "
            "issue the class again.",
        )
    if (issue.class_code, issue.collection) != (sheet.class_code, identity.collection):
        raise ReturnRefused(
            "not-issued",
            f"The issue {sheet.issue_id} is of another class or collection than "
            f"this markbook says.",
            f"{SEND_AGAIN}, as it was issued.",
        )
    return issue


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
