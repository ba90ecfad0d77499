"""Issue a collection: write the markbooks that changed, leave the others as they are.

A file goes into place before the ledger records it, so that the ledger never names a
file that is not there. The next run writes again whatever an interrupted run wrote
and did not record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import Connection, select

from generator.files import publish
from generator.issue.file_plan import (
    MarkbookFile,
    class_digest,
    has_uncollected_work,
    needs_writing,
    plan_files,
    set_aside,
)
from generator.issue.report import (
    IssueReport,
    class_refused,
    empty_classes,
    filled_in,
    nobody_to_issue,
    older_kept,
    second_copy,
    stays_encrypted,
    unknown_scales,
)
from generator.issue.send_lists import (
    SEND_FILE,
    encrypted_files,
    publish_passwords,
    send_list,
)
from generator.issue.write import IssueJob, Tick, plan_job, write_files
from generator.markbook.class_lists import ClassList, class_lists
from generator.markbook.ladders import Ladders, read_ladders
from generator.names import safe_name
from generator.problems import Problem
from generator.run import LOCAL
from generator.school.school import Collection
from generator.store import issues, roster, schema
from generator.store.issues import Issue
from generator.store.passwords import ensure
from generator.xlsx.encryption import is_encrypted
from generator.xlsx.sheet_password import Lock
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.context import Context

# Statuses of returns whose cells are in the store.
_COLLECTED = ("merged", "unchanged", "superseded")
_REFUSED_CODES = ("scale-unknown", "class-refused")


def issue(
    context: Context,
    collection: Collection,
    *,
    classes: Sequence[str] = (),
    by: str | None = None,
    encrypt: bool = False,
    where: str = LOCAL,
    progress: Tick | None = None,
) -> IssueReport:
    """Write a collection's markbooks and record what was issued.

    Every class with a pupil in the collection's years is issued, with those pupils.
    A file is written if it is missing or its content has changed.

    Args:
        context: The school, its store, and the moment of issue: pupils who have
            left by its day are not listed.
        collection: The collection.
        classes: Only these classes; empty for all.
        by: `class` or `teacher`: a file each. None: as `school.toml` says.
        encrypt: Whether to encrypt each file with the password of the teacher who
            leads it; an unencrypted file is then written again.
        where: Where the work runs, as in `generator.run`.
        progress: Called after each file with its number, their total and its name.

    Raises:
        MarkbookError: If one of `classes` is not a class of this collection, or no
            class has a pupil.
    """
    school = context.school
    judged = collection.style == "judgement"
    ladders = read_ladders(school.folder) if judged else Ladders()
    records = _load_records(context, collection, ladders, is_selective=bool(classes))
    selected = _select_classes(classes, records, collection)
    unknown = [
        problem
        for problem in unknown_scales(records.class_lists.values(), context.tables)
        if problem.value in selected
    ]
    files = plan_files(
        school,
        collection,
        [
            class_list
            for code, class_list in records.class_lists.items()
            if code not in {problem.value for problem in unknown}
        ],
        by or school.settings.issue.by,
        records.classes["class"].tolist(),
    )
    files = [file for file in files if selected & set(file.class_codes)]
    plan = _plan_jobs(context, collection, files, records, encrypt=encrypt)
    passwords: Mapping[str, str] = {}
    if encrypt or plan.teachers:
        with context.store.begin() as connection:
            passwords = ensure(
                connection,
                school.academic_year,
                [file.teacher for file in files],
                school.key(),
            )
    results = write_files(
        context,
        plan.jobs,
        where=where,
        passwords={path: passwords[code] for path, code in plan.teachers.items()},
        progress=progress,
    )
    with context.store.begin() as connection:
        current = issues.latest(connection, collection.code)
    removed, second_copies = _remove_outdated(school.folder, records.issues, current)
    on_disk = {
        code: latest
        for code, latest in current.items()
        if code in records.class_lists and (school.folder / latest.file).is_file()
    }
    _publish_lists(context, collection, on_disk, records, passwords)
    empty = (
        []
        if classes
        else empty_classes(records.classes, records.class_lists, collection)
    )
    problems = [
        *unknown,
        *ladders.problems,
        *plan.problems,
        *(
            p
            for job, result in results
            for p in class_refused(job.file, result.refused)
        ),
        *second_copies,
        *empty,
    ]
    return IssueReport(
        collection=collection.code,
        folder=school.issued(collection.code).relative_to(school.folder).as_posix(),
        classes=sum(code in selected for code in on_disk),
        pupils=sum(now.pupils for code, now in on_disk.items() if code in selected),
        written=tuple(
            sorted(job.file.name for job, result in results if result.sha256)
        ),
        unchanged=len(files) - len(plan.jobs),
        removed=tuple(removed),
        refused=tuple(sorted(p.value for p in problems if p.code in _REFUSED_CODES)),
        empty=tuple(problem.value for problem in empty),
        problems=tuple(problems),
    )


@dataclass(frozen=True, slots=True)
class _Records:
    """The store's records of a collection before it is issued.

    Args:
        class_lists: Class -> its list, by class code.
        issues: Class -> its latest issue.
        classes: The classes of the academic year.
        staff: The staff of the academic year.
        collected: The SHA-256 of every file that was collected.
    """

    class_lists: Mapping[str, ClassList]
    issues: Mapping[str, Issue]
    classes: pd.DataFrame
    staff: pd.DataFrame
    collected: frozenset[str]


def _load_records(
    context: Context, collection: Collection, ladders: Ladders, *, is_selective: bool
) -> _Records:
    school = context.school
    with context.store.begin() as connection:
        lists = class_lists(
            connection,
            school,
            context.tables,
            collection,
            today=context.today.isoformat(),
            ladders=ladders,
        )
        records = _Records(
            class_lists={class_list.code: class_list for class_list in lists},
            issues=issues.latest(connection, collection.code),
            classes=roster.classes(connection, school.academic_year),
            staff=roster.staff(connection, school.academic_year),
            collected=_collected_hashes(connection),
        )
        if not (lists or records.issues or is_selective):
            raise nobody_to_issue(connection, school, collection)
    return records


def _collected_hashes(connection: Connection) -> frozenset[str]:
    returns = schema.returns.c
    query = select(returns.sha256).where(returns.status.in_(_COLLECTED))
    return frozenset(connection.execute(query).scalars())


def _select_classes(
    requested: Sequence[str], records: _Records, collection: Collection
) -> set[str]:
    """The codes of the classes to issue: those requested, or all that have pupils."""
    if not requested:
        return set(records.class_lists)
    codes = records.classes["class"].tolist()
    selected = set()
    for text in requested:
        alike = [code for code in codes if _match_key(code) == _match_key(text)]
        code = text if text in codes else alike[0] if len(alike) == 1 else None
        if code is None:
            near = get_close_matches(text, codes, n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else "Import it first."
            raise MarkbookError(f"There is no class {text!r}.", hint)
        if code not in records.class_lists:
            years = ", ".join(str(year) for year in collection.years)
            raise MarkbookError(
                f"The class {code} has no pupil of {collection.title} (years {years}).",
                "Name another collection, or add the year to it in school.toml.",
            )
        selected.add(code)
    return selected


def _match_key(code: str) -> str:
    # A class's file name finds the class: `10x-Ma1` finds 10x/Ma1.
    return safe_name(code).casefold()


@dataclass(slots=True)
class _Plan:
    """The files to write.

    Args:
        jobs: One for each file.
        teachers: File -> the teacher whose password encrypts it.
        problems: Files that are not written, or replace one with work in it.
    """

    jobs: list[IssueJob] = field(default_factory=list)
    teachers: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def _plan_jobs(
    context: Context,
    collection: Collection,
    files: Sequence[MarkbookFile],
    records: _Records,
    *,
    encrypt: bool,
) -> _Plan:
    """Plan a job for each file that is missing or whose content has changed."""
    school, latest = context.school, records.issues
    digests = {
        class_list.code: class_digest(class_list, school, collection, context.tables)
        for file in files
        for class_list in file.classes
    }
    plan = _Plan()
    unrequested = []  # files that stay encrypted because an earlier issue was
    encrypted_before = encrypted_files(school, collection)
    lock = Lock.of(school.settings.issue.password, school.key())
    for file in files:
        is_sealed = is_encrypted(file.path)
        lacks_encryption = encrypt and not is_sealed
        if not (lacks_encryption or needs_writing(file, digests, latest)):
            continue
        if has_uncollected_work(file.path, latest.values(), records.collected):
            plan.problems.append(filled_in(file, collection))
            continue
        older = set_aside(file.path, latest.values(), records.collected, context.today)
        if older is not None:
            plan.problems.append(older_kept(file, older.name))
        former = {latest[code].file for code in file.class_codes if code in latest}
        if encrypt or is_sealed or encrypted_before & {file.name, *former}:
            plan.teachers[file.path] = file.teacher
            unrequested += [] if encrypt else [file.name]
        plan.jobs.append(
            plan_job(
                context, collection, file, digests=digests, latest=latest, lock=lock
            )
        )
    if unrequested:
        plan.problems.append(stays_encrypted(unrequested, collection))
    return plan


def _remove_outdated(
    folder: Path, before: Mapping[str, Issue], current: Mapping[str, Issue]
) -> tuple[list[str], list[Problem]]:
    """Delete the files that no class is in any more, unless somebody filled them in.

    Returns:
        The files deleted, and a problem for each that stays.
    """
    removed, problems = [], []
    former = {latest.file for latest in before.values()}
    for name in sorted(former - {latest.file for latest in current.values()}):
        if has_uncollected_work(folder / name, before.values(), frozenset()):
            problems.append(second_copy(name, current, before))
        elif (folder / name).is_file():
            (folder / name).unlink()
            removed.append(name)
    return removed, problems


def _publish_lists(
    context: Context,
    collection: Collection,
    on_disk: Mapping[str, Issue],
    records: _Records,
    passwords: Mapping[str, str],
) -> None:
    """Write `send.csv`, and `passwords.csv` if there are passwords."""
    if not on_disk:
        return
    lists, staff = records.class_lists.values(), records.staff
    teachers = {class_list.code: class_list.teachers for class_list in lists}
    folder = context.school.issued(collection.code)
    publish(folder / SEND_FILE, send_list(on_disk, teachers, staff))
    if passwords:
        publish_passwords(context.school, folder, on_disk, lists, passwords, staff)
