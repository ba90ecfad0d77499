"""What one run of a command works with: the school, its store, the moment, the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from generator.school.school import School
    from generator.store.engine import Store
    from udfs.tables import Tables


@dataclass(frozen=True, slots=True)
class Context:
    """What one run of a command works with; `workflow` makes it once per run.

    Args:
        school: The school folder and its settings.
        tables: Scales, subjects and national figures as this school has them.
        store: The school's store, open.
        now: The moment of the run.
        who: The person who runs the command.
    """

    school: School
    tables: Tables
    store: Store
    now: datetime
    who: str

    @property
    def today(self) -> date:
        """The day of the run."""
        return self.now.date()

    @property
    def moment(self) -> str:
        """The moment of the run as the store has it (`2026-11-22T09:30:00`)."""
        return self.now.isoformat(timespec="seconds")
