"""The actions written in earlier packs, with which later packs open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.recount.arithmetic import plural
from tests.recount.audit import SheetAudit
from tests.recount.classes import moved_since
from tests.recount.recount_data import Enrolment, RecountData
from tests.recount.tables import Row

NAMED = 4  # actions on the opening page; the rest are counted
LINES = 15  # empty ones to write in
CELLS = {
    "Issue": "issue",
    "Action": "action",
    "Who": "who",
    "By when": "by_when",
    "How we will know": "how_known",
}


def latest_actions(data: RecountData, pack: str) -> list[Row]:
    """The actions in the latest earlier pack of this name that has any."""
    for code in reversed(data.earlier):
        result = _actions_of(data, pack, code)
        if result:
            return result
    return []


def _actions_of(data: RecountData, pack: str, code: str) -> list[Row]:
    return [
        row
        for row in data.exports["actions"]
        if row["pack"] == pack and row["collection"] == code
    ]


def opening_actions(
    data: RecountData, pack: str, rows: Sequence[Enrolment]
) -> list[str]:
    """The opening sentences of a pack: previous actions, and movement since."""
    lines = latest_actions(data, pack)
    sentences = []
    if lines:
        action_list = "; ".join(_action_text(line) for line in lines[:NAMED])
        if lines[NAMED:]:
            action_list += f"; {len(lines) - NAMED} more"
        them = "it" if len(lines) == 1 else "them"
        code = lines[0]["collection"]
        sentences.append(
            f"Written last time ({code}): {action_list}. What has become of {them}? "
            "See Actions."
        )
    return sentences + moved_since(data, rows)


def _action_text(line: Row) -> str:
    text = ": ".join(part for part in (line["issue"], line["action"]) if part)
    by = f"by {line['by_when']}" if line["by_when"] else ""
    more = ", ".join(part for part in (line["who"], by) if part)
    return f"{text} ({more})" if more else text


def check_actions(
    sheet: SheetAudit,
    data: RecountData,
    pack: str,
    rows: Sequence[Enrolment],
    *,
    elsewhere: Iterable[str] = (),
) -> None:
    """Check the sheet `Actions`.

    Args:
        sheet: The sheet.
        data: The school.
        pack: The name of the pack: `pastoral-7A`.
        rows: The rows of the pack.
        elsewhere: Issues with actions on another sheet of the pack.
    """
    lines = latest_actions(data, pack)
    if lines:
        them = "it" if len(lines) == 1 else "them"
        sheet.expect(
            "A3",
            f"Written in {lines[0]['collection']}: {plural(len(lines), 'action')}. "
            f"What has become of {them}?",
        )
    else:
        sheet.expect("A3", "Nothing was written here last time.")
    for at, sentence in enumerate(moved_since(data, rows), start=4):
        sheet.expect(f"A{at}", sentence)
    now = [
        row
        for row in _actions_of(data, pack, data.code)
        if row["issue"] not in set(elsewhere)
    ]
    row_groups = [list(lines), now] if lines else [now]
    tables = sheet.tables(*CELLS)
    assert len(tables) == len(row_groups), (sheet.title, len(tables))
    for table, expected_rows in zip(tables, row_groups, strict=True):
        assert len(table) == len(expected_rows), (
            sheet.title,
            len(table),
            len(expected_rows),
        )
        for line, row in zip(table, expected_rows, strict=True):
            line.expect({heading: row[field] for heading, field in CELLS.items()})
