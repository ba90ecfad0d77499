"""Find whom to remind: classes that have not returned, and classes not finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from generator.school.school import Collection
from generator.store import collection_codes, marks, returns, roster
from generator.store.enrolments import HEAD_OF_DEPARTMENT, department_of, enrolments

if TYPE_CHECKING:
    from generator.context import Context

# The fields without which a class is not finished, if the collection asks for them.
REQUIRED = ("working_at", "prediction")


def chase(context: Context, collection: Collection) -> ChaseReport:
    """Who has not returned, or not finished, by teacher.

    A class is finished when every pupil on roll has a mark or a code such as `Abs`
    in each required field.

    Args:
        context: The school, its store and the day.
        collection: The collection.
    """
    with context.store.begin() as connection:
        academic_year = (
            collection_codes.academic_year_of_code(connection, collection.code)
            or context.school.academic_year
        )
        pupils = enrolments(
            connection, academic_year, context.tables, today=context.today
        )
        issued = returns.issued_classes(connection, collection.code)
        pupils = pupils.loc[
            pupils["class"].isin(issued) & pupils["year"].isin(collection.years)
        ]
        returned = returns.returned_classes(connection, collection.code)
        required = [name for name in REQUIRED if name in set[str](collection.asks)]
        blanks = _blank_fields(connection, collection, pupils, required)
        recipients = _Recipients(context, collection, connection, academic_year)
    rows: list[ChaseRow] = []
    problems: list[Problem] = []
    blank_rows = blanks.loc[blanks[required].any(axis=1)] if required else blanks[:0]
    blanks_by_class = dict(iter(blank_rows.groupby("class")))
    for code, class_pupils in pupils.groupby("class", sort=True):
        class_blanks = blanks_by_class.get(code)
        if code in returned and class_blanks is None:
            continue
        unfinished = _unfinished_class(
            str(code), class_pupils, class_blanks, has_returned=code in returned
        )
        class_rows = list(recipients.rows(unfinished))
        rows += class_rows
        if not class_rows[0].code:
            problems.append(_nobody_to_ask(str(code)))
    codes = sorted(str(code) for code in pupils["class"].unique())
    late = {
        code: returned[code]
        for code in codes
        if code in returned and returned[code][:10] > collection.closes.isoformat()
    }
    # By staff code, which follows the surname: names begin with Miss and Mr.
    rows.sort(key=lambda row: (not row.code, row.code, row.class_code))
    return ChaseReport(
        collection=collection,
        rows=tuple(rows),
        issued=len(codes),
        returned=sum(code in returned for code in codes),
        late=late,
        problems=tuple(problems),
    )


def _nobody_to_ask(code: str) -> Problem:
    return Problem(
        severity="warning",
        code="nobody-to-ask",
        value=code,
        what=f"{code} has no teacher, and its department no head.",
        do="Name a head of department in exports/roles.csv and import it.",
    )


@dataclass(frozen=True, slots=True)
class _UnfinishedClass:
    """A class that has not returned, or is not finished; fields as in `ChaseRow`."""

    class_code: str
    subjects: tuple[str, ...]
    class_subject: str
    teachers: tuple[str, ...]
    state: str
    pupils: int
    of_pupils: int
    blanks: Mapping[str, int]


def _blank_fields(
    connection: Connection,
    collection: Collection,
    pupils: pd.DataFrame,
    required: list[str],
) -> pd.DataFrame:
    """For each class, pupil and subject, whether each required field is blank."""
    stored = marks.wide_marks(connection, collection.code)[
        ["adno", "subject", *required]
    ]
    blanks = pupils[["class", "adno", "subject"]].merge(
        stored, on=["adno", "subject"], how="left"
    )
    for name in required:
        blanks[name] = blanks[name].isna() | (blanks[name] == "")
    return blanks


def _unfinished_class(
    code: str, pupils: pd.DataFrame, blanks: pd.DataFrame | None, *, has_returned: bool
) -> _UnfinishedClass:
    """A class that somebody must be reminded of.

    Args:
        code: The class.
        pupils: Its pupils on roll.
        blanks: The pupils (`adno`) with a blank, and whether each required field is
            blank; None where nobody has one.
        has_returned: Whether it has returned.
    """
    first = pupils.iloc[0]
    of_pupils = int(pupils["adno"].nunique())
    counts: dict[str, int] = {}
    if has_returned and blanks is not None:
        counts = {
            name: int(blanks.loc[blanks[name], "adno"].nunique())
            for name in REQUIRED
            if name in blanks.columns
        }
    return _UnfinishedClass(
        class_code=code,
        subjects=tuple(pupils["subject"].unique()),
        class_subject=str(first["class_subject"]),
        teachers=tuple(part for part in str(first["teachers"]).split(";") if part),
        state=NOT_FINISHED if has_returned else NOT_RETURNED,
        pupils=int(blanks["adno"].nunique())
        if has_returned and blanks is not None
        else of_pupils,
        of_pupils=of_pupils,
        blanks={name: count for name, count in counts.items() if count},
    )


class _Recipients:
    """The people to remind: a class's teachers, or the heads of its department."""

    def __init__(
        self,
        context: Context,
        collection: Collection,
        connection: Connection,
        academic_year: str,
    ) -> None:
        staff = roster.staff(connection, academic_year)
        self.names = dict(zip(staff["code"], staff["name"], strict=True))
        self.emails = dict(zip(staff["code"], staff["email"], strict=True))
        self.roles = roster.roles(connection, academic_year)
        self.tables = context.tables
        self.contact = context.school.settings.school.contact
        self.collection = collection
        self.days_over = max(0, (context.today - collection.closes).days)

    def rows(self, unfinished: _UnfinishedClass) -> Iterator[ChaseRow]:
        """A row for each person to remind; one without a code if there is nobody."""
        heads = self._heads(unfinished)
        teachers = unfinished.teachers
        for code in list(teachers) or heads or [""]:
            name = self._name(code) if code else "Nobody"
            yield ChaseRow(
                code=code,
                name=name,
                email=self.emails.get(code, ""),
                stands_in=not teachers and bool(code),
                others=tuple(self._name(other) for other in teachers if other != code),
                class_code=unfinished.class_code,
                subject=unfinished.class_subject,
                state=unfinished.state,
                pupils=unfinished.pupils,
                of_pupils=unfinished.of_pupils,
                blanks=unfinished.blanks,
                due=self.collection.closes,
                days_over=self.days_over,
                heads=tuple(self._name(head) for head in heads),
                sentence=self._sentence(name, unfinished),
            )

    def _name(self, code: str) -> str:
        return self.names.get(code) or code

    def _heads(self, unfinished: _UnfinishedClass) -> list[str]:
        """The heads of a class's departments, by code."""
        class_subject = unfinished.class_subject
        scopes = {class_subject.casefold()}
        for subject in unfinished.subjects:
            department = department_of(subject, class_subject, self.tables, self.roles)
            scopes |= {subject.casefold(), department.casefold()}
        heads = self.roles.loc[self.roles["role"] == HEAD_OF_DEPARTMENT]
        in_scope = heads["scope"].str.casefold().isin(scopes)
        return list(dict.fromkeys(heads.loc[in_scope, "staff"]))

    def _sentence(self, name: str, unfinished: _UnfinishedClass) -> str:
        """What to write to a person about a class."""
        due = day_text(self.collection.closes)
        if unfinished.state == NOT_RETURNED:
            was_due = (
                f"it was due on {due}" if self.days_over else f"it is due on {due}"
            )
            return (
                f"Dear {name}, we do not have the {self.collection.title} markbook of "
                f"{unfinished.class_code} ({count_text(unfinished.pupils, 'pupil')}) "
                f"yet; {was_due}. Please return it to {self.contact}, or tell us what "
                f"stands in the way."
            )
        listed = ", ".join(
            f"{ENTRY_HEADINGS[field]}: {number}"
            for field, number in unfinished.blanks.items()
        )
        return (
            f"Dear {name}, thank you for {unfinished.class_code}. A mark is still "
            f"wanted for {unfinished.pupils} of "
            f"{count_text(unfinished.of_pupils, 'pupil')} ({listed}): the cell is "
            f"blank, or what stands in it could not be taken. Please fill these in, or "
            f"choose a code where there is no mark to give, and return the markbook to "
            f"{self.contact}."
        )
