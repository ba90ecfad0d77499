"""Classes and years summed up: flags, gap to target with its interval, change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from generator.packs.wording import date_text, phrase
from udfs.measures.group_summaries import beyond_chance, count_flags, mean_by_group

BY_CLASS = ("year", "subject", "class", "teacher")
BY_YEAR = ("year", "subject")
# Of `Standing.rows`: a frame is cut up faster if narrow.
USED_COLUMNS = ["adno", "subject", "year", "class", "class_year", "teacher", "flag", "gap",
        "last_gap", "movement"]  # fmt: skip
FLAGS = ("above", "on", "below", "well_below")


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """Classes and the years above them, summed up.

    Args:
        classes: One row per class and subject, under the class's own year.
        years: One row per year of the pupils and subject; a pupil in two classes
            counts once.
        whole: One row: everybody; a pupil in two classes counts once per subject.
    """

    classes: pd.DataFrame
    years: pd.DataFrame
    total: pd.Series


def summarise_classes(
    rows: pd.DataFrame, *, issued: Collection[str], returned: Mapping[str, str]
) -> ClassSummary:
    """Sum up a part of the roll, class by class.

    Args:
        rows: Rows of `Standing.rows`.
        issued: The classes that were issued a markbook.
        returned: Class -> when its first merged return came, as ISO text.
    """
    rows = rows[USED_COLUMNS]
    once = rows.drop_duplicates(["adno", "subject"])
    # A class with pupils of two years is one class, in the year it is taught in.
    year = rows["class_year"].fillna(rows.groupby("class")["year"].transform("min"))
    classes = _summarise(rows.assign(year=year.astype("int64")), BY_CLASS)
    classes["returned"] = [
        _return_state(code, issued, returned) for code in classes["class"]
    ]
    whole = _summarise(once, ())
    return ClassSummary(classes, _summarise(once, BY_YEAR), whole.iloc[0])


def _return_state(
    code: str, issued: Collection[str], returned: Mapping[str, str]
) -> str:
    if code in returned:
        return date_text(returned[code])
    return phrase("not_returned" if code in issued else "not_issued")


def _summarise(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    made = count_flags(rows, by)
    gaps = mean_by_group(rows, "gap", by)
    moved = mean_by_group(rows, "movement", by)
    # The same pupils, each against the target of that time.
    then = mean_by_group(
        rows.assign(gap=rows["last_gap"].mask(rows["gap"].isna())), "gap", by
    )
    # The same rows counted by the same keys come out in the same order.
    made = made.assign(
        gap_n=gaps["n"],
        gap=gaps["mean"],
        gap_low=gaps["low"],
        gap_high=gaps["high"],
        change=moved["mean"],
        change_n=moved["n"],
        few=gaps["few"],
    )
    made["reach"] = made["gap_high"] - made["gap"]
    for name in FLAGS:
        made[f"share_{name}"] = made[name] / made["with_data"].where(
            made["with_data"] > 0
        )
    # Where enough had a prediction the time before, it must have been so then, too.
    now, before = beyond_chance(gaps), beyond_chance(then)
    sides = now.where(then["few"] | now.eq(before), "")
    made["side"] = sides
    made["note"] = [
        _note(side, few=bool(few), n=int(n))
        for side, few, n in zip(sides, made["few"], made["gap_n"], strict=True)
    ]
    return made


def _note(side: str, *, few: bool, n: int) -> str:
    if n == 0:
        return ""
    if few:
        return phrase("few")
    return {"Above": phrase("over"), "Below": phrase("under")}.get(side, "")
