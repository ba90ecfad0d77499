"""What a collection gives back: marked copies for teachers, a report for the office."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from generator.files import CannotWrite, publish
from generator.returns.account import CollectReport, FileReport
from generator.returns.gathering import absolute
from generator.returns.giving_back import marking_desk
from generator.returns.giving_back.copies import MarkedCopies, to_mark
from generator.returns.giving_back.patching import CannotPatch
from generator.returns.giving_back.report import report_workbook
from generator.returns.merging.verdicts import Return
from generator.returns.reading.refusals import Refused
from generator.school import School

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
        if to_mark(report.problems):
            marked.append((path, one, copies.of(one, report.problems)))
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
