"""Warnings about a class's predictions as a whole; blanks cause none."""

from __future__ import annotations

import pytest

from generator.returns.entries import EntryCell
from generator.returns.warnings import mark_warnings
from udfs.tables import standard


def warning_codes(
    predictions: list[str | None], before: list[str] | None = None, scale: str = "gcse"
) -> list[str]:
    answers = [
        EntryCell("10x", "Art", str(n), "prediction", v, v or "", "", "M", f"L{n + 7}")
        for n, v in enumerate(predictions)
        if v is not None
    ]
    warnings = mark_warnings(
        answers,
        scales={("10x", "Art"): standard().scale(scale)},
        previous_predictions={("Art", str(n)): v for n, v in enumerate(before or [])},
        stored={},
        verdicts={},
    )
    assert all(problem.severity == "warning" for problem in warnings)
    return [problem.code for problem in warnings]


MIXED = ["4", "5"] * 6


@pytest.mark.parametrize(
    ("predictions", "before", "codes"),
    [
        (["5"] * 10, None, ["predictions-all-equal"]),
        (["5"] * 9, None, []),
        (["5"] * 9 + ["Abs"], None, []),
        (["5"] * 9 + [None] * 5, None, []),
        (["5"] * 10 + [None] * 5 + ["N/T"], None, ["predictions-all-equal"]),
        (["5"] * 10 + ["6"], None, []),
        ([None] * 12, ["5"] * 12, []),
        (["Abs"] * 12, None, []),
        ([""] * 12, None, []),
        (MIXED, MIXED, ["predictions-as-before"]),
        (MIXED, [*MIXED[:-1], "6"], []),
        (MIXED, MIXED[:-1], []),
        (MIXED, [""] * 12, []),
        (["5"] * 10, ["5"] * 10, ["predictions-all-equal", "predictions-as-before"]),
    ],
)
def test_a_class_as_a_whole(
    predictions: list[str | None], before: list[str] | None, codes: list[str]
) -> None:
    assert warning_codes(predictions, before) == codes


def test_a_choice_of_above_on_or_below_is_not_asked() -> None:
    assert warning_codes(["on"] * 12, scale="judgement") == []


def test_the_question_is_a_sentence_and_what_to_do() -> None:
    answers = [
        EntryCell("10x", "Art", str(n), "prediction", "5", "5", "", "M", f"L{n + 7}")
        for n in range(12)
    ]
    (problem,) = mark_warnings(
        answers,
        scales={("10x", "Art"): standard().scale("gcse")},
        previous_predictions={},
        stored={},
        verdicts={},
    )
    assert problem.what == "All 12 predictions are 5."
    assert problem.do == "Check that none was only filled down."
    assert problem.cell == "L7"
