"""Corrections by hand, one job each: a mark, a target, a pupil, a class."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from generator.workflow.open_school import open_context

if TYPE_CHECKING:
    from generator.corrections import (
        CorrectionReport,
        MarkEdit,
        NewPupil,
        TargetEdit,
    )
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
        open_context(school, now=now, who=who, command="set_mark") as context,
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
        open_context(school, now=now, who=who, command="set_target") as context,
        context.store.begin() as connection,
    ):
        return set_target(connection, context, edit)


def add_pupil(
    school: School, pupil: NewPupil, *, now: datetime, who: str
) -> CorrectionReport:
    """Add one pupil, in classes.

    Raises:
        MarkbookError: If that cannot be done; nothing is stored then.
    """
    from generator.corrections import add_pupil

    with (
        open_context(school, now=now, who=who, command="add_pupil") as context,
        context.store.begin() as connection,
    ):
        return add_pupil(connection, context, pupil)


def end_pupil(
    school: School, adno: str, day: date, *, now: datetime, who: str
) -> CorrectionReport:
    """Say that a pupil left.

    Raises:
        MarkbookError: If that cannot be done; nothing is stored then.
    """
    from generator.corrections import end_pupil

    with (
        open_context(school, now=now, who=who, command="end_pupil") as context,
        context.store.begin() as connection,
    ):
        return end_pupil(connection, context, adno, day)


def return_pupil(
    school: School, adno: str, *, now: datetime, who: str
) -> CorrectionReport:
    """Say that a pupil who left is back.

    Raises:
        MarkbookError: If that cannot be done; nothing is stored then.
    """
    from generator.corrections import return_pupil

    with (
        open_context(school, now=now, who=who, command="return_pupil") as context,
        context.store.begin() as connection,
    ):
        return return_pupil(connection, context, adno)


def remove_pupil(
    school: School, adno: str, *, now: datetime, who: str
) -> CorrectionReport:
    """Remove a pupil for whom nothing was ever collected.

    Raises:
        MarkbookError: If that cannot be done; nothing is stored then.
    """
    from generator.corrections import remove_pupil

    with (
        open_context(school, now=now, who=who, command="remove_pupil") as context,
        context.store.begin() as connection,
    ):
        return remove_pupil(connection, context, adno)


def move_pupil(
    school: School, adno: str, old: str, new: str, *, now: datetime, who: str
) -> CorrectionReport:
    """Move a pupil from one class to another.

    Raises:
        MarkbookError: If that cannot be done; nothing is stored then.
    """
    from generator.corrections import move_pupil

    with (
        open_context(school, now=now, who=who, command="move_pupil") as context,
        context.store.begin() as connection,
    ):
        return move_pupil(connection, context, adno, old, new)


def rename_class(
    school: School, old: str, new: str, *, now: datetime, who: str
) -> CorrectionReport:
    """Give a class another code.

    Raises:
        MarkbookError: If that cannot be done; nothing is stored then.
    """
    from generator.corrections import rename_class

    with (
        open_context(school, now=now, who=who, command="rename_class") as context,
        context.store.begin() as connection,
    ):
        return rename_class(connection, context, old, new)


def merge_classes(
    school: School, code: str, into: str, *, now: datetime, who: str
) -> CorrectionReport:
    """Put the pupils of one class into another.

    Raises:
        MarkbookError: If that cannot be done; nothing is stored then.
    """
    from generator.corrections import merge_classes

    with (
        open_context(school, now=now, who=who, command="merge_classes") as context,
        context.store.begin() as connection,
    ):
        return merge_classes(connection, context, code, into)


def end_class(
    school: School, code: str, day: date, *, now: datetime, who: str
) -> CorrectionReport:
    """End a class.

    Raises:
        MarkbookError: If that cannot be done; nothing is stored then.
    """
    from generator.corrections import end_class

    with (
        open_context(school, now=now, who=who, command="end_class") as context,
        context.store.begin() as connection,
    ):
        return end_class(connection, context, code, day)


def assign_class(
    school: School,
    code: str,
    staff: str,
    *,
    until: date | None = None,
    beside: bool = False,
    now: datetime,
    who: str,
) -> CorrectionReport:
    """Give a class another teacher: for good, or as cover until a day.

    Raises:
        MarkbookError: If the class or the teacher does not exist.
    """
    from generator.corrections import assign_class

    with (
        open_context(school, now=now, who=who, command="assign_class") as context,
        context.store.begin() as connection,
    ):
        return assign_class(
            connection, context, code, staff, until=until, beside=beside
        )


def reopen_collection(
    school: School, collection: str, until: date, *, now: datetime, who: str
) -> CorrectionReport:
    """Let a collection close on another day, in `school.toml` too.

    Raises:
        MarkbookError: If there is no such collection, or the day is before it opens.
    """
    from generator.corrections import reopen_collection

    chosen = school.collection(collection)
    with (
        open_context(school, now=now, who=who, command="reopen_collection") as context,
        context.store.begin() as connection,
    ):
        return reopen_collection(connection, context, chosen, until)
