"""Applying a moderation workbook: what was agreed becomes the target."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from generator.markbook.identity import Identity
from generator.paper import Paper
from generator.problems import grouped
from generator.school import School
from generator.store import found
from generator.store import moderation as ledger
from generator.targets.applied import ApplyReport
from generator.targets.desk import Desk
from generator.targets.filled import NotOurs, identify, rows_of, tags_of
from generator.targets.keeping import Source, keep
from udfs.tables import Tables


def apply(
    connection: Connection,
    school: School,
    tables: Tables,
    paper: Paper,
    *,
    file: str,
    sha256: str,
    now: datetime,
    who: str,
) -> ApplyReport:
    """Take what was agreed in a moderation workbook.

    Every row is looked at for itself: what is right is taken, and everything that is
    not is named by sheet and cell. Nothing is taken from a workbook that is not ours.

    Args:
        connection: A transaction of the store.
        school: The school.
        tables: Scales, codes and subjects.
        paper: The workbook as the strict reader has read it.
        file: Its name, for messages.
        sha256: Of the file.
        now: The moment.
        who: Who is applying it.

    Raises:
        NotOurs: If it is not a moderation workbook of this school and year.
    """
    identity = identify(paper, school.key())
    written = _written(connection, identity, school)
    desk = Desk.open(
        connection,
        school,
        tables,
        subjects={sheet.subject for sheet in identity.sheets},
        issue_id=written.issue_id,
    )
    for number, sheet in enumerate(identity.sheets):
        others = [s.name for at, s in enumerate(identity.sheets) if at != number]
        tags = tags_of(sheet, school.key())
        rows, faults = rows_of(paper, sheet, tags, others)
        desk.problems += faults
        desk.sheet(rows, tags.versions)
    at = now.isoformat(timespec="seconds")
    keep(
        connection,
        desk,
        Source(written.issue_id, school.academic_year, file, at, who),
    )
    problems = tuple(replace(problem, file=file) for problem in grouped(desk.problems))
    found.replace(
        connection,
        file,
        problems,
        academic_year=school.academic_year,
        collection="",
        now=now,
    )
    report = ApplyReport(
        file=file,
        department=written.department,
        rows=desk.rows,
        counts=dict(desk.counts),
        answers=len(desk.answering.given),
        refused=desk.refused,
        problems=problems,
    )
    if not report.exit_status:
        ledger.settle(connection, written.issue_id, sha256)
    return report


def _written(
    connection: Connection, identity: Identity, school: School
) -> ledger.Written:
    if identity.school_id != school.id:
        raise NotOurs(
            f"This workbook is of another school ({identity.school_id}).",
            "Apply it in the folder of that school.",
        )
    if identity.academic_year != school.academic_year:
        raise NotOurs(
            f"This workbook is of {identity.academic_year}; the school is in "
            f"{school.academic_year}.",
            "Write the moderation workbooks again for this year.",
        )
    ids = {sheet.issue_id for sheet in identity.sheets}
    written = ledger.find(connection, ids.pop()) if len(ids) == 1 else None
    if written is None:
        raise NotOurs(
            "The store knows of no such workbook.",
            "Was the store replaced by an older copy? Put back the newer one, or "
            "write the workbooks again.",
        )
    return written
