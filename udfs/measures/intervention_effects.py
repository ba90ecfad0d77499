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

import pandas as pd

from udfs.measures.intervention_comparison import MATCH_COLUMNS, SPANS
from udfs.scales.scale import POINT
from udfs.statistics.inference import FEW
from udfs.statistics.student import t_quantiles

MIN_SIMILAR = 6  # fewer similar pupils would tell of somebody: not shown (rule 7)


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
