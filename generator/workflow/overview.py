"""Where a school stands."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from generator.workflow.open_school import open_context, open_store

if TYPE_CHECKING:
    from generator.school.school import School
    from generator.status import ImportsReport, StatusReport


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


def imports(school: School, *, now: datetime) -> ImportsReport:
    """The imports that changed anything, oldest first, with their ids."""
    from generator.status import ImportsReport
    from generator.store.imports import list_imports

    with open_store(school, now=now) as store, store.begin() as connection:
        return ImportsReport(tuple(list_imports(connection)))
