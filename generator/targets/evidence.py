"""Evidence about each pupil: imported indicators, marks and past results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, select

from generator.context import Context
from generator.school.school import School
from generator.school.settings import SubjectSettings
from generator.store import roster, schema
from generator.store import targets as stored
from generator.store.frames import read_frame
from generator.store.mark_tables import marks_with_targets
from generator.store.results import results
from generator.targets.target_versions import preceding_subjects
from udfs.scales.subjects import Subject, subject_key
from udfs.tables import Tables
from udfs.targets.anchor import RESULTS_YEAR, GradeLine, school_lines
from udfs.targets.baselines import subject_starting_point
from udfs.targets.imported_grades import SUBJECT_PLACEHOLDER, indicator_name

# Column of the drafting evidence -> field of `IndicatorSources`.
_SOURCE_COLUMNS = {
    "imported": "imported",
    "imported_high": "imported_high",
    "given": "baseline",
}


@dataclass(frozen=True)
class Indicators:
    """The latest import of every indicator of every pupil.

    Args:
        values: Name -> admission number -> value.
        names: Normalised name -> name as imported.
    """

    values: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str]

    def find(self, pattern: str, subject: str, tables: Tables) -> str | None:
        """The indicator that a pattern names for a subject, under any of its names.

        Args:
            pattern: Pattern in `school.toml`, such as `FFT50 {subject}`.
            subject: The school's name of the subject.
            tables: Subjects with their other names.

        Returns:
            The indicator's name as imported, or None.
        """
        if not pattern:
            return None
        names = [subject]
        if SUBJECT_PLACEHOLDER in pattern:
            entry = tables.subject(subject)
            names += [entry.national, *entry.synonyms]
        for name in filter(None, names):
            key = subject_key(indicator_name(pattern, name))
            if imported_name := self.names.get(key):
                return imported_name
        return None

    def of(self, name: str | None) -> Mapping[str, str]:
        """Admission number -> value of one indicator; empty without a name."""
        return self.values.get(name, {}) if name else {}


def load_indicators(connection: Connection) -> Indicators:
    """All indicators of the store; a later academic year replaces an earlier one."""
    i = schema.indicators.c
    rows = read_frame(
        connection,
        select(i.adno, i.name, i.value).order_by(i.academic_year, i.name, i.adno),
    )
    values: dict[str, dict[str, str]] = {}
    for adno, name, value in rows.to_numpy().tolist():
        values.setdefault(name, {})[adno] = value
    return Indicators(values, {subject_key(name): name for name in values})


@dataclass(frozen=True, slots=True)
class IndicatorSources:
    """The indicators of one subject, each None if it was not imported.

    Args:
        expected_name: Name that the indicator of the expected target should have.
        imported: Indicator of the expected target.
        imported_high: Indicator of the aspirational target.
        baseline: Indicator of the department's baseline grade.
    """

    expected_name: str
    imported: str | None
    imported_high: str | None
    baseline: str | None


def indicator_sources(
    subject: str,
    settings: SubjectSettings | None,
    school: School,
    indicators: Indicators,
    tables: Tables,
) -> IndicatorSources:
    """The indicators of a subject, by the school's settings.

    Args:
        subject: The school's name of the subject.
        settings: The school's settings of the subject, or None.
        school: School with the settings of all subjects.
        indicators: Imported indicators.
        tables: Subjects with their other names.
    """

    def pattern(name: str) -> str:
        own: str = getattr(settings, name, "")
        general: str = getattr(school.settings.targets, name)
        return own or general

    def find(name: str) -> str | None:
        return indicators.find(pattern(name), subject, tables)

    return IndicatorSources(
        expected_name=indicator_name(pattern("indicator"), subject),
        imported=find("indicator"),
        imported_high=find("aspirational_indicator"),
        baseline=find("baseline_indicator"),
    )


def add_indicators(
    rows: pd.DataFrame,
    school: School,
    indicators: Indicators,
    sources: Mapping[str, IndicatorSources],
) -> pd.DataFrame:
    """Add the imported evidence of each pupil in each subject.

    Args:
        rows: One row per pupil and subject, with `adno` and `subject`.
        school: School whose settings name the indicators of all subjects.
        indicators: Imported indicators.
        sources: Subject -> its indicators.

    Returns:
        The rows with `imported`, `imported_high`, `given`, `gcse` and `cat4`, each
        empty without a value.
    """
    settings = school.settings.targets
    columns: dict[str, list[str]] = {}
    pairs = list(zip(rows["adno"].tolist(), rows["subject"].tolist(), strict=True))
    for column, field in _SOURCE_COLUMNS.items():
        values = {
            name: indicators.of(getattr(source, field))
            for name, source in sources.items()
        }
        columns[column] = [
            values.get(subject, {}).get(adno, "") for adno, subject in pairs
        ]
    for column, name in (("gcse", settings.gcse_average), ("cat4", settings.cat4)):
        pupils = indicators.of(indicators.names.get(subject_key(name)))
        columns[column] = [pupils.get(adno, "") for adno, _ in pairs]
    return rows.assign(**columns).astype(dict.fromkeys(columns, "str"))


def year_before(academic_year: str) -> str:
    """The academic year before.

    >>> year_before("2026/27"), year_before("2000/01")
    ('2025/26', '1999/00')
    """
    first = int(academic_year[:4])
    return f"{first - 1}/{first % 100:02d}"


def add_marks(
    connection: Connection, rows: pd.DataFrame, context: Context
) -> pd.DataFrame:
    """Add teachers' predictions, flags and queries for each pupil and subject.

    A subject takes the marks of the Key Stage 3 subject before it until it has its own.

    Args:
        connection: A transaction of the store.
        rows: One row per pupil and subject, with `adno`, `subject` and `year`.
        context: School and tables.

    Returns:
        The rows with `prediction` and `collection` (missing and empty unless the pupil
        has one in the latest collection of the year group), `too` (the prediction in
        the collection before, in brackets), `last` and `last_year` (`AUT 5 (Below)`,
        of this academic year and of the one before), `query` and `query_in` (a
        teacher's latest query of this academic year, and its collection).
    """
    year = context.school.academic_year
    marks = _marks(connection, rows, context)
    predicted = marks.loc[marks["prediction"].notna()]
    queries = marks.loc[marks["target_query"].notna() & marks["academic_year"].eq(year)]
    rows = rows.copy()
    latest = _align_last(predicted, rows)
    earlier = predicted.loc[predicted.duplicated(stored.KEY, keep="last")]
    before = _align_last(earlier, rows)
    opens = latest["opens"].groupby(rows["year"].fillna(0)).transform("max")
    current = latest["opens"].eq(opens).fillna(False).astype(bool)
    rows["prediction"] = latest["prediction"].where(current)
    rows["collection"] = latest["collection"].where(current).fillna("")
    too = " (" + before["prediction"] + " in " + before["collection"] + ")"
    rows["too"] = too.where(before["prediction"].notna(), "")
    for name, academic_year in (("last", year), ("last_year", year_before(year))):
        of_year = predicted.loc[predicted["academic_year"].eq(academic_year)]
        rows[name] = _flag_texts(_align_last(of_year, rows))
    query = _align_last(queries, rows)
    rows["query"] = query["target_query"].fillna("")
    rows["query_in"] = query["collection"].fillna("")
    return rows


def add_answers(connection: Connection, rows: pd.DataFrame) -> pd.DataFrame:
    """Add the answer to each query and its version (0 without an answer)."""
    answers = stored.current_answers(connection)
    answers = answers.rename(
        columns={"collection": "query_in", "version": "answer_version"}
    )
    key = [*stored.KEY, "query_in"]
    rows = rows.merge(answers[[*key, "answer", "answer_version"]], on=key, how="left")
    rows["answer"] = rows["answer"].fillna("")
    rows["answer_version"] = rows["answer_version"].fillna(0).astype("int64")
    return rows


def _marks(
    connection: Connection, rows: pd.DataFrame, context: Context
) -> pd.DataFrame:
    # The marks in the order of their collections.
    c = schema.collections.c
    opens = read_frame(connection, select(c.code.label("collection"), c.opens))
    fine = context.school.settings.flags.fine
    marks = marks_with_targets(connection, context.tables, fine=fine)
    marks = marks.merge(opens, on="collection", how="left")[
        [
            *stored.KEY, "collection", "academic_year", "prediction", "flag",
            "target_query", "opens",
        ]
    ]  # fmt: skip
    pairs = preceding_subjects(
        list(rows["subject"].unique()), list(marks["subject"].unique()), context.tables
    )
    preceding = pd.DataFrame(pairs, columns=pd.Index(["leads_to", "subject"]))
    earlier = marks.merge(preceding.astype("str"), on="subject")
    earlier = earlier.drop(columns="subject").rename(columns={"leads_to": "subject"})
    # In a collection, marks in the subject itself come after those of the one before.
    every = pd.concat([earlier.assign(own=0), marks.assign(own=1)])
    every = every.sort_values(["opens", "collection", "own"], kind="stable")
    return every.reset_index(drop=True)


def _align_last(marks: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    # The last mark of each pupil and subject, on the index of the rows.
    last = marks.drop_duplicates(stored.KEY, keep="last")
    return rows[stored.KEY].merge(last, on=stored.KEY, how="left").set_axis(rows.index)


def _flag_texts(marks: pd.DataFrame) -> pd.Series[str]:
    same = marks["flag"].str.casefold().eq(marks["prediction"].str.casefold())
    flag = (" (" + marks["flag"] + ")").where(marks["flag"].notna() & ~same, "")
    return (marks["collection"] + " " + marks["prediction"] + flag).fillna("")


def past_result_lines(
    connection: Connection, tables: Tables, *, before: str
) -> dict[Subject, GradeLine]:
    """The line of each subject with enough results in the store.

    Args:
        connection: A transaction of the store.
        tables: Subjects, scales, and the scores that replace codes.
        before: Academic year; only results of earlier years count.

    Returns:
        Subject, without the school's name of it -> its line; a subject is left out
        if fewer than 30 pupils of Year 11 have a result and a score.
    """
    rows = results(connection)
    rows = rows.loc[
        (rows["academic_year"] < before) & rows["points"].notna()
        & rows["year"].eq(RESULTS_YEAR).fillna(False)
    ]  # fmt: skip
    scores = roster.pupils(connection)[["adno", "ks2_reading", "ks2_maths"]]
    rows = rows.merge(scores, on="adno", how="inner")
    columns = ["subject", "grade", "academic_year", "ks2_reading", "ks2_maths"]
    past_results = []
    for name, grade, year, reading, maths in rows[columns].to_numpy().tolist():
        subject = tables.subject(name)
        scale = tables.scale(subject.scale)
        if scale.find(grade) is None:  # the subject's scale has changed since
            continue
        start, _ = subject_starting_point(
            subject, reading, maths, RESULTS_YEAR, tables, academic_year=year
        )
        if start is not None:
            past_results.append((subject, year, start.halves, scale.level(grade)))
    return school_lines(past_results)
