"""Where a school stands."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from generator.workflow.open_school import open_context

if TYPE_CHECKING:
    from generator.school.school import School
    from generator.status import StatusReport


def status(school: School, *, now: datetime, folder: str = "") -> StatusReport:
    """What is done, what waits and what to do next.

    Args:
        school: The school.
        now: The moment.
        folder: The school folder as the report names it; empty for the current one.
    """
    from generator.status import read_status

    with open_context(school, now=now) as context:
        return read_status(context, folder=folder)
