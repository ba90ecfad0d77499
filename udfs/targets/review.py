"""Propose higher targets from evidence; nothing here changes a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from udfs.scales.grade_levels import grade_levels
from udfs.scales.scale import Scale

ABOVE = "above"  # a teacher's choice on the judgement scale


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """A kind of evidence for a higher target.

    Args:
        grades: The frame's column with its grade, missing where there is none.
        words: The reason: `{grade}` is that grade, other braces are columns.
    """

    grades: str
    words: str


PREDICTION_EVIDENCE = EvidenceKind(
    "prediction", "predicted {grade} in {collection}{too}"
)
DRAFT_EVIDENCE = EvidenceKind("drafted", "a new draft gives {grade}")
IMPORT_EVIDENCE = EvidenceKind("imported_grade", "{indicator} gives {grade}")
CAT4_EVIDENCE = EvidenceKind(
    "cat4_grade", "CAT4 suggests {grade}, an estimate ({cat4_words})"
)
MODERATION_EVIDENCE = (PREDICTION_EVIDENCE,)
REVIEW_EVIDENCE = (PREDICTION_EVIDENCE, DRAFT_EVIDENCE, IMPORT_EVIDENCE, CAT4_EVIDENCE)


def propose_increases(
    frame: pd.DataFrame, scales: Mapping[str, Scale], kinds: Iterable[EvidenceKind]
) -> pd.DataFrame:
    """Propose a higher target for each pupil and subject, with reasons.

    Args:
        frame: `scale` (its name), `expected` (the current target, or missing), and
            the columns of the kinds of evidence; `prediction` may be a choice of the
            judgement scale, where `above` means one whole grade higher.
        scales: The scales by name.
        kinds: The kinds of evidence to use.

    Returns:
        On the frame's own index: `proposed` (the highest grade above the target in
        any evidence; missing where none) and `why` (empty there). Without a target
        nothing is proposed.
    """
    current = grade_levels(frame["expected"], frame["scale"], scales, fine=True)
    evidence: dict[object, list[tuple[float, str, str]]] = {}
    for kind in kinds:
        if kind.grades not in frame:
            continue
        grades = frame[kind.grades]
        if kind is PREDICTION_EVIDENCE:
            grades = _with_judgements(grades, frame, scales)
        higher_levels = grade_levels(grades, frame["scale"], scales, fine=True)
        for row in frame.index[(higher_levels > current).to_numpy()]:
            grade = str(grades[row])
            reason = kind.words.format(**{**frame.loc[row].to_dict(), "grade": grade})
            evidence.setdefault(row, []).append(
                (float(higher_levels[row]), grade, reason)
            )
    proposals = pd.DataFrame(
        {"proposed": None, "why": ""}, index=frame.index, dtype=object
    ).astype({"why": "str"})
    for row, items in evidence.items():
        proposals.loc[row, "proposed"] = max(items, key=lambda item: item[0])[1]
        proposals.loc[row, "why"] = "; ".join(reason for _, _, reason in items)
    return proposals


def _with_judgements(
    predictions: pd.Series, frame: pd.DataFrame, scales: Mapping[str, Scale]
) -> pd.Series:
    """Replace the choice `above` with one whole grade over the target."""
    grades = predictions.copy()
    above = predictions.astype("str").str.casefold().eq(ABOVE).fillna(False)
    for row in frame.index[above.to_numpy(dtype=bool)]:
        scale = scales.get(str(frame.loc[row, "scale"]))
        target = scale.find(frame.loc[row, "expected"]) if scale else None
        grades[row] = scale.step_up_whole(target, 1) if scale and target else None
    return grades
