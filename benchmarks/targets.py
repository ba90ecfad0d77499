"""Targets of a whole school: 1,050 pupils in 11 subjects, by each method."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from benchmarks.stopwatch import race
from udfs.tables import standard
from udfs.targets.anchor import Line
from udfs.targets.drafts import drafts
from udfs.targets.methods import Method
from udfs.targets.totals import target_sums

PUPILS = 1050
SUBJECTS = (
    "English Language", "English Literature", "Mathematics", "Combined Science",
    "History", "Geography", "French", "Religious Studies", "Art and Design",
    "Computer Science", "Health and Social Care",
)  # fmt: skip
LINE = Line(Fraction(5), "…", 1000)
METHODS = {
    "transition": Method(),
    "anchor": Method("anchor", line=LINE),
    "imported": Method("imported", indicator="FFT50"),
}


def run(rounds: int) -> None:
    """Drafting by three methods, and the sums of what was drafted."""
    asked = school(PUPILS)
    tables = standard()
    race(
        f"Targets of {PUPILS:,} pupils in {len(SUBJECTS)} subjects",
        {
            name: lambda method=method: drafts(
                asked, tables, method, academic_year="2026/27"
            )
            for name, method in METHODS.items()
        },
        rounds=min(rounds, 5),
    )
    drawn = drafts(asked, tables, academic_year="2026/27")
    frame = asked.assign(expected=drawn["expected"], halves=asked["score"] * 2)
    race(
        "What they add up to, by subject and year",
        {"target_sums": lambda: target_sums(frame, tables, ["subject", "year"])},
        rounds=min(rounds, 5),
    )


def school(pupils: int) -> pd.DataFrame:
    """One row for each pupil and subject, with scores spread as they are."""
    chance = np.random.default_rng(1)
    scores = chance.normal(104, 7, pupils).round().clip(80, 120).astype(int)
    each = pd.DataFrame(
        {
            "adno": [f"{number:06}" for number in range(pupils)],
            "score": scores,
            "ks2_reading": scores.astype(str),
            "ks2_maths": scores.astype(str),
            "year": [7 + number % 5 for number in range(pupils)],
            "imported": [str(1 + score % 9) for score in scores],
        }
    )
    subjects = pd.DataFrame({"subject": SUBJECTS})
    return each.merge(subjects, how="cross")
