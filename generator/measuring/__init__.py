"""From the store to measures: who takes what, who is in which group, and the tables."""

from generator.measuring.cohort import Cohort, build_cohort
from generator.measuring.collection_cohort import collection_cohort
from generator.measuring.entries import collection_entries
from generator.measuring.expected_outcome import (
    ExpectedOutcome,
    expected_outcomes_by_year,
    same_day,
)
from generator.measuring.results_outcome import (
    ResultsOutcome,
    known_results,
    results_outcome,
)

__all__ = [
    "Cohort",
    "ExpectedOutcome",
    "ResultsOutcome",
    "build_cohort",
    "collection_cohort",
    "collection_entries",
    "expected_outcomes_by_year",
    "known_results",
    "results_outcome",
    "same_day",
]
