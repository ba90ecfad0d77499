"""The tables `measures` (year groups by group) and `pupil_measures`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from generator.measuring.cohort import Cohort
from generator.measuring.group_table import (
    GroupCells,
    published_cohorts,
    queried_cohorts,
    round_and_hide,
)
from generator.store.tables import TableQuery
from udfs.measures.attainment8 import Attainment8Result
from udfs.measures.attainment8_gains import best_gains, grade_gains
from udfs.measures.carried_measures import (
    CARRIED_COUNTS,
    CARRIED_SUMS,
    carried_values,
    measure_facts,
)
from udfs.measures.carrying import too_many_carried
from udfs.measures.disclosure import shown_targets
from udfs.measures.progress8 import UNIT, caveat, score_decimals
from udfs.measures.pupil_measures import (
    ATTAINMENT,
    EBACC,
    ENGLISH_MATHS,
    EVERY,
    EVERYBODY,
    INCOMPLETE,
    MEAN_POINTS,
    PROGRESS8,
    Measure,
    differences_from_others,
    measure_values,
)
from udfs.scales.key_stage_4_figures import ELEMENTS
from udfs.scales.scale import POINT
from udfs.statistics.arrays import Integers
from udfs.statistics.cross_tabulation import Dimension, cross_tabulate
from udfs.statistics.inference import FEW, SUM_COLUMNS, TOO_FEW
from udfs.statistics.suppression import hide_blocks, suppress

COLUMNS = (
    "collection", "year", "dimension", "group", "measure", "value", "pupils", "ci_low",
    "ci_high", "gap_to_others", "gap_low", "gap_high", "standing", "note",
    "suppressed", "academic_year", "of", "carried", "value_carried", "carried_low",
    "carried_high",
)  # fmt: skip
PUPIL_COLUMNS = (
    "collection", "adno", "complete", "attainment8", *ELEMENTS, "slots_filled",
    "progress8_estimate", "progress8", "year", "prior_group", "missing_predictions",
    "slots_empty", "points_so_far", "best_rise", "best_rise_adds", "actual",
    "academic_year", "of", "carried", "value_carried",
)  # fmt: skip
CARRIED_COLUMNS = ("value_carried", "carried_low", "carried_high")
SHOWN = ("counted", "pupils", "protected")
SHOWN_CARRIED = ("of", "left_out", "carrying")
SUMS = (*SUM_COLUMNS, *CARRIED_COUNTS, *CARRIED_SUMS, "protecting")


def measure_table(query: TableQuery) -> pd.DataFrame:
    """Every measure of every year group, by any group and any two groups crossed.

    Attainment 8, English and mathematics and the like cover the years of
    `[measures] years` (10 and 11) and pupils without a missing prediction; `incomplete`
    counts the others. Beside `value` stands `value_carried`, with earlier predictions
    in place of blanks (rule 6): of so many pupils (`of`), so many predictions
    `carried`. Shares are from 0 to 1. Small groups are hidden (rule 7).
    """
    parts = [measure_rows(code, cohort) for code, cohort in published_cohorts(query)]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    return pd.concat(parts, ignore_index=True)


def school_measures(cohort: Cohort) -> tuple[Measure, ...]:
    """The measures of this school."""
    ebacc = EBACC if cohort.school.settings.measures.ebacc else ()
    attainment = [
        measure for measure in ATTAINMENT if measure.name in cohort.pupil_measures
    ]
    return (*attainment, PROGRESS8, *ENGLISH_MATHS, *ebacc, *EVERYBODY, INCOMPLETE)


def measure_rows(
    code: str, cohort: Cohort, *, more: Sequence[str] = ()
) -> pd.DataFrame:
    """The table's rows of one collection.

    Args:
        code: The collection's code.
        cohort: Its pupils.
        more: Columns besides those of the table: `carried_pupils`, who are counted in
            `value_carried`.
    """
    measures = school_measures(cohort)
    long = measure_facts(cohort.pupil_measures, measures)
    years, groups = pd.factorize(cohort.pupil_measures["year"], sort=True)
    rows = long["row"].to_numpy()
    long["protecting"] = long["pupils"] * cohort.anchored[rows]
    blocks = (years[rows] * len(measures) + long["measure"].to_numpy()).astype(np.int64)
    dimensions = [
        Dimension(dimension.name, dimension.labels, dimension.codes[rows])
        for dimension in cohort.dimensions()
    ]
    sums = cross_tabulate(
        blocks,
        len(groups) * len(measures),
        dimensions,
        {name: long[name].to_numpy() for name in SUMS},
    )
    fields = cohort.rule_fields(dimensions)
    sizes = {by: _sizes(each, SHOWN, measures) for by, each in sums.items()}
    hidden = suppress(sizes, dimensions, rule_fields=fields)
    every = np.array([measure.every_prediction for measure in measures])
    nothing = (cohort.hiding.years[:, None] & every).ravel()
    hidden = hide_blocks(hidden, sizes, nothing=nothing, whole_only=nothing & False)
    cells = GroupCells(dimensions, hidden)
    frame = cells.frame({by: each[..., 0] for by, each in sizes.items()})
    sizes = {by: _sizes(each, SHOWN_CARRIED, measures) for by, each in sums.items()}
    carried = suppress(sizes, dimensions, rule_fields=fields)
    hides = {by: each.cells[..., None].astype("int64") for by, each in carried.items()}
    frame["carried_hidden"] = cells.select(hides)[:, 0] > 0
    flat = pd.DataFrame(cells.select(sums), columns=list(SUMS))
    everybody = pd.DataFrame(sums[()][frame["block"]], columns=list(SUMS))
    frame["year"] = np.asarray(groups)[frame["block"] // len(measures)]
    frame["measure"] = [measures[each].name for each in frame["block"] % len(measures)]
    frame["suppressed"] |= _tells_targets(frame, cohort)
    frame = _with_values(frame, flat, everybody, measures, cohort)
    frame["pupils"] = flat["pupils"]
    few = frame["pupils"] < FEW
    frame["standing"] = frame["standing"].mask(few | frame["suppressed"], "")
    frame["note"] = _notes(frame, few, cohort)
    # A group's measures follow each other.
    year, measure = np.divmod(frame["block"], len(measures))
    order = np.lexsort((measure, frame["cell"], frame["table"], year))
    frame = frame.iloc[order].reset_index(drop=True)
    frame["collection"] = code
    frame["academic_year"] = cohort.rows["academic_year"].iloc[0]
    whole = ["pupils", "of", "carried", "carried_pupils"]
    return round_and_hide(frame, whole)[[*COLUMNS, *more]]


def _sizes(
    sums: Integers, counts: Sequence[str], measures: Sequence[Measure]
) -> Integers:
    """Counts of each cell that may not be small.

    Pupils on roll, counted, left out; `protected`: of every prediction, the pupils who
    protect it, or 1 where nobody does; of a number of pupils, that number.
    """
    part = {name: sums[..., SUMS.index(name)] for name in (
        "pupils", "carried_pupils", "of", "carrying")}  # fmt: skip
    part["counted"] = np.maximum(part["pupils"], part["carried_pupils"])
    part["left_out"] = np.maximum(part["of"] - part["pupils"], 0)
    shape = (-1, *(1,) * (sums.ndim - 2))
    every, number = (
        np.tile(each, len(sums) // len(measures)).reshape(shape)
        for each in (
            [measure.every_prediction for measure in measures],
            [measure.count for measure in measures],
        )
    )
    some = part["pupils"] > 0
    protecting = np.maximum(sums[..., SUMS.index("protecting")], some)
    of_measure = np.where(number, sums[..., SUMS.index("y")], part["counted"])
    part["protected"] = np.where(every, protecting, of_measure)
    return np.stack([part[name] for name in counts], axis=-1)


def _tells_targets(frame: pd.DataFrame, cohort: Cohort) -> pd.Series:
    """Whether a row's points and gap together would tell a few pupils' targets."""
    points = frame["measure"] == MEAN_POINTS.name
    if cohort.earlier is None:
        return points & False
    # The whole of a year less the whole subjects would tell a subject's targets.
    _, shown = shown_targets(cohort.compared_targets, cohort.earlier, "cohort")
    cohorts = int(cohort.rows["academic_year"].iloc[0][:4]) - frame["year"]
    return points & ~shown.reindex(cohorts, fill_value=True).to_numpy()


def _with_values(
    frame: pd.DataFrame,
    sums: pd.DataFrame,
    everybody: pd.DataFrame,
    measures: Sequence[Measure],
    cohort: Cohort,
) -> pd.DataFrame:
    figures, year = cohort.tables.key_stage_4, cohort.estimates.year
    values = frame.assign(standing="")
    names = ["value", "ci_low", "ci_high", "gap_to_others", "gap_low", "gap_high"]
    values[[*names, *CARRIED_COLUMNS]] = np.nan
    for name in ("of", "carried", "carried_pupils"):
        values[name] = sums[name].astype("Int64")
    for place, measure in enumerate(measures):
        rows = frame.index[frame["block"] % len(measures) == place]
        if not len(rows):
            continue
        figures_of_measure = measure_values(sums.loc[rows], measure, figures, year=year)
        gaps = differences_from_others(
            sums.loc[rows], everybody.loc[rows], measure, figures
        )
        values.loc[rows, names[:3]] = figures_of_measure[
            ["value", "low", "high"]
        ].to_numpy()
        values.loc[rows, names[3:]] = gaps.to_numpy()
        values.loc[rows, "standing"] = figures_of_measure["standing"].to_numpy()
        if measure.needs:
            carried = carried_values(sums.loc[rows], measure, figures, year=year)
            carried = carried[["value", "low", "high"]]
            year_group = everybody.loc[rows]  # without its headline no group has one
            carried = carried.mask(
                too_many_carried(year_group["carried"], year_group["needed"])
            )
            values.loc[rows, [*CARRIED_COLUMNS]] = carried.to_numpy()
        else:
            values.loc[rows, ["of", "carried"]] = pd.NA
    hidden = ["of", "carried", "carried_pupils", *CARRIED_COLUMNS]
    values[hidden] = values[hidden].mask(frame["carried_hidden"])
    return values


def _notes(frame: pd.DataFrame, few: pd.Series, cohort: Cohort) -> pd.Series:
    notes = pd.Series("", index=frame.index, dtype=object)
    notes = notes.mask(few & ~frame["suppressed"], TOO_FEW)
    is_progress8 = frame["measure"] == PROGRESS8.name
    text = caveat(cohort.estimates.year)
    joined = notes.where(notes == "", notes + "; ") + text
    return notes.mask(is_progress8 & ~frame["suppressed"], joined)


def pupil_measure_table(query: TableQuery) -> pd.DataFrame:
    """Attainment 8 of every pupil in the years of `[measures] years`, slot by slot.

    A pupil with a missing prediction has no score, only `points_so_far`; one without
    any grade has not even that. `actual` names the results that replace predictions:
    `French 7; Polish 9`. `carried` of the predictions needed (`of`) stand in for blanks
    in `value_carried` (rule 6).
    """
    parts = [pupil_rows(code, cohort) for code, cohort in queried_cohorts(query)]
    if not parts:
        return pd.DataFrame(columns=list(PUPIL_COLUMNS), dtype=object)
    return pd.concat(parts, ignore_index=True)


def pupil_rows(code: str, cohort: Cohort) -> pd.DataFrame:
    """The table's rows of one collection."""
    pupils = cohort.pupil_measures.loc[
        cohort.pupil_measures["complete"].notna()
    ].reset_index(drop=True)
    result = cohort.attainment
    rows = pd.DataFrame({"collection": code, "adno": pupils["adno"]})
    rows["complete"] = pupils["complete"].map({True: "Y", False: "N"})
    rows["attainment8"] = _points(pupils["attainment8"])
    elements = [element.name for element in result.model.elements]
    for name in dict.fromkeys([*ELEMENTS, *elements]):
        column = f"attainment8_{name}" if name in ELEMENTS else name
        has_points = (
            pupils[column] if column in pupils else pd.Series(pd.NA, pupils.index)
        )
        rows[name] = _points(has_points.where(pupils["complete"].astype("bool")))
    rows["slots_filled"] = pupils["filled"].astype("Int64")
    rows["progress8_estimate"] = _decimals(pupils["estimate"], 100)
    rows["progress8"] = _decimals(pupils["progress8"], UNIT)
    for name in ("year", "prior_group", "missing_predictions"):
        rows[name] = pupils[name].astype("Int64")
    rows["slots_empty"] = pupils["empty"].astype("Int64")
    so_far = result.pupils.set_index("adno")["points"]
    graded = result.slot_values.loc[result.slot_values["points"].notna(), "adno"]
    has_points = pupils["adno"].isin(graded) | pupils["complete"].astype("bool")
    rows["points_so_far"] = _points(pupils["adno"].map(so_far).where(has_points))
    best = best_gains(grade_gains(result, cohort.tables), ["adno"]).set_index("adno")
    rows["best_rise"] = pupils["adno"].map(best["subjects"])
    rows["best_rise_adds"] = _points(pupils["adno"].map(best["gain"]))
    banked = _actual_grades(result)
    rows["actual"] = [banked.get(adno, "") for adno in pupils["adno"]]
    rows["academic_year"] = cohort.rows["academic_year"].iloc[0]
    rows["of"] = pupils[f"needed_{EVERY}"].astype("Int64")
    rows["carried"] = pupils[f"carried_{EVERY}"].astype("Int64")
    rows["value_carried"] = _points(pupils["attainment8_carried"])
    more_elements = [name for name in elements if name not in ELEMENTS]
    return rows[[*PUPIL_COLUMNS, *more_elements]]


def _actual_grades(result: Attainment8Result) -> dict[str, str]:
    """The grades of each pupil that are results already."""
    values = result.slot_values
    actual = values.loc[values["actual"]].drop_duplicates(["adno", "subject"])
    grades: dict[str, list[str]] = {}
    for adno, subject, grade in (
        actual[["adno", "subject", "grade"]].to_numpy().tolist()
    ):
        grades.setdefault(adno, []).append(f"{subject} {grade}")
    return {adno: "; ".join(sorted(each)) for adno, each in grades.items()}


def _points(sixtieths: pd.Series) -> pd.Series:
    return _decimals(sixtieths, POINT)


def _decimals(parts: pd.Series, unit: int) -> pd.Series:
    """Two decimals, halves away from zero; missing stays missing."""
    known_parts = parts.astype("Int64").dropna()
    values = pd.Series(
        [score_decimals(int(each), unit) for each in known_parts], known_parts.index
    )
    return values.astype("float64").reindex(parts.index)
