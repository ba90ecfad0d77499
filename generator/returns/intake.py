"""From a file as it was read to a return that can be merged, or to why it is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from generator.markbook.identity import Identity
from generator.markbook.page import grade_of
from generator.problems import Problem
from generator.returns.account import FileReport
from generator.returns.checking.check import check
from generator.returns.checking.entries import Checked
from generator.returns.checking.finding import NotOurs
from generator.returns.checking.recognise import Recognised, identify, recognise
from generator.returns.checking.register import Register
from generator.returns.gathering import absolute, shown_path
from generator.returns.merging.verdicts import Return
from generator.returns.originals import notes_of
from generator.returns.reading.reading_room import Taken
from generator.returns.reading.refusals import sentence
from generator.school import School
from generator.store.engine import Store
from udfs.errors import MarkbookError
from udfs.tables import Tables


class Intake:
    """Turns files as they were read into returns, or says why they are none."""

    def __init__(
        self,
        store: Store,
        school: School,
        tables: Tables,
        register: Register,
        collection: str | None,
        now: datetime,
        named: set[Path],
    ) -> None:
        self.store = store
        self.school = school
        self.tables = tables
        self.register = register
        self.collection = collection
        self.now = now
        self.key = school.key()
        self.named = named

    def prepare(self, taken: Taken) -> Return | FileReport:
        """A file that was read: a return ready to merge, or a report of why not."""
        return next(self.prepare_all([taken]))

    def prepare_all(self, batch: Sequence[Taken]) -> Iterator[Return | FileReport]:
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

    def _identified(self, taken: Taken) -> tuple[Identity, bool] | FileReport:
        try:
            if taken.book is None:
                code, detail = taken.refused or ("reader-died", "")
                raise NotOurs(code, *sentence(code, detail))
            return identify(taken.book, self.key)
        except NotOurs as refusal:
            return self._refused(taken, None, refusal.code, refusal.what, refusal.do)

    def _prepared(
        self, taken: Taken, identity: Identity, moved: bool
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
                mac_dates=taken.book.mac_dates,
            )
        except NotOurs as refusal:
            return self._refused(
                taken, identity, refusal.code, refusal.what, refusal.do
            )
        except MarkbookError as error:
            return self._refused(taken, identity, "settings", error.what, error.do)
        return self._return(taken, recognised, checked)

    def _return(self, taken: Taken, recognised: Recognised, checked: Checked) -> Return:
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
            touched=checked.touched,
            issues={sheet.issue.class_code: sheet.issue for sheet in recognised.sheets},
            answers=checked.answers,
            blank=checked.blank,
            problems=tuple(replace(problem, file=file) for problem in problems),
            scales=checked.scales,
            before=self._before(recognised),
            named=absolute(taken.path) in self.named,
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
                    made[subject, adno] = grade_of(row.locked.get(codes[-1], ""))
        return made

    def _refused(
        self, taken: Taken, identity: Identity | None, code: str, what: str, do: str
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
