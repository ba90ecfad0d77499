"""Applying a moderation workbook: what was agreed becomes the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator.markbook.identity import Identity
from generator.problems import Problem, group_problems
from generator.school.school import School
from generator.store import moderations as ledger
from generator.store import problems as found
from generator.store import targets as stored
from generator.store.moderations import AppliedRow, Pair
from generator.targets.check_row import AgreedTarget
from generator.targets.moderation_check import ModerationCheck
from generator.targets.read_form import (
    FormRefused,
    FormRow,
    identify_form,
    read_rows,
    read_tags,
)
from generator.targets.target_versions import MODERATION
from generator.xlsx.reader import Workbook
from udfs.tables import Tables


def apply(
    connection: Connection,
    school: School,
    tables: Tables,
    paper: Workbook,
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
    identity = identify_form(paper, school.key())
    written = _find_form(connection, identity, school)
    desk = ModerationCheck.load(
        connection,
        school,
        tables,
        subjects={sheet.subject for sheet in identity.sheets},
        issue_id=written.issue_id,
    )
    for number, sheet in enumerate(identity.sheets):
        others = [s.name for at, s in enumerate(identity.sheets) if at != number]
        tags = read_tags(sheet, school.key())
        rows, faults = read_rows(paper, sheet, tags, others)
        desk.problems += faults
        desk.check_sheet(rows, tags.versions)
    at = now.isoformat(timespec="seconds")
    save_changes(
        connection,
        desk,
        Source(written.issue_id, school.academic_year, file, at, who),
    )
    problems = tuple(
        replace(problem, file=file) for problem in group_problems(desk.problems)
    )
    found.replace_problems(
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
        rows=desk.row_count,
        counts=dict(desk.counts),
        answers=len(desk.query_answers.new_answers),
        refused=desk.refused_count,
        problems=problems,
    )
    if not report.exit_status:
        ledger.mark_settled(connection, written.issue_id, sha256)
    return report


def _find_form(
    connection: Connection, identity: Identity, school: School
) -> ledger.ModerationRecord:
    if identity.school_id != school.id:
        raise FormRefused(
            f"This workbook is of another school ({identity.school_id}).",
            "Apply it in the folder of that school.",
        )
    if identity.academic_year != school.academic_year:
        raise FormRefused(
            f"This workbook is of {identity.academic_year}; the school is in "
            f"{school.academic_year}.",
            "Write the moderation workbooks again for this year.",
        )
    ids = {sheet.issue_id for sheet in identity.sheets}
    written = ledger.find_moderation(connection, ids.pop()) if len(ids) == 1 else None
    if written is None:
        raise FormRefused(
            "The store knows of no such workbook.",
            "Was the store replaced by an older copy? Put back the newer one, or "
            "write the workbooks again.",
        )
    return written


OUTCOMES = ("raised", "lowered", "baseline", "agreed", "same")


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What a moderation workbook has changed.

    Args:
        file: The workbook.
        department: Whose it is.
        rows: How many rows have something filled in.
        counts: `raised`, `lowered`, `baseline` (of a department, in place of a
            provisional target), `agreed` (a draft confirmed) and `same` -> how many.
        answers: How many queries were answered, or answered anew.
        refused: How many filled rows were not taken: a fault or a conflict.
        problems: What there is to put right.
    """

    file: str
    department: str
    rows: int
    counts: Mapping[str, int]
    answers: int
    refused: int
    problems: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 where something was not taken, else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    def json(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "file": self.file,
            "department": self.department,
            "rows": self.rows,
            **{name: self.counts.get(name, 0) for name in OUTCOMES},
            "answers": self.answers,
            "refused": self.refused,
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """For the person who asked."""
        n = {name: self.counts.get(name, 0) for name in OUTCOMES}
        changed = sum(n.values()) - n["same"]
        told = [
            f"{self.department}: {_count_text(self.rows, 'row')} filled in, "
            f"{_count_text(changed, 'target')} settled ({n['raised']} raised, "
            f"{n['lowered']} lowered, {n['agreed']} agreed as drafted, "
            f"{_count_text(n['baseline'], 'baseline')} of the department), "
            f"{n['same']} as they stood, {self.answers} "
            f"{'query' if self.answers == 1 else 'queries'} answered, "
            f"{self.refused} refused."
        ]
        if not changed and not self.answers and not self.refused:
            told.append("Nothing has changed.")
        return told


def _count_text(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


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


def save_changes(connection: Connection, desk: ModerationCheck, source: Source) -> None:
    """Put down everything that was agreed and answered.

    Args:
        connection: A transaction of the store.
        desk: The workbook, every row looked at.
        source: Where it came from.
    """
    rows = [
        _version(desk, pair, row, agreement, source)
        for pair, (row, agreement) in desk.changes.items()
    ]
    columns = pd.Index(stored.COLUMNS)
    stored.add_targets(connection, pd.DataFrame(rows, columns=columns, dtype=object))
    answers = desk.query_answers.save(
        connection,
        academic_year=source.academic_year,
        file=source.file,
        at=source.at,
        who=source.who,
    )
    taken = {}
    for pair in {**desk.changes, **desk.unchanged, **answers}:
        before = desk.applied.get(pair, AppliedRow(0, 0))
        version = desk.unchanged.get(pair, before.version)
        if pair in desk.changes:
            version = int(desk.current.get(pair, {}).get("version") or 0) + 1
        taken[pair] = AppliedRow(version, answers.get(pair, before.answer))
    ledger.record_applied(
        connection,
        source.issue_id,
        taken,
        before=desk.applied,
        common={
            "academic_year": source.academic_year,
            "file": source.file,
            "applied_at": source.at,
            "who": source.who,
        },
        places=desk.addresses,
    )


def _version(
    desk: ModerationCheck,
    pair: Pair,
    row: FormRow,
    agreement: AgreedTarget,
    source: Source,
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
    place = f"{source.file} {row.sheet}!{row.address(agreement.key)}"
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
