"""The jobs of the year, one function each: the same for every face.

Each opens the store, calls the engineers of the job and closes it. The moment is
always an argument, so that a run can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from generator import export as exporting
from generator import issue as issuing
from generator import packs as packing
from generator import targets as targeting
from generator.files import publish
from generator.measuring import results_told
from generator.mis import import_exports as arrivals
from generator.mis import read_exports
from generator.mis.results import import_results as results_in
from generator.mis.results.read_results import read_results
from generator.mis.results.results_report import ResultsReport
from generator.packs import import_returned
from generator.problems import Problem
from generator.returns import chase as chasing
from generator.returns import collect as collecting
from generator.returns import doctor as doctoring
from generator.returns import undo as undoing
from generator.returns.chase_report import ChaseReport
from generator.returns.collect_report import CollectReport
from generator.returns.doctor_report import Diagnosis
from generator.returns.undo_report import UndoReport
from generator.school.reference import reference
from generator.school.school import SETTINGS_FILE, School, academic_year_of
from generator.store import collection_codes
from generator.store import problems as found
from generator.store.engine import Store
from generator.xlsx import refusals, worker_pool
from udfs.errors import MarkbookError

Tick = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class NewSchool:
    """A school folder that was just made."""

    folder: Path
    problems: tuple[Problem, ...] = ()
    exit_status: int = 0

    def json(self) -> dict[str, Any]:
        """Where it is."""
        return {"folder": str(self.folder)}

    def lines(self) -> list[str]:
        """What to do next."""
        return [
            f"Made {self.folder}. Look through {SETTINGS_FILE}, put the exports of "
            "your MIS into exports/, then run `markbook import` there.",
        ]


@contextmanager
def _opened(school: School) -> Iterator[Store]:
    store = Store.open(school.folder, school.settings.school.database)
    try:
        yield store
    finally:
        store.close()


def new(folder: Path, *, today: date, name: str = "") -> NewSchool:
    """Make a school folder with commented settings.

    Raises:
        MarkbookError: If there is a school already, or the folder cannot be made.
    """
    if (folder / SETTINGS_FILE).exists():
        raise MarkbookError(
            f"{folder} is a school already: it has a {SETTINGS_FILE}.",
            "Name another folder, or change the settings that are there.",
        )
    if folder.exists() and not folder.is_dir():
        raise MarkbookError(f"{folder} is a file.", "Name a folder.")
    year = academic_year_of(today)
    shown = name or folder.resolve().name.replace("-", " ").replace("_", " ").strip()
    template = files("workbook_templates").joinpath("school.toml")
    text = Template(template.read_text(encoding="utf-8")).substitute(
        name=(shown or "Our school").replace("\\", " ").replace('"', " "),
        academic_year=year,
        first=year[:4],
        second=int(year[:4]) + 1,
    )
    publish(folder / SETTINGS_FILE, text.encode())
    for place in ("exports", "returned", "tables"):
        (folder / place).mkdir(exist_ok=True)
    return NewSchool(folder)


def import_exports(
    school: School,
    files: Sequence[Path] = (),
    *,
    now: datetime,
    who: str,
    progress: Tick | None = None,
) -> arrivals.ImportReport:
    """Bring MIS exports into the store.

    Args:
        school: The school.
        files: The files; none means everything in `exports/`.
        now: The moment of the import.
        who: Who is doing it.
        progress: Told of each file read.

    Raises:
        MarkbookError: If a file cannot be read at all; nothing is stored then.
    """
    chosen = list(files) or read_exports.export_files(school.exports)
    read = read_exports.read_exports(
        chosen, school.settings.columns, root=school.folder, progress=progress
    )
    with _opened(school) as store, store.begin() as connection:
        report = arrivals.store_exports(
            connection,
            read,
            academic_year=school.academic_year,
            today=now.date(),
            now=now,
            who=who,
            tables=reference(school),
        )
        for file in read.files:
            found.replace_problems(
                connection,
                file,
                [p for p in report.problems if p.file == file],
                academic_year=school.academic_year,
                collection="",
                now=now,
            )
    return report


def draft_targets(school: School, *, now: datetime, who: str) -> targeting.DraftReport:
    """Draft a target for every pupil and subject, by the school's method."""
    with _opened(school) as store, store.begin() as connection:
        return targeting.draft(connection, school, reference(school), now=now, who=who)


def moderate_targets(
    school: School, *, now: datetime, who: str, progress: Tick | None = None
) -> targeting.ModerationReport:
    """Write a moderation workbook for each department."""
    with _opened(school) as store:
        return targeting.moderate(
            store, school, reference(school), now=now, who=who, progress=progress
        )


def review_targets(
    school: School,
    *,
    years: Sequence[int] = (),
    now: datetime,
    who: str,
    progress: Tick | None = None,
) -> targeting.ModerationReport:
    """Write the proposals for raises of a round of review; nothing changes.

    Raises:
        MarkbookError: If no round is due and no year is named.
    """
    with _opened(school) as store:
        return targeting.review(
            store,
            school,
            reference(school),
            years=years,
            now=now,
            who=who,
            progress=progress,
        )


def apply_targets(
    school: School, file: Path, *, now: datetime, who: str
) -> targeting.ApplyReport:
    """Take what was agreed in a moderation workbook.

    Raises:
        MarkbookError: If the file cannot be read or is not one of ours; nothing is
            stored then.
    """
    if not file.is_file():
        raise MarkbookError(f"There is no file {file}.", "Name a workbook.")
    (taken,) = worker_pool.read_files([file])
    if taken.book is None:
        code, detail = taken.refused or ("reader-died", "")
        what, do = (
            text.replace("markbook", "moderation workbook")
            for text in refusals.refusal_message(code, detail)
        )
        raise MarkbookError(f"{file.name}: {what}", do)
    shown = file.name
    if file.resolve().is_relative_to(school.folder.resolve()):
        shown = file.resolve().relative_to(school.folder.resolve()).as_posix()
    with _opened(school) as store, store.begin() as connection:
        return targeting.apply(
            connection,
            school,
            reference(school),
            taken.book,
            file=shown,
            sha256=taken.sha256,
            now=now,
            who=who,
        )


def target_history(school: School, adno: str) -> targeting.HistoryReport:
    """Every version of a pupil's targets: who, when, why, from what."""
    with _opened(school) as store, store.begin() as connection:
        return targeting.history(connection, adno)


def issue(
    school: School,
    collection: str | None = None,
    *,
    classes: Sequence[str] = (),
    by: str | None = None,
    encrypt: bool = False,
    now: datetime,
    who: str,
    progress: Tick | None = None,
) -> issuing.IssueReport:
    """Write a collection's markbooks and record what was issued.

    Raises:
        MarkbookError: If no collection is meant, or a class is not known.
    """
    chosen = (
        school.collection(collection)
        if collection
        else school.open_collection(now.date())
    )
    with _opened(school) as store:
        with store.begin() as connection:
            collection_codes.use(connection, chosen, school.academic_year)
        return issuing.issue(
            store,
            school,
            reference(school),
            chosen,
            classes=classes,
            by=by,
            encrypt=encrypt,
            now=now,
            who=who,
            progress=progress,
        )


def collect(
    school: School,
    *,
    collection: str | None = None,
    paths: Sequence[Path] = (),
    take: str | None = None,
    dry: bool = False,
    now: datetime,
    who: str,
    progress: Tick | None = None,
) -> CollectReport:
    """Read returns and merge them; with `dry`, say what that would do.

    Packs among them are taken too: what was written into them is stored.

    Raises:
        MarkbookError: If a path is not there, or the collection is not known.
    """
    if collection is not None:
        school.collection(collection)
    packs: list[worker_pool.ReadFile] = []

    def aside(taken: worker_pool.ReadFile) -> bool:
        if taken.book is None or not import_returned.is_pack(taken.book):
            return False
        packs.append(taken)
        return True

    with _opened(school) as store:
        report = collecting.collect(
            store,
            school,
            reference(school),
            collection=collection,
            paths=list(paths) or [school.returned],
            take=take,
            dry=dry,
            now=now,
            who=who,
            progress=progress,
            aside=aside,
        )
        if not packs:
            return report
        notes = _packs_back(store, school, packs, dry=dry, now=now, who=who)
    return replace(report, notes=(*report.notes, *notes))


def _packs_back(
    store: Store,
    school: School,
    packs: Sequence[worker_pool.ReadFile],
    *,
    dry: bool,
    now: datetime,
    who: str,
) -> list[str]:
    """Take what was written into packs, the oldest first, and say what it was."""
    notes: list[str] = []
    with store.rehearse() if dry else store.begin() as connection:
        for taken in sorted(packs, key=lambda one: (one.mtime_ns, str(one.path))):
            assert taken.book is not None  # else it was not put aside
            shown = taken.path.name
            if taken.path.resolve().is_relative_to(school.folder.resolve()):
                inside = taken.path.resolve().relative_to(school.folder.resolve())
                shown = inside.as_posix()
            back = import_returned.take(
                connection, taken.book, file=shown, key=school.key(), now=now, who=who
            )
            found.replace_problems(
                connection,
                shown,
                back.problems,
                academic_year=school.academic_year,
                collection=back.record.collection if back.record else "",
                now=now,
            )
            notes += back.lines()
    return notes


def undo(school: School, name: str, *, now: datetime, who: str) -> UndoReport:
    """Take back what a return changed.

    Raises:
        MarkbookError: If no return, or more than one, is called so.
    """
    with _opened(school) as store:
        return undoing.undo(store, school, name, now=now, who=who)


def doctor(school: School, file: Path, *, now: datetime) -> Diagnosis:
    """What a file is, what was done to it and what became of it.

    Raises:
        MarkbookError: If there is no such file, or it cannot be opened.
    """
    with _opened(school) as store:
        return doctoring.doctor(
            store, school, reference(school), file, today=now.date()
        )


def chase(
    school: School, collection: str | None = None, *, now: datetime
) -> ChaseReport:
    """Who has not returned, or not finished, by teacher; and `chase.xlsx`."""
    chosen = (
        school.collection(collection)
        if collection
        else school.open_collection(now.date())
    )
    with _opened(school) as store, store.begin() as connection:
        report = chasing.chase(
            connection, school, reference(school), chosen, today=now.date()
        )
    packing.write_chase(school, chosen, report.rows, now=now)
    return report


def results(
    school: School,
    files: Sequence[Path],
    *,
    academic_year: str | None = None,
    now: datetime,
    who: str,
) -> ResultsReport:
    """Read results of examinations into the store.

    Args:
        school: The school.
        files: The lists of results, CSV or XLSX.
        academic_year: The year they are of; None: the one whose pupils they are of.
        now: The moment.
        who: Who is doing it.

    Raises:
        MarkbookError: If a file cannot be read, or the academic year cannot be told;
            nothing is stored then.
    """
    tables = reference(school)
    with _opened(school) as store, store.begin() as connection:
        named = results_in.subject_titles(connection, tables)
        read = read_results(
            files, tables, named, school.settings.columns, root=school.folder
        )
        report = results_in.store_results(
            connection,
            school,
            tables,
            read,
            named,
            academic_year=academic_year,
            now=now,
            who=who,
        )
        for file in read.files:
            found.replace_problems(
                connection,
                file,
                [p for p in report.problems if p.file == file],
                academic_year=school.academic_year,
                collection="",
                now=now,
            )
        headline: dict[str, Any] = {}
        said: list[str] = []
        for year in report.academic_years:
            figures, sentences = results_told.told(connection, school, tables, year)
            headline |= {year: figures}
            said += sentences
    return replace(report, headline=headline, said=tuple(said))


def pack(
    school: School,
    collection: str | None = None,
    kinds: Sequence[str] = (),
    *,
    encrypt: bool = False,
    now: datetime,
    who: str,
    progress: Tick | None = None,
) -> packing.PackReport:
    """Write the leaders' workbooks of a collection.

    Raises:
        MarkbookError: If a kind or the collection is not known.
    """
    chosen = None
    if collection:
        chosen = school.collection(collection)
    elif list(kinds) != ["results"]:  # which are of no collection
        packing.check_kinds(kinds, [one.code for one in school.settings.collections])
        chosen = school.open_collection(now.date())
    with _opened(school) as store:
        return packing.packs(
            store,
            school,
            reference(school),
            chosen,
            kinds,
            now=now,
            who=who,
            encrypt=encrypt,
            progress=progress,
        )


def export(
    school: School,
    table: str,
    *,
    collection: str | None = None,
    out: Path,
    now: datetime,
) -> exporting.ExportReport:
    """Write one table of the store as CSV.

    Raises:
        MarkbookError: If there is no such table or collection.
    """
    with _opened(school) as store, store.begin() as connection:
        return exporting.export(
            connection,
            school,
            reference(school),
            table,
            collection=collection,
            out=out,
            today=now.date(),
        )
