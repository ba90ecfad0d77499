"""The base of every command's report."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from generator.problems import Problem
from udfs.errors import MarkbookError

Progress = Callable[[int, int, str], None]  # done, of how many, and what


@dataclass(frozen=True, slots=True)
class Report(ABC):
    """What a command reports: to a person, to a program, and as an exit status.

    Args:
        problems: What somebody should correct or look at.
    """

    problems: tuple[Problem, ...] = field(default=(), kw_only=True)

    @property
    def exit_status(self) -> int:
        """1 if an error needs a person, else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    @abstractmethod
    def json(self) -> dict[str, Any]:
        """The report as the object that `--json` prints."""

    @abstractmethod
    def lines(self) -> list[str]:
        """The report in sentences; the problems are printed beside them."""

    def problem_rows(self) -> list[dict[str, str]]:
        """The problems as `json` lists them."""
        return [problem.row() for problem in self.problems]


class StoppedPartway(MarkbookError):
    """A command had to stop after it had stored something.

    Args:
        error: Why it stopped.
        stored: What is stored, in a sentence.
        report: What it had done until then, or None.
    """

    def __init__(
        self, error: MarkbookError, stored: str, report: Report | None = None
    ) -> None:
        super().__init__(f"Stopped before the end. {stored} {error.what}", error.do)
        self.report = report
