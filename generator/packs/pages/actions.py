"""Where a reader writes what is to be done, and what was written last time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from generator.packs.facts.history import BELOW
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import columns
from generator.packs.layout.workbook import Page
from generator.packs.pages.pack_record import GRID, SHEET, Record, record_page
from generator.packs.wording import listed, many, say, words

KEYS = ("issue", "action", "who", "by_when", "how_known")
LINES = 15  # to write in
NAMED = 4  # actions on the opening page; the others are counted


def last_actions(standing: CollectionSnapshot, pack: str) -> pd.DataFrame:
    """What was written in the latest earlier pack of this name, if anything was."""
    code = standing.collection.code
    found = standing.actions.loc[
        (standing.actions["pack"] == pack)
        & standing.actions["collection"].isin(standing.earlier)
    ]
    order = {name: place for place, name in enumerate(standing.earlier)}
    latest = found["collection"].map(order)
    found = found.loc[latest == latest.max()]
    return found.loc[found["collection"] != code]


def no_progress(name: str, subject: str = "") -> str:
    """The issue of an action for a class that shows no progress.

    >>> no_progress("10x/Ma1"), no_progress("10x/En1", "English Literature")
    ('10x/Ma1: no progress', '10x/En1, English Literature: no progress')
    """
    about = ", ".join(part for part in (name, subject) if part)
    return say("action_of_class", about=about)


def written(standing: CollectionSnapshot, pack: str) -> pd.DataFrame:
    """What has been written into this pack of this collection, and has come back."""
    of = standing.actions
    return of.loc[(of["pack"] == pack) & (of["collection"] == standing.collection.code)]


def opening(standing: CollectionSnapshot, pack: str, rows: pd.DataFrame) -> list[str]:
    """What every pack opens with: last time's actions, and what has moved since.

    Args:
        standing: The collection as it stands.
        pack: The pack's name: `pastoral-7A`.
        rows: The reader's part of `Standing.rows`.

    Returns:
        Sentences; none where nothing was written, or nothing can be compared.
    """
    said = []
    before = last_actions(standing, pack)
    if not before.empty:
        told = [_line(*one) for one in before[[*KEYS[:4]]].to_numpy().tolist()]
        last, them = before["collection"].iloc[0], "it" if len(told) == 1 else "them"
        named = "; ".join(told[:NAMED])
        if len(told) > NAMED:
            named += f"; {len(told) - NAMED} more"
        said.append(say("actions_lead", actions=named, last=last, them=them))
    return said + moved_since(standing, rows)


def _line(issue: str, action: str, who: str, by_when: str) -> str:
    """An action in a breath: `Attendance: call home (HAR, by 2026-12-01)`."""
    told = ": ".join(part for part in (issue, action) if part)
    by = ", ".join(part for part in (who, f"by {by_when}" if by_when else "") if part)
    return f"{told} ({by})" if by else told


def moved_since(standing: CollectionSnapshot, rows: pd.DataFrame) -> list[str]:
    """How many were below target in the collection before and are now, as a sentence.

    Only pupils and subjects with a flag both times count.
    """
    narrow = ["adno", "subject", "year", "flag", "last_flag"]
    once = rows[narrow].drop_duplicates(["adno", "subject"])
    both = once.loc[once["flag"].notna() & once["last_flag"].notna()]
    if both.empty:
        return []
    years = both["year"].unique().tolist()
    last = sorted({standing.last[year] for year in years if year in standing.last})
    return [
        say(
            "moved_since",
            matched=many(len(both), "prediction"),
            last=listed(last),
            then=f"{int(both['last_flag'].isin(BELOW).sum()):,}",
            now=f"{int(both['flag'].isin(BELOW).sum()):,}",
        )
    ]


def actions_page(
    page: Page,
    standing: CollectionSnapshot,
    pack: str,
    *,
    moved: Sequence[str] = (),
    pupils: Iterable[str] = (),
    elsewhere: Iterable[str] = (),
) -> None:
    """Write the page, and after it the record by which the pack is known again.

    Args:
        page: An empty page of the widths of `KEYS`.
        standing: The collection as it stands.
        pack: The pack's name: `pastoral-7A`.
        moved: What has moved since the collection before, in sentences.
        pupils: Whom the reader may write about, by admission number.
        elsewhere: Issues whose actions stand on another page of the pack.
    """
    page.band(words("sheets", "actions"))
    before = last_actions(standing, pack)
    if before.empty:
        page.say(say("actions_first"), answer=True)
    else:
        last = before["collection"].iloc[0]
        them = "it" if len(before) == 1 else "them"
        number = many(len(before), "action")
        told = say("actions_last", actions=number, last=last, them=them)
        page.say(told, answer=True)
    for text in moved:
        page.say(text)
    if not before.empty:
        page.table(before, columns(KEYS))
        page.gap()
    page.say(words("notes", "actions"), ink="quiet")
    here = written(standing, pack)
    here = here.loc[~here["issue"].isin(list(elsewhere))]
    blank = pd.DataFrame("", index=range(LINES), columns=list(KEYS))
    lines = pd.concat([here[list(KEYS)], blank], ignore_index=True)
    page.table(lines, columns(KEYS, entry=True))
    page.protect()
    code, key = standing.collection.code, standing.key
    made = Record.of(pack, code, standing.academic_year, pupils, key)
    record_page(page.pack.page(SHEET, GRID, landscape=False), made, standing.key)


def widths() -> list[float]:
    """The widths of the page."""
    return [column.width for column in columns(KEYS)]
