"""Marks and their history, each with the target of its issue."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from generator.store import schema
from generator.store.frames import read_frame
from generator.store.issues import issued_targets
from generator.store.marks import FIELDS, wide_marks
from udfs.measures.flag_columns import flags, gaps
from udfs.scales.grade_levels import grade_levels
from udfs.scales.scale import Scale
from udfs.tables import Tables

PLACE = ("class", "source_file", "source_cell", "merged_at")
MARKS = (
    "collection", "class", "subject", "year", "teacher", "adno", "upn", "target",
    "aspirational", "working_at", "prediction", "flag", "reason", "effort", "praise",
    "comment", "target_query", "source_file", "source_cell", "merged_at",
    "academic_year",
)  # fmt: skip
HISTORY = (
    "collection", "class", "subject", "year", "teacher", "adno", "upn", "target",
    "aspirational", "field", "old", "new", "flag", "who", "source_file",
    "source_cell", "merged_at", "why", "reason", "academic_year",
)  # fmt: skip
NO_DATA = "no data"


def mark_table(
    connection: Connection,
    tables: Tables,
    *,
    collection: str | None = None,
    fine: bool = False,
) -> pd.DataFrame:
    """One row per pupil and subject that has a mark, with target and flag as issued.

    Args:
        connection: A transaction of the store.
        tables: Scales and subjects as this school has them.
        collection: One collection's code, or None for all.
        fine: Whether fine grades are compared finely.
    """
    marks = marks_with_targets(connection, tables, collection=collection, fine=fine)
    marks["flag"] = marks["flag"].str.lower().fillna(NO_DATA)
    marks = marks.sort_values(
        ["academic_year", "collection", "class", "subject", "adno"], kind="stable"
    )
    return marks[list(MARKS)].reset_index(drop=True)


def marks_with_targets(
    connection: Connection,
    tables: Tables,
    *,
    collection: str | None = None,
    fine: bool = False,
) -> pd.DataFrame:
    """As `mark_table`, for packs: `flag` as the markbook spells it; `gap` and `level`.

    `gap` (prediction less target) and `level` (of the prediction) are in sixtieths
    of a grade, missing where there is none.
    """
    marks = _with_context(connection, _wide(connection, collection), collection)
    return pd.concat([marks, compare_with_targets(marks, tables, fine=fine)], axis=1)


def history_table(
    connection: Connection,
    tables: Tables,
    *,
    collection: str | None = None,
    fine: bool = False,
) -> pd.DataFrame:
    """One row per value ever merged, oldest first; `flag` is that of a new prediction.

    A value that `undo` reverted has its own row, whose `why` says so.
    """
    h = schema.history
    query = select(h).order_by(h.c.merged_at, h.c.id)
    if collection is not None:
        query = query.where(h.c.collection == collection)
    history = _with_context(connection, read_frame(connection, query), collection)
    predicts = history["field"] == "prediction"
    predictions = history.assign(prediction=history["new"].where(predicts))
    flags = compare_with_targets(predictions, tables, fine=fine)["flag"].str.lower()
    history = history.assign(flag=flags.fillna(NO_DATA).where(predicts, ""))
    return history[list(HISTORY)]


def _wide(connection: Connection, collection: str | None) -> pd.DataFrame:
    """The marks of one or all collections, one row per pupil and subject."""
    m = schema.marks.c
    query = select(m.collection, m.academic_year).distinct().order_by(m.collection)
    if collection is not None:
        query = query.where(m.collection == collection)
    parts = [
        wide_marks(connection, code).assign(
            collection=code, academic_year=academic_year
        )
        for code, academic_year in connection.execute(query)
    ]
    if not parts:
        names = ["collection", "adno", "subject", *FIELDS, *PLACE, "academic_year"]
        return pd.DataFrame(columns=pd.Index(names), dtype="str")
    marks = pd.concat(parts, ignore_index=True)
    # A blank is missing here: a field may hold a text, a grade or nothing.
    values = marks[list(FIELDS)]
    marks[list(FIELDS)] = values.mask(values == "")
    return marks.loc[marks[list(FIELDS)].notna().any(axis=1)].reset_index(drop=True)


def _with_context(
    connection: Connection, rows: pd.DataFrame, collection: str | None
) -> pd.DataFrame:
    """The same rows with target as issued, pupil's UPN and year, class's teacher."""
    keys = ["collection", "adno", "subject"]
    targets = latest_issued_targets(connection, collection)
    rows = rows.merge(targets, on=keys, how="left")
    p, c = schema.pupils.c, schema.classes.c
    pupils = read_frame(
        connection, select(p.adno, p.upn, p.year, p.academic_year.label("imported_in"))
    )
    rows = rows.merge(pupils, on="adno", how="left")
    classes = read_frame(
        connection,
        select(
            c.academic_year, c["class"], c.teachers.label("teacher"),
            c.year.label("class_year"),
        ).order_by(c.academic_year, c["class"]),
    )  # fmt: skip
    rows = rows.merge(classes, on=["academic_year", "class"], how="left")
    # The store has each pupil's year group as of the last import: count back to the
    # academic year of the mark.
    since = _first_year(rows["imported_in"]) - _first_year(rows["academic_year"])
    rows["year"] = (rows["year"] - since).fillna(rows["class_year"])
    return rows.reset_index(drop=True)


def _first_year(academic_year: pd.Series) -> pd.Series:
    return pd.to_numeric(academic_year.str[:4], errors="coerce").astype("Int64")


def latest_issued_targets(
    connection: Connection, collection: str | None = None
) -> pd.DataFrame:
    """The targets of the latest issue, per collection, pupil and subject.

    Args:
        connection: A transaction of the store.
        collection: One collection's code, or None for all.
    """
    if collection is None:
        c = schema.issues.c.collection
        codes = list(connection.execute(select(c).distinct().order_by(c)).scalars())
    else:
        codes = [collection]
    parts = [issued_targets(connection, code).assign(collection=code) for code in codes]
    names = ["collection", "adno", "subject", "target", "aspirational"]
    targets = pd.concat(parts) if parts else pd.DataFrame(columns=names, dtype=object)
    return targets[names].astype("str")


def compare_with_targets(
    marks: pd.DataFrame, tables: Tables, *, fine: bool
) -> pd.DataFrame:
    """The flag, the gap and the prediction's level of every row.

    A choice of the judgement scale is its own flag, whatever the subject's scale;
    it has neither gap nor level, for it is in no average.

    Args:
        marks: `subject`, `prediction` and `target`; missing where there is none.
        tables: Scales and subjects as this school has them.
        fine: Whether fine grades are compared finely.

    Returns:
        With the index of `marks`: `scale`; `flag` (`Above` …, missing where there is
        no data); `gap` and `level` in sixtieths of a grade, missing where a side is
        no grade.
    """
    names = marks["subject"].unique()
    usual = marks["subject"].map({name: tables.subject(name).scale for name in names})
    scale = usual.astype("str")
    judged = pd.Series(False, index=marks.index)
    for judgement in (s for s in tables.scales.values() if s.judgement):
        chosen = _of_scale(marks["prediction"], judgement)
        scale, judged = scale.mask(chosen, judgement.name), judged | chosen
    pairs = marks[["prediction", "target"]].assign(scale=scale)
    level = grade_levels(pairs["prediction"], pairs["scale"], tables.scales, fine=fine)
    return pd.DataFrame(
        {
            "scale": usual.astype("str"),
            "flag": flags(pairs, tables.scales, fine=fine).astype("str"),
            "gap": _whole(gaps(pairs, tables.scales, fine=fine), judged),
            "level": _whole(level, judged),
        },
        index=marks.index,
    )


def _of_scale(grades: pd.Series[str], scale: Scale) -> pd.Series[bool]:
    distinct = grades.dropna().unique()
    return grades.isin([grade for grade in distinct if scale.find(grade) is not None])


def _whole(sixtieths: pd.Series[float], judged: pd.Series[bool]) -> pd.Series[int]:
    return sixtieths.mask(judged).astype("Int64")
