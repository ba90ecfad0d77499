"""The measures of a year group: each pupil's part, and values for any group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from udfs.measures import progress8, residuals
from udfs.measures.entries import MISSING, Entries
from udfs.scales.key_stage_4_figures import ELEMENTS, KeyStage4Figures
from udfs.scales.scale import POINT
from udfs.statistics.arrays import Booleans, Integers
from udfs.statistics.inference import (
    SUM_COLUMNS,
    differences,
    directions,
    means_with_intervals,
    pupil_sums,
)

THRESHOLDS = (4, 5, 7)
EBACC_PARTS = 6  # English, mathematics, two sciences, humanity, language
EVERY, ENGLISH_AND_MATHS = "every", "english_maths"
ENGLISH_MATHS_SLOTS = ("english_language", "english_literature", "maths")
SINGLE_SCIENCES = 3  # of biology, chemistry, physics, computer science


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    Args:
        name: Its name in the table `measures`.
        title: Its name for a reader.
        parts: The number of parts in one, for its sums.
        share: Whether its value is a share from 0 to 1.
        count: Whether its value is a number of pupils instead of a mean.
        needs: The predictions without which a pupil is not counted: `EVERY`, those
            in English and mathematics, or none in particular (empty).
        compares_with_zero: Whether above and below zero have a meaning.
    """

    name: str
    title: str
    parts: int = POINT
    share: bool = False
    count: bool = False
    needs: str = EVERY
    compares_with_zero: bool = False

    @property
    def every_prediction(self) -> bool:
        """Whether it is of all predictions of a pupil, whatever is missing."""
        return not self.needs and not self.count


ATTAINMENT = (
    Measure("attainment8", "Attainment 8"),
    *(
        Measure(f"attainment8_{name}", f"Attainment 8: {title}")
        for name, title in zip(
            ELEMENTS, ("English", "mathematics", "EBacc", "open"), strict=True
        )
    ),
)
PROGRESS8 = Measure(
    "progress8",
    "Score in the style of Progress 8",
    parts=progress8.UNIT,
    compares_with_zero=True,
)
ENGLISH_MATHS = tuple(
    Measure(
        f"english_maths_{grade}",
        f"English and mathematics {grade}+",
        1,
        share=True,
        needs=ENGLISH_AND_MATHS,
    )
    for grade in THRESHOLDS
)
EBACC = (
    Measure("ebacc_entry", "Entered for the EBacc", 1, share=True),
    Measure("ebacc_points", "EBacc average points", EBACC_PARTS * POINT),
)
MEAN_POINTS = Measure("mean_points", "Mean points of a prediction", needs="")
EVERYBODY = (
    MEAN_POINTS,
    Measure(
        "mean_gap",
        "Mean gap to target in grades",
        needs="",
        compares_with_zero=True,
    ),
    Measure("on_or_above", "On or above target", 1, share=True, needs=""),
    Measure(
        "residual",
        "Points against similar pupils nationally",
        residuals.UNIT,
        needs="",
        compares_with_zero=True,
    ),
)
INCOMPLETE = Measure(
    "incomplete", "Pupils with a prediction missing", 1, count=True, needs=""
)
NEEDING = (*ATTAINMENT, PROGRESS8, *ENGLISH_MATHS, *EBACC)  # some predictions
MEASURES = (*ATTAINMENT, PROGRESS8, *ENGLISH_MATHS, *EBACC, *EVERYBODY, INCOMPLETE)


def english_maths(entries: Entries) -> pd.DataFrame:
    """Return whether each pupil reaches 4, 5 and 7 in English and in mathematics.

    English is the better of Language and Literature. A pupil who does not take one of
    the two subjects does not reach it.

    Args:
        entries: What pupils take; missing predictions count as not reached, so leave
            pupils who lack one in English or mathematics out of any mean.

    Returns:
        `english_maths_4` … as 0 or 1, a row for each pupil of the entries; and how
        many predictions in English (both, if both are taken) and mathematics each
        pupil needs and lacks, as `needed_english_maths` and `missing_english_maths`.
    """
    best = _best(entries)
    english = np.maximum(best["english_language"], best["english_literature"])
    both = np.minimum(english, best["maths"])
    columns = {
        f"english_maths_{grade}": (both >= grade * POINT).astype(np.int64)
        for grade in THRESHOLDS
    }
    asked = np.isin(entries.slots.astype(str), ENGLISH_MATHS_SLOTS)
    needed, missing = entries.prediction_counts(asked)
    columns[f"needed_{ENGLISH_AND_MATHS}"] = needed
    columns[f"missing_{ENGLISH_AND_MATHS}"] = missing
    return pd.DataFrame(columns)


def ebacc(entries: Entries) -> pd.DataFrame:
    """Return EBacc entry and average points of each pupil.

    Entered: English Language and Literature, mathematics, combined science or three
    single sciences (computer science is one), geography or history, a language. The
    points: the better English grade if both are taken, mathematics, the two best
    sciences (the pair of combined science), the best humanity, the best language,
    divided by six; a missing grade counts zero. (Department for Education, as the
    Local Government Association's standards restate it, metric type 10751.)

    Args:
        entries: What pupils take.

    Returns:
        `ebacc_entry` (0 or 1) and `ebacc_points` (their sum before the division, in
        sixtieths), a row for each pupil of the entries.
    """
    best = _best(entries)
    counting, _ = entries.counted_entries()
    pupils = len(entries.keys)
    both = entries.take_all(["english_language", "english_literature"])
    single = _of_slot(entries, counting.subject, "science")
    singles = np.bincount(counting.pupil[single], minlength=pupils)
    combined = entries.take_all(["combined_science"])
    science = combined | (singles >= SINGLE_SCIENCES)
    entered = both & science
    for slot in ("maths", "humanities", "languages"):
        entered &= entries.take_all([slot])
    english = np.maximum(best["english_language"], best["english_literature"])
    sciences = np.maximum(
        np.where(combined, 2 * best["combined_science"], 0),
        np.where(singles >= SINGLE_SCIENCES, _two_best(entries, pupils), 0),
    )
    points = np.where(both, english, 0) + best["maths"] + sciences
    points += best["humanities"] + best["languages"]
    return pd.DataFrame(
        {"ebacc_entry": entered.astype(np.int64), "ebacc_points": points}
    )


def _of_slot(entries: Entries, subject: Integers, slot: str) -> Booleans:
    return np.asarray(entries.slots == slot, dtype=bool)[subject]


def _best(entries: Entries) -> Mapping[str, Integers]:
    """Return the highest points of each pupil in each slot; 0 where there are none."""
    counting, _ = entries.counted_entries()
    points = {}
    for slot in (
        "english_language", "english_literature", "maths", "combined_science",
        "humanities", "languages",
    ):  # fmt: skip
        best = np.zeros(len(entries.keys), dtype=np.int64)
        graded = _of_slot(entries, counting.subject, slot) & (counting.points > 0)
        np.maximum.at(best, counting.pupil[graded], counting.points[graded])
        points[slot] = best
    return points


def _two_best(entries: Entries, pupils: int) -> Integers:
    """Return the sum of the two highest single sciences."""
    counting, _ = entries.counted_entries()
    graded = _of_slot(entries, counting.subject, "science")
    graded &= counting.points != MISSING
    pupil, points = counting.pupil[graded], counting.points[graded]
    order = np.lexsort((-points, pupil))
    pupil, points = pupil[order], points[order]
    rank = np.arange(len(pupil)) - np.searchsorted(pupil, pupil)
    sums = np.bincount(pupil[rank < 2], points[rank < 2], pupils)
    return sums.astype(np.int64)


def pupil_facts(pupils: pd.DataFrame, measures: Sequence[Measure]) -> pd.DataFrame:
    """Return what every pupil adds to the sums of every measure, one row each.

    Args:
        pupils: One row per pupil; for each measure a column of its name (whole, in the
            measure's parts; missing: not counted) and, where a pupil has several
            (`mean_points`), `NAME_m` with their number.
        measures: The measures to include.

    Returns:
        `measure` (its index in `measures`), `row` (the pupil's index) and the columns
        `SUM_COLUMNS`; pupils who are not counted have no row.
    """
    parts = []
    for index, measure in enumerate(measures):
        y = pupils[measure.name]
        m = pupils.get(f"{measure.name}_m", y.notna().astype("int64"))
        facts = pupil_sums(m.fillna(0), y.fillna(0))
        facts.insert(0, "row", np.arange(len(pupils)))
        facts.insert(0, "measure", index)
        parts.append(facts.loc[facts["pupils"] > 0])
    if not parts:
        return pd.DataFrame(columns=["measure", "row", *SUM_COLUMNS], dtype="int64")
    return pd.concat(parts, ignore_index=True)


def measure_values(
    sums: pd.DataFrame,
    measure: Measure,
    figures: KeyStage4Figures,
    *,
    year: str | None = None,
) -> pd.DataFrame:
    """Return a measure with its 95% interval, from sums of one or more schools.

    Args:
        sums: The columns `SUM_COLUMNS`, one row per group.
        measure: The measure.
        figures: The national standard deviation of the Progress 8 style.
        year: The academic year of the estimates; None for the latest.

    Returns:
        `value`, `low`, `high`, `error`, `freedom` and `standing` (above, below, not
        different; empty where zero has no meaning).
    """
    if measure.count:
        values = pd.DataFrame({"value": sums["y"].astype("float64")}, index=sums.index)
        unknown = dict.fromkeys(("low", "high", "error", "freedom"), np.nan)
        return values.assign(**unknown, standing="")
    deviation = None
    if measure.name == PROGRESS8.name:
        deviation = figures.standard_deviation(
            PROGRESS8.name, year or figures.latest.year
        )
    values = means_with_intervals(
        sums, measure.parts, share=measure.share, deviation=deviation
    )
    values["standing"] = ""
    if measure.compares_with_zero:
        values["standing"] = directions(values["low"], values["high"])
    return values


def differences_from_others(
    sums: pd.DataFrame,
    everybody: pd.DataFrame,
    measure: Measure,
    figures: KeyStage4Figures,
) -> pd.DataFrame:
    """Return how far each group is above everyone else: `value`, `low`, `high`.

    Args:
        sums: The columns `SUM_COLUMNS`, one row per group.
        everybody: The sums of everybody including the group, row for row.
        measure: The measure.
        figures: See `measure_values`.
    """
    others = everybody[list(SUM_COLUMNS)] - sums[list(SUM_COLUMNS)]
    if measure.count:
        return pd.DataFrame(
            {"value": np.nan, "low": np.nan, "high": np.nan}, index=sums.index
        )
    apart = differences(
        measure_values(sums, measure, figures),
        measure_values(others, measure, figures),
        share=measure.share,
    )
    return apart[["value", "low", "high"]]
