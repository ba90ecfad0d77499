"""The moderation workbooks that were written: put in place, put down, reported."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.files import publish
from generator.problems import Problem
from generator.store import moderation as ledger
from generator.store.engine import Store
from generator.targets.form import Form, Kind
from udfs.errors import MarkbookError

FOLDER = "moderation"


@dataclass(frozen=True, slots=True)
class ModerationReport:
    """The workbooks that were written.

    Args:
        kind: `moderation` or `review`.
        files: The files, relative to the school folder.
        rows: How many pupils and subjects are in them.
        provisional: How many of those wait for the department's baseline.
        without: How many have no target.
        queries: How many have a teacher's query.
        proposals: How many have a proposal.
        problems: What somebody should put right.
    """

    kind: Kind
    files: tuple[str, ...]
    rows: int
    provisional: int
    without: int
    queries: int
    proposals: int
    problems: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 where a workbook could not be written, else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    def json(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "files": list(self.files),
            "pupil_subjects": self.rows,
            "provisional": self.provisional,
            "without": self.without,
            "queries": self.queries,
            "proposals": self.proposals,
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """For the person who asked."""
        if not self.files and self.kind == "review":
            return ["Nothing in the store speaks for a higher target."]
        what = "moderation" if self.kind == "moderation" else "review"
        books = "workbook" if len(self.files) == 1 else "workbooks"
        return [
            f"Wrote {len(self.files)} {what} {books} under {FOLDER}/: "
            f"{self.rows:,} pupil–subjects, {self.provisional:,} provisional, "
            f"{self.without:,} without a target, {self.queries:,} queries, "
            f"{self.proposals:,} proposals.",
            "Send each to its head of department; when it comes back: "
            "markbook targets apply FILE.",
        ]


def put_in_place(
    store: Store, form: Form, path: Path, *, shown: str, data: bytes
) -> None:
    """Write a workbook and put it down in the ledger.

    Args:
        store: The school's store.
        form: What is in it.
        path: Where it goes.
        shown: The same, below the school folder.
        data: The file.

    Raises:
        MarkbookError: If the file that is there holds what has not been applied, or
            it cannot be written.
    """
    with store.begin() as connection:
        known = ledger.hashes_of(connection, shown)
    if path.exists() and _sha256(path) not in known:
        raise MarkbookError(
            f"{shown} has been filled in since it was written, and not all of it is "
            "applied.",
            f"Apply it (markbook targets apply {shown}), or move it away, then write "
            "it again.",
        )
    # Put down first: a file that nobody knows of could never be applied.
    with store.begin() as connection:
        ledger.record(
            connection,
            [
                ledger.Written(
                    issue_id=form.issue_id,
                    academic_year=form.academic_year,
                    kind=form.kind,
                    department=form.department,
                    file=shown,
                    rows=sum(len(sheet.rows) for sheet in form.sheets),
                    written_at=form.written_at,
                    written_by=form.written_by,
                    sha256=hashlib.sha256(data).hexdigest(),
                )
            ],
        )
    publish(path, data)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MarkbookError(
            f"{path.name} cannot be read ({error.strerror or error}).",
            "Close it if it is open, and try again.",
        ) from None
