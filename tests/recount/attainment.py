"""Attainment 8 of one pupil, added up by hand: ten slots, the highest grades first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from tests.recount.arithmetic import plain
from tests.recount.recount_data import RecountData

ENGLISH = ("english_language", "english_literature")
OF_EBACC = ("science", "combined_science", "humanities", "languages")
EVERY = (*ENGLISH, "maths", *OF_EBACC, "creative", "open")
TITLES = {
    "english": "English",
    "maths": "Mathematics",
    "ebacc": "EBacc",
    "open": "Open",
}
FILLS = {"english": ENGLISH, "maths": ("maths",), "ebacc": OF_EBACC, "open": EVERY}
WEAK = 2  # grades under the pupil's own average
ROOM = {"english": 2, "maths": 2, "ebacc": 3, "open": 3}


@dataclass(frozen=True)
class Entry:
    """A subject that a pupil takes: its grade, and what the grade is worth.

    `points` is None where no grade has been given; `actual` a result, with what
    sorts the earliest first.
    """

    subject: str
    slot: str
    discount: str
    grade: str
    points: Fraction | None
    actual: bool = False
    when: str = ""


@dataclass(frozen=True)
class Value:
    """A grade as slots draw it; combined science is worth two."""

    entry: Entry
    element: str = ""
    weight: int = 0


@dataclass(frozen=True)
class Slots:
    """One pupil's ten slots.

    `taken` is all that the pupil takes, `counting` what of it counts, `values` every
    grade with the element it falls in (empty: in none), `missing` how many predictions
    are not there yet, `empty` how many slots nothing can fill.
    """

    taken: tuple[Entry, ...]
    counting: tuple[Entry, ...]
    values: tuple[Value, ...]
    missing: int
    empty: dict[str, int]

    @property
    def complete(self) -> bool:
        return not self.missing

    def points(self, element: str = "") -> Fraction:
        """What has been reached, in all or in one element."""
        return sum(
            (
                value.entry.points * value.weight
                for value in self.values
                if value.entry.points is not None and element in ("", value.element)
            ),
            Fraction(0),
        )


def entry(
    data: RecountData,
    subject: str,
    grade: str,
    *,
    actual: bool = False,
    when: str = "",
) -> Entry | None:
    """What a pupil takes; None where it counts nowhere: `N/T`, or no slot."""
    known = data.subject(subject)
    slot = str(known.get("slot", "open"))
    if grade == "N/T" or slot == "none":
        return None
    found = data.scale(subject).get(grade)
    if actual and found is None:
        return None
    discount = str(known.get("discount") or plain(subject))
    points = found.points if found else None
    return Entry(subject, slot, discount, grade, points, actual, when)


def slots(taken: Iterable[Entry]) -> Slots:
    """Fill a pupil's slots."""
    everything = list(taken)
    counting, missing = _counting(everything)
    both = {one.slot for one in everything}.issuperset(ENGLISH)
    values = [
        Value(one)
        for one in sorted(counting, key=_highest)
        for _ in range(2 if one.slot == "combined_science" else 1)
        if one.slot in EVERY
    ]
    empty = {}
    for element, kinds in FILLS.items():
        single = element in ("english", "maths")
        weight = 2 if element == "maths" or (element == "english" and both) else 1
        left = 1 if single else ROOM[element]
        filled = 0
        for at, value in enumerate(values):
            if left and not value.element and value.entry.slot in kinds:
                values[at] = replace(value, element=element, weight=weight)
                left, filled = left - 1, filled + weight
        if ROOM[element] > filled:
            empty[element] = ROOM[element] - filled
    return Slots(tuple(everything), tuple(counting), tuple(values), missing, empty)


def _highest(one: Entry) -> tuple[Fraction, str]:
    """The highest first; what has no grade yet comes last; then by name."""
    return (Fraction(1) if one.points is None else -one.points, one.subject)


def _counting(everything: Sequence[Entry]) -> tuple[list[Entry], int]:
    """One entry of each discount code, and how many predictions are missing.

    A result goes before any prediction, the earliest first; then the highest.
    """
    groups: dict[str, list[Entry]] = {}
    for one in everything:
        groups.setdefault(one.discount, []).append(one)
    found, missing = [], 0
    for group in groups.values():
        results = sorted((one for one in group if one.actual), key=lambda one: one.when)
        if results:
            found.append(results[0])
            continue
        found.append(min(group, key=_highest))
        graded = {one.subject for one in group if one.points is not None}
        missing += len({one.subject for one in group} - graded)
    return found, missing


def of_grade(one: Entry) -> str:
    """`History 5`; a subject without a grade is its name alone."""
    return f"{one.subject} {one.grade}" if one.points is not None else one.subject


def open_to_change(ten: Slots) -> list[tuple[str, str, str, str]]:
    """Element, state, what fills it, and what could."""
    used = [value for value in ten.values if value.element]
    graded = [value for value in used if value.entry.points is not None]
    average = Fraction(0)
    if graded:
        average = ten.points() / sum(value.weight for value in graded)
    found = []
    for value in used:
        points = value.entry.points
        if points is None:
            found.append((value.element, "no grade yet", value.entry))
        elif points <= average - WEAK:
            found.append((value.element, "weak", value.entry))
    told = [
        (element, state, of_grade(one), _could(ten, element, of_grade(one)))
        for element, state, one in found
    ]
    told += [(element, "empty", "", _could(ten, element, "")) for element in ten.empty]
    return told


def _could(ten: Slots, element: str, now: str) -> str:
    """What the pupil takes besides that may stand there, each once."""
    spare = [
        of_grade(value.entry)
        for value in ten.values
        if not value.element
        and value.entry.slot in FILLS[element]
        and of_grade(value.entry) != now
    ]
    return ", ".join(dict.fromkeys(spare))
