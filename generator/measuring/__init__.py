"""From the store to measures: who takes what, who is in which group, and the tables.

Packs use `taking` and `cohort`; `export` writes the three tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from generator.measuring.cohort import Cohort, cohort
from generator.measuring.expected import Expected, expected
from generator.measuring.group_table import group_table
from generator.measuring.measure_table import measure_table, pupil_table
from generator.measuring.results import Outcome, known_by, outcome
from generator.measuring.taking import taking
from generator.store.tables import TableQuery

__all__ = [
    "TABLES",
    "Cohort",
    "Expected",
    "Outcome",
    "cohort",
    "expected",
    "known_by",
    "outcome",
    "taking",
]

TABLES: Mapping[str, Callable[[TableQuery], pd.DataFrame]] = {
    "groups": group_table,
    "measures": measure_table,
    "pupil_measures": pupil_table,
}
