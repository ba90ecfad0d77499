"""The pupils of a collection, and their contributions to every measure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from tests.recount import national
from tests.recount.arithmetic import flag
from tests.recount.attainment import Slots, entry, slots
from tests.recount.measures import (
    EVERYBODY,
    MEASURED_IN,
    REACHED,
    SHARES,
    Contribution,
    Figure,
    key_stage_4_contribution,
    lacking,
    mean_of_pupils,
    sum_present,
)
from tests.recount.recount_data import RecountData
from tests.recount.tables import Row


def stage_of(year: int) -> int:
    """The key stage of a year group: 3 to 9, 4 to 11, 5 beyond."""
    return 3 if year <= 9 else 4 if year <= 11 else 5


@dataclass(frozen=True)
class CohortEntry:
    """A pupil and subject of a collection, in the class of the mark."""

    adno: str
    subject: str
    class_: str
    teachers: tuple[str, ...]
    year: int
    prediction: str
    target: str
    gap: Fraction | None
    points: Fraction | None
    residual: Fraction | None

    @property
    def flag(self) -> str:
        return flag(self.gap)

    def value(self, measure: str) -> Fraction | None:
        """What the prediction adds to a measure of every prediction."""
        if measure == "on_or_above":
            return Fraction(self.flag in REACHED) if self.flag else None
        names = {"mean_points": "points", "mean_gap": "gap", "residual": "residual"}
        return getattr(self, names[measure]) if measure in names else None


class RecountCohort:
    """The pupils of a collection's years, at its end or today."""

    def __init__(self, data: RecountData, code: str) -> None:
        self.data = data
        self.code = code
        exports = data.exports
        self.marks = {
            (row["adno"], row["subject"]): row
            for row in exports["marks"]
            if row["collection"] == code
        }
        years = {
            row["academic_year"]
            for row in exports["issues"]
            if row["collection"] == code
        } | {row["academic_year"] for row in self.marks.values()}
        self.academic_year = max(years, default=data.academic_year)
        self.estimates = data.settings.get("measures", {}).get("estimates", "")

    @cached_property
    def _scope(self) -> tuple[str, frozenset[int]]:
        """The last day that counts, and the year groups."""
        today = self.data.exports.today.isoformat()
        for collection in self.data.settings["collections"]:
            if collection["code"] == self.code:
                years = frozenset(collection.get("years", range(7, 12)))
                return min(today, collection["closes"].isoformat()), years
        # A collection of an earlier year: until its last mark, for pupils with marks.
        days = [row["merged_at"][:10] for row in self.marks.values()]
        years = frozenset(int(row["year"]) for row in self.marks.values())
        return min(today, max(days)), years

    @cached_property
    def entries(self) -> list[CohortEntry]:
        """Every pupil and subject, in order."""
        data, exports = self.data, self.data.exports
        day, years = self._scope
        classes = {
            row["class"]: row
            for row in exports["classes"]
            if row["academic_year"] == self.academic_year
        }
        result: dict[tuple[str, str], list[tuple[bool, bool, str, CohortEntry]]] = {}
        members = [
            row for row in exports["memberships"]
            if row["academic_year"] == self.academic_year
        ]  # fmt: skip
        before = {row["adno"] for row in members if row["since"] <= day}
        for member in members:
            pupil, class_row = data.pupils[member["adno"]], classes[member["class"]]
            if pupil["left"] and pupil["left"] <= day:
                continue
            year = int(class_row["year"])
            if self.academic_year == data.academic_year:
                year = int(pupil["year"] or class_row["year"])
            covers = data.subject(class_row["subject"]).get("covers") or [
                class_row["subject"]
            ]
            late = member["since"] > day
            for subject in covers:
                mark = self.marks.get((pupil["adno"], subject))
                if year not in years or (late and mark is None and before):
                    continue  # joined later
                # A pupil who changed classes since was then in the class of the mark.
                then = classes[mark["class"]] if late and mark else class_row
                item = self._of(pupil, subject, then, year, mark)
                elsewhere = mark is None or mark["class"] != then["class"]
                place = (elsewhere, late, then["class"], item)
                result.setdefault((pupil["adno"], subject), []).append(place)
        return [
            min(result[key], key=lambda candidate: candidate[:3])[3]
            for key in sorted(result)
        ]

    def _of(
        self, pupil: Row, subject: str, class_row: Row, year: int, mark: Row | None
    ) -> CohortEntry:
        data = self.data
        prediction = mark["prediction"] if mark else ""
        target = mark["target"] if mark else ""
        grade = data.scale(subject).get(prediction)
        points = None
        if grade and data.subject(subject).get("scale") != "judgement":
            points = grade.points
        start = data.prior_mean(pupil)
        like = None
        name = data.subject(subject).get("national")
        if points is not None and start is not None and name:
            years = data.settings.get("targets", {}).get("years", ())
            like = national.mean_points(name, start, tuple(years))
        return CohortEntry(
            adno=pupil["adno"],
            subject=subject,
            class_=class_row["class"],
            teachers=tuple(filter(None, class_row["teacher"].split(";"))),
            year=year,
            prediction=prediction,
            target=target,
            gap=data.gap(subject, prediction, target),
            points=points,
            residual=None if points is None or like is None else points - like,
        )

    @cached_property
    def years(self) -> list[int]:
        """The year groups, the oldest first."""
        return sorted({row.year for row in self.entries}, reverse=True)

    @cached_property
    def of_pupil(self) -> dict[str, list[CohortEntry]]:
        result: dict[str, list[CohortEntry]] = {}
        for row in self.entries:
            result.setdefault(row.adno, []).append(row)
        return result

    @cached_property
    def slots(self) -> dict[str, Slots]:
        """The slots of the pupils in the years of Key Stage 4."""
        return {adno: self._slots(rows) for adno, rows in self._measured.items()}

    @cached_property
    def carried_slots(self) -> dict[str, Slots]:
        """The slots with an earlier prediction in place of each blank."""
        return {
            adno: self._slots(
                replace(row, prediction=row.prediction or self.carried(row))
                for row in rows
            )
            for adno, rows in self._measured.items()
        }

    @property
    def _measured(self) -> dict[str, list[CohortEntry]]:
        measured = self.data.settings.get("measures", {}).get("years", MEASURED_IN)
        return {
            adno: rows
            for adno, rows in self.of_pupil.items()
            if rows[0].year in measured
        }

    def _slots(self, rows: Iterable[CohortEntry]) -> Slots:
        rows = list(rows)
        candidates = [entry(self.data, row.subject, row.prediction) for row in rows]
        candidates += [
            entry(
                self.data, row["subject"], row["grade"], actual=True,
                when=f"{row['academic_year']} {row['series']}",
            )
            for row in self.results_before
            if row["adno"] == rows[0].adno
        ]  # fmt: skip
        return slots(row for row in candidates if row)

    def carried(self, row: CohortEntry) -> str:
        """The grade that stands in for a blank; empty if none does."""
        return self._carried(row)[0]

    def carried_codes(self, year: int) -> set[str]:
        """The collections from which predictions of a year group are carried."""
        rows = [row for row in self.entries if row.year == year and not row.prediction]
        measured = [row for row in rows if row.adno in self.slots]
        return {code for row in measured if (code := self._carried(row)[1])}

    def _carried(self, row: CohortEntry) -> tuple[str, str]:
        for code in self._before:
            mark = self.data.marks.get((code, row.adno, row.subject))
            if mark is None or not mark["prediction"]:
                continue
            back = int(self.academic_year[:4]) - int(mark["academic_year"][:4])
            stages = [stage_of(row.year), stage_of(row.year - back)]
            grade = mark["prediction"]
            fits = stages[0] == stages[1] and grade in self.data.scale(row.subject)
            fits = fits and self.data.subject(row.subject).get("slot") != "none"
            return (grade, code) if fits else ("", "")
        return "", ""

    @cached_property
    def _before(self) -> list[str]:
        """The two collections that opened before this one, the latest first."""
        if not self.data.settings.get("measures", {}).get("carry", True):
            return []
        opened = self.data.opened
        earlier = [code for code in opened if opened[code] < opened[self.code]]
        return sorted(earlier, key=lambda code: (opened[code], code))[:-3:-1]

    @cached_property
    def results_before(self) -> list[Row]:
        """The results published before the collection opened."""
        opened = self.data.opened[self.code]
        return [
            row for row in self.data.exports["results"]
            if row["academic_year"] < self.academic_year
            or (row["academic_year"] == self.academic_year and row["read_at"] < opened)
        ]  # fmt: skip

    def part(self, adno: str, measure: str) -> Contribution | None:
        """A pupil's contribution to a measure; None if he does not count in it."""
        rows = self.of_pupil[adno]
        if measure == "mean_points":
            return sum_present(row.points for row in rows)
        if measure == "mean_gap":
            return sum_present(row.gap for row in rows)
        if measure == "residual":
            return sum_present(row.residual for row in rows)
        if measure == "on_or_above":
            flags = [row.flag for row in rows if row.flag]
            return sum_present(Fraction(flag in REACHED) for flag in flags)
        return self._of_key_stage_4(adno, measure)

    def _of_key_stage_4(
        self, adno: str, measure: str, *, carry: bool = False
    ) -> Contribution | None:
        ten = (self.carried_slots if carry else self.slots).get(adno)
        if ten is None:
            return None
        start = self.data.prior_mean(self.data.pupils[adno])
        return key_stage_4_contribution(ten, measure, start, self.estimates)

    def headline(self, year: int, measure: str, adnos: Callable[[str], bool]) -> Figure:
        """A measure with predictions carried forward; NaN where too many are."""
        if measure in EVERYBODY:
            return self.figure(year, measure, adnos)
        pupils = [
            adno
            for adno, rows in self.of_pupil.items()
            if rows[0].year == year and adnos(adno) and adno in self.slots
        ]
        parts = {
            adno: part
            for adno in pupils
            if (part := self._of_key_stage_4(adno, measure, carry=True))
        }
        needed = sum(self.slots[adno].needs(measure) for adno in parts)
        carried = sum(len(lacking(self.slots[adno], measure)) for adno in parts)
        deviation = None
        if measure == "progress8":
            deviation = national.deviation(national.estimates_of(self.estimates))
        figure = mean_of_pupils(
            list(parts.values()), share=measure in SHARES, deviation=deviation
        )
        if carried * 10 > needed:
            figure = Figure(len(parts), math.nan)
        given = sum(self.part(adno, measure) is not None for adno in pupils)
        return replace(figure, of=len(pupils), carried=carried, given=given)

    def figure(self, year: int, measure: str, adnos: Callable[[str], bool]) -> Figure:
        """A measure of the pupils of a year group that satisfy a condition."""
        parts = [
            self.part(adno, measure)
            for adno, rows in self.of_pupil.items()
            if rows[0].year == year and adnos(adno)
        ]
        contributions = [part for part in parts if part]
        if measure == "incomplete":
            total = sum((value for _, value in contributions), Fraction(0))
            return Figure(len(contributions), float(total))
        deviation = None
        if measure == "progress8":
            deviation = national.deviation(national.estimates_of(self.estimates))
        return mean_of_pupils(
            contributions, share=measure in SHARES, deviation=deviation
        )
