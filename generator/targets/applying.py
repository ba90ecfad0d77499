"""Apply a moderation workbook: the agreed targets become the current ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator.context import Context
from generator.markbook.identity import Identity
from generator.problems import group_problems
from generator.report import Report
from generator.school.school import School
from generator.store import moderations
from generator.store import targets as stored
from generator.store.moderations import AppliedRow, Pair
from generator.store.owner import is_own_school
from generator.store.problems import replace_problems
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

OUTCOMES = ("raised", "lowered", "baseline", "agreed", "same")


@dataclass(frozen=True, slots=True)
class ApplyReport(Report):
    """The changes made by a moderation workbook.

    Args:
        file: Name of the workbook.
        department: Department of the workbook.
        rows: Number of rows with an entry.
        counts: Outcome -> number of rows: `raised`, `lowered`, `baseline` (the
            department's, in place of a provisional target), `agreed` (a draft
            confirmed) and `same`.
        answers: Number of queries with a new answer.
        refused: Number of rows with an error.
    """

    file: str
    department: str
    rows: int
    counts: Mapping[str, int]
    answers: int
    refused: int

    def json(self) -> dict[str, Any]:
        """The report as `--json` prints it."""
        return {
            "file": self.file,
            "department": self.department,
            "rows": self.rows,
            **{name: self.counts.get(name, 0) for name in OUTCOMES},
            "answers": self.answers,
            "refused": self.refused,
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        n = {name: self.counts.get(name, 0) for name in OUTCOMES}
        changed = sum(n.values()) - n["same"]
        lines = [
            f"{self.department}: {_count_text(self.rows, 'row')} filled in, "
            f"{_count_text(changed, 'target')} settled ({n['raised']} raised, "
            f"{n['lowered']} lowered, {n['agreed']} agreed as drafted, "
            f"{_count_text(n['baseline'], 'baseline')} of the department), "
            f"{n['same']} unchanged, {self.answers} "
            f"{'query' if self.answers == 1 else 'queries'} answered, "
            f"{self.refused} refused."
        ]
        if not changed and not self.answers and not self.refused:
            lines.append("Nothing has changed.")
        return lines


def apply(
    connection: Connection,
    context: Context,
    workbook: Workbook,
    *,
    file: str,
    sha256: str,
) -> ApplyReport:
    """Apply what was agreed in a moderation workbook.

    Each row is checked on its own: correct rows are applied, and each problem names a
    sheet and a cell.

    Args:
        connection: A transaction of the store.
        context: School, tables, moment and person of the run.
        workbook: The workbook as the reader returned it.
        file: Name of the workbook, for messages.
        sha256: Hash of the file.

    Raises:
        FormRefused: If it is not a moderation workbook of this school and year.
    """
    school = context.school
    identity = identify_form(workbook, school.key())
    record = _find_record(connection, identity, school)
    check = ModerationCheck.load(
        connection,
        context,
        subjects={sheet.subject for sheet in identity.sheets},
        issue_id=record.issue_id,
    )
    for sheet in identity.sheets:
        tags = read_tags(sheet, school.key())
        other_sheets = [other.name for other in identity.sheets if other is not sheet]
        rows, problems = read_rows(workbook, sheet, tags, other_sheets)
        check.problems += problems
        check.check_sheet(rows, tags.versions)
    _save_changes(connection, context, check, issue_id=record.issue_id, file=file)
    report = ApplyReport(
        file=file,
        department=record.department,
        rows=check.row_count,
        counts=dict(check.counts),
        answers=len(check.query_answers.new_answers),
        refused=check.refused_count,
        problems=tuple(
            replace(problem, file=file) for problem in group_problems(check.problems)
        ),
    )
    replace_problems(
        connection,
        file,
        report.problems,
        academic_year=school.academic_year,
        now=context.now,
    )
    if not report.exit_status:
        moderations.mark_settled(connection, record.issue_id, sha256)
    return report


def _find_record(
    connection: Connection, identity: Identity, school: School
) -> moderations.ModerationRecord:
    if not is_own_school(connection, school, identity.school_id):
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
    record = (
        moderations.find_moderation(connection, ids.pop()) if len(ids) == 1 else None
    )
    if record is None:
        raise FormRefused(
            "The store knows of no such workbook.",
            "Was the store replaced by an older copy? Put back the newer one, or "
            "write the workbooks again.",
        )
    return record


def _count_text(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _save_changes(
    connection: Connection,
    context: Context,
    check: ModerationCheck,
    *,
    issue_id: str,
    file: str,
) -> None:
    """Store the agreed targets, the new answers, and which rows they came from."""
    rows = [
        _version_row(context, file, check.current.get(pair), row, agreed)
        for pair, (row, agreed) in check.changes.items()
    ]
    columns = pd.Index(stored.COLUMNS)
    stored.add_targets(connection, pd.DataFrame(rows, columns=columns, dtype=object))
    answers = check.query_answers.save(connection, context, file)
    applied: dict[Pair, AppliedRow] = {}
    for pair in {**check.changes, **check.unchanged, **answers}:
        before = check.applied.get(pair, AppliedRow(0, 0))
        version = check.unchanged.get(pair, before.version)
        if pair in check.changes:
            version = int(check.current.get(pair, {}).get("version") or 0) + 1
        applied[pair] = AppliedRow(version, answers.get(pair, before.answer))
    moderations.record_applied(
        connection,
        issue_id,
        applied,
        before=check.applied,
        common={
            "academic_year": context.school.academic_year,
            "file": file,
            "applied_at": context.moment,
            "who": context.who,
        },
        places=check.addresses,
    )


def _version_row(
    context: Context,
    file: str,
    current: Mapping[str, Any] | None,
    row: FormRow,
    agreed: AgreedTarget,
) -> dict[str, Any]:
    version = {
        **{name: (current or {}).get(name) for name in stored.COLUMNS},
        "adno": row.adno,
        "subject": row.subject,
        "academic_year": context.school.academic_year,
        "expected": agreed.expected,
        "aspirational": agreed.aspirational,
        "status": "issued",
        "reason": agreed.reason,
        "set_by": agreed.by or context.who,
        "set_at": context.moment,
    }
    for name in ("baseline", "score", "provenance", "method"):
        version[name] = version[name] or ""
    other_person = agreed.by and agreed.by != context.who
    applied_by = f", applied by {context.who}" if other_person else ""
    previous = f"; before: {version['provenance']}" if version["provenance"] else ""
    if agreed.outcome == "baseline":
        version |= {
            "method": "department",
            "baseline": "department",
            "score": agreed.expected,
            "pupils_behind_it": None,
        }
    elif agreed.outcome != "agreed":
        version["method"] = MODERATION
    cell = f"{row.sheet}!{row.address(agreed.key)}"
    version["provenance"] = f"{file} {cell}{applied_by}{previous}"
    return version
