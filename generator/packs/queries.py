"""Targets that teachers have asked about."""

from __future__ import annotations

import re

import pandas as pd

from generator.packs.columns import Column, columns
from generator.packs.phrases import many, say, words
from generator.packs.sheets import Page
from udfs.tables import Tables

KEYS = (
    "year", "class", "teacher", "surname", "forename", "target", "aspirational",
    "prediction", "suggested", "target_query",
)  # fmt: skip


def queries(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The rows with a query, and the grade that each begins with, if it does."""
    asked = rows.loc[rows["target_query"].notna()].drop_duplicates(["adno", "subject"])
    suggested = [
        suggestion(query, scale, tables)
        for query, scale in zip(asked["target_query"], asked["scale"], strict=True)
    ]
    return asked.assign(suggested=suggested).sort_values(
        ["year", "class", "surname", "forename", "adno"], kind="stable"
    )


def suggestion(query: str, scale: str, tables: Tables) -> str:
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
    return columns(KEYS)
