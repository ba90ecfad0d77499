"""Subjects, classes and teachers against similar pupils: only patterns that hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from generator.measuring import Cohort
from generator.packs.wording import phrase
from udfs.measures.group_summaries import count_flags, mean_by_group
from udfs.measures.residuals import compare_groups, stand_out_twice
from udfs.statistics.inference import Z95

Z998 = 3.09
FUNNEL_SIZES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24, 28, 32)  # pupils of a class


def add_lead_teachers(of: Cohort, names: Mapping[str, str]) -> pd.DataFrame:
    """The pupils and subjects of a collection, with who leads each class, by name."""
    rows = of.rows
    first = rows["teachers"].str.split(";").str[0]
    lead = first.map(lambda code: names.get(code, code))
    return rows.assign(teacher=lead.where(first != "", phrase("no_teacher")))


def value_added(
    rows: pd.DataFrame, before: pd.DataFrame | None, by: Sequence[str]
) -> pd.DataFrame:
    """What is compared, side by side, in the order of its names.

    Args:
        rows: From `with_leads`.
        before: The same of the collection before, or None.
        by: What is compared: `subject`, `class` …

    Returns:
        The columns of `by`; `pupils`, `with_data`, `on_or_above`, `gap`; `residual_n`,
        `residual`, `residual_low`, `residual_high`, `shrunk` (points); `side` (`Above`,
        `Below` or empty: what holds) and `note`.
    """
    keys = list(by)
    made = count_flags(rows, keys)
    gaps = mean_by_group(rows, "gap", keys)
    made["gap"] = gaps["mean"]
    found = _compare_residuals(rows, keys)
    last = _compare_residuals(before, keys) if before is not None else None
    if last is not None and last.empty:
        last = None
    if not found.empty:
        found["holds"] = stand_out_twice(found, last, keys)
        wide = {"n": "residual_n", "mean": "residual", "low": "residual_low",
                "high": "residual_high"}  # fmt: skip
        kept = [*keys, *wide, "shrunk", "side", "holds"]
        made = made.merge(found[kept].rename(columns=wide), on=keys, how="left")
    else:
        empty = ("residual", "residual_low", "residual_high", "shrunk")
        made = made.assign(
            **dict.fromkeys(empty, np.nan), residual_n=0, side="", holds=False
        )
    held = made["holds"].eq(True)
    made["side"] = np.where(held, made["side"].map(str).str.capitalize(), "")
    made["residual_n"] = made["residual_n"].fillna(0).astype("int64")
    said = {"Above": phrase("ahead"), "Below": phrase("behind")}
    few = made["residual_n"].lt(11) & made["residual_n"].gt(0)
    made["note"] = made["side"].map(said).fillna("").mask(few, phrase("few"))
    return made.sort_values(keys, kind="stable", ignore_index=True)


def _compare_residuals(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    there = rows.loc[rows["residual"].notna()]
    if there.empty:
        return pd.DataFrame()
    return compare_groups(there, keys)


def funnel_limits(classes: pd.DataFrame) -> pd.DataFrame:
    """The lines of the funnel: how far chance alone takes a class of so many pupils.

    Args:
        classes: From `patterns`, of classes.

    Returns:
        `limit_n`, `inner_low`, `inner_high` (95 in 100), `outer_low`, `outer_high` (998
        in 1,000), in points; no rows where there is no class to tell it from.
    """
    there = classes.loc[classes["residual_n"] > 0]
    names = ["limit_n", "inner_low", "inner_high", "outer_low", "outer_high"]
    if there.empty:
        return pd.DataFrame(columns=pd.Index(names))
    one = there.iloc[0]
    reach = float(one["residual_high"] - one["residual"])
    deviation = reach / Z95 * math.sqrt(float(one["residual_n"]))
    most = int(there["residual_n"].max())
    at = np.array([n for n in FUNNEL_SIZES if n < most] + [most], dtype="float64")
    error = deviation / np.sqrt(at)
    return pd.DataFrame(
        {"limit_n": at, "inner_low": -Z95 * error, "inner_high": Z95 * error,
         "outer_low": -Z998 * error, "outer_high": Z998 * error}
    )  # fmt: skip
