"""Interventions before, after and later, reckoned again pupil by pupil."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.measures import intervention_comparison, intervention_effects

OPENED = {
    "A": "2026-09-21", "B": "2026-11-23", "C": "2027-01-25", "D": "2027-04-19",
    "E": "2027-06-21",
}  # fmt: skip
Row = dict[str, Any]


@pytest.mark.parametrize(
    ("since", "codes", "result"),
    [
        ("2026-09-20", "ABCDE", ("", "A", "C")),
        ("2026-09-21", "ABCDE", ("A", "B", "D")),  # the day itself is before
        ("2026-12-01", "ABCDE", ("B", "C", "E")),
        ("2027-02-01", "ABCDE", ("C", "D", "")),
        ("2027-07-01", "ABCDE", ("E", "", "")),
        ("2026-12-01", "BDE", ("B", "D", "")),  # a year that is asked less often
        ("2026-12-01", "", ("", "", "")),
    ],
)
def test_before_is_the_last_collection_opened_by_then(
    since: str, codes: str, result: tuple[str, ...]
) -> None:
    assert (
        intervention_comparison.collections_around(since, OPENED, list(codes)) == result
    )


def effects(seed: int, pupils: int = 40) -> tuple[list[Row], list[Row]]:
    """A year of gaps with holes in it, and some interventions, one pupil with two."""
    dice = random.Random(seed)
    seen, helped = [], []
    for number in range(pupils):
        adno, year = f"{number:03d}", dice.choice([10, 11])
        band = dice.choice(["low", "high"])
        for subject in ("Art", "Maths"):
            for code in OPENED:
                if dice.random() < 0.15:
                    continue
                gap = 60 * dice.randint(-3, 1)
                flag = "On" if gap >= 0 else "Below" if gap > -120 else "Well below"
                seen.append(
                    {"adno": adno, "subject": subject, "year": year, "band": band,
                     "collection": code, "flag": flag, "gap": gap}
                )  # fmt: skip
        for _ in range(dice.choice([0, 0, 0, 1, 2])):
            helped.append(
                {"help": len(helped), "adno": adno,
                 "subject": dice.choice(["", "Maths", "Art"]),
                 "since": dice.choice(["2026-10-01", "2026-12-01", "2027-05-01"])}
            )  # fmt: skip
    return seen, helped


def by_hand(
    seen: Sequence[Row],
    helped: Sequence[Row],
    span: str,
    opened: Mapping[str, str] = OPENED,
) -> dict[str, Any] | None:
    """How the pupils with interventions changed, with nothing but loops."""
    gaps = {(r["adno"], r["subject"], r["collection"]): r for r in seen}
    question: dict[int, list[str]] = {}
    for row in seen:
        question.setdefault(row["year"], []).append(row["collection"])
    about = {(r["adno"], r["subject"]): r for r in seen}
    own: dict[str, list[tuple[float, float]]] = {}
    for help_ in helped:
        for adno, subject in about:
            if adno != help_["adno"] or help_["subject"] not in ("", subject):
                continue
            item = about[adno, subject]
            codes = [c for c in opened if c in question[item["year"]]]
            before = [c for c in codes if opened[c] <= help_["since"]]
            after = [c for c in codes if opened[c] > help_["since"]]
            at = 0 if span == "after" else 2
            if not before or len(after) <= at:
                continue
            first = gaps.get((adno, subject, before[-1]))
            then = gaps.get((adno, subject, after[at]))
            if first is None or then is None:
                continue
            own.setdefault(adno, []).append((first["gap"], then["gap"]))
    if not own:
        return None
    mean = statistics.mean
    then = mean([mean([a for a, _ in each]) for each in own.values()])
    now = mean([mean([b for _, b in each]) for each in own.values()])
    return {"n": len(own), "then": then / 60, "now": now / 60,
            "change": (now - then) / 60}  # fmt: skip


@given(seed=st.integers(0, 10_000), span=st.sampled_from(intervention_comparison.SPANS))
@settings(max_examples=25, deadline=None)
def test_it_is_what_anybody_reckons_pupil_by_pupil(seed: int, span: str) -> None:
    seen, helped = effects(seed)
    rows = intervention_comparison.follow_interventions(
        pd.DataFrame(helped, columns=["help", "adno", "subject", "since"]),
        pd.DataFrame(seen), OPENED,
    )  # fmt: skip
    result = intervention_effects.summarise_kinds(rows, span)
    expected = by_hand(seen, helped, span)
    assert len(result) == (expected is not None)
    if expected is not None:
        text = result.iloc[0]
        for name, value in expected.items():
            assert text[name] == pytest.approx(value), name
        assert text["few"] == (text["matched"] < 11)


def test_similar_pupils_are_those_at_the_same_gaps_before() -> None:
    """Others fall by half their gap; who is helped later stays among them."""
    seen = [
        {"adno": f"{n:02d}", "subject": "Maths", "year": 10, "band": "low",
         "collection": code, "flag": "Below",
         "gap": gap // 2 if code == "B" else gap}
        for n in range(30)
        for gap in (-60 * (n % 5),)
        for code in "AB"
    ]  # fmt: skip
    helped = [{"help": n, "adno": f"{n:02d}", "subject": "Maths",
               "since": "2026-10-01" if n < 12 else "2026-12-01"}
              for n in range(14)]  # fmt: skip
    rows = intervention_comparison.follow_interventions(*_frames(seen, helped), OPENED)
    first = rows.loc[rows["after"] == "B"]
    assert set(first["after_alike_n"]) == {18}
    expected = first["gap_before"].astype("float64") / -2
    assert first["after_alike_change"].tolist() == pytest.approx(expected.tolist())


def _frames(seen: list[Row], helped: list[Row]) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = ["adno", "subject", "year", "band", "collection", "flag", "gap"]
    return (
        pd.DataFrame(helped, columns=["help", "adno", "subject", "since"]),
        pd.DataFrame(seen, columns=names),
    )


def test_a_rise_that_similar_pupils_had_too_is_no_lead() -> None:
    seen = [
        {"adno": f"{n:02d}", "subject": "Maths", "year": 10, "band": "low",
         "collection": code, "flag": "Below", "gap": gap}
        for n in range(24)
        for code, gap in (("A", -60), ("B", 0))
    ]  # fmt: skip
    helped = [{"help": n, "adno": f"{n:02d}", "subject": "", "since": "2026-10-01"}
              for n in range(12)]  # fmt: skip
    (item,) = intervention_effects.summarise_kinds(
        intervention_comparison.follow_interventions(*_frames(seen, helped), OPENED)
    ).to_dict("records")
    assert (item["n"], item["change"], item["alike"], item["apart"]) == (
        12,
        1.0,
        12,
        0.0,
    )
    assert (item["low"], item["high"], item["few"]) == (0.0, 0.0, False)


def test_without_similar_pupils_no_comparison() -> None:
    seen = [
        {"adno": "1", "subject": "Maths", "year": 10, "band": "low",
         "collection": code, "flag": "Below", "gap": -60}
        for code in "AB"
    ]  # fmt: skip
    helped = [{"help": 7, "adno": "1", "subject": "Maths", "since": "2026-10-01"}]
    rows = intervention_comparison.follow_interventions(*_frames(seen, helped), OPENED)
    (item,) = intervention_effects.summarise_kinds(rows).to_dict("records")
    assert (item["n"], item["matched"], item["alike"]) == (1, 0, 0)
    assert math.isnan(item["apart"]) and math.isnan(item["low"])
    each = intervention_effects.summarise_interventions(rows).loc[7]
    assert (each["gap_before"], each["gap_after"], each["alike_n"]) == (-1.0, -1.0, 0)
    assert math.isnan(each["gap_later"]) and math.isnan(each["alike_change"])


@pytest.mark.parametrize("seen", [[], effects(1)[0]])
@pytest.mark.parametrize("helped", [[], effects(1)[1]])
def test_nothing_comes_of_nothing(seen: list[Row], helped: list[Row]) -> None:
    rows = intervention_comparison.follow_interventions(*_frames(seen, helped), OPENED)
    assert rows.empty == (not seen or not helped)
    assert intervention_effects.summarise_kinds(rows, by=["help"]).empty == rows.empty
    assert intervention_effects.summarise_interventions(rows).empty == rows.empty
