"""Write the reports, plans and slips of a collection that have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.names import file_names
from generator.problems import Problem
from generator.report import Progress, Report
from generator.reports.document import Document, ReportContext
from generator.reports.font_letters import printable_content
from generator.reports.hand_out import (
    SEND_FILE,
    publish_pupil_passwords,
    publish_send_list,
    pupil_passwords,
)
from generator.reports.letterhead import read_letterhead
from generator.reports.paper import (
    PaperJob,
    edition,
    load_engine,
    need_engine,
    write_document,
)
from generator.reports.pupil_facts import PupilFacts
from generator.reports.read_facts import CollectionFacts, read_facts
from generator.reports.report_kinds import REPORT_KINDS
from generator.reports.report_problems import (
    content_problems,
    control_problem,
    letter_problem,
    refusal_problem,
)
from generator.reports.request import DEFAULT_KIND, ReportRequest, check_kinds
from generator.reports.words import read_words
from generator.run import LOCAL, SERIAL, run, started_pool
from generator.store.report_files import (
    ReportFile,
    forget_report_files,
    report_files,
    save_report_files,
)
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from generator.context import Context
    from generator.school.school import Collection

CHUNK = 25  # documents sent to a process at once
MANY = 100  # documents that are worth a second process


@dataclass(frozen=True, slots=True)
class ReportsReport(Report):
    """The documents that were written.

    Args:
        collection: The collection's code.
        files: The files that were written, relative to the school folder.
        unchanged: The number of files that were right already.
        removed: Files that were removed because their pupil is elsewhere now.
    """

    collection: str
    files: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """The report as one object."""
        return {
            "collection": self.collection,
            "files": list(self.files),
            "unchanged": self.unchanged,
            "removed": list(self.removed),
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        number = len(self.files)
        files = "1 file" if number == 1 else f"{number:,} files"
        lines = [
            f"Wrote {files} of {self.collection} under reports/{self.collection}/."
        ]
        if self.unchanged:
            lines.append(f"{self.unchanged:,} had not changed.")
        if self.removed:
            lines.append(
                f"Removed {len(self.removed):,} of pupils who are elsewhere now."
            )
        if number:
            lines.append(f"Who gets which is in reports/{self.collection}/{SEND_FILE}.")
        return lines


def write_reports(
    context: Context,
    collection: Collection,
    request: ReportRequest,
    *,
    progress: Progress | None = None,
) -> ReportsReport:
    """Write the documents whose content is new.

    The same store and the same day give the same bytes; a file whose content is as
    before is left as it is.

    Args:
        context: The school, its store, the moment and the user.
        collection: The collection.
        request: The kinds and the pupils.
        progress: Called for each document.

    Raises:
        NoEngine: If the extra `reports` is not installed.
        NoSuchDocument: If a kind is not known.
        MarkbookError: If nobody is meant, or words or letterhead cannot be used.
    """
    check_kinds(request.kinds)
    need_engine()
    kinds = request.kinds or [DEFAULT_KIND]
    shared = _shared(context, collection)
    with ExitStack() as stack:
        pool = None
        if request.whole or request.years:
            pool = stack.enter_context(started_pool(load_engine))
        with context.store.begin() as connection:
            facts = read_facts(connection, context, collection)
            before = report_files(connection, collection.code)
        pupils = [pupil for pupil in facts.pupils if request.wants(pupil)]
        if not pupils:
            raise _nobody(collection, request)
        shared = replace(
            shared,
            academic_year=facts.academic_year,
            folders=file_names(pupil.reg for pupil in facts.pupils if pupil.reg),
            pairs=facts.pairs,
        )
        batch = _Batch(context, shared, facts, before)
        batch.add(kinds, pupils, request)
        batch.write(pool, progress)
    return batch.finish(kinds, pupils, request)


def _nobody(collection: Collection, request: ReportRequest) -> MarkbookError:
    if request.whole:
        years = ", ".join(str(year) for year in collection.years)
        return MarkbookError(
            f"Nobody is on roll in the years of {collection.title} ({years}).",
            "Put the exports of your MIS into exports/, then run markbook import.",
        )
    named = [*map(str, request.years), *request.regs, *request.pupils]
    return MarkbookError(
        f"No pupil of {collection.title} is meant by {', '.join(named)}.",
        "Name a year, a tutor group or an admission number of the collection.",
    )


def _shared(context: Context, collection: Collection) -> ReportContext:
    school = context.school
    settings = school.settings.reports
    return ReportContext(
        school=school.settings.school.name,
        collection=collection,
        today=context.today,
        settings=settings,
        words=read_words(school.folder),
        next_days=tuple(
            (year, later.closes)
            for later in sorted(
                school.settings.collections, key=lambda each: each.closes
            )
            if later.opens > collection.closes
            for year in later.years
        ),
        letterhead=read_letterhead(school.folder, settings.letterhead),
    )


class _Batch:
    """The documents of one run, and what became of them."""

    def __init__(
        self,
        context: Context,
        shared: ReportContext,
        facts: CollectionFacts,
        before: Mapping[str, ReportFile],
    ) -> None:
        self.context, self.shared = context, shared
        self.collection = shared.collection
        self.facts, self.before = facts, before
        self.folder = context.school.reports(self.collection.code)
        self.current: dict[str, ReportFile] = {}
        self.to_write: list[PaperJob] = []
        self.passwords: dict[str, str] = {}  # none: nothing is encrypted
        self.written: list[str] = []
        self.problems: list[Problem] = []

    def add(
        self, kinds: Sequence[str], pupils: Sequence[PupilFacts], request: ReportRequest
    ) -> None:
        """Plan the documents, and find those whose content is new."""
        printing = not (request.pupils or request.encrypt)
        if request.encrypt:
            year = self.facts.academic_year
            self.passwords = pupil_passwords(self.context, year, pupils)
        refused: set[str] = set()
        for kind in kinds:
            documents = REPORT_KINDS[kind](pupils, self.shared, printing)
            documents.sort(key=lambda document: not document.personal)
            if request.encrypt:  # what is for several has no password
                documents = [each for each in documents if each.personal]
            for document in documents:
                self._add(document, refused)
        if DEFAULT_KIND in kinds:
            self.problems += content_problems(pupils, self.shared)

    def _add(self, document: Document, refused: set[str]) -> None:
        """Plan a document, unless a letter of it cannot be printed.

        Args:
            document: The document.
            refused: Pupils whose own document is refused; one more is added.
        """
        if not document.personal and refused:
            document = document.without(refused)
            if not document.pupils:
                return
        content, lacking, control = printable_content(document.content)
        if control and document.personal:
            self.problems.append(control_problem(document))
        if lacking:
            if document.personal:
                refused.add(document.pupils[0].adno)
                self.problems.append(letter_problem(document, lacking))
            return
        document = replace(document, content=content)
        path = self.folder / document.file
        file = path.relative_to(self.context.school.folder).as_posix()
        pupil = document.pupils[0]
        record = ReportFile(
            collection=self.collection.code,
            file=file,
            academic_year=self.facts.academic_year,
            kind=document.kind,
            adno=pupil.adno if document.personal else "",
            reg=pupil.reg,
            digest=document.digest(edition() + "encrypted" * bool(self.passwords)),
            sha256="",
            written_at=self.context.moment,
            written_by=self.context.who,
        )
        stored = self.before.get(file)
        if stored and stored.digest == record.digest and _is_same(path, stored.sha256):
            self.current[file] = stored
            return
        self.current[file] = record
        password = self.passwords.get(record.adno, "")
        self.to_write.append(PaperJob(document, path, password))

    def write(self, pool: Executor | None, progress: Progress | None) -> None:
        """Write the documents whose content is new, and record them."""
        school = self.context.school.folder
        total = len(self.to_write)
        saved: list[ReportFile] = []
        # The longest first: a tutor group takes as long as thirty pupils.
        groups = [job for job in self.to_write if not job.document.personal]
        personal = [job for job in self.to_write if job.document.personal]
        pool = pool if total >= MANY else None
        where = LOCAL if pool else SERIAL
        try:
            number = 0
            for some, chunk in ((groups, 1), (personal, CHUNK)):
                for job, (sha256, refusal) in run(
                    write_document, some, chunk=chunk, pool=pool, where=where
                ):
                    number += 1
                    file = job.path.relative_to(school).as_posix()
                    if refusal:
                        del self.current[file]
                        self.problems.append(
                            refusal_problem(job.document, file, refusal)
                        )
                    else:
                        record = replace(self.current[file], sha256=sha256)
                        self.current[file] = record
                        saved.append(record)
                        self.written.append(file)
                    if progress:
                        progress(number, total, file)
        finally:  # a full disk ends the run, and the next one goes on from here
            with self.context.store.begin() as connection:
                save_report_files(connection, saved)

    def finish(
        self,
        kinds: Sequence[str],
        pupils: Sequence[PupilFacts],
        request: ReportRequest,
    ) -> ReportsReport:
        """Remove the files of pupils who are elsewhere, and write the list to send."""
        about = {pupil.adno for pupil in pupils}
        removes_groups = request.whole or request.encrypt
        stale = [
            record
            for file, record in self.before.items()
            if record.kind in kinds
            and file not in self.current
            and (record.adno in about if record.adno else removes_groups)
        ]
        for record in stale:
            with suppress(OSError):
                (self.context.school.folder / record.file).unlink()
        with self.context.store.begin() as connection:
            forget_report_files(connection, stale)
            files = report_files(connection, self.collection.code)
        upns = {pupil.adno: pupil.upn for pupil in self.facts.pupils}
        publish_send_list(self.folder, files.values(), upns)
        if self.passwords:
            publish_pupil_passwords(
                self.folder, self.passwords, self.current.values(), pupils
            )
        return ReportsReport(
            self.collection.code,
            tuple(sorted(self.written)),
            len(self.current) - len(self.written),
            tuple(record.file for record in stale),
            problems=tuple(self.problems),
        )


def _is_same(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False
