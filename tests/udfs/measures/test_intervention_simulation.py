"""Interventions without any effect: the interval leaves nought out as often as it may.

A season has 210 pupils, two subjects and five collections. A pupil's gap moves slowly,
and each prediction misses it by chance.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from udfs.measures.intervention_comparison import follow_interventions
from udfs.measures.intervention_effects import summarise_kinds

PUPILS, SUBJECTS, CODES = 210, ("Art", "Maths"), ("A", "B", "C", "D", "E")
OPENED = {code: f"2026-{9 + place:02d}-01" for place, code in enumerate(CODES[:4])} | {
    "E": "2027-01-01"
}
SINCE = {"B": "2026-10-15", "C": "2026-11-15"}
SEASONS, AT_MOST = 300, 0.08
SAMPLE, AT_MOST_IN_SAMPLE = 40, 0.2  # 8 of 40: under 1 in 500 where 5 in 100 are due


def make_marks(random: np.random.Generator) -> pd.DataFrame:
    """The marks of a season, in whole grades of gap."""
    parts = []
    for subject in SUBJECTS:
        ability = random.normal(-0.3, 0.8, PUPILS)
        for code in CODES:
            ability = ability + random.normal(0, 0.3, PUPILS)
            gap = np.round(ability + random.normal(0, 0.7, PUPILS)).astype(int)
            parts.append(
                pd.DataFrame(
                    {
                        "adno": [f"{n:03d}" for n in range(PUPILS)],
                        "subject": subject,
                        "year": 11,
                        "band": "all",
                        "collection": code,
                        "gap": gap * 60,
                        "flag": np.where(gap < 0, "Below", "On"),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def choose(marks, random, code, number, *, at_random=False, without=()):
    """Who is helped after a collection: the lowest, or some of those below."""
    then = marks.loc[(marks["collection"] == code) & (marks["subject"] == "Maths")]
    then = then.loc[~then["adno"].isin(without)]
    if at_random:
        below = then.loc[then["gap"] < 0, "adno"].to_numpy()
        return list(random.choice(below, number, replace=False))
    shuffled = then.sample(frac=1, random_state=int(random.integers(1 << 30)))
    return list(shuffled.sort_values("gap", kind="stable")["adno"].head(number))


def season(random, how):
    """The interventions of a season, by the way in which pupils are chosen."""
    marks = make_marks(random)
    if how == "in waves":
        first = choose(marks, random, "B", 20)
        second = choose(marks, random, "C", 20, without=first)
        pairs = [(adno, "B") for adno in first] + [(adno, "C") for adno in second]
    else:
        number = 15 if how == "the lowest 15" else 40
        by_lot = how == "at random among those below"
        chosen = choose(marks, random, "B", number, at_random=by_lot)
        pairs = [(adno, "B") for adno in chosen]
    interventions = pd.DataFrame(
        [(adno, "Maths", SINCE[code]) for adno, code in pairs],
        columns=["adno", "subject", "since"],
    )
    return interventions.assign(help=range(len(interventions))), marks


def false_alarms(how: str, seasons: int, seed: int) -> float:
    """The share of seasons in which the interval leaves nought out."""
    random = np.random.default_rng(seed)
    outside = 0
    for _ in range(seasons):
        interventions, marks = season(random, how)
        rows = follow_interventions(interventions, marks, OPENED)
        effect = summarise_kinds(rows).iloc[0]
        outside += bool(effect["low"] > 0 or effect["high"] < 0)
    return outside / seasons


WAYS = ("at random among those below", "the lowest 15", "the lowest 40", "in waves")


@pytest.mark.slow
@pytest.mark.parametrize("how", WAYS)
def test_selection_alone_makes_no_effect(how):
    assert false_alarms(how, SEASONS, seed=16) <= AT_MOST


def test_selection_alone_makes_no_effect_in_a_sample():
    assert false_alarms("the lowest 40", SAMPLE, seed=16) <= AT_MOST_IN_SAMPLE


def test_an_effect_of_half_a_grade_is_measured():
    random = np.random.default_rng(3)
    interventions, marks = season(random, "the lowest 40")
    helped = marks["adno"].isin(interventions["adno"]) & (marks["subject"] == "Maths")
    later = helped & (marks["collection"] > "B")
    marks["gap"] = marks["gap"].astype("float64") + 30.0 * later
    rows = follow_interventions(interventions, marks, OPENED)
    effect = summarise_kinds(rows).iloc[0]
    assert effect["low"] < 0.5 < effect["high"]
    assert effect["low"] > 0
