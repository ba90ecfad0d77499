"""What reading results did, in words and in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.problems import Problem

SHOWN = 20  # changes that are told one by one


@dataclass(frozen=True, slots=True)
class ResultChange:
    """A result that is another now.

    Args:
        adno: Whose.
        subject: In which subject.
        old: The grade before.
        new: The grade now.
    """

    adno: str
    subject: str
    old: str
    new: str


@dataclass(frozen=True)
class ResultsReport:
    """What reading results did.

    Args:
        academic_years: The academic years the results belong to.
        chosen_by: How that was told, as a sentence.
        files: The files read.
        pupils: Pupils with a result in the files.
        subjects: Subjects with one.
        new: Results that are new.
        changed: Results that replaced another.
        same: Results that were there already.
        later: Later entries beside an earlier one, which counts.
        refused: Results left out.
        not_entered: Cells that say a pupil was not entered; they are no results.
        pending: Results that are still to come.
        blank: Rows without a grade.
        changes: What the changed results were and are.
        headline: The headline measures and how predictions turned out, by name.
        said: The same in sentences.
        problems: What somebody should put right or look at.
    """

    academic_years: tuple[str, ...]
    chosen_by: str
    files: tuple[str, ...]
    pupils: int = 0
    subjects: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    later: int = 0
    refused: int = 0
    not_entered: int = 0
    pending: int = 0
    blank: int = 0
    changes: tuple[ResultChange, ...] = ()
    headline: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def read(self) -> int:
        """How many results the files hold, those left out included."""
        return self.new + self.changed + self.same + self.later + self.refused

    @property
    def exit_status(self) -> int:
        """1 where a result was left out, else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    def json(self) -> dict[str, Any]:
        """The report as the object that `results --json` prints."""
        return {
            "academic_years": list(self.academic_years),
            "pupils": self.pupils,
            "subjects": self.subjects,
            "results": {
                "read": self.read,
                "new": self.new,
                "changed": self.changed,
                "same": self.same,
                "later_entries": self.later,
                "refused": self.refused,
            },
            "pending": self.pending,
            "not_entered": self.not_entered,
            "blank": self.blank,
            "headline": dict(self.headline),
            "changes": [
                {"adno": one.adno, "subject": one.subject, "old": one.old,
                 "new": one.new}
                for one in self.changes
            ],
            "files": list(self.files),
            "problems": [problem.row() for problem in self.problems],
        }  # fmt: skip

    def lines(self) -> list[str]:
        """The report in words, the headline first."""
        made = [*self.said, self.chosen_by]
        made.append(
            f"{self.read:,} results of {self.pupils:,} pupils in {self.subjects:,} "
            f"subjects: {self.new:,} new, {self.changed:,} changed, {self.same:,} the "
            f"same, {self.later:,} later entries (the first counts), "
            f"{self.refused:,} left out."
        )
        others = [
            f"{count:,} {what}"
            for count, what in (
                (self.pending, "pending"),
                (self.not_entered, "not entered"),
                (self.blank, "without a grade"),
            )
            if count
        ]
        if others:
            made.append(f"Besides: {', '.join(others)}.")
        made += [
            f"Changed: {one.adno}, {one.subject}: {one.old} → {one.new}."
            for one in self.changes[:SHOWN]
        ]
        if len(self.changes) > SHOWN:
            made.append(
                f"… and {len(self.changes) - SHOWN} more changed: see the table "
                "result_history."
            )
        if self.new or self.changed:
            made.append("Now write the pack: markbook pack results.")
        return made
