"""The report of `status`: at most 25 lines, the next thing to do last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from generator.report import Report
from generator.returns.chase_report import count_text, day_text

MOST_COLLECTIONS = 8  # shown to a person, the latest; all of them as JSON


@dataclass(frozen=True, slots=True)
class LastImport:
    """The last import that changed the roster.

    Args:
        at: When, as ISO text; empty before the first.
        who: The person.
        files: Its files.
        hashes: Name of a file -> the hash of its content; empty for an import by a
            version that did not record it.
    """

    at: str = ""
    who: str = ""
    files: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)

    def line(self) -> str:
        """It as a sentence."""
        if not self.at:
            return "Import: none yet."
        files = count_text(len(self.files), "file")
        return f"Last import: {self.at.replace('T', ' ')[:16]} by {self.who}, {files}."


@dataclass(frozen=True, slots=True)
class TargetCounts:
    """Pupil–subjects by the state of their targets.

    Args:
        pupil_subjects: Those that are taught now.
        drafted: With a target that was neither issued nor moderated.
        provisional: With a provisional one.
        moderated: With one that a person agreed.
        issued: With one that a markbook shows, but for those moderated.
        without: Without a target.
        queries: Teachers' queries without an answer.
    """

    pupil_subjects: int = 0
    drafted: int = 0
    provisional: int = 0
    moderated: int = 0
    issued: int = 0
    without: int = 0
    queries: int = 0

    @property
    def with_target(self) -> int:
        """The number that have a target."""
        return self.pupil_subjects - self.without

    def line(self) -> str:
        """Them as a sentence."""
        if not self.with_target:
            return "Targets: none yet."
        counts = {
            "drafted": self.drafted,
            "provisional": self.provisional,
            "moderated": self.moderated,
            "issued": self.issued,
            "without": self.without,
        }
        parts = [f"{count} {name}" for name, count in counts.items() if count]
        queries = f"; {_open_queries(self.queries)}" if self.queries else ""
        return f"Targets: {', '.join(parts)} of {self.pupil_subjects}{queries}."


def _open_queries(number: int) -> str:
    return "1 open query" if number == 1 else f"{number} open queries"


@dataclass(frozen=True, slots=True)
class CollectionStatus:
    """Where a collection stands.

    Args:
        code: Its code.
        name: Its name.
        opens: Its first day.
        closes: Its last day.
        state: `to come`, `open` or `closed`.
        classes: The classes with a pupil in its years.
        issued: How many of them were issued.
        returned: How many of those have returned.
        finished: How many have no mark missing.
        conflicts: Cells of returns in conflict.
        rejected: Cells of returns that were not accepted.
        roster_changes: Joiners, leavers and moves since it was last issued.
    """

    code: str
    name: str
    opens: date
    closes: date
    state: str
    classes: int = 0
    issued: int = 0
    returned: int = 0
    finished: int = 0
    conflicts: int = 0
    rejected: int = 0
    roster_changes: int = 0

    def line(self) -> str:
        """It as a sentence."""
        if self.state == "to come":
            return f"{self.code}: opens {day_text(self.opens)}."
        verb = "closes" if self.state == "open" else "closed"
        start = f"{self.code}: {verb} {day_text(self.closes)}"
        if not self.issued:
            return f"{start}; not issued."
        line = (
            f"{start}; {self.issued} of {self.classes} classes issued, "
            f"{self.returned} returned, {self.finished} finished"
        )
        if self.conflicts:
            line += f", {count_text(self.conflicts, 'conflict')}"
        if self.rejected:
            line += f", {count_text(self.rejected, 'cell')} not accepted"
        if self.roster_changes:
            changes = count_text(self.roster_changes, "change")
            line += f"; {changes} of class lists since issue"
        return f"{line}."


@dataclass(frozen=True, slots=True)
class StatusReport(Report):
    """Where a school stands.

    Args:
        school: Its name.
        academic_year: As `2026/27`.
        folder: The school folder, where it is not the current one; else empty.
        pupils: Pupils on roll.
        last_import: The last import.
        targets: The targets.
        collections: The collections, by their first day.
        waiting_exports: Files in `exports/` newer than the last import.
        waiting_returns: Files in `returned/` that were never read.
        last_backup: The day of the last backup, as ISO text; empty before the first.
        backup_age: Days since then; None before the first.
        corrections: Corrections by hand this year, but for those undone.
        next_step: What to do next, as a sentence.
        command: The command for it, or empty.
    """

    school: str
    academic_year: str
    folder: str
    pupils: int
    last_import: LastImport
    targets: TargetCounts
    collections: tuple[CollectionStatus, ...]
    waiting_exports: tuple[str, ...]
    waiting_returns: tuple[str, ...]
    last_backup: str
    backup_age: int | None
    corrections: int
    next_step: str
    command: str

    def json(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "school": self.school,
            "academic_year": self.academic_year,
            "folder": self.folder,
            "pupils": self.pupils,
            "last_import": asdict(self.last_import),
            "targets": asdict(self.targets),
            "collections": [
                {
                    **asdict(each),
                    "opens": each.opens.isoformat(),
                    "closes": each.closes.isoformat(),
                }
                for each in self.collections
            ],
            "waiting": {
                "exports": list(self.waiting_exports),
                "returned": list(self.waiting_returns),
            },
            "last_backup": self.last_backup,
            "backup_age": self.backup_age,
            "corrections": self.corrections,
            "next": {"do": self.next_step, "command": self.command},
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        where = f" ({self.folder})" if self.folder else ""
        lines = [
            f"{self.school}{where}, {self.academic_year}: "
            f"{count_text(self.pupils, 'pupil')} on roll.",
            self.last_import.line(),
            self.targets.line(),
        ]
        begun = [each for each in self.collections if each.state != "to come"]
        coming = [each for each in self.collections if each.state == "to come"]
        if len(begun) > MOST_COLLECTIONS:
            lines.append(f"{len(begun) - MOST_COLLECTIONS} earlier collections.")
        lines += [each.line() for each in begun[-MOST_COLLECTIONS:]]
        lines += [each.line() for each in coming[:2]]
        if len(coming) > 2:
            lines.append(f"{len(coming) - 2} more to come.")
        for folder, files in (
            ("exports", self.waiting_exports),
            ("returned", self.waiting_returns),
        ):
            if files:
                lines.append(f"In {folder}/: {count_text(len(files), 'file')} to read.")
        if self.corrections:
            lines.append(f"Corrections by hand: {self.corrections} this year.")
        if self.backup_age is None:
            lines.append("Backup: none yet (markbook backup).")
        else:
            days = count_text(self.backup_age, "day")
            lines.append(f"Last backup: {self.last_backup}, {days} ago.")
        command = f"\n  {self.command}" if self.command else ""
        return [*lines, f"Next: {self.next_step}{command}"]
