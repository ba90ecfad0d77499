"""The results of a year, calculated by hand, beside predictions and targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import cast

from tests.recount import national
from tests.recount.arithmetic import Mean, flag, mean_of
from tests.recount.attainment import ENGLISH, Slots, entry, slots
from tests.recount.cohort import RecountCohort
from tests.recount.expected_outcome import ExpectedOutcomes
from tests.recount.measures import (
    NAMES,
    REACHED,
    SHARES,
    Contribution,
    Figure,
    is_known,
    mean_of_pupils,
    sum_present,
)
from tests.recount.recount_data import RecountData
from tests.recount.tables import Row

MEASURES = [name for name in NAMES if name != "incomplete"]
SIDES = ("actual", "predicted", "target")


@dataclass(frozen=True)
class Outcome:
    """A result that is a grade, with its prediction and target, empty if none."""

    adno: str
    subject: str
    class_: str
    lead: str
    year: int
    actual: str
    predicted: str
    target: str
    collection: str
    error: Fraction | None

    def side(self, name: str) -> str:
        """The grade of one of `SIDES`."""
        return {
            "actual": self.actual,
            "predicted": self.predicted,
            "target": self.target,
        }[name]


class Outcomes:
    """The results of one academic year."""

    def __init__(self, data: RecountData, academic_year: str) -> None:
        self.data = data
        self.academic_year = academic_year
        self.every = [
            row
            for row in data.exports["results"]
            if row["academic_year"] == academic_year
        ]

    @cached_property
    def rows(self) -> list[Outcome]:
        """Every result that is a grade, by pupil and subject."""
        data = self.data
        issued_targets = {
            (row["collection"], row["adno"], row["subject"]): row["target"]
            for row in data.exports["marks"]
        }
        standing = {
            (row["adno"], row["subject"]): row["expected"]
            for row in data.exports["targets"]
        }
        result = []
        for row in self.every:
            adno, subject = row["adno"], row["subject"]
            if row["grade"] not in data.scale(subject) or not row["year"]:
                continue
            target = issued_targets.get((row["collection"], adno, subject))
            predicted = row["predicted"]
            result.append(
                Outcome(
                    adno=adno,
                    subject=subject,
                    class_=row["class"],
                    lead=self._lead(row),
                    year=int(row["year"]),
                    actual=row["grade"],
                    predicted=predicted,
                    target=target or standing.get((adno, subject), ""),
                    collection=row["collection"],
                    error=data.gap(subject, predicted, row["grade"]),
                )
            )
        return sorted(result, key=lambda row: (row.adno, row.subject))

    def _lead(self, row: Row) -> str:
        first = row["teacher"].split(";")[0]
        return self.data.names.get(first, first) or "no teacher"

    @cached_property
    def of_pupil(self) -> dict[str, list[Outcome]]:
        result: dict[str, list[Outcome]] = {}
        for row in self.rows:
            result.setdefault(row.adno, []).append(row)
        return result

    def prior_mean(self, adno: str) -> Fraction | None:
        """The mean of a pupil's reading and maths."""
        return self.data.prior_mean(self.data.pupils[adno])

    # Measures

    @cached_property
    def slots(self) -> dict[str, dict[str, Slots]]:
        """`SIDES` -> pupil -> the ten slots."""
        return {
            side: {
                adno: slots(self._entries(adno, rows, side))
                for adno, rows in self.of_pupil.items()
            }
            for side in SIDES
        }

    def _entries(self, adno: str, rows: Iterable[Outcome], side: str) -> list:
        candidates = [
            entry(self.data, row.subject, self._grade(row, side, most=2))
            for row in rows
        ]
        candidates += [
            entry(
                self.data, row["subject"], row["grade"], actual=True,
                when=f"{row['academic_year']} {row['series']}",
            )
            for row in self.data.exports["results"]
            if row["adno"] == adno and row["academic_year"] < self.academic_year
        ]  # fmt: skip
        return [row for row in candidates if row]

    def _grade(self, row: Outcome, side: str, most: int = 0) -> str:
        """The grade of a side; of predictions none older than `most` collections.

        They are counted back from the last collection of the year group.
        """
        if side != "predicted" or not row.predicted:
            return row.side(side)
        opened = self.data.opened
        codes = sorted(opened, key=lambda code: (opened[code], code))
        last = max(
            codes.index(other.collection)
            for other in self.rows
            if other.year == row.year and other.collection
        )
        back = last - codes.index(row.collection)
        return row.predicted if back <= most else ""

    def part(self, adno: str, measure: str, side: str) -> Contribution | None:
        """A pupil's contribution to a measure; None if he does not count in it."""
        rows = self.of_pupil[adno]
        data = self.data
        if measure == "mean_points":
            return sum_present(self.points(row, side) for row in rows)
        if measure == "residual":
            return sum_present(self.residual(row, side) for row in rows)
        gaps = [
            data.gap(row.subject, self._grade(row, side), row.target) for row in rows
        ]
        if measure == "mean_gap":
            return sum_present(gaps)
        if measure == "on_or_above":
            present = [gap for gap in gaps if gap is not None]
            return sum_present(Fraction(flag(gap) in REACHED) for gap in present)
        ten = self.slots[side][adno]
        if not is_known(ten, measure):
            return None
        if measure.startswith("attainment8"):
            return 1, ten.points(measure.removeprefix("attainment8").lstrip("_"))
        if measure == "progress8":
            start = self.prior_mean(adno)
            if start is None:
                return None
            return 1, (ten.points() - national.estimate(start, self._estimates)) / 10
        least = int(measure.removeprefix("english_maths_"))
        return 1, Fraction(min(best(ten, ENGLISH), best(ten, ("maths",))) >= least)

    @property
    def _estimates(self) -> str:
        return str(self.data.settings.get("measures", {}).get("estimates", ""))

    def points(self, row: Outcome, side: str = "actual") -> Fraction | None:
        """The points of a grade; None for anything else."""
        scale_grade = self.data.scale(row.subject).get(self._grade(row, side))
        return scale_grade.points if scale_grade else None

    def residual(self, row: Outcome, side: str = "actual") -> Fraction | None:
        """Points less those of similar pupils nationally."""
        points, start = self.points(row, side), self.prior_mean(row.adno)
        name = self.data.subject(row.subject).get("national")
        if points is None or start is None or not name:
            return None
        years = self.data.settings.get("targets", {}).get("years", ())
        like = national.mean_points(name, start, tuple(years))
        return None if like is None else points - like

    def parts(
        self, year: int, measure: str, side: str, includes: Callable[[str], bool]
    ) -> dict[str, Contribution]:
        """The contributions of a year group's pupils to a measure."""
        result = {}
        for adno, rows in self.of_pupil.items():
            if rows[0].year == year and includes(adno):
                part = self.part(adno, measure, side)
                if part:
                    result[adno] = part
        return result

    def figure(
        self, year: int, measure: str, side: str, includes: Callable[[str], bool]
    ) -> Figure:
        """A measure of the pupils of a year group that satisfy a condition."""
        deviation = None
        if measure == "progress8":
            deviation = national.deviation(national.estimates_of(self._estimates))
        parts = self.parts(year, measure, side, includes)
        return mean_of_pupils(
            list(parts.values()), share=measure in SHARES, deviation=deviation
        )

    @property
    def years(self) -> list[int]:
        """The year groups with results."""
        return sorted({row.year for row in self.rows}, reverse=True)

    @property
    def expected(self) -> ExpectedOutcomes:
        """The predictions of these pupils, corrected by this school's past errors."""
        return ExpectedOutcomes(cast(RecountCohort, Predicted(self)))

    def matched(self, adno: str, measure: str = "") -> bool:
        """Whether a pupil had every prediction that a measure needs."""
        return is_known(self.slots["predicted"][adno], measure)

    def predicted_in_all(self, adno: str) -> bool:
        """Whether a pupil had a prediction for every result in the last collection."""
        rows = self.of_pupil[adno]
        candidates = [
            entry(self.data, row.subject, self._grade(row, "predicted")) for row in rows
        ]
        return slots(item for item in candidates if item).complete

    def apart(self, year: int, measure: str) -> Mean:
        """Results less predictions, pupil by pupil."""
        now, then = (
            self.parts(year, measure, side, partial(self.matched, measure=measure))
            for side in ("actual", "predicted")
        )
        return mean_of(
            now[adno][1] / now[adno][0] - then[adno][1] / then[adno][0]
            for adno in now
            if adno in then
        )


@dataclass(frozen=True)
class Predicted:
    """The predictions of pupils with results, with the interface of a cohort."""

    outcomes: Outcomes

    @property
    def data(self) -> RecountData:
        return self.outcomes.data

    @property
    def academic_year(self) -> str:
        return self.outcomes.academic_year

    @property
    def years(self) -> list[int]:
        return self.outcomes.years

    @property
    def estimates(self) -> str:
        return self.outcomes._estimates

    def figure(
        self, year: int, measure: str, includes: Callable[[str], bool]
    ) -> Figure:
        return self.outcomes.figure(year, measure, "predicted", includes)

    headline = figure


def best(ten: Slots, kinds: Sequence[str]) -> Fraction:
    """The points of a pupil's best grade in some slots; negative without one."""
    return max(
        (
            value.entry.points
            for value in ten.values
            if value.entry.slot in kinds and value.entry.points is not None
        ),
        default=Fraction(-1),
    )
