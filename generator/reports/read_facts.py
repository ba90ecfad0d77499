"""Read what reports need from the store: one record a pupil."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator.context import Context
from generator.packs.facts.read_snapshot import read_snapshot
from generator.packs.facts.snapshot import TUTOR, CollectionSnapshot
from generator.reports.pupil_facts import AttendanceTotals, PupilFacts, SubjectFacts
from generator.school.report_settings import ReportSettings
from generator.school.school import Collection
from generator.store import attendance, results, roster, targets
from udfs.tables import Tables

NOT_TAKING = "N/T"
CORE_SLOTS = (
    "english_language", "english_literature", "maths", "science", "combined_science",
)  # fmt: skip
SUBJECT_TEXTS = (
    "subject", "teacher", "flag", "target", "aspirational", "prediction", "effort",
    "comment", "last", "baseline",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CollectionFacts:
    """A collection as reports see it.

    Args:
        academic_year: Its academic year.
        pupils: Its pupils, by year, tutor group and name.
        pairs: Subjects that are graded by two numbers.
    """

    academic_year: str
    pupils: tuple[PupilFacts, ...]
    pairs: frozenset[str]


def read_facts(
    connection: Connection, context: Context, collection: Collection
) -> CollectionFacts:
    """A collection's pupils on roll, with what reports say of them."""
    settings = context.school.settings.reports
    snapshot = read_snapshot(connection, context, collection)
    year = snapshot.academic_year
    rows = _with_baselines(snapshot.rows, targets.current_targets(connection))
    subjects = _subjects(rows, context.tables, settings)
    tutors = _tutors(snapshot.roles, snapshot.names)
    indicators = roster.indicators(connection, year)
    totals = _mapped_totals(indicators, settings)
    latest = attendance.latest_rows(connection, year, until=context.today)
    totals |= {adno: _totals(row) for adno, row in latest.items()}
    grades = _results(results.results(connection, year))
    interventions = _interventions(snapshot.interventions)
    pupils = []
    for row in snapshot.pupils.to_dict("records"):
        adno = row["adno"]
        pupils.append(
            PupilFacts(
                adno=adno, upn=row["upn"], forename=row["forename"],
                surname=row["surname"], year=int(row["year"]), reg=row["reg"],
                tutor=tutors.get(row["reg"].casefold(), ""),
                subjects=subjects.get(adno, ()), attendance=totals.get(adno),
                attendance_share=_number(row["attendance"]),
                achievement=_whole(row["achievement"]),
                behaviour=_whole(row["behaviour"]), results=grades.get(adno, ()),
                interventions=interventions.get(adno, ()),
            )
        )  # fmt: skip
    return CollectionFacts(year, tuple(pupils), _pairs(snapshot, context.tables))


def _subjects(
    rows: pd.DataFrame, tables: Tables, settings: ReportSettings
) -> dict[str, tuple[SubjectFacts, ...]]:
    """The subjects of each pupil, those that the pupil does not take left out."""
    rows = rows.loc[rows["prediction"] != NOT_TAKING]
    order = {name: _subject_order(name, tables, settings)
             for name in rows["subject"].unique()}  # fmt: skip
    rows = rows.assign(order=rows["subject"].map(order))
    # Of two classes in a subject, the one that has answered; the mark is the same.
    rows = rows.sort_values(
        ["adno", "order", "subject", "answered"],
        ascending=[True, True, True, False],
        kind="stable",
    ).drop_duplicates(["adno", "subject"])
    texts = rows[list(SUBJECT_TEXTS)].fillna("").astype("str")
    columns = {name: texts[name].tolist() for name in SUBJECT_TEXTS}
    columns |= {name: _whole_numbers(rows[name]) for name in ("gap", "movement")}
    columns["praised"] = rows["praise"].notna().tolist()
    columns["answered"] = rows["answered"].tolist()
    columns["teacher"] = [
        teacher if codes else ""
        for teacher, codes in zip(columns["teacher"], rows["teachers"], strict=True)
    ]
    subjects: dict[str, list[SubjectFacts]] = {}
    for adno, *values in zip(rows["adno"], *columns.values(), strict=True):
        facts: dict[str, Any] = dict(zip(columns, values, strict=True))
        subjects.setdefault(adno, []).append(SubjectFacts(**facts))
    return {adno: tuple(of_pupil) for adno, of_pupil in subjects.items()}


def _with_baselines(rows: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """The rows with what each target starts from."""
    baselines = current[["adno", "subject", "baseline"]]
    return rows.merge(baselines, on=["adno", "subject"], how="left")


def _interventions(frame: pd.DataFrame) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The help given to each pupil, oldest first."""
    names = ["what", "who", "from", "until", "pupil_view", "parent_view"]
    helped: dict[str, list[tuple[str, ...]]] = {}
    for row in frame[["adno", *names]].fillna("").to_dict("records"):
        helped.setdefault(row["adno"], []).append(tuple(row[name] for name in names))
    return {adno: tuple(rows) for adno, rows in helped.items()}


def _subject_order(
    name: str, tables: Tables, settings: ReportSettings
) -> tuple[int, str]:
    subject = tables.subject(name)
    core = len(CORE_SLOTS)
    # Computing fills a slot of science, and is none.
    if subject.slot in CORE_SLOTS and subject.department != "Computing":
        core = CORE_SLOTS.index(subject.slot)
    return (core if settings.order == "core" else 0, name.casefold())


def _whole_numbers(column: pd.Series[int]) -> list[int | None]:
    return [None if pd.isna(value) else int(value) for value in column]


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _whole(value: float) -> int | None:
    return None if pd.isna(value) else round(value)


def _tutors(roles: pd.DataFrame, names: Mapping[str, str]) -> dict[str, str]:
    """Tutor group, without case -> the names of its tutors."""
    tutors: dict[str, list[str]] = {}
    for row in roles.loc[roles["role"] == TUTOR].to_dict("records"):
        code = row["staff"]
        tutors.setdefault(row["scope"].casefold(), []).append(names.get(code, code))
    return {reg: ", ".join(people) for reg, people in tutors.items()}


def _mapped_totals(
    indicators: pd.DataFrame, settings: ReportSettings
) -> dict[str, AttendanceTotals]:
    """The totals of `[reports.attendance]`, for pupils who have all but `late`."""
    columns = {
        field: name for field, name in settings.attendance.model_dump().items() if name
    }
    values: dict[str, dict[str, int]] = {}
    for field, name in columns.items():
        rows = indicators.loc[indicators["name"] == name]
        numbers = pd.to_numeric(rows["value"], errors="coerce")
        for adno, number in zip(rows["adno"], numbers, strict=True):
            if pd.notna(number):
                values.setdefault(adno, {})[field] = int(number)
    needed = {"possible", "unauthorised"}
    return {
        adno: AttendanceTotals(
            None,
            None,
            counts["possible"],
            counts.get("attended"),
            counts.get("authorised"),
            counts["unauthorised"],
            counts.get("late"),
        )
        for adno, counts in values.items()
        if needed <= set(counts)
    }


def _totals(row: Mapping[str, Any]) -> AttendanceTotals:
    first, last = (
        date.fromisoformat(row[name]) if row[name] else None for name in ("from", "to")
    )
    return AttendanceTotals(first, last, *(row[name] for name in attendance.TOTALS))


def _results(frame: pd.DataFrame) -> dict[str, tuple[tuple[str, str], ...]]:
    grades: dict[str, list[tuple[str, str]]] = {}
    for adno, subject, grade in zip(
        frame["adno"], frame["subject"], frame["grade"], strict=True
    ):
        grades.setdefault(adno, []).append((subject, grade))
    return {adno: tuple(pairs) for adno, pairs in grades.items()}


def _pairs(snapshot: CollectionSnapshot, tables: Tables) -> frozenset[str]:
    names: Iterable[str] = snapshot.rows["subject"].unique()
    return frozenset(
        name for name in names if tables.subject(name).scale == "combined_science"
    )
