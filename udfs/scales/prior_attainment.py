"""Prior attainment: Key Stage 2 scores, and the baseline a target starts from."""

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
class Start:
    """What one pupil's target in one subject starts from.

    Args:
        halves: The score in half points, so that a mean is exact: 101.5 is 203.
        used: The tests it is of: `reading`, `maths`, or `both` (their mean).
        asked: The tests it should be of.
    """

    halves: int
    used: Test
    asked: Test

    @property
    def stands_in(self) -> bool:
        """Whether one test stands in for another that is missing."""
        return self.used != self.asked

    @property
    def text(self) -> str:
        """The score as it is shown.

        >>> Start(203, "both", "both").text, Start(202, "maths", "maths").text
        ('101.5', '101')
        """
        return score_text(self.halves)


def score(
    value: object, substitutes: Substitutes, *, summer: int | None = None
) -> int | None:
    """The scaled score of a cell, or None where it is blank.

    Args:
        value: A scaled score (80 to 120) or a code such as `N`.
        substitutes: The scores that stand in for codes. They are accepted as
            numbers too: a column may hold 79 for `N`.
        summer: The year of the tests, where a code's score depends on it.

    Raises:
        UnknownScore: If it is neither.

    >>> score("101", {}), score("N", {(None, "N"): 79}), score("", {})
    (101, 79, None)
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
        f"{_of_other_summers(text, substitutes, summer)}.",
        f"Use {LOWEST} to {HIGHEST}, or a code with a score in ks2_substitutes.csv "
        f"({codes}).",
    )


def _of_other_summers(text: str, substitutes: Substitutes, summer: int | None) -> str:
    """That a code has a score, but not for these tests; empty if it has none."""
    others = sorted(year for year, code in substitutes if code == text and year)
    if not others:
        return ""
    years = " and ".join(map(str, others))
    these = f"not of {summer}" if summer else "and here no year is known"
    return f", but a code of the tests of {years}, {these}"


def start(reading: int | None, maths: int | None, asked: Baseline) -> Start | None:
    """The baseline that a subject asks for, from the scores there are.

    Where one score is missing, the other stands in for it and for the mean.

    Args:
        reading: The scaled score, or None where there is none.
        maths: The scaled score, or None where there is none.
        asked: What the subject's targets start from.

    Returns:
        None where there is no score at all, or none that is asked for (a baseline
        of the department's own, of GCSE results, or none).

    >>> start(100, 103, "both").text, start(None, 103, "reading").used
    ('101.5', 'maths')
    """
    if asked not in ("reading", "maths", "both") or reading is maths is None:
        return None
    if maths is None or (asked == "reading" and reading is not None):
        assert reading is not None  # one of them is there
        return Start(2 * reading, "reading", asked)
    if reading is None or asked == "maths":
        return Start(2 * maths, "maths", asked)
    return Start(reading + maths, "both", asked)


def summer_of(academic_year: str, year: int) -> int:
    """The summer in which a year group sat its Key Stage 2 tests.

    >>> summer_of("2026/27", 7), summer_of("2026/27", 11)
    (2026, 2022)
    """
    return int(academic_year[:4]) - (year - 7)


def score_text(halves: int) -> str:
    """A score in half points as it is shown: `101.5`."""
    return f"{halves // 2}.5" if halves % 2 else str(halves // 2)
