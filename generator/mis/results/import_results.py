"""Bringing results into the store: one per year, pupil and subject, nothing lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

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

LAST_YEARS = (11, 13)  # the year groups that sit examinations at the end


class YearUnclear(MarkbookError):
    """It cannot be told which academic year results belong to."""


def subject_titles(connection: Connection, tables: Tables) -> SubjectTitles:
    """The subjects that a list of results may name: all that were ever taught."""
    found = connection.execute(
        schema.classes.select().order_by(
            schema.classes.c.academic_year.desc(), schema.classes.c["class"]
        )
    )
    return SubjectTitles(tables, dict.fromkeys(row.subject for row in found))


def store_results(
    connection: Connection,
    school: School,
    tables: Tables,
    files: ResultFiles,
    named: SubjectTitles,
    *,
    academic_year: str | None = None,
    now: datetime,
    who: str,
) -> ResultsReport:
    """Bring what was read into the store; reading the same again changes nothing.

    A result of the same year, pupil and subject replaces the one before, unless both
    say when they were entered: then the first entry counts. `X` gives way to a grade;
    a pending result (`Q`) takes nobody's place. All of it is kept in the history.

    Args:
        connection: A transaction of the store: all of it is stored, or nothing.
        school: The school and its settings.
        tables: Scales, subjects and codes.
        files: What was read.
        named: The subjects, as `titles` answers.
        academic_year: The year the results are of; None: see `which_year`.
        now: The moment.
        who: Who reads them in.

    Raises:
        WhichYear: If the year is not given and cannot be told.
    """
    pupils = roster.pupils(connection)
    directory = PupilDirectory(zip(pupils["adno"], pupils["upn"], strict=True))
    taught = _taught(connection, tables, school.academic_year)
    reading = ResultsReader(tables, named, directory, taught)
    found = reading.results(files)
    year, chosen_by = academic_year, "The academic year was named."
    if year is None:
        year, chosen_by = which_year(connection, school, found, now.date())
    made = _Taking(connection, tables, files, now, who)
    years = [academic_year or academic_year_of_series(r.series) or year for r in found]
    made.take(list(zip(years, found, strict=True)), reading)
    told = tuple(sorted(set(years)))
    problems = (
        *(p for p in files.problems if p.severity == "error"),
        *reading.faults.problems(),
        *(p for p in files.problems if p.severity != "error"),
    )
    return ResultsReport(
        academic_years=told,
        chosen_by=chosen_by if told in ((), (year,)) else
        f"Of {' and '.join(told)}, as the column of the series says.",
        files=files.files,
        pupils=len({one.adno for one in found}),
        subjects=len({one.subject for one in found}),
        new=made.counts["new"], changed=made.counts["changed"],
        same=made.counts["same"], later=made.counts["later entry"],
        refused=reading.refused, not_entered=reading.not_entered,
        pending=reading.pending, blank=reading.blank,
        changes=tuple(made.changes),
        problems=tuple(sorted(problems, key=lambda p: p.severity != "error")),
    )  # fmt: skip


def which_year(
    connection: Connection, school: School, found: Iterable[Result], today: date
) -> tuple[str, str]:
    """The academic year of results that do not say when they were entered.

    It is the school's own, unless more of the pupils were in Year 11 or 13 the year
    before than are now: then, from September to December, it is the year before
    (results of the summer, read after the new year has begun).

    Raises:
        WhichYear: If from January on more were in Year 11 or 13 the year before: that
            may be their resits as well as their results.
    """
    this = school.academic_year
    first = int(this[:4])
    before = f"{first - 1}/{first % 100:02d}"
    pupils = roster.pupils(connection).set_index("adno")
    numbers = sorted({one.adno for one in found})
    of = pupils.loc[[number for number in numbers if number in pupils.index]]
    known = of["academic_year"].str[:4].astype("Int64")
    now = of["year"].astype("Int64") - (known - first)
    here = int(now.isin(LAST_YEARS).sum())
    then = int((now - 1).isin(LAST_YEARS).sum())
    if then <= here:
        return this, f"They are of {this}, the school's academic year."
    if today >= date(first + 1, 1, 1):
        raise YearUnclear(
            f"More of these pupils were in Year 11 or 13 in {before} than are now: "
            f"these may be their results of {before} or resits of {this}.",
            f"Say which: markbook results --year {before} FILE.",
        )
    return before, (
        f"They are of {before}: {then:,} of the pupils were in Year 11 or 13 then. If "
        f"that is wrong, say --year {this}."
    )


def _taught(
    connection: Connection, tables: Tables, academic_year: str
) -> dict[str, list[str]]:
    """Pupil -> subjects: of this year's classes, then of the years before."""
    made: defaultdict[str, dict[str, None]] = defaultdict(dict)
    years = connection.execute(
        schema.classes.select()
        .with_only_columns(schema.classes.c.academic_year)
        .distinct()
    ).scalars()
    for year in sorted({academic_year, *years}, reverse=True):
        rows = enrolments(connection, year, tables)
        for adno, subject in rows[["adno", "subject"]].to_numpy().tolist():
            made[adno].setdefault(subject)
    return {adno: list(subjects) for adno, subjects in made.items()}


@dataclass
class _Taking:
    """The results of one run on their way into the store."""

    connection: Connection
    tables: Tables
    files: ResultFiles
    now: datetime
    who: str
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    changes: list[ResultChange] = field(default_factory=list)

    def take(self, found: list[tuple[str, Result]], reading: ResultsReader) -> None:
        """Decide each result against what stands; then store them all at once."""
        standing = stored.current_results(self.connection)
        self._contexts = {
            year: _Context(self.connection, self.tables, year)
            for year in sorted({year for year, _ in found})
        }
        in_doubt = self._contradictions(found, reading)
        put: dict[stored.Key, dict[str, Any]] = {}
        notes: list[dict[str, Any]] = []
        for year, one in found:
            key = (year, one.adno, one.subject)
            if (key, one.line.table.file) in in_doubt:
                continue
            before = put.get(key) or standing.get(key)
            what = decide(before, one)
            self.counts[what] += 1
            if what == "same":
                filled = self._contexts[year].filled(before or {})
                if filled != before:
                    put[key] = filled
                continue
            old = before["grade"] if before else ""
            notes.append(self._note(key, old, one, what))
            if what == "later entry":
                continue
            put[key] = self._row(key, one, before)
            if what == "changed":
                self.changes.append(ResultChange(one.adno, one.subject, old, one.grade))
        stored.replace_results(self.connection, put.values())
        stored.add_history(self.connection, notes)

    def _contradictions(
        self, found: list[tuple[str, Result]], reading: ResultsReader
    ) -> set[tuple[stored.Key, str]]:
        """Results that one file gives twice and differently, without saying why."""
        given: defaultdict[tuple[stored.Key, str], list[Result]] = defaultdict(list)
        for year, one in found:
            given[(year, one.adno, one.subject), one.line.table.file].append(one)
        made = set()
        for at, several in given.items():
            grades = list(dict.fromkeys(one.grade for one in several))
            dated = len({one.series for one in several if one.series})
            real = [grade for grade in grades if grade != PENDING]
            if len(real) < 2 or dated == len(grades):
                continue
            made.add(at)
            for one in several:
                reading.refused += 1
                reading.faults.refuse(
                    one.line, one.column, "two-results",
                    f"Pupil {one.adno} has {len(real)} different results in "
                    f"{one.subject}: {', '.join(real)}; none of them was taken.",
                    "Leave the one that counts, or add a column Series that says when "
                    "each was entered (the first entry counts).",
                    adno=one.adno,
                )  # fmt: skip
        return made

    def _stamp(self) -> dict[str, str]:
        return {"read_at": self.now.isoformat(timespec="seconds"), "who": self.who}

    def _note(
        self, key: stored.Key, old: str, one: Result, what: str
    ) -> dict[str, Any]:
        return {
            "academic_year": key[0], "adno": key[1], "subject": key[2], "old": old,
            "new": one.grade, "series": one.series,
            "source_file": one.line.table.file, "source_cell": one.place,
            "why": {"new": "first"}.get(what, what), **self._stamp(),
        }  # fmt: skip

    def _row(
        self, key: stored.Key, one: Result, before: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        about = ("predicted", "collection", "class", "teachers", "year")
        row = {
            "academic_year": key[0], "adno": key[1], "subject": key[2],
            "grade": one.grade, "points": one.points, "scale": one.scale,
            "series": one.series, "title": one.title,
            "source_file": one.line.table.file, "source_cell": one.place,
            **dict.fromkeys(about, ""), "year": None,
            # What it was compared with when it came stays what it is compared with.
            **({name: before[name] for name in about} if before else {}),
            **self._stamp(),
        }  # fmt: skip
        return self._contexts[key[0]].filled(row)


def decide(before: Mapping[str, Any] | None, one: Result) -> str:
    """What a result does to the one that stands: new, changed, same, later entry."""
    if before is None:
        return "new"
    if before["grade"] == one.grade:
        return "same"
    if one.grade == PENDING:  # tells less than what there is
        return "same"
    graded = one.points is not None and before["points"] is not None
    dated = len(before["series"]) == len(one.series) == 7
    if graded and dated and before["series"] < one.series:
        return "later entry"
    return "changed"


class _Context:
    """What every pupil was predicted and taught in an academic year."""

    def __init__(self, connection: Connection, tables: Tables, year: str) -> None:
        found = last_predictions(connection, tables, until=year)
        names = ["predicted", "collection", "class", "academic_year"]
        self.predicted = {
            (row[0], row[1]): dict(zip(names, row[2:], strict=True))
            for row in found[["adno", "subject", *names]].to_numpy().tolist()
        }
        rows = enrolments(connection, year, tables).drop_duplicates(["adno", "subject"])
        self.classes = {
            (row[0], row[1]): (row[2], row[3])
            for row in rows[["adno", "subject", "class", "teachers"]].to_numpy()
        }
        taught = roster.classes(connection, year)
        self.teachers = dict(zip(taught["class"], taught["teachers"], strict=True))
        pupils = roster.pupils(connection)
        since = pupils["academic_year"].str[:4].astype("Int64") - int(year[:4])
        years = (pupils["year"].astype("Int64") - since).astype(object)
        years = years.where(years.notna(), None)
        self.years = dict(zip(pupils["adno"], years, strict=True))
        self.year = year

    def filled(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of `results` with what is known of it; what it says already stays."""
        made = dict(row)
        at = (made["adno"], made["subject"])
        if not made["predicted"] and at in self.predicted:
            made |= {
                name: self.predicted[at][name] for name in ("predicted", "collection")
            }
        if not made["class"]:
            last = self.predicted.get(at, {})
            # The class in which the prediction was given, if it was of this year.
            code = last["class"] if last.get("academic_year") == self.year else ""
            made["class"], made["teachers"] = self.classes.get(at, ("", ""))
            if code in self.teachers:
                made["class"], made["teachers"] = code, self.teachers[code]
        if made["year"] is None:
            year = self.years.get(made["adno"])
            made["year"] = None if year is None else int(year)
        return made
