"""Writing the moderation workbooks, and the rounds of review in the same form."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from generator.files import publish
from generator.markbook.identity import make_issue_id
from generator.names import file_names
from generator.problems import Problem
from generator.school.school import School
from generator.store import moderations as ledger
from generator.store.engine import Store
from generator.targets.build_forms import add_proposals, form_sheets
from generator.targets.form import FormSheet, Kind, ModerationForm
from generator.targets.moderation_data import ModerationData, load_moderation_data
from generator.targets.write_form import write_form
from udfs.errors import MarkbookError
from udfs.tables import Tables

MOST_CELLS = 45_000  # filled; what is read back takes no more than 60,000 a file
YEARS = range(7, 14)  # year groups that may have targets
# Month -> the years reviewed then: January of Year 7; the end of Years 7 and 9.
ROUNDS = {1: (7,), 2: (7,), 5: (7, 9), 6: (7, 9), 7: (7, 9)}
Progress = Callable[[int, int, str], None]


def moderate(
    store: Store,
    school: School,
    tables: Tables,
    *,
    now: datetime,
    who: str,
    progress: Progress | None = None,
) -> ModerationReport:
    """Write a moderation workbook for each department.

    A workbook that has been filled in since it was written, and not applied to the
    last cell, is left as it is and named.

    Args:
        store: The school's store.
        school: The school.
        tables: What is looked up.
        now: The moment; the same store and moment give the same bytes.
        who: Who is doing it.
        progress: Told of each workbook.

    Raises:
        MarkbookError: If nothing has been drafted yet.
    """
    with store.begin() as connection:
        made = load_moderation_data(connection, school, tables, today=now.date())
    _require_drafts(made)
    rows = add_proposals(made, school, tables, "moderation")
    return _write(
        store, school, tables, made, rows, "moderation",
        now=now, who=who, progress=progress,
    )  # fmt: skip


def review(
    store: Store,
    school: School,
    tables: Tables,
    *,
    years: Sequence[int] = (),
    now: datetime,
    who: str,
    progress: Progress | None = None,
) -> ModerationReport:
    """Write the proposals for raises of a round of review; nothing changes.

    Args:
        store: The school's store.
        school: The school.
        tables: What is looked up.
        years: The year groups; none means those of the round that is due.
        now: The moment.
        who: Who is doing it.
        progress: Told of each workbook.

    Raises:
        MarkbookError: If no round is due and no year is named, a year that is named
            is no year group, or nothing has been drafted yet.
    """
    for year in years:
        if year not in YEARS:
            raise MarkbookError(
                f"--year {year} is no year group that has targets.",
                f"Name one from {YEARS[0]} to {YEARS[-1]}.",
            )
    chosen = tuple(years) or years_due(now.date())
    with store.begin() as connection:
        made = load_moderation_data(connection, school, tables, today=now.date())
    _require_drafts(made)
    rows = add_proposals(made, school, tables, "review")
    rows = rows.loc[rows["year"].isin(chosen) & rows["proposal"].ne("")]
    return _write(
        store, school, tables, made, rows, "review",
        now=now, who=who, progress=progress,
    )  # fmt: skip


def years_due(today: date) -> tuple[int, ...]:
    """The years whose targets are reviewed about this day.

    Raises:
        MarkbookError: If no round is.

    >>> due(date(2027, 1, 20)), due(date(2027, 6, 30))
    ((7,), (7, 9))
    """
    if today.month in ROUNDS:
        return ROUNDS[today.month]
    raise MarkbookError(
        f"No round of review is due in {today:%B}: they are in January for Year 7, "
        "and at the end of the year for Years 7 and 9.",
        "Name the years: markbook targets review --year 7.",
    )


def _require_drafts(made: ModerationData) -> None:
    if made.rows.empty or made.rows["version"].eq(0).all():
        raise MarkbookError(
            "There are no targets to moderate yet.",
            "Draft them first: markbook targets draft.",
        )


def _write(
    store: Store,
    school: School,
    tables: Tables,
    made: ModerationData,
    rows: pd.DataFrame,
    kind: Kind,
    *,
    now: datetime,
    who: str,
    progress: Progress | None,
) -> ModerationReport:
    forms = dict(_forms(school, tables, made, rows, kind, now=now, who=who))
    ends = "" if kind == "moderation" else "-review"
    names = file_names(f"{name}{ends}" for name in forms)
    files: list[str] = []
    problems = [*_never_drafted(made), *_without_scale(rows, tables)]
    years = tuple(school.settings.targets.years)
    for done, (name, form) in enumerate(forms.items(), start=1):
        path = school.folder / FOLDER / f"{names[f'{name}{ends}']}.xlsx"
        shown = path.relative_to(school.folder).as_posix()
        try:
            data = write_form(
                form, tables, school.key(), taught=made.class_teachers, years=years
            )
            publish_workbook(store, form, path, shown=shown, data=data)
            files.append(shown)
        except MarkbookError as error:  # one department never stops the others
            problems.append(
                Problem(file=shown, code="not-written", what=error.what, do=error.do)
            )
        if progress:
            progress(done, len(forms), shown)
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


def _forms(
    school: School,
    tables: Tables,
    made: ModerationData,
    rows: pd.DataFrame,
    kind: Kind,
    *,
    now: datetime,
    who: str,
) -> Iterator[tuple[str, ModerationForm]]:
    settings = school.settings
    targets = settings.targets
    method: str = targets.method
    if method == "transition":
        method += f", ambition {targets.ambition:.2f} and {targets.aspirational:.2f}"
    for department, group in rows.groupby("department", sort=True):
        every = list(form_sheets(group, made, tables))
        for part, sheets in _parts(every):
            name = f"{department}{part}"
            at = now.isoformat(timespec="seconds")
            content = [sheet.rows.astype(str).to_numpy().tolist() for sheet in sheets]
            yield (
                name,
                ModerationForm(
                    kind=kind,
                    department=name,
                    school=settings.school.name,
                    school_id=school.id,
                    academic_year=school.academic_year,
                    contact=settings.school.contact,
                    method=method,
                    written_at=at,
                    written_by=who,
                    issue_id=make_issue_id([kind, name, at, school.id, content]),
                    sheets=sheets,
                ),
            )


def _parts(sheets: Sequence[FormSheet]) -> Iterator[tuple[str, tuple[FormSheet, ...]]]:
    """A department's sheets, by years where one file could not be read back."""
    if not sheets:
        return
    if sum(map(_cells, sheets)) <= MOST_CELLS:
        yield "", tuple(sheets)
        return
    for year in sorted({sheet.year for sheet in sheets}):
        yield f" Y{year}", tuple(sheet for sheet in sheets if sheet.year == year)


def _cells(sheet: FormSheet) -> int:
    return len(sheet.rows) * len(sheet.fields)


def _never_drafted(made: ModerationData) -> Iterator[Problem]:
    fresh = int(made.rows["version"].eq(0).sum())
    if fresh:
        yield Problem(
            severity="warning",
            code="not-drafted",
            what=f"{fresh} pupil–subjects have come since targets were drafted.",
            do="Draft again (markbook targets draft), then write the workbooks again.",
        )


def _without_scale(rows: pd.DataFrame, tables: Tables) -> Iterator[Problem]:
    for name in sorted(rows["subject"].unique()):
        scale = tables.subject(name).scale
        if scale not in tables.scales:
            yield Problem(
                code="scale-not-known",
                value=scale,
                what=f"The subject {name!r} is on the scale {scale!r}, which there is "
                "not; it is in no workbook.",
                do=f"Use one of: {', '.join(tables.scales)}.",
            )


FOLDER = "moderation"


@dataclass(frozen=True, slots=True)
class ModerationReport:
    """The workbooks that were written.

    Args:
        kind: `moderation` or `review`.
        files: The files, relative to the school folder.
        rows: How many pupils and subjects are in them.
        provisional: How many of those wait for the department's baseline.
        without: How many have no target.
        queries: How many have a teacher's query.
        proposals: How many have a proposal.
        problems: What somebody should put right.
    """

    kind: Kind
    files: tuple[str, ...]
    rows: int
    provisional: int
    without: int
    queries: int
    proposals: int
    problems: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 where a workbook could not be written, else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    def json(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "files": list(self.files),
            "pupil_subjects": self.rows,
            "provisional": self.provisional,
            "without": self.without,
            "queries": self.queries,
            "proposals": self.proposals,
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """For the person who asked."""
        if not self.files and self.kind == "review":
            return ["Nothing in the store speaks for a higher target."]
        what = "moderation" if self.kind == "moderation" else "review"
        books = "workbook" if len(self.files) == 1 else "workbooks"
        return [
            f"Wrote {len(self.files)} {what} {books} under {FOLDER}/: "
            f"{self.rows:,} pupil–subjects, {self.provisional:,} provisional, "
            f"{self.without:,} without a target, {self.queries:,} queries, "
            f"{self.proposals:,} proposals.",
            "Send each to its head of department; when it comes back: "
            "markbook targets apply FILE.",
        ]


def publish_workbook(
    store: Store, form: ModerationForm, path: Path, *, shown: str, data: bytes
) -> None:
    """Write a workbook and put it down in the ledger.

    Args:
        store: The school's store.
        form: What is in it.
        path: Where it goes.
        shown: The same, below the school folder.
        data: The file.

    Raises:
        MarkbookError: If the file that is there holds what has not been applied, or
            it cannot be written.
    """
    with store.begin() as connection:
        known = ledger.replaceable_hashes(connection, shown)
    if path.exists() and _sha256(path) not in known:
        raise MarkbookError(
            f"{shown} has been filled in since it was written, and not all of it is "
            "applied.",
            f"Apply it (markbook targets apply {shown}), or move it away, then write "
            "it again.",
        )
    # Put down first: a file that nobody knows of could never be applied.
    with store.begin() as connection:
        ledger.record_moderations(
            connection,
            [
                ledger.ModerationRecord(
                    issue_id=form.issue_id,
                    academic_year=form.academic_year,
                    kind=form.kind,
                    department=form.department,
                    file=shown,
                    rows=sum(len(sheet.rows) for sheet in form.sheets),
                    written_at=form.written_at,
                    written_by=form.written_by,
                    sha256=hashlib.sha256(data).hexdigest(),
                )
            ],
        )
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
