"""Enrolments: one row for every pupil, class and subject with marks to enter."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.store import roster
from udfs.tables import Tables

HEAD_OF_DEPARTMENT = "head of department"
COLUMNS = (
    "adno",
    "class",
    "subject",
    "class_subject",
    "class_year",
    "teachers",
    "surname",
    "forename",
    "reg",
    "year",
    "upn",
    "sex",
    "pp",
    "disadvantaged",
    "fsm",
    "sen",
    "eal",
    "ethnicity",
    "lac",
    "status",
    "left",
    "ks2_reading",
    "ks2_maths",
)


def enrolments(
    connection: Connection,
    academic_year: str,
    tables: Tables,
    *,
    today: date | None = None,
    members: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Who takes what: one row for each pupil, class and subject.

    A class whose subject covers two (English Language and English Literature)
    gives its pupils a row for each. Ordered by class, the subjects as covered,
    surname, forename and admission number.

    Args:
        connection: A transaction of the store.
        academic_year: As `2026/27`.
        tables: The subjects, with what each covers.
        today: The day by which leavers are left out; None keeps everybody.
        members: The members of classes (`class` and `adno`) on a past day; None: the
            members now.

    Returns:
        The columns of `COLUMNS`: `subject` is what marks are about, `class_subject`
        the class's own subject, `class_year` the class's year and `year` the
        pupil's (whole numbers, or missing), `teachers` codes joined by `;`, lead
        first; the rest is text as in the store.
    """
    classes = roster.classes(connection, academic_year).rename(
        columns={"subject": "class_subject", "year": "class_year"}
    )
    if members is None:
        members = roster.memberships(connection, academic_year)
    pupils = roster.pupils(connection)
    if today is not None:
        has_left = (pupils["left"] != "") & (pupils["left"] <= today.isoformat())
        pupils = pupils.loc[~has_left]
    frame = (
        members[["class", "adno"]]
        .merge(classes, on="class", how="inner")
        .merge(_covered(classes["class_subject"], tables), on="class_subject")
        .merge(pupils.drop(columns="academic_year"), on="adno", how="inner")
    )
    frame = frame.sort_values(
        ["class", "place", "surname", "forename", "adno"], kind="stable"
    )
    return frame[list(COLUMNS)].reset_index(drop=True)


def _covered(class_subjects: pd.Series[str], tables: Tables) -> pd.DataFrame:
    rows = [
        (name, subject, place)
        for name in class_subjects.unique()
        for place, subject in enumerate(tables.subject(name).covers or (name,))
    ]
    frame = pd.DataFrame(rows, columns=pd.Index(["class_subject", "subject", "place"]))
    return frame.astype({"class_subject": "str", "subject": "str", "place": "int64"})


def department_of(
    subject: str,
    class_subject: str,
    tables: Tables,
    roles: pd.DataFrame,
) -> str:
    """The department of a subject that is taught in a class of some subject.

    The school's own settings come first; then the subject's own name, or the class's
    subject, where a head of department leads exactly that; then the standard
    department.

    Args:
        subject: The subject of the marks (`English Language`).
        class_subject: The class's subject (`English (Language and Literature)`).
        tables: The subjects, with the school's own settings in them.
        roles: Staff, role and scope, as from `roster.roles`.
    """
    for name in dict.fromkeys((subject, class_subject)):
        if tables.subject(name).own_department:
            return tables.subject(name).department
    heads = roles.loc[roles["role"] == HEAD_OF_DEPARTMENT, "scope"]
    led = {scope.casefold() for scope in heads}
    for name in dict.fromkeys((subject, class_subject)):
        if name.casefold() in led:
            return name
    return tables.subject(subject).department or subject
