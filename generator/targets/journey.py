"""A pupil's targets from the first draft on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from generator.problems import Problem
from generator.store import targets as stored
from udfs.errors import MarkbookError


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """Every version of one pupil's targets, oldest first within a subject."""

    adno: str
    versions: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...] = ()
    exit_status: int = 0

    def json(self) -> dict[str, Any]:
        """For other programs."""
        return {"adno": self.adno, "versions": list(self.versions)}

    def lines(self) -> list[str]:
        """For the person who asked: who, when, why and from what."""
        told = []
        subject = None
        for version in self.versions:
            if version["subject"] != subject:
                subject = version["subject"]
                told.append(f"{subject}")
            told.append(_version_line(version))
        return told


def history(connection: Connection, adno: str) -> HistoryReport:
    """Every version of a pupil's targets: who set it, when, why, and from what.

    Raises:
        MarkbookError: If the store has no target of such a pupil.
    """
    found = stored.versions(connection, adno)
    if found.empty:
        raise MarkbookError(
            f"There is no target of a pupil with the admission number {adno!r}.",
            "Write it with its leading zeros, and draft targets first.",
        )
    plain = found.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return HistoryReport(
        adno, tuple({str(name): value for name, value in row.items()} for row in rows)
    )


def _version_line(version: dict[str, Any]) -> str:
    target = version["expected"] or "none"
    if version["aspirational"]:
        target += f", aspirational {version['aspirational']}"
    status = f" ({version['status']})" if version["status"] else ""
    source = f" From {version['provenance']}." if version["provenance"] else ""
    return (
        f"  {version['version']}. {version['set_at'].replace('T', ' ')} "
        f"{version['set_by']}: {target}{status}; {version['reason']}.{source}"
    )
