"""The report of a collection: every file and every cell, and that they add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.problems import Problem
from generator.report import Report, StoppedPartway
from generator.returns.merge_rules import VERDICTS, CellChange, MergeResult, Return
from udfs.errors import MarkbookError

STATUSES = ("merged", "unchanged", "rejected", "superseded")
MAX_LISTED = 12  # names in one line


@dataclass(frozen=True, slots=True)
class FileReport:
    """The result of one file.

    Args:
        file: Its name.
        path: Its path.
        status: `merged`, `unchanged`, `rejected` or `superseded`.
        classes: Its classes, if known.
        collection: Its collection, if known.
        counts: The number of its cells by verdict.
        problems: What to correct or check.
        sha256: The hash of its content, if it could be read.
        returned_at: Its time of last change, as local ISO text.
        is_reread: Whether it was merged before and read again for a few cells.
    """

    file: str
    path: Path
    status: str
    classes: tuple[str, ...] = ()
    collection: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    sha256: str = ""
    returned_at: str = ""
    is_reread: bool = False

    @classmethod
    def of_return(
        cls, returned: Return, result: MergeResult, status: str
    ) -> FileReport:
        """The report of a return that was merged."""
        return cls(
            file=returned.file,
            path=returned.path,
            status=status,
            classes=returned.classes,
            collection=returned.collection,
            counts=dict(result.counts),
            problems=result.problems,
            sha256=returned.sha256,
            returned_at=returned.returned_at,
            is_reread=result.is_reread,
        )


@dataclass(frozen=True, slots=True)
class CollectReport(Report):
    """What a collection did, or in a rehearsal would do.

    Args:
        dry: Whether it was a rehearsal.
        reports: Every file, in the order of merging, the rejected first.
        skipped: Files that are no returns.
        cells: The number of cells read, and of each verdict.
        changes: Every cell that is not simply the same.
        missing: Collection -> the classes that have not returned.
        notes: Lines for the reader.
        issued: The collections of `missing` in which a class was issued.
        written: Files written for teachers and for the data manager, the report last.
    """

    dry: bool
    reports: tuple[FileReport, ...]
    skipped: tuple[str, ...]
    cells: dict[str, int]
    changes: tuple[CellChange, ...]
    missing: dict[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    issued: frozenset[str] = frozenset()
    written: tuple[Path, ...] = ()

    @property
    def files(self) -> dict[str, int]:
        """The number of files found, skipped and of each status."""
        by_status = Counter(report.status for report in self.reports)
        return {
            "found": len(self.reports),
            "skipped": len(self.skipped),
            **{status: by_status[status] for status in STATUSES},
        }

    @property
    def exit_status(self) -> int:
        """1 if a file or cell was rejected or is in conflict, else 0."""
        needs_person = self.cells["rejected"] or self.cells["conflict"]
        return int(bool(self.files["rejected"] or needs_person))

    def json(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "files": self.files,
            "cells": self.cells,
            "problems": self.problem_rows(),
            "missing": sorted({c for codes in self.missing.values() for c in codes}),
            "skipped": list(self.skipped),
            "returns": [
                {
                    "file": report.file,
                    "status": report.status,
                    "classes": list(report.classes),
                    "collection": report.collection,
                }
                for report in self.reports
            ],
        }

    def lines(self) -> list[str]:
        """The report in sentences: counts first, then what to do."""
        files, cells = self.files, self.cells
        lines = [
            f"{_count(files['found'], 'file')}: {files['merged']} merged, "
            f"{files['superseded']} superseded, {files['unchanged']} unchanged, "
            f"{files['rejected']} rejected"
            + (f" ({files['skipped']} skipped)." if files["skipped"] else "."),
            f"{_count(cells['read'], 'cell')} read: {cells['new']} new, "
            f"{cells['changed']} changed, {cells['same']} same, "
            f"{cells['rejected']} rejected, {cells['conflict']} in conflict.",
        ]
        for collection, classes in self.missing.items():
            if classes:
                more = ", …" if len(classes) > MAX_LISTED else ""
                lines.append(
                    f"{collection}: not returned: {len(classes)} "
                    f"({', '.join(classes[:MAX_LISTED])}{more})."
                )
            elif collection not in self.issued:
                lines.append(f"{collection}: nothing was issued.")
            else:
                lines.append(f"{collection}: every class has returned.")
        if self.skipped:
            lines.append(f"Skipped: {', '.join(self.skipped[:MAX_LISTED])}.")
        lines += self.notes
        lines += [f"Wrote {'/'.join(path.parts[-3:])}." for path in self.written[-1:]]
        if copies := len(self.written[:-1]):
            noun = "marked copy" if copies == 1 else "marked copies"
            lines.append(f"{copies} {noun} for teachers beside it.")
        if self.dry:
            lines.append("Nothing was stored: this was a check.")
        return lines


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def total_counts(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The cells of several returns together: the number read, and of each verdict."""
    totals: Counter[str] = Counter()
    for each in counts:
        totals.update(each)
    by_verdict = {str(verdict): totals[verdict] for verdict in VERDICTS}
    return {"read": sum(by_verdict.values()), **by_verdict}


def stop_partway(
    error: MarkbookError | KeyboardInterrupt,
    returned: Sequence[Return],
    results: Sequence[MergeResult],
) -> StoppedPartway:
    """The error of a run that stopped after it had stored returns.

    Args:
        error: Why it stopped.
        returned: The returns that are stored.
        results: Their results, in the same order.
    """
    if isinstance(error, KeyboardInterrupt):
        error = MarkbookError("Interrupted.", "Run the command again for the rest.")
    pairs = list(zip(returned, results, strict=False))
    reports = tuple(FileReport.of_return(r, q, q.status) for r, q in pairs)
    report = CollectReport(
        dry=False,
        reports=reports,
        skipped=(),
        cells=total_counts(result.counts for _, result in pairs),
        changes=tuple(change for _, result in pairs for change in result.changes),
        missing={},
        problems=tuple(problem for each in reports for problem in each.problems),
    )
    returns = "return is" if len(pairs) == 1 else "returns are"
    return StoppedPartway(error, f"{len(pairs)} {returns} stored.", report)
