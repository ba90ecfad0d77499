"""What the store has of each pupil: predictions, flags, queries, answers."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from generator.records.marks import standing_marks
from generator.records.roster import read
from generator.school import School
from generator.store import answers as stored_answers
from generator.store import schema
from generator.store import targets as stored
from generator.targets.plans import year_before
from generator.targets.standing import followed
from udfs.tables import Tables


def with_marks(
    connection: Connection, rows: pd.DataFrame, school: School, tables: Tables
) -> pd.DataFrame:
    """The same rows with what teachers have said of each pupil and subject.

    A subject that follows another takes the marks of that one, until it has its own.

    Args:
        connection: A transaction of the store.
        rows: `adno`, `subject` and `year`, one row per pupil and subject.
        school: The school.
        tables: Scales and subjects.

    Returns:
        With `prediction` and `collection` (missing and empty unless the pupil has one
        in the latest collection of the year group), `too` (what was predicted in the
        one before, in brackets), `last` and `last_year` (`AUT 5 (Below)`, of this
        academic year and of the last one), `query` and `query_in` (a teacher's
        latest query of this academic year, and the collection it is of).
    """
    marks = _marks(connection, rows, school, tables)
    said = marks.loc[marks["prediction"].notna()]
    now = said.loc[said["academic_year"].eq(school.academic_year)]
    then = said.loc[said["academic_year"].eq(year_before(school.academic_year))]
    asked = marks.loc[
        marks["target_query"].notna() & marks["academic_year"].eq(school.academic_year)
    ]
    made = rows.copy()
    last = _aligned(said.drop_duplicates(stored.KEY, keep="last"), rows)
    before = said.loc[said.duplicated(stored.KEY, keep="last")]
    before = _aligned(before.drop_duplicates(stored.KEY, keep="last"), rows)
    latest = last["opens"].groupby(rows["year"].fillna(0)).transform("max")
    fresh = last["opens"].eq(latest).fillna(False).astype(bool)
    made["prediction"] = last["prediction"].where(fresh)
    made["collection"] = last["collection"].where(fresh).fillna("")
    there = before["prediction"].notna()
    told = " (" + before["prediction"] + " in " + before["collection"] + ")"
    made["too"] = told.where(there, "")
    for name, of in (("last", now), ("last_year", then)):
        found = _aligned(of.drop_duplicates(stored.KEY, keep="last"), rows)
        made[name] = _flagged(found)
    query = _aligned(asked.drop_duplicates(stored.KEY, keep="last"), rows)
    made["query"] = query["target_query"].fillna("")
    made["query_in"] = query["collection"].fillna("")
    return made


def with_answers(connection: Connection, rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the answer to each query, and its version (0: none)."""
    known = stored_answers.answers(connection)
    known = known.rename(
        columns={"collection": "query_in", "version": "answer_version"}
    )
    columns = [*stored.KEY, "query_in", "answer", "answer_version"]
    made = rows.merge(known[columns], on=[*stored.KEY, "query_in"], how="left")
    made["answer"] = made["answer"].fillna("")
    made["answer_version"] = made["answer_version"].fillna(0).astype("int64")
    return made


def _marks(
    connection: Connection, rows: pd.DataFrame, school: School, tables: Tables
) -> pd.DataFrame:
    c = schema.collections.c
    opens = read(connection, select(c.code.label("collection"), c.opens))
    marks = standing_marks(connection, tables, fine=school.settings.flags.fine).merge(
        opens, on="collection", how="left"
    )
    marks = marks[
        [
            *stored.KEY, "collection", "academic_year", "prediction", "flag",
            "target_query", "opens",
        ]
    ]  # fmt: skip
    pairs = followed(
        list(rows["subject"].unique()), list(marks["subject"].unique()), tables
    )
    carried = pd.DataFrame(pairs, columns=pd.Index(["leads_to", "subject"])).astype(
        "str"
    )
    earlier = marks.merge(carried, on="subject").drop(columns="subject")
    earlier = earlier.rename(columns={"leads_to": "subject"})
    # A pupil's own marks in the subject come after those of the one it follows.
    every = pd.concat([earlier.assign(own=0), marks.assign(own=1)])
    return every.sort_values(["opens", "collection", "own"], kind="stable").reset_index(
        drop=True
    )


def _aligned(found: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    made = rows[stored.KEY].merge(found, on=stored.KEY, how="left")
    return made.set_axis(rows.index)


def _flagged(found: pd.DataFrame) -> pd.Series[str]:
    alike = found["flag"].str.casefold().eq(found["prediction"].str.casefold())
    flag = (" (" + found["flag"] + ")").where(found["flag"].notna() & ~alike, "")
    return (found["collection"] + " " + found["prediction"] + flag).fillna("")
