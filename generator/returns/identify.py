"""Which markbook is this: whose, of which collection, class and issue?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from generator.markbook.identity import (
    IDENTITY_NAME,
    IDENTITY_PROPERTY,
    Identity,
    SheetIdentity,
)
from generator.markbook.layout import META_SHEET, SCHEMA
from generator.problems import Problem
from generator.returns.issued_context import Register
from generator.returns.locate_sheets import BLANK, FoundSheet, NotOurs, find, renamed
from generator.school.school import Collection, School
from generator.xlsx.reader import Workbook
from generator.xlsx.refusals import FILL_IN, SEND_AGAIN
from generator.xlsx.worksheet import Worksheet

SAID = 40  # characters of what a file says of itself
# As Excel and LibreOffice name a copied sheet: `Markbook (2)`, `Markbook_2`.
_COPY = re.compile(r"(?: \(\d+\)|_\d+)\Z")
MODERATION = "moderation-"  # what the layouts of moderation workbooks begin with


@dataclass(frozen=True, slots=True)
class Recognised:
    """A workbook that is a return of ours.

    Args:
        identity: Who it says it is, proved.
        collection: The collection's settings.
        sheets: Its entry sheets.
        modified: The workbook's own time of last change in universal time, or where
            it has none the time of its issue; sorts as text.
        problems: Warnings about the file as a whole.
    """

    identity: Identity
    collection: Collection
    sheets: tuple[FoundSheet, ...]
    modified: str
    problems: tuple[Problem, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """Its classes, in the order of its sheets."""
        return tuple(dict.fromkeys(sheet.issue.class_code for sheet in self.sheets))


def identify(book: Workbook, key: bytes) -> tuple[Identity, bool]:
    """Who a workbook says it is, from whichever copy can be proved.

    Args:
        book: The workbook.
        key: The school's own key.

    Returns:
        The identity, and whether the meta sheet, the first place to look, was not
        the one that proved it.

    Raises:
        NotOurs: If no copy is there, or none is proved.
    """
    found = list(_identities(book))
    if not found:
        raise NotOurs(
            "not-ours",
            "This workbook is not a markbook: it does not say which class it is of.",
            f"{FILL_IN}. A copy made by hand cannot be read.",
        )
    for place, identity in found:
        if identity.verify(key):
            return identity, place != META_SHEET
    said_of = found[0][1]
    classes = dict.fromkeys(_short(sheet.class_code) for sheet in said_of.sheets)
    raise NotOurs(
        "not-proved",
        f"This markbook was not issued from this school folder, or what it says of "
        f"itself was changed: {', '.join(classes)}, {_short(said_of.collection)}, "
        f"{_short(said_of.school_id)}.",
        f"{FILL_IN}. If the school folder was moved, its key file must move with it.",
    )


def said(book: Workbook) -> Iterator[Identity]:
    """Who a workbook says it is, copy by copy, proved or not."""
    for _, identity in _identities(book):
        yield identity


def recognise(
    book: Workbook,
    identity: Identity,
    *,
    school: School,
    register: Register,
    key: bytes,
    wanted: str | None,
    today: date,
    moved_identity: bool = False,
) -> Recognised:
    """Check that a proved markbook is one to take now, and find its cells.

    Args:
        book: The workbook.
        identity: Who it says it is, proved by `identify`.
        school: The school.
        register: The ledger and the roll, with this file's issues fetched.
        key: The school's own key.
        wanted: The only collection taken in this run, or None for any.
        today: The day it is collected on.
        moved_identity: Whether the meta sheet could not be used.

    Raises:
        NotOurs: If it is of another school, collection, layout or issue, or its
            sheets cannot be read as they were issued.
    """
    collection = _collection(identity, school, wanted, today)
    problems = []
    if moved_identity:
        problems.append(
            _warning(
                "identity-repaired",
                "The hidden sheet that says which markbook this is was lost or "
                "changed; a copy of it was used.",
                "Nothing to do; check that the class is right.",
            )
        )
    if today > collection.closes:
        problems.append(
            _warning(
                "late",
                f"Collected after {collection.title} closed on "
                f"{_day(collection.closes)}.",
                "It counts all the same. Publish the packs again if they are out.",
            )
        )
    if book.has_external_links:
        problems.append(
            _warning(
                "linked",
                "The workbook has links to other workbooks, which were not followed.",
                "Check that its marks are typed and not drawn from elsewhere.",
            )
        )
    sheets = tuple(
        find(sheet, register.issues[sheet.issue_id], place)
        for sheet, place in _places(book, identity, register, key)
    )
    problems += [
        _warning(
            "sheet-copied",
            f"The sheet {copy!r} is a copy of {name!r}, and was not read.",
            f"Check that all the marks are on {name!r}.",
        )
        for copy, name in _copies(book, [found.sheet.name for found in sheets])
    ]
    issued_at = min(sheet.issue.issued_at for sheet in sheets)
    return Recognised(
        identity=identity,
        collection=collection,
        sheets=sheets,
        modified=universal(book.modified) or universal(issued_at),
        problems=tuple(problems),
    )


def _copies(book: Workbook, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Sheets that were made by copying an entry sheet, each with that one's name."""
    for copy in book.sheet_states:
        name = _COPY.sub("", copy)
        if name in names and copy not in names:
            yield copy, name


def _short(text: str) -> str:
    """What a file says of itself, short and without what could steer a terminal."""
    flat = "".join(sign if sign.isprintable() else "?" for sign in text)
    return flat if len(flat) <= SAID else f"{flat[: SAID - 1]}…"


def universal(text: str) -> str:
    """A time as text that sorts: universal time, to the second.

    Args:
        text: An ISO time; one without a zone is taken as this computer's.

    Returns:
        The time, or empty where the text is none.

    >>> universal("2026-10-14T10:30:00+01:00"), universal("yesterday")
    ('2026-10-14T09:30:00Z', '')
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        # Before 1970 some systems cannot say what their zone was.
        if moment.tzinfo is None and moment.year < 1971:
            return ""
        found = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return found.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _identities(book: Workbook) -> Iterator[tuple[str, Identity]]:
    for sheet in book.sheets.values():
        pairs = {
            cell.text: sheet.cells.get((row, 1), BLANK).text
            for (row, column), cell in sheet.cells.items()
            if column == 0
        }
        if found := Identity.parse(pairs):
            yield META_SHEET, found
    for name, texts in (
        (IDENTITY_PROPERTY, book.properties),
        (IDENTITY_NAME, book.names),
    ):
        if found := Identity.from_copies(texts, name):
            yield name, found


def _collection(
    identity: Identity, school: School, wanted: str | None, today: date
) -> Collection:
    code = identity.collection
    if identity.school_id != school.id:
        raise NotOurs(
            "other-school",
            f"This markbook is of another school ({identity.school_id}).",
            "Send it to the school it belongs to, and delete it here.",
        )
    if identity.schema.startswith(MODERATION):
        raise NotOurs(
            "moderation-workbook",
            "This is a moderation workbook, not a return.",
            "Apply it with: markbook targets apply FILE.",
        )
    if wanted is not None and code != wanted:
        raise NotOurs(
            "other-collection",
            f"This markbook is of the collection {code}, not {wanted}.",
            f"Collect it with: markbook collect {code}.",
        )
    if identity.schema != SCHEMA:
        raise NotOurs(
            "other-layout",
            f"This markbook has the layout {identity.schema}; this version of "
            f"Markbooks reads {SCHEMA}.",
            "Issue the class again and copy the marks over, or use the version that "
            "issued it.",
        )
    if not school.has_collection(code):
        raise NotOurs(
            "no-such-collection",
            f"school.toml has no collection {code}, of which this markbook is.",
            "Put the collection back into school.toml.",
        )
    collection = school.collection(code)
    if today < collection.opens:
        raise NotOurs(
            "not-open",
            f"{collection.title} opens on {_day(collection.opens)}.",
            "Collect it again from that day on; keep the file until then.",
        )
    return collection


def _places(
    book: Workbook, identity: Identity, register: Register, key: bytes
) -> list[tuple[SheetIdentity, Worksheet]]:
    for sheet in identity.sheets:
        issue = register.issues.get(sheet.issue_id)
        if issue is None:
            raise NotOurs(
                "not-issued",
                f"The store knows of no issue {sheet.issue_id} of the class "
                f"{sheet.class_code}.",
                "Was the store replaced by an older copy? Put back the newer one, or "
                "issue the class again.",
            )
        if (issue.class_code, issue.collection) != (
            sheet.class_code,
            identity.collection,
        ):
            raise NotOurs(
                "not-issued",
                f"The issue {sheet.issue_id} is of another class or collection than "
                f"this markbook says.",
                f"{SEND_AGAIN}, as it was issued.",
            )
    named = {sheet.name: book.sheets.get(sheet.name) for sheet in identity.sheets}
    free = [s for name, s in book.sheets.items() if name not in named]
    placed = []
    for sheet in identity.sheets:
        found = named[sheet.name]
        if found is None:
            found = renamed(sheet, free, key)
        placed.append((sheet, found))
    if len({id(found) for _, found in placed}) < len(placed):
        raise NotOurs(
            "sheets-alike",
            "Sheets of this markbook were renamed so that they cannot be told apart.",
            f"Give them back their names: "
            f"{', '.join(sheet.name for sheet in identity.sheets)}.",
        )
    return placed


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _warning(code: str, what: str, do: str) -> Problem:
    return Problem(severity="warning", code=code, what=what, do=do)
