"""The head of department's workbook: the classes side by side, then who is below."""

from __future__ import annotations

import re
from datetime import datetime

import pandas as pd

from generator.packs.facts.class_summary import SideBySide, side_by_side
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.kinds import department
from generator.packs.layout.columns import Column, columns
from generator.packs.layout.workbook import Pack, Page
from generator.packs.pages import (
    actions,
    below_target,
    charts,
    cover,
    grade_distribution,
    interventions,
    moderation,
)
from generator.packs.pages import results_review as results_again
from generator.packs.pages.class_tables import answer, classes_table, grid, years_table
from generator.packs.wording import day, kept_until, listed, many, say, words, year_name
from generator.problems import Problem
from generator.school.school import School
from generator.store.enrolments import HEAD_OF_DEPARTMENT
from udfs.tables import Tables


def scopes(standing: CollectionSnapshot) -> list[str]:
    """For which departments there is a pack."""
    return standing.departments()


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """That nobody leads a department, as a problem to put right."""
    if standing.holders(HEAD_OF_DEPARTMENT, scope):
        return None
    return Problem(
        file=f"department-{scope}",
        severity="warning",
        code="no-head-of-department",
        value=scope,
        what=f"Nobody is named as head of department of {scope}.",
        do="Add a row to roles.csv in exports/, and import it.",
    )


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
) -> bytes:
    """One department's workbook; it holds nothing of any other department."""
    rows = standing.rows.loc[standing.rows["department"] == scope]
    sums = side_by_side(rows, issued=standing.issued, returned=standing.returned)
    said = answer(standing, sums)
    pack_name = f"department-{scope}"
    before = actions.opening(standing, pack_name, rows)
    collection = standing.collection
    until = day(kept_until(standing.academic_year))
    pack = Pack(
        f"{scope}, {collection.title}",
        school.settings.school.name,
        words("foot", "department", scope=scope, until=until),
        now,
    )
    asked = department.target_queries(rows, tables)
    years = [(year_name(year), part) for year, part in rows.groupby("year", sort=True)]
    contents = {words("sheets", name): words("contents", name)
                for name in ("classes", "charts")}  # fmt: skip
    contents |= {name: words("contents", "year") for name, _ in years}
    last = [
        "targets",
        "moderation",
        "queries",
        *interventions.sheets(standing, rows, own=True),
    ]
    contents |= {words("sheets", name): words("contents", name) for name in last}
    subjects = sorted(rows["subject"].unique())
    contents |= results_again.review_contents(standing, subjects, counted=True)
    contents |= {words("sheets", "actions"): words("contents", "actions")}
    cover.cover(
        pack.page(words("sheets", "cover"), cover.GRID, landscape=False),
        standing,
        rows,
        holders=standing.holders(HEAD_OF_DEPARTMENT, scope),
        role=HEAD_OF_DEPARTMENT,
        scope=scope,
        files=standing.files.get(scope, 0),
        elsewhere=standing.elsewhere.get(scope, 0),
        now=now,
        said=said,
        contents=contents,
    )
    shown = grid(sums)
    opening = pack.page(words("sheets", "classes"), [c.width for c in shown])
    title = f"{scope}: {collection.title}"
    _opening(opening, title, standing, sums, [*said, *before])
    page = pack.page(words("sheets", "charts"), charts.chart_grid(), fitted=False)
    page.band(f"{scope}: {collection.title}")
    charts.charts_page(page, sums)
    for name, part in years:
        widths = [c.width for c in below_target.page_columns(part, standing)]
        below_target.year_page(pack.page(name, widths), name, part, standing)
    page = pack.page(
        words("sheets", "targets"), grade_distribution.widths(rows, tables)
    )
    grade_distribution.targets_page(
        page, f"{scope}: targets and predictions", rows, tables
    )
    page = pack.page(words("sheets", "moderation"), moderation.widths())
    fine = school.settings.flags.fine
    distances = moderation.with_distance(rows, tables, fine=fine)
    moderation.moderation_page(page, f"{scope}: moderation", distances)
    page = pack.page(
        words("sheets", "queries"), [c.width for c in department.query_columns()]
    )
    department.queries_page(page, f"{scope}: target queries", asked)
    interventions.pages(pack, standing, rows, own=True)
    results_again.review_page(pack, standing, tables, subjects, counted=True)
    page = pack.page(words("sheets", "actions"), actions.widths())
    moved = actions.moved_since(standing, rows)
    actions.actions_page(page, standing, pack_name, moved=moved, pupils=rows["adno"])
    opening.open_here()
    return pack.close()


def _opening(
    page: Page,
    title: str,
    standing: CollectionSnapshot,
    sums: SideBySide,
    said: list[str],
) -> None:
    page.band(title, page.pack.school)
    for number, text in enumerate(said):
        page.say(text, answer=number == 0)
    page.gap()
    years_table(page, sums)
    page.gap(14)
    classes_table(page, sums)
    page.gap()
    page.key()
    page.say(words("notes", "interval"), ink="quiet")
    page.say(_change_note(standing, sums), ink="quiet")
    page.say(words("notes", "returned_on"), ink="quiet")
    page.say(words("notes", "chance"), ink="quiet")


def _change_note(standing: CollectionSnapshot, sums: SideBySide) -> str:
    here = [year for year in sums.years["year"].tolist() if year in standing.last]
    last = sorted({standing.last[year] for year in here})
    if not last:
        return words("notes", "first_time")
    return words("notes", "change", last=listed(last))


QUERY_COLUMNS = (
    "year", "class", "teacher", "surname", "forename", "target", "aspirational",
    "prediction", "suggested", "target_query",
)  # fmt: skip


def target_queries(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The rows with a query, and the grade that each begins with, if it does."""
    asked = rows.loc[rows["target_query"].notna()].drop_duplicates(["adno", "subject"])
    suggested = [
        suggested_grade(query, scale, tables)
        for query, scale in zip(asked["target_query"], asked["scale"], strict=True)
    ]
    return asked.assign(suggested=suggested).sort_values(
        ["year", "class", "surname", "forename", "adno"], kind="stable"
    )


def suggested_grade(query: str, scale: str, tables: Tables) -> str:
    """The grade that a query begins with, or empty.

    >>> from udfs.tables import standard
    >>> suggestion("5-4: too high now", "combined_science", standard())
    '5-4'
    >>> suggestion("Too high", "gcse", standard())
    ''
    """
    first = re.match(r"[^\s:;,.()]+", query.strip())
    return (tables.scale(scale).find(first[0]) or "") if first else ""


def queries_page(page: Page, title: str, asked: pd.DataFrame) -> None:
    """Write the page."""
    page.band(title)
    if asked.empty:
        page.say(say("no_queries"), answer=True)
        return
    said = say("queries_answer", queries=many(len(asked), "query", "queries"))
    page.say(said, answer=True)
    page.say(words("notes", "queries"), ink="quiet")
    page.table(asked, query_columns(), filtered=True, frozen=5)


def query_columns() -> list[Column]:
    """The columns of the page."""
    return columns(QUERY_COLUMNS)
