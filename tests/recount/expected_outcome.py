"""The expected outcome: predictions less their past error at this point of a year."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from statistics import fmean, stdev

from tests.recount.arithmetic import FEW, listing, plural, rounded
from tests.recount.attainment import Slots, entry, slots
from tests.recount.cohort import RecountCohort
from tests.recount.measures import SHARES, is_known, key_stage_4_contribution
from tests.recount.tables import Row

NEAR = 46  # days from the same day of an earlier year
CORRECTED = (
    "attainment8", "progress8", "english_maths_4", "english_maths_5",
    "english_maths_7", "mean_points", "mean_gap",
)  # fmt: skip
# Defaults in points for a school with little past: the spread of subjects' true errors,
# and of pupils' errors within a subject; thirty pupils are enough to estimate them.
OF_SUBJECTS, OF_PUPILS, ENOUGH = 0.3, 1.0, 30


@dataclass(frozen=True)
class PastResult:
    """A result of an earlier year, with the prediction at the same point of it."""

    adno: str
    subject: str
    grade: str
    predicted: str
    target: str


@dataclass(frozen=True)
class Expectation:
    """The expected value of a measure or subject, from so many past pupils."""

    past: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = None


class ExpectedOutcomes:
    """The predictions of a collection, corrected by this school's past errors."""

    def __init__(self, now: RecountCohort) -> None:
        self.now = now
        self.data = now.data
        self.exports = now.data.exports

    @cached_property
    def past(self) -> dict[int, dict[str, list[PastResult]]]:
        """Year group -> academic year -> its results with their predictions."""
        result: dict[int, dict[str, list[PastResult]]] = {}
        results = self.exports["results"]
        first = int(self.now.academic_year[:4])
        for group in sorted(self.now.years):
            last = 11 if group <= 11 else 13
            for year in sorted({row["academic_year"] for row in results}):
                if year >= self.now.academic_year:
                    continue
                year_rows = [
                    row for row in results
                    if row["academic_year"] == year and row["points"]
                    and row["year"] == str(last)
                ]  # fmt: skip
                code = self._same_point(first - int(year[:4]) + last - group)
                past_results = (
                    [self._past_result(row, code) for row in year_rows] if code else []
                )
                if any(result.predicted for result in past_results):
                    result.setdefault(group, {})[year] = past_results
        return result

    def _same_point(self, back: int) -> str:
        """The collection that opened nearest to the same day some years before."""
        opens: date = self.data.collection["opens"]
        year = opens.year - back
        lacks = (opens.month, opens.day) == (2, 29) and year % 4 != 0
        anniversary = date(year, opens.month, 28 if lacks else opens.day)
        near = [
            (abs((date.fromisoformat(day) - anniversary).days), code)
            for code, day in self.data.opened.items()
        ]
        nearest = min(near, default=(NEAR + 1, ""))
        return nearest[1] if nearest[0] <= NEAR else ""

    def _past_result(self, row: Row, code: str) -> PastResult:
        adno, subject = row["adno"], row["subject"]
        then = self.data.marks.get((code, adno, subject))
        last = self.data.marks.get((row["collection"], adno, subject))
        target = last["target"] if last else ""
        target = target or self.data.issued(adno, subject)["target"]
        predicted = then["prediction"] if then else ""
        return PastResult(adno, subject, row["grade"], predicted, target)

    @property
    def years(self) -> list[int]:
        """The year groups with past results, the oldest first."""
        return sorted(self.past, reverse=True)

    def measures(self, group: int) -> dict[str, Expectation]:
        """Every corrected measure of a year group."""
        if group not in self._cache:
            self._cache[group] = self._measures(group)
        return self._cache[group]

    @cached_property
    def _cache(self) -> dict[int, dict[str, Expectation]]:
        return {}

    def _measures(self, group: int) -> dict[str, Expectation]:
        result = {}
        for name in CORRECTED:
            now = self.now.headline(group, name, lambda adno: True)
            if not now.pupils:
                continue
            years = self.past[group].values()
            apart = [gap for rows in years for gap in self._apart(rows, name)]
            if len(apart) < FEW:
                result[name] = Expectation(len(apart))
                continue
            value = now.value + fmean(apart)
            reach = 1.96 * stdev(apart) * math.sqrt(1 / len(apart) + 1 / now.pupils)
            three = [value, value - reach, value + reach]
            if name in SHARES:
                three = [min(max(bound, 0.0), 1.0) for bound in three]
            result[name] = Expectation(len(apart), *three)
        return result

    def expected(self, group: int, name: str) -> float | None:
        """The expected value of a measure; None with too little data."""
        if group not in self.past:
            return None
        expectation = self.measures(group).get(name)
        return expectation.value if expectation else None

    def _apart(self, rows: Sequence[PastResult], name: str) -> list[float]:
        """By how much each pupil's measure exceeded its prediction.

        Only for pupils with a prediction for every result.
        """
        pupils: dict[str, list[PastResult]] = {}
        for result in rows:
            pupils.setdefault(result.adno, []).append(result)
        gaps = []
        for adno, results in pupils.items():
            actual = self._slots(
                adno, [(result.subject, result.grade) for result in results]
            )
            predicted = self._slots(
                adno, [(result.subject, result.predicted) for result in results]
            )
            if not is_known(predicted, name):
                continue
            parts = [
                self._value(adno, results, name, which, ten)
                for which, ten in (("grade", actual), ("predicted", predicted))
            ]
            if parts[0] is not None and parts[1] is not None:
                gaps.append(parts[0] - parts[1])
        return gaps

    def _slots(self, adno: str, pairs: Sequence[tuple[str, str]]) -> Slots:
        candidates = [entry(self.data, subject, grade) for subject, grade in pairs]
        return slots(item for item in candidates if item)

    def _value(
        self,
        adno: str,
        results: Sequence[PastResult],
        name: str,
        which: str,
        ten: Slots,
    ) -> float | None:
        if name in ("mean_points", "mean_gap"):
            values: list[Fraction] = []
            for result in results:
                grade = getattr(result, which)
                if name == "mean_gap":
                    gap = self.data.gap(result.subject, grade, result.target)
                    values += [] if gap is None else [gap]
                elif scale_grade := self.data.scale(result.subject).get(grade):
                    values.append(scale_grade.points)
            return float(sum(values, Fraction(0)) / len(values)) if values else None
        start = self.data.prior_mean(self.data.pupils[adno])
        part = key_stage_4_contribution(ten, name, start, self.now.estimates)
        return None if part is None else float(part[1])

    def subjects(self, group: int) -> dict[str, tuple[int, float, Expectation]]:
        """Each subject: number of predictions, their mean points, the expectation.

        A subject's past error is shrunk towards that of all subjects, the more the
        fewer pupils it has.
        """
        now: dict[str, list[Fraction]] = {}
        for row in self.now.entries:
            if row.year == group and row.points is not None:
                now.setdefault(row.subject, []).append(row.points)
        errors = self._errors(group)
        every = [error for group_errors in errors.values() for error in group_errors]
        spare = sum(len(group_errors) - 1 for group_errors in errors.values())
        within = _within(errors) if spare >= ENOUGH else OF_PUPILS
        means = {name: fmean(group_errors) for name, group_errors in errors.items()}
        tau = between(errors, within or OF_PUPILS) or OF_SUBJECTS
        within = within or OF_PUPILS
        middle = fmean(every)
        result = {}
        for name, points in sorted(now.items()):
            n = len(points)
            past = len(errors.get(name, ()))
            keep = past / (past + (within / tau) ** 2)
            error = middle + (means.get(name, middle) - middle) * keep
            reach = 1.96 * math.sqrt(tau**2 * (1 - keep) + within**2 / n)
            predicted = float(sum(points, Fraction(0)) / n)
            value = predicted - error
            expectation = Expectation(past, value, value - reach, value + reach, error)
            result[name] = (n, predicted, expectation)
        return result

    def _errors(self, group: int) -> dict[str, list[float]]:
        """Subject -> the points by which each past prediction was too high."""
        errors: dict[str, list[float]] = {}
        for rows in self.past[group].values():
            for result in rows:
                scale = self.data.scale(result.subject)
                predicted, reached = (
                    scale.get(result.predicted),
                    scale.get(result.grade),
                )
                if predicted and reached:
                    gap = float(predicted.points - reached.points)
                    errors.setdefault(result.subject, []).append(gap)
        return errors

    def sentences(self) -> list[str]:
        """A sentence for each year group with an expectation, or that there is none."""
        sentences_ = []
        for group in self.years:
            expectation = self.measures(group).get("attainment8")
            if expectation is None:
                continue
            past = plural(expectation.past, "pupil")
            if (
                expectation.value is None
                or expectation.low is None
                or expectation.high is None
            ):
                sentences_.append(
                    f"Expected outcome: {past} of earlier years can be compared, too "
                    "few to learn from."
                )
                continue
            now = self.now.headline(group, "attainment8", lambda adno: True)
            sentences_.append(
                f"Year {group}, expected: Attainment 8 "
                f"{rounded(expectation.value, 1)}, from {rounded(expectation.low, 1)} "
                f"to {rounded(expectation.high, 1)} (predicted "
                f"{rounded(now.value, 1)}); learnt from {past} with results of "
                f"{listing(list(self.past[group]))}."
            )
        return sentences_ or [
            "No expected outcome: the store has no results of earlier years beside "
            "predictions made at the same point of the year."
        ]


def _within(groups: Mapping[str, Sequence[float]]) -> float:
    """The pooled standard deviation within groups."""
    squares = sum(
        (error - fmean(errors)) ** 2 for errors in groups.values() for error in errors
    )
    return math.sqrt(squares / sum(len(errors) - 1 for errors in groups.values()))


def between(groups: Mapping[str, Sequence[float]], within: float) -> float | None:
    """The standard deviation of groups' true means (DerSimonian and Laird, 1986).

    None where there are fewer than two groups.
    """
    if len(groups) < 2:
        return None
    weights = {name: len(errors) / within**2 for name, errors in groups.items()}
    means = {name: fmean(errors) for name, errors in groups.items()}
    total = sum(weights.values())
    middle = sum(weights[name] * means[name] for name in groups) / total
    spread = sum(weights[name] * (means[name] - middle) ** 2 for name in groups)
    scale = total - sum(weight**2 for weight in weights.values()) / total
    return math.sqrt(max(0.0, (spread - (len(groups) - 1)) / scale))
