"""The scenario of the demonstration: half a year of a synthetic school's work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from generator import workflow
from generator.demo.demo_folder import NAME, clear_folder, demo_settings, settings_text
from generator.demo.demo_report import DemoReport, files_to_open
from generator.demo.judgement import (
    MarkingRound,
    TeacherJudgement,
    moderate_workbook,
    smallest_workbook,
)
from generator.demo.leavers import EXAM_YEAR, PreviousCohort, make_leavers, results_csv
from generator.demo.synthetic_school import ALL_YEARS, SyntheticSchool, make_school
from generator.demo.teachers import (
    SubmissionPlan,
    describe_submissions,
    plan_submissions,
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
    years: Sequence[int] = ALL_YEARS,
    progress: Tick | None = None,
) -> DemoReport:
    """Make a synthetic school and do half a year's work on it.

    Last year's Year 11 was predicted, has left, and has results. This year's targets
    are moderated. The previous collection, of the examination years, is complete. Then
    pupils join, leave and change sets. The current collection is open: issued, mostly
    returned, collected twice, chased, and with packs.

    Args:
        folder: The school folder; it replaces an earlier demonstration.
        now: The moment of the demonstration.
        who: The person who runs it.
        seed: The seed of the synthetic school.
        pupils_per_year: The size of each year group.
        years: The year groups.
        progress: Receives the work completed, the total, and the step.

    Raises:
        NotADemo: If the folder holds something else; it is not changed then.
    """
    scenario = _Scenario(folder, TermCalendar.around(now), who, seed, progress)
    scenario.pupils_per_year, scenario.years = pupils_per_year, years
    scenario.create_school()
    scenario.previous_year()
    scenario.import_exports(scenario.calendar.first_import)
    scenario.moderate()
    scenario.previous_collection()
    scenario.import_exports(scenario.calendar.second_import, later=True)
    scenario.current_collection()
    scenario.write_packs()
    return scenario.report()


class _Scenario:
    """One demonstration, step by step.

    Args:
        folder: The school folder.
        calendar: The dates.
        who: The person who runs it.
        seed: The seed of the synthetic school.
        progress: Receives the work completed, the total, and the step.
    """

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
        self.pupils_per_year: int
        self.years: Sequence[int]
        self.synthetic: SyntheticSchool
        self.school: School
        self.plan: SubmissionPlan
        self.judgement: TeacherJudgement

    def create_school(self) -> None:
        """Create an empty school folder."""
        clear_folder(self.folder)
        workflow.new(self.folder, today=self.calendar.now.date(), name=NAME)

    def previous_year(self) -> None:
        """Predict last year's Year 11, and import its results."""
        if EXAM_YEAR in self.years:
            last = PreviousCohort.before(self.calendar)
            terms = [(last.term, [EXAM_YEAR])]
            self._write_settings(settings_text(last.academic_year, terms))
            self._predict_leavers(last)
            self._import_results(last)
        self._write_settings(demo_settings(self.calendar, self.years))

    def _write_settings(self, text: str) -> None:
        publish(self.folder / SETTINGS_FILE, text.encode())
        self.school = School.load(self.folder)

    def _predict_leavers(self, last: PreviousCohort) -> None:
        size = self.pupils_per_year
        school = make_school(
            seed=self.seed,
            pupils_per_year=size,
            years=self.years,
            today=self.calendar.now.date(),
        )
        self.synthetic = make_leavers(school, last, seed=self.seed, pupils=size)
        for name, data in export_contents(self.synthetic).items():
            publish(self.school.exports / name, data)
        term = last.term
        self._import_and_draft(datetime.combine(term.opens, time(7)))
        self._issue(term)
        until = datetime.combine(term.closes, time(20))
        marking = self._marking_round(0)
        plan = plan_submissions(
            self.judgement,
            marking,
            opens=term.opens,
            early_until=_evening(term),
            until=until,
            years=[EXAM_YEAR],
        )
        self._submit(term, marking, plan, self.calendar.issue_moment(term), until)
        self._collect(term, until)

    def _import_results(self, last: PreviousCohort) -> None:
        now, file = last.results, self.folder / RESULTS
        tables = {name: self.folder / f"{name}.csv" for name in ("marks", "targets")}
        for name, out in tables.items():
            code = last.term.code if name == "marks" else None
            workflow.export(self.school, name, collection=code, out=out, now=now)
        results = results_csv(
            **tables, tables=self.judgement.tables, last=last, seed=self.seed
        )
        publish(file, results)
        for out in tables.values():
            out.unlink()
        self._next_step("results")
        report = workflow.results(self.school, [file], now=now, who=self.who)
        self._report(now, f"results {RESULTS}", report.lines())
        pack_report = workflow.pack(
            self.school,
            None,
            ["results"],
            now=now,
            who=self.who,
            progress=self._next_step("pack results"),
        )
        self._report(now, "pack results", pack_report.lines())

    def import_exports(self, now: datetime, *, later: bool = False) -> None:
        """Import the MIS exports, and draft targets.

        Args:
            now: The moment of the import.
            later: Whether pupils have joined, left and changed sets.
        """
        self.synthetic = write_exports(
            self.school.exports,
            seed=self.seed,
            pupils_per_year=self.pupils_per_year,
            years=self.years,
            today=self.calendar.now.date(),
            later=later,
        )
        self._import_and_draft(now)

    def _import_and_draft(self, now: datetime) -> None:
        progress = self._next_step("import")
        report = workflow.import_exports(
            self.school, now=now, who=self.who, progress=progress
        )
        lines = [line for line in report.lines() if not line.startswith("exports/")]
        self._report(now, "import", lines)
        self._next_step("targets")
        drafts = workflow.draft_targets(self.school, now=now, who=self.who)
        self._report(now, "targets draft", drafts.lines())
        self.judgement = TeacherJudgement(self.synthetic, school_tables(self.school))

    def moderate(self) -> None:
        """Write moderation workbooks, and apply one of them."""
        now = self.calendar.issue_moment(self.calendar.previous) - timedelta(days=1)
        written = workflow.moderate_targets(
            self.school, now=now, who=self.who, progress=self._next_step("moderate")
        )
        self._report(now, "targets moderate", written.lines()[:1])
        book = smallest_workbook(self.folder / "moderation")
        if book is None:
            return
        self._next_step("apply")
        head = self.synthetic.staff[0].name
        publish(book, moderate_workbook(book, self.judgement.tables, head))
        applied = workflow.apply_targets(self.school, book, now=now, who=self.who)
        self._report(now, f"targets apply {book.name}", applied.lines())

    def previous_collection(self) -> None:
        """Issue, return and collect the previous collection."""
        calendar, term = self.calendar, self.calendar.previous
        self._issue(term)
        until, late = calendar.first_collect, calendar.late_collect
        marking = self._marking_round(0)
        plan = plan_submissions(
            self.judgement,
            marking,
            opens=term.opens,
            early_until=_evening(term),
            until=until,
            late_until=late,
            years=self.school.collection(term.code).years,
        )
        self._submit(term, marking, plan, calendar.issue_moment(term), until)
        self._collect(term, until)
        self._submit(term, marking, plan, until, late)
        self._collect(term, late)

    def current_collection(self) -> None:
        """Issue the current collection, and collect it twice."""
        calendar, term = self.calendar, self.calendar.current
        self._issue(term)
        early, marking = calendar.early_collect, self._marking_round(1)
        self.plan = plan_submissions(
            self.judgement,
            marking,
            opens=term.opens,
            early_until=early,
            until=calendar.now,
        )
        self._submit(term, marking, self.plan, calendar.issue_moment(term), early)
        self._collect(term, early, dry=True)
        self._collect(term, early)
        self._undo_and_collect(term, early)
        self._submit(term, marking, self.plan, early, calendar.now)
        self._collect(term, calendar.now)

    def _undo_and_collect(self, term: Term, now: datetime) -> None:
        """Undo the first return without a mistake, and collect it again."""
        first = next((s for s in self.plan.submissions if not s.mistake), None)
        if first is None:
            return
        file = self.school.returned / safe_name(term.code) / first.file
        if not file.exists():
            return
        name = file.relative_to(self.folder).as_posix()
        self._next_step("undo")
        report = workflow.undo(self.school, name, now=now, who=self.who)
        self._report(now, f"undo {name}", report.lines()[:1])
        self._collect(term, now, [file])

    def write_packs(self) -> None:
        """Chase missing returns, write the leaders' packs, and export a table."""
        term, now = self.calendar.current, self.calendar.now
        self._next_step("chase")
        chase = workflow.chase(self.school, term.code, now=now)
        self._report(now, f"chase {term.code}", chase.lines()[:1])
        packs = workflow.pack(
            self.school,
            term.code,
            now=now,
            who=self.who,
            progress=self._next_step("pack"),
        )
        self._report(now, f"pack {term.code}", packs.lines())
        self._next_step("export")
        out = self.folder / f"{MEASURES}.csv"
        table = workflow.export(
            self.school, MEASURES, collection=term.code, out=out, now=now
        )
        self._report(now, f"export {MEASURES}", table.lines())
        adno = self.synthetic.pupils[-1].adno
        self.steps.append(
            f"There, too: markbook targets history {adno}; markbook doctor "
            "returned/FILE; and for Excel: markbook addin build"
        )

    def report(self) -> DemoReport:
        """Return the report of the demonstration."""
        names = {teacher.code: teacher.name for teacher in self.synthetic.staff}
        code, weak_class = self.calendar.current.code, self.judgement.weak_class
        return DemoReport(
            folder=self.folder,
            steps=tuple(self.steps),
            teachers=tuple(describe_submissions(self.plan, names)),
            files=files_to_open(self.school, code, self.plan, weak_class),
        )

    def _marking_round(self, number: int) -> MarkingRound:
        effort = self.school.settings.flags.effort
        return MarkingRound(number=number, seed=self.seed, effort=effort)

    def _issue(self, term: Term) -> None:
        now = self.calendar.issue_moment(term)
        report = workflow.issue(
            self.school,
            term.code,
            now=now,
            who=self.who,
            progress=self._next_step(f"issue {term.code}"),
        )
        self._report(now, f"issue {term.code}", report.lines())

    def _submit(
        self,
        term: Term,
        marking: MarkingRound,
        plan: SubmissionPlan,
        after: datetime,
        until: datetime,
    ) -> None:
        submit_markbooks(
            self.school.issued(term.code),
            self.school.returned / safe_name(term.code),
            self.judgement,
            marking,
            plan,
            between=(after, until),
            progress=self._next_step(f"teachers {term.code}"),
        )

    def _collect(
        self,
        term: Term,
        now: datetime,
        paths: Sequence[Path] = (),
        *,
        dry: bool = False,
    ) -> None:
        step = f"{'check' if dry else 'collect'} {term.code}"
        report = workflow.collect(
            self.school,
            collection=term.code,
            paths=paths or [self.school.returned / safe_name(term.code)],
            dry=dry,
            now=now,
            who=self.who,
            progress=self._next_step(step),
        )
        self._report(now, step, report.lines())

    def _next_step(self, name: str) -> Tick | None:
        """Begin a step, and return its progress as a part of the whole."""
        number, self.step = self.step, self.step + 1
        notify = self.progress
        if notify is None:
            return None
        notify(100 * number, 100 * max(STEPS, self.step), name)

        def tick(completed: int, total: int, detail: str) -> None:
            part = 100 * number + (round(100 * completed / total) if total else 0)
            notify(part, 100 * max(STEPS, self.step), f"{name}: {detail}")

        return tick

    def _report(self, now: datetime, step: str, lines: Sequence[str]) -> None:
        texts = [line for line in lines if line and not line.startswith(" ")]
        self.steps.append(f"{now:%d %b}  {step}: {' '.join(texts[:2]) or 'done.'}")


def _evening(term: Term) -> datetime:
    return datetime(term.opens.year, term.opens.month, term.opens.day, 21)
