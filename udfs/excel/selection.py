"""Flags, groups and lists of pupils from a table that somebody selected."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from udfs.errors import MarkbookError
from udfs.excel.grade_arguments import choose_scale, read_cell
from udfs.excel.headings import find_column, has_column, heading_key
from udfs.excel.ranges import Cell, Rows, is_blank
from udfs.measures.flag_columns import flags_from_gaps, gaps
from udfs.measures.flags import BELOW, FLAGS, WELL_BELOW
from udfs.measures.group_summaries import count_flags, mean_by_group
from udfs.scales.grade_levels import grade_levels
from udfs.statistics.inference import FEW, TOO_FEW
from udfs.tables import Tables
from udfs.text import map_distinct, quote, tidy

PUPIL_FIELDS = ("adno", "surname", "forename", "name")
COUNT_COLUMNS = ("above", "on", "below", "well_below", "on_or_above")
MEAN_SOURCES = {"mean_gap": "gap", "mean_points": "points"}
MEASURES = ("on_or_above", *MEAN_SOURCES)
YES = ("yes", "y", "true", "1", "x", "✓")


def with_flags(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return `flag` and, where the table allows, `gap` and `points` of each row.

    The flag is calculated from prediction and target where both columns exist, and is
    otherwise the table's own.

    Raises:
        MarkbookError: If the table allows neither.
    """
    columns = pd.DataFrame(index=frame.index)
    if has_column(frame, "prediction"):
        marks = _marks(frame, tables)
        columns["points"] = _points(marks, tables)
        if has_column(frame, "target"):
            columns["gap"] = gaps(marks, tables.scales)
            columns["flag"] = flags_from_gaps(columns["gap"])
    if "flag" not in columns:
        if not has_column(frame, "flag"):
            raise MarkbookError(
                "The table has no flags, and nothing to work them out from.",
                "Select the columns Target and Prediction, or Flag, too.",
            )
        columns["flag"] = _read_flags(frame, tables)
    return columns


def _read_flags(frame: pd.DataFrame, tables: Tables) -> list[str | None]:
    """Return the table's own flags; a text that is no flag is refused."""
    heading = find_column(frame, "flag")
    flags: dict[str, str | None] = {heading_key(flag): flag for flag in FLAGS}
    flags |= {heading_key(code.name): None for code in tables.codes}
    flags |= {heading_key(text): None for text in ("", "No data")}
    answers = map_distinct(heading_key, frame[heading].tolist())
    refusal = f"Use one of: {', '.join(FLAGS)}, or leave it blank."
    _refuse_first(
        [
            (row, heading, MarkbookError(f"{quote(tidy(cell))} is no flag.", refusal))
            for row, cell, key in zip(frame.index, frame[heading], answers, strict=True)
            if key not in flags
        ]
    )
    return [flags[key] for key in answers]


def groups_table(frame: pd.DataFrame, by: str, measure: str, tables: Tables) -> Rows:
    """Return a table of groups: a heading row, then one row for each group.

    Args:
        frame: From `read_table`.
        by: The column to group by, or two joined by ` x `.
        measure: One of `MEASURES`, or empty for all that the table allows.
        tables: The scales and subjects.

    Raises:
        MarkbookError: If a column or a measure is missing.
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
        rows[name] = map_distinct(_group_name, frame[key].tolist())
    counts = count_flags(rows, names)
    parts: dict[str, pd.Series] = {}
    if measure in ("", "on_or_above"):
        parts |= {name.replace("_", " "): counts[name] for name in COUNT_COLUMNS}
    with_data = counts["with_data"]
    mean = measure or ("mean_gap" if "gap" in rows else "")
    if source := MEAN_SOURCES.get(mean):
        if source not in rows:
            raise MarkbookError(
                f"{mean} cannot be worked out from this table.",
                "Select the columns Prediction and Target, too.",
            )
        means = mean_by_group(rows, source, names)
        title = mean.replace("_", " ")
        parts[title] = means["mean"]
        parts |= {f"{title}, {end}": means[end] for end in ("low", "high")}
        with_data = means["n"]
    note = pd.Series(["", TOO_FEW], dtype=object)[(with_data < FEW).astype(int)]
    body = [
        *(counts[name] for name in names),
        counts["pupils"],
        with_data,
        *(values.astype(object).where(values.notna(), "") for values in parts.values()),
        note,
    ]
    unit = "pupils" if _is_one_row_each(frame) else "marks"
    heads = [*keys, unit, "with data", *parts, "note"]
    return _table_rows(heads, body)


def _group_name(cell: object) -> str:
    return tidy(cell) or "(blank)"


def pupils_table(
    frame: pd.DataFrame, tables: Tables, *, praised: bool, least: int | None
) -> Rows:
    """Return the pupils below target, worst first, or the pupils to praise.

    Args:
        frame: From `read_table`.
        tables: The scales and subjects.
        praised: Whether to list pupils on or above target, and those with special
            praise, instead of those below.
        least: The lowest number of subjects; None for one below target, or for all
            subjects with data where pupils are praised.
    """
    marks = with_flags(frame, tables)
    pupil_columns = _pupil_columns(frame)
    _add_pupils(marks, frame, pupil_columns, praised=praised)
    totals = marks.groupby("pupil", sort=False).agg(
        matches=("match", "sum"),
        data=("data", "sum"),
        well_below=("well_below", "sum"),
        special=("special", "sum"),
        subjects=("subject", lambda names: ", ".join(name for name in names if name)),
    )
    enough = totals["matches"] >= (least or 1)
    if praised and least is None:
        enough = (totals["matches"] == totals["data"]) & (totals["data"] > 0)
    selected = totals[enough | (totals["special"] > 0)]
    order = ["special", "matches"] if praised else ["matches", "well_below"]
    selected = selected.sort_values(order, ascending=False, kind="stable")
    names = frame[pupil_columns].groupby(marks["pupil"], sort=False).first()
    names = names.loc[selected.index]
    counts = (
        [("on or above", "matches"), ("special praise", "special")]
        if praised
        else [("below", "matches"), ("well below", "well_below")]
    )
    heads = [*pupil_columns, *(title for title, _ in counts), "of", "subjects"]
    body = [
        *(names[name] for name in pupil_columns),
        *(selected[name] for _, name in counts),
        selected["data"],
        selected["subjects"],
    ]
    rows = _table_rows(heads, body)
    if len(rows) == 1:
        side = "on or above" if praised else "below"
        minimum = f" in {least} subjects or more" if least else ""
        message = f"Nobody is {side} target{minimum}."
        rows.append([message] + [""] * (len(heads) - 1))
    return rows


def _pupil_columns(frame: pd.DataFrame) -> list[str]:
    """Return the headings that identify pupils; a table without any is refused."""
    fields = [field for field in PUPIL_FIELDS if has_column(frame, field)]
    if not fields:
        raise MarkbookError(
            "The table does not say who the pupils are.", "Select Adno or names, too."
        )
    return [find_column(frame, field) for field in fields]


def _add_pupils(
    marks: pd.DataFrame, frame: pd.DataFrame, pupil_columns: list[str], *, praised: bool
) -> None:
    """Add each row's pupil and subject, and whether it matches and is special."""
    marks["pupil"] = frame[pupil_columns[0]].map(tidy)
    if not has_column(frame, "adno"):
        marks["pupil"] = frame[pupil_columns].map(tidy).agg(" ".join, axis=1)
    below = marks["flag"].isin([BELOW, WELL_BELOW])
    marks["data"] = marks["flag"].isin(FLAGS)
    marks["match"] = marks["data"] & ~below if praised else below
    marks["well_below"] = marks["flag"].eq(WELL_BELOW)
    subject = pd.Series("", index=frame.index, dtype=object)
    for field in ("subject", "class"):
        if has_column(frame, field):
            subject = frame[find_column(frame, field)].map(tidy)
            break
    marks["subject"] = subject.where(marks["match"], "")
    marks["special"] = False
    if praised and has_column(frame, "praise"):
        cells = frame[find_column(frame, "praise")]
        marks["special"] = cells.map(lambda cell: heading_key(cell) in YES)


def _marks(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return `prediction`, `target` and the name of each row's scale.

    Raises:
        MarkbookError: If a cell holds neither a grade of its scale nor a code, as
            `FLAG` would say; the message names the first one.
    """
    blanks = pd.Series(None, index=frame.index, dtype=object)
    fields = ("prediction", "target", "scale", "subject")
    cells = {
        field: frame[find_column(frame, field)] if has_column(frame, field) else blanks
        for field in fields
    }
    marks = pd.DataFrame({field: cells[field] for field in ("prediction", "target")})
    scale_names = partial(_scale_name, tables)
    marks["scale"] = map_distinct(
        scale_names, *(cells[name].tolist() for name in ("scale", "subject", *marks))
    )
    _check_grades(frame, marks, tables)
    return marks


def _scale_name(
    tables: Tables, scale: Cell, subject: Cell, prediction: Cell, target: Cell
) -> str:
    """Return the scale of a row: the one named, its subject's, or by its grades."""
    if is_blank(scale) and not is_blank(subject):
        entry = tables.subject(tidy(subject))
        if entry.recognised and entry.name:
            return entry.scale
    return choose_scale(tables, scale, prediction, target).name


def _check_grades(frame: pd.DataFrame, marks: pd.DataFrame, tables: Tables) -> None:
    """Refuse a table with a cell that is no grade, as `FLAG` refuses the cell."""

    def fault(cell: Cell, scale_name: str) -> MarkbookError | None:
        scale = tables.scale(scale_name)
        try:
            read_cell(tables, cell, scale)
        except MarkbookError as error:
            return error
        return None

    faults = []
    for field in ("prediction", "target"):
        if not has_column(frame, field):
            continue
        used = marks["scale"]
        if field == "target":  # a judgement is made without a target
            judgements = [s.name for s in tables.scales.values() if s.judgement]
            used = used[~used.isin(judgements)]
        errors = map_distinct(
            fault, marks.loc[used.index, field].tolist(), used.tolist()
        )
        heading = find_column(frame, field)
        faults += [
            (row, heading, error)
            for row, error in zip(used.index, errors, strict=True)
            if error is not None
        ]
    _refuse_first(faults)


def _refuse_first(faults: Sequence[tuple[int, str, MarkbookError]]) -> None:
    """Refuse a table for the first of its faults, and say how many more there are."""
    if not faults:
        return
    row, heading, error = min(faults, key=lambda fault: fault[0])
    more = len(faults) - 1
    others = f", and {more} more cell{'s' * (more > 1)} cannot be read" if more else ""
    raise MarkbookError(
        f"{error.what} It stands under {quote(heading)} in row {row + 2} of the "
        f"table{others}.",
        error.do,
    )


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


def _is_one_row_each(frame: pd.DataFrame) -> bool:
    return not has_column(frame, "adno") or bool(
        frame[find_column(frame, "adno")].is_unique
    )


def _table_rows(heads: Sequence[str], columns: Sequence[pd.Series]) -> Rows:
    """Return a heading row and rows of plain values for Excel."""
    lists = [column_.tolist() for column_ in columns]
    rows = [[*cells] for cells in zip(*lists, strict=True)]
    return [[*heads], *([_cell(cell) for cell in row] for row in rows)]


def _cell(value: object) -> object:
    if is_blank(value):
        return ""
    return round(value, 10) if isinstance(value, float) else value
