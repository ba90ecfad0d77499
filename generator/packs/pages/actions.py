"""The page for actions: what a reader plans to do, and what was written last time."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from generator.packs.facts.history import BELOW
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import pack_columns
from generator.packs.layout.workbook import PackWorkbook
from generator.packs.pages.pack_record import PackRecord, record_page
from generator.packs.wording import count_text, join_names, phrase, wording

ACTION_COLUMNS = ("issue", "action", "who", "by_when", "how_known")
BLANK_LINES = 15  # to write in
MAX_LISTED = 4  # actions on the opening page; the others are counted


def actions_page(
    pack: PackWorkbook,
    snapshot: CollectionSnapshot,
    pack_name: str,
    rows: pd.DataFrame,
    *,
    pupils: Iterable[str] = (),
    other_issues: Iterable[str] = (),
) -> None:
    """Add the page, and after it the record that identifies the pack on its return.

    Args:
        pack: The workbook.
        snapshot: The collection.
        pack_name: The pack's name: `pastoral-7A`.
        rows: The reader's part of `CollectionSnapshot.rows`.
        pupils: The pupils the reader may write about, by admission number.
        other_issues: Issues whose actions are on another page of the pack.
    """
    columns = pack_columns(ACTION_COLUMNS)
    page = pack.page(wording("sheets", "actions"), columns)
    page.title_band(wording("sheets", "actions"))
    before = _previous_actions(snapshot, pack_name)
    if before.empty:
        page.sentence(phrase("actions_first"), answer=True)
    else:
        text = phrase(
            "actions_last",
            actions=count_text(len(before), "action"),
            last=before["collection"].iloc[0],
            them=_pronoun(len(before)),
        )
        page.sentence(text, answer=True)
    for text in change_since_previous(snapshot, rows):
        page.sentence(text)
    if not before.empty:
        page.table(before, columns)
        page.gap()
    page.sentence(wording("notes", "actions"), ink="quiet")
    current = returned_actions(snapshot, pack_name)
    current = current.loc[~current["issue"].isin(list(other_issues))]
    blank = pd.DataFrame("", index=range(BLANK_LINES), columns=list(ACTION_COLUMNS))
    lines = pd.concat([current[list(ACTION_COLUMNS)], blank], ignore_index=True)
    page.table(lines, pack_columns(ACTION_COLUMNS, entry=True))
    page.protect()
    record = PackRecord.for_pupils(
        pack_name, snapshot.collection.code, snapshot.academic_year, pupils,
        snapshot.key,
    )  # fmt: skip
    record_page(pack, record, snapshot.key)


def opening_sentences(
    snapshot: CollectionSnapshot, pack_name: str, rows: pd.DataFrame
) -> list[str]:
    """The actions of last time, and what has changed since, for the opening page.

    Args:
        snapshot: The collection.
        pack_name: The pack's name: `pastoral-7A`.
        rows: The reader's part of `CollectionSnapshot.rows`.

    Returns:
        Sentences; none if nothing was written and nothing can be compared.
    """
    sentences = []
    before = _previous_actions(snapshot, pack_name)
    if not before.empty:
        lines = before[[*ACTION_COLUMNS[:4]]].to_numpy().tolist()
        texts = [_action_text(*line) for line in lines]
        actions = "; ".join(texts[:MAX_LISTED])
        if len(texts) > MAX_LISTED:
            actions += f"; {len(texts) - MAX_LISTED} more"
        last, them = before["collection"].iloc[0], _pronoun(len(texts))
        sentences.append(phrase("actions_lead", actions=actions, last=last, them=them))
    return sentences + change_since_previous(snapshot, rows)


def change_since_previous(
    snapshot: CollectionSnapshot, rows: pd.DataFrame
) -> list[str]:
    """How many were below target in the previous collection and are now, as a sentence.

    Only pupils and subjects with a flag in both collections count.
    """
    used = ["adno", "subject", "year", "flag", "last_flag"]
    once = rows[used].drop_duplicates(["adno", "subject"])
    both = once.loc[once["flag"].notna() & once["last_flag"].notna()]
    if both.empty:
        return []
    return [
        phrase(
            "moved_since",
            matched=count_text(len(both), "prediction"),
            last=join_names(snapshot.previous_codes(both)),
            then=f"{int(both['last_flag'].isin(BELOW).sum()):,}",
            now=f"{int(both['flag'].isin(BELOW).sum()):,}",
        )
    ]


def returned_actions(snapshot: CollectionSnapshot, pack_name: str) -> pd.DataFrame:
    """The actions that have come back in this pack of this collection."""
    actions, code = snapshot.actions, snapshot.collection.code
    return actions.loc[(actions["pack"] == pack_name) & (actions["collection"] == code)]


def no_progress_issue(name: str, subject: str = "") -> str:
    """The issue of an action for a class that shows no progress.

    >>> no_progress_issue("10x/Ma1")
    '10x/Ma1: no progress'
    >>> no_progress_issue("10x/En1", "English Literature")
    '10x/En1, English Literature: no progress'
    """
    about = ", ".join(part for part in (name, subject) if part)
    return phrase("action_of_class", about=about)


def _previous_actions(snapshot: CollectionSnapshot, pack_name: str) -> pd.DataFrame:
    """The actions in the latest earlier pack of this name that has any."""
    actions = snapshot.actions.loc[
        (snapshot.actions["pack"] == pack_name)
        & snapshot.actions["collection"].isin(snapshot.earlier)
    ]
    order = {name: place for place, name in enumerate(snapshot.earlier)}
    places = actions["collection"].map(order)
    latest = actions.loc[places == places.max()]
    return latest.loc[latest["collection"] != snapshot.collection.code]


def _action_text(issue: str, action: str, who: str, by_when: str) -> str:
    """An action in a few words: `Attendance: call home (HAR, by 2026-12-01)`."""
    text = ": ".join(part for part in (issue, action) if part)
    by = ", ".join(part for part in (who, f"by {by_when}" if by_when else "") if part)
    return f"{text} ({by})" if by else text


def _pronoun(count: int) -> str:
    return "it" if count == 1 else "them"
