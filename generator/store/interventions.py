"""What is done for pupils, and what leaders said they would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection, select

from generator.store import schema

KEYS = ("adno", "subject", "what", "from")
SAID = (
    "who", "department_or_pastoral", "until", "pupil_view", "parent_view",
    "ended_because",
)  # fmt: skip
COLUMNS = (*KEYS, *SAID, "academic_year", "source_file", "entered_at", "entered_by")
ACTION_KEYS = ("collection", "pack", "line")
ACTION_WORDS = ("issue", "action", "who", "by_when", "how_known")
ACTION_ABOUT = ("subject", "why")  # of results day; empty elsewhere


@dataclass(frozen=True, slots=True)
class Entered:
    """What bringing in interventions did: how many are new, changed and the same."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: Entered) -> Entered:
        return Entered(
            self.new + other.new, self.changed + other.changed, self.same + other.same
        )


def interventions(connection: Connection) -> pd.DataFrame:
    """Every intervention there ever was, by pupil and first day."""
    i = schema.interventions.c
    query = select(*(i[name] for name in COLUMNS)).order_by(
        i.adno, i["from"], i.subject, i.what
    )
    found = [tuple(row) for row in connection.execute(query)]
    return pd.DataFrame(found, columns=pd.Index(COLUMNS), dtype=object).astype("str")


def running(found: pd.DataFrame, today: date) -> pd.Series[bool]:
    """Which interventions have begun and not ended.

    One without a first day has begun; one without a last day has not ended, unless
    it says why it ended. The last day itself still counts.
    """
    day = today.isoformat()
    begun = (found["from"] == "") | (found["from"] <= day)
    over = ((found["until"] != "") & (found["until"] < day)) | (
        (found["until"] == "") & (found["ended_because"] != "")
    )
    return begun & ~over


def enter(
    connection: Connection,
    rows: Iterable[Mapping[str, str]],
    *,
    academic_year: str,
    file: str,
    now: datetime,
    who: str,
) -> Entered:
    """Take in interventions; a blank never takes away what was said before.

    Args:
        connection: A transaction of the store.
        rows: `KEYS` and any of `SAID` each.
        academic_year: The year they are named in.
        file: Where they come from.
        now: The moment.
        who: Who enters them.
    """
    table = schema.interventions
    known = {
        tuple(row[name] for name in KEYS): dict(row)
        for row in connection.execute(select(table)).mappings()
    }
    new = changed = same = 0
    for row in rows:
        key = tuple(row[name] for name in KEYS)
        said = {name: row.get(name, "") for name in SAID if row.get(name, "")}
        stamp = {
            "source_file": file,
            "entered_at": now.isoformat(timespec="seconds"),
            "entered_by": who,
        }
        before = known.get(key)
        if before is None:
            made = {
                **dict(zip(KEYS, key, strict=True)),
                **dict.fromkeys(SAID, ""),
                **said,
                **stamp,
                "academic_year": academic_year,
            }
            connection.execute(table.insert(), made)
            known[key] = made
            new += 1
        elif any(before[name] != text for name, text in said.items()):
            chosen = [
                table.c[name] == part for name, part in zip(KEYS, key, strict=True)
            ]
            connection.execute(table.update().where(*chosen).values(said | stamp))
            before.update(said)
            changed += 1
        else:
            same += 1
    return Entered(new, changed, same)


def actions(connection: Connection) -> pd.DataFrame:
    """Every action written into a pack, in the order of packs and lines."""
    a = schema.actions.c
    names = (
        *ACTION_KEYS,
        *ACTION_WORDS,
        *ACTION_ABOUT,
        "academic_year",
        "entered_at",
        "entered_by",
    )
    query = select(*(a[name] for name in names)).order_by(
        a.entered_at, a.collection, a.pack, a.line
    )
    found = [tuple(row) for row in connection.execute(query)]
    return pd.DataFrame(found, columns=pd.Index(names), dtype=object)


def act(
    connection: Connection,
    lines: Sequence[Mapping[str, str]],
    *,
    collection: str,
    pack: str,
    academic_year: str,
    now: datetime,
    who: str,
) -> int:
    """Put a pack's actions in the place of those read from it before.

    A pack without any takes none away.

    Returns:
        How many lines there are.
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
                **{name: line.get(name, "") for name in (*ACTION_WORDS, *ACTION_ABOUT)},
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
