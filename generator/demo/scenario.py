"""The whole job on a school that is not there, from exports to packs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from generator import workflow
from generator.demo.demo_folder import NAME, clear_folder, demo_settings, settings_text
from generator.demo.demo_report import DemoReport, FileToOpen, files_to_open
from generator.demo.judgement import MarkingRound, TeacherJudgement
from generator.demo.leavers import YEAR, PreviousCohort, make_leavers, results_csv
from generator.demo.synthetic_school import SyntheticSchool, make_school
from generator.demo.teachers import (
    SubmissionPlan,
    describe_submissions,
    moderate_workbook,
    plan_submissions,
    smallest_workbook,
    submit_markbooks,
)
from generator.demo.term_dates import Term, TermCalendar
from generator.demo.write_exports import export_contents, write_exports
from generator.files import publish
from generator.names import safe_name
from generator.school.school import SETTINGS_FILE, School
from generator.school.school_tables import school_tables

Tick = Callable[[int, int, str], None]
STEPS = 29
RESULTS = "results.csv"
MEASURES = "pupil_measures"


def run_demo(
    folder: Path,
    *,
    now: datetime,
    who: str,
    seed: int = 2026,
    pupils_per_year: int = 210,
    years: Sequence[int] = (7, 8, 9, 10, 11),
    progress: Tick | None = None,
) -> DemoReport:
    """Make a synthetic school and do half a year's work on it.

    A year ago its Year 11 was predicted; they have left, and their results are in.
    This year's targets are moderated. The last collection, of the examination years,
    was issued, returned and collected at its time; then pupils came, went and changed
    sets; this collection is open: issued, returned by most, collected twice, chased,
    and packs are made.

    Args:
        folder: Where the school is made; a demonstration that is there is replaced.
        now: The moment of it all; nothing reads the clock.
        who: Who is doing it.
        seed: Another number, another school.
        pupils_per_year: The size of each year group.
        years: The years taught.
        progress: Told of each step, and of the files within it.

    Raises:
        NotADemo: If the folder holds something else; nothing is touched then.
    """
    tale = _Scenario(folder, TermCalendar.around(now), who, seed, progress)
    tale.create_school(years)
    tale.previous_year(pupils_per_year, years)
    tale.first_exports(pupils_per_year, years)
    tale.moderation()
    tale.previous_collection()
    tale.second_exports(pupils_per_year, years)
    tale.current_collection()
    tale.write_packs()
    return DemoReport(
        folder, tuple(tale.steps), tuple(tale.teachers()), tale.files_to_open()
    )


class _Scenario:
    """One demonstration as it is being told."""

    def __init__(
        self,
        folder: Path,
        calendar: TermCalendar,
        who: str,
        seed: int,
        progress: Tick | None,
    ) -> None:
        self.folder = folder
        self.calendar = calendar
        self.who = who
        self.seed = seed
        self.progress = progress
        self.steps: list[str] = []
        self.step = 0
        self.synthetic: SyntheticSchool
        self.school: School
        self.plan: SubmissionPlan
        self.judge: TeacherJudgement

    def create_school(self, years: Sequence[int]) -> None:
        """An empty school folder."""
        clear_folder(self.folder)
        workflow.new(self.folder, today=self.calendar.now.date(), name=NAME)

    def previous_year(self, pupils_per_year: int, years: Sequence[int]) -> None:
        """Last year's Year 11: predicted, left, and what came of the predictions."""
        if YEAR in years:
            last = PreviousCohort.before(self.calendar)
            self._write_settings(
                settings_text(last.academic_year, [(last.term, [YEAR])])
            )
            self._predict_leavers(last, pupils_per_year, years)
            self._import_results(last)
        self._write_settings(demo_settings(self.calendar, years))

    def _write_settings(self, text: str) -> None:
        publish(self.folder / SETTINGS_FILE, text.encode())
        self.school = School.load(self.folder)

    def _predict_leavers(
        self, last: PreviousCohort, pupils_per_year: int, years: Sequence[int]
    ) -> None:
        now = make_school(
            seed=self.seed,
            pupils_per_year=pupils_per_year,
            years=years,
            today=self.calendar.now.date(),
        )
        self.synthetic = make_leavers(now, last, seed=self.seed, pupils=pupils_per_year)
        for name, data in export_contents(self.synthetic).items():
            publish(self.school.exports / name, data)
        term, asked = last.term, self._marking_round(0)
        at = datetime.combine(term.opens, time(7))
        self._import_and_draft(at)
        self._issue(term)
        until = datetime.combine(term.closes, time(20))
        done = plan_submissions(
            self.synthetic, self.judge, asked,
            opens=term.opens, early_until=_evening(term), until=until, years=[YEAR],
        )  # fmt: skip
        self._submit(
            term, asked, done, after=self.calendar.issue_moment(term), until=until
        )
        self._collect(term, until)

    def _import_results(self, last: PreviousCohort) -> None:
        at, file = last.results, self.folder / RESULTS
        known = {name: self.folder / f"{name}.csv" for name in ("marks", "targets")}
        for name, out in known.items():
            code = last.term.code if name == "marks" else None
            workflow.export(self.school, name, collection=code, out=out, now=at)
        listed = results_csv(
            **known, tables=self.judge.tables, last=last, seed=self.seed
        )
        publish(file, listed)
        for out in known.values():
            out.unlink()
        self._next_step("results")
        read = workflow.results(self.school, [file], now=at, who=self.who)
        self._report(f"{at:%d %b}  results {RESULTS}", read.lines())
        packed = workflow.pack(
            self.school,
            None,
            ["results"],
            now=at,
            who=self.who,
            progress=self._next_step("pack results"),
        )
        self._report(f"{at:%d %b}  pack results", packed.lines())

    def first_exports(self, pupils_per_year: int, years: Sequence[int]) -> None:
        """The MIS exports of the autumn, and targets drafted from them."""
        self._write_exports(
            pupils_per_year, years, self.calendar.first_import, later=False
        )

    def second_exports(self, pupils_per_year: int, years: Sequence[int]) -> None:
        """The same exports later: joiners, a leaver, set changes, a late score."""
        self._write_exports(
            pupils_per_year, years, self.calendar.second_import, later=True
        )

    def _write_exports(
        self, pupils_per_year: int, years: Sequence[int], at: datetime, *, later: bool
    ) -> None:
        self.synthetic = write_exports(
            self.school.exports,
            seed=self.seed,
            pupils_per_year=pupils_per_year,
            years=years,
            today=self.calendar.now.date(),
            later=later,
        )
        self._import_and_draft(at)

    def _import_and_draft(self, at: datetime) -> None:
        tick = self._next_step("import")
        brought = workflow.import_exports(
            self.school, now=at, who=self.who, progress=tick
        )
        holds = [line for line in brought.lines() if not line.startswith("exports/")]
        self._report(f"{at:%d %b}  import", holds)
        self._next_step("targets")
        drafted = workflow.draft_targets(self.school, now=at, who=self.who)
        self._report(f"{at:%d %b}  targets draft", drafted.lines())
        self.judge = TeacherJudgement(self.synthetic, school_tables(self.school))

    def moderation(self) -> None:
        """Workbooks for heads of department, and what one of them agreed."""
        at = self.calendar.issue_moment(self.calendar.previous) - timedelta(days=1)
        wrote = workflow.moderate_targets(
            self.school, now=at, who=self.who, progress=self._next_step("moderate")
        )
        self._report(f"{at:%d %b}  targets moderate", wrote.lines()[:1])
        book = smallest_workbook(self.folder / "moderation")
        if book is None:
            return
        self._next_step("apply")
        tables, by = self.judge.tables, self.synthetic.staff[0].name
        publish(book, moderate_workbook(book, tables, by))
        took = workflow.apply_targets(self.school, book, now=at, who=self.who)
        self._report(f"{at:%d %b}  targets apply {book.name}", took.lines())

    def previous_collection(self) -> None:
        """The collection before this one, at its own time."""
        calendar = self.calendar
        term, asked = calendar.previous, self._marking_round(0)
        self._issue(term)
        until, late = calendar.first_collect, calendar.late_collect
        done = plan_submissions(
            self.synthetic,
            self.judge,
            asked,
            opens=term.opens,
            early_until=_evening(term),
            until=until,
            late_until=late,
            years=self.school.collection(term.code).years,
        )
        self._submit(term, asked, done, after=calendar.issue_moment(term), until=until)
        self._collect(term, until)
        self._submit(term, asked, done, after=until, until=late)
        self._collect(term, late)

    def current_collection(self) -> None:
        """The collection that is open: two readings of the inbox, chase and packs."""
        calendar = self.calendar
        term, asked = calendar.current, self._marking_round(1)
        self._issue(term)
        early = calendar.early_collect
        self.plan = plan_submissions(
            self.synthetic,
            self.judge,
            asked,
            opens=term.opens,
            early_until=early,
            until=calendar.now,
        )
        self._submit(
            term, asked, self.plan, after=calendar.issue_moment(term), until=early
        )
        self._collect(term, early, dry=True)
        self._collect(term, early)
        self._undo_and_collect(term, early)
        self._submit(term, asked, self.plan, after=early, until=calendar.now)
        self._collect(term, calendar.now)

    def _undo_and_collect(self, term: Term, at: datetime) -> None:
        """A return that came too early by mistake: taken back, and then taken."""
        first = next((one for one in self.plan.submissions if not one.mistake), None)
        if first is None:
            return
        file = self.school.returned / safe_name(term.code) / first.file
        if not file.exists():
            return
        shown = file.relative_to(self.folder).as_posix()
        self._next_step("undo")
        back = workflow.undo(self.school, shown, now=at, who=self.who)
        self._report(f"{at:%d %b}  undo {shown}", back.lines()[:1])
        self._collect(term, at, [file])

    def write_packs(self) -> None:
        """Who is missing, the leaders' workbooks, and a table."""
        term, now = self.calendar.current, self.calendar.now
        self._next_step("chase")
        chased = workflow.chase(self.school, term.code, now=now)
        self._report(f"{now:%d %b}  chase {term.code}", chased.lines()[:1])
        packed = workflow.pack(
            self.school,
            term.code,
            now=now,
            who=self.who,
            progress=self._next_step("pack"),
        )
        self._report(f"{now:%d %b}  pack {term.code}", packed.lines())
        self._next_step("export")
        out = self.folder / f"{MEASURES}.csv"
        table = workflow.export(
            self.school, MEASURES, collection=term.code, out=out, now=now
        )
        self._report(f"{now:%d %b}  export {MEASURES}", table.lines())
        adno = self.synthetic.pupils[-1].adno
        self.steps.append(
            f"There, too: markbook targets history {adno}; markbook doctor "
            "returned/FILE; and for Excel: markbook addin build"
        )

    def teachers(self) -> list[str]:
        """What the teachers did in this collection."""
        return describe_submissions(
            self.plan, {one.code: one.name for one in self.synthetic.staff}
        )

    def files_to_open(self) -> tuple[FileToOpen, ...]:
        """Five files, those that are there."""
        return files_to_open(
            self.school, self.calendar.current.code, self.plan, self.judge.weak_class
        )

    def _marking_round(self, number: int) -> MarkingRound:
        effort = self.school.settings.flags.effort
        return MarkingRound(number=number, seed=self.seed, effort=effort)

    def _issue(self, term: Term) -> None:
        at = self.calendar.issue_moment(term)
        issued = workflow.issue(
            self.school,
            term.code,
            now=at,
            who=self.who,
            progress=self._next_step(f"issue {term.code}"),
        )
        self._report(f"{at:%d %b}  issue {term.code}", issued.lines())

    def _submit(
        self,
        term: Term,
        asked: MarkingRound,
        done: SubmissionPlan,
        *,
        after: datetime,
        until: datetime,
    ) -> None:
        submit_markbooks(
            self.school.issued(term.code),
            self.school.returned / safe_name(term.code),
            school=self.synthetic,
            judge=self.judge,
            asked=asked,
            plan=done,
            after=after,
            until=until,
            progress=self._next_step(f"teachers {term.code}"),
        )

    def _collect(
        self, term: Term, at: datetime, paths: Sequence[Path] = (), *, dry: bool = False
    ) -> None:
        what = f"{'check' if dry else 'collect'} {term.code}"
        collected = workflow.collect(
            self.school,
            collection=term.code,
            paths=paths or [self.school.returned / safe_name(term.code)],
            dry=dry,
            now=at,
            who=self.who,
            progress=self._next_step(what),
        )
        self._report(f"{at:%d %b}  {what}", collected.lines())

    def _next_step(self, what: str) -> Tick | None:
        """The progress of the next step, as a part of the whole."""
        place, self.step = self.step, self.step + 1
        tell = self.progress
        if tell is None:
            return None
        tell(100 * place, 100 * max(STEPS, self.step), what)

        def tick(done: int, total: int, detail: str) -> None:
            share = round(100 * done / total) if total else 0
            tell(100 * place + share, 100 * max(STEPS, self.step), f"{what}: {detail}")

        return tick

    def _report(self, what: str, lines: Sequence[str]) -> None:
        said = [line for line in lines if line and not line.startswith(" ")]
        self.steps.append(f"{what}: {' '.join(said[:2]) or 'done.'}")


def _evening(term: Term) -> datetime:
    return datetime(term.opens.year, term.opens.month, term.opens.day, 21)
