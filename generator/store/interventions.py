"""Interventions for pupils, and the actions that leaders wrote into packs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from generator.store import schema
from generator.store.frames import read_frame

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("adno", "subject", "what", "from")
DETAILS = (
    "who", "department_or_pastoral", "until", "pupil_view", "parent_view",
    "ended_because",
)  # fmt: skip
COLUMNS = (*KEYS, *DETAILS, "academic_year", "source_file", "entered_at", "entered_by")
ACTION_KEYS = ("collection", "pack", "line")
ACTION_DETAILS = ("issue", "action", "who", "by_when", "how_known")
ACTION_CONTEXT = ("subject", "why")  # of results day; empty elsewhere


@dataclass(frozen=True, slots=True)
class InterventionCounts:
    """How many interventions of a list are new, changed and the same."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: InterventionCounts) -> InterventionCounts:
        return InterventionCounts(
            self.new + other.new, self.changed + other.changed, self.same + other.same
        )


def interventions(connection: Connection) -> pd.DataFrame:
    """Every intervention, by pupil and first day."""
    i = schema.interventions.c
    query = select(*(i[name] for name in COLUMNS)).order_by(
        i.adno, i["from"], i.subject, i.what
    )
    return read_frame(connection, query)


def is_running(interventions: pd.DataFrame, today: date) -> pd.Series[bool]:
    """Whether each intervention has begun and not ended.

    One without a first day has begun; one without a last day has not ended, unless
    it says why it ended. The last day itself still counts.
    """
    day = today.isoformat()
    begun = (interventions["from"] == "") | (interventions["from"] <= day)
    over = ((interventions["until"] != "") & (interventions["until"] < day)) | (
        (interventions["until"] == "") & (interventions["ended_because"] != "")
    )
    return begun & ~over


def store_interventions(
    connection: Connection,
    rows: Iterable[Mapping[str, str]],
    *,
    academic_year: str,
    file: str,
    now: datetime,
    who: str,
) -> InterventionCounts:
    """Store interventions; a blank never erases an earlier value.

    Args:
        connection: A transaction of the store.
        rows: `KEYS` and any of `DETAILS` for each.
        academic_year: The year of the list.
        file: The file that lists them.
        now: The moment.
        who: The person who imports them.
    """
    table = schema.interventions
    stored = {
        tuple(row[name] for name in KEYS): dict(row)
        for row in connection.execute(select(table)).mappings()
    }
    new = changed = same = 0
    for row in rows:
        key = tuple(row[name] for name in KEYS)
        details = {name: row.get(name, "") for name in DETAILS if row.get(name, "")}
        source = {
            "source_file": file,
            "entered_at": now.isoformat(timespec="seconds"),
            "entered_by": who,
        }
        before = stored.get(key)
        if before is None:
            stored[key] = {
                **dict(zip(KEYS, key, strict=True)),
                **dict.fromkeys(DETAILS, ""),
                **details,
                **source,
                "academic_year": academic_year,
            }
            connection.execute(table.insert(), stored[key])
            new += 1
        elif any(before[name] != text for name, text in details.items()):
            same_row = [
                table.c[name] == part for name, part in zip(KEYS, key, strict=True)
            ]
            connection.execute(table.update().where(*same_row).values(details | source))
            before.update(details)
            changed += 1
        else:
            same += 1
    return InterventionCounts(new, changed, same)


def actions(connection: Connection) -> pd.DataFrame:
    """Every action written into a pack, in the order of packs and lines."""
    a = schema.actions.c
    names = (
        *ACTION_KEYS,
        *ACTION_DETAILS,
        *ACTION_CONTEXT,
        "academic_year",
        "entered_at",
        "entered_by",
    )
    query = select(*(a[name] for name in names)).order_by(
        a.entered_at, a.collection, a.pack, a.line
    )
    return read_frame(connection, query)


def replace_actions(
    connection: Connection,
    lines: Sequence[Mapping[str, str]],
    *,
    collection: str,
    pack: str,
    academic_year: str,
    now: datetime,
    who: str,
) -> int:
    """Replace the actions read from a pack before; a pack without any changes none.

    Returns:
        The number of lines.
    """
    if not lines:
        return 0
    table = schema.actions
    connection.execute(
        table.delete().where(table.c.collection == collection, table.c.pack == pack)
    )
    connection.execute(
        table.insert(),
        [
            {
                **{
                    name: line.get(name, "")
                    for name in (*ACTION_DETAILS, *ACTION_CONTEXT)
                },
                "collection": collection,
                "pack": pack,
                "line": number,
                "academic_year": academic_year,
                "entered_at": now.isoformat(timespec="seconds"),
                "entered_by": who,
            }
            for number, line in enumerate(lines, 1)
        ],
    )
    return len(lines)
