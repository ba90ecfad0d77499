"""Measures with predictions carried forward: each pupil's part, and headlines."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from udfs.measures.carrying import too_many_carried
from udfs.measures.pupil_measures import Measure, measure_values, pupil_facts
from udfs.scales.key_stage_4_figures import KeyStage4Figures
from udfs.statistics.inference import SUM_COLUMNS, pupil_sums

CARRIED_SUMS = tuple(f"carried_{name}" for name in SUM_COLUMNS)
CARRIED_COUNTS = ("of", "carried", "carrying", "needed")


def carried_facts(pupils: pd.DataFrame, measures: Sequence[Measure]) -> pd.DataFrame:
    """Return what every pupil adds to the sums with predictions carried forward.

    Args:
        pupils: One row per pupil: for each measure that needs predictions `NAME` and
            `NAME_carried` (without and with carried predictions; missing: not
            counted); for each need `needed_NEED` and `carried_NEED`, the predictions
            that the pupil needs, and those of them that are carried.
        measures: The measures, of which those that need predictions are included.

    Returns:
        One row per measure and pupil who should be counted: `measure`, `row` (as from
        `pupil_facts`); `of` (1); `carried` (predictions) and `carrying` (1 if there
        are any) of `needed`, where the pupil is counted; `CARRIED_SUMS`.
    """
    parts = []
    for index, measure in enumerate(measures):
        if not measure.needs:
            continue
        needed = pupils[f"needed_{measure.needs}"]
        belongs = needed.notna()
        y = pupils[f"{measure.name}_carried"]
        counted = y.notna().astype("int64")
        facts = pupil_sums(counted, y.fillna(0)).set_axis([*CARRIED_SUMS], axis=1)
        carried = pupils[f"carried_{measure.needs}"].fillna(0) * counted
        facts.insert(0, "needed", needed.fillna(0) * counted)
        facts.insert(0, "carrying", (carried > 0).astype("int64"))
        facts.insert(0, "carried", carried)
        facts.insert(0, "of", 1)
        facts.insert(0, "row", range(len(pupils)))
        facts.insert(0, "measure", index)
        parts.append(facts.loc[belongs.to_numpy()].astype("int64"))
    if not parts:
        names = ["measure", "row", *CARRIED_COUNTS, *CARRIED_SUMS]
        return pd.DataFrame(columns=names, dtype="int64")
    return pd.concat(parts, ignore_index=True)


def measure_facts(pupils: pd.DataFrame, measures: Sequence[Measure]) -> pd.DataFrame:
    """Return what every pupil adds to every measure, without and with carrying.

    Args:
        pupils: See `pupil_facts` and `carried_facts`.
        measures: The measures to include.

    Returns:
        One row per measure and pupil with the columns of both; 0 where there is none.
    """
    parts = [pupil_facts(pupils, measures), carried_facts(pupils, measures)]
    both = pd.concat(parts).fillna(0).astype("int64")
    return both.groupby(["measure", "row"], as_index=False, sort=True).sum()


def carried_values(
    sums: pd.DataFrame,
    measure: Measure,
    figures: KeyStage4Figures,
    *,
    year: str | None = None,
) -> pd.DataFrame:
    """Return a measure with predictions carried forward: the headline.

    Args:
        sums: `CARRIED_COUNTS` and `CARRIED_SUMS`, one row per group.
        measure: A measure that needs predictions.
        figures: See `measure_values`.
        year: See `measure_values`.

    Returns:
        As from `measure_values`; no figure where more than a tenth of the predictions
        that it needs are carried.
    """
    with_carried = sums[[*CARRIED_SUMS]].set_axis([*SUM_COLUMNS], axis=1)
    values = measure_values(with_carried, measure, figures, year=year)
    too_many = too_many_carried(sums["carried"], sums["needed"])
    values = values.mask(too_many)
    return values.assign(standing=values["standing"].fillna(""))
