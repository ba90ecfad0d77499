"""Collect returns: read, check and merge every file, and account for every cell."""

from __future__ import annotations

import gc
from collections.abc import (
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import (
    AbstractContextManager,
    ExitStack,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection

from generator.names import shown_path
from generator.report import Progress
from generator.returns import merge
from generator.returns.archive import archive_returns
from generator.returns.collect_report import (
    CollectReport,
    FileReport,
    stop_partway,
    total_counts,
)
from generator.returns.feedback.write import MarkedCopies, write_feedback
from generator.returns.find_files import absolute, find_files
from generator.returns.issued_context import IssuedContext
from generator.returns.merge_rules import MergeResult, Return, Take
from generator.returns.prepare import MergeOrder, ReturnPreparer
from generator.returns.rejections import merged_before, record_rejected
from generator.returns.superseded_returns import SupersededReturns
from generator.returns.unpack import unpacked
from generator.returns.worker_tasks import BOOTSTRAP
from generator.school.school import School
from generator.store import returns
from generator.store.engine import Store
from generator.store.passwords import passwords
from generator.xlsx.worker_pool import ReadFile, WorkerPool
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.context import Context

_Transaction = Callable[[], AbstractContextManager[Connection]]


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Collect garbage less often: most objects of a run live to its end."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_rare_garbage_collection()
def collect(
    context: Context,
    paths: Sequence[Path],
    *,
    collection: str | None = None,
    take: str | None = None,
    dry: bool = False,
    progress: Progress | None = None,
    divert: Callable[[ReadFile], bool] | None = None,
) -> CollectReport:
    """Read the returns under some paths, merge them and account for every cell.

    Args:
        context: The school, its store, the moment and who collects.
        paths: Files and folders; folders are searched to the bottom.
        collection: The only collection to take returns of; None for each return's own.
        take: `returned` or `stored`: how to settle the conflicts of these files.
        dry: Whether to rehearse: all counts are the same, and nothing is stored.
        progress: Called for each file when it is read and when it is stored.
        divert: Takes a file that is no return, such as a pack, and returns True.

    Raises:
        MarkbookError: If a path does not exist.
    """
    if take not in (None, "returned", "stored"):
        raise MarkbookError(f"--take {take} is unknown.", "Use returned or stored.")
    school = School(absolute(context.school.folder), context.school.settings)
    context = replace(context, school=school)
    paths_to_read, skipped = find_files(paths, inbox_folder=school.returned)
    with (
        unpacked(paths_to_read, school.folder) as inbox,
        WorkerPool(len(inbox.files), bootstrap=BOOTSTRAP) as pool,
        ExitStack() as stack,
    ):
        ticker = _Ticker(progress, len(inbox.files))
        with context.store.begin() as connection:
            issued = IssuedContext.load(connection, school.academic_year)
            by_teacher = passwords(connection, school.academic_year)
        preparer = ReturnPreparer(context, issued, collection, inbox.named(paths))
        order = MergeOrder(preparer, by_teacher, divert, pool, ticker.tick)
        order.rejected += map(preparer.refuse, inbox.refused)
        ordered = stack.enter_context(closing(order.returns(inbox.files)))
        names = {adno: pupil.name for adno, pupil in issued.pupils.items()}
        copies = MarkedCopies(pool, names, by_teacher, school.settings.school.contact)
        archiving = _archived(school, ordered, by_teacher, pool, dry=dry)
        archived = stack.enter_context(archiving)
        transaction = stack.enter_context(_transactions(context.store, dry))
        marked = None if dry else copies
        run = _MergeRun(context, cast("Take | None", take), transaction, ticker, marked)
        with run.stop_with_report():
            run.merge_all(archived)
            report = run.report(order, skipped, collection, dry)
            stack.close()  # ends a rehearsal, so that the store is free again
            ticker.finish()
            if dry:
                return report
            written, notes = write_feedback(context, report, run.returned, copies)
        return replace(report, written=written, notes=(*report.notes, *notes))


class _Ticker:
    """Counts the steps of a run for its progress: two for each file."""

    def __init__(self, progress: Progress | None, files: int) -> None:
        self.progress = progress
        self.step = 0
        self.steps = 2 * files

    def tick(self, file: str) -> None:
        self.step += 1
        if self.progress:
            self.progress(min(self.step, self.steps), self.steps, file)

    def finish(self) -> None:
        if self.progress:
            self.progress(self.steps, self.steps, "")


@contextmanager
def _archived(
    school: School,
    ordered: Generator[Return],
    by_teacher: Mapping[str, str],
    pool: WorkerPool,
    *,
    dry: bool,
) -> Iterator[Iterable[tuple[Return, str]]]:
    """Each return, in the archive before its transaction ends, with a note if not."""
    if dry:  # a rehearsal holds the store from its first file to its last
        yield zip(list(ordered), repeat(""))
        return
    with closing(archive_returns(school, ordered, by_teacher, pool)) as archiving:
        yield archiving


@contextmanager
def _transactions(store: Store, dry: bool) -> Iterator[_Transaction]:
    """A new transaction for each call; in a rehearsal, always the same one.

    The next return is prepared while the disk writes a transaction.
    """
    if not dry:
        yield store.begin_in_background
        store.wait_for_commit()
        return
    with store.dry_run() as connection:
        yield lambda: nullcontext(connection)


@dataclass(slots=True)
class _MergeRun:
    """Merges the returns of one run, each in a transaction of its own.

    Args:
        context: The school, its store, the moment and who collects.
        take: How to settle conflicts, or None.
        transaction: Begins the next transaction.
        ticker: Counts each return when it is stored.
        copies: Starts the marked copies; None for a rehearsal.
        returned: The returns merged so far.
        results: The result of each.
        notes: Reasons why returns could not be archived; empty texts for the others.
        superseded: The ids of returns that a later return of the run supersedes.
    """

    context: Context
    take: Take | None
    transaction: _Transaction
    ticker: _Ticker
    copies: MarkedCopies | None
    returned: list[Return] = field(default_factory=list)
    results: list[MergeResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    superseded: set[str] = field(default_factory=set)

    def merge_all(self, archived: Iterable[tuple[Return, str]]) -> None:
        """Merge returns, each with a note if it could not be archived."""
        tracker = SupersededReturns()
        for returned, note in archived:
            self.notes.append(note)
            self._confirm_commit()
            with self.transaction() as connection:
                self._tick_stored()
                result = merge.merge(
                    connection,
                    returned,
                    who=self.context.who,
                    now=self.context.now,
                    take=self.take,
                )
                if result.status == "merged" and not result.is_reread:
                    superseded = tracker.add(returned)
                    returns.mark_superseded(connection, superseded)
                    self.superseded.update(superseded)
            self.returned.append(returned)
            self.results.append(result)
            if self.copies:
                self.copies.start(returned, result.problems)

    def _confirm_commit(self) -> None:
        """Wait for the last return's commit; one that failed is none of the run's."""
        try:
            self.context.store.wait_for_commit()
        except MarkbookError:
            del self.returned[-1:], self.results[-1:]
            raise

    def _tick_stored(self) -> None:
        # A transaction begins when the one before it is certainly on the disk.
        if self.returned:
            self.ticker.tick(self.returned[-1].file)

    @contextmanager
    def stop_with_report(self) -> Iterator[None]:
        """Let a run that has to stop report the returns that are stored, if any."""
        try:
            yield
        except (MarkbookError, KeyboardInterrupt) as error:
            with suppress(MarkbookError):
                self._confirm_commit()
            if not self.returned or self.copies is None:
                raise
            raise stop_partway(error, self.returned, self.results) from None

    def report(
        self,
        order: MergeOrder,
        skipped: Iterable[Path],
        collection: str | None,
        dry: bool,
    ) -> CollectReport:
        """Record the rejected files; the report of the run.

        Args:
            order: The files that were rejected or diverted.
            skipped: The files that were not read.
            collection: The only collection collected, or None for any.
            dry: Whether it was a rehearsal.
        """
        reports = self._file_reports(order.rejected)
        missing, issued = self._missing_classes(reports, collection)
        folder = self.context.school.folder
        notes = [*(result.note for result in self.results), *self.notes]
        return CollectReport(
            dry=dry,
            reports=tuple(reports),
            skipped=tuple(shown_path(p, folder) for p in [*skipped, *order.diverted]),
            cells=total_counts(result.counts for result in self.results),
            changes=tuple(c for result in self.results for c in result.changes),
            missing=missing,
            notes=tuple(note for note in notes if note),
            issued=issued,
            problems=tuple(problem for each in reports for problem in each.problems),
        )

    def _file_reports(self, rejected: Iterable[FileReport]) -> list[FileReport]:
        """Record the rejected files; the reports of all files, the rejected first."""
        self._confirm_commit()
        with self.transaction() as connection:
            self._tick_stored()
            reports = [merged_before(connection, report) for report in rejected]
            record_rejected(connection, self.context, reports)
        for returned, result in zip(self.returned, self.results, strict=True):
            is_superseded = returned.return_id in self.superseded
            status = "superseded" if is_superseded else result.status
            reports.append(FileReport.of_return(returned, result, status))
        return reports

    def _missing_classes(
        self, reports: Iterable[FileReport], collection: str | None
    ) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
        """The classes issued and not returned, and the collections issued at all.

        Both are for the collections of this run: those of its files, or else those
        that are open.
        """
        settings = self.context.school.settings
        codes = [collection] if collection else []
        codes = codes or sorted({r.collection for r in reports if r.collection})
        codes = codes or [
            each.code
            for each in settings.collections
            if each.is_open(self.context.today)
        ]
        with self.transaction() as connection:
            issued = {code: returns.issued_classes(connection, code) for code in codes}
            missing = {
                code: classes - set(returns.returned_classes(connection, code))
                for code, classes in issued.items()
            }
        return (
            {code: tuple(sorted(classes)) for code, classes in missing.items()},
            frozenset(code for code, classes in issued.items() if classes),
        )
