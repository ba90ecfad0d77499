"""Where a reader writes what is to be done, and what was written last time."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from generator.packs.columns import columns
from generator.packs.phrases import many, say, words
from generator.packs.record import GRID, SHEET, Record, record_page
from generator.packs.sheets import Page
from generator.packs.standing import Standing

KEYS = ("issue", "action", "who", "by_when", "how_known")
LINES = 15  # to write in


def last_actions(standing: Standing, pack: str) -> pd.DataFrame:
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


def actions_page(
    page: Page, standing: Standing, pack: str, *, moved: Sequence[str] = ()
) -> None:
    """Write the page, and after it the record by which the pack is known again.

    Args:
        page: An empty page of the widths of `KEYS`.
        standing: The collection as it stands.
        pack: The pack's name: `pastoral-7A`.
        moved: What has moved since the collection before, in sentences.
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
    here = standing.actions.loc[
        (standing.actions["pack"] == pack)
        & (standing.actions["collection"] == standing.collection.code)
    ]
    blank = pd.DataFrame("", index=range(LINES), columns=list(KEYS))
    lines = pd.concat([here[list(KEYS)], blank], ignore_index=True)
    page.table(lines, columns(KEYS, entry=True))
    page.protect()
    made = Record(pack, standing.collection.code, standing.academic_year)
    record_page(page.pack.page(SHEET, GRID, landscape=False), made, standing.key)


def widths() -> list[float]:
    """The widths of the page."""
    return [column.width for column in columns(KEYS)]
