"""Attainment 8 of one pupil by hand: ten slots, filled from the highest grade."""

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
WEAK = 2  # grades below the pupil's own average
ROOM = {"english": 2, "maths": 2, "ebacc": 3, "open": 3}


@dataclass(frozen=True)
class Entry:
    """A subject that a pupil takes: its grade and the points of the grade.

    `points` is None without a grade; `actual` marks a result, and `when` sorts the
    earliest first.
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
    """A grade that may fill a slot; combined science gives two."""

    entry: Entry
    element: str = ""
    weight: int = 0


@dataclass(frozen=True)
class Slots:
    """One pupil's ten slots.

    `entries` are all entries of the pupil, `counting` those that count, `values` all
    grades with their elements (empty: none), `lacking` the entries whose
    predictions are missing, `empty` the number of slots that nothing can fill.
    """

    entries: tuple[Entry, ...]
    counting: tuple[Entry, ...]
    values: tuple[Value, ...]
    lacking: tuple[Entry, ...]
    empty: dict[str, int]

    @property
    def missing(self) -> int:
        return len(self.lacking)

    @property
    def complete(self) -> bool:
        return not self.missing

    def needs(self, measure: str) -> int:
        """The number of predictions that a measure needs of the pupil."""
        settled = {item.discount for item in self.entries if item.actual}
        return len(
            {
                item.subject
                for item in self.entries
                if item.discount not in settled and measure_asks(item.slot, measure)
            }
        )

    def points(self, element: str = "") -> Fraction:
        """The points, in all or in one element."""
        return sum(
            (
                value.entry.points * value.weight
                for value in self.values
                if value.entry.points is not None and element in ("", value.element)
            ),
            Fraction(0),
        )


def measure_asks(slot: str, measure: str) -> bool:
    """Whether a measure needs the predictions of subjects in a slot."""
    asked = (*ENGLISH, "maths") if measure.startswith("english_maths") else EVERY
    return slot in asked


def entry(
    data: RecountData,
    subject: str,
    grade: str,
    *,
    actual: bool = False,
    when: str = "",
) -> Entry | None:
    """The entry of a subject; None if it never counts: `N/T`, or no slot."""
    subject_info = data.subject(subject)
    slot = str(subject_info.get("slot", "open"))
    if grade == "N/T" or slot == "none":
        return None
    scale_grade = data.scale(subject).get(grade)
    if actual and scale_grade is None:
        return None
    discount = str(subject_info.get("discount") or plain(subject))
    points = scale_grade.points if scale_grade else None
    return Entry(subject, slot, discount, grade, points, actual, when)


def slots(items: Iterable[Entry]) -> Slots:
    """Fill a pupil's slots."""
    everything = list(items)
    counting, missing = _counting(everything)
    both = {item.slot for item in everything}.issuperset(ENGLISH)
    values = [
        Value(item)
        for item in sorted(counting, key=_highest)
        for _ in range(2 if item.slot == "combined_science" else 1)
        if item.slot in EVERY
    ]
    empty = {}
    for element, kinds in FILLS.items():
        single = element in ("english", "maths")
        weight = 2 if element == "maths" or (element == "english" and both) else 1
        remaining = 1 if single else ROOM[element]
        filled = 0
        for at, value in enumerate(values):
            if remaining and not value.element and value.entry.slot in kinds:
                values[at] = replace(value, element=element, weight=weight)
                remaining, filled = remaining - 1, filled + weight
        if ROOM[element] > filled:
            empty[element] = ROOM[element] - filled
    return Slots(
        tuple(everything), tuple(counting), tuple(values), tuple(missing), empty
    )


def _highest(item: Entry) -> tuple[Fraction, str]:
    """Sort key: the highest grade first, entries without a grade last, then by name."""
    return (Fraction(1) if item.points is None else -item.points, item.subject)


def _counting(everything: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """One entry of each discount code, and those whose predictions are missing.

    A result takes precedence over predictions, the earliest first; then the highest.
    """
    groups: dict[str, list[Entry]] = {}
    for item in everything:
        groups.setdefault(item.discount, []).append(item)
    result: list[Entry] = []
    missing: list[Entry] = []
    for group in groups.values():
        results = sorted(
            (item for item in group if item.actual), key=lambda item: item.when
        )
        if results:
            result.append(results[0])
            continue
        result.append(min(group, key=_highest))
        graded = {item.subject for item in group if item.points is not None}
        lacking = {item.subject: item for item in group if item.subject not in graded}
        missing += lacking.values()
    return result, missing


def of_grade(item: Entry) -> str:
    """`History 5`, or the name alone without a grade."""
    return f"{item.subject} {item.grade}" if item.points is not None else item.subject


def open_to_change(ten: Slots) -> list[tuple[str, str, str, str]]:
    """Element, state, what fills the slot and what could, of slots open to change."""
    used = [value for value in ten.values if value.element]
    graded = [value for value in used if value.entry.points is not None]
    average = Fraction(0)
    if graded:
        average = ten.points() / sum(value.weight for value in graded)
    fillings = []
    for value in used:
        points = value.entry.points
        if points is None:
            fillings.append((value.element, "no grade yet", value.entry))
        elif points <= average - WEAK:
            fillings.append((value.element, "weak", value.entry))
    changes = [
        (element, state, of_grade(item), _could(ten, element, of_grade(item)))
        for element, state, item in fillings
    ]
    changes += [
        (element, "empty", "", _could(ten, element, "")) for element in ten.empty
    ]
    return changes


def _could(ten: Slots, element: str, now: str) -> str:
    """The unused grades of the pupil that may fill the slot, each once."""
    spare = [
        of_grade(value.entry)
        for value in ten.values
        if not value.element
        and value.entry.slot in FILLS[element]
        and of_grade(value.entry) != now
    ]
    return ", ".join(dict.fromkeys(spare))
