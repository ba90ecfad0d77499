"""The pupils of one year who are predicted below target, by class and teacher."""

from __future__ import annotations

import pandas as pd

from generator.packs.facts.history import BELOW
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import Column, columns
from generator.packs.layout.workbook import Page
from generator.packs.pages import interventions
from generator.packs.wording import listed, many, say, words

SHOWN_EARLIER = 3


def underachieving(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that are below target: by class, the furthest below first."""
    below = rows.loc[rows["flag"].isin(BELOW)]
    return below.assign(depth=below["gap"].fillna(0)).sort_values(
        ["subject", "class", "depth", "surname", "forename", "adno"], kind="stable"
    )


def year_columns(rows: pd.DataFrame, standing: CollectionSnapshot) -> list[Column]:
    """The columns of a year's page; the subject only where there are several."""
    keys = [
        "class", "teacher", "surname", "forename", "reg", "groups", "target",
        "prediction", "working_at", "flag",
    ]  # fmt: skip
    if rows["subject"].nunique() > 1:
        keys.insert(0, "subject")
    earlier = [
        code
        for code in standing.earlier[-SHOWN_EARLIER:]
        if rows[f"earlier:{code}"].ne("").any()
    ]
    if earlier:
        keys.append("run")
    after = [key for key in ("effort", "reason", "comment") if _asked(standing, key)]
    return [
        *columns(keys),
        *(Column(f"earlier:{code}", code, 14) for code in reversed(earlier)),
        *columns(after),
    ]


def page_columns(rows: pd.DataFrame, standing: CollectionSnapshot) -> list[Column]:
    """The columns of a year's page: those of `year_columns`, and what is done."""
    # What is written about a row is about its subject, so the row always names it.
    one = rows["subject"].nunique() <= 1
    return [
        *columns(("adno", "subject") if one else ("adno",)),
        *year_columns(rows, standing),
        *columns(("help",)),
        *interventions.entry_columns(),
    ]


def year_page(
    page: Page, name: str, rows: pd.DataFrame, standing: CollectionSnapshot
) -> None:
    """Write a year's page.

    Args:
        page: An empty page of the widths of `page_columns`.
        name: The year's name.
        rows: The department's rows of this year.
        standing: The collection as it stands.
    """
    below = interventions.add_interventions(underachieving(rows), standing)
    # Those for whom nothing is done come first; the rest of the order stays.
    below = below.sort_values("help", key=lambda told: told != "", kind="stable")
    # Who is in two classes of a subject stands in both, and is counted once.
    pairs = ["adno", "subject"]
    counted = below.drop_duplicates(pairs)
    page.band(f"{name}: below target", f"{standing.collection.title}")
    with_data = int(rows.drop_duplicates(pairs)["flag"].notna().sum())
    if below.empty:
        none = "year_none" if with_data else "no_flags"
        page.say(words("phrases", none), answer=True)
        return
    again = int(counted["last_flag"].isin(BELOW).sum())
    several = rows["subject"].nunique() > 1
    said = words(
        "phrases",
        "year_answers" if several else "year_answer",
        below=f"{len(counted):,}",
        of=many(with_data, "prediction" if several else "pupil"),
        well_below=f"{int(counted['flag'].eq('Well below').sum()):,}",
        classes=many(below["class"].nunique(), "class", "classes"),
    )
    if again:
        last = listed(
            sorted({standing.last[year] for year in below["year"].unique().tolist()})
        )
        said += " " + words("phrases", "year_again", again=f"{again:,}", last=last)
    page.say(said, answer=True)
    without = int(counted["help"].eq("").sum())
    told = say("without_help", without=f"{without:,}") if without else say("all_helped")
    page.say(told)
    page.say(words("notes", "year_help"), ink="quiet")
    page.table(
        below,
        page_columns(rows, standing),
        painted={"run": ["check" if run > 1 else "" for run in below["run"]]},
        parted="class",
        filtered=True,
        frozen=5,
    )
    page.protect()


def _asked(standing: CollectionSnapshot, field: str) -> bool:
    return field in standing.collection.asks
