"""All that can be said about a file, for a person and as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from generator.problems import Problem


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All there is to say about a file.

    Args:
        file: Its name.
        size: Its size in bytes.
        sha256: Of its content; empty where it is too large to be read.
        kind: A sentence: what it is.
        is_ours: Whether it was issued from this school folder.
        classes: Its classes.
        collection: Its collection.
        issues: Its issues, one per class.
        issued_at: When it was issued.
        school_id: The school it says it is of.
        program: The program that saved it last.
        modified: Its own time of last change.
        changes: What its software, or somebody, did to it.
        past: What became of it, oldest first.
        counts: Entry cells filled in, readable, to put right and blank; empty where
            they could not be looked at.
        problems: What there is to put right.
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
    problems: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        """0 where it is ours and can be collected whole, else 1."""
        return int(
            not self.is_ours or any(p.severity == "error" for p in self.problems)
        )

    @property
    def recoverable(self) -> str:
        """What can be had from it, as a sentence."""
        if not self.counts:
            return "Nothing can be read from it as it is."
        if not self.counts["filled"]:
            return "No mark is filled in."
        return (
            f"{self.counts['filled']} entry cells are filled in: "
            f"{self.counts['readable']} can be taken, "
            f"{self.counts['to_put_right']} must be put right first; "
            f"{self.counts['blank']} are blank."
        )

    def json(self) -> dict[str, Any]:
        """The answer as other programs read it."""
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
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """The answer as a person reads it."""
        made = [f"{self.file} ({self.size:,} bytes): {self.kind}"]
        if self.classes:
            made.append(
                f"Class {', '.join(self.classes)}, collection {self.collection}, "
                f"issued {self.issued_at or 'at an unknown time'} as "
                f"{', '.join(self.issues)}, school {self.school_id}."
            )
        if self.program or self.modified:
            made.append(
                f"Saved last by {self.program or 'a program without a name'}, "
                f"{self.modified or 'at a time it does not say'}."
            )
        made += self.changes
        if self.is_ours and not self.changes:
            made.append("Nothing that markbooks need was lost in saving.")
        made += self.past or ["It has not been collected, as it is now."]
        made.append(self.recoverable)
        return made
