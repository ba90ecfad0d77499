"""The tables `measures` (year groups by group) and `pupil_measures`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from generator.measuring.cohort import Cohort
from generator.measuring.group_table import TableCells, queried_cohorts, round_and_hide
from generator.store.tables import TableQuery
from udfs.measures.attainment8 import Attainment8Result
from udfs.measures.attainment8_gains import best_gains, grade_gains
from udfs.measures.progress8 import CAVEAT, UNIT, score_decimals
from udfs.measures.pupil_measures import (
    ATTAINMENT,
    EBACC,
    ENGLISH_MATHS,
    EVERYBODY,
    INCOMPLETE,
    PROGRESS8,
    Measure,
    differences_from_others,
    measure_values,
    pupil_facts,
)
from udfs.scales.key_stage_4_figures import ELEMENTS
from udfs.scales.scale import POINT
from udfs.statistics.cross_tabulation import Dimension, cross_tabulate
from udfs.statistics.inference import FEW, SUM_COLUMNS, TOO_FEW
from udfs.statistics.suppression import suppress

COLUMNS = (
    "collection", "year", "dimension", "group", "measure", "value", "pupils", "ci_low",
    "ci_high", "gap_to_others", "gap_low", "gap_high", "standing", "note",
    "suppressed", "academic_year",
)  # fmt: skip
PUPIL_COLUMNS = (
    "collection", "adno", "complete", "attainment8", *ELEMENTS, "slots_filled",
    "progress8_estimate", "progress8", "year", "prior_group", "missing_predictions",
    "slots_empty", "points_so_far", "best_rise", "best_rise_adds", "actual",
    "academic_year",
)  # fmt: skip


def measure_table(asked: TableQuery) -> pd.DataFrame:
    """Every measure of every year group, by any group and any two groups crossed.

    Attainment 8, English and mathematics and the like are of the years of
    `[measures] years` (10 and 11), and of pupils without a missing prediction, whom
    `incomplete` counts. Shares are from 0 to 1. Small groups are hidden (rule 7).
    """
    made = [measure_rows(code, one) for code, one in queried_cohorts(asked)]
    if not made:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    return pd.concat(made, ignore_index=True)


def school_measures(of: Cohort) -> tuple[Measure, ...]:
    """The measures that this school asks for."""
    ebacc = EBACC if of.school.settings.measures.ebacc else ()
    there = [one for one in ATTAINMENT if one.name in of.measured]
    return (*there, PROGRESS8, *ENGLISH_MATHS, *ebacc, *EVERYBODY, INCOMPLETE)


def measure_rows(code: str, of: Cohort) -> pd.DataFrame:
    """The table's rows of one collection."""
    measures = school_measures(of)
    long = pupil_facts(of.measured, measures)
    years, groups = pd.factorize(of.measured["year"], sort=True)
    rows = long["row"].to_numpy()
    blocks = (years[rows] * len(measures) + long["measure"].to_numpy()).astype(np.int64)
    dimensions = [
        Dimension(one.name, one.labels, one.codes[rows]) for one in of.dimensions()
    ]
    sums = cross_tabulate(
        blocks,
        len(groups) * len(measures),
        dimensions,
        {name: long[name].to_numpy() for name in SUM_COLUMNS},
    )
    sizes = {by: each[..., :1] for by, each in sums.items()}
    hides = suppress(sizes, dimensions, rule_fields=of.rule_fields(dimensions))
    cells = TableCells(dimensions, hides)
    frame = cells.frame({by: each[..., 0] for by, each in sums.items()})
    flat = pd.DataFrame(cells.select(sums), columns=list(SUM_COLUMNS))
    everybody = pd.DataFrame(sums[()][frame["block"]], columns=list(SUM_COLUMNS))
    frame = _with_values(frame, flat, everybody, measures, of)
    frame["year"] = np.asarray(groups)[frame["block"] // len(measures)]
    frame["measure"] = [measures[each].name for each in frame["block"] % len(measures)]
    frame["pupils"] = flat["pupils"]
    few = frame["pupils"] < FEW
    frame["standing"] = frame["standing"].mask(few | frame["suppressed"], "")
    frame["note"] = _notes(frame, few, of)
    # A group's measures stand together.
    year, measure = np.divmod(frame["block"], len(measures))
    order = np.lexsort((measure, frame["cell"], frame["table"], year))
    frame = frame.iloc[order].reset_index(drop=True)
    frame["collection"] = code
    frame["academic_year"] = of.rows["academic_year"].iloc[0]
    return round_and_hide(frame, ["pupils"])[list(COLUMNS)]


def _with_values(
    frame: pd.DataFrame,
    sums: pd.DataFrame,
    everybody: pd.DataFrame,
    measures: Sequence[Measure],
    of: Cohort,
) -> pd.DataFrame:
    figures, year = of.tables.key_stage_4, of.estimates.year
    made = frame.assign(standing="")
    names = ["value", "ci_low", "ci_high", "gap_to_others", "gap_low", "gap_high"]
    made[names] = np.nan
    for place, measure in enumerate(measures):
        rows = frame.index[frame["block"] % len(measures) == place]
        if not len(rows):
            continue
        here = measure_values(sums.loc[rows], measure, figures, year=year)
        gaps = differences_from_others(
            sums.loc[rows], everybody.loc[rows], measure, figures
        )
        made.loc[rows, names[:3]] = here[["value", "low", "high"]].to_numpy()
        made.loc[rows, names[3:]] = gaps.to_numpy()
        made.loc[rows, "standing"] = here["standing"].to_numpy()
    return made


def _notes(frame: pd.DataFrame, few: pd.Series, of: Cohort) -> pd.Series:
    notes = pd.Series("", index=frame.index, dtype=object)
    notes = notes.mask(few & ~frame["suppressed"], TOO_FEW)
    style = frame["measure"] == PROGRESS8.name
    caveat = CAVEAT.format(year=of.estimates.year)
    joined = notes.where(notes == "", notes + "; ") + caveat
    return notes.mask(style & ~frame["suppressed"], joined)


def pupil_measure_table(asked: TableQuery) -> pd.DataFrame:
    """Attainment 8 of every pupil of the years it is meant for, slot by slot.

    A pupil with a prediction missing has no score, only `points_so_far`; one without
    any grade has not even that. `actual` names the results that stand in the place of
    predictions: `French 7; Polish 9`.
    """
    made = [pupil_rows(code, one) for code, one in queried_cohorts(asked)]
    if not made:
        return pd.DataFrame(columns=list(PUPIL_COLUMNS), dtype=object)
    return pd.concat(made, ignore_index=True)


def pupil_rows(code: str, of: Cohort) -> pd.DataFrame:
    """The table's rows of one collection."""
    pupils = of.measured.loc[of.measured["complete"].notna()].reset_index(drop=True)
    answer = of.attainment
    made = pd.DataFrame({"collection": code, "adno": pupils["adno"]})
    made["complete"] = pupils["complete"].map({True: "Y", False: "N"})
    made["attainment8"] = _points(pupils["attainment8"])
    elements = [element.name for element in answer.model.elements]
    for name in dict.fromkeys([*ELEMENTS, *elements]):
        column = f"attainment8_{name}" if name in ELEMENTS else name
        known = pupils[column] if column in pupils else pd.Series(pd.NA, pupils.index)
        made[name] = _points(known.where(pupils["complete"].astype("bool")))
    made["slots_filled"] = pupils["filled"].astype("Int64")
    made["progress8_estimate"] = _decimals(pupils["estimate"], 100)
    made["progress8"] = _decimals(pupils["progress8"], UNIT)
    for name in ("year", "prior_group", "missing_predictions"):
        made[name] = pupils[name].astype("Int64")
    made["slots_empty"] = pupils["empty"].astype("Int64")
    so_far = answer.pupils.set_index("adno")["points"]
    graded = answer.slot_values.loc[answer.slot_values["points"].notna(), "adno"]
    known = pupils["adno"].isin(graded) | pupils["complete"].astype("bool")
    made["points_so_far"] = _points(pupils["adno"].map(so_far).where(known))
    best = best_gains(grade_gains(answer, of.tables), ["adno"]).set_index("adno")
    made["best_rise"] = pupils["adno"].map(best["subjects"])
    made["best_rise_adds"] = _points(pupils["adno"].map(best["gain"]))
    banked = _actual(answer)
    made["actual"] = [banked.get(adno, "") for adno in pupils["adno"]]
    made["academic_year"] = of.rows["academic_year"].iloc[0]
    own = [name for name in elements if name not in ELEMENTS]
    return made[[*PUPIL_COLUMNS, *own]]


def _actual(answer: Attainment8Result) -> dict[str, str]:
    """By pupil, the grades among them that are results already."""
    values = answer.slot_values
    mine = values.loc[values["actual"]].drop_duplicates(["adno", "subject"])
    told: dict[str, list[str]] = {}
    for adno, subject, grade in mine[["adno", "subject", "grade"]].to_numpy().tolist():
        told.setdefault(adno, []).append(f"{subject} {grade}")
    return {adno: "; ".join(sorted(each)) for adno, each in told.items()}


def _points(sixtieths: pd.Series) -> pd.Series:
    return _decimals(sixtieths, POINT)


def _decimals(parts: pd.Series, of: int) -> pd.Series:
    """Two decimals, halves away from nought; missing stays missing."""
    there = parts.astype("Int64").dropna()
    values = pd.Series([score_decimals(int(each), of) for each in there], there.index)
    return values.astype("float64").reindex(parts.index)
