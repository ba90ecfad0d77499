"""The page of how targets and predictions are distributed over the grades."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from generator.packs.layout.columns import PackColumn, pack_columns, widest
from generator.packs.layout.workbook import PackWorkbook
from generator.packs.wording import phrase, wording
from generator.xlsx.theme import template
from udfs.scales.scale import POINT, Scale
from udfs.statistics.inference import FEW
from udfs.tables import Tables

GRADE_WIDTH = 5.0
DISTRIBUTED = (("target", "Targets"), ("prediction", "Predictions"))
FIRST_COLUMNS = ("year", "subject", "sets", "what", "n")
USED_COLUMNS = [
    "year", "subject", "adno", "class", "lead", "teacher", "target", "prediction",
]  # fmt: skip


def distribution_page(
    pack: PackWorkbook, title: str, rows: pd.DataFrame, tables: Tables
) -> None:
    """Add the page, with one table for each scale.

    Args:
        pack: The workbook.
        title: The page's title.
        rows: A department's rows of `CollectionSnapshot.rows`.
        tables: Scales.
    """
    used = set(rows["scale"].unique())
    scales = [scale for name, scale in tables.scales.items() if name in used]
    subjects = rows["subject"].nunique()
    columns = {
        scale.name: distribution_columns(scale, subjects=subjects) for scale in scales
    }
    page = pack.page(wording("sheets", "targets"), widest(*columns.values()) or [40.0])
    page.title_band(title)
    page.sentence(wording("notes", "targets"), ink="quiet")
    for scale in scales:
        if len(scales) > 1:
            page.heading(scale.title)
        table = grade_distribution(rows.loc[rows["scale"] == scale.name], scale)
        page.table(
            table,
            columns[scale.name],
            strong=table["level"].eq("whole"),
            quiet=table["n"].lt(FEW),
            parted="sets",
            filtered=len(scales) == 1,
            frozen=3 if len(scales) == 1 else None,
        )
        page.gap()


def distribution_columns(scale: Scale, *, subjects: int) -> list[PackColumn]:
    """The columns of a scale's table: grades from the highest, shares, the mean.

    Args:
        scale: The scale.
        subjects: The number of subjects on the page; only several need a column.
    """
    first = (key for key in FIRST_COLUMNS if key != "subject" or subjects > 1)
    grades = [
        PackColumn(f"grade:{grade}", grade, GRADE_WIDTH, "count")
        for grade in reversed(scale.grades)
    ]
    shares = [
        PackColumn(f"from:{grade}", f"{grade} or more", 7.5, "share")
        for grade in _thresholds(scale)
    ]
    return [*pack_columns(first), *grades, *shares, *pack_columns(["mean"])]


def grade_distribution(rows: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Count the grades of the whole, of teachers and of classes.

    A teacher with one class in a subject and year has the class's row only. The
    whole counts a pupil in two classes once.

    Args:
        rows: Rows of `CollectionSnapshot.rows` on one scale.
        scale: The scale.

    Returns:
        A row for targets and one for predictions of each: `level` (`whole`,
        `teacher`, `class`) and the keys of `distribution_columns`.
    """
    counts: list[dict[str, object]] = []
    rows = rows[USED_COLUMNS]  # a narrow frame is faster to split
    for (year, subject), part in rows.groupby(["year", "subject"], dropna=False):
        for level, name, pupils in _pupil_sets(part):
            for column, title in DISTRIBUTED:
                counts.append(
                    {"year": year, "subject": subject, "sets": name, "level": level,
                     "what": title, **_count_grades(pupils[column], scale)}
                )  # fmt: skip
    names = [column.key for column in distribution_columns(scale, subjects=2)]
    return pd.DataFrame(counts, columns=pd.Index(["level", *names]))


def _pupil_sets(part: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    yield "whole", phrase("all_classes"), part.drop_duplicates("adno")
    for lead, pupils in part.groupby("lead", sort=True):
        if pupils["class"].nunique() > 1:
            yield "teacher", str(lead), pupils.drop_duplicates("adno")
    for code, pupils in part.groupby("class", sort=True):
        yield "class", f"{code}  {pupils['teacher'].iloc[0]}", pupils


def _count_grades(grades: pd.Series[str], scale: Scale) -> dict[str, object]:
    counter = Counter(grades.tolist())
    counts = {grade: counter[grade] for grade in scale.grades}
    n = sum(counts.values())
    cells: dict[str, object] = {"n": n}
    cells |= {f"grade:{grade}": count for grade, count in counts.items()}
    if n:
        for threshold in _thresholds(scale):
            reached = sum(
                count
                for grade, count in counts.items()
                if scale.rank(grade) >= scale.rank(threshold)
            )
            cells[f"from:{threshold}"] = reached / n
        points = sum(scale.points(grade) * count for grade, count in counts.items())
        cells["mean"] = points / n / POINT
    return cells


def _thresholds(scale: Scale) -> list[str]:
    grades: list[str] = template("packs")["thresholds"].get(scale.name, [])
    return [grade for grade in grades if grade in scale.grades]
