"""Store results: one for each academic year, pupil and subject, with its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from generator.context import Context
from generator.mis.matching import PupilDirectory
from generator.mis.results.read_results import ResultFiles
from generator.mis.results.result_rows import (
    PENDING,
    Result,
    ResultsReader,
    academic_year_of_series,
)
from generator.mis.results.results_report import ResultChange, ResultsReport
from generator.mis.results.subject_titles import SubjectTitles
from generator.school.school import School
from generator.store import results as stored
from generator.store import roster, schema
from generator.store.enrolments import enrolments
from generator.store.results import last_predictions
from udfs.errors import MarkbookError
from udfs.tables import Tables

LAST_YEARS = (11, 13)  # the year groups with final examinations


class YearUnclear(MarkbookError):
    """The academic year of results is not clear."""


def subject_titles(connection: Connection, tables: Tables) -> SubjectTitles:
    """Return the subjects that a list of results may name: all ever taught."""
    rows = connection.execute(
        schema.classes.select().order_by(
            schema.classes.c.academic_year.desc(), schema.classes.c["class"]
        )
    )
    return SubjectTitles(tables, dict.fromkeys(row.subject for row in rows))


def store_results(
    connection: Connection,
    context: Context,
    files: ResultFiles,
    titles: SubjectTitles,
    *,
    academic_year: str | None = None,
) -> ResultsReport:
    """Store results; a second import of the same files changes nothing.

    A result replaces the one of the same year, pupil and subject, unless both have an
    exam series: then the first entry counts. `X` gives way to a grade; a pending result
    (`Q`) replaces nothing. The history keeps all of it.

    Args:
        connection: A transaction of the store.
        context: The school, its tables, the moment and the user.
        files: The lists of results.
        titles: The subjects, from `subject_titles`.
        academic_year: The academic year of the results; None: see `which_year`.

    Raises:
        YearUnclear: If no academic year is given and it is not clear.
    """
    school, tables = context.school, context.tables
    pupils = roster.pupils(connection)
    directory = PupilDirectory(zip(pupils["adno"], pupils["upn"], strict=True))
    taught = _pupil_subjects(connection, tables, school.academic_year)
    reader = ResultsReader(tables, titles, directory, taught)
    results = reader.results(files)
    year, chosen_by = academic_year, "The academic year was named."
    if year is None:
        year, chosen_by = which_year(connection, school, results, context.today)
    years = [
        academic_year or academic_year_of_series(result.series) or year
        for result in results
    ]
    update = _ResultsUpdate(connection, context)
    update.store(list(zip(years, results, strict=True)), reader)
    all_years = tuple(sorted(set(years)))
    if all_years not in ((), (year,)):
        names = " and ".join(all_years)
        chosen_by = f"Of {names}, as the column of the series says."
    return _report(files, results, reader, update, (all_years, chosen_by))


def _report(
    files: ResultFiles,
    results: list[Result],
    reader: ResultsReader,
    update: _ResultsUpdate,
    years: tuple[tuple[str, ...], str],
) -> ResultsReport:
    problems = [
        *(problem for problem in files.problems if problem.severity == "error"),
        *reader.problems.problems(),
        *(problem for problem in files.problems if problem.severity != "error"),
    ]
    counts = update.counts
    return ResultsReport(
        academic_years=years[0],
        chosen_by=years[1],
        files=files.files,
        pupils=len({result.adno for result in results}),
        subjects=len({result.subject for result in results}),
        new=counts["new"],
        changed=counts["changed"],
        same=counts["same"],
        later=counts["later entry"],
        refused=reader.refused,
        not_entered=reader.not_entered,
        pending=reader.pending,
        blank=reader.blank,
        changes=tuple(update.changes),
        problems=tuple(sorted(problems, key=lambda p: p.severity != "error")),
    )


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


def _pupil_subjects(
    connection: Connection, tables: Tables, academic_year: str
) -> dict[str, list[str]]:
    """Pupil -> subjects: of this year's classes, then of the years before."""
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


@dataclass
class _ResultsUpdate:
    """The update of the store with the results of one run.

    Args:
        connection: A transaction of the store.
        context: The school's tables, the moment and the user.
        counts: Outcome, from `decide` -> number of results.
        changes: The results with a new grade.
    """

    connection: Connection
    context: Context
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    changes: list[ResultChange] = field(default_factory=list)

    def store(self, results: list[tuple[str, Result]], reader: ResultsReader) -> None:
        """Compare each result with the store, then store all at once.

        Args:
            results: Academic year and result.
            reader: Receives refusals.
        """
        current = stored.current_results(self.connection)
        years = {
            year: _YearRecord(self.connection, self.context.tables, year)
            for year in sorted({year for year, _ in results})
        }
        contradictory = _refuse_contradictions(results, reader)
        new_rows: dict[stored.Key, dict[str, Any]] = {}
        history: list[dict[str, Any]] = []
        for year, result in results:
            key = (year, result.adno, result.subject)
            if (key, result.row.table.file) in contradictory:
                continue
            before = new_rows.get(key) or current.get(key)
            outcome = decide(before, result)
            self.counts[outcome] += 1
            if outcome == "same":
                row = years[year].fill(before or {})
                if row != before:
                    new_rows[key] = row
                continue
            old = before["grade"] if before else ""
            history.append(self._history_row(key, old, result, outcome))
            if outcome == "later entry":
                continue
            new_rows[key] = years[year].fill(self._result_row(key, result, before))
            if outcome == "changed":
                change = ResultChange(result.adno, result.subject, old, result.grade)
                self.changes.append(change)
        stored.replace_results(self.connection, new_rows.values())
        stored.add_history(self.connection, history)

    def _source(self, result: Result) -> dict[str, str]:
        return {
            "series": result.series, "source_file": result.row.table.file,
            "source_cell": result.place, "read_at": self.context.moment,
            "who": self.context.who,
        }  # fmt: skip

    def _history_row(
        self, key: stored.Key, old: str, result: Result, outcome: str
    ) -> dict[str, Any]:
        return {
            "academic_year": key[0], "adno": key[1], "subject": key[2], "old": old,
            "new": result.grade, "why": "first" if outcome == "new" else outcome,
            **self._source(result),
        }  # fmt: skip

    def _result_row(
        self, key: stored.Key, result: Result, before: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        names = ("predicted", "collection", "class", "teachers", "year")
        return {
            "academic_year": key[0], "adno": key[1], "subject": key[2],
            "grade": result.grade, "points": result.points, "scale": result.scale,
            "title": result.title, **dict.fromkeys(names, ""), "year": None,
            # The comparison of the first import stays.
            **({name: before[name] for name in names} if before else {}),
            **self._source(result),
        }  # fmt: skip


def _refuse_contradictions(
    results: list[tuple[str, Result]], reader: ResultsReader
) -> set[tuple[stored.Key, str]]:
    """Refuse results that one file gives twice and differently, without a series."""
    groups: defaultdict[tuple[stored.Key, str], list[Result]] = defaultdict(list)
    for year, result in results:
        key = (year, result.adno, result.subject)
        groups[key, result.row.table.file].append(result)
    contradictory = set()
    for key_and_file, group in groups.items():
        grades = list(dict.fromkeys(result.grade for result in group))
        series = len({result.series for result in group if result.series})
        final = [grade for grade in grades if grade != PENDING]
        if len(final) < 2 or series == len(grades):
            continue
        contradictory.add(key_and_file)
        for result in group:
            reader.refused += 1
            reader.problems.refuse(
                result.row, result.column, "two-results",
                f"Pupil {result.adno} has {len(final)} different results in "
                f"{result.subject}: {', '.join(final)}; none of them was taken.",
                "Leave the one that counts, or add a column Series that says when "
                "each was entered (the first entry counts).",
                adno=result.adno,
            )  # fmt: skip
    return contradictory


def decide(before: Mapping[str, Any] | None, result: Result) -> str:
    """Return what a result does to the stored one: new, changed, same, later entry.

    Args:
        before: The stored row, or None.
        result: The result.
    """
    if before is None:
        return "new"
    if before["grade"] == result.grade or result.grade == PENDING:
        return "same"
    has_points = result.points is not None and before["points"] is not None
    has_series = len(before["series"]) == len(result.series) == 7
    if has_points and has_series and before["series"] < result.series:
        return "later entry"
    return "changed"


class _YearRecord:
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
