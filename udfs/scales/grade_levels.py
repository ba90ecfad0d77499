"""Levels of a whole column of grades at once."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from udfs.scales.scale import Scale
from udfs.text import map_distinct, tidy


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
        here = pd.Series(map_distinct(_text, there.tolist()), there.index, dtype=object)
        known = {
            text: float(scale.level(grade, fine=fine))
            for text in here.dropna().unique()
            if (grade := scale.find(text)) is not None
        }
        answer[rows] = here.map(known).to_numpy(dtype="float64")
    return answer


def _text(cell: object) -> str | None:
    return tidy(cell) or None
