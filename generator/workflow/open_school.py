"""The store of a school, opened for one job and closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.context import Context
    from generator.school.school import School
    from generator.store.engine import Store
    from generator.store.open_store import Purpose


@contextmanager
def open_store(
    school: School, *, now: datetime, purpose: Purpose = "work"
) -> Iterator[Store]:
    """The school's store, open, when it is proved to be the school's."""
    from generator.store.open_store import open_store

    store = open_store(school, now=now, purpose=purpose)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def open_context(school: School, *, now: datetime, who: str = "") -> Iterator[Context]:
    """What one run works with: the school's tables and its store, open."""
    from generator.context import Context
    from generator.school.school_tables import school_tables

    with open_store(school, now=now) as store:
        context = Context(school, school_tables(school), store, now, who)
        _end_covers(context)
        yield context


def _end_covers(context: Context) -> None:
    """End the covers whose last day is past, before anything reads who teaches what."""
    from generator.store.corrections import due_covers

    with context.store.begin() as connection:
        is_due = bool(due_covers(connection, context.today.isoformat()))
    if is_due:
        from generator.corrections import end_covers

        with context.store.begin() as connection:
            end_covers(connection, context)
