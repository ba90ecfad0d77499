"""The flags and gaps of a whole table."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from udfs.measures.flags import ABOVE, BELOW, ON, WELL_BELOW, WELL_BELOW_FROM
from udfs.scales.grade_levels import grade_levels
from udfs.scales.scale import Scale


def flags(
    frame: pd.DataFrame, scales: Mapping[str, Scale], *, fine: bool = False
) -> pd.Series:
    """Return the flag of every row.

    Args:
        frame: With the columns `prediction`, `target` and `scale` (a name); blanks
            may be None, NaN or empty.
        scales: The scales by name.
        fine: Whether to compare thirds of a grade.

    Returns:
        As `flag`, on the frame's own index, with None without data or on a scale that
        is not among `scales`.
    """
    return flags_from_gaps(gaps(frame, scales, fine=fine))


def flags_from_gaps(gaps: pd.Series) -> pd.Series:
    """Return the flag of every gap from `gaps`; None without data."""
    flags = pd.Series([None] * len(gaps), index=gaps.index, dtype=object)
    flags[gaps > 0] = ABOVE
    flags[gaps == 0] = ON
    flags[(gaps < 0) & (gaps > WELL_BELOW_FROM)] = BELOW
    flags[gaps <= WELL_BELOW_FROM] = WELL_BELOW
    return flags


def gaps(
    frame: pd.DataFrame, scales: Mapping[str, Scale], *, fine: bool = False
) -> pd.Series:
    """Return the gap of every row in sixtieths of a grade, NaN without data."""
    predicted = grade_levels(frame["prediction"], frame["scale"], scales, fine=fine)
    on_judgement_scale = frame["scale"].isin(
        [s.name for s in scales.values() if s.judgement]
    )
    target_levels = grade_levels(frame["target"], frame["scale"], scales, fine=fine)
    return predicted - target_levels.mask(on_judgement_scale, 0.0)
