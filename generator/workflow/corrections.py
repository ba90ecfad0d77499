"""Corrections by hand, one job each: a mark, a target, a pupil, a class."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from generator.workflow.open_school import open_context

if TYPE_CHECKING:
    from generator.corrections import CorrectionReport, MarkEdit, TargetEdit
    from generator.school.school import School


def set_mark(
    school: School, collection: str, edit: MarkEdit, *, now: datetime, who: str
) -> CorrectionReport:
    """Set one mark by hand.

    Raises:
        MarkbookError: If the collection, class, pupil, field or value is not one.
    """
    from generator.corrections import set_mark

    chosen = school.collection(collection)
    with (
        open_context(school, now=now, who=who) as context,
        context.store.begin() as connection,
    ):
        return set_mark(connection, context, chosen, edit)


def set_target(
    school: School, edit: TargetEdit, *, now: datetime, who: str
) -> CorrectionReport:
    """Set one pupil's target by hand.

    Raises:
        MarkbookError: If the pupil does not take the subject, or a grade is none.
    """
    from generator.corrections import set_target

    with (
        open_context(school, now=now, who=who) as context,
        context.store.begin() as connection,
    ):
        return set_target(connection, context, edit)
