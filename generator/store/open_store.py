"""Open the store of a school, and check that both belong together."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from generator.school.school import School
from generator.store.audit import check_last_seen
from generator.store.engine import Store
from generator.store.owner import check_key, check_school, ensure_store_id
from udfs.errors import MarkbookError

Purpose = Literal["work", "adopt", "renew key"]


def open_store(school: School, *, now: datetime, purpose: Purpose = "work") -> Store:
    """Open a school's store.

    Args:
        school: The school.
        now: The moment.
        purpose: `adopt` opens the store of another school, `renew key` one whose key
            is missing or another; `work` neither.

    Raises:
        MarkbookError: If the store cannot be opened, belongs to another school, or
            the school's key is missing or another one.
    """
    store = Store.open(school.folder, school.settings.school.database)
    try:
        with store.begin() as connection:
            if purpose != "adopt":
                check_school(connection, school, store.display_url)
            if purpose != "renew key":
                check_key(connection, school)
                check_last_seen(connection, school.folder, store.display_url)
                ensure_store_id(connection, school, now)
    except MarkbookError:
        store.close()
        raise
    return store
