"""What earlier collections said of the pupils and subjects of this one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, select

from generator.school.school import Collection
from generator.store import schema
from generator.store.mark_tables import marks_with_targets
from udfs.measures import intervention_effects
from udfs.tables import Tables

MAX_EARLIER = 4  # how many earlier collections are looked at
KEYS = ["adno", "subject"]
BELOW = ("Below", "Well below")


def collections_before(
    connection: Connection, collection: Collection
) -> dict[str, str]:
    """The collections before one, oldest first, each with the day it opened."""
    c = schema.collections.c
    found = connection.execute(
        select(c.code, c.opens)
        .where(c.opens < collection.opens.isoformat(), c.code != collection.code)
        .order_by(c.opens, c.code)
    )
    return dict([(row.code, row.opens) for row in found][-MAX_EARLIER:])


def add_earlier_marks(
    connection: Connection,
    tables: Tables,
    rows: pd.DataFrame,
    before: Iterable[str],
    fine: bool,
) -> tuple[pd.DataFrame, dict[int, str]]:
    """Rows of pupils and subjects with what was said of them before.

    Args:
        connection: A transaction of the store.
        tables: Scales and subjects as this school has them.
        rows: A row for each pupil, class and subject, with the flag and level of now.
        before: The earlier collections, oldest first.
        fine: Whether flags tell thirds of a grade apart.

    Returns:
        The rows, and each year group's last collection that asked for predictions.
    """
    rows = rows.assign(last=None, last_flag=None, last_level=None, last_gap=None, run=0)
    rows = rows.astype(
        {"last": "str", "last_flag": "str", "last_level": "Int64", "last_gap": "Int64"}
    )
    last: dict[int, str] = {}
    for code in before:
        then = marks_with_targets(connection, tables, collection=code, fine=fine)
        then = then[[*KEYS, "prediction", "flag", "level", "gap"]]
        then = rows[KEYS].merge(then, on=KEYS, how="left").set_index(rows.index)
        shown = then["prediction"].fillna("")
        flagged = shown + " (" + then["flag"] + ")"
        rows[f"earlier:{code}"] = flagged.where(then["flag"].notna(), shown)
        for name, of in (("was", "prediction"), ("flag", "flag"), ("gap", "gap")):
            rows[f"{name}:{code}"] = then[of]
        rows["run"] = (rows["run"] + 1).where(then["flag"].isin(BELOW), 0)
        # The collection before this one is, for each year group, the latest that
        # asked it for predictions.
        asked = rows.loc[then["prediction"].notna(), "year"].unique()
        last |= dict.fromkeys(asked.tolist(), code)
        mine = rows["year"].isin(asked)
        for name, of in (
            ("last", "prediction"),
            ("last_flag", "flag"),
            ("last_level", "level"),
            ("last_gap", "gap"),
        ):
            rows[name] = rows[name].mask(mine, then[of])
    rows["run"] = (rows["run"] + 1).where(rows["flag"].isin(BELOW), 0)
    rows["movement"] = rows["level"] - rows["last_level"]
    return rows.copy(), last  # in one piece, which is faster to cut up


YEARLY_KEYS = ["adno", "subject", "academic_year"]


def yearly_history(connection: Connection, *, until: str) -> pd.DataFrame:
    """One row per pupil, subject and academic year up to a year.

    Args:
        connection: The store.
        until: The last academic year wanted, as `2026/27`.

    Returns:
        `target` (the last version set in that year), `prediction` (of the year's last
        collection that has one) and `teacher` (names, of the class it was given in);
        missing where there is none.
    """
    t = schema.targets.c
    targets = _query_frame(
        connection,
        select(t.adno, t.subject, t.academic_year, t.expected.label("target"))
        .where(t.academic_year <= until)
        .order_by(t.adno, t.subject, t.version),
    ).drop_duplicates(YEARLY_KEYS, keep="last")
    m, c = schema.marks.c, schema.collections.c
    given = _query_frame(
        connection,
        select(
            m.adno, m.subject, m.academic_year, m.value.label("prediction"), m["class"]
        )
        .join_from(schema.marks, schema.collections, m.collection == c.code)
        .where(m.field == "prediction", m.value != "", m.academic_year <= until)
        .order_by(c.opens, m.collection, m.adno, m.subject),
    ).drop_duplicates(YEARLY_KEYS, keep="last")
    k, s = schema.classes.c, schema.staff.c
    taught = _query_frame(connection, select(k.academic_year, k["class"], k.teachers))
    staff = _query_frame(connection, select(s.academic_year, s.code, s.name))
    names = {
        (year, code): name for year, code, name in staff.to_numpy().tolist() if name
    }
    taught["teacher"] = [
        ", ".join(names.get((year, code), code) for code in codes.split(";") if code)
        for year, codes in zip(taught["academic_year"], taught["teachers"], strict=True)
    ]
    given = given.merge(
        taught.drop(columns="teachers"), on=["academic_year", "class"], how="left"
    )
    return targets.merge(given.drop(columns="class"), on=YEARLY_KEYS, how="outer")


def carry_over_subjects(
    known: pd.DataFrame, here: pd.DataFrame, tables: Tables
) -> pd.DataFrame:
    """The same, with a Key Stage 3 subject under the subject that follows it.

    A subject that a pupil still takes stands for itself; what a subject has of its own
    in a year goes before what is carried over.

    Args:
        known: From `past`.
        here: What each pupil takes now: `adno` and `subject`.
        tables: Which subject follows which.
    """
    names = known["subject"].unique()
    pairs = [
        (subject, name)
        for subject in here["subject"].unique()
        if (follows := tables.subject(subject).follows)
        for name in names
        if tables.is_same_subject(name, follows)
    ]
    taken = pd.MultiIndex.from_frame(here[YEARLY_KEYS[:2]])
    then = pd.DataFrame(pairs, columns=pd.Index(["leads_to", "subject"]), dtype="str")
    then = here[YEARLY_KEYS[:2]].rename(columns={"subject": "leads_to"}).merge(then)
    then = then.loc[~pd.MultiIndex.from_frame(then[YEARLY_KEYS[:2]]).isin(taken)]
    if then.empty:
        return known
    gone = pd.MultiIndex.from_frame(known[YEARLY_KEYS[:2]]).isin(
        pd.MultiIndex.from_frame(then[YEARLY_KEYS[:2]])
    )
    moved = known.loc[gone].merge(then, on=YEARLY_KEYS[:2])
    moved = moved.drop(columns="subject").rename(columns={"leads_to": "subject"})
    every = pd.concat([known.loc[~gone], moved], ignore_index=True)
    return every.groupby(YEARLY_KEYS, as_index=False).first()


def _query_frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    found = connection.execute(query)
    return pd.DataFrame(
        [tuple(row) for row in found.all()],
        columns=pd.Index(list(found.keys())),
        dtype="str",
    )


def track_interventions(
    rows: pd.DataFrame,
    priors: Mapping[str, str],
    helped: pd.DataFrame,
    opened: Mapping[str, str],
) -> pd.DataFrame:
    """Every intervention in every subject, before, after and two collections later.

    Args:
        rows: `Standing.rows`.
        priors: Admission number -> prior attainment band; empty where unknown.
        helped: `Standing.interventions`, by their numbers.
        opened: Collection -> the day it opened, as ISO text, oldest first, this
            collection last.

    Returns:
        As `udfs.measures.intervention_effects.follow_interventions`; `help` is the
        number in `helped`. One without a first day counts from the day of its entry.
    """
    once = rows.drop_duplicates(KEYS)
    own = once[[*KEYS, "year"]].assign(band=once["adno"].map(priors).fillna(""))
    *earlier, now = opened
    parts = [
        own.assign(collection=code, flag=once[flag], gap=once[gap])
        for code, flag, gap in (
            *((code, f"flag:{code}", f"gap:{code}") for code in earlier),
            (now, "flag", "gap"),
        )
    ]
    seen = pd.concat(parts, ignore_index=True)
    seen = seen.loc[seen["gap"].notna() & seen["flag"].notna()]
    mine = helped.loc[helped["adno"].isin(own["adno"])]
    asked = pd.DataFrame(
        {
            "help": mine.index,
            "adno": mine["adno"].astype("str"),
            "subject": mine["subject"].astype("str"),
            "since": _start_days(mine),
        }
    )
    return intervention_effects.follow_interventions(asked, seen, opened)


def _start_days(helped: pd.DataFrame) -> pd.Series[str]:
    first = helped["from"].astype("str")
    return first.where(first != "", helped["entered_at"].astype("str").str[:10])
