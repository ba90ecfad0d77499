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
        yield Context(school, school_tables(school), store, now, who)
