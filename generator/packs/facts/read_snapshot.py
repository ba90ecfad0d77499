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
    """A collection as the store has it now, without pupils who have left by today.

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
    rows["teacher"] = rows["teachers"].map(_teacher_names(rows["teachers"], names))
    lead = rows["teachers"].str.split(";").str[0]  # a name may have a comma in it
    rows["lead"] = lead.map(_teacher_names(lead, names))
    rows["groups"] = _group_labels(rows)
    rows, leaver_marks = _add_marks(connection, context, collection, rows)
    rows, previous = add_earlier_marks(
        connection, tables, rows, before, school.settings.flags.fine
    )
    pupils = roster.pupils(connection)
    pupils = pupils.assign(prior=pupils_prior_thirds(pupils, tables, academic_year))
    interventions = stored.interventions(connection)
    return CollectionSnapshot(
        collection=collection,
        academic_year=academic_year,
        rows=rows,
        previous=previous,
        earlier=tuple(before),
        intervention_history=track_interventions(
            rows,
            dict(zip(pupils["adno"], pupils["prior"], strict=True)),
            interventions,
            before | {collection.code: collection.opens.isoformat()},
        ),
        issued=frozenset(inbox.issued_classes(connection, collection.code)),
        returned=inbox.returned_classes(connection, collection.code),
        roles=roles,
        names=names,
        hidden_marks=_count_hidden(leaver_marks, rows),
        pupils=_pupils_on_roll(
            pupils, rows, roster.indicators(connection, academic_year),
            collection, academic_year, today,
        ),
        merged=_merged_returns(connection, collection),
        leaver_marks=leaver_marks.merge(
            pupils[["adno", "reg", "sen"]], on="adno", how="left"
        ),
        interventions=interventions.assign(runs=stored.is_running(interventions, today)),
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
    each = {
        (subject, taught): department_of(subject, taught, tables, roles)
        for subject, taught in pairs.to_numpy()
    }
    found = pd.Series(
        list(zip(rows["subject"], rows["class_subject"], strict=True)),
        index=rows.index,
        dtype=object,
    )
    return found.map(each).astype("str")


def _teacher_names(
    teachers: pd.Series[str], names: Mapping[str, str]
) -> dict[str, str]:
    return {
        codes: ", ".join(names.get(code, code) for code in codes.split(";") if code)
        or phrase("no_teacher")
        for codes in teachers.unique()
    }


def _group_labels(rows: pd.DataFrame) -> pd.Series[str]:
    """The groups a teacher sees beside the name too: `PP, SEN K, EAL`."""
    none = pd.Series("", index=rows.index, dtype="str")
    parts = (
        none.mask(rows["pp"] == "Y", "PP"),
        none.mask(rows["sen"].isin(["K", "E"]), "SEN " + rows["sen"]),
        none.mask(rows["eal"] == "Y", "EAL"),
    )
    made = none
    for part in parts:
        between = none.mask((made != "") & (part != ""), ", ")
        made = made + between + part
    return made


def _has_answer(rows: pd.DataFrame, collection: Collection) -> pd.Series[bool]:
    for name in ("prediction", "working_at"):
        if name in collection.asks:
            return rows[name].notna()
    return rows[list(FIELDS)].notna().any(axis=1)


def _pupils_on_roll(
    everybody: pd.DataFrame,
    rows: pd.DataFrame,
    indicators: pd.DataFrame,
    collection: Collection,
    academic_year: str,
    today: date,
) -> pd.DataFrame:
    """The pupils of the collection's years, those whom nobody teaches too."""
    here = (everybody["left"] == "") | (everybody["left"] > today.isoformat())
    # The store knows each pupil's year group as of now only.
    of_now = (everybody["academic_year"] == academic_year) & here
    mine = everybody["year"].isin(collection.years) & of_now
    found = everybody.loc[mine | everybody["adno"].isin(rows["adno"])]
    taught = rows.drop_duplicates("adno").set_index("adno")["year"]
    year = found["adno"].map(taught).fillna(found["year"]).astype("int64")
    found = found.assign(year=year, groups=_group_labels(found))
    return found.merge(read_conduct(indicators), on="adno", how="left").sort_values(
        ["year", "reg", "surname", "forename", "adno"], kind="stable"
    )


# What to look for in an indicator's name; of several, the first in this order that
# any name fits, then the first by name.
INDICATOR_PATTERNS = {
    "attendance": (r"attendance.*(%|per ?cent)", r"(%|per ?cent).*attendance",
                   r"attendance"),
    "behaviour": (r"behaviou?r.*points?", r"behaviou?r", r"negative.*points?",
                  r"conduct.*points?"),
    "achievement": (r"achievement.*points?", r"achievement", r"positive.*points?",
                    r"rewards?|merits?"),
}  # fmt: skip


def read_conduct(indicators: pd.DataFrame) -> pd.DataFrame:
    """What is known of each pupil besides marks.

    Args:
        indicators: adno, name and value (text), as imported.

    Returns:
        One row per pupil of whom anything is known: `adno`, `attendance` (per cent),
        `behaviour` and `achievement` (points); missing where there is no number.

    >>> made = pd.DataFrame({"adno": ["1", "1"], "name": ["Attendance %", "Merits"],
    ...                      "value": ["92.3%", "7"]})
    >>> conduct(made).to_dict("records")
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'adno': '1', 'attendance': 92.3, 'behaviour': nan, 'achievement': 7.0}]
    """
    names = sorted(indicators["name"].unique())
    made = indicators[["adno"]].drop_duplicates().reset_index(drop=True)
    for field, patterns in INDICATOR_PATTERNS.items():
        chosen = _matching_name(names, patterns)
        mine = indicators.loc[indicators["name"] == chosen]
        text = mine["value"].astype("str").str.strip().str.removesuffix("%")
        numbers = pd.to_numeric(text, errors="coerce").astype("float64")
        known = dict(zip(mine["adno"], numbers, strict=True))
        made[field] = made["adno"].map(known).astype("float64")
    return made


def _matching_name(names: list[str], patterns: tuple[str, ...]) -> str:
    for pattern in patterns:
        for name in names:
            if re.search(pattern, name, re.IGNORECASE):
                return name
    return ""


def _latest_results(connection: Connection, academic_year: str) -> pd.DataFrame:
    """The grades of the last year before this one that has any."""
    years = [year for year in results.result_years(connection) if year < academic_year]
    if not years:
        return pd.DataFrame()
    found = results.results(connection, years[-1])
    return found.loc[found["points"].notna()].reset_index(drop=True)


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
