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


@contextmanager
def open_store(school: School) -> Iterator[Store]:
    """The school's store, open."""
    from generator.store.engine import Store

    store = Store.open(school.folder, school.settings.school.database)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def open_context(school: School, *, now: datetime, who: str = "") -> Iterator[Context]:
    """What one run works with: the school's tables and its store, open."""
    from generator.context import Context
    from generator.school.school_tables import school_tables

    with open_store(school) as store:
        yield Context(school, school_tables(school), store, now, who)
