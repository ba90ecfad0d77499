"""A group of pupils against everyone else: shares, mean gaps and how far apart."""

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

MEMBERSHIP = {"group": True, "others": False}


def compare_groups(rows: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Compare those inside a group with those who are not.

    A pupil's subjects are not independent of each other, so the interval is that of
    pupils, however many subjects each has.

    Args:
        rows: One row per pupil and subject: `inside` (true or false), `flag`, `gap`
            (sixtieths of a grade), `adno` and the columns of `by`.
        by: What to compare within; none gives one row.

    Returns:
        One row for each of `by` that has anybody of the group: for `group` and
        `others` the columns `_pupils`, `_data` (predictions with data), `_below`,
        `_share` (on or above, 0-1), `_n` (pupils with a gap) and `_gap` (mean, whole
        grades); `apart`, `apart_low`, `apart_high` (group less others, 95%
        interval); `few` (under 11 pupils on either side); `side` (`Above`, `Below`,
        or empty where chance alone could have done it, all rows considered); `note`.
    """
    keys = list(by)
    used = list(dict.fromkeys(["adno", "subject", "inside", "flag", "gap", *keys]))
    rows = rows[used].drop_duplicates(["adno", "subject"])
    if not keys:
        rows, keys = rows.assign(whole=0), ["whole"]
    sides = {name: _summarise_members(rows.loc[rows["inside"] == is_in], keys)
             for name, is_in in MEMBERSHIP.items()}  # fmt: skip
    group = sides["group"][0]
    others = sides["others"][0].reindex(group.index)
    answer = pd.DataFrame(index=group.index)
    for name, side in (("group", group), ("others", others)):
        for column in ("pupils", "data", "below", "n"):
            answer[f"{name}_{column}"] = side[column].fillna(0).astype("int64")
        for column in ("share", "gap"):
            answer[f"{name}_{column}"] = side[column].astype("float64")
    one = sides["group"][1].reindex(answer.index)
    two = sides["others"][1].reindex(answer.index)
    between = differences(one, two)
    answer["apart"] = between["value"]
    answer["apart_low"], answer["apart_high"] = between["low"], between["high"]
    answer["few"] = (answer["group_n"] < FEW) | (answer["others_n"] < FEW)
    between = between.rename(columns={"value": "mean"})
    answer["side"] = beyond_chance(between.assign(few=answer["few"]))
    answer["note"] = [
        _note(side, few=bool(few), data=int(data), others=int(other))
        for side, few, data, other in zip(
            answer["side"], answer["few"], answer["group_data"],
            answer["others_data"], strict=True,
        )
    ]  # fmt: skip
    return answer.reset_index()


def _summarise_members(
    rows: pd.DataFrame, keys: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts and shares of one side; and its mean gap as `finished` answers it."""
    flags = count_flags(rows, keys).set_index(keys)
    heads = rows.groupby(keys)["adno"].nunique()
    counts = flags.assign(pupils=heads, data=flags["with_data"])
    counts["share"] = flags["on_or_above"]
    counts["below"] = flags["below"] + flags["well_below"]
    there = rows.loc[rows["gap"].notna()]
    each = there.assign(gap=there["gap"].astype("int64")).groupby([*keys, "adno"])
    pupils = each["gap"].agg(["size", "sum"]).reset_index()
    parts = pupil_sums(pupils["size"], pupils["sum"])
    sums = parts.groupby([pupils[key] for key in keys]).sum().reindex(flags.index)
    sums = sums.fillna(0).astype("int64")[list(SUM_COLUMNS)]
    mean = means_with_intervals(sums, POINT)
    counts["n"], counts["gap"] = sums["pupils"], mean["value"]
    return counts[["pupils", "data", "below", "share", "n", "gap"]], mean


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
