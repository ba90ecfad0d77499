"""Set one pupil's target by hand, under the rules of the ratchet (rule 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Connection

from generator.corrections.correction_report import (
    CorrectionRefused,
    CorrectionReport,
    check_reason,
)
from generator.corrections.people import Roster, choose_subject, leaver_warning
from generator.lookup import RosterPupil
from generator.store import corrections
from generator.store import targets as stored
from generator.store.corrections import ManualCorrection
from generator.targets.check_row import AgreedTarget, RowChecker, TargetVersion
from generator.targets.moderation_check import target_version
from generator.targets.read_form import FormRow
from generator.targets.target_versions import MODERATION
from generator.xlsx.cell_values import CellValue

if TYPE_CHECKING:
    from generator.context import Context


@dataclass(frozen=True, slots=True)
class TargetEdit:
    """What a person asks for.

    Args:
        adno: The pupil, as typed.
        subject: The subject, as typed.
        expected: The expected target, as typed; None leaves it.
        aspirational: The aspirational target, as typed; None leaves it.
        why: The person's reason.
    """

    adno: str
    subject: str
    expected: str | None
    aspirational: str | None
    why: str


def set_target(
    connection: Connection, context: Context, edit: TargetEdit
) -> CorrectionReport:
    """Set one pupil's target; it counts as issued, as after a moderation.

    Args:
        connection: A transaction of the store.
        context: The school, the moment and the person.
        edit: What to set.

    Raises:
        MarkbookError: If the pupil does not take the subject, or a grade is not on
            its scale; nothing is stored then.
    """
    why = check_reason(edit.why)
    if not (edit.expected or edit.aspirational):
        raise CorrectionRefused(
            "No target was given.", "Add --expected 5, --aspirational 6, or both."
        )
    roster = Roster.load(connection, context.school.academic_year)
    pupil = roster.pupil(edit.adno)
    versions = stored.target_versions(connection, pupil.adno)
    subject = _subject(edit.subject, roster, pupil, versions, context)
    current = _current(versions, subject)
    now = target_version(current) if current else TargetVersion()
    agreed = _agree(context, subject, pupil, edit, why, now)
    warnings = leaver_warning(pupil, context.today)
    values: dict[str, Any] = {
        "adno": pupil.adno,
        "subject": subject,
        "expected": agreed.expected,
        "aspirational": agreed.aspirational,
        "before": {"expected": now.expected, "aspirational": now.aspirational},
        "outcome": agreed.outcome,
        "why": why,
    }
    label = f"{pupil.name} ({pupil.adno}), {subject}"
    if agreed.outcome == "same":
        same = f"{label}: the target is {now.text} already."
        return CorrectionReport("", (same,), values, problems=warnings)
    after = TargetVersion(0, agreed.expected, agreed.aspirational).text
    what = f"{label}: target {now.text} → {after}"
    number = corrections.record_correction(
        connection,
        ManualCorrection(
            context.school.academic_year,
            context.moment,
            context.who,
            "target",
            what,
            why,
            adno=pupil.adno,
            subject=subject,
        ),
    )
    _add_version(
        connection, number, _version_row(context, current, agreed, why), values
    )
    sentence = f"{number}: {what} ({why})."
    return CorrectionReport(number, (sentence,), values, problems=warnings)


def _add_version(
    connection: Connection,
    number: str,
    version: dict[str, Any],
    values: Mapping[str, Any],
) -> None:
    """Store a version of a target that a correction made."""
    row = {**version, "adno": values["adno"], "subject": values["subject"]}
    row["provenance"] = f"correction {number}{row['provenance']}"
    columns = pd.Index(stored.COLUMNS)
    stored.add_targets(connection, pd.DataFrame([row], columns=columns, dtype=object))


def _subject(
    word: str,
    roster: Roster,
    pupil: RosterPupil,
    versions: pd.DataFrame,
    context: Context,
) -> str:
    """The subject that is meant, of those that the pupil takes or has a target in."""
    taken = [
        subject
        for code in roster.classes_of(pupil.adno)
        for subject in roster.subjects(code, context.tables)
    ]
    subjects = tuple(dict.fromkeys([*taken, *versions["subject"]]))
    return choose_subject(word, subjects, pupil.name, context.tables)


def _current(versions: pd.DataFrame, subject: str) -> Mapping[str, Any] | None:
    rows = versions.loc[versions["subject"] == subject]
    if rows.empty:
        return None
    last = rows.astype(object).where(rows.notna(), None).iloc[-1]
    return {str(name): value for name, value in last.items()}


def _agree(
    context: Context,
    subject: str,
    pupil: RosterPupil,
    edit: TargetEdit,
    why: str,
    now: TargetVersion,
) -> AgreedTarget:
    """Check the grades by the rules of moderation."""
    tables = context.tables
    cells = {
        "agreed_expected": CellValue(edit.expected or ""),
        "agreed_aspirational": CellValue(edit.aspirational or ""),
        "reason": CellValue(why),
        "by": CellValue(context.who),
        "answer": CellValue(""),
    }
    checker = RowChecker(
        tables.scale(tables.subject(subject).scale),
        tables.codes,
        context.school.settings.targets.aspirational_steps,
    )
    row = FormRow("", subject, 0, pupil.adno, cells, {})
    agreed, problems = checker.check(row, base=now, now=now)
    if agreed is None:
        first = problems[0]
        raise CorrectionRefused(f"{subject}: {first.what}", first.do)
    return agreed


def _version_row(
    context: Context,
    current: Mapping[str, Any] | None,
    agreed: AgreedTarget,
    why: str,
) -> dict[str, Any]:
    """The new version of the target; its provenance is what stood before."""
    before = {name: (current or {}).get(name) for name in stored.COLUMNS}
    reason = agreed.reason
    if agreed.outcome == "baseline":
        reason = f"{why}; in place of the provisional {before['expected']}"
    version = {
        **before,
        "academic_year": context.school.academic_year,
        "expected": agreed.expected,
        "aspirational": agreed.aspirational,
        "status": "issued",
        "reason": reason,
        "set_by": context.who,
        "set_at": context.moment,
        "method": MODERATION,
    }
    for name in ("baseline", "score", "provenance"):
        version[name] = version[name] or ""
    if version["provenance"]:
        version["provenance"] = f"; before: {version['provenance']}"
    return version
