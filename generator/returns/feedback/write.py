"""Write the feedback of a run: marked copies for teachers, a report for the office."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from generator.files import CannotWrite, publish
from generator.problems import Problem
from generator.returns.collect_report import CollectReport, FileReport
from generator.returns.feedback.annotate import annotate
from generator.returns.feedback.corrections_sheet import Correction, corrections
from generator.returns.feedback.report_workbook import report_workbook
from generator.returns.merge_rules import Return
from generator.store.problems import open_problems
from generator.xlsx.encryption import change_encrypted, is_encrypted_file
from generator.xlsx.patch import PatchError
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worker_pool import WorkerPool

if TYPE_CHECKING:
    from generator.context import Context

REPORT = "report.xlsx"
MOST_STARTED = 64  # copies started before it is certain that they are needed


def write_feedback(
    context: Context,
    report: CollectReport,
    returned: Sequence[Return],
    copies: MarkedCopies,
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write `checked/C/…` after a run.

    The last return of each markbook in the run gets a marked copy if a cell of it
    needs attention. If none does, the copy of an earlier run is deleted.

    Args:
        context: The school, its store and the moment.
        report: What the run did.
        returned: The returns of the run, in the order of merging.
        copies: Makes the marked copies; some may be started already.

    Returns:
        The files written, and lines about those that could not be.
    """
    school = context.school
    written: list[Path] = []
    notes: list[str] = []
    sources = {each.path for each in report.reports}
    marked: list[tuple[Path, Return, Callable[[], bytes]]] = []
    for latest, file_report in _latest(returned, report.reports):
        path = school.checked(latest.collection) / _markbook_name(latest)
        if path in sources:
            path = path.with_name(f"{path.stem}-checked{path.suffix}")
        if needs_copy(file_report.problems):
            marked.append((path, latest, copies.copy_of(latest, file_report.problems)))
        elif file_report.status != "unchanged":
            notes += delete_copy(path)
    codes = sorted(code for code in report.missing if school.has_collection(code))
    with context.store.begin() as connection:
        open_rows = {code: _open_problems(connection, code) for code in codes}
    workbooks = {
        school.checked(code) / REPORT: report_workbook(
            report,
            collection=code,
            title=school.collection(code).title,
            open_problems=open_rows[code],
            pupils=copies.names,
            now=context.now,
        )
        for code in codes
    }
    for path, latest, copy in marked:
        if note := _publish_copy(path, latest, copy):
            notes.append(note)
        else:
            written.append(path)
    for path, data in workbooks.items():
        try:
            publish(path, data)
            written.append(path)
        except CannotWrite as error:
            notes.append(str(error))
    return tuple(written), tuple(notes)


def _open_problems(connection: Connection, collection: str) -> list[dict[str, str]]:
    rows = open_problems(connection, collection=collection)
    return [
        {str(name): str(value) for name, value in row.items()}
        for row in rows.to_dict("records")
    ]


def delete_copy(path: Path) -> list[str]:
    """Delete a marked copy that is out of date; lines about why it stays, if so."""
    if not path.exists():
        return []
    try:
        path.unlink(missing_ok=True)
    except OSError as error:  # somebody has it open
        return [
            f"{path} is out of date and could not be deleted ({error.strerror}); "
            "delete it yourself."
        ]
    return []


def _latest(
    returned: Sequence[Return], reports: Iterable[FileReport]
) -> Iterable[tuple[Return, FileReport]]:
    """The last return of each markbook that says something, with its report."""
    by_file = {report.file: report for report in reports}
    latest: dict[tuple[str, str], tuple[Return, FileReport]] = {}
    for each in returned:
        report = by_file[each.file]
        settled = sum(report.counts.get(v, 0) for v in ("new", "changed", "same"))
        if report.status == "unchanged" and not report.problems:
            continue
        if report.is_reread and not settled:
            continue  # its marked copy exists already, and says more
        latest[each.collection, _markbook_name(each)] = (each, report)
    return latest.values()


def _markbook_name(returned: Return) -> str:
    issue = next(iter(returned.issues.values()))
    return PurePosixPath(issue.file).name


def _publish_copy(path: Path, returned: Return, copy: Callable[[], bytes]) -> str:
    """Publish a marked copy; the reason if it fails."""
    file = returned.file
    try:
        publish(path, copy())
    except (PatchError, FileRefused) as error:
        reason = error.args[0]
        return f"{file} could not be marked up ({reason}); its faults are in {REPORT}."
    except OSError as error:
        return f"{file} could not be marked up ({error.strerror})."
    except CannotWrite as error:
        return str(error)
    return ""


def needs_copy(problems: Sequence[Problem]) -> bool:
    """Whether any problem of a return is about a cell."""
    return any(problem.cell for problem in problems)


@dataclass(slots=True)
class MarkedCopies:
    """Makes marked copies of returns, in the processes that have read them.

    Args:
        pool: Those processes, with the tasks of `worker_tasks`.
        names: Admission number -> the pupil's name.
        passwords: Teacher -> password; the copy of an encrypted return is encrypted.
        contact: Whom a teacher may ask, or empty.
    """

    pool: WorkerPool
    names: Mapping[str, str]
    passwords: Mapping[str, str]
    contact: str
    _started: dict[str, Future[Any]] = field(default_factory=dict)

    def start(self, returned: Return, problems: Sequence[Problem]) -> None:
        """Start a copy that is probably needed, unless a later return replaces it."""
        if len(self._started) < MOST_STARTED and needs_copy(problems):
            if not is_encrypted_file(returned.path):
                self._started[returned.file] = self._submit(returned, problems)

    def copy_of(
        self, returned: Return, problems: Sequence[Problem]
    ) -> Callable[[], bytes]:
        """A function that returns the copy of a return, or raises why there is none."""
        future = self._started.get(returned.file)
        if future is None and is_encrypted_file(returned.path):
            return lambda: self._encrypted_copy(returned, problems)
        future = future or self._submit(returned, problems)

        def finish() -> bytes:
            answer = future.result()
            if answer is None:
                raise PatchError("marking it took too long")
            if "error" in answer:
                raise PatchError(answer["error"])
            return base64.b64decode(answer["copy"])

        return finish

    def _submit(self, returned: Return, problems: Sequence[Problem]) -> Future[Any]:
        rows = [asdict(correction) for correction in self._corrections(problems)]
        return self.pool.submit(
            {
                "task": "annotate",
                "path": str(returned.path),
                "sha256": returned.sha256,
                "title": _title(returned),
                "corrections": rows,
            }
        )

    def _encrypted_copy(self, returned: Return, problems: Sequence[Problem]) -> bytes:
        data = returned.path.read_bytes()
        if hashlib.sha256(data).hexdigest() != returned.sha256:
            raise PatchError("it has changed since it was read")
        rows = self._corrections(problems)
        copy = change_encrypted(
            data,
            returned.path,
            self.passwords,
            lambda book: annotate(book, rows, title=_title(returned)),
        )
        if copy is None:
            raise PatchError("it is encrypted with a password of its own")
        return copy

    def _corrections(self, problems: Sequence[Problem]) -> list[Correction]:
        return corrections(problems, self.names, contact=self.contact)


def _title(returned: Return) -> str:
    return ", ".join(returned.classes)
