"""Classes that show no progress: gaps that do not narrow, predictions that stand."""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Sequence

import pandas as pd

from generator.packs.phrases import grades, per_cent, say
from udfs.groups import FEW, UNIT

UNCHANGED = 90  # of 100 pupils with the prediction they had before
COLUMNS = (
    "year", "subject", "class", "teacher", "pupils", "since", "matched", "gap_then",
    "gap_now", "same", "same_n", "why", "narrowed", "moving", "few",
)  # fmt: skip


def looked_at(
    rows: pd.DataFrame, earlier: Sequence[str], codes: Names[str]
) -> pd.DataFrame:
    """Every class and subject, with whether it shows progress.

    Args:
        rows: Rows of `Standing.rows`.
        earlier: Codes of the earlier collections, oldest first.
        codes: Answers that are no grade: `Abs`, `N/T`, `TE`.

    Returns:
        One row per class and subject: `since` (the collection two before this one in
        which the class had data, or the only one; empty where there is none),
        `matched` (pupils with a gap then and now), `gap_then` and `gap_now` (their
        mean gaps, whole grades), `same` (the share of the `same_n` pupils with a
        prediction now and in the collection before who have the same), `narrowed`
        (False where the class is below target and its gap is as wide as then or
        wider), `moving` (False where predictions are the same for 90 in 100), `few`
        (fewer than 11 pupils compared) and `why`, empty where it shows progress.
    """
    made = []
    narrow = ["class_year", "year", "class", "subject", "teacher", "gap", "prediction"]
    rows = rows[
        narrow + [f"{kind}:{code}" for kind in ("was", "gap") for code in earlier]
    ]
    for (year, name, subject), part in rows.groupby(
        [rows["class_year"].fillna(rows["year"]).astype("int64"), "class", "subject"]
    ):
        one = _compared(part, earlier, codes)
        one |= {"year": year, "class": name, "subject": subject}
        one |= {"teacher": part["teacher"].iloc[0], "pupils": len(part)}
        made.append(one)
    return pd.DataFrame(made, columns=pd.Index(COLUMNS))


def _compared(
    part: pd.DataFrame, earlier: Sequence[str], codes: Names[str]
) -> dict[str, object]:
    with_data = [code for code in earlier if part[f"was:{code}"].notna().any()]
    if not with_data:
        return {"since": "", "matched": 0, "same_n": 0, "narrowed": True,
                "moving": True, "few": True, "why": ""}  # fmt: skip
    since, last = with_data[-2:][0], with_data[-1]
    then, now = part[f"gap:{since}"], part["gap"]
    both = then.notna() & now.notna()
    n = int(both.sum())
    total_then, total_now = int(then[both].sum()), int(now[both].sum())
    before, after = part[f"was:{last}"], part["prediction"]
    graded = before.notna() & after.notna()
    graded &= ~before.isin(codes) & ~after.isin(codes)
    same_n = int(graded.sum())
    same = int((before[graded] == after[graded]).sum())
    narrowed = not (n and total_now < 0 and total_now <= total_then)
    moving = not (same_n and same * 100 >= same_n * UNCHANGED)
    why = []
    if not narrowed:
        gaps = grades(total_then / n / UNIT), grades(total_now / n / UNIT)
        why.append(say("still_gap", since=since, then=gaps[0], now=gaps[1]))
    if not moving:
        share = per_cent(same / same_n)
        why.append(say("still_same", share=share, n=same_n, last=last))
    return {
        "since": since,
        "matched": n,
        "gap_then": total_then / n / UNIT if n else None,
        "gap_now": total_now / n / UNIT if n else None,
        "same": same / same_n if same_n else None,
        "same_n": same_n,
        "narrowed": narrowed,
        "moving": moving,
        "few": min(k for k in (n, same_n, FEW) if k or k == FEW) < FEW,
        "why": "; ".join(why),
    }
