"""A table that somebody selected: its flags worked out, its pupils summed up."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from udfs.errors import MarkbookError
from udfs.excel.grade_arguments import PAIRS, USUAL
from udfs.excel.headings import column, has, plain
from udfs.excel.ranges import Rows, blank
from udfs.measures.flag_columns import gaps, of_gaps
from udfs.measures.flags import BELOW, FLAGS, WELL_BELOW
from udfs.measures.group_summaries import TOO_FEW, by_flag, spread
from udfs.scales.grade_levels import levels
from udfs.tables import Tables
from udfs.text import map_distinct, quote, tidy

WHO = ("adno", "surname", "forename", "name")
MEASURES = ("on_or_above", "mean_gap", "mean_points")
YES = ("yes", "y", "true", "1", "x", "✓")


def judged(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The same rows with `flag` and, where they can be known, `gap` and `points`.

    The flag is worked out from prediction and target where both are there, and is
    otherwise the one that stands in the table.

    Raises:
        MarkbookError: If there is neither.
    """
    made = pd.DataFrame(index=frame.index)
    if has(frame, "prediction"):
        marks = _marks(frame, tables)
        known = tables.scales
        made["points"] = _points(marks, tables)
        if has(frame, "target"):
            made["gap"] = gaps(marks, known)
            made["flag"] = of_gaps(made["gap"])
    if "flag" not in made:
        if not has(frame, "flag"):
            raise MarkbookError(
                "The table has no flags, and nothing to work them out from.",
                "Select the columns Target and Prediction, or Flag, too.",
            )
        ways = {plain(flag): flag for flag in FLAGS}
        made["flag"] = frame[column(frame, "flag")].map(
            lambda cell: ways.get(plain(cell))
        )
    return made


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
    keys = [column(frame, tidy(part)) for part in by.split(" x ")]
    made = judged(frame, tables)
    names = [f"by{number}" for number in range(len(keys))]
    for name, key in zip(names, keys, strict=True):
        made[name] = map_distinct(
            lambda cell: tidy(cell) or "(blank)", frame[key].tolist()
        )
    counted = by_flag(made, names)
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
    answered = counted["with_data"]
    for name, source in (("mean_gap", "gap"), ("mean_points", "points")):
        if measure == name or (not measure and name == "mean_gap" and "gap" in made):
            if source not in made:
                raise MarkbookError(
                    f"{name} cannot be worked out from this table.",
                    "Select the columns Prediction and Target, too.",
                )
            spreads = spread(made, source, names)
            told = name.replace("_", " ")
            parts += [
                (told, spreads["mean"]),
                (f"{told}, low", spreads["low"]),
                (f"{told}, high", spreads["high"]),
            ]
            answered = spreads["n"]
    note = pd.Series(["", TOO_FEW], dtype=object)[(answered < 11).astype(int)]
    body = [
        *(counted[name] for name in names),
        counted["pupils"],
        answered,
        *(values.astype(object).where(values.notna(), "") for _, values in parts),
        note,
    ]
    counts = "pupils" if _each_once(frame) else "marks"
    heads = [*keys, counts, "with data", *(label for label, _ in parts), "note"]
    return _spill(heads, body)


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
    made = judged(frame, tables)
    who = [column(frame, field) for field in WHO if has(frame, field)]
    if not who:
        raise MarkbookError(
            "The table does not say who the pupils are.", "Select Adno or names, too."
        )
    made["pupil"] = frame[who[0]].map(tidy)
    if who[0] != "adno" and not has(frame, "adno"):
        made["pupil"] = frame[who].map(tidy).agg(" ".join, axis=1)
    below = made["flag"].isin([BELOW, WELL_BELOW])
    found = made["flag"].isin(FLAGS) & ~below if praised else below
    subject = pd.Series("", index=frame.index, dtype=object)
    for field in ("subject", "class"):
        if has(frame, field):
            subject = frame[column(frame, field)].map(tidy)
            break
    made["told"] = subject.where(found, "")
    made["found"], made["data"] = found, made["flag"].isin(FLAGS)
    made["well"] = made["flag"].eq(WELL_BELOW)
    special = pd.Series(False, index=frame.index)
    if praised and has(frame, "praise"):
        special = frame[column(frame, "praise")].map(lambda cell: plain(cell) in YES)
    made["special"] = special
    counted = made.groupby("pupil", sort=False).agg(
        found=("found", "sum"),
        data=("data", "sum"),
        well=("well", "sum"),
        special=("special", "sum"),
        told=("told", lambda names: ", ".join(name for name in names if name)),
    )
    enough = counted["found"] >= (least or 1)
    if praised and least is None:
        enough = (counted["found"] == counted["data"]) & (counted["data"] > 0)
    kept = counted[enough | (counted["special"] > 0)]
    order = ["special", "found"] if praised else ["found", "well"]
    kept = kept.sort_values(order, ascending=False, kind="stable")
    first = frame[who].groupby(made["pupil"], sort=False).first()
    people = first.loc[kept.index]
    counts = (
        [("on or above", "found"), ("special praise", "special")]
        if praised
        else [("below", "found"), ("well below", "well")]
    )
    heads = [*who, *(label for label, _ in counts), "of", "subjects"]
    body = [
        *(people[name] for name in who),
        *(kept[name] for _, name in counts),
        kept["data"],
        kept["told"],
    ]
    rows = _spill(heads, body)
    if len(rows) == 1:
        told = "Nobody is on or above target" if praised else "Nobody is below target"
        many = f" in {least} subjects or more" if least else ""
        rows.append([f"{told}{many}."] + [""] * (len(heads) - 1))
    return rows


def _marks(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    nothing = pd.Series(None, index=frame.index, dtype=object)
    marks = pd.DataFrame(
        {
            field: frame[column(frame, field)] if has(frame, field) else nothing
            for field in ("prediction", "target")
        }
    )
    if has(frame, "scale"):
        marks["scale"] = frame[column(frame, "scale")].map(tidy)
        return marks
    usual, pairs = tables.scale(USUAL), tables.scale(PAIRS)
    looks = []
    for cells in (marks["prediction"], marks["target"]):
        pair = {
            cell: bool(pairs.find(cell) and not usual.find(cell))
            for cell in cells.unique()
        }
        looks.append(cells.map(pair.__getitem__).astype(bool))
    names = pd.Series(USUAL, index=frame.index, dtype=object)
    if has(frame, "subject"):
        asked = frame[column(frame, "subject")].map(tidy)
        names = asked.map(
            {name: tables.subject(name).scale for name in asked.unique()}
        ).astype(object)
    marks["scale"] = names.mask((looks[0] | looks[1]) & names.eq(USUAL), PAIRS)
    return marks


def _points(marks: pd.DataFrame, tables: Tables) -> pd.Series:
    made = pd.Series(float("nan"), index=marks.index)
    found = levels(marks["prediction"], marks["scale"], tables.scales)
    for name in marks["scale"].unique():
        scale = tables.scales.get(name)
        if scale is None or scale.judgement:
            continue
        worth = {scale.level(g): float(scale.points(g)) for g in scale.grades}
        here = marks["scale"].eq(name)
        made[here] = found[here].map(worth)
    return made


def _each_once(frame: pd.DataFrame) -> bool:
    return not has(frame, "adno") or bool(frame[column(frame, "adno")].is_unique)


def _spill(heads: Sequence[str], columns: Sequence[pd.Series]) -> Rows:
    """A heading row and rows of plain values, as Excel takes them."""
    lists = [column_.tolist() for column_ in columns]
    rows = [[*cells] for cells in zip(*lists, strict=True)]
    return [[*heads], *([_cell(cell) for cell in row] for row in rows)]


def _cell(value: object) -> object:
    if blank(value):
        return ""
    return round(value, 10) if isinstance(value, float) else value
