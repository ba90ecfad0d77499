"""A table that somebody selected: its flags worked out, its pupils summed up."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from udfs.errors import MarkbookError
from udfs.excel.grade_arguments import DEFAULT_SCALE, PAIR_SCALE
from udfs.excel.headings import find_column, has_column, heading_key
from udfs.excel.ranges import Rows, is_blank
from udfs.measures.flag_columns import flags_from_gaps, gaps
from udfs.measures.flags import BELOW, FLAGS, WELL_BELOW
from udfs.measures.group_summaries import count_flags, mean_by_group
from udfs.scales.grade_levels import grade_levels
from udfs.statistics.inference import TOO_FEW
from udfs.tables import Tables
from udfs.text import map_distinct, quote, tidy

PUPIL_FIELDS = ("adno", "surname", "forename", "name")
MEASURES = ("on_or_above", "mean_gap", "mean_points")
YES = ("yes", "y", "true", "1", "x", "✓")


def with_flags(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The same rows with `flag` and, where they can be known, `gap` and `points`.

    The flag is worked out from prediction and target where both are there, and is
    otherwise the one that stands in the table.

    Raises:
        MarkbookError: If there is neither.
    """
    columns = pd.DataFrame(index=frame.index)
    if has_column(frame, "prediction"):
        marks = _marks(frame, tables)
        known = tables.scales
        columns["points"] = _points(marks, tables)
        if has_column(frame, "target"):
            columns["gap"] = gaps(marks, known)
            columns["flag"] = flags_from_gaps(columns["gap"])
    if "flag" not in columns:
        if not has_column(frame, "flag"):
            raise MarkbookError(
                "The table has no flags, and nothing to work them out from.",
                "Select the columns Target and Prediction, or Flag, too.",
            )
        flags = {heading_key(flag): flag for flag in FLAGS}
        columns["flag"] = frame[find_column(frame, "flag")].map(
            lambda cell: flags.get(heading_key(cell))
        )
    return columns


def groups_table(frame: pd.DataFrame, by: str, measure: str, tables: Tables) -> Rows:
    """A table of groups: a heading row, then one row for each.

    Args:
        frame: As `frame_of` reads it.
        by: The column to group by, or two joined by ` x `.
        measure: One of `MEASURES`, or empty for all that can be worked out.
        tables: The scales and subjects.

    Raises:
        MarkbookError: If a column or a measure is not there.
    """
    if measure and measure not in MEASURES:
        raise MarkbookError(
            f"{quote(measure)} is not a measure of a table.",
            f"Use one of: {', '.join(MEASURES)}.",
        )
    keys = [find_column(frame, tidy(part)) for part in by.split(" x ")]
    rows = with_flags(frame, tables)
    names = [f"by{number}" for number in range(len(keys))]
    for name, key in zip(names, keys, strict=True):
        rows[name] = map_distinct(
            lambda cell: tidy(cell) or "(blank)", frame[key].tolist()
        )
    counted = count_flags(rows, names)
    parts: list[tuple[str, pd.Series]] = []
    if measure in ("", "on_or_above"):
        parts += [
            (label, counted[name])
            for label, name in (
                ("above", "above"),
                ("on", "on"),
                ("below", "below"),
                ("well below", "well_below"),
                ("on or above", "on_or_above"),
            )
        ]
    with_data = counted["with_data"]
    for name, source in (("mean_gap", "gap"), ("mean_points", "points")):
        if measure == name or (not measure and name == "mean_gap" and "gap" in rows):
            if source not in rows:
                raise MarkbookError(
                    f"{name} cannot be worked out from this table.",
                    "Select the columns Prediction and Target, too.",
                )
            spreads = mean_by_group(rows, source, names)
            title = name.replace("_", " ")
            parts += [
                (title, spreads["mean"]),
                (f"{title}, low", spreads["low"]),
                (f"{title}, high", spreads["high"]),
            ]
            with_data = spreads["n"]
    note = pd.Series(["", TOO_FEW], dtype=object)[(with_data < 11).astype(int)]
    body = [
        *(counted[name] for name in names),
        counted["pupils"],
        with_data,
        *(values.astype(object).where(values.notna(), "") for _, values in parts),
        note,
    ]
    counts = "pupils" if _each_once(frame) else "marks"
    heads = [*keys, counts, "with data", *(label for label, _ in parts), "note"]
    return _table_rows(heads, body)


def pupils_table(
    frame: pd.DataFrame, tables: Tables, *, praised: bool, least: int | None
) -> Rows:
    """The pupils below target, worst first, or those to praise.

    Args:
        frame: As `frame_of` reads it.
        tables: The scales and subjects.
        praised: Whether pupils on or above target are wanted, and those whom a
            teacher singled out, instead of those below.
        least: In how many subjects at least; None means one for those below, and
            all that there is data for where they are praised.
    """
    marks = with_flags(frame, tables)
    pupil_columns = [
        find_column(frame, field) for field in PUPIL_FIELDS if has_column(frame, field)
    ]
    if not pupil_columns:
        raise MarkbookError(
            "The table does not say who the pupils are.", "Select Adno or names, too."
        )
    marks["pupil"] = frame[pupil_columns[0]].map(tidy)
    if pupil_columns[0] != "adno" and not has_column(frame, "adno"):
        marks["pupil"] = frame[pupil_columns].map(tidy).agg(" ".join, axis=1)
    below = marks["flag"].isin([BELOW, WELL_BELOW])
    matches = marks["flag"].isin(FLAGS) & ~below if praised else below
    subject = pd.Series("", index=frame.index, dtype=object)
    for field in ("subject", "class"):
        if has_column(frame, field):
            subject = frame[find_column(frame, field)].map(tidy)
            break
    marks["told"] = subject.where(matches, "")
    marks["found"], marks["data"] = matches, marks["flag"].isin(FLAGS)
    marks["well"] = marks["flag"].eq(WELL_BELOW)
    special = pd.Series(False, index=frame.index)
    if praised and has_column(frame, "praise"):
        special = frame[find_column(frame, "praise")].map(
            lambda cell: heading_key(cell) in YES
        )
    marks["special"] = special
    counted = marks.groupby("pupil", sort=False).agg(
        found=("found", "sum"),
        data=("data", "sum"),
        well=("well", "sum"),
        special=("special", "sum"),
        told=("told", lambda names: ", ".join(name for name in names if name)),
    )
    enough = counted["found"] >= (least or 1)
    if praised and least is None:
        enough = (counted["found"] == counted["data"]) & (counted["data"] > 0)
    selected = counted[enough | (counted["special"] > 0)]
    order = ["special", "found"] if praised else ["found", "well"]
    selected = selected.sort_values(order, ascending=False, kind="stable")
    first = frame[pupil_columns].groupby(marks["pupil"], sort=False).first()
    pupils = first.loc[selected.index]
    counts = (
        [("on or above", "found"), ("special praise", "special")]
        if praised
        else [("below", "found"), ("well below", "well")]
    )
    heads = [*pupil_columns, *(label for label, _ in counts), "of", "subjects"]
    body = [
        *(pupils[name] for name in pupil_columns),
        *(selected[name] for _, name in counts),
        selected["data"],
        selected["told"],
    ]
    rows = _table_rows(heads, body)
    if len(rows) == 1:
        message = (
            "Nobody is on or above target" if praised else "Nobody is below target"
        )
        many = f" in {least} subjects or more" if least else ""
        rows.append([f"{message}{many}."] + [""] * (len(heads) - 1))
    return rows


def _marks(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    blanks = pd.Series(None, index=frame.index, dtype=object)
    marks = pd.DataFrame(
        {
            field: frame[find_column(frame, field)]
            if has_column(frame, field)
            else blanks
            for field in ("prediction", "target")
        }
    )
    if has_column(frame, "scale"):
        marks["scale"] = frame[find_column(frame, "scale")].map(tidy)
        return marks
    usual, pairs = tables.scale(DEFAULT_SCALE), tables.scale(PAIR_SCALE)
    looks = []
    for cells in (marks["prediction"], marks["target"]):
        pair = {
            cell: bool(pairs.find(cell) and not usual.find(cell))
            for cell in cells.unique()
        }
        looks.append(cells.map(pair.__getitem__).astype(bool))
    names = pd.Series(DEFAULT_SCALE, index=frame.index, dtype=object)
    if has_column(frame, "subject"):
        subjects = frame[find_column(frame, "subject")].map(tidy)
        names = subjects.map(
            {name: tables.subject(name).scale for name in subjects.unique()}
        ).astype(object)
    marks["scale"] = names.mask(
        (looks[0] | looks[1]) & names.eq(DEFAULT_SCALE), PAIR_SCALE
    )
    return marks


def _points(marks: pd.DataFrame, tables: Tables) -> pd.Series:
    points = pd.Series(float("nan"), index=marks.index)
    levels = grade_levels(marks["prediction"], marks["scale"], tables.scales)
    for name in marks["scale"].unique():
        scale = tables.scales.get(name)
        if scale is None or scale.judgement:
            continue
        worth = {scale.level(g): float(scale.points(g)) for g in scale.grades}
        on_scale = marks["scale"].eq(name)
        points[on_scale] = levels[on_scale].map(worth)
    return points


def _each_once(frame: pd.DataFrame) -> bool:
    return not has_column(frame, "adno") or bool(
        frame[find_column(frame, "adno")].is_unique
    )


def _table_rows(heads: Sequence[str], columns: Sequence[pd.Series]) -> Rows:
    """A heading row and rows of plain values, as Excel takes them."""
    lists = [column_.tolist() for column_ in columns]
    rows = [[*cells] for cells in zip(*lists, strict=True)]
    return [[*heads], *([_cell(cell) for cell in row] for row in rows)]


def _cell(value: object) -> object:
    if is_blank(value):
        return ""
    return round(value, 10) if isinstance(value, float) else value
