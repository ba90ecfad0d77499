"""The ratchet: a target once issued is never lowered by a recalculation."""

from __future__ import annotations

import pandas as pd

from udfs.drafts import COLUMNS
from udfs.flags import levels
from udfs.tables import Tables

GRADES = ("expected", "aspirational")
ISSUED = "issued"


def settle(
    drafted: pd.DataFrame, standing: pd.DataFrame, tables: Tables
) -> pd.DataFrame:
    """The version that would stand now for each pupil and subject.

    An issued target only rises: where a draft is higher, it is raised and says from
    what; elsewhere it stands with all that it came from. Anything else, a provisional
    target too, becomes what was drafted.

    Args:
        drafted: `subject` and the columns of `drafts`.
        standing: What stands, on the same index: the same columns, missing where
            nothing does, and `carried`, the name of the Key Stage 3 subject that it
            comes from, or empty.
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
        settled[name] = drafted[name].where(~issued | higher, old)
        rose[name] = issued & higher
    expected, aspirational = (rose[name] for name in GRADES)
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
    why = why.mask(carried & raised, why + " in " + standing["carried"])
    settled["reason"] = settled["reason"].mask(issued, why)
    settled["raised"] = raised
    return settled


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
