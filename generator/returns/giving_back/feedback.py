"""What a collection gives back: marked copies for teachers, a report for the office."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from generator.files import CannotWrite, publish
from generator.markbook.sealing import is_encrypted
from generator.returns.account import CollectReport, FileReport
from generator.returns.gathering import absolute
from generator.returns.giving_back import marking_desk
from generator.returns.giving_back.markup import mark_up
from generator.returns.giving_back.patching import CannotPatch
from generator.returns.giving_back.report import report_workbook
from generator.returns.giving_back.to_put_right import Item, items
from generator.returns.merging.verdicts import Return
from generator.returns.reading.reading_room import ReadingRoom
from generator.returns.reading.refusals import Refused
from generator.returns.reading.unsealing import marked_as_it_came
from generator.school import School

REPORT = "report.xlsx"


def write_feedback(
    school: School,
    account: CollectReport,
    returned: Sequence[Return],
    *,
    room: ReadingRoom,
    names: Mapping[str, str],
    standing: Mapping[str, Sequence[Mapping[str, str]]],
    now: datetime,
    passwords: Mapping[str, str] | None = None,
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write `checked/C/…` after a run.

    The last return of each markbook in the run is marked up if a cell of it needs
    looking at; where none does, the marked copy of an earlier run is taken away.

    Args:
        school: The school.
        account: What the run did.
        returned: The returns of the run, in the order of merging.
        room: Where the files were read, opened with `marking_desk.BOOT`.
        names: Admission number -> the pupil's name.
        standing: Collection -> the problems of its files in the store.
        now: The moment of the run.
        passwords: Teacher -> password: what came back encrypted is marked up
            encrypted.

    Returns:
        The files written, and lines about those that could not be.
    """
    written: list[Path] = []
    notes: list[str] = []
    sources = {absolute(report.path) for report in account.reports}
    by_file = {report.file: report for report in account.reports}
    copies: list[tuple[Path, Return, Callable[[], bytes]]] = []
    for one in _latest(returned, by_file):
        report = by_file[one.file]
        path = school.checked(one.collection) / _name(one)
        if absolute(path) in sources:
            path = path.with_name(f"{path.stem}-checked{path.suffix}")
        if any(problem.cell for problem in report.problems):
            contact = school.settings.school.contact
            found = items(report.problems, dict(names), contact=contact)
            copies.append((path, one, _marked(one, found, room, passwords or {})))
        elif report.status != "unchanged":
            notes += take_away(path)
    reports = []
    for code in _collections(school, account):
        path = school.checked(code) / REPORT
        data = report_workbook(
            account,
            collection=code,
            title=school.collection(code).title,
            standing=standing.get(code, ()),
            pupils=names,
            now=now,
        )
        reports.append((path, data))
    for path, one, copy in copies:
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


def take_away(path: Path) -> list[str]:
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
        if report.again and not settled:
            continue  # its marked copy is there already, and says more
        found[one.collection, _name(one)] = one
    return found.values()


def _name(one: Return) -> str:
    issued = next(iter(one.issues.values()))
    return PurePosixPath(issued.file).name


def _marked(
    one: Return, found: Sequence[Item], room: ReadingRoom, passwords: Mapping[str, str]
) -> Callable[[], bytes]:
    """Have a return marked up: asked for its copy, the answer gives or explains it."""
    title = ", ".join(one.classes)
    if not is_encrypted(one.path):
        answer = marking_desk.ask(room, one.path, one.sha256, found, title)
        return lambda: marking_desk.copy_of(answer)

    def here() -> bytes:
        data = one.path.read_bytes()
        if hashlib.sha256(data).hexdigest() != one.sha256:
            raise CannotPatch(marking_desk.CHANGED)
        copy = marked_as_it_came(
            data, one.path, passwords, lambda book: mark_up(book, found, title=title)
        )
        if copy is None:
            raise CannotPatch("it is encrypted with a password of its own")
        return copy

    return here


def _publish_copy(path: Path, one: Return, copy: Callable[[], bytes]) -> str:
    try:
        publish(path, copy())
    except (CannotPatch, Refused) as error:
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
