"""Record the files of a run that were rejected, with what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from generator.returns.collect_report import FileReport
from generator.returns.merge_rules import return_id
from generator.store import problems, returns

if TYPE_CHECKING:
    from generator.context import Context


def merged_before(connection: Connection, report: FileReport) -> FileReport:
    """Return a report, `unchanged` if its file was merged for another collection."""
    if any(problem.code != "other-collection" for problem in report.problems):
        return report
    past = returns.returns_with_hash(connection, report.sha256)
    if any(earlier.status in returns.MERGED for earlier in past):
        return replace(report, status="unchanged", problems=())
    return report


def record_rejected(
    connection: Connection, context: Context, reports: Sequence[FileReport]
) -> None:
    """Store the rejected files of a run, each with its problems in place of older ones.

    Args:
        connection: The store.
        context: The school, the moment and who collects.
        reports: The reports of the files.
    """
    academic_year = context.school.academic_year
    rows = [
        {
            "return_id": return_id(report.sha256 or report.returned_at, report.file),
            "academic_year": academic_year,
            "sha256": report.sha256,
            "file": report.file,
            "class": ";".join(report.classes),
            "collection": report.collection,
            "returned_at": report.returned_at,
            "read_at": context.moment,
            "who": context.who,
            "status": "rejected",
        }
        for report in reports
    ]
    unique = {row["return_id"]: row for row in rows}
    returns.record_rejected(connection, list(unique.values()))
    for report in reports:
        if report.status == "rejected":
            problems.replace_problems(
                connection,
                report.file,
                report.problems,
                academic_year=academic_year,
                collection=report.collection,
                now=context.now,
            )
