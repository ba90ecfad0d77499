"""Teachers beside colleagues: whose predictions stand otherwise, and whom to ask."""

from __future__ import annotations

import math
import statistics

import pandas as pd
import pytest

from generator.packs.pages.moderation import compare_teachers, pupils_to_remark

GRADE = 60  # sixtieths


def rows(**taught: list[int]) -> pd.DataFrame:
    """A pupil for each figure: how far prediction is above working-at, in grades."""
    made = [
        {"year": 10, "subject": "Mathematics", "lead": lead, "class": f"10-{lead}",
         "adno": f"{lead}{at}", "surname": f"{lead} {at:02d}", "forename": "A",
         "away": away * GRADE, "reason": None}
        for lead, all_away in taught.items()
        for at, away in enumerate(all_away)
    ]  # fmt: skip
    return pd.DataFrame(made).astype({"away": "Int64", "reason": "string"})


def likely(mine: list[int], others: list[int]) -> float:
    """How often chance alone brings two means so far apart, reckoned by hand."""
    error = math.sqrt(
        sum(statistics.variance(side) / len(side) for side in (mine, others))
    )
    apart = statistics.fmean(mine) - statistics.fmean(others)
    return math.erfc(abs(apart) / error / math.sqrt(2))


def test_who_differs_is_reported_by_the_rule_that_holds_for_classes_too() -> None:
    taught = {
        "a": [2, 1, 2, 2, 1, 2] * 4,
        "b": [0, -1, 0, -1, 0, 0] * 4,
        "c": [0, 1, 1, 1, 0, 1] * 4,
        "d": [0, 1, 1, 0, 1, 1] * 4,
        "e": [2, 2, 2],
    }
    beside = compare_teachers(rows(**taught)).set_index("lead")
    by_chance = {
        lead: likely(
            mine, [gap for other, all_of in taught.items() if other != lead
                   for gap in all_of]
        )
        for lead, mine in taught.items() if len(mine) >= 11
    }  # fmt: skip
    ordered = sorted(by_chance, key=lambda lead: by_chance[lead])
    last = max(
        at for at, lead in enumerate(ordered, 1)
        if by_chance[lead] <= 0.1 * at / len(ordered)
    )  # fmt: skip
    held = {lead for lead in ordered[:last] if by_chance[lead] < 0.05}
    assert {lead for lead in taught if beside.loc[lead, "differs"]} == held
    assert held == {"a", "b"}
    assert beside.loc["a", "note"] == "further above working-at than colleagues, " + (
        "beyond chance"
    )
    assert beside.loc["b", "note"].startswith("less far above")
    assert beside.loc["c", "note"] == ""
    assert beside.loc["e", "note"] == "too few to conclude"


def test_of_many_alike_the_furthest_by_chance_is_not_named() -> None:
    # Alone with its colleagues it would be: its interval leaves nought out.
    alike = {f"t{at}": [0, 1, 0, 1, 1, 0] * 4 for at in range(12)}
    odd = [1, 1, 0, 1, 1, 0] * 3 + [1, 1, 0, 1, 1, 1]
    assert 0.01 < likely(odd, [gap for one in alike.values() for gap in one]) < 0.05
    assert not compare_teachers(rows(odd=odd, **alike))["differs"].any()


@pytest.mark.parametrize(
    ("taught", "note"),
    [
        ({"a": [3, 2] * 8}, "no colleagues to compare with"),
        ({"a": [3, 2] * 8, "b": [0] * 10}, "too few to conclude"),
        ({"a": [3] * 16, "b": [0] * 16}, "further above working-at"),
        ({"a": [1] * 16, "b": [1] * 16}, ""),
    ],
)
def test_few_none_and_all_the_same_have_an_answer(
    taught: dict[str, list[int]], note: str
) -> None:
    first = compare_teachers(rows(**taught)).iloc[0]["note"]
    assert first.startswith(note) and bool(first) is bool(note)


def test_of_a_teacher_unlike_colleagues_three_are_to_be_marked_again() -> None:
    taught = {"a": [2, 1, 2, 2, 1, 2] * 2, "b": [0, 1, 0, 0, 0, 0] * 2}
    pupils = rows(**taught)
    found = pupils_to_remark(pupils, compare_teachers(pupils))
    assert found.groupby("lead").size().to_dict() == {"a": 3, "b": 3}
    assert set(found.loc[found["lead"] == "a", "away_by"]) == {2}
    assert set(found.loc[found["lead"] == "b", "away_by"]) == {0}
