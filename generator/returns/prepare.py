"""From a file as it was read to a return that can be merged, or to why it is none."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from pathlib import Path

from generator.markbook.identity import Identity
from generator.markbook.sheet_content import grade_part
from generator.names import shown_path
from generator.problems import Problem
from generator.returns.archive import notes_of
from generator.returns.check import check
from generator.returns.checked import Checked
from generator.returns.collect_report import FileReport
from generator.returns.find_files import absolute
from generator.returns.identify import Recognised, identify, recognise, universal
from generator.returns.issued_context import Register
from generator.returns.locate_sheets import NotOurs
from generator.returns.merge_rules import Return
from generator.school.school import School
from generator.store.engine import Store
from generator.xlsx.encryption import unsealed
from generator.xlsx.refusals import refusal_message
from generator.xlsx.worker_pool import ReadFile, WorkerPool
from udfs.errors import MarkbookError
from udfs.tables import Tables


class ReturnPreparer:
    """Turns files as they were read into returns, or says why they are none."""

    def __init__(
        self,
        store: Store,
        school: School,
        tables: Tables,
        register: Register,
        collection: str | None,
        now: datetime,
        named_paths: set[Path],
    ) -> None:
        self.store = store
        self.school = school
        self.tables = tables
        self.register = register
        self.collection = collection
        self.now = now
        self.key = school.key()
        self.named_paths = named_paths

    def prepare(self, taken: ReadFile) -> Return | FileReport:
        """A file that was read: a return ready to merge, or a report of why not."""
        return next(self.prepare_all([taken]))

    def prepare_all(self, batch: Sequence[ReadFile]) -> Iterator[Return | FileReport]:
        """The same of several files, for which the store is asked but once.

        Yields:
            One for each, as it is asked for.
        """
        known = [self._identified(taken) for taken in batch]
        ids = {
            sheet.issue_id
            for one in known
            if not isinstance(one, FileReport)
            for sheet in one[0].sheets
        }
        if ids - set(self.register.rows):
            with self.store.begin() as connection:
                self.register.fetch(connection, ids)
        for taken, one in zip(batch, known, strict=True):
            if isinstance(one, FileReport):
                yield one
            else:
                yield self._prepared(taken, *one)

    def _identified(self, taken: ReadFile) -> tuple[Identity, bool] | FileReport:
        try:
            if taken.book is None:
                code, detail = taken.refused or ("reader-died", "")
                raise NotOurs(code, *refusal_message(code, detail))
            return identify(taken.book, self.key)
        except NotOurs as refusal:
            return self._refused(taken, None, refusal.code, refusal.what, refusal.do)

    def _prepared(
        self, taken: ReadFile, identity: Identity, moved: bool
    ) -> Return | FileReport:
        assert taken.book is not None  # it has been identified
        try:
            recognised = recognise(
                taken.book,
                identity,
                school=self.school,
                register=self.register,
                key=self.key,
                wanted=self.collection,
                today=self.now.date(),
                moved_identity=moved,
            )
            checked = check(
                recognised,
                self.register,
                self.tables,
                effort=self.school.settings.flags.effort,
                today=self.now.date(),
                mac_dates=taken.book.uses_1904_dates,
            )
        except NotOurs as refusal:
            return self._refused(
                taken, identity, refusal.code, refusal.what, refusal.do
            )
        except MarkbookError as error:
            return self._refused(taken, identity, "settings", error.what, error.do)
        return self._return(taken, recognised, checked)

    def _return(
        self, taken: ReadFile, recognised: Recognised, checked: Checked
    ) -> Return:
        file = shown_path(taken.path, self.school.folder)
        problems = [*recognised.problems, *checked.problems]
        return Return(
            path=taken.path,
            file=file,
            sha256=taken.sha256,
            mtime_ns=taken.mtime_ns,
            returned_at=_local(taken.mtime_ns),
            modified=recognised.modified,
            collection=recognised.collection.code,
            academic_year=recognised.identity.academic_year,
            classes=recognised.classes,
            changed_classes=checked.touched,
            issues={sheet.issue.class_code: sheet.issue for sheet in recognised.sheets},
            answers=checked.answers,
            blank=checked.blank,
            problems=tuple(replace(problem, file=file) for problem in problems),
            scales=checked.scales,
            previous_predictions=self._before(recognised),
            is_named=absolute(taken.path) in self.named_paths,
            notes={
                found.sheet.name: cells
                for found in recognised.sheets
                if (cells := notes_of(found))
            },
        )

    def _before(self, recognised: Recognised) -> dict[tuple[str, str], str]:
        """The predictions that the markbook shows of the collection before."""
        made = {}
        for sheet in recognised.sheets:
            codes = [
                key.removeprefix("earlier:")
                for key in sheet.identity.columns
                if key.startswith("earlier:")
            ]
            if not codes:
                continue
            rows = self.register.rows.get(sheet.issue.issue_id, {})
            for (subject, adno), row in rows.items():
                if subject == sheet.identity.subject:
                    made[subject, adno] = grade_part(row.locked.get(codes[-1], ""))
        return made

    def _refused(
        self, taken: ReadFile, identity: Identity | None, code: str, what: str, do: str
    ) -> FileReport:
        file = shown_path(taken.path, self.school.folder)
        sheets = identity.sheets if identity else ()
        return FileReport(
            file=file,
            path=taken.path,
            status="rejected",
            classes=tuple(dict.fromkeys(sheet.class_code for sheet in sheets)),
            collection=identity.collection if identity else "",
            problems=(Problem(file=file, code=code, what=what, do=do),),
            sha256=taken.sha256,
            returned_at=_local(taken.mtime_ns),
        )


def _local(mtime_ns: int) -> str:
    if not mtime_ns:
        return ""
    try:
        moment = datetime.fromtimestamp(mtime_ns / 1e9)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.isoformat(timespec="seconds")


BATCH = 16  # files that are checked together
FEW = 24  # files that are read sooner than looked at twice
Place = tuple[str, int, str]  # own time, file time, name: as `Return.order`


@dataclass(slots=True)
class MergeOrder:
    """The files of one run.

    Args:
        desk: Where a file becomes a return, or not.
        passwords: Teacher -> password, for files that came back encrypted.
        aside: Asked of each file whether somebody else takes it, or None.
        room: Where the files are read.
        told: Called with each file's name when it has been looked at.
        refused: The files that are no returns, filled as they are read.
        others: The files that somebody else takes, likewise.
    """

    preparer: ReturnPreparer
    passwords: Mapping[str, str]
    divert: Callable[[ReadFile], bool] | None
    room: WorkerPool
    on_checked: Callable[[str], None]
    refused: list[FileReport] = field(default_factory=list)
    diverted: list[Path] = field(default_factory=list)

    def returns(self, files: Sequence[Path]) -> Generator[Return]:
        """The returns among files, each as soon as none that is unread precedes it."""
        first, rest = self._arranged(files)
        reading = self.room.read([*first, *(path for _, path in rest)])
        waiting: list[tuple[Place, int, Return]] = []
        looked_at = 0
        while batch := list(islice(reading, BATCH)):
            for ready in self._ready(batch):
                looked_at += 1
                if ready:
                    heappush(waiting, (ready.merge_order, looked_at, ready))
                if looked_at < len(first):
                    continue
                # Handed over one at a time: while the disk takes one, the next is
                # looked at.
                later = rest[looked_at - len(first) :][:1]
                while waiting and (not later or waiting[0][0] < later[0][0]):
                    yield heappop(waiting)[2]

    def _arranged(
        self, files: Sequence[Path]
    ) -> tuple[list[Path], list[tuple[Place, Path]]]:
        """Those whose place only reading tells, and the others in their order."""
        if len(files) <= FEW:
            return list(files), []
        first, rest = [], []
        times = self.room.read_save_times(files)
        folder = self.preparer.school.folder
        for path, (saved, mtime_ns) in zip(files, times, strict=True):
            if modified := universal(saved):
                rest.append(((modified, mtime_ns, shown_path(path, folder)), path))
            else:
                first.append(path)
        return first, sorted(rest)

    def _ready(self, batch: Iterable[ReadFile]) -> Iterator[Return | None]:
        """Each file of a batch, in order: a return, or None where it is none."""
        opened = [unsealed(taken, self.passwords) for taken in batch]
        aside = [bool(self.divert and self.divert(one)) for one in opened]
        ours = [one for one, other in zip(opened, aside, strict=True) if not other]
        prepared = self.preparer.prepare_all(ours)
        for taken, other in zip(opened, aside, strict=True):
            self.on_checked(shown_path(taken.path, self.preparer.school.folder))
            ready = None if other else next(prepared)
            if other:
                self.diverted.append(taken.path)
            elif isinstance(ready, FileReport):
                self.refused.append(ready)
            yield ready if isinstance(ready, Return) else None
