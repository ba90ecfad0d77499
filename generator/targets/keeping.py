"""What a moderation workbook settled, put down in the store with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator.store import moderation as ledger
from generator.store import targets as stored
from generator.store.moderation import Pair, Taken
from generator.targets.agreed import Agreement
from generator.targets.desk import Desk
from generator.targets.filled import FilledRow
from generator.targets.standing import MODERATION


@dataclass(frozen=True, slots=True)
class Source:
    """From which workbook, when, and by whom.

    Args:
        issue_id: The workbook's id.
        academic_year: As `2026/27`.
        file: The file.
        at: The moment, as ISO text.
        who: Who applied it.
    """

    issue_id: str
    academic_year: str
    file: str
    at: str
    who: str


def keep(connection: Connection, desk: Desk, source: Source) -> None:
    """Put down everything that was agreed and answered.

    Args:
        connection: A transaction of the store.
        desk: The workbook, every row looked at.
        source: Where it came from.
    """
    rows = [
        _version(desk, pair, row, agreement, source)
        for pair, (row, agreement) in desk.agreed.items()
    ]
    columns = pd.Index(stored.COLUMNS)
    stored.add(connection, pd.DataFrame(rows, columns=columns, dtype=object))
    answers = desk.answering.keep(
        connection,
        academic_year=source.academic_year,
        file=source.file,
        at=source.at,
        who=source.who,
    )
    taken = {}
    for pair in {**desk.agreed, **desk.alike, **answers}:
        before = desk.taken.get(pair, Taken(0, 0))
        version = desk.alike.get(pair, before.version)
        if pair in desk.agreed:
            version = int(desk.current.get(pair, {}).get("version") or 0) + 1
        taken[pair] = Taken(version, answers.get(pair, before.answer))
    ledger.take(
        connection,
        source.issue_id,
        taken,
        before=desk.taken,
        common={
            "academic_year": source.academic_year,
            "file": source.file,
            "applied_at": source.at,
            "who": source.who,
        },
        places=desk.places,
    )


def _version(
    desk: Desk, pair: Pair, row: FilledRow, agreement: Agreement, source: Source
) -> dict[str, Any]:
    old = desk.current.get(pair) or dict.fromkeys(stored.COLUMNS)
    made = {
        **{name: old.get(name) for name in stored.COLUMNS},
        "adno": pair[0],
        "subject": pair[1],
        "academic_year": source.academic_year,
        "expected": agreement.expected,
        "aspirational": agreement.aspirational,
        "status": "issued",
        "reason": agreement.reason,
        "set_by": agreement.by or source.who,
        "set_at": source.at,
    }
    for name in ("baseline", "score", "provenance", "method"):
        made[name] = made[name] or ""
    place = f"{source.file} {row.sheet}!{row.where(agreement.key)}"
    apart = agreement.by and agreement.by != source.who
    applied = f", applied by {source.who}" if apart else ""
    drawn = f"; before: {made['provenance']}" if made["provenance"] else ""
    if agreement.outcome == "baseline":
        made |= {
            "method": "department",
            "baseline": "department",
            "score": agreement.expected,
            "pupils_behind_it": None,
        }
    elif agreement.outcome != "agreed":
        made["method"] = MODERATION
    made["provenance"] = f"{place}{applied}{drawn}"
    return made
