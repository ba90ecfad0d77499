"""Prepare files for merging: turn each into a return, in the order of merging."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from generator.markbook.identity import Identity
from generator.markbook.sheet_content import grade_part
from generator.names import shown_path
from generator.problems import Problem
from generator.returns.check_return import check_return
from generator.returns.collect_report import FileReport
from generator.returns.identify import (
    IdentifiedReturn,
    Proof,
    identify_return,
    prove_identity,
    utc_text,
)
from generator.returns.issued_context import IssuedContext
from generator.returns.locate_sheets import BLANK_CELL, LocatedSheet, ReturnRefused
from generator.returns.merge_rules import Return
from generator.xlsx.encryption import read_decrypted
from generator.xlsx.refusals import refusal_message
from generator.xlsx.worker_pool import ReadFile, WorkerPool
from generator.xlsx.worksheet import cell_reference
from udfs.errors import MarkbookError
from udfs.text import tidy

if TYPE_CHECKING:
    from generator.context import Context

BATCH = 16  # files that are checked together
FEW = 24  # files; more are read twice, first for their times only
MergeKey = tuple[str, int, str]  # workbook's time, file's time, name


class ReturnPreparer:
    """Turns files into returns that can be merged, or into reports of why not.

    Args:
        context: The school, its store and the moment.
        issued: The issues and pupils to check against; issues are loaded as needed.
        collection: The only collection to take, or None for each return's own.
        named_paths: The paths that the user named file by file.
    """

    def __init__(
        self,
        context: Context,
        issued: IssuedContext,
        collection: str | None,
        named_paths: AbstractSet[Path],
    ) -> None:
        self.context = context
        self.school = context.school
        self.issued = issued
        self.collection = collection
        self.named_paths = named_paths
        self.key = self.school.key()

    def prepare_all(self, files: Sequence[ReadFile]) -> Iterator[Return | FileReport]:
        """A return or a report for each file; the store is read once for all."""
        proofs = [self._prove(file) for file in files]
        issue_ids = {
            sheet.issue_id
            for proof in proofs
            if not isinstance(proof, FileReport)
            for sheet in proof.identity.sheets
        }
        if issue_ids - set(self.issued.rows):
            with self.context.store.begin() as connection:
                self.issued.load_rows(connection, issue_ids)
        for file, proof in zip(files, proofs, strict=True):
            if isinstance(proof, FileReport):
                yield proof
            else:
                yield self._prepare(file, proof)

    def refuse(self, file: ReadFile) -> FileReport:
        """The report of a file that could not be read."""
        code, detail = file.refused or ("reader-died", "")
        return self._reject(file, None, code, *refusal_message(code, detail))

    def _prove(self, file: ReadFile) -> Proof | FileReport:
        """The proved identity of a file, or the report of why it has none."""
        try:
            if file.book is None:
                return self.refuse(file)
            return prove_identity(file.book, self.key)
        except ReturnRefused as refusal:
            return self._reject(file, None, refusal.code, refusal.what, refusal.do)

    def _prepare(self, file: ReadFile, proof: Proof) -> Return | FileReport:
        assert file.book is not None  # its identity is proved
        identity = proof.identity
        try:
            identified = identify_return(
                file.book,
                proof,
                self.context,
                self.issued,
                key=self.key,
                collection_code=self.collection,
            )
            checked = check_return(
                identified,
                self.issued,
                self.context.tables,
                effort=self.school.settings.flags.effort,
                today=self.context.today,
                uses_1904_dates=file.book.uses_1904_dates,
            )
        except ReturnRefused as refusal:
            return self._reject(file, identity, refusal.code, refusal.what, refusal.do)
        except MarkbookError as error:
            return self._reject(file, identity, "settings", error.what, error.do)
        name = shown_path(file.path, self.school.folder)
        problems = [*identified.problems, *checked.problems]
        return Return(
            path=file.path,
            file=name,
            sha256=file.sha256,
            mtime_ns=file.mtime_ns,
            returned_at=_local_time(file.mtime_ns),
            modified=identified.modified,
            collection=identified.collection.code,
            academic_year=identity.academic_year,
            classes=identified.classes,
            changed_classes=checked.changed_classes,
            issues={sheet.issue.class_code: sheet.issue for sheet in identified.sheets},
            entries=checked.entries,
            blank=checked.blank_count,
            problems=tuple(replace(problem, file=name) for problem in problems),
            scales=checked.scales,
            previous_predictions=self._previous_predictions(identified),
            is_named=file.path in self.named_paths,
            notes={
                sheet.sheet.name: cells
                for sheet in identified.sheets
                if (cells := _note_cells(sheet))
            },
        )

    def _previous_predictions(
        self, identified: IdentifiedReturn
    ) -> dict[tuple[str, str], str]:
        """The predictions that the markbook shows for the collection before."""
        predictions = {}
        for sheet in identified.sheets:
            headings = [
                key.removeprefix("earlier:")
                for key in sheet.identity.columns
                if key.startswith("earlier:")
            ]
            if not headings:
                continue
            rows = self.issued.rows.get(sheet.issue.issue_id, {})
            for (subject, adno), row in rows.items():
                if subject == sheet.identity.subject:
                    shown = row.locked.get(headings[-1], "")
                    predictions[subject, adno] = grade_part(shown)
        return predictions

    def _reject(
        self, file: ReadFile, identity: Identity | None, code: str, what: str, do: str
    ) -> FileReport:
        name = shown_path(file.path, self.school.folder)
        sheets = identity.sheets if identity else ()
        return FileReport(
            file=name,
            path=file.path,
            status="rejected",
            classes=tuple(dict.fromkeys(sheet.class_code for sheet in sheets)),
            collection=identity.collection if identity else "",
            problems=(Problem(file=name, code=code, what=what, do=do),),
            sha256=file.sha256,
            returned_at=_local_time(file.mtime_ns),
        )


def _note_cells(sheet: LocatedSheet) -> tuple[str, ...]:
    """The cells under `Your notes` that are not blank."""
    column = sheet.headings.get(sheet.layout.heading("notes"))
    if column is None:
        return ()
    cells = {
        row: sheet.sheet.cells.get((row, column), BLANK_CELL) for row in sheet.rows()
    }
    return tuple(
        cell_reference(row, column)
        for row, cell in cells.items()
        if cell.formula is not None or tidy(cell.text)
    )


def _local_time(mtime_ns: int) -> str:
    if not mtime_ns:
        return ""
    try:
        moment = datetime.fromtimestamp(mtime_ns / 1e9)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.isoformat(timespec="seconds")


@dataclass(slots=True)
class MergeOrder:
    """Reads the files of a run and yields their returns in the order of merging.

    Args:
        preparer: Turns a file into a return, or rejects it.
        passwords: Teacher -> password, for encrypted files.
        divert: Takes a file that is no return and returns True; or None.
        pool: The processes that read the files.
        on_checked: Called with each file's name when it has been checked.
        rejected: The files that are no returns, filled as they are read.
        diverted: The files that `divert` took, likewise.
    """

    preparer: ReturnPreparer
    passwords: Mapping[str, str]
    divert: Callable[[ReadFile], bool] | None
    pool: WorkerPool
    on_checked: Callable[[str], None]
    rejected: list[FileReport] = field(default_factory=list)
    diverted: list[Path] = field(default_factory=list)

    def returns(self, files: Sequence[Path]) -> Generator[Return]:
        """The returns among files, each as soon as no unread file can precede it."""
        undated, dated = self._arrange(files)
        reading = self.pool.read([*undated, *(path for _, path in dated)])
        waiting: list[tuple[MergeKey, int, Return]] = []
        checked = 0
        while batch := list(islice(reading, BATCH)):
            for returned in self._check_batch(batch):
                checked += 1
                if returned:
                    heappush(waiting, (returned.merge_order, checked, returned))
                if checked < len(undated):
                    continue
                # Yielded one at a time: the next is checked while the disk writes.
                unread = dated[checked - len(undated) :][:1]
                while waiting and (not unread or waiting[0][0] < unread[0][0]):
                    yield heappop(waiting)[2]

    def _arrange(
        self, files: Sequence[Path]
    ) -> tuple[list[Path], list[tuple[MergeKey, Path]]]:
        """The files that must be read to know their order, and the others in order."""
        if len(files) <= FEW:
            return list(files), []
        undated, dated = [], []
        times = self.pool.read_save_times(files)
        folder = self.preparer.school.folder
        for path, (saved, mtime_ns) in zip(files, times, strict=True):
            if modified := utc_text(saved):
                dated.append(((modified, mtime_ns, shown_path(path, folder)), path))
            else:
                undated.append(path)
        return undated, sorted(dated)

    def _check_batch(self, batch: Sequence[ReadFile]) -> Iterator[Return | None]:
        """For each file in order, its return; None if it is none."""
        files = [read_decrypted(file, self.passwords) for file in batch]
        diverted = [bool(self.divert and self.divert(file)) for file in files]
        prepared = self.preparer.prepare_all(
            [
                file
                for file, is_other in zip(files, diverted, strict=True)
                if not is_other
            ]
        )
        for file, is_other in zip(files, diverted, strict=True):
            self.on_checked(shown_path(file.path, self.preparer.school.folder))
            result = None if is_other else next(prepared)
            if is_other:
                self.diverted.append(file.path)
            elif isinstance(result, FileReport):
                self.rejected.append(result)
            yield result if isinstance(result, Return) else None
