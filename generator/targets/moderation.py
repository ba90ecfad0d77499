"""Write the moderation workbooks, and those of the rounds of review."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from generator.context import Context
from generator.files import publish
from generator.names import file_names
from generator.problems import Problem
from generator.report import Progress, Report
from generator.store import moderations
from generator.store.engine import Store
from generator.targets.build_forms import add_proposals, build_forms
from generator.targets.form import Kind, ModerationForm
from generator.targets.moderation_data import ModerationData, load_moderation_data
from generator.targets.write_form import write_form
from udfs.errors import MarkbookError
from udfs.tables import Tables

FOLDER = "moderation"
YEARS = range(7, 14)  # year groups that may have targets
# Month -> years under review: January of Year 7; the end of Years 7 and 9.
ROUNDS = {1: (7,), 2: (7,), 5: (7, 9), 6: (7, 9), 7: (7, 9)}


@dataclass(frozen=True, slots=True)
class ModerationReport(Report):
    """The workbooks that were written.

    Args:
        kind: `moderation` or `review`.
        files: Paths below the school folder.
        rows: Number of pairs of pupil and subject in them.
        provisional: Number of those that wait for the department's baseline.
        without: Number of those without a target.
        queries: Number of those with a teacher's query.
        proposals: Number of those with a proposal.
    """

    kind: Kind
    files: tuple[str, ...]
    rows: int
    provisional: int
    without: int
    queries: int
    proposals: int

    def json(self) -> dict[str, Any]:
        """The report as `--json` prints it."""
        return {
            "files": list(self.files),
            "pupil_subjects": self.rows,
            "provisional": self.provisional,
            "without": self.without,
            "queries": self.queries,
            "proposals": self.proposals,
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        if not self.files and self.kind == "review":
            return ["Nothing in the store speaks for a higher target."]
        books = "workbook" if len(self.files) == 1 else "workbooks"
        return [
            f"Wrote {len(self.files)} {self.kind} {books} under {FOLDER}/: "
            f"{self.rows:,} pupil–subjects, {self.provisional:,} provisional, "
            f"{self.without:,} without a target, {self.queries:,} queries, "
            f"{self.proposals:,} proposals.",
            "Send each to its head of department; when it comes back: "
            "markbook targets apply FILE.",
        ]


def moderate(context: Context, *, progress: Progress | None = None) -> ModerationReport:
    """Write a moderation workbook for each department.

    A workbook with entries that are not applied is not overwritten; a problem names it.

    Args:
        context: The run; the same store and moment give the same bytes.
        progress: Called after each workbook.

    Raises:
        MarkbookError: If nothing has been drafted yet.
    """
    data = _load_drafts(context)
    rows = add_proposals(data, context, "moderation")
    return _write(context, data, rows, "moderation", progress=progress)


def review(
    context: Context, *, years: Sequence[int] = (), progress: Progress | None = None
) -> ModerationReport:
    """Write the proposals of a round of review; no target changes.

    Args:
        context: The run.
        years: Year groups; empty for those of the round that is due.
        progress: Called after each workbook.

    Raises:
        MarkbookError: If no year is named and no round is due, a named year is no
            year group, or nothing has been drafted yet.
    """
    for year in years:
        if year not in YEARS:
            raise MarkbookError(
                f"--year {year} is no year group that has targets.",
                f"Name one from {YEARS[0]} to {YEARS[-1]}.",
            )
    years = tuple(years) or years_due(context.today)
    data = _load_drafts(context)
    rows = add_proposals(data, context, "review")
    rows = rows.loc[rows["year"].isin(years) & rows["proposal"].ne("")]
    return _write(context, data, rows, "review", progress=progress)


def years_due(today: date) -> tuple[int, ...]:
    """The year groups whose targets are under review on a day.

    Raises:
        MarkbookError: If no round is due.

    >>> years_due(date(2027, 1, 20)), years_due(date(2027, 6, 30))
    ((7,), (7, 9))
    """
    if today.month in ROUNDS:
        return ROUNDS[today.month]
    raise MarkbookError(
        f"No round of review is due in {today:%B}: they are in January for Year 7, "
        "and at the end of the year for Years 7 and 9.",
        "Name the years: markbook targets review --year 7.",
    )


def _load_drafts(context: Context) -> ModerationData:
    with context.store.begin() as connection:
        data = load_moderation_data(connection, context)
    if data.rows.empty or data.rows["version"].eq(0).all():
        raise MarkbookError(
            "There are no targets to moderate yet.",
            "Draft them first: markbook targets draft.",
        )
    return data


def _write(
    context: Context,
    data: ModerationData,
    rows: pd.DataFrame,
    kind: Kind,
    *,
    progress: Progress | None,
) -> ModerationReport:
    school, tables = context.school, context.tables
    forms = build_forms(context, data, rows, kind)
    suffix = "" if kind == "moderation" else "-review"
    names = file_names(f"{form.department}{suffix}" for form in forms)
    files: list[str] = []
    problems = [*_new_pairs(data), *_without_scale(rows, tables)]
    for number, form in enumerate(forms, start=1):
        path = school.folder / FOLDER / f"{names[f'{form.department}{suffix}']}.xlsx"
        file = path.relative_to(school.folder).as_posix()
        try:
            workbook = write_form(
                form,
                tables,
                school.key(),
                class_teachers=data.class_teachers,
                years=tuple(school.settings.targets.years),
            )
            _publish(context.store, form, path, file=file, data=workbook)
            files.append(file)
        except MarkbookError as error:  # the other departments are written anyway
            problems.append(
                Problem(file=file, code="not-written", what=error.what, do=error.do)
            )
        if progress:
            progress(number, len(forms), file)
    return ModerationReport(
        kind=kind,
        files=tuple(files),
        rows=len(rows),
        provisional=int(rows["status"].eq("provisional").sum()),
        without=int(rows["expected"].isna().sum()),
        queries=int(rows["query"].ne("").sum()),
        proposals=int(rows["proposal"].ne("").sum()),
        problems=tuple(problems),
    )


def _new_pairs(data: ModerationData) -> Iterator[Problem]:
    count = int(data.rows["version"].eq(0).sum())
    if count:
        yield Problem(
            severity="warning",
            code="not-drafted",
            what=f"{count} pupil–subjects have come since targets were drafted.",
            do="Draft again (markbook targets draft), then write the workbooks again.",
        )


def _without_scale(rows: pd.DataFrame, tables: Tables) -> Iterator[Problem]:
    for name in sorted(rows["subject"].unique()):
        scale = tables.subject(name).scale
        if scale not in tables.scales:
            yield Problem(
                code="scale-not-known",
                value=scale,
                what=f"The subject {name!r} is on the scale {scale!r}, which does not "
                "exist; it is in no workbook.",
                do=f"Use one of: {', '.join(tables.scales)}.",
            )


def _publish(
    store: Store, form: ModerationForm, path: Path, *, file: str, data: bytes
) -> None:
    """Record a workbook in the store, and write it.

    Raises:
        MarkbookError: If the existing file has entries that are not applied, or the
            file cannot be written.
    """
    with store.begin() as connection:
        replaceable = moderations.replaceable_hashes(connection, file)
    if path.exists() and _sha256(path) not in replaceable:
        raise MarkbookError(
            f"{file} has been filled in since it was written, and not all of it is "
            "applied.",
            f"Apply it (markbook targets apply {file}), or move it away, then write "
            "it again.",
        )
    record = moderations.ModerationRecord(
        issue_id=form.issue_id,
        academic_year=form.academic_year,
        kind=form.kind,
        department=form.department,
        file=file,
        rows=sum(len(sheet.rows) for sheet in form.sheets),
        written_at=form.written_at,
        written_by=form.written_by,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    # Recorded before it is written: a file without a record could not be applied.
    with store.begin() as connection:
        moderations.record_moderations(connection, [record])
    publish(path, data)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MarkbookError(
            f"{path.name} cannot be read ({error.strerror or error}).",
            "Close it if it is open, and try again.",
        ) from None
