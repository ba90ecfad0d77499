"""Classes and years side by side: flags, gap to target, change, what stands out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.recount.arithmetic import (
    FLAGS,
    Mean,
    beyond_chance,
    count_text,
    grade_text,
    list_text,
    mean_of,
    per_cent,
)
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs

One = TypeVar("One")
BELOW = ("Below", "Well below")
NOTES = {"Above": "above, beyond chance", "Below": "below, beyond chance", "": ""}


@dataclass(frozen=True)
class FlagSummary:
    """A class, a year or the whole, summed up.

    `side` is on which side of target it is beyond chance, among all it stands beside,
    and in the collection before as well.
    """

    rows: Sequence[Enrolment]
    flags: Counter[str]
    gap: Mean
    moved: Mean
    side: str

    @property
    def first(self) -> Enrolment:
        return self.rows[0]

    @property
    def with_data(self) -> int:
        return sum(self.flags[flag] for flag in FLAGS)

    @property
    def below(self) -> int:
        return self.flags["Below"] + self.flags["Well below"]

    @property
    def reached(self) -> int:
        return self.flags["Above"] + self.flags["On"]

    @property
    def note(self) -> str:
        if self.gap.n == 0:
            return ""
        return "too few to conclude" if self.gap.few else NOTES[self.side]

    def cells(self) -> dict[str, object]:
        """What stands under the headings of the tables of classes and of years."""
        n = self.with_data
        return {
            "Pupils": len(self.rows),
            "With data": n,
            **{flag: self.flags[flag] for flag in FLAGS},
            "No data": len(self.rows) - n,
            "On or above": self.reached / n if n else None,
            "Mean gap": self.gap.mean,
            "from": self.gap.low,
            "to": self.gap.high,
            "Change": self.moved.mean,
            "of": self.moved.n,
            "Note": self.note,
        }


def summarise(
    data: RecountData, parts: Iterable[Sequence[Enrolment]]
) -> list[FlagSummary]:
    """Sum up parts that stand beside each other."""
    each = list(parts)
    now = [mean_of(one.gap for one in rows) for rows in each]
    # The same pupils, each against the target of that time.
    then = [
        mean_of(data.previous(one).gap for one in rows if one.gap is not None)
        for rows in each
    ]
    sides = [
        side if before.few or side == was else ""
        for side, before, was in zip(
            beyond_chance(now), then, beyond_chance(then), strict=True
        )
    ]
    return [
        FlagSummary(
            rows,
            Counter(one.flag for one in rows),
            gap,
            mean_of(data.movement(one) for one in rows),
            side,
        )
        for rows, gap, side in zip(each, now, sides, strict=True)
    ]


def group_rows(
    rows: Iterable[One], key: Callable[[One], tuple[object, ...]]
) -> dict[tuple[object, ...], list[One]]:
    """The rows of each key, in the order of the keys."""
    found: dict[tuple[object, ...], list[One]] = {}
    for one in rows:
        found.setdefault(key(one), []).append(one)
    return {one: found[one] for one in sorted(found, key=_in_order)}


def _in_order(key: tuple[object, ...]) -> list[str]:
    """Years by number, all else as text."""
    return [f"{part:04}" if isinstance(part, int) else str(part) for part in key]


def classes(data: RecountData, rows: Iterable[Enrolment]) -> list[FlagSummary]:
    """Every class and subject, under the year that the class is of."""
    each = group_rows(rows, lambda one: (one.class_year, one.subject, one.class_))
    return summarise(data, each.values())


def years(data: RecountData, rows: Iterable[Enrolment]) -> list[FlagSummary]:
    """Every year of pupils and subject; who is in two classes counts once."""
    each = group_rows(unique_pairs(rows), lambda one: (one.year, one.subject))
    return summarise(data, each.values())


def class_names(
    shown: Sequence[FlagSummary], among: Sequence[FlagSummary]
) -> list[str]:
    """Classes by code, with the subject where a class has several."""
    several = Counter(one.first.class_ for one in among)
    return [
        f"{one.first.class_} ({one.first.subject})"
        if several[one.first.class_] > 1
        else one.first.class_
        for one in shown
    ]


def flag_sentences(data: RecountData, rows: Sequence[Enrolment]) -> list[str]:
    """What a department's classes have to say."""
    each = classes(data, rows)
    (whole,) = summarise(data, [unique_pairs(rows)])
    states = {one.first.class_: data.state(one.first.class_) for one in each}
    missing = sorted(name for name in states if states[name] == "not returned")
    unissued = sorted(name for name in states if states[name] == "not issued")
    title = data.collection.get("name", data.code)
    n = whole.with_data
    if len(missing) + len(unissued) == len(states) and not n:
        asked = count_text(len(states), "class", "classes")
        return [f"No returns yet: nothing of {title} has come back from {asked}."]
    said = ["Nobody has both a prediction and a target, so there are no flags to show."]
    if n:
        said = [
            f"{per_cent(whole.reached, n)} of {count_text(n, 'prediction')} with a target "
            f"reach it; {whole.below:,} are below it, {whole.flags['Well below']:,} of "
            f"them by 2 grades or more.{_on_average(whole)}"
        ]
        worst = sorted(
            (one for one in each if one.side == "Below"),
            key=lambda one: one.gap.mean or 0,
        )
        be = "it is" if len(worst) == 1 else "they are"
        said.append(
            f"Worth a look, for {be} below target by more than chance alone gives: "
            f"{list_text(class_names(worst, each))}."
            if worst
            else "No class is below target by more than chance alone gives."
        )
    if missing:
        said.append(f"Not returned yet: {list_text(missing, most=12)}.")
    elif not unissued:
        said.append("Every class has returned.")
    if unissued:
        said.append(f"Not issued yet: {list_text(unissued, most=12)}.")
    return said


def _on_average(whole: FlagSummary) -> str:
    """How far predictions are from target; nothing of judgements, which have no gap."""
    if whole.gap.mean is None:
        return ""
    shown = grade_text(whole.gap.mean)
    side = "above" if whole.gap.mean > 0 else "below"
    average = f"{shown.lstrip('+−')} grades {side}" if shown != "0.0" else "on"
    return f" On average predictions are {average} target."


def moved_since(data: RecountData, rows: Iterable[Enrolment]) -> list[str]:
    """How many were below target in the collection before, and are now."""
    both = [
        (data.previous(one), one)
        for one in unique_pairs(rows)
        if one.flag and data.previous(one).flag
    ]
    if not both:
        return []
    last = list_text(sorted({data.last[one.year] for _, one in both}))
    was = sum(then.flag in BELOW for then, _ in both)
    now = sum(one.flag in BELOW for _, one in both)
    return [
        f"Of {count_text(len(both), 'prediction')} with a target, given in {last} and now, "
        f"{was:,} were below it then and {now:,} are."
    ]
