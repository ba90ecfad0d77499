"""An order for one file: the markbook to write, and its lines for the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from generator.issue.filing import Folio, named_sheets
from generator.markbook.identity import issue_id
from generator.markbook.layout import EntrySheet, Markbook, locked_text
from generator.markbook.lock import Lock
from generator.school import Collection, School
from generator.store.ledger import Issue, IssuedRow


@dataclass(frozen=True, slots=True)
class Order:
    """One file to write.

    Args:
        folio: Where it goes and which classes are in it.
        markbook: What stands in it.
        issues: Its lines for the ledger, a class each, still without the hash of
            the file.
    """

    folio: Folio
    markbook: Markbook
    issues: tuple[Issue, ...]


def order_of(
    folio: Folio,
    school: School,
    collection: Collection,
    *,
    digests: Mapping[str, str],
    known: Mapping[str, Issue],
    now: datetime,
    who: str,
    lock: Lock | None = None,
) -> Order:
    """The order for a file.

    Args:
        folio: The file.
        school: The school.
        collection: The collection.
        digests: The digest of each class.
        known: The latest issue of each class until now.
        now: The moment of issue.
        who: Who issues.
        lock: The password of locked sheets, or None.
    """
    issued_at = _moment(folio, known, now)
    each = [(one, sheet) for one in folio.classes for sheet in one.sheets]
    sheets = tuple(
        replace(sheet, name=name)
        for (_, sheet), name in zip(each, named_sheets(folio.classes), strict=True)
    )
    issues = []
    for one in folio.classes:
        own = [sheet for sheet in sheets if sheet.class_code == one.code]
        rows = [_row(sheet, at) for sheet in own for at in range(len(sheet.rows))]
        stamped = [(row.subject, row.adno, row.stamped) for row in rows]
        said = [school.id, collection.code, digests[one.code], issued_at, stamped]
        issues.append(
            Issue(
                issue_id=issue_id(said),
                academic_year=school.academic_year,
                collection=collection.code,
                class_code=one.code,
                file=folio.name,
                pupils=one.pupils,
                issued_at=issued_at,
                issued_by=who,
                digest=digests[one.code],
                sha256="",
                sheets=[_described(sheet) for sheet in own],
                rows=rows,
            )
        )
    return Order(
        folio,
        _markbook(sheets, issues, school, collection, issued_at, lock),
        tuple(issues),
    )


def _moment(folio: Folio, known: Mapping[str, Issue], now: datetime) -> str:
    # Two issues of a class are never of one moment: which is later must be plain.
    moment = now.replace(microsecond=0)
    for one in folio.classes:
        if before := known.get(one.code):
            later = datetime.fromisoformat(before.issued_at) + timedelta(seconds=1)
            moment = max(moment, later)
    return moment.isoformat()


def _markbook(
    sheets: tuple[EntrySheet, ...],
    issues: Sequence[Issue],
    school: School,
    collection: Collection,
    issued_at: str,
    lock: Lock | None,
) -> Markbook:
    settings = school.settings
    return Markbook(
        school=settings.school.name,
        school_id=school.id,
        academic_year=school.academic_year,
        collection=collection.code,
        collection_name=collection.title,
        opens=collection.opens.isoformat(),
        closes=collection.closes.isoformat(),
        issued_at=issued_at,
        sheets=sheets,
        issue_ids={one.class_code: one.issue_id for one in issues},
        effort=settings.flags.effort,
        fine=settings.flags.fine,
        targets_on_board=settings.issue.targets_on_board,
        print_groups=settings.issue.print_groups,
        contact=settings.school.contact,
        owner=settings.school.name,
        lock=lock,
    )


def _row(sheet: EntrySheet, at: int) -> IssuedRow:
    row = sheet.rows[at]
    return IssuedRow(
        subject=sheet.subject,
        adno=row.adno,
        target=row.target,
        aspirational=row.aspirational,
        locked={
            column.heading: locked_text(column, row)
            for column in sheet.columns
            if not column.entry and column.key not in ("flag", "check")
        },
        stamped=dict(row.entered),
    )


def _described(sheet: EntrySheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "subject": sheet.subject,
        "scale": sheet.scale,
        "style": sheet.style,
        "columns": [column.key for column in sheet.columns],
    }
