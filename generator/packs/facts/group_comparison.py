"""A group of pupils compared with everyone else: shares, mean gaps, differences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from generator.packs.wording import phrase
from udfs.measures.group_summaries import beyond_chance, count_flags
from udfs.scales.scale import POINT
from udfs.statistics.inference import (
    FEW,
    SUM_COLUMNS,
    differences,
    means_with_intervals,
    pupil_sums,
)


def compare_with_others(rows: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Compare the members of a group with everyone else.

    A pupil's subjects are not independent of each other, so the interval is that of
    pupils, however many subjects each has.

    Args:
        rows: One row per pupil and subject: `inside` (true or false), `flag`, `gap`
            (sixtieths of a grade), `adno` and the columns of `by`.
        by: What to compare within; none for one row.

    Returns:
        One row for each of `by` that has anybody of the group: for `group` and
        `others` the columns `_pupils`, `_data` (predictions with data), `_below`,
        `_share` (on or above, 0-1), `_n` (pupils with a gap) and `_gap` (mean, whole
        grades); `apart`, `apart_low`, `apart_high` (group less others, 95%
        interval); `few` (under 11 pupils on either side); `side` (`Above`, `Below`,
        or empty if chance alone could explain it, all rows considered); `note`.
    """
    keys = list(by)
    used = list(dict.fromkeys(["adno", "subject", "inside", "flag", "gap", *keys]))
    rows = rows[used].drop_duplicates(["adno", "subject"])
    if not keys:
        rows, keys = rows.assign(all=0), ["all"]
    group, group_gaps = _summarise_members(rows.loc[rows["inside"]], keys)
    others, other_gaps = _summarise_members(rows.loc[~rows["inside"]], keys)
    table = pd.DataFrame(index=group.index)
    for name, side in (("group", group), ("others", others.reindex(group.index))):
        for column in ("pupils", "data", "below", "n"):
            table[f"{name}_{column}"] = side[column].fillna(0).astype("int64")
        for column in ("share", "gap"):
            table[f"{name}_{column}"] = side[column].astype("float64")
    between = differences(
        group_gaps.reindex(table.index), other_gaps.reindex(table.index)
    )
    table["apart"] = between["value"]
    table["apart_low"], table["apart_high"] = between["low"], between["high"]
    table["few"] = (table["group_n"] < FEW) | (table["others_n"] < FEW)
    between = between.rename(columns={"value": "mean"})
    table["side"] = beyond_chance(between.assign(few=table["few"]))
    table["note"] = [
        _note(side, few=bool(few), data=int(data), others=int(other))
        for side, few, data, other in zip(
            table["side"], table["few"], table["group_data"], table["others_data"],
            strict=True,
        )
    ]  # fmt: skip
    return table.reset_index()


def _summarise_members(
    rows: pd.DataFrame, keys: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The counts and shares of one side, and its mean gap with the interval."""
    flags = count_flags(rows, keys).set_index(keys)
    pupils = rows.groupby(keys)["adno"].nunique()
    counts = flags.assign(pupils=pupils, data=flags["with_data"])
    counts["share"] = flags["on_or_above"]
    counts["below"] = flags["below"] + flags["well_below"]
    with_gap = rows.loc[rows["gap"].notna()]
    with_gap = with_gap.assign(gap=with_gap["gap"].astype("int64"))
    gaps = with_gap.groupby([*keys, "adno"])["gap"].agg(["size", "sum"]).reset_index()
    parts = pupil_sums(gaps["size"], gaps["sum"])
    sums = parts.groupby([gaps[key] for key in keys]).sum().reindex(flags.index)
    sums = sums.fillna(0).astype("int64")[list(SUM_COLUMNS)]
    means = means_with_intervals(sums, POINT)
    counts["n"], counts["gap"] = sums["pupils"], means["value"]
    return counts[["pupils", "data", "below", "share", "n", "gap"]], means


def _note(side: str, *, few: bool, data: int, others: int) -> str:
    if not data:
        return phrase("no_data_yet")
    if not others:
        return phrase("nobody_else")
    if few:
        return phrase("few")
    return phrase(
        {"Above": "apart_over", "Below": "apart_under"}.get(side, "apart_none")
    )
