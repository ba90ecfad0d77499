"""Follow interventions over collections, beside pupils who had none.

A pupil's gap to target is taken from the last collection that opened by the day the
intervention began (before), from the next one (after), and from two collections later.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

MATCH_COLUMNS = ["year", "subject"]
COVARIATES = ["gap", "gap_earlier", "no_earlier"]
SPANS = ("after", "later")
LATER_DISTANCE = 2  # collections after the first one after


def collections_around(
    since: str, opened: Mapping[str, str], codes: Iterable[str]
) -> tuple[str, str, str]:
    """Return the collections before, after, and two later; empty where there is none.

    Args:
        since: The day the intervention began, as ISO text.
        opened: Collection -> the day it opened, as ISO text.
        codes: The collections of the pupil's year group, oldest first.

    >>> opened = {"A": "2026-09-21", "B": "2026-11-23", "C": "2027-01-25"}
    >>> collections_around("2026-11-25", opened, opened)
    ('B', 'C', '')
    >>> collections_around("2026-09-01", opened, opened)
    ('', 'A', 'C')
    """
    all_codes = list(codes)
    position = sum(opened[code] <= since for code in all_codes)
    at = (position - 1, position, position + LATER_DISTANCE)
    before, after, later = (all_codes[n] if 0 <= n < len(all_codes) else "" for n in at)
    return before, after, later


def follow_interventions(
    interventions: pd.DataFrame, marks: pd.DataFrame, opened: Mapping[str, str]
) -> pd.DataFrame:
    """Return the gaps before, after and later of every intervention and subject.

    Args:
        interventions: One row per intervention: `help` (its number, unique), `adno`,
            `subject` (empty: all the pupil's subjects) and `since` (ISO).
        marks: One row per pupil, subject and collection with a gap: `adno`, `subject`,
            `year`, `band`, `collection`, `flag` and `gap` (sixtieths of a grade).
        opened: Collection -> the day it opened, as ISO text, oldest first.

    Returns:
        One row per intervention and subject with a gap before: `help`, `adno`,
        `subject`, `year`, `band`, `flag` (before), the codes `before`, `after` and
        `later`, the gaps `gap_before`, `gap_after`, `gap_later` (sixtieths, missing
        where there is none), and for both spans `after_alike_n`, the number of pupils
        of the year and subject without an intervention, `after_alike_change` (what
        they change at the pupil's own gaps before, sixtieths), `after_alike_spread`
        (the variance around that) and `after_alike_reach` (the part of the variance
        with which the slopes are known at the pupil's gaps); `later_…` likewise.
    """
    gaps = marks.set_index(["adno", "subject", "collection"])[["gap", "flag"]]
    rows = _rows_by_subject(interventions, marks)
    year_codes = {
        year: [code for code in opened if code in set(part["collection"])]
        for year, part in marks.groupby("year")
    }
    pairs = {
        pair: collections_around(pair[1], opened, year_codes[pair[0]])
        for pair in zip(rows["year"], rows["since"], strict=True)
    }
    codes = [pairs[pair] for pair in zip(rows["year"], rows["since"], strict=True)]
    for at, name in enumerate(("before", *SPANS)):
        rows[name] = pd.Series(
            [specific[at] for specific in codes], index=rows.index, dtype="str"
        )
        gap_rows = _gaps_in(gaps, rows, name)
        rows[f"gap_{name}"] = gap_rows["gap"].array
        if name == "before":
            rows["flag"] = gap_rows["flag"].array
    rows = rows.loc[rows["gap_before"].notna()].reset_index(drop=True)
    marks = _with_earlier_gaps(marks, opened)
    rows = rows.merge(
        marks[["adno", "subject", "collection", "gap_earlier", "no_earlier"]],
        left_on=["adno", "subject", "before"],
        right_on=["adno", "subject", "collection"],
        how="left",
    ).drop(columns="collection")
    begun = _first_days(interventions)
    for span in SPANS:
        rows = _add_similar(rows, marks, begun, span, opened)
    return rows.drop(columns=["gap_earlier", "no_earlier"])


def _rows_by_subject(interventions: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Return one row per intervention and subject; those for all subjects once each."""
    subjects = marks[["adno", "subject", "year", "band"]].drop_duplicates(
        ["adno", "subject"]
    )
    specific = interventions.loc[interventions["subject"] != ""].merge(
        subjects, on=["adno", "subject"]
    )
    general = interventions.loc[interventions["subject"] == ""].drop(columns="subject")
    rows = pd.concat([specific, general.merge(subjects, on="adno")], ignore_index=True)
    return rows.sort_values(["help", "subject"], kind="stable", ignore_index=True)


def _gaps_in(gaps: pd.DataFrame, rows: pd.DataFrame, name: str) -> pd.DataFrame:
    keys = pd.MultiIndex.from_arrays([rows["adno"], rows["subject"], rows[name]])
    return gaps.reindex(keys)


def _with_earlier_gaps(marks: pd.DataFrame, opened: Mapping[str, str]) -> pd.DataFrame:
    """Add each mark's gap one collection earlier: its own again where there is none."""
    order = {code: place for place, code in enumerate(opened)}
    keys = ["adno", "subject"]
    marks = marks.assign(place=marks["collection"].map(order))
    marks = marks.sort_values([*keys, "place"], kind="stable")
    earlier = marks.groupby(keys, sort=False)["gap"].shift()
    return marks.assign(
        gap_earlier=earlier.fillna(marks["gap"]).astype("float64"),
        no_earlier=earlier.isna().astype("float64"),
    ).drop(columns="place")


def _first_days(interventions: pd.DataFrame) -> pd.DataFrame:
    """The first day of help of every pupil, in each subject (empty: in all)."""
    days = interventions.groupby(["adno", "subject"])["since"].min()
    return days.rename("begun").reset_index()


def _comparison_marks(
    marks: pd.DataFrame, begun: pd.DataFrame, until: str
) -> pd.DataFrame:
    """Return the marks of pupils without an intervention in the subject until a day."""
    treated = begun.loc[begun["begun"] < until]
    all_subjects = set(treated.loc[treated["subject"] == "", "adno"])
    specific = pd.MultiIndex.from_frame(treated[["adno", "subject"]])
    is_treated = pd.MultiIndex.from_frame(marks[["adno", "subject"]]).isin(specific)
    return marks.loc[~is_treated & ~marks["adno"].isin(all_subjects)]


def _add_similar(
    rows: pd.DataFrame,
    marks: pd.DataFrame,
    begun: pd.DataFrame,
    span: str,
    opened: Mapping[str, str],
) -> pd.DataFrame:
    """Add what pupils without help change between the same two collections."""
    names = [f"{span}_alike_{name}" for name in ("n", "change", "spread", "reach")]
    rows = rows.assign(**{names[0]: 0, **dict.fromkeys(names[1:], math.nan)})
    keys = ["adno", "subject"]
    for before, after in rows[["before", span]].drop_duplicates().to_numpy().tolist():
        if not before or not after:
            continue
        without = _comparison_marks(marks, begun, opened[after])
        first = without.loc[without["collection"] == before]
        second = without.loc[without["collection"] == after, [*keys, "gap"]]
        pairs = first.merge(second, on=keys, suffixes=("", "_now"))
        chosen = (rows["before"] == before) & (rows[span] == after)
        part = rows.loc[chosen].assign(gap=rows["gap_before"])
        rows.loc[chosen, names] = _expected_changes(pairs, part).to_numpy()
    return rows.astype({names[0]: "int64"})


def _expected_changes(pairs: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """What pupils without help change at given gaps before, in each year and subject.

    Args:
        pairs: Pupils without help: `gap_now`, `MATCH_COLUMNS` and `COVARIATES`.
        part: The rows to compare: `MATCH_COLUMNS` and `COVARIATES`.

    Returns:
        `n`, `change`, `spread` and `reach`, row for row; no change where a year and
        subject has nobody.
    """
    x = pairs[COVARIATES].astype("float64")
    y = (pairs["gap_now"] - pairs["gap"]).astype("float64")
    cells = [pairs[name] for name in MATCH_COLUMNS]
    both = pd.concat([x, y.rename("change")], axis=1)
    means = both.groupby(cells).mean()
    within = (both - both.groupby(cells).transform("mean")).to_numpy()
    centred, change = within[:, :-1], within[:, -1]
    inverse = np.linalg.pinv(centred.T @ centred, rcond=1e-9, hermitian=True)
    slopes = inverse @ centred.T @ change
    rank = int(np.linalg.matrix_rank(centred)) if len(centred) else 0
    free = len(pairs) - len(means) - rank
    left = change - centred @ slopes
    spread = float(left @ left) / free if free > 0 else math.nan
    index = pd.MultiIndex.from_frame(part[MATCH_COLUMNS])
    own = means.reindex(index).to_numpy()
    away = part[COVARIATES].to_numpy(dtype="float64") - own[:, :-1]
    sizes = pairs.groupby(MATCH_COLUMNS).size()
    return pd.DataFrame(
        {
            "n": sizes.reindex(index).fillna(0).to_numpy(),
            "change": own[:, -1] + away @ slopes,
            "spread": np.where(np.isnan(own[:, -1]), np.nan, spread),
            "reach": np.einsum("ij,jk,ik->i", away, inverse, away),
        }
    )
