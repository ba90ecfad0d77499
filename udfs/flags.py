"""The flags of a whole table at once; one alone is judged in `udfs.verdict`."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from udfs.cells import each, tidy
from udfs.scales import Scale
from udfs.verdict import (
    ABOVE,
    BELOW,
    FLAGS,
    ON,
    WELL_BELOW,
    WELL_BELOW_FROM,
    flag,
    gap,
    why,
)

__all__ = [
    "ABOVE",
    "BELOW",
    "FLAGS",
    "ON",
    "WELL_BELOW",
    "WELL_BELOW_FROM",
    "flag",
    "flags",
    "gap",
    "gaps",
    "levels",
    "of_gaps",
    "why",
]


def flags(
    frame: pd.DataFrame, scales: Mapping[str, Scale], *, fine: bool = False
) -> pd.Series:
    """The flag of every row.

    Args:
        frame: With the columns `prediction`, `target` and `scale` (a name); blanks
            may be None, NaN or empty.
        scales: The scales by name.
        fine: Whether thirds of a grade are compared.

    Returns:
        As `flag`, with None for no data, on the frame's own index. A row on a scale
        that is not among `scales` has no data.
    """
    return of_gaps(gaps(frame, scales, fine=fine))


def of_gaps(apart: pd.Series) -> pd.Series:
    """The flag of every gap, as `gaps` gives them; None for no data."""
    answer = pd.Series([None] * len(apart), index=apart.index, dtype=object)
    answer[apart > 0] = ABOVE
    answer[apart == 0] = ON
    answer[(apart < 0) & (apart > WELL_BELOW_FROM)] = BELOW
    answer[apart <= WELL_BELOW_FROM] = WELL_BELOW
    return answer


def gaps(
    frame: pd.DataFrame, scales: Mapping[str, Scale], *, fine: bool = False
) -> pd.Series:
    """The gap of every row in sixtieths of a grade, NaN for no data: see `flags`."""
    predicted = levels(frame["prediction"], frame["scale"], scales, fine=fine)
    judged = frame["scale"].isin([s.name for s in scales.values() if s.judgement])
    aimed = levels(frame["target"], frame["scale"], scales, fine=fine)
    return predicted - aimed.mask(judged, 0.0)


def levels(
    grades: pd.Series,
    scale_names: pd.Series,
    scales: Mapping[str, Scale],
    *,
    fine: bool = False,
) -> pd.Series:
    """The level of every grade in sixtieths, NaN where a cell is not a grade.

    Args:
        grades: Grades, codes, blanks, anything; each stands for itself alone.
        scale_names: The name of each row's scale.
        scales: The scales by name.
        fine: Whether thirds of a grade are told apart.
    """
    answer = pd.Series(float("nan"), index=grades.index, dtype="float64")
    for name in scale_names.dropna().unique():
        scale = scales.get(name)
        if scale is None:
            continue
        rows = scale_names.eq(name).fillna(False).to_numpy(dtype=bool)
        # As text first: as keys, 1 and True would be one value.
        there = grades[rows]
        here = pd.Series(each(_text, there.tolist()), there.index, dtype=object)
        known = {
            text: float(scale.level(grade, fine=fine))
            for text in here.dropna().unique()
            if (grade := scale.find(text)) is not None
        }
        answer[rows] = here.map(known).to_numpy(dtype="float64")
    return answer


def _text(cell: object) -> str | None:
    return tidy(cell) or None
