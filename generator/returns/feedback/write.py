"""What a collection gives back: marked copies for teachers, a report for the office."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from generator.files import CannotWrite, publish
from generator.problems import Problem
from generator.returns.collect_report import CollectReport, FileReport
from generator.returns.feedback import marking_desk
from generator.returns.feedback.annotate import annotate
from generator.returns.feedback.corrections_sheet import Correction, corrections
from generator.returns.feedback.report_workbook import report_workbook
from generator.returns.find_files import absolute
from generator.returns.merge_rules import Return
from generator.school.school import School
from generator.xlsx.encryption import is_encrypted, marked_as_it_came
from generator.xlsx.patch import CannotPatch
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worker_pool import WorkerPool

REPORT = "report.xlsx"


def write_feedback(
    school: School,
    account: CollectReport,
    returned: Sequence[Return],
    *,
    copies: MarkedCopies,
    standing: Mapping[str, Sequence[Mapping[str, str]]],
    now: datetime,
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write `checked/C/…` after a run.

    The last return of each markbook in the run is marked up if a cell of it needs
    looking at; where none does, the marked copy of an earlier run is taken away.

    Args:
        school: The school.
        account: What the run did.
        returned: The returns of the run, in the order of merging.
        copies: Where they are marked up, some perhaps begun already.
        standing: Collection -> the problems of its files in the store.
        now: The moment of the run.

    Returns:
        The files written, and lines about those that could not be.
    """
    written: list[Path] = []
    notes: list[str] = []
    sources = {absolute(report.path) for report in account.reports}
    by_file = {report.file: report for report in account.reports}
    marked: list[tuple[Path, Return, Callable[[], bytes]]] = []
    for one in _latest(returned, by_file):
        report = by_file[one.file]
        path = school.checked(one.collection) / _name(one)
        if absolute(path) in sources:
            path = path.with_name(f"{path.stem}-checked{path.suffix}")
        if needs_copy(report.problems):
            marked.append((path, one, copies.copy_of(one, report.problems)))
        elif report.status != "unchanged":
            notes += delete_copy(path)
    reports = []
    for code in _collections(school, account):
        path = school.checked(code) / REPORT
        data = report_workbook(
            account,
            collection=code,
            title=school.collection(code).title,
            standing=standing.get(code, ()),
            pupils=copies.names,
            now=now,
        )
        reports.append((path, data))
    for path, one, copy in marked:
        if note := _publish_copy(path, one, copy):
            notes.append(note)
        else:
            written.append(path)
    for path, data in reports:
        try:
            publish(path, data)
            written.append(path)
        except CannotWrite as error:
            notes.append(str(error))
    return tuple(written), tuple(notes)


def delete_copy(path: Path) -> list[str]:
    """Delete a marked copy that says what is no longer so; lines of why it stays."""
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
    returned: Sequence[Return], reports: Mapping[str, FileReport]
) -> Iterable[Return]:
    found: dict[tuple[str, str], Return] = {}
    for one in returned:
        report = reports[one.file]
        settled = sum(report.counts.get(v, 0) for v in ("new", "changed", "same"))
        if report.status == "unchanged" and not report.problems:
            continue
        if report.is_reread and not settled:
            continue  # its marked copy is there already, and says more
        found[one.collection, _name(one)] = one
    return found.values()


def _name(one: Return) -> str:
    issued = next(iter(one.issues.values()))
    return PurePosixPath(issued.file).name


def _publish_copy(path: Path, one: Return, copy: Callable[[], bytes]) -> str:
    try:
        publish(path, copy())
    except (CannotPatch, FileRefused) as error:
        why = error.args[0]
        if why == marking_desk.CHANGED:
            return f"{one.file} has changed since it was read, and was not marked up."
        return f"{one.file} could not be marked up ({why}); its faults are in {REPORT}."
    except OSError as error:
        return f"{one.file} could not be marked up ({error.strerror})."
    except CannotWrite as error:
        return str(error)
    return ""


def _collections(school: School, account: CollectReport) -> Iterable[str]:
    """The collections that this run is about."""
    return sorted(code for code in account.missing if school.has_collection(code))


AT_HAND = 64  # copies that are begun before it is certain that they are wanted


def needs_copy(problems: Sequence[Problem]) -> bool:
    """Whether any of the problems of a return is one of a cell."""
    return any(problem.cell for problem in problems)


@dataclass(slots=True)
class MarkedCopies:
    """Has returns marked up by the process that has read them.

    Args:
        room: That, opened with a `BOOT` that marks.
        names: Admission number -> the pupil's name.
        passwords: Teacher -> password: what came back encrypted is marked up
            encrypted.
        contact: Whom a teacher asks, or empty.
    """

    room: WorkerPool
    names: Mapping[str, str]
    passwords: Mapping[str, str]
    contact: str
    _begun: dict[str, Future[Any]] = field(default_factory=dict)

    def start(self, one: Return, problems: Sequence[Problem]) -> None:
        """Begin a copy that is probably wanted: later returns may yet replace this."""
        if len(self._begun) < AT_HAND and needs_copy(problems):
            if not is_encrypted(one.path):
                self._begun[one.file] = self._asked(one, problems)

    def copy_of(self, one: Return, problems: Sequence[Problem]) -> Callable[[], bytes]:
        """The copy of a return: called, it gives or explains it."""
        if one.file not in self._begun and is_encrypted(one.path):
            return lambda: self._here(one, problems)
        made = self._begun.get(one.file) or self._asked(one, problems)
        return lambda: marking_desk.copy_of(made)

    def _asked(self, one: Return, problems: Sequence[Problem]) -> Future[Any]:
        return marking_desk.ask(
            self.room, one.path, one.sha256, self._items(problems), _title(one)
        )

    def _here(self, one: Return, problems: Sequence[Problem]) -> bytes:
        """The copy of an encrypted return."""
        data = one.path.read_bytes()
        if hashlib.sha256(data).hexdigest() != one.sha256:
            raise CannotPatch(marking_desk.CHANGED)
        found = self._items(problems)
        copy = marked_as_it_came(
            data,
            one.path,
            self.passwords,
            lambda book: annotate(book, found, title=_title(one)),
        )
        if copy is None:
            raise CannotPatch("it is encrypted with a password of its own")
        return copy

    def _items(self, problems: Sequence[Problem]) -> Sequence[Correction]:
        return corrections(problems, dict(self.names), contact=self.contact)


def _title(one: Return) -> str:
    return ", ".join(one.classes)
