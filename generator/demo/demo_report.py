"""The report of the demonstration: its steps, and which files to open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.demo.synthetic_timetable import TaughtClass
from generator.demo.teachers import SubmissionPlan
from generator.names import safe_name
from generator.report import Report
from generator.school.school import School

MOST_STEPS, MOST_ACTS, MOST_FILES = 18, 7, 5  # lines, lines, and two lines each


@dataclass(frozen=True, slots=True)
class FileToOpen:
    """A file to open, and what to look for in it."""

    file: str
    hint: str


@dataclass(frozen=True, slots=True)
class DemoReport(Report):
    """The report of a demonstration.

    Args:
        folder: The school folder.
        steps: A line for each command.
        teachers: A sentence for each noteworthy act of the simulated teachers.
        files: Files to open.
    """

    folder: Path
    steps: tuple[str, ...]
    teachers: tuple[str, ...]
    files: tuple[FileToOpen, ...]

    def json(self) -> dict[str, Any]:
        """The report as JSON: folder, steps, teachers, files."""
        return {
            "folder": str(self.folder),
            "steps": list(self.steps),
            "teachers": list(self.teachers),
            "files": [{"file": each.file, "look": each.hint} for each in self.files],
        }

    def lines(self) -> list[str]:
        """The report in words, at most 40 lines."""
        lines = [
            *_shortened(self.steps, MOST_STEPS),
            "",
            "What the simulated teachers did this time:",
            *(f"  {line}" for line in _shortened(self.teachers, MOST_ACTS)),
            "",
            f"Everything lies in {self.folder}. Open:",
        ]
        for number, file in enumerate(self.files[:MOST_FILES], start=1):
            lines += [f"  {number}. {file.file}", f"     {file.hint}"]
        return lines


def _shortened(lines: Sequence[str], most: int) -> list[str]:
    """The first lines, and how many more there are with --json."""
    if len(lines) <= most:
        return list(lines)
    rest = len(lines) - most + 1
    return [*lines[: most - 1], f"… and {rest} more: see them with --json."]


def files_to_open(
    school: School, collection: str, plan: SubmissionPlan, weak: TaughtClass | None
) -> tuple[FileToOpen, ...]:
    """Return the files to open that exist, with what to look for in each.

    Args:
        school: The school of the demonstration.
        collection: The code of the current collection.
        plan: The submissions of that collection.
        weak: The class without progress, or None.
    """
    return tuple(
        FileToOpen(path.relative_to(school.folder).as_posix(), hint)
        for path, hint in _noteworthy_files(school, collection, plan, weak)
        if path.exists()
    )


def _noteworthy_files(
    school: School, collection: str, plan: SubmissionPlan, weak: TaughtClass | None
) -> Iterator[tuple[Path, str]]:
    if weak is not None:
        name = f"{safe_name(weak.code)}.xlsx"
        for path in sorted(school.issued(collection).rglob(name)):
            yield (
                path,
                "A markbook as it was issued: pick a Prediction and watch Flag and "
                "Check; the grey cells are locked; last time's grades are before "
                "Target.",
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
