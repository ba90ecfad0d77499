"""What was imported of each pupil besides Key Stage 2: indicators, baselines, CAT4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, select

from generator.school.school import School
from generator.school.settings import SubjectSettings
from generator.store import roster, schema
from generator.store import targets as stored
from generator.store import targets as stored_answers
from generator.store.frames import read_frame
from generator.store.mark_tables import marks_with_targets
from generator.store.results import results
from generator.targets.target_versions import preceding_subjects
from udfs.scales.subjects import Subject, subject_key
from udfs.tables import Tables
from udfs.targets.anchor import GradeLine, school_line
from udfs.targets.baselines import KeyStage2Scores, subject_starting_point
from udfs.targets.imported_grades import SUBJECT_PLACEHOLDER, indicator_name

COLUMNS = ("imported", "imported_high", "given", "gcse", "cat4")


@dataclass(frozen=True)
class Indicators:
    """Every indicator of every pupil, the latest import of each.

    Args:
        values: Name -> admission number -> value.
        names: A name as names are compared -> the name as it was imported.
    """

    values: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str]

    def find(self, pattern: str, subject: str, tables: Tables) -> str | None:
        """The indicator a pattern means for a subject, under any of its names.

        Args:
            pattern: As in `school.toml`: `FFT50 {subject}`.
            subject: The subject as the school calls it.
            tables: The subjects, with their other names.

        Returns:
            The indicator's name as imported, or None where there is none.
        """
        if not pattern:
            return None
        found = tables.subject(subject)
        others = (
            (found.national, *found.synonyms) if SUBJECT_PLACEHOLDER in pattern else ()
        )
        for name in (subject, *others):
            if name and (
                known := self.names.get(subject_key(indicator_name(pattern, name)))
            ):
                return known
        return None

    def values_of(self, name: str | None) -> Mapping[str, str]:
        """Admission number -> value of one indicator; empty where it is None."""
        return self.values.get(name, {}) if name else {}


def load_indicators(connection: Connection) -> Indicators:
    """All indicators of the store; a later academic year's go before an earlier's."""
    i = schema.indicators.c
    found = read_frame(
        connection,
        select(i.adno, i.name, i.value).order_by(i.academic_year, i.name, i.adno),
    )
    values: dict[str, dict[str, str]] = {}
    for adno, name, value in found.to_numpy().tolist():
        values.setdefault(name, {})[adno] = value
    return Indicators(values, {subject_key(name): name for name in values})


@dataclass(frozen=True, slots=True)
class IndicatorSources:
    """Which indicators one subject looks at; None where there is none of that name.

    Args:
        wanted: The name its imported target should have.
        imported: The indicator with its expected target.
        imported_high: The one with its aspirational target.
        given: The one with the department's baseline grades.
    """

    expected_name: str
    imported: str | None
    imported_high: str | None
    baseline: str | None


def indicator_sources(
    subject: str,
    said: SubjectSettings | None,
    school: School,
    known: Indicators,
    tables: Tables,
) -> IndicatorSources:
    """Which indicators a subject looks at, by the school's settings.

    Args:
        subject: The subject as the school calls it.
        said: What the school's settings say of it, if anything.
        school: The school.
        known: The indicators there are.
        tables: The subjects.
    """
    general = school.settings.targets
    pattern = (said and said.indicator) or general.indicator
    high = (said and said.aspirational_indicator) or general.aspirational_indicator
    baseline = (said and said.baseline_indicator) or general.baseline_indicator
    return IndicatorSources(
        expected_name=indicator_name(pattern, subject),
        imported=known.find(pattern, subject, tables),
        imported_high=known.find(high, subject, tables),
        baseline=known.find(baseline, subject, tables),
    )


def add_indicators(
    asked: pd.DataFrame,
    school: School,
    known: Indicators,
    of: Mapping[str, IndicatorSources],
) -> pd.DataFrame:
    """The same rows with what was imported of each pupil in each subject.

    Args:
        asked: One row per pupil and subject: `adno` and `subject` among others.
        school: Its settings name the indicators of all subjects.
        known: The indicators there are.
        of: Subject -> the indicators it looks at.

    Returns:
        With `imported`, `imported_high`, `given`, `gcse` and `cat4`, each
        empty where there is nothing.
    """
    targets = school.settings.targets
    made = asked.copy()
    adnos = asked["adno"].tolist()
    for column, kind in (
        ("imported", "imported"),
        ("imported_high", "imported_high"),
        ("given", "baseline"),
    ):
        found = {
            name: known.values_of(getattr(source, kind)) for name, source in of.items()
        }
        made[column] = [
            found[subject].get(adno, "") if subject in found else ""
            for adno, subject in zip(adnos, asked["subject"].tolist(), strict=True)
        ]
    for column, name in (("gcse", targets.gcse_average), ("cat4", targets.cat4)):
        values = known.values_of(known.names.get(subject_key(name)))
        made[column] = [values.get(adno, "") for adno in adnos]
    return made.astype(dict.fromkeys(COLUMNS, "str"))


def year_before(academic_year: str) -> str:
    """The academic year before.

    >>> year_before("2026/27"), year_before("2000/01")
    ('2025/26', '1999/00')
    """
    first = int(academic_year[:4])
    return f"{first - 1}/{first % 100:02d}"


def add_marks(
    connection: Connection, rows: pd.DataFrame, school: School, tables: Tables
) -> pd.DataFrame:
    """The same rows with what teachers have said of each pupil and subject.

    A subject that follows another takes the marks of that one, until it has its own.

    Args:
        connection: A transaction of the store.
        rows: `adno`, `subject` and `year`, one row per pupil and subject.
        school: The school.
        tables: Scales and subjects.

    Returns:
        With `prediction` and `collection` (missing and empty unless the pupil has one
        in the latest collection of the year group), `too` (what was predicted in the
        one before, in brackets), `last` and `last_year` (`AUT 5 (Below)`, of this
        academic year and of the last one), `query` and `query_in` (a teacher's
        latest query of this academic year, and the collection it is of).
    """
    marks = _marks(connection, rows, school, tables)
    said = marks.loc[marks["prediction"].notna()]
    now = said.loc[said["academic_year"].eq(school.academic_year)]
    then = said.loc[said["academic_year"].eq(year_before(school.academic_year))]
    asked = marks.loc[
        marks["target_query"].notna() & marks["academic_year"].eq(school.academic_year)
    ]
    made = rows.copy()
    last = _align(said.drop_duplicates(stored.KEY, keep="last"), rows)
    before = said.loc[said.duplicated(stored.KEY, keep="last")]
    before = _align(before.drop_duplicates(stored.KEY, keep="last"), rows)
    latest = last["opens"].groupby(rows["year"].fillna(0)).transform("max")
    fresh = last["opens"].eq(latest).fillna(False).astype(bool)
    made["prediction"] = last["prediction"].where(fresh)
    made["collection"] = last["collection"].where(fresh).fillna("")
    there = before["prediction"].notna()
    told = " (" + before["prediction"] + " in " + before["collection"] + ")"
    made["too"] = told.where(there, "")
    for name, of in (("last", now), ("last_year", then)):
        found = _align(of.drop_duplicates(stored.KEY, keep="last"), rows)
        made[name] = _flag_text(found)
    query = _align(asked.drop_duplicates(stored.KEY, keep="last"), rows)
    made["query"] = query["target_query"].fillna("")
    made["query_in"] = query["collection"].fillna("")
    return made


def add_answers(connection: Connection, rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the answer to each query, and its version (0: none)."""
    known = stored_answers.current_answers(connection)
    known = known.rename(
        columns={"collection": "query_in", "version": "answer_version"}
    )
    columns = [*stored.KEY, "query_in", "answer", "answer_version"]
    made = rows.merge(known[columns], on=[*stored.KEY, "query_in"], how="left")
    made["answer"] = made["answer"].fillna("")
    made["answer_version"] = made["answer_version"].fillna(0).astype("int64")
    return made


def _marks(
    connection: Connection, rows: pd.DataFrame, school: School, tables: Tables
) -> pd.DataFrame:
    c = schema.collections.c
    opens = read_frame(connection, select(c.code.label("collection"), c.opens))
    marks = marks_with_targets(
        connection, tables, fine=school.settings.flags.fine
    ).merge(opens, on="collection", how="left")
    marks = marks[
        [
            *stored.KEY, "collection", "academic_year", "prediction", "flag",
            "target_query", "opens",
        ]
    ]  # fmt: skip
    pairs = preceding_subjects(
        list(rows["subject"].unique()), list(marks["subject"].unique()), tables
    )
    carried = pd.DataFrame(pairs, columns=pd.Index(["leads_to", "subject"])).astype(
        "str"
    )
    earlier = marks.merge(carried, on="subject").drop(columns="subject")
    earlier = earlier.rename(columns={"leads_to": "subject"})
    # A pupil's own marks in the subject come after those of the one it follows.
    every = pd.concat([earlier.assign(own=0), marks.assign(own=1)])
    return every.sort_values(["opens", "collection", "own"], kind="stable").reset_index(
        drop=True
    )


def _align(found: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    made = rows[stored.KEY].merge(found, on=stored.KEY, how="left")
    return made.set_axis(rows.index)


def _flag_text(found: pd.DataFrame) -> pd.Series[str]:
    alike = found["flag"].str.casefold().eq(found["prediction"].str.casefold())
    flag = (" (" + found["flag"] + ")").where(found["flag"].notna() & ~alike, "")
    return (found["collection"] + " " + found["prediction"] + flag).fillna("")


LAST = 11  # the year group at the end of which the results are


def past_result_lines(
    connection: Connection, tables: Tables, *, before: str
) -> dict[Subject, GradeLine]:
    """The line of each subject in which enough results are in the store.

    Args:
        connection: A transaction of the store.
        tables: Subjects, scales, and the scores that stand in for codes.
        before: Results of the academic years before this one count.

    Returns:
        Subject, without the name the school gives it -> its line; none for a subject
        with results of fewer than 30 pupils of Year 11 with a score.
    """
    found = results(connection)
    found = found.loc[
        (found["academic_year"] < before) & found["points"].notna()
        & found["year"].eq(LAST).fillna(False)
    ]  # fmt: skip
    scores = roster.pupils(connection)[["adno", "ks2_reading", "ks2_maths"]]
    found = found.merge(scores, on="adno", how="inner")
    kept: dict[Subject, tuple[list[tuple[int, int]], set[str]]] = {}
    asked = ["subject", "grade", "academic_year", "ks2_reading", "ks2_maths"]
    for name, grade, year, reading, maths in found[asked].to_numpy().tolist():
        subject = tables.subject(name)
        scale = tables.scale(subject.scale)
        if scale.find(grade) is None:  # the subject has another scale by now
            continue
        start, _ = subject_starting_point(
            subject, KeyStage2Scores(reading, maths, LAST), tables, academic_year=year
        )
        if start is None:
            continue
        rows, years = kept.setdefault(subject.with_name(""), ([], set()))
        rows.append((start.halves, scale.level(grade)))
        years.add(year)
    lines = {
        subject: school_line(rows, tuple(sorted(years)))
        for subject, (rows, years) in kept.items()
    }
    return {subject: line for subject, line in lines.items() if line is not None}
