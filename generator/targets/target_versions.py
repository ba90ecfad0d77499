"""Current targets as drafting and moderation need them, and a pupil's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from generator.report import Report
from generator.store import schema
from generator.store import targets as stored
from udfs.errors import MarkbookError
from udfs.tables import Tables
from udfs.targets.draft_table import DRAFT_COLUMNS
from udfs.targets.ratchet import GRADES, ISSUED

MODERATION = "moderation"  # the method of a target set by a person


def current_targets_for(
    connection: Connection, rows: pd.DataFrame, tables: Tables
) -> pd.DataFrame:
    """The current target of each pupil and subject, on a new index.

    A subject without a target takes the issued target of the Key Stage 3 subject
    before it; `carried` then names that subject.

    Args:
        connection: A transaction of the store.
        rows: One row per pupil and subject, with `adno` and `subject`.
        tables: Subjects, with the subject that each follows.

    Returns:
        The columns of the table `targets`, missing without a target; `carried`;
        `seen`, whether the target was in an issued markbook; and, for a target set by
        a person, `drawn_expected` and `drawn_aspirational`, the last draft before it.
    """
    current = stored.current_targets(connection)
    own = rows[stored.KEY].merge(current, on=stored.KEY, how="left")
    own["carried"] = ""
    _carry_over(own, rows, current, tables)
    own["seen"] = _was_issued(connection, own)
    _add_last_draft(connection, own)
    return own


def preceding_subjects(
    subjects: list[str], names: list[str], tables: Tables
) -> list[tuple[str, str]]:
    """Pairs of a subject and the name of the Key Stage 3 subject before it."""
    return sorted(
        (subject, name)
        for subject in subjects
        if (follows := tables.subject(subject).follows)
        for name in names
        if tables.is_same_subject(name, follows)
    )


def _carry_over(
    own: pd.DataFrame, rows: pd.DataFrame, current: pd.DataFrame, tables: Tables
) -> None:
    pairs = preceding_subjects(
        list(rows["subject"].unique()), list(current["subject"].unique()), tables
    )
    if not pairs:
        return
    issued = current[current["status"].eq(ISSUED)].rename(
        columns={"subject": "carried"}
    )
    without_target = own.index[own["version"].isna()]
    carried = (
        rows.loc[without_target, stored.KEY]
        .reset_index(names="row")
        .merge(pd.DataFrame(pairs, columns=pd.Index(["subject", "carried"])))
        .merge(issued, on=["adno", "carried"])
        .drop_duplicates("row")
        .set_index("row")
    )
    for name in (*DRAFT_COLUMNS, "carried"):
        own.loc[carried.index, name] = carried[name]


def _was_issued(connection: Connection, own: pd.DataFrame) -> pd.Series[bool]:
    provisional = own["status"].eq("provisional")
    if not provisional.any():
        return provisional
    r = schema.issued_rows.c
    issued = {
        (adno, subject)
        for adno, subject in connection.execute(
            select(r.adno, r.subject).where(r.target.is_not(None)).distinct()
        )
    }
    pairs = pd.MultiIndex.from_frame(own[stored.KEY])
    return provisional & pairs.isin(issued)


def _add_last_draft(connection: Connection, own: pd.DataFrame) -> None:
    for name in GRADES:
        own[f"drawn_{name}"] = pd.Series(None, index=own.index, dtype=object)
    moderated = own["method"].eq(MODERATION)
    if not moderated.any():
        return
    versions = stored.target_versions(connection)
    drafts = versions.loc[
        versions["method"].ne(MODERATION) & versions["expected"].notna()
    ]
    last = drafts.drop_duplicates(stored.KEY, keep="last").set_index(stored.KEY)
    rows = own.index[moderated]
    subject = own["carried"].where(own["carried"].ne(""), own["subject"])
    pairs = pd.MultiIndex.from_arrays([own.loc[rows, "adno"], subject[rows]])
    for name in GRADES:
        own.loc[rows, f"drawn_{name}"] = last[name].reindex(pairs).to_numpy()


@dataclass(frozen=True, slots=True)
class HistoryReport(Report):
    """Every version of one pupil's targets, oldest first within a subject.

    Args:
        adno: Admission number of the pupil.
        versions: Rows of the table `targets`.
    """

    adno: str
    versions: tuple[dict[str, Any], ...]

    def json(self) -> dict[str, Any]:
        """The report as `--json` prints it."""
        return {"adno": self.adno, "versions": list(self.versions)}

    def lines(self) -> list[str]:
        """The report: who set each version, when, why and from what."""
        lines = []
        subject = None
        for version in self.versions:
            if version["subject"] != subject:
                subject = version["subject"]
                lines.append(f"{subject}")
            lines.append(_version_line(version))
        return lines


def history(connection: Connection, adno: str) -> HistoryReport:
    """Every version of a pupil's targets: who set it, when, why, and from what.

    Raises:
        MarkbookError: If the store has no target of the pupil.
    """
    versions = stored.target_versions(connection, adno)
    if versions.empty:
        raise MarkbookError(
            f"There is no target of a pupil with the admission number {adno!r}.",
            "Write it with its leading zeros, and draft targets first.",
        )
    rows = versions.astype(object).where(versions.notna(), None).to_dict("records")
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
