"""The results of a year with all that stands beside them, found in the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.measuring import Expected, Outcome, expected, outcome
from generator.packs.pages import results_review as results_form
from generator.packs.schoolwide import SENIOR_LEADER
from generator.school.school import School
from generator.store import interventions as stored
from generator.store import results as recorded
from generator.store import roster, schema
from udfs.tables import Tables

PACK = "results"


ENTRY = ("what_happened", "why_not_known", "will_do", "who", "by_when")


REVIEW_COLUMNS = ("subject", *ENTRY)


# The form's column -> what the store calls it.
STORED_FIELDS = {
    "subject": "subject",
    "what_happened": "issue",
    "why_not_known": "why",
    "will_do": "action",
    "who": "who",
    "by_when": "by_when",
}


def collection_name(academic_year: str) -> str:
    """What stands for a collection where actions are of results day.

    >>> of_year("2026/27")
    'results 2026/27'
    """
    return f"{PACK} {academic_year}"


def review_lines(actions: pd.DataFrame, academic_year: str) -> pd.DataFrame:
    """What was written about the results of a year, as the form has it."""
    mine = actions.loc[
        (actions["pack"] == PACK)
        & (actions["collection"] == collection_name(academic_year))
    ]
    return mine.rename(columns={name: key for key, name in STORED_FIELDS.items()})


def latest_review(
    actions: pd.DataFrame, academic_year: str, subjects: Iterable[str] | None = None
) -> tuple[str, pd.DataFrame]:
    """What was said on the results day last before a collection, to be looked at again.

    Args:
        actions: Everything written into packs.
        academic_year: The collection's; results of it or of the year before count.
        subjects: Only lines about these, and about none; None: every line.

    Returns:
        The academic year of the results, and the lines as the form has them; empty
        where nothing was written.
    """
    first = int(academic_year[:4])
    before = f"{first - 1}/{first % 100:02d}"
    for year in (academic_year, before):
        found = review_lines(actions, year)
        if subjects is not None:
            found = found.loc[found["subject"].isin([*subjects, ""])]
        if len(found):
            return year, found.reset_index(drop=True)
    return "", pd.DataFrame(columns=list(REVIEW_COLUMNS))


@dataclass(frozen=True)
class ResultsDay:
    """The results of a year, and what stands beside them.

    Args:
        outcome: The results, measured.
        before: Those of the year before; None where there are none.
        expected: What was expected of the final year group; None: no past.
        year: The final year group of Key Stage 4.
        groups: The school's groups.
        names: Staff code -> name.
        holders: For whom, by name.
        written: What was written of these results already.
        source: Files, and the last moment one was read.
        every: How many results there are, those without a grade too.
        without: Pupils of the final year group on roll without any result.
        key: The school's key, with which packs are sealed.
    """

    outcome: Outcome
    before: Outcome | None
    expected: Expected | None
    year: int
    groups: tuple[str, ...]
    names: Mapping[str, str]
    holders: tuple[str, ...]
    written: pd.DataFrame
    source: tuple[tuple[str, ...], str]
    every: int
    without: int
    key: bytes


def read_results_day(
    connection: Connection, school: School, tables: Tables
) -> ResultsDay | None:
    """The latest year's results, ready to be written; None where there are none.

    Args:
        connection: The store, within one transaction.
        school: The school.
        tables: Scales and subjects as this school has them.
    """
    years = recorded.result_years(connection)
    of_year = {year: outcome(connection, school, tables, year) for year in years[-2:]}
    there = [one for one in of_year.values() if one is not None]
    if not there:
        return None
    now = there[-1]
    final = max(school.settings.measures.years, default=11)
    staff = roster.staff(connection, now.academic_year)
    roles = roster.roles(connection, now.academic_year)
    names = dict(zip(staff["code"], staff["name"], strict=True))
    leaders = roles.loc[roles["role"] == SENIOR_LEADER, "staff"].drop_duplicates()
    every = recorded.results(connection, now.academic_year)
    return ResultsDay(
        outcome=now,
        before=there[-2] if len(there) > 1 else None,
        expected=_expected(connection, school, tables, now, final),
        year=final,
        groups=tuple(rule.group for rule in now.actual.groups),
        names=names,
        holders=tuple(names.get(code, code) for code in leaders),
        written=results_form.review_lines(
            stored.actions(connection), now.academic_year
        ),
        source=(tuple(sorted(every["source_file"].unique())), every["read_at"].max()),
        every=len(every),
        without=_count_without_results(connection, now, every, final),
        key=school.key(),
    )


def _expected(
    connection: Connection, school: School, tables: Tables, now: Outcome, final: int
) -> Expected | None:
    """What was expected at the collection most of the last predictions are from."""
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
    found = expected(
        connection, school, tables, now.predicted,
        academic_year=now.academic_year, opens=date.fromisoformat(opens),
    )  # fmt: skip
    return found.get(final)


def _count_without_results(
    connection: Connection, now: Outcome, every: pd.DataFrame, final: int
) -> int:
    pupils = roster.pupils(connection)
    since = pupils["academic_year"].str[:4].astype("Int64") - int(now.academic_year[:4])
    year = pupils["year"].astype("Int64") - since
    there = year.eq(final).fillna(False) & since.ge(0)
    # Who left before the summer term ended sat nothing here.
    end = f"{int(now.academic_year[:4]) + 1}-05-01"
    there &= pupils["left"].eq("") | pupils["left"].gt(end)
    return int((there & ~pupils["adno"].isin(every["adno"])).sum())
