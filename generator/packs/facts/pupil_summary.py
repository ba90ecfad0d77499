"""Each pupil across subjects: below in how many, which, effort, praise, movement."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from generator.packs.facts.history import BELOW
from udfs.scales.scale import POINT

PUPIL_COLUMNS = [
    "adno", "surname", "forename", "reg", "year", "groups", "attendance", "behaviour",
    "achievement",
]  # fmt: skip
# Of `CollectionSnapshot.rows`: a narrow frame is faster to split.
USED_COLUMNS = [
    "adno", "subject", "prediction", "target", "flag", "gap", "last_flag", "praise",
    "movement",
]  # fmt: skip
ON_TARGET = ("Above", "On")


def summarise_pupils(rows: pd.DataFrame, pupils: pd.DataFrame) -> pd.DataFrame:
    """Summarise each pupil over the subjects.

    Args:
        rows: Rows of `CollectionSnapshot.rows`; a pupil in two classes of a subject
            counts once.
        pupils: Rows of `CollectionSnapshot.pupils`: each has one row in the summary.

    Returns:
        `PUPIL_COLUMNS`; `subjects` (how many are taken), `with_data`, `below` (well
        below included), `well_below`, `reached` (on or above), `above`, `praised`
        (the number with special praise), `short` (sixtieths of a grade below target,
        all together, 0 or less), `last_below` and `last_data` (the same in the previous
        collection), `moved` (mean movement in whole grades, missing if nothing can be
        matched), `moved_by` (sixtieths), `moved_n`, `named` (the subjects below target)
        and `praised_in`.
    """
    once = rows[USED_COLUMNS].drop_duplicates(["adno", "subject"])
    flag, last = once["flag"], once["last_flag"]
    gap = once["gap"].fillna(0).astype("int64")
    counts = pd.DataFrame(
        {
            "subjects": 1,
            "with_data": flag.notna(),
            "below": flag.isin(BELOW),
            "well_below": flag.eq("Well below"),
            "reached": flag.isin(ON_TARGET),
            "above": flag.eq("Above"),
            "praised": once["praise"].eq("Yes"),
            "short": gap.where(gap < 0, 0),
            "last_data": last.notna(),
            "last_below": last.isin(BELOW),
            "moved_n": once["movement"].notna(),
            "moved_by": once["movement"].fillna(0).astype("int64"),
        },
        index=once.index,
    ).astype("int64")
    sums = counts.groupby(once["adno"]).sum()
    summary = pupils[PUPIL_COLUMNS]
    summary = summary.merge(sums, left_on="adno", right_index=True, how="left")
    names = list(counts.columns)
    summary[names] = summary[names].fillna(0).astype("int64")
    matched = summary["moved_n"].where(summary["moved_n"] > 0)
    summary["moved"] = summary["moved_by"] / (matched * POINT)
    summary["last_below"] = summary["last_below"].where(summary["last_data"] > 0)
    praised = once.loc[once["praise"].eq("Yes")].sort_values("subject")
    praised_in = _join_texts(praised["subject"], praised["adno"])
    for name, texts in (("named", _subjects_below(once)), ("praised_in", praised_in)):
        summary[name] = summary["adno"].map(texts).astype("str").fillna("")
    return summary.reset_index(drop=True)


def _subjects_below(once: pd.DataFrame) -> pd.Series[str]:
    """The subjects below target, the furthest below first: `French 3 (5)`."""
    below = once.loc[once["flag"].isin(BELOW)]
    below = below.assign(depth=below["gap"].fillna(0))
    below = below.sort_values(["adno", "depth", "subject"], kind="stable")
    return _join_texts(prediction_texts(below), below["adno"])


def prediction_texts(rows: pd.DataFrame) -> pd.Series[str]:
    """Each prediction with its target: `French 3 (5)`; `French 3` without one.

    Args:
        rows: `subject`, `prediction` and `target`.
    """
    texts = rows["subject"] + " " + rows["prediction"].astype("str")
    # A judgement says that it is below without any target.
    with_target = texts + " (" + rows["target"].astype("str") + ")"
    return with_target.where(rows["target"].notna(), texts)


def _join_texts(texts: pd.Series[str], adnos: pd.Series[str]) -> pd.Series[str]:
    """The texts of each pupil, joined; also if there are none at all."""
    if texts.empty:
        return pd.Series([], index=pd.Index([], dtype="str"), dtype="str")
    return texts.groupby(adnos).agg(", ".join).astype("str")


def flag_grid(rows: pd.DataFrame) -> pd.DataFrame:
    """Pupil by subject: the flag, `No data`, or missing if it is not taken."""
    once = rows[["adno", "subject", "flag"]].drop_duplicates(["adno", "subject"])
    once = once.assign(flag=once["flag"].fillna("No data"))
    grid = once.pivot(index="adno", columns="subject", values="flag")
    return grid[sorted(grid.columns)]


def effort_counts(rows: pd.DataFrame, scale: Sequence[str]) -> pd.DataFrame:
    """Pupil by step of effort: in how many subjects; without steps that nobody has.

    Args:
        rows: Rows of `CollectionSnapshot.rows`.
        scale: The school's steps of effort, in order.
    """
    once = rows[["adno", "subject", "effort"]].drop_duplicates(["adno", "subject"])
    efforts = once.loc[once["effort"].notna(), ["adno", "effort"]]
    if efforts.empty:
        return pd.DataFrame(index=pd.Index([], name="adno"))
    used = set(efforts["effort"])
    steps = [*scale, *sorted(used - set(scale))]
    counts = pd.crosstab(efforts["adno"], efforts["effort"])
    return counts.reindex(columns=[step for step in steps if step in used])
