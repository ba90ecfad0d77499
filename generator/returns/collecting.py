"""Collecting: everything that came back, read, checked, merged and accounted for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from itertools import islice, repeat
from pathlib import Path

from sqlalchemy import Connection

from generator.returns.account import CollectReport, FileReport
from generator.returns.checking.register import Register
from generator.returns.gathering import absolute, find_files, shown_path
from generator.returns.giving_back.feedback import write_feedback
from generator.returns.intake import Intake
from generator.returns.merging import merge as merging
from generator.returns.merging.verdicts import (
    Merged,
    Return,
    Take,
    return_id,
    superseded,
    totals,
)
from generator.returns.originals import keep_ahead
from generator.returns.reading.reading_room import Taken, read_all
from generator.returns.reading.unsealing import unsealed
from generator.school import School
from generator.store import found, inbox
from generator.store.engine import Store
from generator.store.passwords import passwords
from udfs.errors import MarkbookError
from udfs.tables import Tables

BATCH = 32  # files that are checked together
Tick = Callable[[int, int, str], None]
_Transaction = Callable[[], AbstractContextManager[Connection]]


@contextmanager
def _few_pauses() -> Iterator[None]:
    """Look for rubbish less often: what is read here is mostly kept to the end."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_few_pauses()
def collect(
    store: Store,
    school: School,
    tables: Tables,
    *,
    collection: str | None = None,
    paths: Sequence[Path],
    take: str | None = None,
    dry: bool = False,
    now: datetime,
    who: str,
    progress: Tick | None = None,
    aside: Callable[[Taken], bool] | None = None,
) -> CollectReport:
    """Read the returns under some paths, merge them and account for every cell.

    Args:
        store: The school's store.
        school: The school.
        tables: Its scales, codes and subjects.
        collection: Take only returns of this one; None for each return's own.
        paths: Files and folders; folders are looked through to the bottom.
        take: `returned` or `stored`: how to settle the conflicts of these files.
        dry: Whether to rehearse: the same in every count, and nothing is stored.
        now: The moment.
        who: Who is doing it.
        progress: Told of each file.
        aside: Asked of each file whether it is something else, that somebody else
            takes (a pack): it is passed over then.

    Raises:
        MarkbookError: If a path is not there.
    """
    if take not in (None, "returned", "stored"):
        raise MarkbookError(f"--take {take} is unknown.", "Use returned or stored.")
    settle: Take | None = "returned" if take == "returned" else None
    if take == "stored":
        settle = "stored"
    school = School(absolute(school.folder), school.settings)
    files, skipped = find_files(paths, inbox_folder=school.returned)
    with store.begin() as connection:
        register = Register.load(connection, school.academic_year)
        known = passwords(connection, school.academic_year)
    named = {absolute(path) for path in paths if path.is_file()}
    desk = Intake(store, school, tables, register, collection, now, named)
    returned: list[Return] = []
    reports: list[FileReport] = []
    steps = 2 * len(files)
    number = 0
    for batch in _batches(read_all(files)):
        ours = []
        for opened in (unsealed(taken, known) for taken in batch):
            if aside and aside(opened):
                skipped.append(opened.path)
            else:
                ours.append(opened)
        for ready in desk.prepare_all(ours):
            if isinstance(ready, Return):
                returned.append(ready)
            else:
                reports.append(ready)
        for taken in batch:
            number += 1
            if progress:
                progress(number, steps, shown_path(taken.path, school.folder))
    merged = []
    with _transactions(store, dry) as transaction:
        with transaction() as connection:
            reports = [_merged_before(connection, report) for report in reports]
            _enter_rejected(connection, school, reports, now=now, who=who)
        returned.sort(key=lambda one: one.order)
        later = _superseded(transaction, returned)
        unkept = []
        # What was merged must lie in `kept/`: first the file, then its transaction.
        keeping = repeat("") if dry else keep_ahead(school, returned, known)
        for number, (one, note) in enumerate(
            zip(returned, keeping, strict=False), start=1
        ):
            unkept.append(note)
            with transaction() as connection:
                result = merging.merge(
                    connection,
                    one,
                    who=who,
                    now=now,
                    take=settle,
                    is_superseded=one.return_id in later,
                )
            merged.append(result)
            reports.append(_report(one, result))
            if progress:
                progress(steps - len(returned) + number, steps, one.file)
        with transaction() as connection:
            missing = _missing(connection, school, reports, collection, now=now)
            issued = {
                code for code in missing if inbox.issued_classes(connection, code)
            }
    if progress:
        progress(steps, steps, "")
    account = CollectReport(
        dry=dry,
        reports=tuple(reports),
        skipped=tuple(shown_path(path, school.folder) for path in skipped),
        cells=totals(merged),
        changes=tuple(change for one in merged for change in one.changes),
        missing=missing,
        notes=tuple(filter(None, [*(one.note for one in merged), *unkept])),
        issued=frozenset(issued),
    )
    if dry:
        return account
    with store.begin() as connection:
        standing = {code: _standing(connection, code) for code in missing}
    written, notes = write_feedback(
        school,
        account,
        returned,
        names={adno: person.name for adno, person in register.people.items()},
        standing=standing,
        now=now,
        passwords=known,
    )
    return replace(account, written=written, notes=(*account.notes, *notes))


def _batches(read: Iterable[Taken]) -> Iterator[list[Taken]]:
    """Files as they come, so many at once as one question to the store is for."""
    rest = iter(read)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _standing(connection: Connection, collection: str) -> list[dict[str, str]]:
    rows = found.problems(connection, collection=collection)
    return [
        {str(name): str(value) for name, value in row.items()}
        for row in rows.to_dict("records")
    ]


@contextmanager
def _transactions(store: Store, dry: bool) -> Iterator[_Transaction]:
    """One transaction each time it is asked; rehearsed, the same one every time."""
    if not dry:
        yield store.begin
        return
    with store.rehearse() as connection:
        yield lambda: nullcontext(connection)


def _superseded(transaction: _Transaction, returned: Sequence[Return]) -> set[str]:
    """Which returns a later one of this run stands in for."""
    live, seen = [], set()
    with transaction() as connection:
        for one in returned:
            known = inbox.with_hash(connection, one.sha256)
            if one.touched and not known and one.sha256 not in seen:
                live.append(one)
            seen.add(one.sha256)
    return superseded(live)


def _report(one: Return, result: Merged) -> FileReport:
    return FileReport(
        file=one.file,
        path=one.path,
        status=result.status,
        classes=one.classes,
        collection=one.collection,
        counts=dict(result.counts),
        problems=result.problems,
        sha256=one.sha256,
        returned_at=one.returned_at,
        again=result.again,
    )


def _merged_before(connection: Connection, report: FileReport) -> FileReport:
    """A file of another collection that was merged in its own time is unchanged."""
    if any(problem.code != "other-collection" for problem in report.problems):
        return report
    past = inbox.with_hash(connection, report.sha256)
    if any(one.status in inbox.MERGED for one in past):
        return replace(report, status="unchanged", problems=())
    return report


def _enter_rejected(
    connection: Connection,
    school: School,
    reports: Sequence[FileReport],
    *,
    now: datetime,
    who: str,
) -> None:
    moment = now.isoformat(timespec="seconds")
    rows = [
        {
            "return_id": return_id(report.sha256 or report.returned_at, report.file),
            "academic_year": school.academic_year,
            "sha256": report.sha256,
            "file": report.file,
            "class": ";".join(report.classes),
            "collection": report.collection,
            "returned_at": report.returned_at,
            "read_at": moment,
            "who": who,
            "status": "rejected",
        }
        for report in reports
    ]
    inbox.enter_rejected(
        connection, list({row["return_id"]: row for row in rows}.values())
    )
    for report in reports:
        if report.status != "rejected":
            continue
        found.replace(
            connection,
            report.file,
            report.problems,
            academic_year=school.academic_year,
            collection=report.collection,
            now=now,
        )


def _missing(
    connection: Connection,
    school: School,
    reports: Sequence[FileReport],
    wanted: str | None,
    *,
    now: datetime,
) -> dict[str, tuple[str, ...]]:
    """The classes issued and not returned, in each collection this run is about."""
    if wanted is not None:
        codes = [wanted]
    else:
        codes = sorted({report.collection for report in reports if report.collection})
        codes = codes or [
            c.code for c in school.settings.collections if c.is_open(now.date())
        ]
    return {
        code: tuple(
            sorted(
                inbox.issued_classes(connection, code)
                - set(inbox.returned_classes(connection, code))
            )
        )
        for code in codes
    }
