"""Prior attainment: Key Stage 2 scores, and the starting point of a target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from udfs.errors import UnknownScore
from udfs.scales.subjects import Baseline
from udfs.text import tidy

LOWEST, HIGHEST = 80, 120  # scaled scores
Test = Literal["reading", "maths", "both"]

_SCORE = re.compile(r"[0-9]{2,3}")

# (summer of the tests, code in capitals) -> score; a summer of None means any.
Substitutes = Mapping[tuple[int | None, str], int]


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """The score that one pupil's target in one subject starts from.

    Args:
        halves: The score in half points, so that a mean is exact: 101.5 is 203.
        tests: The tests it comes from: `reading`, `maths`, or `both` (their mean).
        wanted: The tests it should come from.
    """

    halves: int
    tests: Test
    baseline: Test

    @property
    def is_substitute(self) -> bool:
        """Whether one test replaces another that is missing."""
        return self.tests != self.baseline

    @property
    def text(self) -> str:
        """The score for display.

        >>> StartingPoint(203, "both", "both").text
        '101.5'
        >>> StartingPoint(202, "maths", "maths").text
        '101'
        """
        return score_text(self.halves)


def scaled_score(
    value: object, substitutes: Substitutes, *, summer: int | None = None
) -> int | None:
    """Return the scaled score in a cell, or None where it is blank.

    Args:
        value: A scaled score (80 to 120) or a code such as `N`.
        substitutes: The scores of codes. They are accepted as numbers too: a column
            may hold 79 for `N`.
        summer: The year of the tests, where a code's score depends on it.

    Raises:
        UnknownScore: If it is neither.

    >>> substitutes = {(None, "N"): 79}
    >>> [scaled_score(value, substitutes) for value in ("101", "N", "")]
    [101, 79, None]
    """
    text = tidy(value).upper()
    if not text:
        return None
    for year in (summer, None):
        if (year, text) in substitutes:
            return substitutes[year, text]
    if _SCORE.fullmatch(text):
        number = int(text)
        if LOWEST <= number <= HIGHEST or number in substitutes.values():
            return number
    usable = {code for year, code in substitutes if year in (summer, None)}
    codes = ", ".join(sorted(usable)) or "none"
    raise UnknownScore(
        f"{tidy(value)!r} is not a Key Stage 2 scaled score"
        f"{_other_summers_text(text, substitutes, summer)}.",
        f"Use {LOWEST} to {HIGHEST}, or a code with a score in ks2_substitutes.csv "
        f"({codes}).",
    )


def _other_summers_text(text: str, substitutes: Substitutes, summer: int | None) -> str:
    """Say that a code has a score, but only for other years; empty if it has none."""
    summers = sorted(year for year, code in substitutes if code == text and year)
    if not summers:
        return ""
    years = " and ".join(map(str, summers))
    these = f"not of {summer}" if summer else "and here no year is known"
    return f", but a code of the tests of {years}, {these}"


def starting_point(
    reading: int | None, maths: int | None, baseline: Baseline
) -> StartingPoint | None:
    """Return the starting point that a subject needs, from the available scores.

    Where one score is missing, the other replaces it and the mean.

    Args:
        reading: The scaled score, or None where there is none.
        maths: The scaled score, or None where there is none.
        baseline: What the subject's targets start from.

    Returns:
        None where there is no score, or the baseline is not a Key Stage 2 score (a
        department's own, GCSE results, or none).

    >>> starting_point(100, 103, "both").text
    '101.5'
    >>> starting_point(None, 103, "reading").tests
    'maths'
    """
    if baseline not in ("reading", "maths", "both") or reading is maths is None:
        return None
    if maths is None or (baseline == "reading" and reading is not None):
        assert reading is not None  # one of them is there
        return StartingPoint(2 * reading, "reading", baseline)
    if reading is None or baseline == "maths":
        return StartingPoint(2 * maths, "maths", baseline)
    return StartingPoint(reading + maths, "both", baseline)


def summer_of_tests(academic_year: str, year: int) -> int:
    """Return the summer in which a year group sat its Key Stage 2 tests.

    >>> summer_of_tests("2026/27", 7), summer_of_tests("2026/27", 11)
    (2026, 2022)
    """
    return int(academic_year[:4]) - (year - 7)


def score_text(halves: int) -> str:
    """Return a score in half points for display: `101.5`."""
    return f"{halves // 2}.5" if halves % 2 else str(halves // 2)
