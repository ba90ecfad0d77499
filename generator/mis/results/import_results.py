"""Store results: one for each academic year, pupil and subject, with its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from generator.context import Context
from generator.mis.matching import PupilDirectory
from generator.mis.results.exam_dates import academic_year_of_series
from generator.mis.results.exam_years import YearRecord, pupil_subjects, which_year
from generator.mis.results.read_results import ResultFiles
from generator.mis.results.result_rows import (
    PENDING,
    Result,
    ResultsReader,
)
from generator.mis.results.results_report import ResultChange, ResultsReport
from generator.mis.results.subject_titles import SubjectTitles
from generator.store import results as stored
from generator.store import roster, schema
from udfs.tables import Tables


def subject_titles(
    connection: Connection, tables: Tables, *, as_results: bool = False
) -> SubjectTitles:
    """Return the subjects that a list of results may name: all ever taught.

    Args:
        connection: A transaction of the store.
        tables: The subjects.
        as_results: Whether lists of forecasts, mocks … are read as results.
    """
    rows = connection.execute(
        schema.classes.select().order_by(
            schema.classes.c.academic_year.desc(), schema.classes.c["class"]
        )
    )
    taught = dict.fromkeys(row.subject for row in rows)
    return SubjectTitles(tables, taught, as_results=as_results)


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
    taught = pupil_subjects(connection, tables, school.academic_year)
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
        others=reader.others,
        endorsements=tuple(reader.endorsements),
        changes=tuple(update.changes),
        problems=tuple(sorted(problems, key=lambda p: p.severity != "error")),
    )


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
            year: YearRecord(self.connection, self.context.tables, year)
            for year in sorted({year for year, _ in results})
        }
        results = _without_decorated_twins(results, reader)
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


def _without_decorated_twins(
    results: list[tuple[str, Result]], reader: ResultsReader
) -> list[tuple[str, Result]]:
    """Leave out what an exact title in the same file says differently."""
    exact = {
        (year, result.adno, result.subject, result.row.table.file): result
        for year, result in results
        if result.is_exact
    }
    kept = []
    for year, result in results:
        key = (year, result.adno, result.subject, result.row.table.file)
        best = exact.get(key, result)
        if result.is_exact or best.grade == result.grade or (
            result.series and best.series and result.series != best.series
        ):  # fmt: skip
            kept.append((year, result))
            continue
        reader.others += 1
        reader.problems.warn(
            result.row, result.column, "decorated-title",
            f"{result.title!r} says {result.grade} and {best.title!r}, which names the "
            f"subject exactly, says {best.grade}: the latter was taken.",
            "Check which is the result of the subject.",
            value=result.title, adno=result.adno,
        )  # fmt: skip
    return kept


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
