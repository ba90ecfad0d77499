"""The head of department's pack: the classes side by side, then who is below target."""

from __future__ import annotations

import re

import pandas as pd

from generator.packs.facts.class_summary import ClassSummary, summarise_classes
from generator.packs.facts.readers import department_readers
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import pack_columns
from generator.packs.layout.workbook import PackPage, PackWorkbook
from generator.packs.pack_kind import PackContext, PackKind, department_scopes
from generator.packs.pages.actions import actions_page, opening_sentences
from generator.packs.pages.below_target import year_page
from generator.packs.pages.charts import class_charts
from generator.packs.pages.class_tables import (
    class_columns,
    class_sentences,
    classes_table,
    years_table,
)
from generator.packs.pages.cover import PackCover, contents_of, start_pack
from generator.packs.pages.grade_distribution import distribution_page
from generator.packs.pages.interventions import intervention_pages, intervention_sheets
from generator.packs.pages.moderation import moderation_page
from generator.packs.pages.results_review import review_contents, review_page
from generator.packs.wording import (
    count_text,
    join_names,
    phrase,
    wording,
    year_name,
)
from udfs.tables import Tables

NAME = "department"
QUERY_COLUMNS = (
    "year", "class", "teacher", "surname", "forename", "target", "aspirational",
    "prediction", "suggested", "target_query",
)  # fmt: skip


def write(snapshot: CollectionSnapshot, context: PackContext, scope: str) -> bytes:
    """The workbook of one department; it holds nothing of any other department."""
    tables = context.tables
    rows = snapshot.rows.loc[snapshot.rows["department"] == scope]
    summary = summarise_classes(
        rows, issued=snapshot.issued, returned=snapshot.returned
    )
    sentences = class_sentences(snapshot, summary)
    pack_name = f"{NAME}-{scope}"
    years = [(year_name(year), part) for year, part in rows.groupby("year", sort=True)]
    subjects = sorted(rows["subject"].unique())
    interventions = intervention_sheets(snapshot, rows, subjects_only=True)
    contents = contents_of("classes", "charts")
    contents |= {name: wording("contents", "year") for name, _ in years}
    contents |= contents_of("targets", "moderation", "queries", *interventions)
    contents |= review_contents(snapshot, subjects, with_accuracy=True)
    contents |= contents_of("actions")
    cover = PackCover(
        scope, "", department_readers(snapshot, scope), rows, sentences, contents,
        hidden_marks=snapshot.hidden_marks.get(scope, 0),
    )  # fmt: skip
    pack = start_pack(snapshot, context, cover)
    title = f"{scope}: {snapshot.collection.title}"
    opening = pack.page(wording("sheets", "classes"), class_columns(summary))
    opening.title_band(title, pack.school)
    opening.sentences([*sentences, *opening_sentences(snapshot, pack_name, rows)])
    _class_tables(opening, snapshot, summary)
    class_charts(pack, title, summary)
    for name, part in years:
        year_page(pack, name, part, snapshot)
    distribution_page(pack, f"{scope}: targets and predictions", rows, tables)
    fine = context.school.settings.flags.fine
    moderation_page(pack, f"{scope}: moderation", rows, tables, fine=fine)
    _queries_page(pack, f"{scope}: target queries", target_queries(rows, tables))
    intervention_pages(pack, snapshot, rows, subjects_only=True)
    review_page(pack, snapshot, tables, subjects, with_accuracy=True)
    actions_page(pack, snapshot, pack_name, rows, pupils=rows["adno"])
    opening.activate()
    return pack.close()


KIND = PackKind(NAME, department_scopes, department_readers, write)


def _class_tables(
    page: PackPage, snapshot: CollectionSnapshot, summary: ClassSummary
) -> None:
    page.gap()
    years_table(page, summary)
    page.gap(14)
    classes_table(page, summary)
    page.gap()
    page.flag_key()
    last = snapshot.previous_codes(summary.years)
    change = wording("notes", "change", last=join_names(last)) if last else ""
    page.sentence(wording("notes", "interval"), ink="quiet")
    page.sentence(change or wording("notes", "first_time"), ink="quiet")
    page.sentence(wording("notes", "returned_on"), ink="quiet")
    page.sentence(wording("notes", "chance"), ink="quiet")


def target_queries(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The rows with a query, and the grade that each query begins with, if any."""
    queries = rows.loc[rows["target_query"].notna()]
    queries = queries.drop_duplicates(["adno", "subject"])
    suggested = [
        suggested_grade(query, scale, tables)
        for query, scale in zip(queries["target_query"], queries["scale"], strict=True)
    ]
    return queries.assign(suggested=suggested).sort_values(
        ["year", "class", "surname", "forename", "adno"], kind="stable"
    )


def suggested_grade(query: str, scale: str, tables: Tables) -> str:
    """The grade that a query begins with, or empty.

    >>> from udfs.tables import standard
    >>> suggested_grade("5-4: too high now", "combined_science", standard())
    '5-4'
    >>> suggested_grade("Too high", "gcse", standard())
    ''
    """
    first = re.match(r"[^\s:;,.()]+", query.strip())
    return (tables.scale(scale).find(first[0]) or "") if first else ""


def _queries_page(pack: PackWorkbook, title: str, queries: pd.DataFrame) -> None:
    columns = pack_columns(QUERY_COLUMNS)
    page = pack.page(wording("sheets", "queries"), columns)
    page.title_band(title)
    if queries.empty:
        page.sentence(phrase("no_queries"), answer=True)
        return
    number = count_text(len(queries), "query", "queries")
    page.sentence(phrase("queries_answer", queries=number), answer=True)
    page.sentence(wording("notes", "queries"), ink="quiet")
    page.table(queries, columns, filtered=True, frozen=5)
