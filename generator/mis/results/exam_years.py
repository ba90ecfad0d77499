"""The academic year of results, and what pupils were taught and predicted in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from generator.mis.results.result_rows import Result
from generator.school.school import School
from generator.store import roster, schema
from generator.store.enrolments import enrolments
from generator.store.results import last_predictions
from udfs.errors import MarkbookError
from udfs.tables import Tables

LAST_YEARS = (11, 13)  # the year groups with final examinations


class YearUnclear(MarkbookError):
    """The academic year of results is not clear."""


def which_year(
    connection: Connection, school: School, results: Iterable[Result], today: date
) -> tuple[str, str]:
    """Return the academic year of results without an exam series, and why.

    It is the school's own, unless more of the pupils were in Year 11 or 13 the year
    before than are now: then, from September to December, it is the year before
    (results of the summer, read after the new year has begun).

    Raises:
        YearUnclear: If from January on more were in Year 11 or 13 the year before: the
            results may be of that year or resits.
    """
    current = school.academic_year
    first = int(current[:4])
    previous = f"{first - 1}/{first % 100:02d}"
    pupils = roster.pupils(connection).set_index("adno")
    adnos = sorted({result.adno for result in results})
    examined = pupils.loc[[adno for adno in adnos if adno in pupils.index]]
    stored_year = examined["academic_year"].str[:4].astype("Int64")
    year_group = examined["year"].astype("Int64") - (stored_year - first)
    in_current = int(year_group.isin(LAST_YEARS).sum())
    in_previous = int((year_group - 1).isin(LAST_YEARS).sum())
    if in_previous <= in_current:
        return current, f"They are of {current}, the school's academic year."
    if today >= date(first + 1, 1, 1):
        raise YearUnclear(
            f"More of these pupils were in Year 11 or 13 in {previous} than are now: "
            f"these may be their results of {previous} or resits of {current}.",
            f"Say which: markbook results --year {previous} FILE.",
        )
    return previous, (
        f"They are of {previous}: {in_previous:,} of the pupils were in Year 11 or 13 "
        f"then. If that is wrong, say --year {current}."
    )


def pupil_subjects(
    connection: Connection, tables: Tables, academic_year: str
) -> dict[str, list[str]]:
    """Return pupil -> subjects: of this year's classes, then of the years before."""
    subjects: defaultdict[str, dict[str, None]] = defaultdict(dict)
    years = connection.execute(
        schema.classes.select()
        .with_only_columns(schema.classes.c.academic_year)
        .distinct()
    ).scalars()
    for year in sorted({academic_year, *years}, reverse=True):
        rows = enrolments(connection, year, tables)
        for adno, subject in rows[["adno", "subject"]].to_numpy().tolist():
            subjects[adno].setdefault(subject)
    return {adno: list(names) for adno, names in subjects.items()}


class YearRecord:
    """The predictions, classes and year groups of all pupils in an academic year.

    Args:
        connection: The store.
        tables: The subjects and scales.
        year: The academic year.
    """

    def __init__(self, connection: Connection, tables: Tables, year: str) -> None:
        frame = last_predictions(connection, tables, until=year)
        names = ["predicted", "collection", "class", "academic_year"]
        self.predictions = {
            (row[0], row[1]): dict(zip(names, row[2:], strict=True))
            for row in frame[["adno", "subject", *names]].to_numpy().tolist()
        }
        rows = enrolments(connection, year, tables).drop_duplicates(["adno", "subject"])
        self.classes = {
            (row[0], row[1]): (row[2], row[3])
            for row in rows[["adno", "subject", "class", "teachers"]].to_numpy()
        }
        classes = roster.classes(connection, year)
        self.teachers = dict(zip(classes["class"], classes["teachers"], strict=True))
        pupils = roster.pupils(connection)
        since = pupils["academic_year"].str[:4].astype("Int64") - int(year[:4])
        years = (pupils["year"].astype("Int64") - since).astype(object)
        years = years.where(years.notna(), None)
        self.year_groups = dict(zip(pupils["adno"], years, strict=True))
        self.year = year

    def fill(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row of `results` with its blanks filled from this year's record."""
        row = dict(row)
        key = (row["adno"], row["subject"])
        prediction = self.predictions.get(key, {})
        if not row["predicted"]:
            for name in ("predicted", "collection"):
                row[name] = prediction.get(name, row[name])
        if not row["class"]:
            # The class of the prediction, if it was given this year.
            code = prediction.get("class", "")
            row["class"], row["teachers"] = self.classes.get(key, ("", ""))
            if prediction.get("academic_year") == self.year and code in self.teachers:
                row["class"], row["teachers"] = code, self.teachers[code]
        if row["year"] is None:
            year = self.year_groups.get(row["adno"])
            row["year"] = None if year is None else int(year)
        return row
