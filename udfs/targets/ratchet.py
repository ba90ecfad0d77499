"""The ratchet: a recalculation never lowers an issued target."""

from __future__ import annotations

import pandas as pd

from udfs.scales.grade_levels import grade_levels
from udfs.tables import Tables
from udfs.targets.draft_table import DRAFT_COLUMNS

GRADES = ("expected", "aspirational")
ISSUED = "issued"


def apply_ratchet(
    drafts: pd.DataFrame, current: pd.DataFrame, tables: Tables
) -> pd.DataFrame:
    """Return the version of each target that follows from its draft.

    An issued target only rises: where a draft is higher, it is raised, with the old
    grade in its reason; otherwise it stays with its provenance. Where a person has
    changed it, it rises only if the method's own draft has risen since. A provisional
    draft raises nothing.
    A provisional target becomes the draft, up or down; the department's first baseline
    counts as issued at once if the provisional target was in an issued markbook.
    Anything else becomes the draft.

    Args:
        drafts: `subject` and the columns `DRAFT_COLUMNS`.
        current: The current version on the same index: the same columns, missing
            where there is none; `carried`, the name of the Key Stage 3 subject that
            it comes from, or empty; optionally `seen` (whether it was in an issued
            markbook), `drawn_expected` and `drawn_aspirational` (for a target that
            a person changed: the last draft, missing for others).
        tables: The scales and subjects.

    Returns:
        `drafts` with the new version, and `raised`: whether an issued target rose.
    """
    scale_names = drafts["subject"].map(
        {name: tables.subject(name).scale for name in drafts["subject"].unique()}
    )
    issued = current["status"].eq(ISSUED)
    versions = drafts.copy()
    increases = {}
    for name in GRADES:
        old = _on_scale(current[name], scale_names, current, tables)
        higher = _is_higher(name, drafts, old, current, scale_names, tables)
        versions[name] = drafts[name].where(~issued | higher, old)
        increases[name] = issued & higher
    expected, aspirational = (increases[name] for name in GRADES)
    _keep_order(versions, issued, scale_names, tables)
    # The other columns describe the expected target, and change with it.
    unchanged = issued & ~expected
    for name in DRAFT_COLUMNS:
        if name not in (*GRADES, "status", "reason"):
            versions[name] = versions[name].where(~unchanged, current[name])
    versions["provenance"] = versions["provenance"].mask(
        unchanged & aspirational,
        current["provenance"] + "; aspirational from " + drafts["provenance"],
    )
    versions["status"] = versions["status"].mask(issued, ISSUED)
    versions["reason"] = versions["reason"].mask(
        issued, _reasons(current, issued, expected, aspirational)
    )
    _first_baseline(versions, current)
    versions["raised"] = expected | aspirational
    return versions


def _is_higher(
    name: str,
    drafts: pd.DataFrame,
    old: pd.Series,
    current: pd.DataFrame,
    scale_names: pd.Series[str],
    tables: Tables,
) -> pd.Series[bool]:
    """Whether each draft may raise the old grade."""
    draft_level = grade_levels(drafts[name], scale_names, tables.scales, fine=True)
    old_level = grade_levels(old, scale_names, tables.scales, fine=True)
    # Where the school has changed the scale, the issued grade stays.
    higher = draft_level.notna() & (old.isna() | (draft_level > old_level))
    # Before the department's baseline, Key Stage 2 is information.
    higher &= drafts["status"].ne("provisional")
    if (column := f"drawn_{name}") in current:
        last = grade_levels(current[column], scale_names, tables.scales, fine=True)
        higher &= last.isna() | (draft_level > last)
    return higher


def _reasons(
    current: pd.DataFrame,
    issued: pd.Series[bool],
    expected: pd.Series[bool],
    aspirational: pd.Series[bool],
) -> pd.Series[str]:
    """The reason of each issued target, where it is carried over or raised."""
    carried = current["carried"].ne("") & issued
    old = {name: current[name].fillna("none").astype("str") for name in GRADES}
    raised = "raised by a new draft from " + old["expected"]
    reasons = (
        current["reason"]
        .mask(carried, "carried over from " + current["carried"])
        .mask(aspirational, "aspirational raised by a new draft from " + old[GRADES[1]])
        .mask(expected, raised)
        .mask(expected & aspirational, raised + ", aspirational from " + old[GRADES[1]])
    )
    increased = expected | aspirational
    return reasons.mask(carried & increased, reasons + " in " + current["carried"])


def _keep_order(
    versions: pd.DataFrame,
    issued: pd.Series[bool],
    scale_names: pd.Series[str],
    tables: Tables,
) -> None:
    # Where a person has changed only one of the two, the other may overtake it.
    low, high = (
        grade_levels(versions[name], scale_names, tables.scales, fine=True)
        for name in GRADES
    )
    crossed = issued & (high < low)
    versions["aspirational"] = versions["aspirational"].mask(
        crossed, versions["expected"]
    )


def _first_baseline(versions: pd.DataFrame, current: pd.DataFrame) -> None:
    if "seen" not in current:
        return
    first = (
        versions["method"].eq("department")
        & current["status"].eq("provisional")
        & current["seen"].fillna(False).astype(bool)
    )
    old = current["expected"].fillna("none").astype("str")
    versions["status"] = versions["status"].mask(first, ISSUED)
    versions["reason"] = versions["reason"].mask(
        first, versions["reason"] + ", in place of the provisional " + old
    )


def _on_scale(
    grades: pd.Series, scale_names: pd.Series, current: pd.DataFrame, tables: Tables
) -> pd.Series:
    """Convert grades carried over from another scale, without lowering them."""
    converted = grades.copy()
    moved = current["carried"].ne("") & grades.notna()
    for name in scale_names[moved].unique():
        scale = tables.scales.get(name)
        if scale is None:
            continue
        for subject in current.loc[moved, "carried"].unique():
            old_scale = tables.scales.get(tables.subject(subject).scale)
            if old_scale is None or old_scale == scale:
                continue
            rows = moved & scale_names.eq(name) & current["carried"].eq(subject)
            new_grades = {
                grade: scale.lowest_reaching(old_scale.level(grade, fine=True))
                for grade in grades[rows].unique()
                if old_scale.find(grade)
            }
            converted[rows] = grades[rows].map(new_grades)
    return converted


def differs_from_current(versions: pd.DataFrame, current: pd.DataFrame) -> pd.Series:
    """Whether each row differs from the current version."""
    new = current["version"].isna()
    changed = new.copy()
    for name in DRAFT_COLUMNS:
        changed |= _comparable(versions[name]) != _comparable(current[name])
    return changed


def _comparable(values: pd.Series) -> pd.Series:
    # Two blanks are alike; numbers and text are never alike.
    return values.astype(object).where(values.notna(), "")
