"""The whole job on a school that is not there, from exports to packs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any

from generator import workflow
from generator.demo.calendar import Calendar, Term
from generator.demo.exports import write_exports
from generator.demo.judgement import Judge, Round
from generator.demo.synthetic import SyntheticSchool
from generator.demo.teachers import Plan, mark, plan, story_of
from generator.files import publish
from generator.names import safe_name
from generator.problems import Problem
from generator.reference import reference
from generator.school import School, academic_year_of
from udfs.errors import MarkbookError

Tick = Callable[[int, int, str], None]
NAME = "Thornbeck Academy"
# Lies in a folder that a demonstration made, so that another may replace it.
SIGN = ".markbooks-demo"
MADE = (
    "school.toml",
    "markbooks.sqlite",
    ".markbooks-key",
    "exports",
    "tables",
    "issued",
    "returned",
    "checked",
    "packs",
    "moderation",
)
_SETTINGS = Template("""\
# Settings of a school that is not there: made by `markbook demo`.

[school]
name = "$name"
urn = 999999
academic_year = "$academic_year"

[targets]
method = "transition"
ambition = 0.60
aspirational = 0.80

$collections[[groups]]
name = "PP"
rule = 'pp == "Y"'

[[groups]]
name = "SEND"
rule = 'sen in ["K", "E"]'

[[groups]]
name = "EAL"
rule = 'eal == "Y"'

[[groups]]
name = "High prior attainment"
rule = 'prior == "high"'

[flags]
effort = ["1", "2", "3", "4"]      # 1 is best

[issue]
by = "class"
""")
_COLLECTION = Template("""\
[[collections]]
code = "$code"
name = "$name"
years = [$years]
opens = $opens
closes = $closes

""")
STEPS = 16
EXAMINED = 2  # years


@dataclass(frozen=True, slots=True)
class ToOpen:
    """One file to open, and what to look for in it."""

    file: str
    look: str


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the demonstration made.

    Args:
        folder: The school folder.
        steps: A line for each job that was run.
        teachers: What the simulated teachers did, a sentence each.
        files: Five files to open.
        problems: None: what the teachers got wrong is the demonstration.
    """

    folder: Path
    steps: tuple[str, ...]
    teachers: tuple[str, ...]
    files: tuple[ToOpen, ...]
    problems: tuple[Problem, ...] = field(default=())
    exit_status: int = 0

    def json(self) -> dict[str, Any]:
        """The folder, what was done, and what to open."""
        return {
            "folder": str(self.folder),
            "steps": list(self.steps),
            "teachers": list(self.teachers),
            "files": [{"file": one.file, "look": one.look} for one in self.files],
        }

    def lines(self) -> list[str]:
        """What was done, what the teachers did, and what to open."""
        made = [*self.steps, "", "What the simulated teachers did this time:"]
        made += [f"  {line}" for line in self.teachers]
        made += ["", f"Everything lies in {self.folder}. Open:"]
        for number, one in enumerate(self.files, start=1):
            made += [f"  {number}. {one.file}", f"     {one.look}"]
        return made


class NotADemo(MarkbookError):
    """The folder holds something that a demonstration did not make."""


def run(
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

    The last collection, of the examination years, was issued, returned and collected
    at its time; then pupils came, went and changed sets; this collection is open:
    issued, returned by most, collected twice, chased, and packs are made.

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
    tale = _Tale(folder, Calendar.around(now), who, seed, progress)
    tale.prepare(years)
    tale.first_exports(pupils_per_year, years)
    tale.last_collection()
    tale.second_exports(pupils_per_year, years)
    tale.this_collection()
    tale.tell()
    return DemoReport(
        folder, tuple(tale.steps), tuple(tale.teachers()), tuple(tale.to_open())
    )


class _Tale:
    """One demonstration as it is being told."""

    def __init__(
        self,
        folder: Path,
        calendar: Calendar,
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
        self.made: SyntheticSchool
        self.school: School
        self.plan: Plan
        self.judge: Judge

    def prepare(self, years: Sequence[int]) -> None:
        """An empty school folder with settings of our own."""
        _make_room(self.folder)
        today = self.calendar.now.date()
        workflow.new(self.folder, today=today, name=NAME)
        text = _SETTINGS.substitute(
            name=NAME,
            academic_year=academic_year_of(today),
            collections="".join(
                _COLLECTION.substitute(
                    code=term.code,
                    name=term.name,
                    years=", ".join(map(str, asked)),
                    opens=term.opens,
                    closes=term.closes,
                )
                for term, asked in (
                    # The examination years are asked once more than the others.
                    (self.calendar.before, sorted(years)[-EXAMINED:]),
                    (self.calendar.this, sorted(years)),
                )
            ),
        )
        publish(self.folder / "school.toml", text.encode())
        self.school = School.load(self.folder)

    def first_exports(self, pupils_per_year: int, years: Sequence[int]) -> None:
        """The MIS exports of the autumn, and targets drafted from them."""
        self._exports(pupils_per_year, years, self.calendar.first_import, later=False)

    def second_exports(self, pupils_per_year: int, years: Sequence[int]) -> None:
        """The same exports later: joiners, a leaver, set changes, a late score."""
        self._exports(pupils_per_year, years, self.calendar.second_import, later=True)

    def _exports(
        self, pupils_per_year: int, years: Sequence[int], at: datetime, *, later: bool
    ) -> None:
        self.made = write_exports(
            self.school.exports,
            seed=self.seed,
            pupils_per_year=pupils_per_year,
            years=years,
            today=self.calendar.now.date(),
            later=later,
        )
        tick = self._next("import")
        brought = workflow.import_exports(
            self.school, now=at, who=self.who, progress=tick
        )
        holds = [line for line in brought.lines() if not line.startswith("exports/")]
        self._say(f"{at:%d %b}  import", holds)
        self._next("targets")
        drafted = workflow.draft_targets(self.school, now=at, who=self.who)
        self._say(f"{at:%d %b}  targets draft", drafted.lines())
        self.judge = Judge(self.made, reference(self.school))

    def last_collection(self) -> None:
        """The collection before this one, at its own time."""
        calendar = self.calendar
        term, asked = calendar.before, self._asked(0)
        self._issue(term)
        until, late = calendar.first_collect, calendar.late_collect
        done = plan(
            self.made,
            self.judge,
            asked,
            opens=term.opens,
            early_until=_evening(term),
            until=until,
            late_until=late,
            years=self.school.collection(term.code).years,
        )
        self._mark(term, asked, done, after=calendar.issues(term), until=until)
        self._collect(term, until)
        self._mark(term, asked, done, after=until, until=late)
        self._collect(term, late)

    def this_collection(self) -> None:
        """The collection that is open: two readings of the inbox, chase and packs."""
        calendar = self.calendar
        term, asked = calendar.this, self._asked(1)
        self._issue(term)
        early = calendar.early_collect
        self.plan = plan(
            self.made,
            self.judge,
            asked,
            opens=term.opens,
            early_until=early,
            until=calendar.now,
        )
        self._mark(term, asked, self.plan, after=calendar.issues(term), until=early)
        self._collect(term, early)
        self._mark(term, asked, self.plan, after=early, until=calendar.now)
        self._collect(term, calendar.now)

    def tell(self) -> None:
        """Who is missing, and the leaders' workbooks."""
        term, now = self.calendar.this, self.calendar.now
        self._next("chase")
        chased = workflow.chase(self.school, term.code, now=now)
        self._say(f"{now:%d %b}  chase {term.code}", chased.lines()[:1])
        packed = workflow.pack(
            self.school, term.code, now=now, who=self.who, progress=self._next("pack")
        )
        self._say(f"{now:%d %b}  pack {term.code}", packed.lines())

    def teachers(self) -> list[str]:
        """What the teachers did in this collection."""
        return story_of(self.plan, {one.code: one.name for one in self.made.staff})

    def to_open(self) -> list[ToOpen]:
        """Five files, those that are there."""
        code = self.calendar.this.code
        weak = self.judge.weak
        asked = [
            (
                self._issued(weak.code if weak else ""),
                "A markbook as it was issued: pick another Prediction and watch Flag "
                "and Check; grey cells refuse you; what was said last time stands "
                "before Target.",
            ),
            (self._checked("no grade"), self._look_checked()),
            (
                self.school.checked(code) / "report.xlsx",
                "Counts that add up; in `Conflicts` two teachers of one pupil do not "
                f"agree; in `Changes` the rows that say changed are {self.plan.twice}, "
                "whose teacher sent a correction.",
            ),
            (
                self.school.packs(code) / "chase.xlsx",
                f"{' and '.join(self.plan.never)} returned nothing, "
                f"{self.plan.vacant or 'no class'} has no teacher; a ready sentence "
                "for each.",
            ),
            (
                self.school.packs(code) / "department-Mathematics.xlsx",
                f"{weak.code if weak else 'One class'} is below target and has not "
                "moved since last time; its pupils are named for the year.",
            ),
        ]
        return [
            ToOpen(path.relative_to(self.folder).as_posix(), look)
            for path, look in asked
            if path is not None and path.exists()
        ]

    def _look_checked(self) -> str:
        hand_in = self.plan.with_deed("no grade")
        return (
            f"{hand_in.class_code if hand_in else 'The class'} as its teacher sent it, "
            "marked up: 6+ and 10 are no grades here; `To put right` leads to each."
        )

    def _issued(self, class_code: str) -> Path | None:
        name = f"{safe_name(class_code)}.xlsx"
        found = sorted(self.school.issued(self.calendar.this.code).rglob(name))
        return found[0] if found else None

    def _checked(self, deed: str) -> Path | None:
        hand_in = self.plan.with_deed(deed)
        if hand_in is None:
            return None
        folder = self.school.checked(self.calendar.this.code)
        return folder / f"{safe_name(hand_in.class_code)}.xlsx"

    def _asked(self, number: int) -> Round:
        effort = self.school.settings.flags.effort
        return Round(number=number, seed=self.seed, effort=effort)

    def _issue(self, term: Term) -> None:
        at = self.calendar.issues(term)
        issued = workflow.issue(
            self.school,
            term.code,
            now=at,
            who=self.who,
            progress=self._next(f"issue {term.code}"),
        )
        self._say(f"{at:%d %b}  issue {term.code}", issued.lines())

    def _mark(
        self, term: Term, asked: Round, done: Plan, *, after: datetime, until: datetime
    ) -> None:
        mark(
            self.school.issued(term.code),
            self.school.returned / safe_name(term.code),
            school=self.made,
            judge=self.judge,
            asked=asked,
            plan=done,
            after=after,
            until=until,
            progress=self._next(f"teachers {term.code}"),
        )

    def _collect(self, term: Term, at: datetime) -> None:
        collected = workflow.collect(
            self.school,
            collection=term.code,
            paths=[self.school.returned / safe_name(term.code)],
            now=at,
            who=self.who,
            progress=self._next(f"collect {term.code}"),
        )
        self._say(f"{at:%d %b}  collect {term.code}", collected.lines())

    def _next(self, what: str) -> Tick | None:
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

    def _say(self, what: str, lines: Sequence[str]) -> None:
        said = [line for line in lines if line and not line.startswith(" ")]
        self.steps.append(f"{what}: {' '.join(said[:2]) or 'done.'}")


def _evening(term: Term) -> datetime:
    return datetime(term.opens.year, term.opens.month, term.opens.day, 21)


def _make_room(folder: Path) -> None:
    """Clear away the demonstration before, and nothing else.

    Raises:
        NotADemo: If something else is there, or it cannot be cleared away.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADemo(f"{folder} is a file.", "Name a folder that is not there yet.")
    there = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    if there and SIGN not in there:
        raise NotADemo(
            f"{folder} is not empty, and no demonstration made it.",
            "Name a folder that is not there yet: markbook demo DIR.",
        )
    try:
        for name in MADE:
            path = folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise NotADemo(
            f"{error.filename or folder} cannot be cleared away ({error.strerror}).",
            "Close it if it is open, or name another folder.",
        ) from None
    # The sign goes in first, so that a demonstration cut short can be run again.
    publish(folder / SIGN, b"Made by `markbook demo`, which may replace it.\n")
