"""Issue a collection: write the markbooks that changed, leave the others as they are.

A file goes into place before the ledger records it, so that the ledger never names a
file that is not there. The next run writes again whatever an interrupted run wrote
and did not record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import select

from generator.files import publish
from generator.issue.file_plan import (
    MarkbookFile,
    class_digest,
    has_uncollected_work,
    needs_writing,
    plan_files,
    select_classes,
    set_aside,
)
from generator.issue.report import (
    IssueReport,
    class_refused,
    copied_aside,
    empty_classes,
    filled_in,
    nobody_to_issue,
    second_copy,
    signed_anew,
    stays_encrypted,
    unknown_scales,
)
from generator.issue.write import (
    SEND_FILE,
    IssueJob,
    encrypted_files,
    plan_job,
    publish_passwords,
    send_list,
    write_files,
)
from generator.markbook.class_lists import ClassList, class_lists
from generator.markbook.ladders import Ladders, read_ladders
from generator.problems import Problem
from generator.report import Progress
from generator.run import LOCAL
from generator.school.school import Collection
from generator.store import roster, schema
from generator.store.class_aliases import aliases_of_collection
from generator.store.issues import Issue, latest_issues
from generator.store.passwords import ensure_passwords
from generator.xlsx.encryption import is_encrypted_file
from generator.xlsx.sheet_password import SheetPassword

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
    progress: Progress | None = None,
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
    judged = collection.style == "judgement"
    ladders = read_ladders(context.school.folder) if judged else Ladders()
    records = _load_records(context, collection, ladders, is_selective=bool(classes))
    taught = records.classes["class"].tolist()
    selected = select_classes(classes, records.class_lists, taught, collection)
    run = _IssueRun(context, collection, records, selected)
    run.plan_files(by or context.school.settings.issue.by, taught)
    run.problems += ladders.problems
    run.plan_jobs(encrypt=encrypt)
    run.write(encrypt=encrypt, where=where, progress=progress)
    run.remove_outdated()
    run.publish_lists()
    empty = (
        []
        if classes
        else empty_classes(records.classes, records.class_lists, collection)
    )
    return run.report(empty)


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
    academic_year = context.school.academic_year
    returns = schema.returns.c
    hashes = select(returns.sha256).where(returns.status.in_(_COLLECTED))
    with context.store.begin() as connection:
        lists = class_lists(connection, context, collection, ladders=ladders)
        records = _Records(
            class_lists={class_list.code: class_list for class_list in lists},
            issues=latest_issues(connection, collection.code),
            classes=roster.classes(connection, academic_year),
            staff=roster.staff(connection, academic_year),
            collected=frozenset(connection.execute(hashes).scalars()),
        )
        if not (lists or records.issues or is_selective):
            raise nobody_to_issue(connection, context.school, collection)
    return records


@dataclass(slots=True)
class _IssueRun:
    """One run of `issue`, step by step.

    Args:
        context: The school, its store, the moment of issue and who issues.
        collection: The collection.
        records: What the store held before.
        selected: The codes of the classes to issue.
        files: The files of those classes.
        jobs: The files to write.
        teachers: File -> the teacher whose password encrypts it.
        passwords: Teacher -> password, if any file is encrypted.
        written: The files written, below the school folder.
        removed: The files deleted, likewise.
        on_disk: Class -> its latest issue, if its file exists.
        problems: What to correct or look at.
    """

    context: Context
    collection: Collection
    records: _Records
    selected: set[str]
    files: list[MarkbookFile] = field(default_factory=list)
    jobs: list[IssueJob] = field(default_factory=list)
    teachers: dict[Path, str] = field(default_factory=dict)
    passwords: Mapping[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    on_disk: dict[str, Issue] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def plan_files(self, by: str, taught: Sequence[str]) -> None:
        """Group the classes into files, except those on an unknown scale.

        Args:
            by: `class` or `teacher`.
            taught: Every class code of the year.
        """
        lists = self.records.class_lists
        unknown = unknown_scales(lists.values(), self.context.tables)
        self.problems += [p for p in unknown if p.value in self.selected]
        refused = {problem.value for problem in self.problems}
        files = plan_files(
            self.context.school,
            self.collection,
            [lists[code] for code in lists if code not in refused],
            by,
            taught,
        )
        self.files = [file for file in files if self.selected & set(file.class_codes)]

    def plan_jobs(self, *, encrypt: bool) -> None:
        """Plan a job for each file that is missing or whose content has changed."""
        context, collection = self.context, self.collection
        latest, collected = self.records.issues, self.records.collected
        digests = {
            class_list.code: class_digest(
                class_list, context.school, collection, context.tables
            )
            for file in self.files
            for class_list in file.classes
        }
        unrequested = []  # files that stay encrypted because an earlier issue was
        encrypted_before = encrypted_files(context.school, collection)
        password = SheetPassword.from_password(
            context.school.settings.issue.password, context.school.key()
        )
        for file in self.files:
            is_encrypted = is_encrypted_file(file.path)
            lacks_encryption = encrypt and not is_encrypted
            if not (lacks_encryption or needs_writing(file, digests, latest)):
                continue
            if has_uncollected_work(file.path, latest.values(), collected):
                self.problems.append(filled_in(file, collection))
                continue
            older = set_aside(file.path, latest.values(), collected, context.today)
            if older is not None:
                self.problems.append(copied_aside(file, older.name))
            former = {latest[code].file for code in file.class_codes if code in latest}
            if encrypt or is_encrypted or encrypted_before & {file.name, *former}:
                self.teachers[file.path] = file.teacher
                unrequested += [] if encrypt else [file.name]
            job = plan_job(
                context,
                collection,
                file,
                digests=digests,
                latest=latest,
                sheet_password=password,
            )
            self.jobs.append(job)
        if unrequested:
            self.problems.append(stays_encrypted(unrequested, collection))
        self._report_new_key()

    def _report_new_key(self) -> None:
        """Note the files of which a former key signed the issue before."""
        former = {c for c, issue in self.records.issues.items() if not issue.digest}
        names = [
            job.file.name for job in self.jobs if former & set(job.file.class_codes)
        ]
        if names:
            self.problems.append(signed_anew(names))

    def write(self, *, encrypt: bool, where: str, progress: Progress | None) -> None:
        """Write the files, and note those that could not be written."""
        school = self.context.school
        if encrypt or self.teachers:
            with self.context.store.begin() as connection:
                self.passwords = ensure_passwords(
                    connection,
                    school.academic_year,
                    [file.teacher for file in self.files],
                    school.key(),
                )
        results = write_files(
            self.context,
            self.jobs,
            where=where,
            passwords={p: self.passwords[code] for p, code in self.teachers.items()},
            progress=progress,
        )
        for job, result in results:
            self.written += [job.file.name] if result.sha256 else []
            self.problems += class_refused(job.file, result.refusal)

    def remove_outdated(self) -> None:
        """Delete the files that hold no class any more, unless somebody filled them in.

        Also notes which files exist.
        """
        folder, before = self.context.school.folder, self.records.issues
        with self.context.store.begin() as connection:
            issues = latest_issues(connection, self.collection.code)
            aliases = aliases_of_collection(connection, self.collection.code)
        current = {code: issues[code] for code in issues if code not in aliases}
        former = {latest.file for latest in before.values()}
        for name in sorted(former - {latest.file for latest in current.values()}):
            if has_uncollected_work(folder / name, before.values(), frozenset()):
                self.problems.append(second_copy(name, current, before))
            elif (folder / name).is_file():
                (folder / name).unlink()
                self.removed.append(name)
        self.on_disk = {
            code: latest
            for code, latest in current.items()
            if code in self.records.class_lists and (folder / latest.file).is_file()
        }

    def publish_lists(self) -> None:
        """Write `send.csv`, and `passwords.csv` if there are passwords."""
        if not self.on_disk:
            return
        school = self.context.school
        lists, staff = self.records.class_lists.values(), self.records.staff
        teachers = {class_list.code: class_list.teachers for class_list in lists}
        folder = school.issued(self.collection.code)
        publish(folder / SEND_FILE, send_list(self.on_disk, teachers, staff))
        if self.passwords:
            publish_passwords(
                school, folder, self.on_disk, lists, self.passwords, staff
            )

    def report(self, empty: Sequence[Problem]) -> IssueReport:
        """The report of the run.

        Args:
            empty: The warnings about classes without pupils.
        """
        school, problems = self.context.school, [*self.problems, *empty]
        selected = [
            self.on_disk[code] for code in self.on_disk if code in self.selected
        ]
        return IssueReport(
            collection=self.collection.code,
            folder=school.issued(self.collection.code)
            .relative_to(school.folder)
            .as_posix(),
            classes=len(selected),
            pupils=sum(issue.pupils for issue in selected),
            written=tuple(sorted(self.written)),
            unchanged=len(self.files) - len(self.jobs),
            removed=tuple(self.removed),
            refused=tuple(
                sorted(p.value for p in problems if p.code in _REFUSED_CODES)
            ),
            empty=tuple(problem.value for problem in empty),
            problems=tuple(problems),
        )
