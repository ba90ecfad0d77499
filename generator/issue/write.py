"""Write the files of an issue, record them in the ledger, and list who gets which."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pandas as pd

from generator.files import PASSWORDS_FILE, excel_csv, publish_password_list
from generator.issue.file_plan import (
    NO_TEACHER,
    MarkbookFile,
    entry_sheet_names,
    lead_teacher,
)
from generator.markbook.batch_writer import (
    WriteResult,
    estimate_seconds,
    make_batches,
    write_batch,
)
from generator.markbook.class_lists import ClassList
from generator.markbook.identity import make_issue_id
from generator.markbook.layout import EntrySheet, Markbook, PupilRow, locked_text
from generator.report import Progress
from generator.run import run
from generator.school.school import Collection, School
from generator.store import issues as ledger
from generator.store import targets
from generator.store.issues import Issue, IssuedRow
from generator.xlsx.encryption import is_encrypted_file
from generator.xlsx.sheet_password import SheetPassword

if TYPE_CHECKING:
    from generator.context import Context

LONG = 1.0  # seconds; shorter work is done here, before another process has started
ISSUES_AT_ONCE = 500  # classes recorded in one transaction


@dataclass(frozen=True, slots=True)
class IssueJob:
    """One file to write.

    Args:
        file: The file and its classes.
        markbook: Its content.
        issues: Its rows for the ledger, one a class, still without the file's hash.
    """

    file: MarkbookFile
    markbook: Markbook
    issues: tuple[Issue, ...]


def plan_job(
    context: Context,
    collection: Collection,
    file: MarkbookFile,
    *,
    digests: Mapping[str, str],
    latest: Mapping[str, Issue],
    sheet_password: SheetPassword | None = None,
) -> IssueJob:
    """The job that writes a file.

    Args:
        context: The school, the moment of issue and who issues.
        collection: The collection.
        file: The file.
        digests: Class -> its digest.
        latest: Class -> its latest issue until now.
        sheet_password: The password of locked sheets, or None.
    """
    school = context.school
    issued_at = _issue_time(file, latest, context.now)
    unnamed = [sheet for class_list in file.classes for sheet in class_list.sheets]
    sheets = tuple(
        replace(sheet, name=name)
        for sheet, name in zip(unnamed, entry_sheet_names(file.classes), strict=True)
    )
    issues = []
    for class_list in file.classes:
        code = class_list.code
        class_sheets = [sheet for sheet in sheets if sheet.class_code == code]
        rows = [_ledger_row(sheet, row) for sheet in class_sheets for row in sheet.rows]
        stamped = [(row.subject, row.adno, row.stamped) for row in rows]
        content = [school.id, collection.code, digests[code], issued_at, stamped]
        issues.append(
            Issue(
                issue_id=make_issue_id(content),
                academic_year=school.academic_year,
                collection=collection.code,
                class_code=code,
                file=file.name,
                pupils=class_list.pupils,
                issued_at=issued_at,
                issued_by=context.who,
                digest=digests[code],
                sha256="",
                sheets=[_ledger_sheet(sheet) for sheet in class_sheets],
                rows=rows,
            )
        )
    markbook = _markbook(sheets, issues, school, collection, issued_at, sheet_password)
    return IssueJob(file, markbook, tuple(issues))


def _issue_time(file: MarkbookFile, latest: Mapping[str, Issue], now: datetime) -> str:
    # No two issues of a class have the same time, so that their order is known.
    moment = now.replace(microsecond=0)
    for code in file.class_codes:
        if before := latest.get(code):
            later = datetime.fromisoformat(before.issued_at) + timedelta(seconds=1)
            moment = max(moment, later)
    return moment.isoformat()


def _markbook(
    sheets: tuple[EntrySheet, ...],
    issues: Sequence[Issue],
    school: School,
    collection: Collection,
    issued_at: str,
    sheet_password: SheetPassword | None,
) -> Markbook:
    settings = school.settings
    return Markbook(
        school=settings.school.name,
        school_id=school.id,
        academic_year=school.academic_year,
        collection=collection.code,
        collection_name=collection.title,
        opens=collection.opens.isoformat(),
        closes=collection.closes.isoformat(),
        issued_at=issued_at,
        sheets=sheets,
        issue_ids={issue.class_code: issue.issue_id for issue in issues},
        effort=settings.flags.effort,
        fine=settings.flags.fine,
        targets_on_board=settings.issue.targets_on_board,
        print_groups=settings.issue.print_groups,
        contact=settings.school.contact,
        owner=settings.school.name,
        lock=sheet_password,
    )


def _ledger_row(sheet: EntrySheet, row: PupilRow) -> IssuedRow:
    return IssuedRow(
        subject=sheet.subject,
        adno=row.adno,
        target=row.target,
        aspirational=row.aspirational,
        locked={
            column.heading: locked_text(column, row)
            for column in sheet.columns
            if not column.entry and column.key not in ("flag", "check")
        },
        stamped=dict(row.entries),
    )


def _ledger_sheet(sheet: EntrySheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "subject": sheet.subject,
        "scale": sheet.scale,
        "style": sheet.style,
        "columns": [column.key for column in sheet.columns],
        "headings": [column.heading for column in sheet.columns],
    }


def write_files(
    context: Context,
    jobs: Sequence[IssueJob],
    *,
    where: str,
    passwords: Mapping[Path, str],
    progress: Progress | None = None,
) -> list[tuple[IssueJob, WriteResult]]:
    """Write every file, and record each in the ledger once it is in place.

    Args:
        context: The school, its store, the moment of issue and who issues.
        jobs: The files to write.
        where: Where the work runs, as in `generator.run`.
        passwords: File -> the password that encrypts it.
        progress: Called after each file with its number, their total and its name.
    """
    work = partial(
        write_batch,
        run=uuid4().hex,
        tables=context.tables,
        key=context.school.key(),
    )
    by_path = {job.file.path: job for job in jobs}
    batches = make_batches(((job.file.path, job.markbook) for job in jobs), passwords)
    is_long = sum(estimate_seconds(batch) for batch in batches) > LONG
    min_pool_jobs = 0 if is_long else len(batches) + 1
    results: list[tuple[IssueJob, WriteResult]] = []
    unrecorded: list[Issue] = []
    try:
        for batch, answers in run(
            work, batches, where=where, chunk=1, min_pool_jobs=min_pool_jobs
        ):
            for copy, answer in zip(batch, answers, strict=True):
                job = by_path[copy.path]
                results.append((job, answer))
                if progress:
                    progress(len(results), len(jobs), job.file.name)
                if not answer.refusal:
                    unrecorded += [
                        replace(issue, sha256=answer.sha256) for issue in job.issues
                    ]
            if len(unrecorded) >= ISSUES_AT_ONCE:
                _record(context, unrecorded)
                unrecorded = []
    finally:
        # Files in place are recorded even if the others could not be written.
        _record(context, unrecorded)
    return results


def _record(context: Context, issues: Sequence[Issue]) -> None:
    if not issues:
        return
    pairs = [
        (row.adno, row.subject) for issue in issues for row in issue.rows if row.target
    ]
    with context.store.begin() as connection:
        ledger.record_issues(connection, issues)
        targets.mark_targets_issued(
            connection,
            pairs,
            context.now,
            context.who,
            academic_year=context.school.academic_year,
        )


SEND_FILE = "send.csv"
COLUMNS = ("who", "name", "email", "files", "classes", "lead")


def send_list(
    latest: Mapping[str, Issue],
    teachers: Mapping[str, Sequence[str]],
    staff: pd.DataFrame,
) -> bytes:
    """The list of who gets which markbook: a row for each teacher.

    Args:
        latest: Class -> its latest issue.
        teachers: Class -> the codes of its teachers, the lead first.
        staff: The staff (code, name, email).

    Returns:
        A CSV file: `files` (below the school folder) and `classes` are joined by
        `;`; `lead` lists the classes that the teacher leads.
    """
    people = {
        code: (name, email)
        for code, name, email in zip(
            staff["code"], staff["name"], staff["email"], strict=True
        )
    }
    classes: dict[str, list[str]] = {}
    for code in sorted(latest):
        for teacher in teachers.get(code, ()) or (NO_TEACHER,):
            classes.setdefault(teacher, []).append(code)
    rows = []
    for teacher, codes in sorted(classes.items()):
        name, email = people.get(teacher, ("", ""))
        leads = [c for c in codes if lead_teacher(teachers.get(c, ())) == teacher]
        files = dict.fromkeys(latest[code].file for code in codes)
        rows.append(
            (teacher, name, email, ";".join(files), ";".join(codes), ";".join(leads))
        )
    return excel_csv(COLUMNS, rows)


def encrypted_files(school: School, collection: Collection) -> frozenset[str]:
    """The files, below the school folder, that `passwords.csv` has a password for."""
    path = school.issued(collection.code) / PASSWORDS_FILE
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return frozenset()
    return frozenset(
        name
        for row in rows
        if row.get("password")
        for name in (row.get("files") or "").split(";")
        if name
    )


def publish_passwords(
    school: School,
    folder: Path,
    latest: Mapping[str, Issue],
    lists: Iterable[ClassList],
    passwords: Mapping[str, str],
    staff: pd.DataFrame,
) -> None:
    """Write `passwords.csv`, which must not travel with the files.

    It has a row for each teacher who leads a class whose file is encrypted: `files`
    are below the school folder, `also_for` are the co-teachers of those classes.

    Args:
        school: The school.
        folder: The folder to write it into.
        latest: Class -> its latest issue.
        lists: The class lists.
        passwords: Teacher -> password.
        staff: The staff (code, name).
    """
    names = dict(zip(staff["code"], staff["name"], strict=True))
    files: dict[str, dict[str, None]] = {}
    others: dict[str, dict[str, None]] = {}
    for class_list in lists:
        issue = latest.get(class_list.code)
        if issue is not None and is_encrypted_file(school.folder / issue.file):
            lead = lead_teacher(class_list.teachers)
            files.setdefault(lead, {})[issue.file] = None
            co_teachers = dict.fromkeys(class_list.teachers[1:])
            others.setdefault(lead, {}).update(co_teachers)
    rows = [
        (code, names.get(code, ""), passwords.get(code, ""), files[code], others[code])
        for code in sorted(files)
    ]
    publish_password_list(folder, rows)
