"""The pupils of a collection, and what each of them adds to every measure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from tests.recount import national
from tests.recount.arithmetic import flag
from tests.recount.attainment import ENGLISH, Slots, entry, slots
from tests.recount.reckoning import Reckoning
from tests.recount.tables import Row

MEASURED_IN = (10, 11)
REACHED = ("Above", "On")
# What the measures are called, in the order in which they stand.
NAMES = {
    "attainment8": "Attainment 8",
    "attainment8_english": "Attainment 8: English",
    "attainment8_maths": "Attainment 8: mathematics",
    "attainment8_ebacc": "Attainment 8: EBacc",
    "attainment8_open": "Attainment 8: open",
    "progress8": "Score in the style of Progress 8",
    "english_maths_4": "English and mathematics 4+",
    "english_maths_5": "English and mathematics 5+",
    "english_maths_7": "English and mathematics 7+",
    "mean_points": "Mean points of a prediction",
    "mean_gap": "Mean gap to target in grades",
    "on_or_above": "On or above target",
    "residual": "Points against similar pupils nationally",
    "incomplete": "Pupils with a prediction missing",
}
# Shown where school.toml asks for them (`[measures] ebacc`), before the predictions'.
EBACC = {
    "ebacc_entry": "Entered for the EBacc",
    "ebacc_points": "EBacc average points",
}
SINGLES = 3  # sciences, where there is no combined one
SHARES = (
    "english_maths_4",
    "english_maths_5",
    "english_maths_7",
    "ebacc_entry",
    "on_or_above",
)


@dataclass(frozen=True)
class Taking:
    """One pupil and subject of a collection, in the class that it was marked in."""

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


@dataclass(frozen=True)
class Figure:
    """A measure of some pupils: its value, the 95 % interval, of how many pupils."""

    pupils: int
    value: float
    low: float | None = None
    high: float | None = None


def names_of(reckoning: Reckoning) -> dict[str, str]:
    """The measures that the school asks for, in the order in which they stand."""
    if not reckoning.settings.get("measures", {}).get("ebacc", False):
        return NAMES
    made = {}
    for name, title in NAMES.items():
        if name == "mean_points":
            made |= EBACC
        made[name] = title
    return made


# Of one pupil: how many things are counted, and their sum.
Part = tuple[int, Fraction]


class Cohort:
    """Everybody in a collection's years as things stood at its end, or stand today."""

    def __init__(self, reckoning: Reckoning, code: str) -> None:
        self.reckoning = reckoning
        self.code = code
        books = reckoning.books
        self.marks = {
            (row["adno"], row["subject"]): row
            for row in books["marks"]
            if row["collection"] == code
        }
        years = {
            row["academic_year"] for row in books["issues"] if row["collection"] == code
        } | {row["academic_year"] for row in self.marks.values()}
        self.academic_year = max(years, default=reckoning.academic_year)
        self.estimates = reckoning.settings.get("measures", {}).get("estimates", "")

    @cached_property
    def _asked(self) -> tuple[str, frozenset[int]]:
        """The last day that counts, and the year groups."""
        today = self.reckoning.books.today.isoformat()
        for one in self.reckoning.settings["collections"]:
            if one["code"] == self.code:
                years = frozenset(one.get("years", range(7, 12)))
                return min(today, one["closes"].isoformat()), years
        # One of an earlier year: until its last mark came, of those who have marks.
        days = [row["merged_at"][:10] for row in self.marks.values()]
        years = frozenset(int(row["year"]) for row in self.marks.values())
        return min(today, max(days)), years

    @cached_property
    def taking(self) -> list[Taking]:
        """Who takes what, by pupil and subject."""
        reckoning, books = self.reckoning, self.reckoning.books
        day, years = self._asked
        classes = {
            row["class"]: row
            for row in books["classes"]
            if row["academic_year"] == self.academic_year
        }
        found: dict[tuple[str, str], list[tuple[bool, bool, str, Taking]]] = {}
        members = [
            row for row in books["memberships"]
            if row["academic_year"] == self.academic_year
        ]  # fmt: skip
        before = {row["adno"] for row in members if row["since"] <= day}
        for member in members:
            pupil, of = reckoning.pupils[member["adno"]], classes[member["class"]]
            if pupil["left"] and pupil["left"] <= day:
                continue
            year = int(of["year"])
            if self.academic_year == reckoning.academic_year:
                year = int(pupil["year"] or of["year"])
            covers = reckoning.subject(of["subject"]).get("covers") or [of["subject"]]
            late = member["since"] > day
            for subject in covers:
                mark = self.marks.get((pupil["adno"], subject))
                if year not in years or (late and mark is None and before):
                    continue  # who came afterwards was not asked
                # Who changed classes since was then in the one of the mark.
                then = classes[mark["class"]] if late and mark else of
                one = self._of(pupil, subject, then, year, mark)
                elsewhere = mark is None or mark["class"] != then["class"]
                place = (elsewhere, late, then["class"], one)
                found.setdefault((pupil["adno"], subject), []).append(place)
        return [min(found[key], key=lambda one: one[:3])[3] for key in sorted(found)]

    def _of(
        self, pupil: Row, subject: str, of: Row, year: int, mark: Row | None
    ) -> Taking:
        reckoning = self.reckoning
        prediction = mark["prediction"] if mark else ""
        target = mark["target"] if mark else ""
        grade = reckoning.scale(subject).get(prediction)
        points = None
        if grade and reckoning.subject(subject).get("scale") != "judgement":
            points = grade.points
        start = reckoning.start(pupil)
        like = None
        name = reckoning.subject(subject).get("national")
        if points is not None and start is not None and name:
            years = reckoning.settings.get("targets", {}).get("years", ())
            like = national.mean_points(name, start, tuple(years))
        return Taking(
            adno=pupil["adno"],
            subject=subject,
            class_=of["class"],
            teachers=tuple(filter(None, of["teacher"].split(";"))),
            year=year,
            prediction=prediction,
            target=target,
            gap=reckoning.gap(subject, prediction, target),
            points=points,
            residual=None if points is None or like is None else points - like,
        )

    @cached_property
    def years(self) -> list[int]:
        """The year groups, the oldest first."""
        return sorted({one.year for one in self.taking}, reverse=True)

    @cached_property
    def of_pupil(self) -> dict[str, list[Taking]]:
        found: dict[str, list[Taking]] = {}
        for one in self.taking:
            found.setdefault(one.adno, []).append(one)
        return found

    @cached_property
    def slots(self) -> dict[str, Slots]:
        """Attainment 8 of the pupils of the years that it is measured in."""
        measured = self.reckoning.settings.get("measures", {}).get("years", MEASURED_IN)
        found = {}
        for adno, mine in self.of_pupil.items():
            if mine[0].year not in measured:
                continue
            taken = [entry(self.reckoning, one.subject, one.prediction) for one in mine]
            taken += [
                entry(
                    self.reckoning, row["subject"], row["grade"], actual=True,
                    when=f"{row['academic_year']} {row['series']}",
                )
                for row in self.known
                if row["adno"] == adno
            ]  # fmt: skip
            found[adno] = slots(one for one in taken if one)
        return found

    @cached_property
    def known(self) -> list[Row]:
        """The results that were known when the collection opened."""
        opened = self.reckoning.opened[self.code]
        return [
            row for row in self.reckoning.books["results"]
            if row["academic_year"] < self.academic_year
            or (row["academic_year"] == self.academic_year and row["read_at"] < opened)
        ]  # fmt: skip

    def part(self, adno: str, measure: str) -> Part | None:
        """What a pupil adds to a measure; None where he does not count in it."""
        mine = self.of_pupil[adno]
        if measure == "mean_points":
            return _added(one.points for one in mine)
        if measure == "mean_gap":
            return _added(one.gap for one in mine)
        if measure == "residual":
            return _added(one.residual for one in mine)
        if measure == "on_or_above":
            flags = [one.flag for one in mine if one.flag]
            return _added(Fraction(one in REACHED) for one in flags)
        return self._of_key_stage_4(adno, measure)

    def _of_key_stage_4(self, adno: str, measure: str) -> Part | None:
        ten = self.slots.get(adno)
        if ten is None:
            return None
        start = self.reckoning.start(self.reckoning.pupils[adno])
        return part_of_key_stage_4(ten, measure, start, self.estimates)

    def figure(self, year: int, measure: str, adnos: Callable[[str], bool]) -> Figure:
        """A measure of the pupils of a year group for whom something is true."""
        parts = [
            self.part(adno, measure)
            for adno, mine in self.of_pupil.items()
            if mine[0].year == year and adnos(adno)
        ]
        there = [part for part in parts if part]
        if measure == "incomplete":
            total = sum((value for _, value in there), Fraction(0))
            return Figure(len(there), float(total))
        known = None
        if measure == "progress8":
            known = national.deviation(national.estimates_of(self.estimates))
        return mean_of_pupils(there, share=measure in SHARES, known=known)


def part_of_key_stage_4(
    ten: Slots, measure: str, start: Fraction | None, estimates: str
) -> Part | None:
    """What a pupil adds to a measure of Key Stage 4; None where he does not count.

    Args:
        ten: His slots.
        measure: Its name.
        start: The mean of his Key Stage 2 reading and maths.
        estimates: The year of the estimates; empty: the latest.
    """
    if measure == "incomplete":
        return 1, Fraction(not ten.complete)
    if not ten.complete:
        return None
    if measure.startswith("attainment8"):
        return 1, ten.points(measure.removeprefix("attainment8").lstrip("_"))
    if measure == "progress8":
        if start is None:
            return None
        return 1, (ten.points() - national.estimate(start, estimates)) / 10
    if measure in EBACC:
        return 1, _ebacc(ten)[list(EBACC).index(measure)]
    least = int(measure.removeprefix("english_maths_"))
    best = (_best(ten, *ENGLISH), _best(ten, "maths"))
    return 1, Fraction(min(best) >= least)


def _best(ten: Slots, *kinds: str) -> Fraction:
    """The highest points of a pupil in some subjects; nought without any."""
    points = [one.points for one in ten.counting if one.slot in kinds and one.points]
    return max(points, default=Fraction(0))


def _ebacc(ten: Slots) -> tuple[Fraction, Fraction]:
    """Whether a pupil is entered for the EBacc (0 or 1), and the average points.

    Entered: both Englishes, mathematics, combined science or three single sciences,
    geography or history, a language. The points are of six: the better English if
    both are taken, mathematics, the two best sciences, the best humanity, the best
    language; what is missing counts nought.
    """
    takes = {one.slot for one in ten.taken}
    both = takes.issuperset(ENGLISH)
    singles = sorted(
        (one.points or Fraction(0) for one in ten.counting if one.slot == "science"),
        reverse=True,
    )
    combined = "combined_science" in takes
    entered = both and (combined or len(singles) >= SINGLES)
    entered = entered and takes.issuperset(("maths", "humanities", "languages"))
    sciences = sum(singles[:2], Fraction(0)) if len(singles) >= SINGLES else Fraction(0)
    sciences = max(sciences, 2 * _best(ten, "combined_science"))
    points = sciences + (_best(ten, *ENGLISH) if both else 0)
    points += sum(_best(ten, kind) for kind in ("maths", "humanities", "languages"))
    return Fraction(entered), points / 6


def _added(values: Iterable[Fraction | None]) -> Part | None:
    there = [value for value in values if value is not None]
    return (len(there), sum(there, Fraction(0))) if there else None


def mean_of_pupils(
    parts: Sequence[Part], *, share: bool = False, known: float | None = None
) -> Figure:
    """The mean of all that pupils have, with the interval that pupils give it.

    A pupil's grades are not independent, so it is pupils whose spread counts (the
    ratio of two sums); of a share the interval is Wilson's, with as many pupils as the
    spread says they are worth.

    Args:
        parts: Of each pupil how many things, and their sum.
        share: Whether it is a share from 0 to 1.
        known: A standard deviation of pupils in the country, which goes before theirs.
    """
    n, many = len(parts), sum(count for count, _ in parts)
    if not n:
        return Figure(0, math.nan)
    mean = sum((total for _, total in parts), Fraction(0)) / many
    apart = sum(((total - mean * count) ** 2 for count, total in parts), Fraction(0))
    error = math.sqrt(apart * n / (n - 1)) / many if n > 1 else None
    if known is not None:
        error = known / math.sqrt(n)
    value = float(mean)
    if share:
        low, high = wilson(value, n, error)
        return Figure(n, value, low, high)
    if error is None:
        return Figure(n, value)
    return Figure(n, value, value - 1.96 * error, value + 1.96 * error)


def wilson(share: float, pupils: int, error: float | None) -> tuple[float, float]:
    """Wilson's interval of a share, of so many pupils as their spread is worth."""
    spread = share * (1 - share)
    n = float(pupils)
    if spread and error:
        n = spread / error**2 + 1
    z = 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(spread / n + z * z / (4 * n * n))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
