"""What a careful reader would ask about marks that can be taken all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.problems import Problem
from generator.returns.checked import Answer
from generator.store.marks import Mark, Stored
from udfs.measures.questions import class_questions, questions
from udfs.scales.scale import Scale

_MARKS = ("prediction", "working_at")


def mark_warnings(
    answers: Sequence[Answer],
    *,
    scales: Mapping[tuple[str, str], Scale],
    previous_predictions: Mapping[tuple[str, str], str],
    stored: Mapping[Mark, Stored],
    verdicts: Mapping[tuple[str, Mark], str],
) -> list[Problem]:
    """The questions about a return that no reason settles, as warnings.

    A reason settles the questions about a pupil until a mark of theirs changes:
    then the reason must be given anew, or be younger than the mark.

    Args:
        answers: The return's answers.
        scales: Class and subject -> the scale of its predictions.
        before: Subject and pupil -> the prediction of the collection before.
        stored: The marks as they stood before this return.
        verdicts: Class and mark -> what became of the answer.
    """
    rows: dict[tuple[str, str, str], dict[str, Answer]] = {}
    for answer in answers:
        if answer.adno:
            row = rows.setdefault((answer.class_code, answer.adno, answer.subject), {})
            row[answer.field] = answer
    made = []
    for (code, adno, subject), row in rows.items():
        place = row.get("prediction") or row.get("working_at")
        if place is None or _settled(code, adno, subject, row, stored, verdicts):
            continue
        values = [_value(row, stored, adno, subject, name) for name in _MARKS]
        for question in questions(
            values[1],
            values[0],
            scales[code, subject],
            last_prediction=previous_predictions.get((subject, adno)),
        ):
            what, _, do = question.text.partition(": ")
            made.append(
                Problem(
                    sheet=place.sheet,
                    cell=place.cell,
                    adno=adno,
                    severity="warning",
                    code=question.code,
                    value=place.shown,
                    what=f"{what}.",
                    do=f"{do[:1].upper()}{do[1:]}",
                )
            )
    return [*made, *_of_classes(rows, scales, previous_predictions)]


def _of_classes(
    rows: Mapping[tuple[str, str, str], Mapping[str, Answer]],
    scales: Mapping[tuple[str, str], Scale],
    before: Mapping[tuple[str, str], str],
) -> list[Problem]:
    classes: dict[tuple[str, str], dict[str, Answer]] = {}
    for (code, adno, subject), row in rows.items():
        answer = row.get("prediction")
        if answer is not None and answer.value:
            classes.setdefault((code, subject), {})[adno] = answer
    made = []
    for (code, subject), answers in classes.items():
        first = next(iter(answers.values()))
        for question in class_questions(
            {adno: answer.value or "" for adno, answer in answers.items()},
            scales[code, subject],
            last_predictions={
                adno: before.get((subject, adno), "") for adno in answers
            },
        ):
            what, _, do = question.text.partition(": ")
            made.append(
                Problem(
                    sheet=first.sheet,
                    cell=first.cell,
                    severity="warning",
                    code=question.code,
                    value=first.shown,
                    what=f"{what}.",
                    do=f"{do[:1].upper()}{do[1:]}",
                )
            )
    return made


def _value(
    row: Mapping[str, Answer],
    stored: Mapping[Mark, Stored],
    adno: str,
    subject: str,
    name: str,
) -> str | None:
    answer = row.get(name)
    if answer is not None:
        return answer.value or None
    known = stored.get((adno, subject, name))
    return known.value if known else None


def _settled(
    code: str,
    adno: str,
    subject: str,
    row: Mapping[str, Answer],
    stored: Mapping[Mark, Stored],
    verdicts: Mapping[tuple[str, Mark], str],
) -> bool:
    def moved(name: str) -> bool:
        return verdicts.get((code, (adno, subject, name))) in ("new", "changed")

    given = row.get("reason")
    known = stored.get((adno, subject, "reason"))
    if given is not None and given.value and moved("reason"):
        return True
    if known is None or (given is not None and not given.value):
        return False
    if any(moved(name) for name in _MARKS):
        return False
    marks = [stored[m] for name in _MARKS if (m := (adno, subject, name)) in stored]
    return all(known.merged_at >= mark.merged_at for mark in marks)
