"""Whom to remind: classes that have not come back, and classes not finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.markbook.layout import ENTRY_HEADINGS
from generator.problems import Problem
from generator.returns.chase_report import (
    NOT_FINISHED,
    NOT_RETURNED,
    ChaseReport,
    ChaseRow,
    count_text,
    day_text,
)
from generator.school.school import Collection, School
from generator.store import collection_codes, marks, returns, roster
from generator.store.enrolments import HEAD_OF_DEPARTMENT, department_of, roll
from udfs.tables import Tables

# What a class is not finished without; everything else is said only where there is
# something to say.
WANTED = ("working_at", "prediction")


def chase(
    connection: Connection,
    school: School,
    tables: Tables,
    collection: Collection,
    *,
    today: date,
) -> ChaseReport:
    """Who has not returned, or not finished, by teacher.

    A class is finished when every pupil on roll has what was asked of working-at
    and prediction; a code such as `Abs` answers. Pupils who have left are not
    chased for.

    Args:
        connection: A transaction of the store.
        school: The school.
        tables: Its subjects.
        collection: The collection.
        today: The day of asking.
    """
    academic_year = (
        collection_codes.year_of(connection, collection.code) or school.academic_year
    )
    people = roll(connection, academic_year, tables, today=today)
    issued = returns.issued_classes(connection, collection.code)
    people = people.loc[
        people["class"].isin(issued) & people["year"].isin(collection.years)
    ]
    returned = returns.returned_classes(connection, collection.code)
    asked = [name for name in WANTED if name in set[str](collection.asks)]
    blanks = _blanks(connection, collection, people, asked)
    staff = _Staff(connection, academic_year, tables)
    rows: list[ChaseRow] = []
    problems: list[Problem] = []
    for code, pupils in people.groupby("class", sort=True):
        outstanding = _outstanding(str(code), pupils, returned, blanks)
        if outstanding is None:
            continue
        found = list(staff.rows(outstanding, collection, school, today))
        rows += found
        if not found[0].code:
            problems.append(
                Problem(
                    severity="warning",
                    code="nobody-to-ask",
                    value=str(code),
                    what=f"{code} has no teacher, and its department no head.",
                    do="Name a head of department in exports/roles.csv and import it.",
                )
            )
    here = sorted(str(code) for code in people["class"].unique())
    late = {
        code: returned[code]
        for code in here
        if code in returned and returned[code][:10] > collection.closes.isoformat()
    }
    # By code, which follows the surname: names begin with Miss and Mr.
    rows.sort(key=lambda row: (not row.code, row.code, row.class_code))
    return ChaseReport(
        collection=collection,
        rows=tuple(rows),
        issued=len(here),
        returned=sum(code in returned for code in here),
        late=late,
        problems=tuple(problems),
    )


@dataclass(frozen=True, slots=True)
class _Outstanding:
    """One class that something is wanted of."""

    class_code: str
    subjects: tuple[str, ...]
    class_subject: str
    teachers: tuple[str, ...]
    state: str
    pupils: int
    of_pupils: int
    blanks: Mapping[str, int]


def _blanks(
    connection: Connection,
    collection: Collection,
    people: pd.DataFrame,
    asked: list[str],
) -> pd.DataFrame:
    """Pupil by pupil and subject by subject, which of the fields asked are blank."""
    stored = marks.wide(connection, collection.code)[["adno", "subject", *asked]]
    both = people[["class", "adno", "subject"]].merge(
        stored, on=["adno", "subject"], how="left"
    )
    for name in asked:
        both[name] = both[name].isna() | (both[name] == "")
    return both


def _outstanding(
    code: str, pupils: pd.DataFrame, returned: Mapping[str, str], blanks: pd.DataFrame
) -> _Outstanding | None:
    first = pupils.iloc[0]
    mine = blanks.loc[blanks["class"] == code]
    asked = [name for name in WANTED if name in blanks.columns]
    wanting = mine.loc[mine[asked].any(axis=1)] if asked else mine.iloc[:0]
    if code in returned and wanting.empty:
        return None
    of_pupils = pupils["adno"].nunique()
    is_back = code in returned
    counts = {name: int(wanting.loc[wanting[name], "adno"].nunique()) for name in asked}
    return _Outstanding(
        class_code=code,
        subjects=tuple(pupils["subject"].unique()),
        class_subject=str(first["class_subject"]),
        teachers=tuple(part for part in str(first["teachers"]).split(";") if part),
        state=NOT_FINISHED if is_back else NOT_RETURNED,
        pupils=int(wanting["adno"].nunique()) if is_back else int(of_pupils),
        of_pupils=int(of_pupils),
        blanks={n: c for n, c in counts.items() if c} if is_back else {},
    )


class _Staff:
    """Who teaches and who leads, by name."""

    def __init__(
        self, connection: Connection, academic_year: str, tables: Tables
    ) -> None:
        staff = roster.staff(connection, academic_year)
        self.names = dict(zip(staff["code"], staff["name"], strict=True))
        self.emails = dict(zip(staff["code"], staff["email"], strict=True))
        self.roles = roster.roles(connection, academic_year)
        self.tables = tables

    def name(self, code: str) -> str:
        return self.names.get(code) or code

    def heads(self, wanted: _Outstanding) -> list[str]:
        """The heads of the department of a class, by code."""
        heads = self.roles.loc[self.roles["role"] == HEAD_OF_DEPARTMENT]
        scopes = {wanted.class_subject.casefold()}
        for subject in wanted.subjects:
            scopes.add(subject.casefold())
            scopes.add(
                department_of(
                    subject, wanted.class_subject, self.tables, self.roles
                ).casefold()
            )
        mine = heads.loc[heads["scope"].str.casefold().isin(scopes), "staff"]
        return list(dict.fromkeys(mine))

    def rows(
        self,
        wanted: _Outstanding,
        collection: Collection,
        school: School,
        today: date,
    ) -> Iterator[ChaseRow]:
        heads = self.heads(wanted)
        asked = list(wanted.teachers) or heads or [""]
        over = max(0, (today - collection.closes).days)
        for code in asked:
            name = self.name(code) if code else "Nobody"
            yield ChaseRow(
                code=code,
                name=name,
                email=self.emails.get(code, ""),
                stands_in=not wanted.teachers and bool(code),
                others=tuple(self.name(o) for o in wanted.teachers if o != code),
                class_code=wanted.class_code,
                subject=wanted.class_subject,
                state=wanted.state,
                pupils=wanted.pupils,
                of_pupils=wanted.of_pupils,
                blanks=wanted.blanks,
                due=collection.closes,
                days_over=over,
                heads=tuple(self.name(head) for head in heads),
                sentence=_sentence(name, wanted, collection, school, over),
            )


def _sentence(
    name: str, wanted: _Outstanding, collection: Collection, school: School, over: int
) -> str:
    due = day_text(collection.closes)
    if wanted.state == NOT_RETURNED:
        when = f"it was due on {due}" if over else f"it is due on {due}"
        return (
            f"Dear {name}, we do not have the {collection.title} markbook of "
            f"{wanted.class_code} ({count_text(wanted.pupils, 'pupil')}) yet; {when}. "
            f"Please return it to {school.settings.school.contact}, or tell us what "
            f"stands in the way."
        )
    listed = ", ".join(
        f"{ENTRY_HEADINGS[field]}: {number}" for field, number in wanted.blanks.items()
    )
    return (
        f"Dear {name}, thank you for {wanted.class_code}. A mark is still wanted for "
        f"{wanted.pupils} of {count_text(wanted.of_pupils, 'pupil')} ({listed}): the cell "
        f"is blank, or what stands in it could not be taken. Please fill these in, or "
        f"choose a code where there is no mark to give, and return the markbook to "
        f"{school.settings.school.contact}."
    )
