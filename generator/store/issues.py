"""The ledger: which markbooks were issued, and what each contained."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, RowMapping, select

from generator.store.frames import read_text_frame
from generator.store.schema import issued_rows, issues

if TYPE_CHECKING:
    import pandas as pd

# Shared: json.dumps would make an encoder for each of some ten thousand rows.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """One pupil's row in one subject, as it was issued.

    Args:
        subject: What the marks are about.
        adno: The pupil.
        target: The expected target in it, or None.
        aspirational: The aspirational target, or None.
        locked: Heading -> text of the locked cells.
        stamped: Field -> value that an entry cell was filled with.
    """

    subject: str
    adno: str
    target: str | None
    aspirational: str | None
    locked: Mapping[str, str]
    stamped: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a class's markbook.

    Args:
        issue_id: Its id, which the file carries.
        academic_year: As `2026/27`.
        collection: The collection's code.
        class_code: The class.
        file: The file's path below the school folder, with `/`.
        pupils: How many pupils it lists.
        issued_at: When, as ISO text.
        issued_by: The person who issued it.
        digest: The hash of everything in it but the marks: with the same digest there
            is nothing to issue again.
        sha256: The hash of the file as written.
        sheets: Each entry sheet: its name, subject, scale, style, and the keys and
            headings of its columns, by which a return is read.
        rows: Its rows; empty in `latest_issues`.
    """

    issue_id: str
    academic_year: str
    collection: str
    class_code: str
    file: str
    pupils: int
    issued_at: str
    issued_by: str
    digest: str
    sha256: str
    sheets: Sequence[Mapping[str, object]] = ()
    rows: Sequence[IssuedRow] = field(default=(), repr=False)


def record_issues(connection: Connection, issued: Iterable[Issue]) -> None:
    """Record issues, after their files are in place."""
    heads, rows = [], []
    for issue in issued:
        heads.append(
            {
                "issue_id": issue.issue_id,
                "academic_year": issue.academic_year,
                "collection": issue.collection,
                "class": issue.class_code,
                "file": issue.file,
                "pupils": issue.pupils,
                "issued_at": issue.issued_at,
                "issued_by": issue.issued_by,
                "digest": issue.digest,
                "layout": _json({"sha256": issue.sha256, "sheets": issue.sheets}),
            }
        )
        rows += [
            {
                "issue_id": issue.issue_id,
                "academic_year": issue.academic_year,
                "subject": row.subject,
                "adno": row.adno,
                "target": row.target,
                "aspirational": row.aspirational,
                "locked": _json(row.locked),
                "stamped": _json(row.stamped),
            }
            for row in issue.rows
        ]
    if heads:
        connection.execute(issues.insert(), heads)
    if rows:
        connection.execute(issued_rows.insert(), rows)


def find_issue(connection: Connection, issue_id: str) -> Issue | None:
    """An issue with its rows, or None if the ledger has none of that id."""
    issue = connection.execute(
        select(issues).where(issues.c.issue_id == issue_id)
    ).one_or_none()
    if issue is None:
        return None
    rows = connection.execute(
        select(issued_rows)
        .where(issued_rows.c.issue_id == issue_id)
        .order_by(issued_rows.c.subject, issued_rows.c.adno)
    )
    return _issue(
        issue._mapping,
        [
            IssuedRow(
                subject=row.subject,
                adno=row.adno,
                target=row.target,
                aspirational=row.aspirational,
                locked=json.loads(row.locked or "{}"),
                stamped=json.loads(row.stamped or "{}"),
            )
            for row in rows
        ],
    )


def latest_issues(connection: Connection, collection: str) -> dict[str, Issue]:
    """The latest issue of each class in a collection, by class, without its rows."""
    query = (
        select(issues)
        .where(issues.c.collection == collection)
        .order_by(issues.c["class"], issues.c.issued_at, issues.c.issue_id)
    )
    return {row["class"]: _issue(row) for row in connection.execute(query).mappings()}


def issued_targets(connection: Connection, collection: str) -> pd.DataFrame:
    """The targets that a collection's latest issues show.

    Returns:
        One row per pupil and subject: adno, subject, target, aspirational (None
        where there is none), class and issue_id, by pupil and subject.
    """
    query = (
        select(
            issued_rows.c.adno,
            issued_rows.c.subject,
            issued_rows.c.target,
            issued_rows.c.aspirational,
            issues.c["class"],
            issues.c.issue_id,
        )
        .join_from(issued_rows, issues)
        .where(issues.c.collection == collection)
        .order_by(issues.c.issued_at, issues.c.issue_id)
    )
    frame = read_text_frame(connection, query, nullable=("target", "aspirational"))
    frame = frame.drop_duplicates(["adno", "subject"], keep="last")
    return frame.sort_values(["adno", "subject"], kind="stable").reset_index(drop=True)


def _issue(row: RowMapping, rows: Sequence[IssuedRow] = ()) -> Issue:
    layout = json.loads(str(row["layout"] or "{}"))
    return Issue(
        issue_id=str(row["issue_id"]),
        academic_year=str(row["academic_year"]),
        collection=str(row["collection"]),
        class_code=str(row["class"]),
        file=str(row["file"]),
        pupils=int(str(row["pupils"])),
        issued_at=str(row["issued_at"]),
        issued_by=str(row["issued_by"]),
        digest=str(row["digest"]),
        sha256=layout.get("sha256", ""),
        sheets=tuple(layout.get("sheets", ())),
        rows=rows,
    )


def _json(value: object) -> str:
    return _ENCODER.encode(value) if value else "{}"
