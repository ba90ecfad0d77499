"""One pupil in one class and subject, now and in earlier collections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from tests.recount.arithmetic import SCALES, flag
from tests.recount.tables import Row

MARKS = (
    "target", "aspirational", "working_at", "prediction", "reason", "effort", "praise",
    "comment", "target_query",
)  # fmt: skip


def judged(prediction: str) -> str:
    """The flag of a judgement, whatever the target; empty for a grade."""
    return prediction.capitalize() if prediction in SCALES["judgement"] else ""


@dataclass
class Enrolment:
    """A pupil in a class and subject of the collection.

    `marks` has the fields of `MARKS` as text, empty if blank; `earlier` the marks of
    earlier collections, by code. Gap and level are in whole grades.
    """

    adno: str
    class_: str
    subject: str
    class_subject: str
    class_year: int
    year: int
    teachers: tuple[str, ...]
    department: str
    pupil: Row
    marks: Mapping[str, str]
    level: Fraction | None
    gap: Fraction | None
    answered: bool
    earlier: dict[str, EarlierMark] = field(default_factory=dict)

    @property
    def flag(self) -> str:
        return judged(self.marks["prediction"]) or flag(self.gap)

    @property
    def groups(self) -> str:
        """The groups beside a name: `PP, SEN K, EAL`."""
        sen = self.pupil["sen"]
        parts = [
            "PP" if self.pupil["pp"] == "Y" else "",
            f"SEN {sen}" if sen in ("K", "E") else "",
            "EAL" if self.pupil["eal"] == "Y" else "",
        ]
        return ", ".join(part for part in parts if part)

    def __getitem__(self, name: str) -> str:
        """A mark, or a field of the pupil, as text."""
        return self.marks[name] if name in MARKS else self.pupil[name]


@dataclass(frozen=True)
class EarlierMark:
    """A pupil's mark in a subject in an earlier collection."""

    prediction: str
    target: str
    level: Fraction | None
    gap: Fraction | None

    @property
    def flag(self) -> str:
        return judged(self.prediction) or flag(self.gap)

    @property
    def display(self) -> str:
        """The text in packs: `5 (Below)`."""
        return f"{self.prediction} ({self.flag})" if self.flag else self.prediction


NO_MARK = EarlierMark("", "", None, None)
