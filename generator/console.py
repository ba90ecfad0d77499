"""What a command prints: lines or one JSON object, a progress bar, an error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from generator.lookup import listed
from generator.names import without_steering
from generator.problems import Problem
from generator.report import Progress, Report, StoppedPartway
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.school.school import School

SHOWN_PROBLEMS = 40
DONE, NEEDS_A_PERSON, FAILED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Session:
    """Who runs a command, where, when, and how it may speak.

    Args:
        folder: The school folder of `--school`; None: the current folder.
        now: The moment of the run.
        who: The person who runs it.
        as_json: Whether to print one JSON object and nothing else.
        quiet: Whether to print only what a person must correct.
        today: The day of `--today`, or None.
    """

    folder: Path | None
    now: datetime
    who: str
    as_json: bool = False
    quiet: bool = False
    today: date | None = None

    def school(self) -> School:
        """The school that the command is about.

        Without `--school` it is that of the current folder, or of the nearest folder
        above it that has one.
        """
        from generator.school.school import School

        folder = self.folder or find_school_folder(Path()) or Path()
        if self.folder is None and folder != Path() and not self.quiet:
            print_error(f"School folder: {folder}")
        return School.load(folder)

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """A progress bar where somebody watches a terminal, else None."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as ProgressBar

        console = Console(stderr=True)
        if self.as_json or self.quiet or not console.is_terminal:
            yield None
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
        )
        with ProgressBar(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=None)

            def advance(done: int, total: int, what: str) -> None:
                bar.update(
                    task,
                    completed=done,
                    total=total,
                    description=without_steering(what),
                )

            yield advance

    def print_report(self, report: Report) -> int:
        """Print a report and return the exit status."""
        if self.as_json:
            print_json(report.json(), indent=2)
            return report.exit_status
        if not self.quiet:
            for line in report.lines():
                print(without_steering(line))
        self._print_problems(report.problems)
        return report.exit_status

    def _print_problems(self, problems: tuple[Problem, ...]) -> None:
        worst_first = sorted(problems, key=lambda p: p.severity != "error")
        selected = [
            p for p in worst_first if not (self.quiet and p.severity != "error")
        ]
        lines = problem_lines(selected)
        for line in lines[:SHOWN_PROBLEMS]:
            print_error(line)
        if len(lines) > SHOWN_PROBLEMS:
            print_error(
                f"… and {len(lines) - SHOWN_PROBLEMS} more: see them all with "
                "--json, or `markbook export problems --out problems.csv`."
            )


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """A line for each cause: problems that differ only in their value are one line.

    >>> def nobody(code):
    ...     return Problem(severity="warning", code="nobody-to-ask", value=code,
    ...         what=f"{code} has no teacher.", do="Name one.")
    >>> problem_lines([nobody("7a"), nobody("7b"), nobody("7c")])
    ['warning: 7a has no teacher. Name one. The same of: 7b, 7c.']
    """
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for number, problem in enumerate(problems):
        without_value = problem.what.replace(problem.value, "")
        is_general = bool(problem.value) and without_value != problem.what
        key: tuple[str, ...] = (str(number),)
        if is_general and not problem.cell and not problem.adno:
            key = (problem.severity, problem.code, problem.file, without_value)
            key = (*key, problem.do.replace(problem.value, ""))
        groups.setdefault(key, []).append(problem)
    lines = []
    for first, *others in groups.values():
        same = ""
        if others:
            values = dict.fromkeys(problem.value for problem in others)
            same = f" The same of: {listed(values)}."
        lines.append(f"{first.severity}: {first}{same}")
    return lines


def find_school_folder(start: Path) -> Path | None:
    """The nearest folder from `start` upwards with a `school.toml`, or None."""
    if (start / "school.toml").is_file():
        return start
    for folder in start.resolve().parents:
        if (folder / "school.toml").is_file():
            return folder
    return None


def print_json(value: object, *, indent: int | None = None) -> None:
    """Print a value as JSON, with characters that a terminal obeys as escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    print(without_steering(text, lambda match: f"\\u{ord(match[0]):04x}"))


def print_error(text: str) -> None:
    """Print a line for a person beside the output."""
    print(without_steering(text), file=sys.stderr)


def refuse(error: MarkbookError, *, as_json: bool) -> int:
    """Print why a command could not do its job, and return its exit status.

    It is 1 where something was stored before the command had to stop.
    """
    is_partway = isinstance(error, StoppedPartway)
    report = error.report if isinstance(error, StoppedPartway) else None
    if as_json:
        done = report.json() if report else {}
        print_json({**done, "error": {"what": error.what, "do": error.do}})
    elif report:
        for line in report.lines():
            print(without_steering(line))
    print_error(f"markbook: {error}")
    return NEEDS_A_PERSON if is_partway else FAILED
