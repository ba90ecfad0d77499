"""The levels of a whole column of grades."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from udfs.scales.scale import Scale
from udfs.text import map_distinct, tidy


def grade_levels(
    grades: pd.Series,
    scale_names: pd.Series,
    scales: Mapping[str, Scale],
    *,
    fine: bool = False,
) -> pd.Series:
    """Return the level of every grade in sixtieths, NaN where a cell is no grade.

    Args:
        grades: Grades, codes, blanks or any other cells.
        scale_names: The name of each row's scale.
        scales: The scales by name.
        fine: Whether to distinguish thirds of a grade.
    """
    column = pd.Series(float("nan"), index=grades.index, dtype="float64")
    for name in scale_names.dropna().unique():
        scale = scales.get(name)
        if scale is None:
            continue
        rows = scale_names.eq(name).fillna(False).to_numpy(dtype=bool)
        # As text first: as keys, 1 and True would be one value.
        cells = grades[rows]
        texts = pd.Series(
            map_distinct(_text, cells.tolist()), cells.index, dtype=object
        )
        levels = {
            text: float(scale.level(grade, fine=fine))
            for text in texts.dropna().unique()
            if (grade := scale.find(text)) is not None
        }
        column[rows] = texts.map(levels).to_numpy(dtype="float64")
    return column


def _text(cell: object) -> str | None:
    return tidy(cell) or None
