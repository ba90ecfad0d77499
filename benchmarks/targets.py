"""Targets of a whole school: 1,050 pupils in 11 subjects, by each method."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from benchmarks.timing import compare_times
from udfs.tables import standard
from udfs.targets.anchor import GradeLine
from udfs.targets.draft_table import draft_rows
from udfs.targets.methods import DraftMethod
from udfs.targets.totals import target_totals

PUPILS = 1050
SUBJECTS = (
    "English Language", "English Literature", "Mathematics", "Combined Science",
    "History", "Geography", "French", "Religious Studies", "Art and Design",
    "Computer Science", "Health and Social Care",
)  # fmt: skip
LINE = GradeLine(Fraction(5), "…", 1000)
METHODS = {
    "transition": DraftMethod(),
    "anchor": DraftMethod("anchor", line=LINE),
    "imported": DraftMethod("imported", indicator="FFT50"),
}


def run(rounds: int) -> None:
    """Time drafting by three methods, and the totals of the drafts."""
    pupils = school(PUPILS)
    tables = standard()
    compare_times(
        f"Targets of {PUPILS:,} pupils in {len(SUBJECTS)} subjects",
        {
            name: lambda method=method: draft_rows(
                pupils, tables, method, academic_year="2026/27"
            )
            for name, method in METHODS.items()
        },
        rounds=min(rounds, 5),
    )
    targets = draft_rows(pupils, tables, academic_year="2026/27")
    frame = pupils.assign(expected=targets["expected"], halves=pupils["score"] * 2)
    compare_times(
        "What they add up to, by subject and year",
        {"target_sums": lambda: target_totals(frame, tables, ["subject", "year"])},
        rounds=min(rounds, 5),
    )


def school(pupils: int) -> pd.DataFrame:
    """One row for each pupil and subject, with scores spread as in a real school."""
    random = np.random.default_rng(1)
    scores = random.normal(104, 7, pupils).round().clip(80, 120).astype(int)
    pupil_rows = pd.DataFrame(
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
    return pupil_rows.merge(subjects, how="cross")
