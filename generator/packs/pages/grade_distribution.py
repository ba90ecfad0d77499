"""How targets and predictions are spread over the grades, by class and teacher."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from generator.packs.layout.columns import Column, columns
from generator.packs.layout.workbook import Page
from generator.packs.wording import words
from generator.xlsx.theme import template
from udfs.measures.group_summaries import FEW
from udfs.scales.scale import POINT, Scale
from udfs.tables import Tables

GRADE_WIDTH = 5.0
PAIR = (("target", "Targets"), ("prediction", "Predictions"))
BEFORE = ("year", "subject", "sets", "what", "n")
USED = ["year", "subject", "adno", "class", "lead", "teacher", "target", "prediction"]


def grades_columns(scale: Scale, *, subjects: int) -> list[Column]:
    """The columns of a scale's table: grades from the highest, shares, the mean.

    Args:
        scale: The scale.
        subjects: Of how many subjects the page tells; the column is for several.
    """
    return [
        *columns(key for key in BEFORE if key != "subject" or subjects > 1),
        *(
            Column(f"grade:{g}", g, GRADE_WIDTH, "count")
            for g in reversed(scale.grades)
        ),
        *(
            Column(f"from:{g}", f"{g} or more", 7.5, "share")
            for g in _thresholds(scale)
        ),
        *columns(["mean"]),
    ]


def widths(rows: pd.DataFrame, tables: Tables) -> list[float]:
    """The widest grid that the page needs, for every scale on it."""
    several = rows["subject"].nunique()
    grids = [
        [column.width for column in grades_columns(scale, subjects=several)]
        for scale in scales_of(rows, tables)
    ]
    longest = max((len(grid) for grid in grids), default=1)
    return [
        max(grid[at] if at < len(grid) else 0.0 for grid in grids)
        for at in range(longest)
    ] or [40.0]


def scales_of(rows: pd.DataFrame, tables: Tables) -> list[Scale]:
    """The scales of a department, in the order of our tables."""
    here = set(rows["scale"].unique())
    return [scale for name, scale in tables.scales.items() if name in here]


def targets_page(page: Page, title: str, rows: pd.DataFrame, tables: Tables) -> None:
    """Write the page: one table for each scale."""
    page.band(title)
    page.say(words("notes", "targets"), ink="quiet")
    scales = scales_of(rows, tables)
    for scale in scales:
        if len(scales) > 1:
            page.heading(scale.title)
        shown = grades_columns(scale, subjects=rows["subject"].nunique())
        table = spread_table(rows.loc[rows["scale"] == scale.name], scale)
        page.table(
            table,
            shown,
            strong=table["level"].eq("whole"),
            quiet=table["n"].lt(FEW),
            parted="sets",
            filtered=len(scales) == 1,
            frozen=3 if len(scales) == 1 else None,
        )
        page.gap()


def spread_table(rows: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Targets and predictions as two rows each, of the whole, teachers and classes.

    A teacher with one class in a subject and year has the class's row only. The
    whole counts a pupil in two classes once.
    """
    made: list[dict[str, object]] = []
    rows = rows[USED]  # a frame is cut up faster if narrow
    for (year, subject), part in rows.groupby(["year", "subject"], dropna=False):
        for level, name, pupils in _sets(part):
            for column, what in PAIR:
                counted = _counted(pupils[column], scale)
                made.append(
                    {"year": year, "subject": subject, "sets": name, "level": level,
                     "what": what, **counted}
                )  # fmt: skip
    names = ["level", *(column.key for column in grades_columns(scale, subjects=2))]
    return pd.DataFrame(made, columns=pd.Index(names))


def _sets(part: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    yield "whole", words("phrases", "all_classes"), part.drop_duplicates("adno")
    for lead, pupils in part.groupby("lead", sort=True):
        if pupils["class"].nunique() > 1:
            yield "teacher", str(lead), pupils.drop_duplicates("adno")
    for code, taught in part.groupby("class", sort=True):
        yield "class", f"{code}  {taught['teacher'].iloc[0]}", taught


def _counted(grades: pd.Series[str], scale: Scale) -> dict[str, object]:
    there = Counter(grades.tolist())
    counts = {grade: there[grade] for grade in scale.grades}
    n = sum(counts.values())
    made: dict[str, object] = {"n": n}
    made |= {f"grade:{grade}": count for grade, count in counts.items()}
    if n:
        for least in _thresholds(scale):
            reached = sum(
                count
                for grade, count in counts.items()
                if scale.rank(grade) >= scale.rank(least)
            )
            made[f"from:{least}"] = reached / n
        points = sum(scale.points(grade) * count for grade, count in counts.items())
        made["mean"] = points / n / POINT
    return made


def _thresholds(scale: Scale) -> list[str]:
    found: list[str] = template("packs")["thresholds"].get(scale.name, [])
    return [grade for grade in found if grade in scale.grades]
