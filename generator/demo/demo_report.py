"""The ending of the demonstration: what was done, and which files to open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.demo.synthetic_timetable import TaughtClass
from generator.demo.teachers import SubmissionPlan
from generator.names import safe_name
from generator.report import Report
from generator.school.school import School


@dataclass(frozen=True, slots=True)
class FileToOpen:
    """One file to open, and what to look for in it."""

    file: str
    hint: str


@dataclass(frozen=True, slots=True)
class DemoReport(Report):
    """What the demonstration made.

    Args:
        folder: The school folder.
        steps: A line for each job that was run.
        teachers: What the simulated teachers did, a sentence each.
        files: Five files to open.
    """

    folder: Path
    steps: tuple[str, ...]
    teachers: tuple[str, ...]
    files: tuple[FileToOpen, ...]

    def json(self) -> dict[str, Any]:
        """The folder, what was done, and what to open."""
        return {
            "folder": str(self.folder),
            "steps": list(self.steps),
            "teachers": list(self.teachers),
            "files": [{"file": one.file, "look": one.hint} for one in self.files],
        }

    def lines(self) -> list[str]:
        """What was done, what the teachers did, and what to open."""
        made = [*self.steps, "", "What the simulated teachers did this time:"]
        made += [f"  {line}" for line in self.teachers]
        made += ["", f"Everything lies in {self.folder}. Open:"]
        for number, one in enumerate(self.files, start=1):
            made += [f"  {number}. {one.file}", f"     {one.hint}"]
        return made


def files_to_open(
    school: School, collection: str, plan: SubmissionPlan, weak: TaughtClass | None
) -> tuple[FileToOpen, ...]:
    """Five files to open, and what to look for in each; those that are there.

    Args:
        school: The school as it lies in its folder.
        collection: The code of the collection that is open.
        plan: What the teachers did in it.
        weak: The class that has made no progress.
    """
    return tuple(
        FileToOpen(path.relative_to(school.folder).as_posix(), look)
        for path, look in _worth_opening(school, collection, plan, weak)
        if path.exists()
    )


def _worth_opening(
    school: School, collection: str, plan: SubmissionPlan, weak: TaughtClass | None
) -> Iterator[tuple[Path, str]]:
    if weak is not None:
        name = f"{safe_name(weak.code)}.xlsx"
        for path in sorted(school.issued(collection).rglob(name)):
            yield (
                path,
                "A markbook as it was issued: pick a Prediction and watch Flag and "
                "Check; the grey cells refuse you; what was said last time stands "
                "before Target.",
            )
    wrong = plan.with_mistake("no grade")
    if wrong is not None:
        yield (
            school.checked(collection) / f"{safe_name(wrong.class_code)}.xlsx",
            f"{wrong.class_code} as its teacher sent it, marked up: 6+ and 10 are no "
            "grades here; `To put right` leads to each.",
        )
    yield (
        school.checked(collection) / "report.xlsx",
        "Counts that add up; in `Conflicts` two teachers of one pupil do not agree; "
        f"in `Changes` the rows that say changed are {plan.corrected_class}, "
        "whose teacher sent a correction.",
    )
    yield (
        school.packs(collection) / "chase.xlsx",
        f"{' and '.join(plan.missing_teachers) or 'Nobody'} returned nothing, "
        f"{plan.vacant_class or 'no class'} has no teacher; a ready sentence for each.",
    )
    yield (
        school.packs(collection) / "department-Mathematics.xlsx",
        f"{weak.code if weak else 'One class'} is below target and has not moved "
        "since last time; its pupils are named, by year.",
    )
