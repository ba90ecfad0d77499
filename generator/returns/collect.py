"""Collecting: everything that came back, read, checked, merged and accounted for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    ExitStack,
    closing,
    contextmanager,
    nullcontext,
)
from dataclasses import replace
from datetime import datetime
from itertools import count, repeat
from pathlib import Path

from sqlalchemy import Connection

from generator.names import shown_path
from generator.returns import merge as merging
from generator.returns.archive import archive_returns
from generator.returns.collect_report import CollectReport, FileReport
from generator.returns.feedback.write import MarkedCopies, write_feedback
from generator.returns.find_files import absolute, find_files
from generator.returns.issued_context import Register
from generator.returns.merge_rules import (
    MergeResult,
    Return,
    SupersededReturns,
    Take,
    return_id,
    total_counts,
)
from generator.returns.prepare import MergeOrder, ReturnPreparer
from generator.returns.worker_tasks import BOOT
from generator.school.school import School
from generator.store import problems, returns
from generator.store.engine import Store
from generator.store.passwords import passwords
from generator.xlsx.worker_pool import ReadFile, WorkerPool
from udfs.errors import MarkbookError
from udfs.tables import Tables

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
    aside: Callable[[ReadFile], bool] | None = None,
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
    named = {absolute(path) for path in paths if path.is_file()}
    steps = 2 * len(files)
    told = count(1)

    def tell(what: str) -> None:
        if progress:
            progress(min(next(told), steps), steps, what)

    returned: list[Return] = []
    merged: list[MergeResult] = []
    unkept: list[str] = []
    with (
        WorkerPool(len(files), bootstrap=BOOT) as room,
        ExitStack() as stack,
    ):
        with store.begin() as connection:
            register = Register.load(connection, school.academic_year)
            known = passwords(connection, school.academic_year)
        desk = ReturnPreparer(store, school, tables, register, collection, now, named)
        names = {adno: person.name for adno, person in register.people.items()}
        copies = MarkedCopies(room, names, known, school.settings.school.contact)
        queue = MergeOrder(desk, known, aside, room, tell)
        ready = stack.enter_context(closing(queue.returns(files)))
        if dry:  # a rehearsal holds the store from its first file to its last
            keeping: Iterator[tuple[Return, str]] = zip(list(ready), repeat(""))
        else:
            # What was merged must lie in `kept/`: first the file, then its transaction.
            keeping = stack.enter_context(
                closing(archive_returns(school, ready, known, room))
            )
        transaction = stack.enter_context(_transactions(store, dry))
        later = SupersededReturns()
        gone: set[str] = set()
        for one, note in keeping:
            unkept.append(note)
            with transaction() as connection:
                if returned:  # only now it is certainly stored
                    tell(returned[-1].file)
                result = merging.merge(connection, one, who=who, now=now, take=settle)
                if result.status == "merged" and not result.is_reread:
                    stood_in_for = later.add(one)
                    returns.supersede(connection, stood_in_for)
                    gone.update(stood_in_for)
            returned.append(one)
            merged.append(result)
            if not dry:
                copies.start(one, result.problems)
        skipped += queue.diverted
        with transaction() as connection:
            if returned:
                tell(returned[-1].file)
            reports = [_merged_before(connection, one) for one in queue.refused]
            _enter_rejected(connection, school, reports, now=now, who=who)
        for one, result in zip(returned, merged, strict=True):
            status = "superseded" if one.return_id in gone else result.status
            reports.append(_report(one, result, status))
        with transaction() as connection:
            missing = _missing(connection, school, reports, collection, now=now)
            issued = {
                code for code in missing if returns.issued_classes(connection, code)
            }
        stack.close()  # a rehearsal is over, and the store free again
        if progress:
            progress(steps, steps, "")
        account = CollectReport(
            dry=dry,
            reports=tuple(reports),
            skipped=tuple(shown_path(path, school.folder) for path in skipped),
            cells=total_counts(merged),
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
            copies=copies,
            standing=standing,
            now=now,
        )
        return replace(account, written=written, notes=(*account.notes, *notes))


def _standing(connection: Connection, collection: str) -> list[dict[str, str]]:
    rows = problems.open_problems(connection, collection=collection)
    return [
        {str(name): str(value) for name, value in row.items()}
        for row in rows.to_dict("records")
    ]


@contextmanager
def _transactions(store: Store, dry: bool) -> Iterator[_Transaction]:
    """One transaction each time it is asked; rehearsed, the same one every time.

    While the disk takes one, the next return is looked at.
    """
    if not dry:
        yield store.begin_ahead
        store.settle()
        return
    with store.rehearse() as connection:
        yield lambda: nullcontext(connection)


def _report(one: Return, result: MergeResult, status: str) -> FileReport:
    return FileReport(
        file=one.file,
        path=one.path,
        status=status,
        classes=one.classes,
        collection=one.collection,
        counts=dict(result.counts),
        problems=result.problems,
        sha256=one.sha256,
        returned_at=one.returned_at,
        is_reread=result.is_reread,
    )


def _merged_before(connection: Connection, report: FileReport) -> FileReport:
    """A file of another collection that was merged in its own time is unchanged."""
    if any(problem.code != "other-collection" for problem in report.problems):
        return report
    past = returns.with_hash(connection, report.sha256)
    if any(one.status in returns.MERGED for one in past):
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
    returns.enter_rejected(
        connection, list({row["return_id"]: row for row in rows}.values())
    )
    for report in reports:
        if report.status != "rejected":
            continue
        problems.replace_problems(
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
                returns.issued_classes(connection, code)
                - set(returns.returned_classes(connection, code))
            )
        )
        for code in codes
    }
