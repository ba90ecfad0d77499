"""Which targets the evidence says should rise, and why; nothing here changes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from udfs.scales.grade_levels import levels
from udfs.scales.scale import Scale

ABOVE = "above"  # a teacher's choice on the judgement scale


@dataclass(frozen=True, slots=True)
class Witness:
    """One kind of evidence for a higher target.

    Args:
        grades: The frame's column with the grade it gives, missing where none.
        words: How it is told: `{grade}` is that grade, other braces are columns.
    """

    grades: str
    words: str


PREDICTED = Witness("prediction", "predicted {grade} in {collection}{too}")
DRAFTED = Witness("drafted", "a new draft gives {grade}")
IMPORTED = Witness("imported_grade", "{indicator} gives {grade}")
ESTIMATED = Witness("cat4_grade", "CAT4 suggests {grade}, an estimate ({cat4_words})")
AT_MODERATION = (PREDICTED,)
IN_REVIEW = (PREDICTED, DRAFTED, IMPORTED, ESTIMATED)


def proposals(
    frame: pd.DataFrame, scales: Mapping[str, Scale], witnesses: Iterable[Witness]
) -> pd.DataFrame:
    """The raise that is proposed for each pupil and subject, with its reasons.

    Args:
        frame: `scale` (its name), `expected` (the target that stands, or missing),
            and the columns that the witnesses look at; `prediction` may be a choice
            of the judgement scale, of which `above` speaks for one step.
        scales: The scales by name.
        witnesses: The kinds of evidence heard.

    Returns:
        On the frame's own index: `proposed` (a grade above the target, the highest
        that any evidence gives; missing where none is) and `why` (empty there).
        Where there is no target nothing is proposed.
    """
    stands = levels(frame["expected"], frame["scale"], scales, fine=True)
    heard: dict[object, list[tuple[float, str, str]]] = {}
    for witness in witnesses:
        if witness.grades not in frame:
            continue
        given = frame[witness.grades]
        if witness is PREDICTED:
            given = _judged(given, frame, scales)
        found = levels(given, frame["scale"], scales, fine=True)
        for row in frame.index[(found > stands).to_numpy()]:
            grade = str(given[row])
            said = witness.words.format(**{**frame.loc[row].to_dict(), "grade": grade})
            heard.setdefault(row, []).append((float(found[row]), grade, said))
    made = pd.DataFrame(
        {"proposed": None, "why": ""}, index=frame.index, dtype=object
    ).astype({"why": "str"})
    for row, told in heard.items():
        made.loc[row, "proposed"] = max(told, key=lambda one: one[0])[1]
        made.loc[row, "why"] = "; ".join(said for _, _, said in told)
    return made


def _judged(
    given: pd.Series, frame: pd.DataFrame, scales: Mapping[str, Scale]
) -> pd.Series:
    """Predictions, where the choice `above` is one whole step over the target."""
    made = given.copy()
    chosen = given.astype("str").str.casefold().eq(ABOVE).fillna(False)
    for row in frame.index[chosen.to_numpy(dtype=bool)]:
        scale = scales.get(str(frame.loc[row, "scale"]))
        target = scale.find(frame.loc[row, "expected"]) if scale else None
        made[row] = scale.step_up_whole(target, 1) if scale and target else None
    return made
