"""Predictions held against targets, for a whole school at once."""

from __future__ import annotations

import pandas as pd

from udfs.flags import flag
from udfs.scales import Scale
from udfs.tables import Tables

JUDGEMENT = "judgement"


def compared(marks: pd.DataFrame, tables: Tables, *, fine: bool) -> pd.DataFrame:
    """The flag, the gap and the prediction's level of every row.

    Each distinct prediction and target of a scale is asked of `udfs.flags` once: a
    school's 12,000 rows hold a few hundred.

    Args:
        marks: `subject`, `prediction` and `target`; missing where there is none.
        tables: Scales and subjects as this school has them.
        fine: Whether fine grades are compared finely.

    Returns:
        With the index of `marks`: `scale`; `flag` (`Above` …, missing where there is
        no data); `gap` and `level` in sixtieths of a grade, missing where a side is
        no grade.
    """
    scales = {name: tables.subject(name).scale for name in marks["subject"].unique()}
    asked = marks[["prediction", "target"]].assign(
        scale=marks["subject"].map(scales).astype("str")
    )
    each = asked.drop_duplicates()
    answers = [
        _one(tables, prediction, target, scale, fine)
        for prediction, target, scale in each.astype(object)
        .where(each.notna(), None)
        .to_numpy()
    ]
    answered = pd.DataFrame(answers, columns=["flag", "gap", "level"], index=each.index)
    answered = answered.astype({"flag": "str", "gap": "Int64", "level": "Int64"})
    made = asked.reset_index(names="row").merge(
        each.join(answered), on=["prediction", "target", "scale"], how="left"
    )
    made.index = marks.index
    return made[["scale", "flag", "gap", "level"]]


def _one(
    tables: Tables, prediction: str | None, target: str | None, scale: str, fine: bool
) -> tuple[str | None, int | None, int | None]:
    if not prediction:
        return None, None, None
    judged = tables.scale(JUDGEMENT)
    if prediction.casefold() in judged.grades:
        return prediction.capitalize(), None, None
    mine = tables.scale(scale)
    level = _level(mine, prediction, fine)
    aim = _level(mine, target, fine) if target else None
    gap = None if level is None or aim is None else level - aim
    answer = None if gap is None else flag(prediction, target, mine, fine=fine)
    return answer, gap, level


def _level(scale: Scale, grade: str, fine: bool) -> int | None:
    return scale.level(grade, fine=fine) if grade in scale.grades else None
