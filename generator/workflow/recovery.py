"""Keeping a school's store its own, and getting everything back, one job each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from generator.workflow.open_school import open_store

if TYPE_CHECKING:
    from generator.recovery.adopt import AdoptReport
    from generator.recovery.renew_key import KeyReport
    from generator.school.school import School


def adopt(school: School, former: str, *, now: datetime, who: str) -> AdoptReport:
    """Give the store to the school under its new name or number.

    Args:
        school: The school, with its new name or number in `school.toml`.
        former: The name or number that the store has.
        now: The moment.
        who: The person who does it.

    Raises:
        MarkbookError: If the store has another name and number, or another key.
    """
    from generator.recovery.adopt import adopt

    with open_store(school, now=now, purpose="adopt") as store:
        return adopt(store, school, former)


def renew_key(school: School, why: str, *, now: datetime, who: str) -> KeyReport:
    """Give a school a new key, whether or not the one before is there.

    Args:
        school: The school.
        why: The reason.
        now: The moment.
        who: The person who does it.

    Raises:
        MarkbookError: If there is no reason, the key cannot be written, or the store
            cannot be used.
    """
    from generator.recovery.renew_key import renew_key

    with open_store(school, now=now, purpose="renew key") as store:
        return renew_key(store, school, why)
