"""Marks and their history, each beside the target that it was issued with."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from generator.records.comparison import compared
from generator.records.roster import classes, read
from generator.store import schema
from generator.store.ledger import issued_targets
from generator.store.marks import FIELDS, wide
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
    "source_cell", "merged_at", "why", "academic_year",
)  # fmt: skip
NO_DATA = "no data"


def marks(
    connection: Connection,
    tables: Tables,
    *,
    collection: str | None = None,
    fine: bool = False,
) -> pd.DataFrame:
    """One row per pupil and subject that has a mark, with target and flag as issued.

    Args:
        connection: The store.
        tables: Scales and subjects as this school has them.
        collection: One collection's code, or None for all.
        fine: Whether fine grades are compared finely.
    """
    made = standing_marks(connection, tables, collection=collection, fine=fine)
    made["flag"] = made["flag"].str.lower().fillna(NO_DATA)
    made = made.sort_values(
        ["academic_year", "collection", "class", "subject", "adno"], kind="stable"
    )
    return made[list(MARKS)].reset_index(drop=True)


def standing_marks(
    connection: Connection,
    tables: Tables,
    *,
    collection: str | None = None,
    fine: bool = False,
) -> pd.DataFrame:
    """As `marks`, for packs: `flag` as the markbook spells it, `gap` and `level` too.

    `gap` (prediction less target) and `level` (of the prediction) are in sixtieths
    of a grade, missing where there is none.
    """
    found = _wide(connection, collection)
    found = _placed(connection, found, collection)
    answers = compared(found, tables, fine=fine)
    return pd.concat([found, answers], axis=1)


def history(
    connection: Connection,
    tables: Tables,
    *,
    collection: str | None = None,
    fine: bool = False,
) -> pd.DataFrame:
    """One row per value ever merged, oldest first; `flag` is that of a new prediction.

    Values taken back by `undo` have their own row, whose `why` says so.
    """
    h = schema.history
    query = select(h).order_by(h.c.merged_at, h.c.id)
    if collection is not None:
        query = query.where(h.c.collection == collection)
    found = _placed(connection, read(connection, query), collection)
    predicted = found.assign(
        prediction=found["new"].where(found["field"] == "prediction")
    )
    flags = compared(predicted, tables, fine=fine)["flag"].str.lower()
    made = found.assign(
        flag=flags.fillna(NO_DATA).where(found["field"] == "prediction", "")
    )
    return made[list(HISTORY)]


def _wide(connection: Connection, collection: str | None) -> pd.DataFrame:
    """The marks of one or all collections, one row per pupil and subject."""
    m = schema.marks.c
    query = select(m.collection, m.academic_year).distinct().order_by(m.collection)
    if collection is not None:
        query = query.where(m.collection == collection)
    parts = [
        wide(connection, code).assign(collection=code, academic_year=academic_year)
        for code, academic_year in connection.execute(query)
    ]
    if not parts:
        names = ["collection", "adno", "subject", *FIELDS, *PLACE, "academic_year"]
        return pd.DataFrame(columns=pd.Index(names), dtype="str")
    made = pd.concat(parts, ignore_index=True)
    # Here what is missing is missing: a field may hold a text, a grade or nothing.
    answers = made[list(FIELDS)]
    made[list(FIELDS)] = answers.mask(answers == "")
    return made.loc[made[list(FIELDS)].notna().any(axis=1)].reset_index(drop=True)


def _placed(
    connection: Connection, found: pd.DataFrame, collection: str | None
) -> pd.DataFrame:
    """The same rows with target as issued, pupil's UPN and year, class's teacher."""
    keys = ["collection", "adno", "subject"]
    found = found.merge(issued(connection, collection), on=keys, how="left")
    p = schema.pupils.c
    known = read(
        connection, select(p.adno, p.upn, p.year, p.academic_year.label("known_in"))
    )
    found = found.merge(known, on="adno", how="left")
    taught = classes(connection).rename(columns={"year": "class_year"})
    taught = taught[["academic_year", "class", "teacher", "class_year"]]
    found = found.merge(taught, on=["academic_year", "class"], how="left")
    # The store has each pupil's year group as of the last import: count back to the
    # academic year of the mark.
    since = _first_year(found["known_in"]) - _first_year(found["academic_year"])
    found["year"] = (found["year"] - since).fillna(found["class_year"])
    return found.reset_index(drop=True)


def _first_year(academic_year: pd.Series) -> pd.Series:
    return pd.to_numeric(academic_year.str[:4], errors="coerce").astype("Int64")


def issued(connection: Connection, collection: str | None = None) -> pd.DataFrame:
    """The targets of the latest issue, per collection, pupil and subject.

    Args:
        connection: The store.
        collection: One collection's code, or None for all.
    """
    if collection is None:
        c = schema.issues.c.collection
        codes = list(connection.execute(select(c).distinct().order_by(c)).scalars())
    else:
        codes = [collection]
    found = [issued_targets(connection, c).assign(collection=c) for c in codes]
    names = ["collection", "adno", "subject", "target", "aspirational"]
    made = pd.concat(found) if found else pd.DataFrame(columns=names, dtype=object)
    return made[names].astype("str")
