"""What became of pupils with an intervention, beside similar pupils without one.

A pupil's gap to target is looked at in the last collection that opened by the day the
intervention began (before), in the first after it, and two collections later. The
same is done for pupils without one who were alike before: same year, subject, prior
attainment band and flag. Whoever is chosen for being far below target would mostly
have risen anyway (regression to the mean), so a rise alone shows nothing; what is
left of it beside similar pupils may.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from udfs.measures.group_summaries import FEW, UNIT
from udfs.statistics.inference import Z95

ALIKE = ["year", "subject", "band", "flag"]
SPANS = ("after", "later")
LATER = 2  # collections after the first one after
LEAST_ALIKE = 6  # fewer similar pupils would tell of somebody: not shown (rule 7)


def when(
    since: str, opened: Mapping[str, str], codes: Iterable[str]
) -> tuple[str, str, str]:
    """The collections before, after, and two later; empty where there is none.

    Args:
        since: The day the intervention began, as ISO text.
        opened: Collection -> the day it opened, as ISO text.
        codes: The collections that the pupil's year group was asked in, oldest first.

    >>> opened = {"A": "2026-09-21", "B": "2026-11-23", "C": "2027-01-25"}
    >>> when("2026-11-25", opened, opened)
    ('B', 'C', '')
    >>> when("2026-09-01", opened, opened)
    ('', 'A', 'C')
    """
    all_codes = list(codes)
    place = sum(opened[code] <= since for code in all_codes)
    at = (place - 1, place, place + LATER)
    before, after, later = (all_codes[n] if 0 <= n < len(all_codes) else "" for n in at)
    return before, after, later


def followed(
    helped: pd.DataFrame, seen: pd.DataFrame, opened: Mapping[str, str]
) -> pd.DataFrame:
    """Every intervention in every subject it is about, before, after and later.

    Args:
        helped: One row per intervention: `help` (its number, unique), `adno`,
            `subject` (empty: all the pupil's subjects) and `since` (ISO).
        seen: One row per pupil, subject and collection with a gap: `adno`, `subject`,
            `year`, `band`, `collection`, `flag` and `gap` (sixtieths of a grade).
        opened: Collection -> the day it opened, as ISO text, oldest first.

    Returns:
        One row per intervention and subject with a gap before: `help`, `adno`,
        `subject`, `year`, `band`, `flag` (before), the codes `before`, `after` and
        `later`, the gaps `gap_before`, `gap_after`, `gap_later` (sixtieths, missing
        where there is none), and for both spans `after_alike_n`, how many similar
        pupils without an intervention there are, `after_alike_change` (their mean
        change, sixtieths) and `after_alike_spread` (their variance); `later_…` alike.
    """
    gaps = seen.set_index(["adno", "subject", "collection"])[["gap", "flag"]]
    subjects = seen[["adno", "subject", "year", "band"]].drop_duplicates(
        ["adno", "subject"]
    )
    one = helped.loc[helped["subject"] != ""].merge(subjects, on=["adno", "subject"])
    general = helped.loc[helped["subject"] == ""].drop(columns="subject")
    rows = pd.concat([one, general.merge(subjects, on="adno")], ignore_index=True)
    rows = rows.sort_values(["help", "subject"], kind="stable", ignore_index=True)
    asked = {
        year: [code for code in opened if code in set(part["collection"])]
        for year, part in seen.groupby("year")
    }
    pairs = {
        pair: when(pair[1], opened, asked[pair[0]])
        for pair in zip(rows["year"], rows["since"], strict=True)
    }
    told = [pairs[pair] for pair in zip(rows["year"], rows["since"], strict=True)]
    for at, name in enumerate(("before", *SPANS)):
        rows[name] = pd.Series([one[at] for one in told], index=rows.index, dtype="str")
        there = _at(gaps, rows, name)
        rows[f"gap_{name}"] = there["gap"].array
        if name == "before":
            rows["flag"] = there["flag"].array
    rows = rows.loc[rows["gap_before"].notna()].reset_index(drop=True)
    without = _without(seen, helped)
    for span in SPANS:
        rows = _beside(rows, without, span)
    return rows


def _at(gaps: pd.DataFrame, rows: pd.DataFrame, name: str) -> pd.DataFrame:
    wanted = pd.MultiIndex.from_arrays([rows["adno"], rows["subject"], rows[name]])
    return gaps.reindex(wanted)


def _without(seen: pd.DataFrame, helped: pd.DataFrame) -> pd.DataFrame:
    """The rows of pupils who have had no intervention in a subject."""
    everything = set(helped.loc[helped["subject"] == "", "adno"])
    own = pd.MultiIndex.from_frame(helped[["adno", "subject"]])
    mine = pd.MultiIndex.from_frame(seen[["adno", "subject"]]).isin(own)
    return seen.loc[~mine & ~seen["adno"].isin(everything)]


def _beside(rows: pd.DataFrame, without: pd.DataFrame, span: str) -> pd.DataFrame:
    """The rows with what similar pupils did over the same two collections."""
    keys = ["adno", "subject"]
    parts = []
    for before, after in rows[["before", span]].drop_duplicates().to_numpy().tolist():
        then = without.loc[without["collection"] == before]
        now = without.loc[without["collection"] == after, [*keys, "gap"]]
        both = then.merge(now, on=keys, suffixes=("", "_now"))
        change = (both["gap_now"] - both["gap"]).astype("float64")
        each = change.groupby([both[name] for name in ALIKE]).agg(
            ["size", "mean", "var"]
        )
        parts.append(each.reset_index().assign(**{"before": before, span: after}))
    names = {"size": f"{span}_alike_n", "mean": f"{span}_alike_change",
             "var": f"{span}_alike_spread"}  # fmt: skip
    columns = [*ALIKE, "before", span, *names.values()]
    if not parts:
        return rows.reindex(columns=[*rows.columns, *names.values()])
    found = pd.concat(parts, ignore_index=True).rename(columns=names)
    made = rows.merge(found[columns], on=[*ALIKE, "before", span], how="left")
    count = f"{span}_alike_n"
    made[count] = made[count].fillna(0).astype("int64")
    return made


def each_one(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per intervention: the mean over its subjects, in whole grades.

    Args:
        rows: From `followed`.

    Returns:
        By `help`: `before`, `after`, `later` (codes), `gap_before`, `gap_after`,
        `gap_later`, `change` and `change_later` (of the subjects with both gaps) and
        `alike_change`, `alike_change_later`, with `alike_n`, `alike_n_later` (how
        many similar pupils, over the subjects; the change is missing where there are
        fewer than 6).
    """
    by = rows["help"]
    made = rows.groupby("help")[["before", *SPANS]].first()
    for name in ("before", *SPANS):
        values = rows[f"gap_{name}"].astype("float64")
        made[f"gap_{name}"] = values.groupby(by).mean() / UNIT
    for span, end in zip(SPANS, ("", "_later"), strict=True):
        change = _change(rows, span)
        made[f"change{end}"] = change.groupby(by).mean() / UNIT
        count = rows[f"{span}_alike_n"].where(change.notna(), 0)
        alike = rows[f"{span}_alike_change"].where(change.notna())
        made[f"alike_n{end}"] = count.groupby(by).sum().astype("int64")
        mean = alike.groupby(by).mean() / UNIT
        made[f"alike_change{end}"] = mean.where(made[f"alike_n{end}"] >= LEAST_ALIKE)
    return made


def _change(rows: pd.DataFrame, span: str) -> pd.Series[float]:
    gaps = rows[f"gap_{span}"].astype("float64")
    return gaps - rows["gap_before"].astype("float64")


def together(
    rows: pd.DataFrame, span: str = "after", by: Sequence[str] = ()
) -> pd.DataFrame:
    """What interventions came to, of those whose pupils can be followed.

    Args:
        rows: From `followed`, with the columns of `by`.
        span: `after` (the first collection after) or `later` (two after that).
        by: What is summed up: the kind of intervention; none gives one row.

    Returns:
        One row for each: `n` (pupils with a gap before and then), `then` and `now`
        (their mean gaps, whole grades), `change`; of those for whom there are similar
        pupils (`matched`), `alike` (how many similar pupils and subjects),
        `alike_change` (their mean change) and `apart` (how much more those with one
        rose), `low`, `high` (its 95% interval, that of pupils: the spread of those
        with one and of those without are both in it); `few` (under 11 matched).

    The mean over a pupil's subjects counts once, however many there are.
    """
    keys = list(by)
    there = rows.loc[rows[f"gap_{span}"].notna()].assign(whole=0)
    if not keys:
        keys = ["whole"]
    made = []
    for key, part in there.groupby(keys, sort=True):
        names = dict(zip(keys, key if isinstance(key, tuple) else (key,), strict=True))
        made.append(names | _summed(part, span))
    columns = [*keys, "n", "then", "now", "change", "matched", "alike",
               "alike_change", "apart", "low", "high", "few"]  # fmt: skip
    answer = pd.DataFrame(made, columns=pd.Index(columns))
    return answer.drop(columns="whole", errors="ignore")


def _summed(part: pd.DataFrame, span: str) -> dict[str, object]:
    # Lists, not frames: a kind of intervention has a dozen pupils.
    then: dict[str, list[float]] = {}
    now: dict[str, list[float]] = {}
    alike: dict[str, list[float]] = {}
    ahead: dict[str, list[float]] = {}
    cells: dict[tuple[object, ...], _Alike] = {}
    used: list[tuple[str, tuple[object, ...]]] = []
    names = ["gap_before", f"gap_{span}", f"{span}_alike_n", f"{span}_alike_change",
             f"{span}_alike_spread", "before", span, *ALIKE]  # fmt: skip
    columns = [part[name].tolist() for name in names]
    for adno, first, last, count, change, variance, *cell in zip(
        part["adno"].tolist(), *columns, strict=True
    ):
        then.setdefault(adno, []).append(float(first))
        now.setdefault(adno, []).append(float(last))
        if count:
            key = tuple(cell)
            alike.setdefault(adno, []).append(float(change))
            ahead.setdefault(adno, []).append(float(last) - float(first) - change)
            cells[key] = _Alike(int(count), float(variance) if count > 1 else 0.0)
            used.append((adno, key))
    means = [_of_pupils(then), _of_pupils(now)]
    n = len(ahead)
    apart = _of_pupils(ahead)
    reach = Z95 * _error(ahead, cells, used)
    return {
        "n": len(then),
        "then": means[0] / UNIT,
        "now": means[1] / UNIT,
        "change": (means[1] - means[0]) / UNIT,
        "matched": n,
        "alike": sum(cell.size for cell in cells.values()),
        "alike_change": _of_pupils(alike) / UNIT,
        "apart": apart / UNIT,
        "low": (apart - reach) / UNIT,
        "high": (apart + reach) / UNIT,
        "few": n < FEW,
    }


class _Alike(NamedTuple):
    """A group of similar pupils: how many, and the variance of their changes."""

    size: int
    variance: float


def _of_pupils(each: Mapping[str, Sequence[float]]) -> float:
    """The mean of pupils' means."""
    if not each:
        return math.nan
    return math.fsum(math.fsum(one) / len(one) for one in each.values()) / len(each)


def _error(
    ahead: Mapping[str, Sequence[float]],
    cells: Mapping[tuple[object, ...], _Alike],
    used: Iterable[tuple[str, tuple[object, ...]]],
) -> float:
    """The standard error of the mean lead: of those with one, and of those without.

    The spread of similar pupils is pooled over all of them; where none of their
    groups has two, nobody knows it, and there is no interval.

    Args:
        ahead: Pupil -> how far ahead of similar pupils, in each subject.
        cells: The groups of similar pupils.
        used: Pupil and group, once for each subject.
    """
    n = len(ahead)
    free = sum(cell.size - 1 for cell in cells.values())
    if n < 2 or not free:
        return math.nan
    pooled = math.fsum(c.variance * (c.size - 1) for c in cells.values()) / free
    # How much of the mean hangs on each group of similar pupils.
    weights: dict[tuple[object, ...], list[float]] = {}
    for adno, key in used:
        weights.setdefault(key, []).append(1 / (len(ahead[adno]) * n))
    alike = pooled * math.fsum(
        math.fsum(each) ** 2 / cells[key].size for key, each in weights.items()
    )
    mean = _of_pupils(ahead)
    leads = [math.fsum(one) / len(one) for one in ahead.values()]
    own = math.fsum((lead - mean) ** 2 for lead in leads) / (n - 1)
    return math.sqrt(own / n + alike)
