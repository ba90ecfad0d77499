"""Each pupil across subjects: below in how many, which, effort, praise, movement."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from generator.packs.facts.history import BELOW
from generator.packs.layout.columns import PackColumn
from generator.packs.wording import phrase
from udfs.scales.scale import POINT

PUPIL_COLUMNS = ["adno", "surname", "forename", "reg", "year", "groups", "attendance",
         "behaviour", "achievement"]  # fmt: skip
# Of `Standing.rows`: a frame is cut up faster if narrow.
USED_COLUMNS = ["adno", "subject", "prediction", "target", "flag", "gap", "last_flag", "praise",
        "movement"]  # fmt: skip
ON_TARGET = ("Above", "On")
NARROW_COLUMN = 4.2  # characters: a column of signs


def summarise_pupils(rows: pd.DataFrame, pupils: pd.DataFrame) -> pd.DataFrame:
    """Sum each pupil up.

    Args:
        rows: Rows of `Standing.rows`; a pupil in two classes of a subject counts once.
        pupils: Rows of `Standing.pupils`: one line is answered for each.

    Returns:
        The pupil's own columns; `subjects` (how many are taken), `with_data`,
        `below` (well below included), `well_below`, `reached` (on or above), `above`,
        `praised` (special praise, in how many), `short` (sixtieths of a grade below
        target, all together, nought or less), `last_below` and `last_data` (the
        same in the collection before), `moved` (mean movement in whole grades,
        missing where nothing can be matched), `moved_n`, `named` (the subjects below
        target) and `praised_in`.
    """
    once = rows[USED_COLUMNS].drop_duplicates(["adno", "subject"])
    flag, last = once["flag"], once["last_flag"]
    gap = once["gap"].fillna(0).astype("int64")
    parts = pd.DataFrame(
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
    sums = parts.groupby(once["adno"]).sum()
    made = pupils[PUPIL_COLUMNS].merge(
        sums, left_on="adno", right_index=True, how="left"
    )
    counts = list(parts.columns)
    made[counts] = made[counts].fillna(0).astype("int64")
    matched = made["moved_n"].where(made["moved_n"] > 0)
    made["moved"] = made["moved_by"] / (matched * POINT)
    made["last_below"] = made["last_below"].where(made["last_data"] > 0)
    made["named"] = made["adno"].map(_subjects_below(once)).astype("str").fillna("")
    praised = once.loc[once["praise"].eq("Yes")].sort_values("subject")
    listed = _join_texts(praised["subject"], praised["adno"])
    made["praised_in"] = made["adno"].map(listed).astype("str").fillna("")
    return made.reset_index(drop=True)


def _subjects_below(once: pd.DataFrame) -> pd.Series[str]:
    """The subjects below target, the furthest below first: `French 3 (5)`."""
    below = once.loc[once["flag"].isin(BELOW)]
    below = below.assign(depth=below["gap"].fillna(0))
    below = below.sort_values(["adno", "depth", "subject"], kind="stable")
    told = below["subject"] + " " + below["prediction"].astype("str")
    aimed = told + " (" + below["target"].astype("str") + ")"
    told = aimed.where(below["target"].notna(), told)
    return _join_texts(told, below["adno"])


def _join_texts(texts: pd.Series[str], by: pd.Series[str]) -> pd.Series[str]:
    """The texts of each, as one: also where there are none at all."""
    if texts.empty:
        return pd.Series([], index=pd.Index([], dtype="str"), dtype="str")
    return texts.groupby(by).agg(", ".join).astype("str")


def flag_grid(rows: pd.DataFrame) -> pd.DataFrame:
    """Pupil by subject: the flag, `No data`, or missing where it is not taken."""
    once = rows[["adno", "subject", "flag"]].drop_duplicates(["adno", "subject"])
    known = once.assign(flag=once["flag"].fillna("No data"))
    made = known.pivot(index="adno", columns="subject", values="flag")
    return made[sorted(made.columns)]


def flag_columns(subjects: Sequence[str]) -> list[PackColumn]:
    """A narrow column for each subject, its name reading upwards."""
    return [
        PackColumn(f"light:{name}", name, NARROW_COLUMN, "light", rotated=True)
        for name in subjects
    ]


def effort_counts(rows: pd.DataFrame, scale: Sequence[str]) -> pd.DataFrame:
    """How often each pupil was given each step of effort; no column that is empty."""
    once = rows[["adno", "subject", "effort"]].drop_duplicates(["adno", "subject"])
    given = once.loc[once["effort"].notna(), ["adno", "effort"]]
    steps = [*scale, *sorted(set(given["effort"]) - set(scale))]
    if given.empty:
        return pd.DataFrame(index=pd.Index([], name="adno"))
    made = pd.crosstab(given["adno"], given["effort"])
    return made.reindex(columns=[s for s in steps if s in set(given["effort"])])


def effort_columns(steps: Sequence[str]) -> list[PackColumn]:
    """A narrow column for each step of effort."""
    heading = phrase("effort")
    return [
        PackColumn(
            f"effort:{step}",
            heading.format(step=step),
            NARROW_COLUMN,
            "count",
            rotated=True,
        )
        for step in steps
    ]
