"""What a reader has written on earlier packs, as the next ones open with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.recount.arithmetic import many
from tests.recount.audit import Sheet
from tests.recount.classes import moved_since
from tests.recount.recount_data import Reckoning, Taught
from tests.recount.tables import Row

NAMED = 4  # actions that the opening page names; the others are counted
LINES = 15  # empty ones to write in
CELLS = {
    "Issue": "issue",
    "Action": "action",
    "Who": "who",
    "By when": "by_when",
    "How we will know": "how_known",
}


def last_time(reckoning: Reckoning, pack: str) -> list[Row]:
    """What was written in the latest earlier pack of this name that has anything."""
    for code in reversed(reckoning.earlier):
        found = _written(reckoning, pack, code)
        if found:
            return found
    return []


def _written(reckoning: Reckoning, pack: str, code: str) -> list[Row]:
    return [
        row
        for row in reckoning.books["actions"]
        if row["pack"] == pack and row["collection"] == code
    ]


def before(reckoning: Reckoning, pack: str, rows: Sequence[Taught]) -> list[str]:
    """The sentences a pack opens with: last time's actions, what has moved since."""
    lines = last_time(reckoning, pack)
    said = []
    if lines:
        told = "; ".join(_told(line) for line in lines[:NAMED])
        if lines[NAMED:]:
            told += f"; {len(lines) - NAMED} more"
        them = "it" if len(lines) == 1 else "them"
        code = lines[0]["collection"]
        said.append(
            f"Written last time ({code}): {told}. What has become of {them}? "
            "See Actions."
        )
    return said + moved_since(reckoning, rows)


def _told(line: Row) -> str:
    what = ": ".join(part for part in (line["issue"], line["action"]) if part)
    by = f"by {line['by_when']}" if line["by_when"] else ""
    more = ", ".join(part for part in (line["who"], by) if part)
    return f"{what} ({more})" if more else what


def actions(
    sheet: Sheet,
    reckoning: Reckoning,
    pack: str,
    rows: Sequence[Taught],
    *,
    elsewhere: Iterable[str] = (),
) -> None:
    """Count the sheet `Actions`.

    Args:
        sheet: The sheet.
        reckoning: The school.
        pack: The name of the pack: `pastoral-7A`.
        rows: What the pack is made from.
        elsewhere: Issues that are written about on another sheet of the pack.
    """
    lines = last_time(reckoning, pack)
    if lines:
        them = "it" if len(lines) == 1 else "them"
        sheet.says(
            "A3",
            f"Written in {lines[0]['collection']}: {many(len(lines), 'action')}. "
            f"What has become of {them}?",
        )
    else:
        sheet.says("A3", "Nothing was written here last time.")
    for at, sentence in enumerate(moved_since(reckoning, rows), start=4):
        sheet.says(f"A{at}", sentence)
    now = [
        row
        for row in _written(reckoning, pack, reckoning.code)
        if row["issue"] not in set(elsewhere)
    ]
    shown = [list(lines), now] if lines else [now]
    tables = sheet.tables(*CELLS)
    assert len(tables) == len(shown), (sheet.title, len(tables))
    for table, wanted in zip(tables, shown, strict=True):
        assert len(table) == len(wanted), (sheet.title, len(table), len(wanted))
        for line, row in zip(table, wanted, strict=True):
            line.are({heading: row[field] for heading, field in CELLS.items()})
