"""Classes and years side by side: flags, gap to target, change, outliers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.recount.arithmetic import (
    FLAGS,
    Mean,
    beyond_chance,
    listing,
    mean_of,
    per_cent,
    plural,
    signed,
)
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs

Item = TypeVar("Item")
BELOW = ("Below", "Well below")
NOTES = {"Above": "above, beyond chance", "Below": "below, beyond chance", "": ""}


@dataclass(frozen=True)
class FlagSummary:
    """The summary of a class, a year or the whole.

    `side` is the side of target on which it is beyond chance among all that it is
    compared with, now and in the collection before.
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
        """The cells of a line in the tables of classes and of years."""
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
    """Summarise parts that are compared with each other."""
    each = list(parts)
    now = [mean_of(row.gap for row in rows) for rows in each]
    # The same pupils, each with the target of that time.
    then = [
        mean_of(data.previous(row).gap for row in rows if row.gap is not None)
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
            Counter(row.flag for row in rows),
            gap,
            mean_of(data.movement(row) for row in rows),
            side,
        )
        for rows, gap, side in zip(each, now, sides, strict=True)
    ]


def group_rows(
    rows: Iterable[Item], key: Callable[[Item], tuple[object, ...]]
) -> dict[tuple[object, ...], list[Item]]:
    """The rows of each key, in the order of the keys."""
    result: dict[tuple[object, ...], list[Item]] = {}
    for item in rows:
        result.setdefault(key(item), []).append(item)
    return {key: result[key] for key in sorted(result, key=_in_order)}


def _in_order(key: tuple[object, ...]) -> list[str]:
    """Sort key: years by number, the rest as text."""
    return [f"{part:04}" if isinstance(part, int) else str(part) for part in key]


def classes(data: RecountData, rows: Iterable[Enrolment]) -> list[FlagSummary]:
    """Every class and subject, by the year of the class."""
    each = group_rows(rows, lambda row: (row.class_year, row.subject, row.class_))
    return summarise(data, each.values())


def years(data: RecountData, rows: Iterable[Enrolment]) -> list[FlagSummary]:
    """Every year group and subject; a pupil in two classes counts once."""
    each = group_rows(unique_pairs(rows), lambda row: (row.year, row.subject))
    return summarise(data, each.values())


def class_names(
    summaries: Sequence[FlagSummary], among: Sequence[FlagSummary]
) -> list[str]:
    """Classes by code, with the subject where a class has several."""
    several = Counter(summary.first.class_ for summary in among)
    return [
        f"{summary.first.class_} ({summary.first.subject})"
        if several[summary.first.class_] > 1
        else summary.first.class_
        for summary in summaries
    ]


def flag_sentences(data: RecountData, rows: Sequence[Enrolment]) -> list[str]:
    """The opening sentences of a department's pack."""
    each = classes(data, rows)
    (whole,) = summarise(data, [unique_pairs(rows)])
    states = {
        summary.first.class_: data.state(summary.first.class_) for summary in each
    }
    missing = sorted(name for name in states if states[name] == "not returned")
    unissued = sorted(name for name in states if states[name] == "not issued")
    title = data.collection.get("name", data.code)
    n = whole.with_data
    if len(missing) + len(unissued) == len(states) and not n:
        class_count = plural(len(states), "class", "classes")
        return [f"No returns yet: nothing of {title} has come back from {class_count}."]
    sentences = [
        "Nobody has both a prediction and a target, so there are no flags to show."
    ]
    if n:
        sentences = [
            f"{per_cent(whole.reached, n)} of {plural(n, 'prediction')} with a target "
            f"reach it; {whole.below:,} are below it, {whole.flags['Well below']:,} of "
            f"them by 2 grades or more.{_on_average(whole)}"
        ]
        worst = sorted(
            (summary for summary in each if summary.side == "Below"),
            key=lambda summary: summary.gap.mean or 0,
        )
        be = "it is" if len(worst) == 1 else "they are"
        sentences.append(
            f"Worth a look, for {be} below target by more than chance alone gives: "
            f"{listing(class_names(worst, each))}."
            if worst
            else "No class is below target by more than chance alone gives."
        )
    if missing:
        sentences.append(f"Not returned yet: {listing(missing, most=12)}.")
    elif not unissued:
        sentences.append("Every class has returned.")
    if unissued:
        sentences.append(f"Not issued yet: {listing(unissued, most=12)}.")
    return sentences


def _on_average(whole: FlagSummary) -> str:
    """The mean distance from target; empty for judgements, which have no gap."""
    if whole.gap.mean is None:
        return ""
    average_text = signed(whole.gap.mean)
    side = "above" if whole.gap.mean > 0 else "below"
    average = (
        f"{average_text.lstrip('+−')} grades {side}" if average_text != "0.0" else "on"
    )
    return f" On average predictions are {average} target."


def moved_since(data: RecountData, rows: Iterable[Enrolment]) -> list[str]:
    """The numbers below target in the collection before and now."""
    both = [
        (data.previous(row), row)
        for row in unique_pairs(rows)
        if row.flag and data.previous(row).flag
    ]
    if not both:
        return []
    last = listing(sorted({data.last[row.year] for _, row in both}))
    was = sum(then.flag in BELOW for then, _ in both)
    now = sum(row.flag in BELOW for _, row in both)
    return [
        f"Of {plural(len(both), 'prediction')} with a target, given in {last} and now, "
        f"{was:,} were below it then and {now:,} are."
    ]
