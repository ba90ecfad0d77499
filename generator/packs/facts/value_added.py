"""Subjects, classes and teachers compared with similar pupils nationally."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from generator.measuring import Cohort
from generator.packs.wording import phrase
from udfs.measures.group_summaries import count_flags, mean_by_group
from udfs.measures.residuals import compare_groups, stand_out_twice
from udfs.statistics.inference import FEW
from udfs.statistics.student import LEVEL, t_quantiles

OUTER_LEVEL = 0.002  # 998 in 1,000 are inside the outer limits by chance alone
FUNNEL_SIZES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24, 28, 32)  # pupils of a class
RESIDUAL_COLUMNS = {
    "n": "residual_n", "mean": "residual", "low": "residual_low",
    "high": "residual_high", "freedom": "residual_freedom",
}  # fmt: skip
LIMIT_COLUMNS = ("limit_n", "inner_low", "inner_high", "outer_low", "outer_high")


def add_lead_teachers(cohort: Cohort, names: Mapping[str, str]) -> pd.DataFrame:
    """The rows of a cohort with `teacher`, the lead teacher of the class by name."""
    rows = cohort.rows
    leads = rows["teachers"].str.split(";").str[0]
    teachers = leads.map(lambda code: names.get(code, code))
    return rows.assign(teacher=teachers.where(leads != "", phrase("no_teacher")))


def value_added(
    rows: pd.DataFrame, before: pd.DataFrame | None, by: Sequence[str]
) -> pd.DataFrame:
    """Compare subjects, classes or teachers, in the order of their names.

    Args:
        rows: From `add_lead_teachers`.
        before: The same of the previous collection; None if there is none.
        by: The columns to compare: `subject`, `class` …

    Returns:
        The columns of `by`; `pupils`, `with_data`, `on_or_above`, `gap`; `residual_n`,
        `residual`, `residual_low`, `residual_high`, `shrunk` (points),
        `residual_freedom`; `side` (`Above`,
        `Below`, or empty if it may be chance) and `note`.
    """
    keys = list(by)
    table = count_flags(rows, keys)
    table["gap"] = mean_by_group(rows, "gap", keys)["mean"]
    residuals = _compare_residuals(rows, keys)
    last = _compare_residuals(before, keys) if before is not None else None
    if last is not None and last.empty:
        last = None
    if not residuals.empty:
        residuals["stands_out"] = stand_out_twice(residuals, last, keys)
        columns = [*keys, *RESIDUAL_COLUMNS, "shrunk", "side", "stands_out"]
        residuals = residuals[columns].rename(columns=RESIDUAL_COLUMNS)
        table = table.merge(residuals, on=keys, how="left")
    else:
        unknown = [*list(RESIDUAL_COLUMNS.values())[1:], "shrunk"]
        table = table.assign(
            **dict.fromkeys(unknown, np.nan), residual_n=0, side="", stands_out=False
        )
    sides = table["side"].map(str).str.capitalize()
    table["side"] = np.where(table["stands_out"].eq(True), sides, "")
    table["residual_n"] = table["residual_n"].fillna(0).astype("int64")
    notes = {"Above": phrase("ahead"), "Below": phrase("behind")}
    few = table["residual_n"].lt(FEW) & table["residual_n"].gt(0)
    table["note"] = table["side"].map(notes).fillna("").mask(few, phrase("few"))
    return table.sort_values(keys, kind="stable", ignore_index=True)


def _compare_residuals(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    measured = rows.loc[rows["residual"].notna()]
    return pd.DataFrame() if measured.empty else compare_groups(measured, keys)


def funnel_limits(classes: pd.DataFrame) -> pd.DataFrame:
    """The limits of the funnel: how far chance alone takes a class of each size.

    Args:
        classes: From `value_added`, by class.

    Returns:
        `limit_n`, `inner_low`, `inner_high` (95 in 100), `outer_low`, `outer_high` (998
        in 1,000), in points; no rows if there is no class to derive them from.
    """
    measured = classes.loc[classes["residual_n"] > 0]
    if measured.empty:
        return pd.DataFrame(columns=pd.Index(list(LIMIT_COLUMNS)))
    first = measured.iloc[0]
    reach = float(first["residual_high"] - first["residual"])
    freedom = float(first["residual_freedom"])
    inner, outer = (float(t_quantiles([freedom], level)[0])
                    for level in (LEVEL, OUTER_LEVEL))  # fmt: skip
    deviation = reach / inner * math.sqrt(float(first["residual_n"]))
    largest = int(measured["residual_n"].max())
    sizes = [size for size in FUNNEL_SIZES if size < largest] + [largest]
    n = np.array(sizes, dtype="float64")
    error = deviation / np.sqrt(n)
    limits = (n, -inner * error, inner * error, -outer * error, outer * error)
    return pd.DataFrame(dict(zip(LIMIT_COLUMNS, limits, strict=True)))
