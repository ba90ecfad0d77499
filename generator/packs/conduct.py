"""Attendance, behaviour and achievement among whatever a school has imported."""

from __future__ import annotations

import re

import pandas as pd

# What to look for in an indicator's name; of several, the first in this order that
# any name fits, then the first by name.
NAMES = {
    "attendance": (r"attendance.*(%|per ?cent)", r"(%|per ?cent).*attendance",
                   r"attendance"),
    "behaviour": (r"behaviou?r.*points?", r"behaviou?r", r"negative.*points?",
                  r"conduct.*points?"),
    "achievement": (r"achievement.*points?", r"achievement", r"positive.*points?",
                    r"rewards?|merits?"),
}  # fmt: skip


def conduct(indicators: pd.DataFrame) -> pd.DataFrame:
    """What is known of each pupil besides marks.

    Args:
        indicators: adno, name and value (text), as imported.

    Returns:
        One row per pupil of whom anything is known: `adno`, `attendance` (per cent),
        `behaviour` and `achievement` (points); missing where there is no number.

    >>> made = pd.DataFrame({"adno": ["1", "1"], "name": ["Attendance %", "Merits"],
    ...                      "value": ["92.3%", "7"]})
    >>> conduct(made).to_dict("records")
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'adno': '1', 'attendance': 92.3, 'behaviour': nan, 'achievement': 7.0}]
    """
    names = sorted(indicators["name"].unique())
    made = indicators[["adno"]].drop_duplicates().reset_index(drop=True)
    for field, patterns in NAMES.items():
        chosen = _chosen(names, patterns)
        mine = indicators.loc[indicators["name"] == chosen]
        text = mine["value"].astype("str").str.strip().str.removesuffix("%")
        numbers = pd.to_numeric(text, errors="coerce").astype("float64")
        known = dict(zip(mine["adno"], numbers, strict=True))
        made[field] = made["adno"].map(known).astype("float64")
    return made


def _chosen(names: list[str], patterns: tuple[str, ...]) -> str:
    for pattern in patterns:
        for name in names:
            if re.search(pattern, name, re.IGNORECASE):
                return name
    return ""
