"""An order for one file: the markbook to write, and its lines for the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from generator.issue.file_plan import MarkbookFile, entry_sheet_names
from generator.markbook.batch_writer import WriteResult, print_sheaf, seconds, sheaves
from generator.markbook.identity import make_issue_id
from generator.markbook.layout import EntrySheet, Markbook, locked_text
from generator.run import run
from generator.school.school import Collection, School
from generator.store import issues as ledger
from generator.store import targets
from generator.store.engine import Store
from generator.store.issues import Issue, IssuedRow
from generator.xlsx.sheet_password import Lock
from udfs.tables import Tables


@dataclass(frozen=True, slots=True)
class IssueJob:
    """One file to write.

    Args:
        folio: Where it goes and which classes are in it.
        markbook: What stands in it.
        issues: Its lines for the ledger, a class each, still without the hash of
            the file.
    """

    file: MarkbookFile
    markbook: Markbook
    issues: tuple[Issue, ...]


def plan_job(
    folio: MarkbookFile,
    school: School,
    collection: Collection,
    *,
    digests: Mapping[str, str],
    known: Mapping[str, Issue],
    now: datetime,
    who: str,
    lock: Lock | None = None,
) -> IssueJob:
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
        for (_, sheet), name in zip(each, entry_sheet_names(folio.classes), strict=True)
    )
    issues = []
    for one in folio.classes:
        own = [sheet for sheet in sheets if sheet.class_code == one.code]
        rows = [_row(sheet, at) for sheet in own for at in range(len(sheet.rows))]
        stamped = [(row.subject, row.adno, row.stamped) for row in rows]
        said = [school.id, collection.code, digests[one.code], issued_at, stamped]
        issues.append(
            Issue(
                issue_id=make_issue_id(said),
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
    return IssueJob(
        folio,
        _markbook(sheets, issues, school, collection, issued_at, lock),
        tuple(issues),
    )


def _moment(folio: MarkbookFile, known: Mapping[str, Issue], now: datetime) -> str:
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
        stamped=dict(row.entries),
    )


def _described(sheet: EntrySheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "subject": sheet.subject,
        "scale": sheet.scale,
        "style": sheet.style,
        "columns": [column.key for column in sheet.columns],
    }


Tick = Callable[[int, int, str], None]
LONG = 1.0  # seconds: what is done sooner is done here before a process has started
ISSUES_AT_ONCE = 500  # classes put down in the ledger together


def write_files(
    store: Store,
    school: School,
    tables: Tables,
    orders: Sequence[IssueJob],
    *,
    now: datetime,
    who: str,
    where: str,
    passwords: Mapping[Path, str] | None = None,
    progress: Tick | None = None,
) -> list[tuple[IssueJob, WriteResult]]:
    """Write every file; each is put down in the ledger once it is in place.

    Args:
        store: The school's store.
        school: The school.
        tables: Scales and codes as this school has them.
        orders: What to write.
        now: The moment of issue.
        who: Who issues.
        where: Where the work runs, as `generator.run` has it.
        passwords: What to encrypt each file with; None for no encryption.
        progress: Told of every file.
    """
    work = partial(print_sheaf, run=uuid4().hex, tables=tables, key=school.key())
    of = {order.file.path: order for order in orders}
    jobs = sheaves(((order.file.path, order.markbook) for order in orders), passwords)
    long = sum(seconds(sheaf) for sheaf in jobs) > LONG
    answers: list[tuple[IssueJob, WriteResult]] = []
    waiting: list[Issue] = []
    try:
        for sheaf, many in run(
            work, jobs, where=where, chunk=1, worth_a_pool=0 if long else len(jobs) + 1
        ):
            for copy, printed in zip(sheaf, many, strict=True):
                order = of[copy.path]
                answers.append((order, printed))
                if progress:
                    progress(len(answers), len(orders), order.file.name)
                if printed.refused:
                    continue
                waiting += [replace(one, sha256=printed.sha256) for one in order.issues]
            if len(waiting) >= ISSUES_AT_ONCE:
                _put_down(store, school, waiting, now, who)
                waiting = []
    finally:
        # What is in place is put down even where the rest could not be finished.
        _put_down(store, school, waiting, now, who)
    return answers


def _put_down(
    store: Store, school: School, issued: Sequence[Issue], now: datetime, who: str
) -> None:
    if not issued:
        return
    pairs = [
        (row.adno, row.subject) for one in issued for row in one.rows if row.target
    ]
    with store.begin() as connection:
        ledger.record(connection, issued)
        targets.mark_issued(
            connection, pairs, now, who, academic_year=school.academic_year
        )
