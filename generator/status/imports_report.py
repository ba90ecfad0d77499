"""The report of `imports`: what was imported, when and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.report import Report
from generator.returns.chase_report import count_text
from generator.store.imports import import_id


@dataclass(frozen=True, slots=True)
class ImportsReport(Report):
    """The imports that changed anything.

    Args:
        rows: One each, oldest first.
    """

    rows: tuple[Mapping[str, Any], ...]

    def json(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "imports": [{**row, "id": import_id(row["id"])} for row in self.rows],
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        lines = []
        for row in self.rows:
            undone = row["undone_at"]
            end = f"; undone {undone[:10]} by {row['undone_by']}" if undone else ""
            lines.append(
                f"{import_id(row['id'])}: {row['at'].replace('T', ' ')[:16]} by "
                f"{row['who']}, {count_text(row['rows'], 'row')} changed by "
                f"{row['files']}{end}."
            )
        return lines or ["No import is in the record yet."]
