"""Interventions followed through the collections, beside similar pupils without."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from udfs import effects

KEYS = ["adno", "subject"]


def follow(
    rows: pd.DataFrame,
    priors: Mapping[str, str],
    helped: pd.DataFrame,
    opened: Mapping[str, str],
) -> pd.DataFrame:
    """Every intervention in every subject, before, after and two collections later.

    Args:
        rows: `Standing.rows`.
        priors: Admission number -> prior attainment band; empty where unknown.
        helped: `Standing.interventions`, by their numbers.
        opened: Collection -> the day it opened, as ISO text, oldest first, this
            collection last.

    Returns:
        As `udfs.effects.followed`; `help` is the number in `helped`. One without a
        first day counts from the day on which it was entered.
    """
    once = rows.drop_duplicates(KEYS)
    own = once[[*KEYS, "year"]].assign(band=once["adno"].map(priors).fillna(""))
    *earlier, now = opened
    parts = [
        own.assign(collection=code, flag=once[flag], gap=once[gap])
        for code, flag, gap in (
            *((code, f"flag:{code}", f"gap:{code}") for code in earlier),
            (now, "flag", "gap"),
        )
    ]
    seen = pd.concat(parts, ignore_index=True)
    seen = seen.loc[seen["gap"].notna() & seen["flag"].notna()]
    mine = helped.loc[helped["adno"].isin(own["adno"])]
    asked = pd.DataFrame(
        {
            "help": mine.index,
            "adno": mine["adno"].astype("str"),
            "subject": mine["subject"].astype("str"),
            "since": _since(mine),
        }
    )
    return effects.followed(asked, seen, opened)


def _since(helped: pd.DataFrame) -> pd.Series[str]:
    first = helped["from"].astype("str")
    return first.where(first != "", helped["entered_at"].astype("str").str[:10])
