"""The account of a collection: every file and every cell, and that they add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.problems import Problem
from generator.returns.merge_rules import CellChange

STATUSES = ("merged", "unchanged", "rejected", "superseded")


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file.

    Args:
        file: Its name.
        path: Where it lies.
        status: `merged`, `unchanged`, `rejected` or `superseded`.
        classes: Its classes, where they are known.
        collection: Its collection, where it is known.
        counts: What became of its cells.
        problems: What there is to say about it.
        sha256: Of its content, where it could be read.
        returned_at: When it was changed last, as local ISO text.
        again: Whether it was merged before and read again for a few cells.
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


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What a collection of returns did, or, rehearsed, would do.

    Args:
        dry: Whether nothing was stored.
        reports: Every file found, in the order they were taken.
        skipped: Files that are no returns and were passed over.
        cells: How many cells were read, and what became of them.
        changes: Every cell that is not simply the same.
        missing: The classes that have not returned, by collection.
        notes: Lines for the reader.
        issued: The collections of `missing` in which a class was issued at all.
        written: Files that were written for teachers and for the data manager.
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
        """How many files were found, and what became of them."""
        by_status = Counter(report.status for report in self.reports)
        return {
            "found": len(self.reports),
            "skipped": len(self.skipped),
            **{status: by_status[status] for status in STATUSES},
        }

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything there is to put right or to look at, file by file."""
        return tuple(p for report in self.reports for p in report.problems)

    @property
    def exit_status(self) -> int:
        """1 where a file or cell was rejected or is in conflict, else 0."""
        stuck = self.cells["rejected"] or self.cells["conflict"]
        return int(bool(self.files["rejected"] or stuck))

    def json(self) -> dict[str, Any]:
        """The report as other programs read it."""
        return {
            "files": self.files,
            "cells": self.cells,
            "problems": [problem.row() for problem in self.problems],
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
        """The report as a person reads it: counts first, then what to do."""
        files, cells = self.files, self.cells
        made = [
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
                made.append(
                    f"{collection}: not returned: {len(classes)} "
                    f"({', '.join(classes[:12])}{', …' if len(classes) > 12 else ''})."
                )
            elif collection not in self.issued:
                made.append(f"{collection}: nothing was issued.")
            else:
                made.append(f"{collection}: every class has returned.")
        if self.skipped:
            made.append(f"Skipped: {', '.join(self.skipped[:12])}.")
        made += self.notes
        made += [f"Wrote {_place(path)}." for path in self.written[-1:]]
        if len(self.written) > 1:
            made.append(
                f"{_count(len(self.written) - 1, 'marked copy', 'marked copies')} for "
                f"teachers beside it."
            )
        if self.dry:
            made.append("Nothing was stored: this was a check.")
        return made


def _count(number: int, noun: str, several: str = "") -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {several or noun + 's'}"


def _place(path: Path) -> str:
    return "/".join(path.parts[-3:])
