"""Keep the store of a school that has a new name or number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.report import Report
from generator.school.school import School
from generator.store.engine import Store
from generator.store.owner import adopt_school


@dataclass(frozen=True, slots=True)
class AdoptReport(Report):
    """What became of the store's owner.

    Args:
        former: The owner before, in words; empty if nothing changed.
        school: The owner now, in words.
    """

    former: str
    school: str

    def json(self) -> dict[str, Any]:
        """The owners before and now."""
        return {"former": self.former, "school": self.school}

    def lines(self) -> list[str]:
        """The same in words, and what to do next."""
        if not self.former:
            return [f"The store belongs to {self.school} already; nothing changed."]
        return [
            f"The store of {self.former} is now that of {self.school}.",
            "Markbooks issued before are still collected. `markbook issue` writes "
            "them again with the new name.",
        ]


def adopt(store: Store, school: School, former: str) -> AdoptReport:
    """Give a store to the school under its new name or number.

    Args:
        store: The store.
        school: The school as `school.toml` has it now.
        former: The name or number that the store has.

    Raises:
        OtherSchool: If the store has another one.
    """
    with store.begin() as connection:
        was = adopt_school(connection, school, former)
    return AdoptReport(was, school.title)
