"""The entries of a collection: pupil and subject, mark, target and points."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd
from sqlalchemy import Connection, select

from generator.school.school import School
from generator.store import roster, schema
from generator.store.collection_codes import academic_year_of_code
from generator.store.enrolments import enrolments
from generator.store.frames import read_frame
from generator.store.mark_tables import latest_issued_targets, marks_with_targets
from udfs.measures import residuals
from udfs.measures.progress8 import mean_scores, summers_of_tests
from udfs.scales.scale import Scale
from udfs.tables import Tables

MARK = ("working_at", "prediction", "target", "aspirational", "flag", "gap")
_FIRST_YEAR, _LAST_YEAR = 7, 13


def collection_entries(
    connection: Connection, school: School, tables: Tables, code: str, *, today: date
) -> pd.DataFrame:
    """Every pupil and subject of a collection, marked or not.

    As of its last day (or today, while it is open): later leavers are in it, earlier
    ones are not, and neither are classes that a pupil joined later, unless the class
    was issued with that pupil.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        code: The collection's code.
        today: The day of the run.

    Returns:
        One row per pupil and subject, ordered by both: the columns of `enrolments`;
        `academic_year`; `halves` (the mean of Key Stage 2 reading and maths in half
        points); `working_at`, `prediction`, `target`, `aspirational` and `flag` as
        the mark has them, missing where there is none; and whole numbers, missing
        likewise: `gap` (sixtieths of a grade), `points` and `target_points`
        (sixtieths of a point), `residual` (see `udfs.measures.residuals`).
    """
    academic_year = academic_year_of_code(connection, code) or school.academic_year
    day = min(today, _end(connection, school, code) or today)
    marks = marks_with_targets(
        connection, tables, collection=code, fine=school.settings.flags.fine
    )
    issued = latest_issued_targets(connection, code)
    members = _members(connection, academic_year, day)
    rows = enrolments(connection, academic_year, tables, today=day, members=members)
    rows = rows.merge(members, on=["class", "adno"], how="left")
    rows = rows.merge(
        marks[["adno", "subject", "class"]].rename(columns={"class": "marked_in"}),
        on=["adno", "subject"],
        how="left",
    )
    rows = _entries_on(rows, issued, day)
    rows = _years_at(connection, rows, academic_year)
    rows = rows.loc[rows["year"].isin(_years(school, code, rows, marks, issued))]
    rows = rows.merge(
        marks[["adno", "subject", *MARK]], on=["adno", "subject"], how="left"
    )
    rows = rows.sort_values(["adno", "subject"], kind="stable", ignore_index=True)
    rows = rows.assign(academic_year=academic_year)
    return with_points(rows, tables, school)


def _end(connection: Connection, school: School, code: str) -> date | None:
    if school.has_collection(code):
        return school.collection(code).closes
    c = schema.collections.c
    closes = connection.execute(select(c.closes).where(c.code == code)).scalar()
    return date.fromisoformat(closes) if closes else None


def _members(connection: Connection, academic_year: str, day: date) -> pd.DataFrame:
    """Memberships that had not ended by a day."""
    m = schema.memberships.c
    query = (
        select(m["class"], m.adno, m.since)
        .where(m.academic_year == academic_year)
        .where((m.until == "") | (m.until > day.isoformat()))
        .order_by(m["class"], m.adno)
    )
    return read_frame(connection, query).astype("str")


def _entries_on(rows: pd.DataFrame, issued: pd.DataFrame, day: date) -> pd.DataFrame:
    """One row per pupil and subject: the class of the mark, or the earlier one."""
    later = rows["since"] > day.isoformat()
    pairs = pd.MultiIndex.from_frame(rows[["adno", "subject"]])
    is_issued = pairs.isin(pd.MultiIndex.from_frame(issued[["adno", "subject"]]))
    in_collection = rows["marked_in"].notna() | is_issued
    was_enrolled = rows["adno"].isin(rows.loc[~later, "adno"])
    took_part = rows["adno"].isin({*issued["adno"], *rows.loc[in_collection, "adno"]})
    # If the school itself was imported after the collection, everybody is late.
    joined_later = (
        later & ~in_collection & (was_enrolled | (~took_part & bool(len(issued))))
    )
    rows = rows.assign(later=later, elsewhere=rows["class"] != rows["marked_in"])
    rows = rows.loc[~joined_later].sort_values(
        ["adno", "subject", "elsewhere", "later", "class"], kind="stable"
    )
    rows = rows.drop_duplicates(["adno", "subject"])
    return rows.drop(columns=["later", "elsewhere", "since", "marked_in"])


def _years_at(
    connection: Connection, rows: pd.DataFrame, academic_year: str
) -> pd.DataFrame:
    """Year groups in an academic year: the store has those of the last import."""
    imported = roster.pupils(connection).set_index("adno")["academic_year"]
    last = pd.to_numeric(rows["adno"].map(imported).str[:4], errors="coerce")
    since = (last - int(academic_year[:4])).fillna(0).astype("Int64")
    years = rows["year"].astype("Int64") - since
    return rows.assign(year=years.fillna(rows["class_year"].astype("Int64")))


def _years(
    school: School,
    code: str,
    rows: pd.DataFrame,
    marks: pd.DataFrame,
    issued: pd.DataFrame,
) -> Iterable[int]:
    if school.has_collection(code):
        return school.collection(code).years
    adnos = {*marks["adno"], *issued["adno"]}
    years: set[int] = set(rows.loc[rows["adno"].isin(adnos), "year"].dropna())
    return years or range(_FIRST_YEAR, _LAST_YEAR + 1)


def with_points(rows: pd.DataFrame, tables: Tables, school: School) -> pd.DataFrame:
    """The same rows with `halves`, `points`, `target_points` and `residual`.

    Args:
        rows: As from `collection_entries`, without those columns.
        tables: Scales, subjects and national figures.
        school: The school and its settings.
    """
    when = summers_of_tests(rows["academic_year"], rows["year"])
    rows = rows.assign(
        halves=mean_scores(
            rows["ks2_reading"], rows["ks2_maths"], tables.substitutes, tests=when
        )
    )
    names = {name: tables.subject(name).scale for name in rows["subject"].unique()}
    scales = rows["subject"].map(names)
    rows["points"] = grade_points(rows["prediction"], scales, tables)
    rows["target_points"] = grade_points(rows["target"], scales, tables)
    expected = residuals.expected_points(
        rows["subject"],
        rows["halves"],
        tables,
        years=tuple(school.settings.targets.years),
    )
    hundredths = rows["points"] * (residuals.UNIT // 60)
    return rows.assign(residual=hundredths - expected)


def grade_points(grades: pd.Series, scales: pd.Series, tables: Tables) -> pd.Series:
    """The points of every grade in sixtieths, missing where a cell is no grade."""
    pairs = pd.DataFrame({"grade": grades, "scale": scales}).dropna()
    distinct = pairs.drop_duplicates()
    distinct = distinct.assign(
        points=pd.array(
            [
                _points(grade, tables.scales.get(str(scale)))
                for grade, scale in zip(
                    distinct["grade"], distinct["scale"], strict=True
                )
            ],
            dtype="Int64",
        )
    )
    merged = pairs.merge(distinct, how="left", on=["grade", "scale"])
    points = pd.Series(merged["points"].array, index=pairs.index, dtype="Int64")
    return points.reindex(grades.index)


def _points(grade: object, scale: Scale | None) -> int | None:
    if scale is None or scale.judgement:
        return None
    name = scale.find(grade)
    return None if name is None else scale.points(name)
