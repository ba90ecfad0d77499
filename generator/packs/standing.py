"""Where every pupil stands in a collection: what all packs are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.packs.conduct import conduct
from generator.packs.earlier import KEYS, collections_before, with_earlier
from generator.packs.followed import follow
from generator.packs.measured import Measured
from generator.packs.past import past
from generator.packs.phrases import say
from generator.records import ledger, results
from generator.records.marks import issued, standing_marks
from generator.roll import department_of, roll
from generator.school import Collection, School
from generator.store import inbox, roster, years
from generator.store import interventions as stored
from generator.store.marks import FIELDS
from udfs.progress8 import priors
from udfs.tables import Tables


@dataclass(frozen=True)
class Standing:
    """A collection as it stands now.

    Args:
        collection: The collection.
        academic_year: The academic year it belongs to.
        rows: One row for each pupil, class and subject that marks are asked for:
            the roll, `department`, `teacher` (names, lead first), `lead`, `groups`,
            the target as issued, the marks, `answered`, `flag`, `gap`, `level`,
            `last` (the prediction in the collection before), `last_flag`,
            `last_gap` (to the target of that time), `movement` (sixtieths of a grade
            since then, matched pupils only), `run` (in how many collections in a
            row, this one included, the flag was below)
            `effort` … as given, and for each earlier collection `earlier:CODE`
            (`5 (Below)`), `was:CODE`, `flag:CODE` and `gap:CODE`.
        last: Year group -> the collection that `last` is of.
        earlier: Codes of the earlier collections, oldest first.
        issued: The classes that were issued a markbook.
        returned: Class -> when its first merged return came, as ISO text.
        files: Department -> how many returns were merged for its classes.
        roles: Who leads what: staff, role, scope.
        names: Staff code -> name.
        elsewhere: Department -> how many marks are not shown, for the pupil has
            left the school or the class.
        pupils: Everybody on roll in the collection's years, taught or not, with
            `groups`, `attendance`, `behaviour` and `achievement`.
        merged: Which return was merged for which class: return_id, class.
        gone: The marks not shown: adno, subject, class, the pupil's year, reg, sen.
        interventions: What is or was done for pupils; `runs` says whether it goes on.
        actions: What readers wrote on earlier packs' sheets of actions.
        measured: Groups by rule and measures, for the packs that tell of them.
        past: Targets, predictions and teachers, year by year.
        key: The school's key, with which packs are sealed.
        outcomes: The results of the last year that has any, with `predicted`.
        followed: Every intervention before, after and later: see `packs.followed`.
    """

    collection: Collection
    academic_year: str
    rows: pd.DataFrame
    last: Mapping[int, str]
    earlier: tuple[str, ...]
    issued: frozenset[str]
    returned: Mapping[str, str]
    files: Mapping[str, int]
    roles: pd.DataFrame
    names: Mapping[str, str]
    elsewhere: Mapping[str, int]
    pupils: pd.DataFrame = field(default_factory=pd.DataFrame)
    merged: pd.DataFrame = field(default_factory=pd.DataFrame)
    gone: pd.DataFrame = field(default_factory=pd.DataFrame)
    interventions: pd.DataFrame = field(default_factory=pd.DataFrame)
    actions: pd.DataFrame = field(default_factory=pd.DataFrame)
    measured: Measured | None = None
    past: pd.DataFrame = field(default_factory=pd.DataFrame)
    key: bytes = field(default=b"", repr=False)
    followed: pd.DataFrame = field(default_factory=pd.DataFrame)
    outcomes: pd.DataFrame = field(default_factory=pd.DataFrame)

    def returns_of(self, rows: pd.DataFrame) -> int:
        """How many returns a part of the roll comes from."""
        mine = self.merged["class"].isin(rows["class"].unique())
        return int(self.merged.loc[mine, "return_id"].nunique())

    def departments(self) -> list[str]:
        """The departments with a class in this collection, by name."""
        return sorted(self.rows["department"].unique())

    def holders(self, role: str, scope: str) -> list[str]:
        """Who has a role for a scope, by name."""
        return [self.names.get(code, code) for code in self.codes(role, scope)]

    def codes(self, role: str, scope: str) -> list[str]:
        """Who has a role for a scope, by staff code."""
        mine = self.roles["role"] == role
        mine &= self.roles["scope"].str.casefold() == scope.casefold()
        found: list[str] = self.roles.loc[mine, "staff"].tolist()
        return found


def standing(
    connection: Connection,
    school: School,
    tables: Tables,
    collection: Collection,
    *,
    today: date,
) -> Standing:
    """Where every pupil stands in a collection, worked out from the store.

    Pupils who have left by today are not in it.
    """
    academic_year = years.year_of(connection, collection.code) or school.academic_year
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
    now = standing_marks(connection, tables, collection=collection.code, fine=fine)
    there = (
        rows[KEYS].drop_duplicates().merge(now, on=KEYS, how="right", indicator=True)
    )
    gone = there.loc[there["_merge"] == "right_only"]
    aims = issued(connection, collection.code).drop(columns="collection")
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
    return Standing(
        collection=collection,
        academic_year=academic_year,
        rows=rows,
        last=last,
        earlier=tuple(before),
        followed=follow(
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
        past=past(connection, until=academic_year),
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


def _outcomes(connection: Connection, academic_year: str) -> pd.DataFrame:
    """The grades of the last year before this one that has any."""
    years = [year for year in results.years(connection) if year < academic_year]
    if not years:
        return pd.DataFrame()
    found = results.results(connection, years[-1])
    return found.loc[found["points"].notna()].reset_index(drop=True)


def _merged(connection: Connection, collection: Collection) -> pd.DataFrame:
    returns = ledger.returns(connection, collection.code)
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
