"""Read a collection snapshot from the store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.packs.facts.history import (
    KEYS,
    collections_before,
    track_interventions,
    with_earlier,
    yearly_history,
)
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.wording import say
from generator.school.school import Collection, School
from generator.store import collection_codes, results, roster
from generator.store import interventions as stored
from generator.store import returns as inbox
from generator.store import tables as ledger
from generator.store.enrolments import department_of, roll
from generator.store.mark_tables import latest_issued_targets, marks_with_targets
from generator.store.marks import FIELDS
from udfs.measures.progress8 import priors
from udfs.tables import Tables


def read_snapshot(
    connection: Connection,
    school: School,
    tables: Tables,
    collection: Collection,
    *,
    today: date,
) -> CollectionSnapshot:
    """Where every pupil stands in a collection, worked out from the store.

    Pupils who have left by today are not in it.
    """
    academic_year = (
        collection_codes.year_of(connection, collection.code) or school.academic_year
    )
    roles = roster.roles(connection, academic_year)
    staff = roster.staff(connection, academic_year)
    names = dict(zip(staff["code"], staff["name"], strict=True))
    rows = _expected(connection, school, tables, collection, academic_year, today)
    rows["department"] = _departments(rows, tables, roles)
    rows["teacher"] = rows["teachers"].map(_named(rows["teachers"], names))
    lead = rows["teachers"].str.split(";").str[0]  # a name may have a comma in it
    rows["lead"] = lead.map(_named(lead, names))
    rows["groups"] = _groups(rows)

    fine = school.settings.flags.fine
    before = collections_before(connection, collection)
    now = marks_with_targets(connection, tables, collection=collection.code, fine=fine)
    there = (
        rows[KEYS].drop_duplicates().merge(now, on=KEYS, how="right", indicator=True)
    )
    gone = there.loc[there["_merge"] == "right_only"]
    aims = latest_issued_targets(connection, collection.code).drop(columns="collection")
    rows = rows.merge(aims, on=KEYS, how="left")
    marked = [*KEYS, *FIELDS, "flag", "gap", "level", "merged_at"]
    rows = rows.merge(now[marked], on=KEYS, how="left")
    rows["scale"] = rows["subject"].map(
        {name: tables.subject(name).scale for name in rows["subject"].unique()}
    )
    rows["answered"] = _answered(rows, collection)
    rows, last = with_earlier(connection, tables, rows, before, fine)

    led = rows[["class", "department"]].drop_duplicates()
    merged = _merged(connection, collection)
    everybody = roster.pupils(connection)
    helped = stored.interventions(connection)
    everybody = everybody.assign(prior=priors(everybody, tables, academic_year))
    return CollectionSnapshot(
        collection=collection,
        academic_year=academic_year,
        rows=rows,
        last=last,
        earlier=tuple(before),
        followed=track_interventions(
            rows,
            dict(zip(everybody["adno"], everybody["prior"], strict=True)),
            helped,
            before | {collection.code: collection.opens.isoformat()},
        ),
        issued=frozenset(inbox.issued_classes(connection, collection.code)),
        returned=inbox.returned_classes(connection, collection.code),
        files=_files(merged, led),
        roles=roles,
        names=names,
        elsewhere=_elsewhere(gone, led),
        pupils=_on_roll(
            everybody, rows, roster.indicators(connection, academic_year),
            collection, academic_year, today,
        ),
        merged=merged,
        gone=gone[["adno", "subject", "class", "year"]].merge(
            everybody[["adno", "reg", "sen"]], on="adno", how="left"
        ),
        interventions=helped.assign(runs=stored.running(helped, today)),
        actions=stored.actions(connection),
        outcomes=_outcomes(connection, academic_year),
        past=yearly_history(connection, until=academic_year),
        key=school.key(),
    )  # fmt: skip


def _expected(
    connection: Connection,
    school: School,
    tables: Tables,
    collection: Collection,
    academic_year: str,
    today: date,
) -> pd.DataFrame:
    rows = roll(connection, academic_year, tables, today=today)
    if academic_year != school.academic_year:
        rows["year"] = rows["class_year"]  # the pupils have moved up since
    rows["year"] = rows["year"].fillna(rows["class_year"])
    rows = rows.loc[rows["year"].isin(collection.years)].reset_index(drop=True)
    return rows.astype({"year": "int64"})


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


def _named(teachers: pd.Series[str], names: Mapping[str, str]) -> dict[str, str]:
    return {
        codes: ", ".join(names.get(code, code) for code in codes.split(";") if code)
        or say("no_teacher")
        for codes in teachers.unique()
    }


def _groups(rows: pd.DataFrame) -> pd.Series[str]:
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


def _answered(rows: pd.DataFrame, collection: Collection) -> pd.Series[bool]:
    for name in ("prediction", "working_at"):
        if name in collection.asks:
            return rows[name].notna()
    return rows[list(FIELDS)].notna().any(axis=1)


def _on_roll(
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
    found = found.assign(year=year, groups=_groups(found))
    return found.merge(conduct(indicators), on="adno", how="left").sort_values(
        ["year", "reg", "surname", "forename", "adno"], kind="stable"
    )


# What to look for in an indicator's name; of several, the first in this order that
# any name fits, then the first by name.
NAMES = {
    "attendance": (r"attendance.*(%|per ?cent)", r"(%|per ?cent).*attendance",
                   r"attendance"),
    "behaviour": (r"behaviou?r.*points?", r"behaviou?r", r"negative.*points?",
                  r"conduct.*points?"),
    "achievement": (r"achievement.*points?", r"achievement", r"positive.*points?",
                    r"rewards?|merits?"),
}  # fmt: skip


def conduct(indicators: pd.DataFrame) -> pd.DataFrame:
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
    for field, patterns in NAMES.items():
        chosen = _chosen(names, patterns)
        mine = indicators.loc[indicators["name"] == chosen]
        text = mine["value"].astype("str").str.strip().str.removesuffix("%")
        numbers = pd.to_numeric(text, errors="coerce").astype("float64")
        known = dict(zip(mine["adno"], numbers, strict=True))
        made[field] = made["adno"].map(known).astype("float64")
    return made


def _chosen(names: list[str], patterns: tuple[str, ...]) -> str:
    for pattern in patterns:
        for name in names:
            if re.search(pattern, name, re.IGNORECASE):
                return name
    return ""


def _outcomes(connection: Connection, academic_year: str) -> pd.DataFrame:
    """The grades of the last year before this one that has any."""
    years = [year for year in results.result_years(connection) if year < academic_year]
    if not years:
        return pd.DataFrame()
    found = results.results(connection, years[-1])
    return found.loc[found["points"].notna()].reset_index(drop=True)


def _merged(connection: Connection, collection: Collection) -> pd.DataFrame:
    returns = ledger.return_table(connection, collection.code)
    returns = returns.loc[returns["status"].isin(inbox.MERGED)]
    each = returns.assign(**{"class": returns["class"].str.split(";")}).explode("class")
    return each[["return_id", "class"]]


def _files(merged: pd.DataFrame, led: pd.DataFrame) -> dict[str, int]:
    each = merged.merge(led, on="class").groupby("department")
    counts = each["return_id"].nunique()
    return {str(name): int(count) for name, count in counts.items()}


def _elsewhere(gone: pd.DataFrame, led: pd.DataFrame) -> dict[str, int]:
    found = gone[["adno", "subject", "class"]].merge(led, on="class")
    counts = found.groupby("department").size()
    return {str(name): int(count) for name, count in counts.items()}
