"""The results of a year with all that stands beside them, found in the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.measuring import (
    ExpectedOutcome,
    ResultsOutcome,
    expected_outcomes_by_year,
    results_outcome,
)
from generator.packs.facts.readers import SENIOR_LEADER, PackReaders, role_readers
from generator.school.school import School
from generator.store import interventions as stored
from generator.store import results as recorded
from generator.store import roster, schema
from udfs.tables import Tables

PACK_NAME = "results"
FORM_FIELDS = ("what_happened", "why_not_known", "will_do", "who", "by_when")
REVIEW_COLUMNS = ("subject", *FORM_FIELDS)
# The form's column -> the field of the store.
STORED_FIELDS = {
    "subject": "subject",
    "what_happened": "issue",
    "why_not_known": "why",
    "will_do": "action",
    "who": "who",
    "by_when": "by_when",
}


def collection_name(academic_year: str) -> str:
    """The name in place of a collection for actions of results day.

    >>> collection_name("2026/27")
    'results 2026/27'
    """
    return f"{PACK_NAME} {academic_year}"


def review_lines(actions: pd.DataFrame, academic_year: str) -> pd.DataFrame:
    """What was written about the results of a year, in the columns of the form."""
    lines = actions.loc[
        (actions["pack"] == PACK_NAME)
        & (actions["collection"] == collection_name(academic_year))
    ]
    return lines.rename(columns={name: key for key, name in STORED_FIELDS.items()})


def latest_review(
    actions: pd.DataFrame, academic_year: str, subjects: Iterable[str] | None = None
) -> tuple[str, pd.DataFrame]:
    """What was written on the last results day before a collection.

    Args:
        actions: Everything written into packs.
        academic_year: The collection's; results of it or of the year before count.
        subjects: The subjects of the lines, besides lines of no subject; None for
            every line.

    Returns:
        The academic year of the results, and the lines in the columns of the form;
        empty if nothing was written.
    """
    first = int(academic_year[:4])
    before = f"{first - 1}/{first % 100:02d}"
    for year in (academic_year, before):
        lines = review_lines(actions, year)
        if subjects is not None:
            lines = lines.loc[lines["subject"].isin([*subjects, ""])]
        if len(lines):
            return year, lines.reset_index(drop=True)
    return "", pd.DataFrame(columns=list(REVIEW_COLUMNS))


@dataclass(frozen=True)
class ResultsDay:
    """The results of a year, with what they are compared with.

    Args:
        outcome: The results, measured.
        previous: The results of the year before; None if there are none.
        expected: The expected outcome of the final year group; None without results
            of earlier years.
        year: The final year group of Key Stage 4.
        groups: The school's groups.
        names: Staff code -> name.
        readers: The senior leaders, who read the pack.
        review: What has been written about these results already.
        source: The files, and the last moment one was read.
        result_count: The number of results, including those without a grade.
        without_results: The number of pupils on roll in the final year group who have
            no result.
        key: The school's key, which seals pack records.
    """

    outcome: ResultsOutcome
    previous: ResultsOutcome | None
    expected: ExpectedOutcome | None
    year: int
    groups: tuple[str, ...]
    names: Mapping[str, str]
    readers: PackReaders
    review: pd.DataFrame
    source: tuple[tuple[str, ...], str]
    result_count: int
    without_results: int
    key: bytes


def read_results_day(
    connection: Connection, school: School, tables: Tables
) -> ResultsDay | None:
    """The results of the latest year that has any; None if there are none.

    Args:
        connection: A transaction of the store.
        school: The school.
        tables: Scales and subjects as this school has them.
    """
    years = recorded.result_years(connection)[-2:]
    outcomes = [results_outcome(connection, school, tables, year) for year in years]
    present = [of_year for of_year in outcomes if of_year is not None]
    if not present:
        return None
    latest = present[-1]
    year = latest.academic_year
    final = max(school.settings.measures.years, default=11)
    staff = roster.staff(connection, year)
    names = dict(zip(staff["code"], staff["name"], strict=True))
    results = recorded.results(connection, year)
    files = tuple(sorted(results["source_file"].unique()))
    return ResultsDay(
        outcome=latest,
        previous=present[-2] if len(present) > 1 else None,
        expected=_expected(connection, school, tables, latest, final),
        year=final,
        groups=tuple(rule.group for rule in latest.actual.groups),
        names=names,
        readers=role_readers(roster.roles(connection, year), names, SENIOR_LEADER),
        review=review_lines(stored.actions(connection), year),
        source=(files, results["read_at"].max()),
        result_count=len(results),
        without_results=_count_without_results(connection, latest, results, final),
        key=school.key(),
    )


def _expected(
    connection: Connection,
    school: School,
    tables: Tables,
    now: ResultsOutcome,
    final: int,
) -> ExpectedOutcome | None:
    """The expected outcome at the collection of most of the last predictions."""
    codes = now.rows.loc[now.rows["predicted"].notna(), "collection"]
    if codes.empty:
        return None
    c = schema.collections.c
    opens = connection.execute(
        schema.collections.select()
        .with_only_columns(c.opens)
        .where(c.code == codes.mode().iloc[0])
    ).scalar()
    if not opens:
        return None
    outcomes = expected_outcomes_by_year(
        connection, school, tables, now.predicted,
        academic_year=now.academic_year, opens=date.fromisoformat(opens),
    )  # fmt: skip
    return outcomes.get(final)


def _count_without_results(
    connection: Connection, latest: ResultsOutcome, results: pd.DataFrame, final: int
) -> int:
    pupils = roster.pupils(connection)
    first = int(latest.academic_year[:4])
    years_since = pupils["academic_year"].str[:4].astype("Int64") - first
    year = pupils["year"].astype("Int64") - years_since
    in_final_year = year.eq(final).fillna(False) & years_since.ge(0)
    # A pupil who left before the summer term ended took no exams here.
    exams = f"{first + 1}-05-01"
    in_final_year &= pupils["left"].eq("") | pupils["left"].gt(exams)
    return int((in_final_year & ~pupils["adno"].isin(results["adno"])).sum())
