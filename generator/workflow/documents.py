"""Documents for parents and pupils."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from generator.workflow.open_school import open_context

if TYPE_CHECKING:
    from generator.report import Progress
    from generator.reports.request import ReportRequest
    from generator.reports.write_reports import ReportsReport
    from generator.school.school import School


def reports(
    school: School,
    collection: str | None,
    request: ReportRequest,
    *,
    now: datetime,
    who: str,
    progress: Progress | None = None,
) -> ReportsReport:
    """Write the reports, plans and slips of a collection.

    Raises:
        MarkbookError: If a kind, a collection or a pupil does not exist, or the extra
            `reports` is not installed.
    """
    from generator.reports.request import check_kinds
    from generator.reports.write_reports import write_reports
    from generator.store.collection_codes import claim_code

    if collection:
        chosen = school.collection(collection)
    else:
        check_kinds(request.kinds, [each.code for each in school.settings.collections])
        chosen = school.open_collection(now.date())
    with open_context(school, now=now, who=who, command="reports") as context:
        with context.store.begin() as connection:
            claim_code(connection, chosen, school.academic_year)
        return write_reports(context, chosen, request, progress=progress)
