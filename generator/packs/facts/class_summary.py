"""Summaries of classes and years: flags, gap to target with its interval, change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from generator.packs.wording import date_text, phrase
from udfs.measures.group_summaries import beyond_chance, count_flags, mean_by_group

BY_CLASS = ("year", "subject", "class", "teacher")
BY_YEAR = ("year", "subject")
# Of `CollectionSnapshot.rows`: a narrow frame is faster to split.
USED_COLUMNS = [
    "adno", "subject", "year", "class", "class_year", "teacher", "flag", "gap",
    "last_gap", "movement",
]  # fmt: skip
FLAGS = ("above", "on", "below", "well_below")


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """The summaries of classes, of their years, and of all together.

    Args:
        classes: One row per class and subject, under the class's own year.
        years: One row per year of the pupils and subject; a pupil in two classes
            counts once.
        total: One row for everybody; a pupil in two classes counts once per subject.
    """

    classes: pd.DataFrame
    years: pd.DataFrame
    total: pd.Series


def summarise_classes(
    rows: pd.DataFrame, *, issued: Collection[str], returned: Mapping[str, str]
) -> ClassSummary:
    """Summarise some rows, class by class.

    Args:
        rows: Rows of `CollectionSnapshot.rows`.
        issued: The classes that were issued a markbook.
        returned: Class -> the moment of its first merged return, as ISO text.
    """
    rows = rows[USED_COLUMNS]
    once = rows.drop_duplicates(["adno", "subject"])
    # A class with pupils of two years is one class, in the year it is taught in.
    year = rows["class_year"].fillna(rows.groupby("class")["year"].transform("min"))
    classes = _summarise(rows.assign(year=year.astype("int64")), BY_CLASS)
    classes["returned"] = [
        _return_state(code, issued, returned) for code in classes["class"]
    ]
    total = _summarise(once, ())
    return ClassSummary(classes, _summarise(once, BY_YEAR), total.iloc[0])


def _return_state(
    code: str, issued: Collection[str], returned: Mapping[str, str]
) -> str:
    if code in returned:
        return date_text(returned[code])
    return phrase("not_returned" if code in issued else "not_issued")


def _summarise(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    gaps = mean_by_group(rows, "gap", by)
    movement = mean_by_group(rows, "movement", by)
    # The same pupils, each against the target of that time.
    last_gap = rows["last_gap"].mask(rows["gap"].isna())
    last_gaps = mean_by_group(rows.assign(gap=last_gap), "gap", by)
    # The same rows counted by the same keys come out in the same order.
    summary = count_flags(rows, by).assign(
        gap_n=gaps["n"],
        gap=gaps["mean"],
        gap_low=gaps["low"],
        gap_high=gaps["high"],
        change=movement["mean"],
        change_n=movement["n"],
        few=gaps["few"],
    )
    summary["reach"] = summary["gap_high"] - summary["gap"]
    with_data = summary["with_data"].where(summary["with_data"] > 0)
    for name in FLAGS:
        summary[f"share_{name}"] = summary[name] / with_data
    # If enough pupils had a prediction last time, it must have been so then, too.
    side, last_side = beyond_chance(gaps), beyond_chance(last_gaps)
    summary["side"] = side.where(last_gaps["few"] | side.eq(last_side), "")
    summary["note"] = [
        _note(side, few=bool(few), n=int(n))
        for side, few, n in zip(
            summary["side"], summary["few"], summary["gap_n"], strict=True
        )
    ]
    return summary


def _note(side: str, *, few: bool, n: int) -> str:
    if n == 0:
        return ""
    if few:
        return phrase("few")
    return {"Above": phrase("over"), "Below": phrase("under")}.get(side, "")
