"""What stands for each pupil and subject before a target is drafted or moderated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from generator.problems import Problem
from generator.store import schema
from generator.store import targets as stored
from udfs.errors import MarkbookError
from udfs.tables import Tables
from udfs.targets.draft_table import DRAFT_COLUMNS
from udfs.targets.ratchet import GRADES, ISSUED

MODERATION = "moderation"  # the method of a target that a person settled


def current_targets(
    connection: Connection, asked: pd.DataFrame, tables: Tables
) -> pd.DataFrame:
    """What stands for each pupil and subject asked about, aligned with the asking.

    A subject that has nothing yet takes what stands for the Key Stage 3 subject it
    follows; `carried` then names that subject, and only an issued target is taken.

    Args:
        connection: A transaction of the store.
        asked: `adno` and `subject`, one row each.
        tables: Which subject follows which.

    Returns:
        The columns of the table `targets`, missing where nothing stands; `carried`;
        `seen`, whether the target was in an issued markbook; and `drawn_expected`
        and `drawn_aspirational`, for a target that a person settled: what was drawn
        before, missing for others.
    """
    current = stored.current_targets(connection)
    own = asked[stored.KEY].merge(current, on=stored.KEY, how="left")
    own["carried"] = ""
    _carry_over(own, asked, current, tables)
    own["seen"] = _was_issued(connection, own)
    _add_last_draft(connection, own)
    return own


def preceding_subjects(
    subjects: list[str], names: list[str], tables: Tables
) -> list[tuple[str, str]]:
    """Which of some names is the Key Stage 3 subject that a subject follows."""
    return sorted(
        (subject, name)
        for subject in subjects
        if (follows := tables.subject(subject).follows)
        for name in names
        if tables.is_same_subject(name, follows)
    )


def _carry_over(
    own: pd.DataFrame, asked: pd.DataFrame, current: pd.DataFrame, tables: Tables
) -> None:
    pairs = preceding_subjects(
        list(asked["subject"].unique()), list(current["subject"].unique()), tables
    )
    if not pairs:
        return
    issued = current[current["status"].eq(ISSUED)].rename(
        columns={"subject": "carried"}
    )
    fresh = own.index[own["version"].isna()]
    taken = (
        asked.loc[fresh, stored.KEY]
        .reset_index(names="row")
        .merge(pd.DataFrame(pairs, columns=pd.Index(["subject", "carried"])))
        .merge(issued, on=["adno", "carried"])
        .drop_duplicates("row")
        .set_index("row")
    )
    for name in (*DRAFT_COLUMNS, "carried"):
        own.loc[taken.index, name] = taken[name]


def _was_issued(connection: Connection, own: pd.DataFrame) -> pd.Series[bool]:
    waiting = own["status"].eq("provisional")
    if not waiting.any():
        return waiting
    r = schema.issued_rows.c
    shown = {
        (adno, subject)
        for adno, subject in connection.execute(
            select(r.adno, r.subject).where(r.target.is_not(None)).distinct()
        )
    }
    pairs = pd.MultiIndex.from_frame(own[stored.KEY])
    return waiting & pairs.isin(shown)


def _add_last_draft(connection: Connection, own: pd.DataFrame) -> None:
    for name in GRADES:
        own[f"drawn_{name}"] = pd.Series(None, index=own.index, dtype=object)
    settled = own["method"].eq(MODERATION)
    if not settled.any():
        return
    every = stored.target_versions(connection)
    drawn = every.loc[every["method"].ne(MODERATION) & every["expected"].notna()]
    last = drawn.drop_duplicates(stored.KEY, keep="last").set_index(stored.KEY)
    rows = own.index[settled]
    subject = own["carried"].where(own["carried"].ne(""), own["subject"])
    wanted = pd.MultiIndex.from_arrays([own.loc[rows, "adno"], subject[rows]])
    for name in GRADES:
        found = last[name].reindex(wanted).to_numpy()
        own.loc[rows, f"drawn_{name}"] = found


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """Every version of one pupil's targets, oldest first within a subject."""

    adno: str
    versions: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...] = ()
    exit_status: int = 0

    def json(self) -> dict[str, Any]:
        """For other programs."""
        return {"adno": self.adno, "versions": list(self.versions)}

    def lines(self) -> list[str]:
        """For the person who asked: who, when, why and from what."""
        told = []
        subject = None
        for version in self.versions:
            if version["subject"] != subject:
                subject = version["subject"]
                told.append(f"{subject}")
            told.append(_version_line(version))
        return told


def history(connection: Connection, adno: str) -> HistoryReport:
    """Every version of a pupil's targets: who set it, when, why, and from what.

    Raises:
        MarkbookError: If the store has no target of such a pupil.
    """
    found = stored.target_versions(connection, adno)
    if found.empty:
        raise MarkbookError(
            f"There is no target of a pupil with the admission number {adno!r}.",
            "Write it with its leading zeros, and draft targets first.",
        )
    plain = found.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return HistoryReport(
        adno, tuple({str(name): value for name, value in row.items()} for row in rows)
    )


def _version_line(version: dict[str, Any]) -> str:
    target = version["expected"] or "none"
    if version["aspirational"]:
        target += f", aspirational {version['aspirational']}"
    status = f" ({version['status']})" if version["status"] else ""
    source = f" From {version['provenance']}." if version["provenance"] else ""
    return (
        f"  {version['version']}. {version['set_at'].replace('T', ' ')} "
        f"{version['set_by']}: {target}{status}; {version['reason']}.{source}"
    )
