"""The measures: their names, pupils' contributions and intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.recount import national
from tests.recount.arithmetic import student
from tests.recount.attainment import ENGLISH, Slots, measure_asks
from tests.recount.recount_data import RecountData

MEASURED_IN = (10, 11)
REACHED = ("Above", "On")
# Measures that need no prediction in particular.
EVERYBODY = ("mean_points", "mean_gap", "on_or_above", "residual", "incomplete")
# The titles of the measures, in their order.
NAMES = {
    "attainment8": "Attainment 8",
    "attainment8_english": "Attainment 8: English",
    "attainment8_maths": "Attainment 8: mathematics",
    "attainment8_ebacc": "Attainment 8: EBacc",
    "attainment8_open": "Attainment 8: open",
    "progress8": "Score in the style of Progress 8",
    "english_maths_4": "English and mathematics 4+",
    "english_maths_5": "English and mathematics 5+",
    "english_maths_7": "English and mathematics 7+",
    "mean_points": "Mean points of a prediction",
    "mean_gap": "Mean gap to target in grades",
    "on_or_above": "On or above target",
    "residual": "Points against similar pupils nationally",
    "incomplete": "Pupils with a prediction missing",
}
# Optional (`[measures] ebacc` in school.toml), before the measures of predictions.
EBACC = {
    "ebacc_entry": "Entered for the EBacc",
    "ebacc_points": "EBacc average points",
}
SINGLES = 3  # sciences, without combined science
SHARES = (
    "english_maths_4",
    "english_maths_5",
    "english_maths_7",
    "ebacc_entry",
    "on_or_above",
)


@dataclass(frozen=True)
class Figure:
    """A measure of some pupils: its value, 95% interval and number of pupils.

    `of` pupils should be counted, `given` have every prediction, and `carried`
    predictions stand in for blanks; `pupils_shown` is false where the number of
    pupils is not shown.
    """

    pupils: int
    value: float
    low: float | None = None
    high: float | None = None
    of: int | None = None
    carried: int | None = None
    given: int | None = None
    pupils_shown: bool = True


def names_of(data: RecountData) -> dict[str, str]:
    """The measures of the school's settings, in their order."""
    if not data.settings.get("measures", {}).get("ebacc", False):
        return NAMES
    result = {}
    for name, title in NAMES.items():
        if name == "mean_points":
            result |= EBACC
        result[name] = title
    return result


# Of one pupil: the number of values, and their sum.
Contribution = tuple[int, Fraction]


def key_stage_4_contribution(
    ten: Slots, measure: str, start: Fraction | None, estimates: str
) -> Contribution | None:
    """A pupil's contribution to a measure of Key Stage 4; None if he does not count.

    Args:
        ten: The pupil's slots.
        measure: The name of the measure.
        start: The mean of Key Stage 2 reading and maths; None if unknown.
        estimates: The year of the estimates; empty: the latest.
    """
    if measure == "incomplete":
        return 1, Fraction(not ten.complete)
    if not is_known(ten, measure):
        return None
    if measure.startswith("attainment8"):
        return 1, ten.points(measure.removeprefix("attainment8").lstrip("_"))
    if measure == "progress8":
        if start is None:
            return None
        return 1, (ten.points() - national.estimate(start, estimates)) / 10
    if measure in EBACC:
        return 1, _ebacc(ten)[list(EBACC).index(measure)]
    least = int(measure.removeprefix("english_maths_"))
    best = (_best(ten, *ENGLISH), _best(ten, "maths"))
    return 1, Fraction(min(best) >= least)


def is_known(ten: Slots, measure: str) -> bool:
    """Whether no prediction that a measure needs is missing."""
    return not lacking(ten, measure)


def lacking(ten: Slots, measure: str) -> list[str]:
    """The subjects whose predictions a measure needs and a pupil lacks."""
    return [item.subject for item in ten.lacking if measure_asks(item.slot, measure)]


def _best(ten: Slots, *kinds: str) -> Fraction:
    """The highest points of a pupil in some subjects; 0 without any."""
    points = [
        item.points for item in ten.counting if item.slot in kinds and item.points
    ]
    return max(points, default=Fraction(0))


def _ebacc(ten: Slots) -> tuple[Fraction, Fraction]:
    """Whether a pupil is entered for the EBacc (0 or 1), and the average points.

    Entered: both Englishes, mathematics, combined science or three single sciences,
    geography or history, a language. The points are of six: the better English if
    both are taken, mathematics, the two best sciences, the best humanity, the best
    language; what is missing counts 0.
    """
    takes = {item.slot for item in ten.entries}
    both = takes.issuperset(ENGLISH)
    singles = sorted(
        (item.points or Fraction(0) for item in ten.counting if item.slot == "science"),
        reverse=True,
    )
    combined = "combined_science" in takes
    entered = both and (combined or len(singles) >= SINGLES)
    entered = entered and takes.issuperset(("maths", "humanities", "languages"))
    sciences = sum(singles[:2], Fraction(0)) if len(singles) >= SINGLES else Fraction(0)
    sciences = max(sciences, 2 * _best(ten, "combined_science"))
    points = sciences + (_best(ten, *ENGLISH) if both else 0)
    points += sum(_best(ten, kind) for kind in ("maths", "humanities", "languages"))
    return Fraction(entered), points / 6


def sum_present(values: Iterable[Fraction | None]) -> Contribution | None:
    """The number of values that are not None, and their sum; None without any."""
    present = [value for value in values if value is not None]
    return (len(present), sum(present, Fraction(0))) if present else None


def mean_of_pupils(
    parts: Sequence[Contribution],
    *,
    share: bool = False,
    deviation: float | None = None,
) -> Figure:
    """The mean of pupils' values, with an interval clustered by pupil.

    A pupil's grades are not independent, so the interval uses the spread of pupils (a
    ratio of two sums); for a share it is Wilson's, with the effective number of pupils.

    Args:
        parts: For each pupil the number of values, and their sum.
        share: Whether it is a share from 0 to 1.
        deviation: The national standard deviation of pupils; None: their own.
    """
    n, total_count = len(parts), sum(count for count, _ in parts)
    if not n:
        return Figure(0, math.nan)
    mean = sum((total for _, total in parts), Fraction(0)) / total_count
    apart = sum(((total - mean * count) ** 2 for count, total in parts), Fraction(0))
    error = math.sqrt(apart * n / (n - 1)) / total_count if n > 1 else None
    freedom = float(n - 1)
    if deviation is not None:
        error, freedom = deviation / math.sqrt(n), math.inf
    value = float(mean)
    if share:
        low, high = wilson(value, n, error)
        return Figure(n, value, low, high)
    if error is None:
        return Figure(n, value)
    reach = student(freedom) * error
    return Figure(n, value, value - reach, value + reach)


def wilson(share: float, pupils: int, error: float | None) -> tuple[float, float]:
    """Wilson's interval of a share, with the effective number of pupils."""
    spread = share * (1 - share)
    n = float(pupils)
    if spread and error:
        n = spread / error**2 + 1
    z = 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(spread / n + z * z / (4 * n * n))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
