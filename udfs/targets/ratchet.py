"""The ratchet: a target once issued is never lowered by a recalculation."""

from __future__ import annotations

import pandas as pd

from udfs.scales.grade_levels import levels
from udfs.tables import Tables
from udfs.targets.drafts import COLUMNS

GRADES = ("expected", "aspirational")
ISSUED = "issued"


def settle(
    drafted: pd.DataFrame, standing: pd.DataFrame, tables: Tables
) -> pd.DataFrame:
    """The version that would stand now for each pupil and subject.

    An issued target only rises: where a draft is higher, it is raised and says from
    what; elsewhere it stands with all that it came from. Where a person has settled
    it otherwise than it was drawn, it rises only if what is drawn has risen since. A
    provisional draft raises nothing.
    A provisional target becomes what was drafted, up or down; the first baseline of
    the department counts as issued at once if the provisional target was in an
    issued markbook. Anything else becomes what was drafted.

    Args:
        drafted: `subject` and the columns of `drafts`.
        standing: What stands, on the same index: the same columns, missing where
            nothing does; `carried`, the name of the Key Stage 3 subject that it
            comes from, or empty; and, where known, `seen` (whether it was in an
            issued markbook) and `drawn_expected` and `drawn_aspirational` (for a
            target that a person settled: what was drawn last, missing for others).
        tables: The scales and subjects.

    Returns:
        `drafted` with what would stand, and `raised`: whether an issued target rose.
    """
    scale_names = drafted["subject"].map(
        {name: tables.subject(name).scale for name in drafted["subject"].unique()}
    )
    issued = standing["status"].eq(ISSUED)
    carried = standing["carried"].ne("") & issued
    settled = drafted.copy()
    rose = {}
    for name in GRADES:
        old = _on_scale(standing[name], scale_names, standing, tables)
        here = levels(drafted[name], scale_names, tables.scales, fine=True)
        there = levels(old, scale_names, tables.scales, fine=True)
        # Where the school has changed the scale, what was issued stands.
        higher = here.notna() & (old.isna() | (here > there))
        # Before the department's baseline, Key Stage 2 is information.
        higher &= drafted["status"].ne("provisional")
        if (column := f"drawn_{name}") in standing:
            drawn = levels(standing[column], scale_names, tables.scales, fine=True)
            higher &= drawn.isna() | (here > drawn)
        settled[name] = drafted[name].where(~issued | higher, old)
        rose[name] = issued & higher
    expected, aspirational = (rose[name] for name in GRADES)
    _keep_order(settled, issued, scale_names, tables)
    raised = expected | aspirational
    # The rest tells of the expected target, and stands or changes with it.
    stands = issued & ~expected
    for name in COLUMNS:
        if name not in (*GRADES, "status", "reason"):
            settled[name] = settled[name].where(~stands, standing[name])
    settled["provenance"] = settled["provenance"].mask(
        stands & aspirational,
        standing["provenance"] + "; aspirational from " + drafted["provenance"],
    )
    settled["status"] = settled["status"].mask(issued, ISSUED)
    settled["reason"] = settled["reason"].mask(
        issued, _why(standing, carried, expected, aspirational)
    )
    _first_baseline(settled, standing)
    settled["raised"] = raised
    return settled


def _why(
    standing: pd.DataFrame,
    carried: pd.Series[bool],
    expected: pd.Series[bool],
    aspirational: pd.Series[bool],
) -> pd.Series[str]:
    """Why an issued target is what it is now."""
    was = {name: standing[name].fillna("none").astype("str") for name in GRADES}
    why = (
        standing["reason"]
        .mask(carried, "carried over from " + standing["carried"])
        .mask(aspirational, "aspirational raised by a new draft from " + was[GRADES[1]])
        .mask(expected, "raised by a new draft from " + was[GRADES[0]])
        .mask(
            expected & aspirational,
            "raised by a new draft from "
            + was[GRADES[0]]
            + ", aspirational from "
            + was[GRADES[1]],
        )
    )
    rose = expected | aspirational
    return why.mask(carried & rose, why + " in " + standing["carried"])


def _keep_order(
    settled: pd.DataFrame,
    issued: pd.Series[bool],
    scale_names: pd.Series[str],
    tables: Tables,
) -> None:
    # Where a person has settled only one of the two, they may rise apart.
    low, high = (
        levels(settled[name], scale_names, tables.scales, fine=True) for name in GRADES
    )
    crossed = issued & (high < low)
    settled["aspirational"] = settled["aspirational"].mask(crossed, settled["expected"])


def _first_baseline(settled: pd.DataFrame, standing: pd.DataFrame) -> None:
    if "seen" not in standing:
        return
    started = (
        settled["method"].eq("department")
        & standing["status"].eq("provisional")
        & standing["seen"].fillna(False).astype(bool)
    )
    was = standing["expected"].fillna("none").astype("str")
    settled["status"] = settled["status"].mask(started, ISSUED)
    settled["reason"] = settled["reason"].mask(
        started, settled["reason"] + ", in place of the provisional " + was
    )


def _on_scale(
    grades: pd.Series, scale_names: pd.Series, standing: pd.DataFrame, tables: Tables
) -> pd.Series:
    """Grades carried over from a subject on another scale, no lower than they were."""
    answer = grades.copy()
    moved = standing["carried"].ne("") & grades.notna()
    for name in scale_names[moved].unique():
        scale = tables.scales.get(name)
        if scale is None:
            continue
        for subject in standing.loc[moved, "carried"].unique():
            before = tables.scales.get(tables.subject(subject).scale)
            if before is None or before == scale:
                continue
            rows = moved & scale_names.eq(name) & standing["carried"].eq(subject)
            reached = {
                grade: scale.lowest_reaching(before.level(grade, fine=True))
                for grade in grades[rows].unique()
                if before.find(grade)
            }
            answer[rows] = grades[rows].map(reached)
    return answer


def differs(settled: pd.DataFrame, standing: pd.DataFrame) -> pd.Series:
    """Whether each row would be a new version of what stands."""
    fresh = standing["version"].isna()
    changed = fresh.copy()
    for name in COLUMNS:
        changed |= _plain(settled[name]) != _plain(standing[name])
    return changed


def _plain(values: pd.Series) -> pd.Series:
    # Two blanks are alike; numbers and text are never alike.
    return values.astype(object).where(values.notna(), "")
