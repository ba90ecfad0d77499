"""The flags of a whole table at once; one alone is judged in `udfs.measures.flags`."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from udfs.measures.flags import ABOVE, BELOW, ON, WELL_BELOW, WELL_BELOW_FROM
from udfs.scales.grade_levels import levels
from udfs.scales.scale import Scale


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
