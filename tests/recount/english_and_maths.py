"""English and mathematics together: secure, near or further away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from tests.recount.attainment import ENGLISH
from tests.recount.audit import SheetAudit
from tests.recount.cohort import CohortEntry, RecountCohort
from tests.recount.measures import MEASURED_IN
from tests.recount.recount_data import RecountData
from tests.recount.tables import Row

AIMS = (4, 5)
STATES = {
    "Both secure": "both secure",
    "English only": "English only",
    "Maths only": "maths only",
    "Neither, but within one grade": "neither, within one grade",
    "Further away": "further away",
    "No prediction": "no prediction",
    "Not taken": "not taken",
}
NEAR = ("English only", "maths only", "neither, within one grade")
NOTE = (
    "English: the better of Language and Literature. A result that is there already "
    'counts instead of a prediction. "Within one grade": neither is there yet, and '
    "neither is more than one grade short. Those whom one or two grades would carry "
    "over the line stand first. Headline figures leave out pupils with any prediction "
    "missing; this list does not."
)


@dataclass(frozen=True)
class EnglishMathsGrade:
    """A grade of English or mathematics: a prediction or a result."""

    subject: str
    text: str
    points: Fraction | None


@dataclass(frozen=True)
class EnglishAndMaths:
    """A pupil's better English, and mathematics; None without a grade."""

    english: EnglishMathsGrade | None
    maths: EnglishMathsGrade | None
    takes: bool

    def state(self, aim: int) -> str:
        """The pupil's state for 4+ or 5+ in both."""
        if not self.takes:
            return "not taken"
        if self.english is None or self.maths is None:
            return "no prediction"
        points = [grade.points or Fraction(0) for grade in (self.english, self.maths)]
        reached = [value >= aim for value in points]
        if all(reached):
            return "both secure"
        if any(reached):
            return "English only" if reached[0] else "maths only"
        near = all(value >= aim - 1 for value in points)
        return "neither, within one grade" if near else "further away"


class KeyStage4Pupils:
    """The pupils on roll in the years of Key Stage 4."""

    def __init__(self, data: RecountData, cohort: RecountCohort) -> None:
        self.data = data
        self.cohort = cohort
        years = data.collection.get("years", range(7, 12))
        measured = data.settings.get("measures", {}).get("years", MEASURED_IN)
        self.years = [year for year in measured if year in years]
        self.entries: dict[str, list[CohortEntry]] = {}
        for row in cohort.entries:
            pupil = data.pupils[row.adno]
            if (
                data.is_on_roll(pupil)
                and row.year in measured
                and int(pupil["year"] or row.year) in self.years
                and row.prediction != "N/T"
            ):
                self.entries.setdefault(row.adno, []).append(row)

    @cached_property
    def both(self) -> Mapping[str, EnglishAndMaths]:
        """English and mathematics of each pupil with any entry."""
        return {adno: self._both(adno, rows) for adno, rows in self.entries.items()}

    def _both(self, adno: str, rows: list[CohortEntry]) -> EnglishAndMaths:
        grades = {slot: self._graded(adno, slot, rows) for slot in (*ENGLISH, "maths")}
        english = [grade for slot in ENGLISH for grade in grades[slot]]
        maths = grades["maths"]
        return EnglishAndMaths(_best(english), _best(maths), bool(english and maths))

    def _graded(
        self, adno: str, slot: str, rows: list[CohortEntry]
    ) -> list[EnglishMathsGrade]:
        """A pupil's grades in one of the two Englishes, or in mathematics.

        A result takes precedence over predictions, the earliest first.
        """
        results = [
            row
            for row in self.cohort.results_before
            if row["adno"] == adno
            and row["points"]
            and self.data.subject(row["subject"]).get("slot") == slot
        ]
        if results:
            row = min(results, key=lambda row: (row["academic_year"], row["series"]))
            points = self.data.scale(row["subject"])[row["grade"]].points
            return [
                EnglishMathsGrade(row["subject"], f"{row['grade']} (result)", points)
            ]
        return [
            EnglishMathsGrade(row.subject, row.prediction, row.points)
            for row in rows
            if self.data.subject(row.subject).get("slot") == slot
        ]

    def pupil(self, adno: str) -> Row:
        """The pupil's row."""
        return self.data.pupils[adno]

    def year(self, adno: str) -> int:
        """The pupil's year group."""
        return int(self.pupil(adno)["year"] or self.entries[adno][0].year)

    def state_counts(self) -> dict[tuple[int, int], dict[str, int]]:
        """Year group and aim -> heading -> number of pupils."""
        counts: dict[tuple[int, int], dict[str, int]] = {}
        for adno, both in self.both.items():
            for aim in AIMS:
                key = (self.year(adno), aim)
                line = counts.setdefault(key, dict.fromkeys(STATES, 0))
                state = both.state(aim)
                line[
                    next(
                        name
                        for name, state_name in STATES.items()
                        if state_name == state
                    )
                ] += 1
        return dict(sorted(counts.items()))


def _best(rows: list[EnglishMathsGrade]) -> EnglishMathsGrade | None:
    """The highest grade; among equals the first by name."""
    graded = [grade for grade in rows if grade.points is not None]
    return min(
        graded, key=lambda grade: (-(grade.points or 0), grade.subject), default=None
    )


def table(sheet: SheetAudit, pupils: KeyStage4Pupils) -> None:
    """Check the table of numbers in each state."""
    (lines,) = sheet.tables("Year", "Aim", "Both secure")
    counts = pupils.state_counts()
    assert [(line["Year"], line["Aim"]) for line in lines] == [
        (year, f"{aim}+") for year, aim in counts
    ]
    for line, ((year, aim), states) in zip(lines, counts.items(), strict=True):
        line.expect({"Year": year, "Aim": f"{aim}+", "Pupils": sum(states.values())})
        line.expect(states)
