"""Interventions against similar pupils: changes before, after and later.

A pupil's gap to target is taken from the last collection that opened by the day the
intervention began (before), from the next one (after), and from two collections
later. Pupils chosen for being far below target would mostly have risen anyway
(regression to the mean), so the change is compared with what pupils of the same year
and subject changed who had no intervention by then, at the same gap before and at the
same gap in the collection before that (a regression on the two gaps, with a mean of its
own for each year and subject). A pupil who gets an intervention later stays in the
comparison. Only the difference may be an effect, and only as far as the gaps tell who
was chosen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from udfs.scales.scale import POINT
from udfs.statistics.inference import FEW
from udfs.statistics.student import t_quantiles

MATCH_COLUMNS = ["year", "subject"]
COVARIATES = ["gap", "gap_earlier", "no_earlier"]
SPANS = ("after", "later")
LATER_DISTANCE = 2  # collections after the first one after
MIN_SIMILAR = 6  # fewer similar pupils would tell of somebody: not shown (rule 7)


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
    subjects = marks[["adno", "subject", "year", "band"]].drop_duplicates(
        ["adno", "subject"]
    )
    specific = interventions.loc[interventions["subject"] != ""].merge(
        subjects, on=["adno", "subject"]
    )
    general = interventions.loc[interventions["subject"] == ""].drop(columns="subject")
    rows = pd.concat([specific, general.merge(subjects, on="adno")], ignore_index=True)
    rows = rows.sort_values(["help", "subject"], kind="stable", ignore_index=True)
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


def summarise_interventions(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per intervention: the mean over its subjects, in whole grades.

    Args:
        rows: From `follow_interventions`.

    Returns:
        By `help`: `before`, `after`, `later` (codes), `gap_before`, `gap_after`,
        `gap_later`, `change` and `change_later` (over subjects with both gaps) and
        `alike_change`, `alike_change_later`, with `alike_n`, `alike_n_later` (similar
        pupils, over the subjects; the change is missing with fewer than 6).
    """
    by = rows["help"]
    summary = rows.groupby("help")[["before", *SPANS]].first()
    for name in ("before", *SPANS):
        values = rows[f"gap_{name}"].astype("float64")
        summary[f"gap_{name}"] = values.groupby(by).mean() / POINT
    for span, end in zip(SPANS, ("", "_later"), strict=True):
        change = _change(rows, span)
        summary[f"change{end}"] = change.groupby(by).mean() / POINT
        count = rows[f"{span}_alike_n"].where(change.notna(), 0)
        alike = rows[f"{span}_alike_change"].where(change.notna())
        summary[f"alike_n{end}"] = count.groupby(by).sum().astype("int64")
        mean = alike.groupby(by).mean() / POINT
        summary[f"alike_change{end}"] = mean.where(
            summary[f"alike_n{end}"] >= MIN_SIMILAR
        )
    return summary


def _change(rows: pd.DataFrame, span: str) -> pd.Series[float]:
    gaps = rows[f"gap_{span}"].astype("float64")
    return gaps - rows["gap_before"].astype("float64")


def summarise_kinds(
    rows: pd.DataFrame, span: str = "after", by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the mean changes of interventions, by kind.

    A pupil's subjects count once, as their mean.

    Args:
        rows: From `follow_interventions`, with the columns of `by`.
        span: `after` (the first collection after) or `later` (two after that).
        by: The columns to group by, such as the kind; none gives one row.

    Returns:
        One row for each: `n` (pupils with both gaps), `then` and `now` (their mean
        gaps, whole grades), `change`; of those with similar pupils (`matched`),
        `alike` (the number of similar pupils and subjects), `alike_change` (their mean
        change) and `apart` (the lead over similar pupils), `low`, `high` (its 95%
        interval, which includes the deviations of both sides) and `freedom` (matched
        less one); `few` (under 11 matched).
    """
    keys = list(by)
    followed = rows.loc[rows[f"gap_{span}"].notna()].assign(whole=0)
    if not keys:
        keys = ["whole"]
    summaries = []
    for key, part in followed.groupby(keys, sort=True):
        names = dict(zip(keys, key if isinstance(key, tuple) else (key,), strict=True))
        summaries.append(names | _summary(part, span))
    columns = [*keys, "n", "then", "now", "change", "matched", "alike",
               "alike_change", "apart", "low", "high", "freedom", "few"]  # fmt: skip
    table = pd.DataFrame(summaries, columns=pd.Index(columns))
    return table.drop(columns="whole", errors="ignore")


def _summary(part: pd.DataFrame, span: str) -> dict[str, object]:
    # Lists, not frames: a kind of intervention has a dozen pupils.
    then: dict[str, list[float]] = {}
    now: dict[str, list[float]] = {}
    similar_changes: dict[str, list[float]] = {}
    leads: dict[str, list[float]] = {}
    cells: dict[tuple[object, ...], _SimilarGroup] = {}
    used: list[tuple[str, tuple[object, ...]]] = []
    reaches: dict[str, list[float]] = {}
    names = ["gap_before", f"gap_{span}", f"{span}_alike_n", f"{span}_alike_change",
             f"{span}_alike_spread", f"{span}_alike_reach", "before", span,
             *MATCH_COLUMNS]  # fmt: skip
    columns = [part[name].tolist() for name in names]
    for adno, first, last, count, change, variance, slopes, *cell in zip(
        part["adno"].tolist(), *columns, strict=True
    ):
        then.setdefault(adno, []).append(float(first))
        now.setdefault(adno, []).append(float(last))
        if count:
            key = tuple(cell)
            similar_changes.setdefault(adno, []).append(float(change))
            leads.setdefault(adno, []).append(float(last) - float(first) - change)
            cells[key] = _SimilarGroup(int(count), float(variance))
            reaches.setdefault(adno, []).append(math.sqrt(max(float(slopes), 0.0)))
            used.append((adno, key))
    means = [_mean_of_pupils(then), _mean_of_pupils(now)]
    n = len(leads)
    lead = _mean_of_pupils(leads)
    reach = float(t_quantiles([n - 1])[0]) * _standard_error(
        leads, cells, used, _mean_of_pupils(reaches)
    )
    return {
        "n": len(then),
        "then": means[0] / POINT,
        "now": means[1] / POINT,
        "change": (means[1] - means[0]) / POINT,
        "matched": n,
        "alike": sum(cell.size for cell in cells.values()),
        "alike_change": _mean_of_pupils(similar_changes) / POINT,
        "apart": lead / POINT,
        "low": (lead - reach) / POINT,
        "high": (lead + reach) / POINT,
        "freedom": float(n - 1),
        "few": n < FEW,
    }


class _SimilarGroup(NamedTuple):
    """A group of similar pupils: its size, and the variance of their changes."""

    size: int
    variance: float


def _mean_of_pupils(values: Mapping[str, Sequence[float]]) -> float:
    """Return the mean of pupils' means."""
    if not values:
        return math.nan
    return math.fsum(
        math.fsum(subject_values) / len(subject_values)
        for subject_values in values.values()
    ) / len(values)


def _standard_error(
    leads: Mapping[str, Sequence[float]],
    cells: Mapping[tuple[object, ...], _SimilarGroup],
    used: Iterable[tuple[str, tuple[object, ...]]],
    reach: float,
) -> float:
    """Return the standard error of the mean lead over similar pupils.

    Without enough similar pupils their variance is unknown, and there is no interval.

    Args:
        leads: Pupil -> lead over similar pupils, in each subject.
        cells: The groups of similar pupils.
        used: Pupil and group, once for each subject.
        reach: The mean root of `alike_reach`, as if all slopes erred the same way.
    """
    n = len(leads)
    pupils = sum(cell.size for cell in cells.values())
    if n < 2 or not pupils:
        return math.nan
    pooled = math.fsum(c.variance * c.size for c in cells.values()) / pupils
    # How much of the mean hangs on each group of similar pupils.
    weights: dict[tuple[object, ...], list[float]] = {}
    for adno, key in used:
        weights.setdefault(key, []).append(1 / (len(leads[adno]) * n))
    similar_variance = pooled * reach**2 + pooled * math.fsum(
        math.fsum(shares) ** 2 / cells[key].size for key, shares in weights.items()
    )
    mean = _mean_of_pupils(leads)
    pupil_leads = [math.fsum(values) / len(values) for values in leads.values()]
    own_variance = math.fsum((lead - mean) ** 2 for lead in pupil_leads) / (n - 1)
    return math.sqrt(own_variance / n + similar_variance)
