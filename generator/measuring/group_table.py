"""The table `groups`: every subject, by any group and any two groups crossed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import select

from generator.measuring.cohort import Cohort
from generator.measuring.collection_cohort import collection_cohort
from generator.store.schema import collections
from generator.store.tables import TableQuery
from udfs.measures.disclosure import shown_targets
from udfs.scales.scale import POINT
from udfs.statistics.arrays import Integers
from udfs.statistics.cross_tabulation import (
    ALL,
    Dimension,
    TableKey,
    cross_tabulate,
    table_keys,
    table_label,
)
from udfs.statistics.inference import means_with_intervals
from udfs.statistics.suppression import HiddenCells, hide_blocks, suppress

COUNTS = {"above": "Above", "on": "On", "below": "Below", "well_below": "Well below"}
COLUMNS = (
    "collection", "subject", "dimension", "group", "pupils", "with_data", *COUNTS,
    "mean_points", "mean_target_points", "mean_gap", "ci_low", "ci_high", "suppressed",
    "academic_year",
)  # fmt: skip
DECIMALS = 4  # decimals of a mean


def queried_cohorts(query: TableQuery) -> Iterator[tuple[str, Cohort]]:
    """Every collection of a query that has pupils, with its cohort."""
    codes = [query.collection] if query.collection is not None else _codes(query)
    for code in codes:
        if (cohort := _cohort(query, code)) is not None:
            yield code, cohort


def published_cohorts(query: TableQuery) -> Iterator[tuple[str, Cohort]]:
    """As `queried_cohorts`, each with the targets of all collections before it."""
    parts: list[pd.DataFrame] = []
    for code in _codes(query):
        if (cohort := _cohort(query, code)) is None:
            continue
        targets = cohort.compared_targets.assign(collection=code)
        earlier = pd.concat(parts) if parts else targets.iloc[:0]
        if query.collection in (None, code):
            yield code, replace(cohort, earlier=earlier)
        if code == query.collection:
            return
        parts.append(targets)


def _codes(query: TableQuery) -> list[str]:
    c = collections.c
    statement = select(c.code).order_by(c.academic_year, c.opens, c.code)
    codes = list(query.connection.execute(statement).scalars())
    # A collection of the settings that nothing has been issued for yet is the last.
    is_new = query.collection is not None and query.collection not in codes
    return [*codes, *([query.collection] if is_new and query.collection else [])]


def _cohort(query: TableQuery, code: str) -> Cohort | None:
    return collection_cohort(
        query.connection, query.school, query.tables, code, today=query.today
    )


def group_table(query: TableQuery) -> pd.DataFrame:
    """Pupils, flags and mean gap of every group in every subject.

    Means cover pupils with a prediction and a target (in judgement style there are
    flags and no means). Small groups are hidden (rule 7): their rows have no figures
    and `suppressed` is Y. Where the sum of the targets would tell what a few pupils'
    targets are, a row has neither mean points nor mean target points.
    """
    parts = [group_rows(code, cohort) for code, cohort in published_cohorts(query)]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    return pd.concat(parts, ignore_index=True)


def group_rows(code: str, cohort: Cohort) -> pd.DataFrame:
    """The table's rows of one collection."""
    rows = cohort.rows
    subjects, names = pd.factorize(rows["subject"], sort=True)
    dimensions = cohort.dimensions(rows["adno"], years=True)
    sums = cross_tabulate(
        subjects.astype(np.int64), len(names), dimensions, quantities(rows)
    )
    sizes = {by: each[..., :2] for by, each in sums.items()}
    hidden = suppress(sizes, dimensions, rule_fields=cohort.rule_fields(dimensions))
    hiding = cohort.hiding
    hidden = hide_blocks(
        hidden, sizes, nothing=hiding.nothing, whole_only=hiding.whole_only
    )
    cells = GroupCells(dimensions, hidden)
    frame = cells.frame({by: each[..., 0] for by, each in sums.items()})
    flat = pd.DataFrame(cells.select(sums), columns=list(quantities(rows.iloc[:0])))
    frame = pd.concat([frame, flat], axis=1)
    frame.insert(0, "subject", np.asarray(names, dtype=object)[frame.pop("block")])
    frame.insert(0, "collection", code)
    frame["academic_year"] = rows["academic_year"].iloc[0]
    frame["shows_targets"] = _shows_targets(frame, cohort)
    return _with_means(frame)


def _shows_targets(frame: pd.DataFrame, cohort: Cohort) -> pd.Series:
    if cohort.earlier is None:
        return pd.Series(True, index=frame.index)
    whole, groups = shown_targets(cohort.compared_targets, cohort.earlier, "subject")
    in_whole, in_groups = (
        shown.reindex(frame["subject"], fill_value=True).to_numpy()
        for shown in (whole, groups)
    )
    is_whole = (frame["dimension"] == ALL).to_numpy()
    return pd.Series(in_groups | (in_whole & is_whole), index=frame.index)


def quantities(rows: pd.DataFrame) -> dict[str, Integers]:
    """The quantities to add up: whole numbers, 0 where a pupil has none."""
    is_compared = (
        rows["gap"].notna() & rows["points"].notna() & rows["target_points"].notna()
    )

    def whole(values: pd.Series) -> Integers:
        return values.where(is_compared).fillna(0).to_numpy(dtype=np.int64)

    def counted(rows: pd.Series) -> Integers:
        return rows.fillna(False).to_numpy(dtype=bool).astype(np.int64)

    gap = whole(rows["gap"])
    return {
        "pupils": np.ones(len(rows), dtype=np.int64),
        "with_data": counted(rows["flag"].notna()),
        **{name: counted(rows["flag"].eq(flag)) for name, flag in COUNTS.items()},
        "compared": counted(is_compared),
        "points": whole(rows["points"]),
        "target_points": whole(rows["target_points"]),
        "gap": gap,
        "gap_squares": gap * gap,
    }


def _with_means(frame: pd.DataFrame) -> pd.DataFrame:
    n = frame["compared"]
    sums = {"pupils": n, "m": n, "y": frame["gap"], "mm": n, "my": frame["gap"]}
    gap = means_with_intervals(pd.DataFrame(sums | {"yy": frame["gap_squares"]}), POINT)
    total = n.where(n > 0) * POINT
    frame["mean_points"] = frame["points"] / total
    frame["mean_target_points"] = frame["target_points"] / total
    for name in ("mean_points", "mean_target_points"):
        frame[name] = frame[name].where(frame["shows_targets"])
    frame["mean_gap"] = gap["value"]
    frame["ci_low"], frame["ci_high"] = gap["low"], gap["high"]
    return round_and_hide(frame, ["pupils", "with_data", *COUNTS])[list(COLUMNS)]


def round_and_hide(frame: pd.DataFrame, whole: Sequence[str]) -> pd.DataFrame:
    """Round the figures of a table once, and remove those of hidden rows.

    Args:
        frame: With `suppressed` as true or false.
        whole: The columns of whole numbers; other figures are means.
    """
    hidden = frame["suppressed"]
    figures = frame.assign(suppressed=hidden.map({True: "Y", False: "N"}))
    for name in figures.columns:
        if name in whole:
            figures[name] = figures[name].astype("Int64").mask(hidden)
        elif pd.api.types.is_float_dtype(figures[name]):
            figures[name] = _round(figures[name]).mask(hidden)
    return figures


def _round(values: pd.Series) -> pd.Series:
    """Round halves away from zero, as everywhere: 0.00005 is 0.0001.

    A float a hair under a half counts as a half.
    """
    size = np.floor(values.abs() * 10**DECIMALS + 0.5 + 1e-7) / 10**DECIMALS
    # Adding zero turns a negative zero into zero.
    rounded: pd.Series = size * np.sign(values) + 0.0
    return rounded


class GroupCells:
    """The cells of all tables that become a row, in the order of the tables."""

    def __init__(
        self, dimensions: Sequence[Dimension], hidden: dict[TableKey, HiddenCells]
    ) -> None:
        self.labels = {dimension.name: dimension.labels for dimension in dimensions}
        self.tables = table_keys(dimensions)
        self.hidden = hidden
        self.positions: dict[TableKey, tuple[npt.NDArray[np.int64], ...]] = {}

    def frame(self, pupils: dict[TableKey, Integers]) -> pd.DataFrame:
        """Every cell with a row: its place, its name, and `suppressed`.

        `block`, `table` and `cell` are places by which the rows are sorted.
        """
        parts = []
        for place, by in enumerate(self.tables):
            rows = (pupils[by] > 0) | self.hidden[by].with_row
            self.positions[by] = np.nonzero(rows)
            block, *axes = self.positions[by]
            names = [
                np.asarray(self.labels[name], dtype=object)[axis]
                for name, axis in zip(by, axes, strict=True)
            ]
            group = names[0] if names else np.full(len(block), "all", dtype=object)
            if len(names) > 1:
                group = names[0] + " x " + names[1]
            columns = {
                "block": block,
                "table": place,
                "cell": np.flatnonzero(rows) - block * rows[0].size,
                "dimension": table_label(by),
                "group": group,
                "suppressed": self.hidden[by].cells[self.positions[by]],
            }
            parts.append(pd.DataFrame(columns))
        frame = pd.concat(parts, ignore_index=True)
        self.order = np.lexsort((frame["table"], frame["block"]))
        return frame.iloc[self.order].reset_index(drop=True)

    def select(self, sums: dict[TableKey, Integers]) -> Integers:
        """The sums of the cells of `frame`, in the same order: cell x quantity."""
        each = [sums[by][self.positions[by]] for by in self.tables]
        return np.concatenate(each)[self.order]
