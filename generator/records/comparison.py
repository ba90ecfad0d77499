"""Predictions held against targets, for a whole school at once."""

from __future__ import annotations

import pandas as pd

from udfs.flags import flags, gaps, levels
from udfs.scales import Scale
from udfs.tables import Tables


def compared(marks: pd.DataFrame, tables: Tables, *, fine: bool) -> pd.DataFrame:
    """The flag, the gap and the prediction's level of every row.

    A choice of the judgement scale is its own flag, whatever the subject's scale;
    it has neither gap nor level, for it is in no average.

    Args:
        marks: `subject`, `prediction` and `target`; missing where there is none.
        tables: Scales and subjects as this school has them.
        fine: Whether fine grades are compared finely.

    Returns:
        With the index of `marks`: `scale`; `flag` (`Above` …, missing where there is
        no data); `gap` and `level` in sixtieths of a grade, missing where a side is
        no grade.
    """
    names = marks["subject"].unique()
    usual = marks["subject"].map({name: tables.subject(name).scale for name in names})
    scale = usual.astype("str")
    judged = pd.Series(False, index=marks.index)
    for judgement in (s for s in tables.scales.values() if s.judgement):
        chosen = _of_scale(marks["prediction"], judgement)
        scale, judged = scale.mask(chosen, judgement.name), judged | chosen
    asked = marks[["prediction", "target"]].assign(scale=scale)
    level = levels(asked["prediction"], asked["scale"], tables.scales, fine=fine)
    return pd.DataFrame(
        {
            "scale": usual.astype("str"),
            "flag": flags(asked, tables.scales, fine=fine).astype("str"),
            "gap": _whole(gaps(asked, tables.scales, fine=fine), judged),
            "level": _whole(level, judged),
        },
        index=marks.index,
    )


def _of_scale(grades: pd.Series[str], scale: Scale) -> pd.Series[bool]:
    given = grades.dropna().unique()
    return grades.isin([grade for grade in given if scale.find(grade) is not None])


def _whole(sixtieths: pd.Series[float], judged: pd.Series[bool]) -> pd.Series[int]:
    return sixtieths.mask(judged).astype("Int64")
