"""Earlier collections and years of the same pupils: marks, targets, interventions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, select

from generator.school.school import Collection
from generator.store import schema
from generator.store.mark_tables import marks_with_targets
from udfs.measures import intervention_comparison
from udfs.tables import Tables

MAX_EARLIER = 4  # collections
KEYS = ["adno", "subject"]
YEARLY_KEYS = [*KEYS, "academic_year"]
BELOW = ("Below", "Well below")
LAST_FIELDS = {  # of `CollectionSnapshot.rows` -> of the mark
    "last": "prediction", "last_flag": "flag", "last_level": "level", "last_gap": "gap",
}  # fmt: skip


def collections_before(
    connection: Connection, collection: Collection
) -> dict[str, str]:
    """The collections before one, oldest first, each with the day it opened."""
    c = schema.collections.c
    earlier = connection.execute(
        select(c.code, c.opens)
        .where(c.opens < collection.opens.isoformat(), c.code != collection.code)
        .order_by(c.opens, c.code)
    )
    return dict([(row.code, row.opens) for row in earlier][-MAX_EARLIER:])


def add_earlier_marks(
    connection: Connection,
    tables: Tables,
    rows: pd.DataFrame,
    before: Iterable[str],
    fine: bool,
) -> tuple[pd.DataFrame, dict[int, str]]:
    """The rows with the marks of earlier collections.

    Args:
        connection: A transaction of the store.
        tables: Scales and subjects as this school has them.
        rows: A row for each pupil, class and subject, with the current flag and level.
        before: The earlier collections, oldest first.
        fine: Whether flags distinguish thirds of a grade.

    Returns:
        The rows, and each year group's last collection that asked for predictions.
    """
    rows = rows.assign(**dict.fromkeys(LAST_FIELDS), run=0).astype(
        {"last": "str", "last_flag": "str", "last_level": "Int64", "last_gap": "Int64"}
    )
    last: dict[int, str] = {}
    for code in before:
        marks = marks_with_targets(connection, tables, collection=code, fine=fine)
        marks = marks[[*KEYS, *LAST_FIELDS.values()]]
        marks = rows[KEYS].merge(marks, on=KEYS, how="left").set_index(rows.index)
        predictions = marks["prediction"].fillna("")
        with_flag = predictions + " (" + marks["flag"] + ")"
        rows[f"earlier:{code}"] = with_flag.where(marks["flag"].notna(), predictions)
        for name, field in (("was", "prediction"), ("flag", "flag"), ("gap", "gap")):
            rows[f"{name}:{code}"] = marks[field]
        rows["run"] = (rows["run"] + 1).where(marks["flag"].isin(BELOW), 0)
        # The previous collection is, for each year group, the latest that asked it
        # for predictions.
        years = rows.loc[marks["prediction"].notna(), "year"].unique()
        last |= dict.fromkeys(years.tolist(), code)
        in_years = rows["year"].isin(years)
        for name, field in LAST_FIELDS.items():
            rows[name] = rows[name].mask(in_years, marks[field])
    rows["run"] = (rows["run"] + 1).where(rows["flag"].isin(BELOW), 0)
    rows["movement"] = rows["level"] - rows["last_level"]
    return rows.copy(), last  # in one block of memory, which is faster to split


def yearly_history(connection: Connection, *, until: str) -> pd.DataFrame:
    """Targets, predictions and teachers by pupil, subject and academic year.

    Args:
        connection: A transaction of the store.
        until: The last academic year, as `2026/27`.

    Returns:
        `target` (the last version set in that year), `prediction` (of the year's last
        collection that has one) and `teacher` (the names of those of the class it was
        given in); missing if there is none.
    """
    t = schema.targets.c
    targets = _query_frame(
        connection,
        select(t.adno, t.subject, t.academic_year, t.expected.label("target"))
        .where(t.academic_year <= until)
        .order_by(t.adno, t.subject, t.version),
    ).drop_duplicates(YEARLY_KEYS, keep="last")
    m, c = schema.marks.c, schema.collections.c
    predictions = _query_frame(
        connection,
        select(
            m.adno, m.subject, m.academic_year, m.value.label("prediction"), m["class"]
        )
        .join_from(schema.marks, schema.collections, m.collection == c.code)
        .where(m.field == "prediction", m.value != "", m.academic_year <= until)
        .order_by(c.opens, m.collection, m.adno, m.subject),
    ).drop_duplicates(YEARLY_KEYS, keep="last")
    teachers = _class_teachers(connection)
    predictions = predictions.merge(teachers, on=["academic_year", "class"], how="left")
    predictions = predictions.drop(columns="class")
    return targets.merge(predictions, on=YEARLY_KEYS, how="outer")


def _class_teachers(connection: Connection) -> pd.DataFrame:
    """The names of the teachers of each class, by academic year."""
    k, s = schema.classes.c, schema.staff.c
    classes = _query_frame(connection, select(k.academic_year, k["class"], k.teachers))
    staff = _query_frame(connection, select(s.academic_year, s.code, s.name))
    names = {
        (year, code): name for year, code, name in staff.to_numpy().tolist() if name
    }
    rows = zip(classes["academic_year"], classes["teachers"], strict=True)
    classes["teacher"] = [
        ", ".join(names.get((year, code), code) for code in codes.split(";") if code)
        for year, codes in rows
    ]
    return classes.drop(columns="teachers")


def _query_frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    result = connection.execute(query)
    return pd.DataFrame(
        [tuple(row) for row in result.all()],
        columns=pd.Index(list(result.keys())),
        dtype="str",
    )


def carry_over_subjects(
    history: pd.DataFrame, current: pd.DataFrame, tables: Tables
) -> pd.DataFrame:
    """The history, with a Key Stage 3 subject under the subject that follows it.

    A subject that a pupil still takes is not carried over; what a subject has of its
    own in a year takes precedence over what is carried over.

    Args:
        history: From `yearly_history`.
        current: What each pupil takes now: `adno` and `subject`.
        tables: Which subject follows which.
    """
    names = history["subject"].unique()
    pairs = [
        (subject, name)
        for subject in current["subject"].unique()
        if (follows := tables.subject(subject).follows)
        for name in names
        if tables.is_same_subject(name, follows)
    ]
    moves = pd.DataFrame(pairs, columns=pd.Index(["leads_to", "subject"]), dtype="str")
    moves = current[KEYS].rename(columns={"subject": "leads_to"}).merge(moves)
    current_keys = pd.MultiIndex.from_frame(current[KEYS])
    moves = moves.loc[~pd.MultiIndex.from_frame(moves[KEYS]).isin(current_keys)]
    if moves.empty:
        return history
    moving = pd.MultiIndex.from_frame(history[KEYS]).isin(
        pd.MultiIndex.from_frame(moves[KEYS])
    )
    moved = history.loc[moving].merge(moves, on=KEYS)
    moved = moved.drop(columns="subject").rename(columns={"leads_to": "subject"})
    rows = pd.concat([history.loc[~moving], moved], ignore_index=True)
    return rows.groupby(YEARLY_KEYS, as_index=False).first()


def track_interventions(
    rows: pd.DataFrame,
    priors: Mapping[str, str],
    interventions: pd.DataFrame,
    opened: Mapping[str, str],
) -> pd.DataFrame:
    """Every intervention in every subject, before, after and two collections later.

    Args:
        rows: `CollectionSnapshot.rows`.
        priors: Admission number -> prior attainment band; empty if unknown.
        interventions: `CollectionSnapshot.interventions`, by their numbers.
        opened: Collection -> the day it opened, as ISO text, oldest first, this
            collection last.

    Returns:
        As `udfs.measures.intervention_comparison.follow_interventions`; `help` is the
        number in `interventions`. One without a first day counts from its entry.
    """
    once = rows.drop_duplicates(KEYS)
    pupils = once[[*KEYS, "year"]].assign(band=once["adno"].map(priors).fillna(""))
    *earlier, this = opened
    columns = {code: (f"flag:{code}", f"gap:{code}") for code in earlier}
    columns[this] = ("flag", "gap")
    parts = [
        pupils.assign(collection=code, flag=once[flag], gap=once[gap])
        for code, (flag, gap) in columns.items()
    ]
    marks = pd.concat(parts, ignore_index=True)
    marks = marks.loc[marks["gap"].notna() & marks["flag"].notna()]
    interventions = interventions.loc[interventions["adno"].isin(pupils["adno"])]
    first_day = interventions["from"].astype("str")
    entry_day = interventions["entered_at"].astype("str").str[:10]
    starts = pd.DataFrame(
        {
            "help": interventions.index,
            "adno": interventions["adno"].astype("str"),
            "subject": interventions["subject"].astype("str"),
            "since": first_day.where(first_day != "", entry_day),
        }
    )
    return intervention_comparison.follow_interventions(starts, marks, opened)
