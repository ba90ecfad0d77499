"""The page of a year's pupils who are predicted below target, by class and teacher."""

from __future__ import annotations

import pandas as pd

from generator.packs.facts.history import BELOW
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import PackColumn, pack_columns
from generator.packs.layout.workbook import PackWorkbook
from generator.packs.pages.interventions import (
    add_interventions,
    entry_columns,
    without_help_sentence,
)
from generator.packs.wording import count_text, join_names, phrase, wording

MAX_EARLIER_COLUMNS = 3


def year_page(
    pack: PackWorkbook, name: str, rows: pd.DataFrame, snapshot: CollectionSnapshot
) -> None:
    """Add a year's page.

    Args:
        pack: The workbook.
        name: The year's name.
        rows: The department's rows of this year.
        snapshot: The collection.
    """
    columns = _page_columns(rows, snapshot)
    page = pack.page(name, columns)
    below = add_interventions(rows_below_target(rows), snapshot)
    # Those without an intervention come first; the rest of the order stays.
    below = below.sort_values("help", key=lambda texts: texts != "", kind="stable")
    # A pupil in two classes of a subject has two rows, and counts once.
    keys = ["adno", "subject"]
    once = below.drop_duplicates(keys)
    page.title_band(f"{name}: below target", f"{snapshot.collection.title}")
    with_data = int(rows.drop_duplicates(keys)["flag"].notna().sum())
    if below.empty:
        page.sentence(phrase("year_none" if with_data else "no_flags"), answer=True)
        return
    several = rows["subject"].nunique() > 1
    text = phrase(
        "year_answers" if several else "year_answer",
        below=f"{len(once):,}",
        of=count_text(with_data, "prediction" if several else "pupil"),
        well_below=f"{int(once['flag'].eq('Well below').sum()):,}",
        classes=count_text(below["class"].nunique(), "class", "classes"),
    )
    if still_below := int(once["last_flag"].isin(BELOW).sum()):
        last = join_names(snapshot.previous_codes(below))
        text += " " + phrase("year_again", again=f"{still_below:,}", last=last)
    page.sentence(text, answer=True)
    page.sentence(without_help_sentence(once))
    page.sentence(wording("notes", "year_help"), ink="quiet")
    page.table(
        below,
        columns,
        painted={"run": ["check" if run > 1 else "" for run in below["run"]]},
        parted="class",
        filtered=True,
        frozen=5,
    )
    page.protect()


def rows_below_target(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows below target, by class, the furthest below first."""
    below = rows.loc[rows["flag"].isin(BELOW)]
    return below.assign(depth=below["gap"].fillna(0)).sort_values(
        ["subject", "class", "depth", "surname", "forename", "adno"], kind="stable"
    )


def below_target_columns(
    rows: pd.DataFrame, snapshot: CollectionSnapshot
) -> list[PackColumn]:
    """The columns that show `rows_below_target`; the subject only if there are several.

    Args:
        rows: All rows of the page, not only those below target.
        snapshot: The collection.
    """
    keys = [
        "class", "teacher", "surname", "forename", "reg", "groups", "target",
        "prediction", "working_at", "flag",
    ]  # fmt: skip
    if rows["subject"].nunique() > 1:
        keys.insert(0, "subject")
    earlier = [
        code
        for code in snapshot.earlier[-MAX_EARLIER_COLUMNS:]
        if rows[f"earlier:{code}"].ne("").any()
    ]
    if earlier:
        keys.append("run")
    asks = snapshot.collection.asks
    return [
        *pack_columns(keys),
        *(PackColumn(f"earlier:{code}", code, 14) for code in reversed(earlier)),
        *pack_columns(key for key in ("effort", "reason", "comment") if key in asks),
    ]


def _page_columns(rows: pd.DataFrame, snapshot: CollectionSnapshot) -> list[PackColumn]:
    # An intervention is for the row's subject, so the row always names it.
    one_subject = rows["subject"].nunique() <= 1
    return [
        *pack_columns(("adno", "subject") if one_subject else ("adno",)),
        *below_target_columns(rows, snapshot),
        *pack_columns(("help",)),
        *entry_columns(),
    ]
