"""Drafts of mails to teachers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from generator.workflow.open_school import open_context

if TYPE_CHECKING:
    from generator.mail import DraftsReport
    from generator.school.school import School


def send(
    school: School,
    kind: str,
    collection: str | None = None,
    *,
    people: Sequence[str] = (),
    links: bool = False,
    now: datetime,
) -> DraftsReport:
    """Write a draft for each person, and a list for mail merge.

    Raises:
        MarkbookError: If nothing was issued yet, or a person is to get nothing.
    """
    from generator.mail import write_drafts

    code = collection
    chosen = school.collection(code) if code else school.open_collection(now.date())
    with open_context(school, now=now) as context:
        return write_drafts(context, kind, chosen, people=people, links=links)
