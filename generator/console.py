"""What a command shows: lines, one JSON object, a progress bar, a plain error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from generator.problems import Problem
from generator.school.school import School
from udfs.errors import MarkbookError

Tick = Callable[[int, int, str], None]
SHOWN_PROBLEMS = 40
DONE, NEEDS_A_PERSON, FAILED = 0, 1, 2


class Report(Protocol):
    """What every job answers with."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What there is to put right."""

    @property
    def exit_status(self) -> int:
        """0 done, 1 done and something needs a person."""

    def json(self) -> dict[str, Any]:
        """The answer as one JSON object."""

    def lines(self) -> list[str]:
        """The answer for a person."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who runs a command, where, when, and how it may speak.

    Args:
        folder: The school folder, if one was named; else it is this one.
        now: The moment of it.
        who: Who is doing it.
        as_json: One JSON object, and nothing else.
        quiet: Only what a person must put right.
        today: The day it is done as if on, if one was named.
    """

    folder: Path | None
    now: datetime
    who: str
    as_json: bool = False
    quiet: bool = False
    today: date | None = None

    def school(self) -> School:
        """The school that the command is about."""
        return School.load(self.folder or Path())

    @contextmanager
    def progress(self) -> Iterator[Tick | None]:
        """A progress bar where somebody watches a terminal, else nothing."""
        console = Console(stderr=True)
        if self.as_json or self.quiet or not console.is_terminal:
            yield None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=None)

            def tick(done: int, total: int, what: str) -> None:
                bar.update(task, completed=done, total=total, description=what)

            yield tick

    def say(self, report: Report) -> int:
        """Show a report and answer with the exit status."""
        if self.as_json:
            print(json.dumps(report.json(), ensure_ascii=False, indent=2, default=str))
            return report.exit_status
        if not self.quiet:
            for line in report.lines():
                print(line)
        self._problems(report.problems)
        return report.exit_status

    def _problems(self, problems: tuple[Problem, ...]) -> None:
        worst_first = sorted(problems, key=lambda p: p.severity != "error")
        shown = [p for p in worst_first if not (self.quiet and p.severity != "error")]
        for problem in shown[:SHOWN_PROBLEMS]:
            print(f"{problem.severity}: {problem}", file=sys.stderr)
        if len(shown) > SHOWN_PROBLEMS:
            print(
                f"… and {len(shown) - SHOWN_PROBLEMS} more: see them all with --json, "
                "or `markbook export problems --out problems.csv`.",
                file=sys.stderr,
            )


def refuse(error: MarkbookError, *, as_json: bool) -> int:
    """Show why a command could not do its job, and answer with its exit status."""
    if as_json:
        told = {"error": {"what": error.what, "do": error.do}}
        print(json.dumps(told, ensure_ascii=False))
    print(f"markbook: {error}", file=sys.stderr)
    return FAILED
