"""The report of an import of results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.report import Report

MAX_CHANGES = 20  # changes that the report names one by one


@dataclass(frozen=True, slots=True)
class ResultChange:
    """A result with a new grade.

    Args:
        adno: The pupil's admission number.
        subject: The subject.
        old: The grade before.
        new: The grade now.
    """

    adno: str
    subject: str
    old: str
    new: str


@dataclass(frozen=True)
class ResultsReport(Report):
    """The report of an import of results.

    Args:
        academic_years: The academic years of the results.
        chosen_by: How they were decided, as a sentence.
        files: The files.
        pupils: Pupils with a result.
        subjects: Subjects with a result.
        new: New results.
        changed: Results that replace another.
        same: Results that the store has already.
        later: Later entries; the first entry counts.
        refused: Results left out.
        not_entered: Cells that say a pupil was not entered.
        pending: Results still to come.
        blank: Rows without a grade.
        others: Cells that are no results of their subjects, such as forecasts.
        endorsements: What is expected beside a result and was left out, by title.
        changes: The changed results.
        headline: Headline measures and accuracy of predictions, by name.
        headline_lines: The same in sentences.
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
    others: int = 0
    endorsements: tuple[str, ...] = ()
    changes: tuple[ResultChange, ...] = ()
    headline: Mapping[str, Any] = field(default_factory=dict)
    headline_lines: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """The number of results in the files, with those left out."""
        return self.new + self.changed + self.same + self.later + self.refused

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
            "not_results": self.others,
            "headline": dict(self.headline),
            "changes": [
                {"adno": change.adno, "subject": change.subject, "old": change.old,
                 "new": change.new}
                for change in self.changes
            ],
            "files": list(self.files),
            "problems": self.problem_rows(),
        }  # fmt: skip

    def lines(self) -> list[str]:
        """The report in words, the headline first."""
        lines = [*self.headline_lines, self.chosen_by]
        lines.append(
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
                (self.others, "no results of a subject"),
            )
            if count
        ]
        if others:
            lines.append(f"Besides: {', '.join(others)}.")
        if self.endorsements:
            lines.append(
                "Left out, as they stand beside results: "
                f"{', '.join(map(repr, self.endorsements))}."
            )
        lines += [
            f"Changed: {change.adno}, {change.subject}: {change.old} → {change.new}."
            for change in self.changes[:MAX_CHANGES]
        ]
        if len(self.changes) > MAX_CHANGES:
            lines.append(
                f"… and {len(self.changes) - MAX_CHANGES} more changed: see the table "
                "result_history."
            )
        if self.new or self.changed:
            lines.append("Now write the pack: markbook pack results.")
        return lines
