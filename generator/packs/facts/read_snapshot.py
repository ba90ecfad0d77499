"""Read a collection snapshot from the store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.context import Context
from generator.packs.facts.history import (
    KEYS,
    add_earlier_marks,
    collections_before,
    track_interventions,
    yearly_history,
)
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.wording import phrase
from generator.school.school import Collection
from generator.store import collection_codes, results, roster
from generator.store import interventions as stored
from generator.store import returns as inbox
from generator.store import tables as ledger
from generator.store.enrolments import department_of, enrolments
from generator.store.mark_tables import latest_issued_targets, marks_with_targets
from generator.store.marks import FIELDS
from udfs.measures.progress8 import pupils_prior_thirds
from udfs.tables import Tables


def read_snapshot(
    connection: Connection, context: Context, collection: Collection
) -> CollectionSnapshot:
    """A collection as the store has it now, without pupils who have left.

    Args:
        connection: A transaction of the store.
        context: The school, its tables and the day.
        collection: The collection.
    """
    school, tables, today = context.school, context.tables, context.today
    academic_year = (
        collection_codes.academic_year_of_code(connection, collection.code)
        or school.academic_year
    )
    roles = roster.roles(connection, academic_year)
    staff = roster.staff(connection, academic_year)
    names = dict(zip(staff["code"], staff["name"], strict=True))
    before = collections_before(connection, collection)
    rows = _enrolled_rows(connection, context, collection, academic_year)
    rows["department"] = _departments(rows, tables, roles)
    rows = _add_teachers(rows, names)
    rows["groups"] = _group_labels(rows)
    rows, leaver_marks = _add_marks(connection, context, collection, rows)
    rows, previous = add_earlier_marks(
        connection, tables, rows, before, school.settings.flags.fine
    )
    pupils = roster.pupils(connection)
    pupils = pupils.assign(prior=pupils_prior_thirds(pupils, tables, academic_year))
    interventions = stored.interventions(connection)
    opened = before | {collection.code: collection.opens.isoformat()}
    priors = dict(zip(pupils["adno"], pupils["prior"], strict=True))
    indicators = roster.indicators(connection, academic_year)
    return CollectionSnapshot(
        collection=collection,
        academic_year=academic_year,
        rows=rows,
        previous=previous,
        earlier=tuple(before),
        intervention_history=track_interventions(rows, priors, interventions, opened),
        issued=frozenset(inbox.issued_classes(connection, collection.code)),
        returned=inbox.returned_classes(connection, collection.code),
        roles=roles,
        names=names,
        hidden_marks=_count_hidden(leaver_marks, rows),
        pupils=_pupils_on_roll(
            pupils, rows, indicators, collection, academic_year, today
        ),
        merged=_merged_returns(connection, collection),
        leaver_marks=leaver_marks.merge(
            pupils[["adno", "reg", "sen"]], on="adno", how="left"
        ),
        interventions=interventions.assign(
            runs=stored.is_running(interventions, today)
        ),
        actions=stored.actions(connection),
        latest_results=_latest_results(connection, academic_year),
        history=yearly_history(connection, until=academic_year),
        key=school.key(),
    )  # fmt: skip


def _enrolled_rows(
    connection: Connection, context: Context, collection: Collection, academic_year: str
) -> pd.DataFrame:
    """The pupils, classes and subjects of the collection's years."""
    rows = enrolments(connection, academic_year, context.tables, today=context.today)
    if academic_year != context.school.academic_year:
        rows["year"] = rows["class_year"]  # the pupils have moved up since
    rows["year"] = rows["year"].fillna(rows["class_year"])
    rows = rows.loc[rows["year"].isin(collection.years)].reset_index(drop=True)
    return rows.astype({"year": "int64"})


def _add_marks(
    connection: Connection,
    context: Context,
    collection: Collection,
    rows: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with the target as issued and the marks; and the marks of no row."""
    tables, code = context.tables, collection.code
    fine = context.school.settings.flags.fine
    marks = marks_with_targets(connection, tables, collection=code, fine=fine)
    matched = rows[KEYS].drop_duplicates()
    matched = matched.merge(marks, on=KEYS, how="right", indicator=True)
    unmatched = matched.loc[matched["_merge"] == "right_only"]
    targets = latest_issued_targets(connection, code).drop(columns="collection")
    rows = rows.merge(targets, on=KEYS, how="left")
    columns = [*KEYS, *FIELDS, "flag", "gap", "level", "merged_at"]
    rows = rows.merge(marks[columns], on=KEYS, how="left")
    rows["scale"] = rows["subject"].map(
        {name: tables.subject(name).scale for name in rows["subject"].unique()}
    )
    rows["answered"] = _has_answer(rows, collection)
    return rows, unmatched[["adno", "subject", "class", "year"]]


def _departments(
    rows: pd.DataFrame, tables: Tables, roles: pd.DataFrame
) -> pd.Series[str]:
    pairs = rows[["subject", "class_subject"]].drop_duplicates()
    departments = {
        (subject, taught): department_of(subject, taught, tables, roles)
        for subject, taught in pairs.to_numpy()
    }
    keys = list(zip(rows["subject"], rows["class_subject"], strict=True))
    of_rows = pd.Series(keys, index=rows.index, dtype=object)
    return of_rows.map(departments).astype("str")


def _add_teachers(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The rows with the names of all teachers, and of the lead teacher."""
    rows["teacher"] = rows["teachers"].map(_teacher_names(rows["teachers"], names))
    lead = rows["teachers"].str.split(";").str[0]  # a name may have a comma in it
    rows["lead"] = lead.map(_teacher_names(lead, names))
    return rows


def _teacher_names(
    teachers: pd.Series[str], names: Mapping[str, str]
) -> dict[str, str]:
    return {
        codes: ", ".join(names.get(code, code) for code in codes.split(";") if code)
        or phrase("no_teacher")
        for codes in teachers.unique()
    }


def _group_labels(rows: pd.DataFrame) -> pd.Series[str]:
    """The groups that a teacher sees beside the name: `PP, SEN K, EAL`."""
    none = pd.Series("", index=rows.index, dtype="str")
    labels = none
    for label in (
        none.mask(rows["pp"] == "Y", "PP"),
        none.mask(rows["sen"].isin(["K", "E"]), "SEN " + rows["sen"]),
        none.mask(rows["eal"] == "Y", "EAL"),
    ):
        comma = none.mask((labels != "") & (label != ""), ", ")
        labels = labels + comma + label
    return labels


def _has_answer(rows: pd.DataFrame, collection: Collection) -> pd.Series[bool]:
    for name in ("prediction", "working_at"):
        if name in collection.asks:
            return rows[name].notna()
    return rows[list(FIELDS)].notna().any(axis=1)


def _pupils_on_roll(
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    indicators: pd.DataFrame,
    collection: Collection,
    academic_year: str,
    today: date,
) -> pd.DataFrame:
    """The pupils of the collection's years, including those whom nobody teaches."""
    on_roll = (pupils["left"] == "") | (pupils["left"] > today.isoformat())
    # The store knows only the current year group of each pupil.
    current = (pupils["academic_year"] == academic_year) & on_roll
    in_years = pupils["year"].isin(collection.years) & current
    pupils = pupils.loc[in_years | pupils["adno"].isin(rows["adno"])]
    taught_year = rows.drop_duplicates("adno").set_index("adno")["year"]
    year = pupils["adno"].map(taught_year).fillna(pupils["year"]).astype("int64")
    pupils = pupils.assign(year=year, groups=_group_labels(pupils))
    return pupils.merge(read_conduct(indicators), on="adno", how="left").sort_values(
        ["year", "reg", "surname", "forename", "adno"], kind="stable"
    )


# The names of indicators. The first pattern that fits any name decides; of several
# names that fit it, the first in alphabetical order.
INDICATOR_PATTERNS = {
    "attendance": (r"attendance.*(%|per ?cent)", r"(%|per ?cent).*attendance",
                   r"attendance"),
    "behaviour": (r"behaviou?r.*points?", r"behaviou?r", r"negative.*points?",
                  r"conduct.*points?"),
    "achievement": (r"achievement.*points?", r"achievement", r"positive.*points?",
                    r"rewards?|merits?"),
}  # fmt: skip


def read_conduct(indicators: pd.DataFrame) -> pd.DataFrame:
    """The attendance, behaviour and achievement of each pupil.

    Args:
        indicators: adno, name and value (text), as imported.

    Returns:
        One row per pupil with any indicator: `adno`, `attendance` (per cent),
        `behaviour` and `achievement` (points); missing if there is no number.

    >>> indicators = pd.DataFrame({
    ...     "adno": ["1", "1"], "name": ["Attendance %", "Merits"],
    ...     "value": ["92.3%", "7"]})
    >>> read_conduct(indicators).to_dict("records")
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'adno': '1', 'attendance': 92.3, 'behaviour': nan, 'achievement': 7.0}]
    """
    names = sorted(indicators["name"].unique())
    conduct = indicators[["adno"]].drop_duplicates().reset_index(drop=True)
    for field, patterns in INDICATOR_PATTERNS.items():
        name = _matching_name(names, patterns)
        rows = indicators.loc[indicators["name"] == name]
        text = rows["value"].astype("str").str.strip().str.removesuffix("%")
        numbers = pd.to_numeric(text, errors="coerce").astype("float64")
        values = dict(zip(rows["adno"], numbers, strict=True))
        conduct[field] = conduct["adno"].map(values).astype("float64")
    return conduct


def _matching_name(names: list[str], patterns: tuple[str, ...]) -> str:
    for pattern in patterns:
        for name in names:
            if re.search(pattern, name, re.IGNORECASE):
                return name
    return ""


def _latest_results(connection: Connection, academic_year: str) -> pd.DataFrame:
    """The grades of the last year before this one that has any."""
    years = [y for y in results.result_years(connection) if y < academic_year]
    if not years:
        return pd.DataFrame()
    grades = results.results(connection, years[-1])
    return grades.loc[grades["points"].notna()].reset_index(drop=True)


def _merged_returns(connection: Connection, collection: Collection) -> pd.DataFrame:
    returns = ledger.return_table(connection, collection.code)
    returns = returns.loc[returns["status"].isin(inbox.MERGED)]
    each = returns.assign(**{"class": returns["class"].str.split(";")}).explode("class")
    return each[["return_id", "class"]]


def _count_hidden(leaver_marks: pd.DataFrame, rows: pd.DataFrame) -> dict[str, int]:
    departments = rows[["class", "department"]].drop_duplicates()
    marks = leaver_marks[["adno", "subject", "class"]].merge(departments, on="class")
    counts = marks.groupby("department").size()
    return {str(name): int(count) for name, count in counts.items()}
