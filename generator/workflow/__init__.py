"""The jobs of the year, one function each: the same for every front end.

Each opens the store, runs the job and closes the store. The moment is always an
argument, so that a run can be repeated. A function imports what its job needs: no
command waits for the libraries of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.report import StoppedPartway
from generator.workflow.corrections import add_pupil as add_pupil
from generator.workflow.corrections import assign_class as assign_class
from generator.workflow.corrections import end_class as end_class
from generator.workflow.corrections import end_pupil as end_pupil
from generator.workflow.corrections import merge_classes as merge_classes
from generator.workflow.corrections import move_pupil as move_pupil
from generator.workflow.corrections import remove_pupil as remove_pupil
from generator.workflow.corrections import rename_class as rename_class
from generator.workflow.corrections import reopen_collection as reopen_collection
from generator.workflow.corrections import return_pupil as return_pupil
from generator.workflow.corrections import set_mark as set_mark
from generator.workflow.corrections import set_target as set_target
from generator.workflow.documents import reports as reports
from generator.workflow.open_school import audited, enter, open_context, open_store
from generator.workflow.overview import imports as imports
from generator.workflow.overview import status as status
from generator.workflow.recovery import adopt as adopt
from generator.workflow.recovery import back_up as back_up
from generator.workflow.recovery import renew_key as renew_key
from generator.workflow.recovery import restore as restore
from generator.workflow.recovery import verify_audit as verify_audit
from generator.workflow.sending import send as send
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.context import Context
    from generator.corrections import CorrectionReport
    from generator.export import ExportReport
    from generator.issue.report import IssueReport
    from generator.mis.departures import Completeness
    from generator.mis.import_exports import ImportOptions
    from generator.mis.import_report import ImportReport
    from generator.mis.results.results_report import ResultsReport
    from generator.packs.write_packs import PackReport
    from generator.report import Progress
    from generator.returns.chase_report import ChaseReport
    from generator.returns.collect_report import CollectReport
    from generator.returns.doctor_report import DoctorReport
    from generator.returns.undo_report import UndoReport
    from generator.school.new_school import NewSchoolReport
    from generator.school.school import Collection, School
    from generator.targets import (
        ApplyReport,
        DraftReport,
        HistoryReport,
        ModerationReport,
    )
    from generator.xlsx.worker_pool import ReadFile


def _collection(school: School, code: str | None, now: datetime) -> Collection:
    return school.collection(code) if code else school.open_collection(now.date())


def new(folder: Path, *, today: date, name: str = "") -> NewSchoolReport:
    """Make a school folder with commented settings.

    Raises:
        MarkbookError: If there is a school already, or the folder cannot be made.
    """
    from generator.school.new_school import make_school

    return make_school(folder, today=today, name=name)


def import_exports(
    school: School,
    files: Sequence[Path] = (),
    *,
    completeness: Completeness = "",
    now: datetime,
    who: str,
    progress: Progress | None = None,
) -> ImportReport:
    """Import MIS exports into the store.

    Args:
        school: The school.
        files: The files; none means everything in `exports/`.
        completeness: Whether the lists are of `everybody` or of `some` only; empty: a
            person is asked where most of a year would leave, or a class would end.
        now: The moment of the import.
        who: The person who imports them.
        progress: Called for each file read.

    Raises:
        MarkbookError: If a file cannot be read at all; nothing is stored then.
    """
    from generator.files import file_sha256
    from generator.mis import import_exports, read_exports
    from generator.store.problems import replace_problems_of_files
    from generator.store.roster import save_last_import

    paths = list(files) or read_exports.export_files(school.exports)
    exports = read_exports.read_exports(
        paths,
        school.settings.columns,
        root=school.folder,
        progress=progress,
    )
    with (
        open_context(school, now=now, who=who, command="import_exports") as context,
        context.store.begin() as connection,
    ):
        report = import_exports.store_exports(
            connection,
            exports,
            academic_year=school.academic_year,
            today=context.today,
            now=now,
            who=who,
            options=_import_options(context, completeness),
        )
        hashes = {path.name: file_sha256(path) for path in paths}
        save_last_import(
            connection, now=now, who=who, files=exports.files, hashes=hashes
        )
        replace_problems_of_files(
            connection,
            exports.files,
            report.problems,
            academic_year=school.academic_year,
            now=now,
        )
    return report


def _import_options(context: Context, completeness: Completeness) -> ImportOptions:
    from generator.mis.departures import DepartureRules
    from generator.mis.import_exports import ImportOptions

    settings = context.school.settings
    limits = settings.imports
    return ImportOptions(
        tables=context.tables,
        ks2_special_consideration=settings.targets.ks2_special_consideration,
        departures=DepartureRules(completeness, limits.leavers, limits.leavers_share),
    )


def draft_targets(school: School, *, now: datetime, who: str) -> DraftReport:
    """Draft a target for every pupil and subject, by the school's method."""
    from generator.targets import draft

    with (
        open_context(school, now=now, who=who, command="draft_targets") as context,
        context.store.begin() as connection,
    ):
        return draft(connection, context)


def moderate_targets(
    school: School, *, now: datetime, who: str, progress: Progress | None = None
) -> ModerationReport:
    """Write a moderation workbook for each department."""
    from generator.targets import moderate

    with open_context(school, now=now, who=who, command="moderate_targets") as context:
        return moderate(context, progress=progress)


def review_targets(
    school: School,
    *,
    years: Sequence[int] = (),
    now: datetime,
    who: str,
    progress: Progress | None = None,
) -> ModerationReport:
    """Write the proposals for raises of a round of review; nothing changes.

    Raises:
        MarkbookError: If no round is due and no year is named.
    """
    from generator.targets import review

    with open_context(school, now=now, who=who, command="review_targets") as context:
        return review(context, years=years, progress=progress)


def apply_targets(
    school: School, file: Path, *, now: datetime, who: str
) -> ApplyReport:
    """Apply a filled-in moderation workbook.

    Raises:
        MarkbookError: If the file cannot be read or is not one of ours; nothing is
            stored then.
    """
    from generator.names import shown_path
    from generator.targets import apply
    from generator.xlsx.refusals import refusal_message
    from generator.xlsx.worker_pool import read_files

    if not file.is_file():
        raise MarkbookError(f"There is no file {file}.", "Name a workbook.")
    (workbook,) = read_files([file])
    if workbook.book is None:
        code, detail = workbook.refused or ("reader-died", "")
        what, do = (
            text.replace("markbook", "moderation workbook")
            for text in refusal_message(code, detail)
        )
        raise MarkbookError(f"{file.name}: {what}", do)
    with (
        open_context(school, now=now, who=who, command="apply_targets") as context,
        context.store.begin() as connection,
    ):
        return apply(
            connection,
            context,
            workbook.book,
            file=shown_path(file, school.folder, short=True),
            sha256=workbook.sha256,
        )


def target_history(school: School, adno: str, *, now: datetime) -> HistoryReport:
    """Every version of a pupil's targets: who, when, why, from what."""
    from generator.targets import history

    with open_store(school, now=now) as store, store.begin() as connection:
        return history(connection, adno)


def issue(
    school: School,
    collection: str | None = None,
    *,
    classes: Sequence[str] = (),
    by: str | None = None,
    encrypt: bool = False,
    without_targets: bool = False,
    now: datetime,
    who: str,
    progress: Progress | None = None,
) -> IssueReport:
    """Write a collection's markbooks and record what was issued.

    Raises:
        MarkbookError: If no collection is meant, a class does not exist, or most
            pupils have no target and that is not meant (`without_targets`).
    """
    from generator.issue import issue
    from generator.issue.require_targets import require_targets
    from generator.store.collection_codes import claim_code

    chosen = _collection(school, collection, now)
    with open_context(school, now=now, who=who, command="issue") as context:
        with context.store.begin() as connection:
            claim_code(connection, chosen, school.academic_year)
        if not without_targets:
            require_targets(context, chosen)
        return issue(
            context,
            chosen,
            classes=classes,
            by=by,
            encrypt=encrypt,
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
    progress: Progress | None = None,
) -> CollectReport:
    """Read returns and merge them; with `dry`, report what that would do.

    Packs among them are imported too: what readers wrote into them is stored.

    Raises:
        MarkbookError: If a path or the collection does not exist.
    """
    from generator.packs.import_returned import is_pack
    from generator.returns.collect import collect

    if collection is not None:
        collection = school.collection(collection).code
    packs: list[ReadFile] = []

    def divert(file: ReadFile) -> bool:
        if file.book is None or not is_pack(file.book):
            return False
        packs.append(file)
        return True

    with open_context(
        school, now=now, who=who, command="" if dry else "collect"
    ) as context:
        report = collect(
            context,
            list(paths) or [school.returned],
            collection=collection,
            take=take,
            dry=dry,
            progress=progress,
            divert=divert,
        )
        if not packs:
            return report
        try:
            notes = _import_packs(context, packs, dry=dry)
        except MarkbookError as error:
            if dry:
                raise
            stored = "The returns are stored, the packs are not."
            raise StoppedPartway(error, stored, report) from None
    return replace(report, notes=(*report.notes, *notes))


def _import_packs(
    context: Context, packs: Sequence[ReadFile], *, dry: bool
) -> list[str]:
    """Import what readers wrote into packs, the oldest first; the lines of a report."""
    from generator.names import shown_path
    from generator.packs import import_returned
    from generator.store.problems import replace_problems

    school, store = context.school, context.store
    notes: list[str] = []
    with store.dry_run() if dry else store.begin() as connection:
        for pack in sorted(packs, key=lambda pack: (pack.mtime_ns, str(pack.path))):
            assert pack.book is not None  # else it was not diverted
            file = shown_path(pack.path, school.folder, short=True)
            imported = import_returned.import_pack(
                connection,
                pack.book,
                file=file,
                key=school.key(),
                now=context.now,
                who=context.who,
            )
            replace_problems(
                connection,
                file,
                imported.problems,
                academic_year=school.academic_year,
                collection=imported.record.collection if imported.record else "",
                now=context.now,
            )
            notes += imported.lines()
    return notes


def undo(
    school: School, name: str, *, now: datetime, who: str
) -> UndoReport | CorrectionReport:
    """Revert what a return, a correction or an import changed.

    Args:
        school: The school.
        name: The id of a correction (`K7`) or an import (`I12`), or a return's id, file
            name or path.
        now: The moment.
        who: The person who undoes it.

    Raises:
        MarkbookError: If nothing, or more than one return, has this name, or something
            later stands on a correction.
    """
    from generator.corrections import undo_correction, undo_import
    from generator.returns.undo import undo
    from generator.store.corrections import parse_id
    from generator.store.imports import parse_import_id

    for parse, undo_number in (
        (parse_id, undo_correction),
        (parse_import_id, undo_import),
    ):
        number = parse(name)
        if number is not None:
            with (
                open_context(school, now=now, who=who, command="undo") as context,
                context.store.begin() as connection,
            ):
                return undo_number(connection, context, number)
    with (
        open_store(school, now=now) as store,
        audited(store, school, "undo", now=now, who=who),
    ):
        return undo(store, school, name, now=now, who=who)


def doctor(school: School, file: Path, *, now: datetime) -> DoctorReport:
    """What a file is, what was done to it and what became of it.

    Raises:
        MarkbookError: If there is no such file, or it cannot be opened.
    """
    from generator.returns.doctor import doctor

    with open_context(school, now=now) as context:
        return doctor(context, file)


def chase(
    school: School, collection: str | None = None, *, now: datetime
) -> ChaseReport:
    """Who has not returned, or not finished, by teacher; writes `chase.xlsx`."""
    from generator.packs.chase_workbook import write_chase
    from generator.returns.chase import chase

    chosen = _collection(school, collection, now)
    with open_context(school, now=now) as context:
        report = chase(context, chosen)
    write_chase(school, chosen, report.rows, now=now)
    return report


def results(
    school: School,
    files: Sequence[Path],
    *,
    academic_year: str | None = None,
    as_results: bool = False,
    now: datetime,
    who: str,
) -> ResultsReport:
    """Import exam results into the store.

    Args:
        school: The school.
        files: The lists of results, CSV or XLSX.
        academic_year: Their year; None: that of the pupils in them.
        as_results: Whether a list whose headings say forecast, mock, target or
            teacher-assessed is read as results.
        now: The moment.
        who: The person who imports them.

    Raises:
        MarkbookError: If no file holds results, or the academic year is not clear;
            nothing is stored then.
    """
    from generator.measuring.results_headline import results_headline
    from generator.mis.results.import_results import store_results, subject_titles
    from generator.mis.results.read_results import read_results
    from generator.store.problems import replace_problems_of_files

    with (
        open_context(school, now=now, who=who, command="results") as context,
        context.store.begin() as connection,
    ):
        tables = context.tables
        titles = subject_titles(connection, tables, as_results=as_results)
        lists = read_results(
            files, tables, titles, school.settings.columns, root=school.folder
        )
        report = store_results(
            connection, context, lists, titles, academic_year=academic_year
        )
        replace_problems_of_files(
            connection,
            lists.files,
            report.problems,
            academic_year=school.academic_year,
            now=now,
        )
        headline: dict[str, Any] = {}
        sentences: list[str] = []
        for year in report.academic_years:
            figures, lines = results_headline(connection, school, tables, year)
            headline |= {year: figures}
            sentences += lines
    return replace(report, headline=headline, headline_lines=tuple(sentences))


def pack(
    school: School,
    collection: str | None = None,
    kinds: Sequence[str] = (),
    *,
    encrypt: bool = False,
    now: datetime,
    who: str,
    progress: Progress | None = None,
) -> PackReport:
    """Write the leaders' workbooks of a collection.

    Raises:
        MarkbookError: If a kind or the collection does not exist.
    """
    from generator.packs.registry import PACK_KINDS
    from generator.packs.write_packs import check_kinds, write_packs

    chosen = None
    by_key = {kind.casefold(): kind for kind in PACK_KINDS}
    kinds = [by_key.get(kind.strip().casefold(), kind.strip()) for kind in kinds]
    if collection:
        chosen = school.collection(collection)
    elif list(kinds) != ["results"]:  # which belong to no collection
        check_kinds(kinds, [each.code for each in school.settings.collections])
        chosen = school.open_collection(now.date())
    with open_context(school, now=now, who=who, command="pack") as context:
        report = write_packs(context, chosen, kinds, encrypt=encrypt, progress=progress)
        files = [school.folder / name for name in report.files]
        enter(context.store, school, "pack", files=files, now=now, who=who)
        return report


def export(
    school: School,
    table: str,
    *,
    collection: str | None = None,
    out: Path,
    excel: bool = False,
    now: datetime,
    who: str = "",
) -> ExportReport:
    """Write one table of the store as CSV.

    Args:
        school: The school.
        table: Its name.
        collection: Only this collection's rows, or None for all.
        out: The file to write.
        excel: Whether people open it in Excel: no text is then taken for a formula.
        now: The moment.
        who: The person, for the audit; empty for a program that asks for itself.

    Raises:
        MarkbookError: If there is no such table or collection.
    """
    from generator.export import export

    with open_context(school, now=now) as context:
        report = export(context, table, collection=collection, out=out, excel=excel)
        if who:
            store, what = context.store, f"table {report.table}"
            enter(store, school, "export", what, files=[out], now=now, who=who)
        return report
