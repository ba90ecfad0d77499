"""The report of `doctor`: everything known about a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from generator.report import Report


@dataclass(frozen=True, slots=True)
class DoctorReport(Report):
    """Everything known about a file.

    Args:
        file: Its name.
        size: Its size in bytes.
        sha256: The hash of its content; empty if it is too large to read.
        kind: What it is, as a sentence.
        is_ours: Whether it was issued from this school folder.
        classes: Its classes.
        collection: Its collection.
        issues: Its issues, one per class.
        issued_at: When it was issued.
        school_id: The school that it claims to belong to.
        program: The program that saved it last.
        modified: Its own time of last change.
        changes: What its software, or somebody, did to it.
        past: When it was collected and with what result, oldest first.
        counts: Entry cells filled in, readable, to correct and blank; empty if they
            could not be read.
    """

    file: str
    size: int
    sha256: str
    kind: str
    is_ours: bool = False
    classes: tuple[str, ...] = ()
    collection: str = ""
    issues: tuple[str, ...] = ()
    issued_at: str = ""
    school_id: str = ""
    program: str = ""
    modified: str = ""
    changes: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def exit_status(self) -> int:
        """0 if it is ours and can be collected whole, else 1."""
        has_errors = any(problem.severity == "error" for problem in self.problems)
        return int(not self.is_ours or has_errors)

    @property
    def recoverable(self) -> str:
        """How much of it can be collected, as a sentence."""
        if not self.counts:
            return "Nothing can be read from it as it is."
        if not self.counts["filled"]:
            return "No mark is filled in."
        return (
            f"{self.counts['filled']} entry cells are filled in: "
            f"{self.counts['readable']} can be taken, "
            f"{self.counts['to_put_right']} must be corrected first; "
            f"{self.counts['blank']} are blank."
        )

    def json(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "file": self.file,
            "size": self.size,
            "sha256": self.sha256,
            "kind": self.kind,
            "ours": self.is_ours,
            "classes": list(self.classes),
            "collection": self.collection,
            "issues": list(self.issues),
            "issued_at": self.issued_at,
            "school": self.school_id,
            "program": self.program,
            "modified": self.modified,
            "changes": list(self.changes),
            "past": list(self.past),
            "cells": self.counts,
            "recoverable": self.recoverable,
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        lines = [f"{self.file} ({self.size:,} bytes): {self.kind}"]
        if self.classes:
            lines.append(
                f"Class {', '.join(self.classes)}, collection {self.collection}, "
                f"issued {self.issued_at or 'at an unknown time'} as "
                f"{', '.join(self.issues)}, school {self.school_id}."
            )
        if self.program or self.modified:
            lines.append(
                f"Saved last by {self.program or 'a program without a name'}, "
                f"{self.modified or 'at a time it does not say'}."
            )
        lines += self.changes
        if self.is_ours and not self.changes:
            lines.append("Nothing that markbooks need was lost in saving.")
        lines += self.past or ["It has not been collected in its present state."]
        return [*lines, self.recoverable]
